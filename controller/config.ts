/** What the controller is told when it starts, checked before anything is opened. */
import { isIP } from "node:net";
import { z } from "zod";

export class ConfigRefused extends Error {
  override readonly name = "ConfigRefused";
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** A round of pings has two beats of the gateway at least. */
const LAB_PACE_MAX = 40;
const PACE = `--lab-pace takes a whole number from 1 to ${LAB_PACE_MAX}`;
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

/** Where TLS ends: nowhere, here with a certificate of the own authority or of an administrator, or in a front before it. */
export const TlsMode = z.enum(["none", "own", "files", "front"]);
type TlsMode = z.infer<typeof TlsMode>;

const endsHere = (mode: TlsMode): boolean => mode === "own" || mode === "files";

const NAME = "--name takes a DNS name or an address, as ringback.example";
const ServerName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/i, { error: NAME })
  .refine((name) => !name.includes(":") || isIP(name) === 6, { error: NAME })
  .transform((name) => name.toLowerCase());

const ORIGIN =
  "--approval-origin takes where browsers reach this controller for approvals: https://approve.example.org";

const Fields = z.strictObject({
  /** Keys and, unless a database is named, the SQLite file. */
  dataFolder: z.string().min(1, "--data needs the name of a folder"),
  host: z.string().refine((host) => host === "localhost" || isIP(host) !== 0, "--host takes an address, as 0.0.0.0"),
  tls: TlsMode.default("none"),
  /** What the controller is called by agents and browsers. */
  names: z.array(ServerName).max(50).default([]),
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  /** 0 takes any free port. */
  port: z.coerce.number({ error: PORT }).int({ error: PORT }).min(0, { error: PORT }).max(65_535, { error: PORT }),
  /** A file that holds a postgres:// address; the address holds a password, so it is never an argument. */
  databaseFile: z.string().min(1, "--database-file needs the name of a file").optional(),
  /** Passkeys approve there and nowhere else. Left out, it is approve.localhost, for browsers on this machine. */
  approvalOrigin: z
    .url({ protocol: /^https?$/, error: ORIGIN })
    .refine((url) => URL.parse(url)?.origin === url, ORIGIN)
    .optional(),
  /** Ways to vendors: see controller/notify/connectors-file.ts. */
  connectorsFile: z.string().min(1, "--connectors needs the name of a file").optional(),
  /** Webhooks may lead to addresses behind the firewall, and by plain http to this very machine. */
  allowPrivateWebhooks: z.boolean().optional(),
  silentAfterMs: seconds("--silent-after", 30 * 86_400),
  leaseMs: seconds("--lease", 600),
  /** How much faster than real time a drill goes. */
  labPace: z
    .number({ error: PACE })
    .int({ error: PACE })
    .min(1, { error: PACE })
    .max(LAB_PACE_MAX, { error: PACE })
    .default(1),
});

export const ControllerConfig = Fields.superRefine(({ host, tls, tlsCert, tlsKey, labPace }, context) => {
  const refuse = (message: string): void => context.addIssue({ code: "custom", message });
  // Nothing that is secret crosses a network in the clear.
  if (!endsHere(tls) && !isLoopback(host)) {
    const why = tls === "front" ? "the TLS front stands on this machine" : "there is no TLS";
    refuse(`the controller listens on loopback only (127.0.0.1, ::1), because ${why}: use --tls own or --tls files`);
  }
  // Real machines would be judged by a clock that is not theirs.
  if (labPace !== 1 && (tls !== "none" || !isLoopback(host)))
    refuse("--lab-pace is for drills: it needs a controller that listens on loopback, without TLS");
  const hasFiles = tlsCert !== undefined && tlsKey !== undefined;
  if (tls === "files" && !hasFiles) refuse("--tls files needs --tls-cert and --tls-key");
  if (tls !== "files" && (tlsCert !== undefined || tlsKey !== undefined))
    refuse("--tls-cert and --tls-key are for --tls files");
});
export type ControllerConfig = z.infer<typeof ControllerConfig>;

/** @throws ConfigRefused that names each field and what is wrong with it. */
export function parseConfig(input: unknown): ControllerConfig {
  const parsed = ControllerConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigRefused(parsed.error.issues.map(({ message }) => message).join("\n"));
}
