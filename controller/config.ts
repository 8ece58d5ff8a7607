/** What the controller is told when it starts, checked before anything is opened. */
import { isIP } from "node:net";
import { z } from "zod";

export class ConfigRefused extends Error {
  override readonly name = "ConfigRefused";
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

const PORT = "--port takes a number from 0 to 65535";
/** As milliseconds; people give seconds. */
const seconds = (option: string, max: number) => {
  const error = `${option} takes whole seconds, from 1 to ${max}`;
  return z
    .number({ error })
    .int({ error })
    .min(1_000, { error })
    .max(max * 1_000, { error });
};

const ORIGIN =
  "--approval-origin takes where browsers reach this controller for approvals: https://approve.example.org";

export const ControllerConfig = z.strictObject({
  /** Keys and, unless a database is named, the SQLite file. */
  dataFolder: z.string().min(1, "--data needs the name of a folder"),
  /** There are no people with rights and no TLS yet, so nobody else may reach it. */
  host: z
    .string()
    .refine(isLoopback, "the controller listens on loopback only (127.0.0.1, ::1) until TLS and people are set up"),
  /** 0 takes any free port. */
  port: z.coerce.number({ error: PORT }).int({ error: PORT }).min(0, { error: PORT }).max(65_535, { error: PORT }),
  /** A file that holds a postgres:// address; the address holds a password, so it is never an argument. */
  databaseFile: z.string().min(1, "--database-file needs the name of a file").optional(),
  /** Passkeys approve there and nowhere else. Left out, it is approve.localhost, for browsers on this machine. */
  approvalOrigin: z
    .url({ protocol: /^https?$/, error: ORIGIN })
    .refine((url) => new URL(url).origin === url, ORIGIN)
    .optional(),
  silentAfterMs: seconds("--silent-after", 30 * 86_400),
  leaseMs: seconds("--lease", 600),
});
export type ControllerConfig = z.infer<typeof ControllerConfig>;

/** @throws ConfigRefused that names each field and what is wrong with it. */
export function parseConfig(input: unknown): ControllerConfig {
  const parsed = ControllerConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigRefused(parsed.error.issues.map(({ message }) => message).join("\n"));
}
