/** The agent's settings, as they stand in config.json in its state folder. A mistake is named by its field. */
import { z } from "zod";
import { ContentSource } from "../protocol/content.ts";
import { Binding } from "../protocol/enrolment.ts";
import { DeviceId } from "../protocol/ids.ts";
import { ServiceName, Step } from "../protocol/playbook.ts";
import { DurationMs } from "../protocol/time.ts";
import { WindowsPath } from "../protocol/windows-path.ts";

const MINUTE = 60_000;
const ADDRESS = "expected an address as wss://controller.example:8443/agent/v1";
const StepKinds = z.enum(Step.options.map((option) => option.shape.kind.value));

export const AgentConfig = z.strictObject({
  deviceId: DeviceId,
  /** Tried in turn. */
  controllers: z
    .array(z.url({ protocol: /^wss?$/, error: ADDRESS }).refine((url) => !url.includes("#"), ADDRESS))
    .min(1)
    .max(5),
  /**
   * Is TLS ended by the controller itself? `direct`: logins are bound to the TLS connection, and one that is not TLS all
   * the way takes no login. Set when the device is enrolled, and the same in the controller's record.
   */
  binding: Binding.default("front"),
  /** What is watched, as data. */
  sources: z.array(ContentSource).max(50).default([]),
  /** Folders in which steps may touch files. None: no step touches any. */
  allowedRoots: z.array(WindowsPath).max(50).default([]),
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

/** The settings cannot be used. The message names each field and what is wrong with it. */
export class ConfigInvalid extends Error {
  override readonly name = "ConfigInvalid";
  readonly code = "config-invalid";
}

/** @throws ConfigInvalid */
export function parseConfig(text: string, from: string): AgentConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigInvalid(`${from} is not JSON`, { cause });
  }
  const parsed = AgentConfig.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join(".") || "(the whole)"}: ${message}`);
  throw new ConfigInvalid(`${from} cannot be used:\n${faults.join("\n")}`);
}
