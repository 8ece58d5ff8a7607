/**
 * Where this user's credential is kept: one file that nobody else may read, and the controller it is for.
 *
 * A token is never an argument or a variable of the environment, where other programs see it, and goes to no other
 * address than the one it was stored with.
 */
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { NotSignedIn, UsageError } from "./errors.ts";

const Credentials = z.strictObject({
  url: z.url(),
  token: z.string().min(1),
  /** PEM of the controller's authority, where that was given when this user signed in. */
  ca: z.string().optional(),
});
export type Credentials = z.infer<typeof Credentials>;

type Environment = Readonly<Record<string, string | undefined>>;

export function credentialsFile(environment: Environment, platform: NodeJS.Platform): string {
  const home = environment["HOME"] ?? homedir();
  const base =
    platform === "win32"
      ? (environment["APPDATA"] ?? join(home, "AppData", "Roaming"))
      : environment["XDG_CONFIG_HOME"] || join(home, ".config");
  return join(base, "ringback", "credentials.json");
}

/** Undefined if there is none. @throws NotSignedIn if others could have read it. */
export async function loadCredentials(file: string): Promise<Credentials | undefined> {
  const facts = await stat(file).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (process.platform !== "win32" && (facts.mode & 0o077) !== 0) {
    throw new NotSignedIn(
      `Others may read ${file}, so the token in it is not used. Delete the file and sign in again with \`ringback login\`.`,
    );
  }
  const parsed = Credentials.safeParse(parseJson(await readFile(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new NotSignedIn(`${file} is damaged. Delete it and sign in again with \`ringback login\`.`);
}

/** Written whole beside the old one and put in its place, never readable by others. */
export async function saveCredentials(file: string, credentials: Credentials): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  await writeFile(next, `${JSON.stringify(credentials)}\n`, { mode: 0o600, flag: "wx" });
  await chmod(next, 0o600); // whatever the umask says
  await rename(next, file);
}

export const forgetCredentials = (file: string): Promise<void> => rm(file, { force: true });

/** The address of a controller, without path. @throws UsageError for one that a token must not be sent to. */
export function controllerUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`"${text}" is not an address as http://127.0.0.1:8480.`);
  }
  const isLoopback = /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && !isLoopback) {
    throw new UsageError(
      `${url.origin} has no TLS: a token sent there could be read on the way. Use a tunnel to the controller's machine.`,
    );
  }
  return url.origin;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
