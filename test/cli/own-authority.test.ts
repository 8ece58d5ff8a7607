/** The command line and a controller that ends TLS with its own authority: a real process, and what it refuses. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../../controller/cli/client.ts";
import { GroupName } from "../../protocol/names.ts";
import { type CliResult, startCli } from "../support/cli-run.ts";
import { type ControllerProcess, startControllerProcess } from "../support/controller-process.ts";
import { aCertificate } from "../support/a-certificate.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const WITHIN_MS = 60_000;
let folder: TemporaryFolder;
let controller: ControllerProcess;
let caFile: string;
let link: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  controller = await startControllerProcess(folder.path, ["--tls", "own"]);
  caFile = join(folder.path, "tls", "ca.crt");
  link = controller.setupLink ?? "";
}, WITHIN_MS);
afterAll(async () => {
  await controller.kill();
  await folder[Symbol.asyncDispose]();
});

const ringback = async (args: readonly string[], home: string): Promise<CliResult> =>
  startCli(args, { home: join(folder.path, home) }).ended;

describe("a controller with its own authority", () => {
  test(
    "is not believed without it, and what to do is said; the set-up link is not used up by that",
    async () => {
      const said = await ringback(["setup", "--link", link, "--name", "Ada"], "before");
      expect(said).toMatchObject({ code: 1, stdout: "" });
      expect(said.stderr).toMatch(/no authority that this machine believes.*--ca-file FILE.*Nothing was sent/s);
    },
    WITHIN_MS,
  );

  test(
    "is believed with --ca-file; signing in keeps it, so that the next command needs nothing, and notices come too",
    async () => {
      const set = await ringback(["--ca-file", caFile, "setup", "--link", link, "--name", "Ada"], "ada");
      expect(set).toMatchObject({ code: 0, stderr: "" });
      expect(await ringback(["trust", "pins"], "ada")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(controller.caSha256 ?? "") as string,
      });
      const kept = await readFile(join(folder.path, "ada", ".config", "ringback", "credentials.json"), "utf8");
      const client = new ApiClient(JSON.parse(kept) as { url: string; token: string; ca: string });
      const ending = new AbortController();
      const notices = client.events((await client.notices()).last, ending.signal);
      const first = notices.next();
      await client.putGroup(GroupName.parse("ward-pcs"), { selector: { all: true } });
      expect((await first).value).toMatchObject({ topic: "fleet" });
      ending.abort();
    },
    WITHIN_MS,
  );

  test(
    "is refused if it shows another authority than the one that was given",
    async () => {
      const other = join(folder.path, "other.pem");
      await writeFile(other, aCertificate().cert);
      const said = await ringback(["--ca-file", other, "status"], "ada");
      expect(said).toMatchObject({ code: 1, stdout: "" });
      expect(said.stderr).toMatch(/not your controller, or its authority was replaced.*CA_SHA256/s);
    },
    WITHIN_MS,
  );

  test(
    "a file without a certificate is a mistake in the command",
    async () => {
      await writeFile(join(folder.path, "nothing.pem"), "nothing");
      expect(await ringback(["--ca-file", join(folder.path, "nothing.pem"), "status"], "ada")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("holds no certificate") as string,
      });
    },
    WITHIN_MS,
  );
});
