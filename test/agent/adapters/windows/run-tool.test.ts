/** How programs are started, shown with small scripts in the place of Windows' programs. What Windows itself adds: test/wine. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { minimalEnvironment, runToolIn } from "../../../../agent/adapters/windows/run-tool.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const IBM866 = new TextDecoder("ibm866");

async function toolsWith(script: string) {
  const temporary = await temporaryFolder();
  const folder = temporary.path;
  const path = join(folder, "bcdedit.exe");
  await writeFile(path, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  await chmod(path, 0o755);
  const mpCmdRun = async () => ({ kind: "ok", value: path }) as const;
  const run = runToolIn({ folder, mpCmdRun, decodeOem: (bytes) => IBM866.decode(bytes) }, true);
  return { folder, run, [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose]() };
}

test("arguments arrive as they are, whatever a shell would make of them", async () => {
  await using tools = await toolsWith('for a in "$@"; do printf "%s\\n" "$a" >> args; done');
  const args = ["a b", "$(touch pwned)", "*", '"', "; exit 7", "%PATH%", ""];
  expect(await tools.run("bcdedit", args, 10_000)).toMatchObject({ kind: "ok", value: { exitCode: 0 } });
  expect(await readFile(join(tools.folder, "args"), "utf8")).toBe(`${args.join("\n")}\n`);
});

test("an exit code is handed on, and both outputs apart", async () => {
  await using tools = await toolsWith("echo said; echo wrong >&2; exit 42");
  expect(await tools.run("bcdedit", [], 10_000)).toEqual({
    kind: "ok",
    value: { exitCode: 42, stdout: "said\n", stderr: "wrong\n" },
  });
});

test("a program that does not end is ended, and its output is not believed", async () => {
  await using tools = await toolsWith("echo begun; exec sleep 1000");
  expect(await tools.run("bcdedit", [], 300)).toMatchObject({ kind: "fault", fault: "timed-out" });
});

test("a child that outlives the program does not keep its answer back", async () => {
  await using tools = await toolsWith("sleep 1000 & echo $! > child; echo done");
  expect(await tools.run("bcdedit", [], 60_000)).toMatchObject({ kind: "ok", value: { stdout: "done\n" } });
  process.kill(Number(await readFile(join(tools.folder, "child"), "utf8")));
});

test("input is closed: a question is answered by nothing", async () => {
  await using tools = await toolsWith("read answer || echo nobody");
  expect(await tools.run("bcdedit", [], 10_000)).toMatchObject({ value: { stdout: "nobody\n" } });
});

test("more output than anyone reads is cut, and the program still ends by itself", async () => {
  await using tools = await toolsWith("head -c 9000000 /dev/zero | tr '\\0' x; exit 3");
  const ran = await tools.run("bcdedit", [], 60_000);
  if (ran.kind === "fault") throw new Error(ran.because);
  expect([ran.value.exitCode, ran.value.stdout.length]).toEqual([3, 4 * 2 ** 20]);
});

test("what a proxy, a search path or a preload says does not reach the program", async () => {
  await using tools = await toolsWith("/usr/bin/env");
  const ran = await tools.run("bcdedit", [], 10_000, { RINGBACK_UPDATE: "KB5034441" });
  const names = (ran.kind === "ok" ? ran.value.stdout : "").split("\n").map((line) => line.split("=")[0]);
  expect(names).toEqual(expect.arrayContaining(["PATH", "RINGBACK_UPDATE"]));
  expect(names).not.toEqual(expect.arrayContaining(["HOME"]));
  expect(
    minimalEnvironment(tools.folder, { path: "C:\\evil", NODE_OPTIONS: "--require x", systemroot: "C:\\Windows" }),
  ).toEqual({
    SystemRoot: "C:\\Windows",
    PATH: tools.folder,
    PATHEXT: ".EXE",
  });
});

test("a program that Windows does not have is not found, one that may not start is forbidden", async () => {
  await using tools = await toolsWith("exit 0");
  expect(await tools.run("uwfmgr", [], 10_000)).toMatchObject({ kind: "fault", fault: "not-found" });
  await chmod(join(tools.folder, "bcdedit.exe"), 0o644);
  expect(await tools.run("bcdedit", [], 10_000)).toMatchObject({ kind: "fault", fault: "permission-denied" });
});

test.each([
  ["UTF-16 with its mark", "fffe1f0440043804", "При"],
  ["UTF-16 without a mark", "1f0440043804200041000d000a00", "При A\n"],
  ["UTF-8 with its mark", "efbbbfc3a4", "ä"],
  ["UTF-8", "c3a40d0d0a", "ä\n"],
  ["the code page of consoles", "8fe0a8", "При"],
  ["nothing", "", ""],
])("decodes %s", async (_, hex, text) => {
  await using tools = await toolsWith(
    `printf '${hex.replace(/../g, (byte) => `\\${Number.parseInt(byte, 16).toString(8).padStart(3, "0")}`)}'`,
  );
  expect(await tools.run("bcdedit", [], 10_000)).toMatchObject({ value: { stdout: text } });
});
