/** The agent's settings, as they stand in config.json in its state folder. A mistake is named by its field. */
import { z } from "zod";
import { ContentSource } from "../protocol/content-source.ts";
import { Binding } from "../protocol/enrolment.ts";
import { DeviceId } from "../protocol/ids.ts";
import { ServiceName, Step } from "../protocol/playbook.ts";
import { RegistryKey } from "../protocol/registry.ts";
import { DurationMs } from "../protocol/time.ts";
import { WindowsPath } from "../protocol/windows-path.ts";

const BYPASS_ENTRY = /^(?:<local>|\[?[\w.:*-]{1,253}\]?(?:\/\d{1,3})?)$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const MINUTE = 60_000;
const NO_TLS = "expected wss: an address beyond this machine is reached over TLS only";
const ADDRESS = "expected an address as wss://controller.example:8443/agent/v1";
const StepKinds = z.enum(Step.options.map((option) => option.shape.kind.value));

const PROXY =
  "expected none, system, or an address as http://proxy.example:3128, without name or password; TLS to the proxy itself is not supported";
/** Not echoed when it is wrong: a password may stand in it by mistake. */
const isProxy = (text: string): boolean =>
  text === "none" ||
  text === "system" ||
  (/^http:\/\/(?:[\w.-]{1,253}|\[[\da-f:.]+\])(?::\d{1,5})?\/?$/i.test(text) && URL.canParse(text));

export const AgentConfig = z.strictObject({
  deviceId: DeviceId,
  /** Tried in turn. */
  controllers: z
    .array(
      z
        .url({ protocol: /^wss?$/, error: ADDRESS })
        .refine((url) => !url.includes("#"), ADDRESS)
        .refine((url) => url.startsWith("wss:") || LOOPBACK.test(new URL(url).hostname), NO_TLS),
    )
    .min(1)
    .max(5),
  /** The file, in the state folder, with the authority that was pinned at enrolment. It alone is believed. */
  caFile: z
    .string()
    .regex(/^[\w-]{1,60}\.pem$/, "expected the name of a .pem file in the state folder")
    .optional(),
  /**
   * Set at enrolment, and the same in the controller's record: are logins bound to the TLS connection, because it ends in
   * the controller itself? A device that is bound logs in over nothing that is not TLS all the way.
   */
  binding: Binding.default("front"),
  /** How controllers are reached: `none`, directly; `system`, as this machine is set; or through this proxy, by CONNECT. */
  proxy: z.string().refine(isProxy, PROXY).default("system"),
  /** Reached without any proxy: names, `*.example.org`, addresses, networks as 10.0.0.0/8, `<local>` for names without a dot. */
  proxyBypass: z
    .array(
      z.string().regex(BYPASS_ENTRY, "expected a name, *.example.org, an address, a network as 10.0.0.0/8, or <local>"),
    )
    .max(100)
    .default(["localhost", "127.0.0.0/8", "::1"]),
  /** What is watched, as data. */
  sources: z.array(ContentSource).max(50).default([]),
  /** Folders in which steps may touch files. None: no step touches any. */
  allowedRoots: z.array(WindowsPath).max(50).default([]),
  /** Keys of the registry at and under which steps may set values, as far as the policy allows it. None: no step sets any. */
  allowedRegistryKeys: z.array(RegistryKey).max(50).default([]),
  allowedSteps: z.array(StepKinds).default([...StepKinds.options]),
  /** These must run for a boot to be good. */
  services: z.array(ServiceName).max(50).default([]),
  /** Up for so long, with the services running, a boot is good. */
  goodAfterMs: DurationMs.default(5 * MINUTE),
  watchEveryMs: DurationMs.min(50).default(10_000),
  /** How often services are looked at while something waits for them. */
  pollEveryMs: DurationMs.min(50).default(2_000),
  backoff: z
    .strictObject({
      baseMs: DurationMs.min(1).default(1_000),
      capMs: DurationMs.min(1).default(5 * MINUTE),
      /** A connection that lived this long makes the next attempt start at the base again. */
      resetAfterMs: DurationMs.min(1).default(MINUTE),
    })
    .prefault({}),
});
export type AgentConfig = z.infer<typeof AgentConfig>;
/** What a config.json has to say; the rest has defaults. */
export type AgentConfigInput = z.input<typeof AgentConfig>;

/** With what is left out as it is by default. */
export const proxySettings = (config: Partial<AgentConfigInput>): Pick<AgentConfig, "proxy" | "proxyBypass"> =>
  AgentConfig.pick({ proxy: true, proxyBypass: true }).parse({ proxy: config.proxy, proxyBypass: config.proxyBypass });

/** The settings cannot be used. The message names each field and what is wrong with it. */
export class ConfigInvalid extends Error {
  override readonly name = "ConfigInvalid";
  readonly code = "config-invalid";
}

/**
 * What an installer or a person may set; the rest is found out, or asked for by name. Checked, and kept as it was given:
 * what is not said here is not said in config.json either, so that the machine's defaults count.
 */
export const GivenSettings = z
  .custom<Partial<Omit<AgentConfigInput, "deviceId" | "controllers" | "caFile" | "binding">>>()
  .superRefine((given, context) => {
    const parsed = Settings.safeParse(given);
    for (const { path, message } of parsed.error?.issues ?? [])
      context.addIssue({ code: "custom", path: [...path], message });
  });
const Settings = AgentConfig.omit({ deviceId: true, controllers: true, caFile: true, binding: true }).partial();

/** What counts on this kind of machine where config.json is silent. */
export type ConfigDefaults = Partial<Pick<AgentConfigInput, "sources" | "allowedRoots">>;

/** @throws ConfigInvalid */
export function parseConfig(text: string, from: string, defaults: ConfigDefaults = {}): AgentConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigInvalid(`${from} is not JSON`, { cause });
  }
  const said = z.record(z.string(), z.unknown()).safeParse(json);
  const parsed = AgentConfig.safeParse(said.success ? { ...defaults, ...said.data } : json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join(".") || "(the whole)"}: ${message}`);
  throw new ConfigInvalid(`${from} cannot be used:\n${faults.join("\n")}`);
}
