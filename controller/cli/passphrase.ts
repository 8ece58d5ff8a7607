/**
 * Secrets from the person before the screen, without showing them, or from a file that only its owner may read.
 *
 * Never from an argument or a variable of the environment, where other programs see them.
 */
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { readText, type System } from "./command.ts";
import { UsageError } from "./errors.ts";

/** OWASP ASVS 6.2: at least 15 characters where no second factor stands behind it; five words have more. */
const LENGTH_MIN = 15;

export const isTerminal = ({ stdin }: Pick<System, "stdin">): boolean => "isTTY" in stdin && stdin.isTTY === true;

export async function askHidden(question: string, { stdin, stderr }: System): Promise<string> {
  stderr.write(`${question} (it is not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await line.question("");
  } finally {
    line.close();
    stderr.write("\n");
  }
}

/** Of a key that exists. @throws UsageError */
export const passphraseFor = (file: string, from: string | undefined, system: System): Promise<string> =>
  from === undefined ? askOnTerminal(`Passphrase of ${file}`, system) : fromFile(from, system);

/** For a key that is new: asked twice, and long enough. @throws UsageError */
export async function newPassphrase(from: string | undefined, system: System): Promise<string> {
  const given = from === undefined ? await askOnTerminal("New passphrase", system) : await fromFile(from, system);
  if (given.normalize("NFKC").length < LENGTH_MIN) {
    throw new UsageError(
      `The passphrase is too short: it has to have at least ${LENGTH_MIN} characters. Five words that do not belong together are good. Nothing was written.`,
    );
  }
  if (from === undefined && (await askOnTerminal("The same again", system)) !== given)
    throw new UsageError("The two passphrases are not the same. Nothing was written.");
  return given;
}

function askOnTerminal(question: string, system: System): Promise<string> {
  if (isTerminal(system)) return askHidden(question, system);
  throw new UsageError(
    "A passphrase is asked for on a terminal, and this is none. For scripts: --passphrase-file FILE, or - for standard input.",
  );
}

/** The first line. */
async function fromFile(file: string, system: System): Promise<string> {
  const facts = file === "-" ? undefined : await stat(file).catch(() => undefined);
  if (process.platform !== "win32" && facts?.isFile() === true && (facts.mode & 0o077) !== 0)
    throw new UsageError(`Others may read ${file}, so the passphrase in it is not used. Run: chmod 600 ${file}`);
  return (await readText(file, system)).split(/\r?\n/, 1)[0] ?? "";
}
