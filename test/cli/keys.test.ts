import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KeyFileCost, makeKeyFile, openKeyFile } from "../../controller/cli/key-file.ts";
import { verifyRaw } from "../../controller/trust/verify-raw.ts";
import { isSignedBy } from "../../protocol/signatures.ts";
import { spoken } from "../../protocol/spoken.ts";
import { Holder } from "../../protocol/trust-document.ts";
import { type CliOptions, type CliResult, cli } from "../support/cli-run.ts";
import { present } from "../support/present.ts";

const PASSPHRASE = "five words of no kin";
/** The least that a key file may cost: deriving at the full cost takes a second each time. */
const CHEAP: KeyFileCost = { name: "argon2id", memoryKib: 19_456, passes: 2, parallelism: 1 };
const BYTES = new TextEncoder().encode("what is signed");

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "ringback-keys-"));
  file = join(home, "ada.key");
});
afterEach(() => rmSync(home, { recursive: true }));

const ringback = (args: readonly string[], options: Partial<CliOptions> = {}): Promise<CliResult> =>
  cli(args, { home, ...options });
const make = (options: Partial<CliOptions> = {}, ...more: string[]): Promise<CliResult> =>
  ringback(
    ["keys", "make", "--person", "ada", "--name", "Ada Byron", "--out", file, "--passphrase-file", "-", ...more],
    { stdin: `${PASSPHRASE}\n`, ...options },
  );
const given = (): Promise<Holder> =>
  makeKeyFile(file, { person: "ada", name: "Ada Byron", kind: "p256" }, PASSPHRASE, CHEAP);
function secretFile(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
const change = (edit: (key: Record<string, unknown>) => object): void =>
  writeFileSync(file, JSON.stringify(edit(JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>)));

describe("a key file", () => {
  test.each(["p256", "ed25519"] as const)("is made, shown and opened, and what it signs counts: %s", async (kind) => {
    const made = await make({}, "--kind", kind);
    expect(made.code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const holder = Holder.parse(JSON.parse(made.stdout));
    expect(holder).toMatchObject({ person: "ada", name: "Ada Byron", keys: [{ kind, starter: false }] });
    const key = present(holder.keys[0]);
    const shown = await ringback(["keys", "show", file]);
    expect(Holder.parse(JSON.parse(shown.stdout))).toEqual(holder);
    expect(shown.stderr).toContain(spoken(key.keyId));
    const signer = await openKeyFile(file, PASSPHRASE);
    expect(signer).toMatchObject({ person: "ada", name: "Ada Byron", kind, keyId: key.keyId });
    expect(isSignedBy(key, BYTES, signer.sign(BYTES), null, verifyRaw)).toBe(true);
    expect(isSignedBy(key, new Uint8Array(3), signer.sign(BYTES), null, verifyRaw)).toBe(false);
  });

  test("opens with the passphrase as another keyboard types it", async () => {
    await make({ stdin: "caf\u00e9 cinq mots sans lien" });
    expect((await openKeyFile(file, "cafe\u0301 cinq mots sans lien")).person).toBe("ada");
  });

  test("is never written over", async () => {
    await given();
    const before = readFileSync(file, "utf8");
    const second = await make();
    expect(second).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("never written over") as string,
    });
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(readdirSync(home)).toEqual(["ada.key"]);
  });

  test("does not open with another passphrase, and the refusal holds nothing secret", async () => {
    await given();
    const refusal: unknown = await openKeyFile(file, "another five words").catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: "UsageError", message: expect.stringContaining("does not open") as string });
    expect((refusal as Error).cause).toBeUndefined();
    expect(String(refusal)).not.toContain("another five words");
  });

  test.each([
    ["another name put to the key", (key: Record<string, unknown>) => ({ ...key, name: "Eve" })],
    ["another person", (key: Record<string, unknown>) => ({ ...key, person: "eve" })],
    [
      "a cheaper derivation",
      (key: Record<string, unknown>) => ({ ...key, kdf: { ...(key["kdf"] as object), passes: 1 } }),
    ],
    ["a sealed key that was cut short", (key: Record<string, unknown>) => ({ ...key, ciphertext: "AAAA" })],
  ])("does not open after a change: %s", async (_, edit) => {
    await given();
    change(edit);
    await expect(openKeyFile(file, PASSPHRASE)).rejects.toThrow("was changed since it was made");
  });

  test.each([
    ["no JSON", () => ({}), "not JSON"],
    ["a field that is not known", (key: Record<string, unknown>) => ({ ...key, extra: 1 })],
    [
      "a derivation that takes all memory",
      (key: Record<string, unknown>) => ({
        ...key,
        kdf: { ...(key["kdf"] as object), memoryKib: 2 ** 24 },
      }),
    ],
    [
      "a derivation that protects nothing",
      (key: Record<string, unknown>) => ({
        ...key,
        kdf: { ...(key["kdf"] as object), memoryKib: 8 },
      }),
    ],
  ])("is told as damaged: %s", async (_, edit, text?: string) => {
    await given();
    change(edit);
    if (text !== undefined) writeFileSync(file, text);
    expect(await ringback(["keys", "show", file])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("is damaged") as string,
    });
  });

  test("changes its passphrase and stays the same key", async () => {
    const holder = await given();
    const fresh = "other words, as many";
    const files = [
      "--passphrase-file",
      secretFile("old", PASSPHRASE),
      "--new-passphrase-file",
      secretFile("new", fresh),
    ];
    expect(await ringback(["keys", "passphrase", file, ...files])).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(openKeyFile(file, PASSPHRASE)).rejects.toThrow("does not open");
    expect((await openKeyFile(file, fresh)).keyId).toBe(holder.keys[0]?.keyId);
    expect((await ringback(["keys", "passphrase", file, ...files])).code).toBe(2);
    expect((await openKeyFile(file, fresh)).person).toBe("ada"); // a refused change leaves the key
  });
});

describe("a passphrase", () => {
  test("that is short is refused with what a good one is, and no file is made", async () => {
    const result = await make({ stdin: "fourteen chars" });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining("at least 15 characters") as string });
    expect(result.stderr).not.toContain("fourteen chars");
    expect(readdirSync(home)).toEqual([]);
  });

  test("is asked for on a terminal only; a script is told how to give it", async () => {
    const args = ["keys", "make", "--person", "ada", "--name", "Ada", "--out", file];
    expect(await ringback(args, { stdin: PASSPHRASE })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--passphrase-file") as string,
    });
    expect(readdirSync(home)).toEqual([]);
  });

  test("from a file that others may read is not used", async () => {
    const open = secretFile("passphrase", PASSPHRASE);
    chmodSync(open, 0o644);
    const args = ["keys", "make", "--person", "ada", "--name", "Ada", "--out", file, "--passphrase-file", open];
    expect(await ringback(args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Others may read") as string,
    });
  });
});
