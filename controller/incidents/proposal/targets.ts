/**
 * For which devices a plan is made, and why for others not. Pure; one look at each device.
 *
 * Invariant: a device is either a target or counted under exactly one reason, and what is excluded beyond "not exposed" is
 * in the request's own words, so that making the plan selects just the targets.
 */
import type { Exclusion } from "../../../protocol/api-proposals.ts";
import type { Playbook } from "../../../protocol/playbook.ts";
import type { Selector } from "../../../protocol/selector.ts";
import { type Instant, later } from "../../../protocol/time.ts";
import type { DeviceId } from "../../../protocol/ids.ts";
import { doubtfulSince, type ProposalDevice, type ProposalIncident } from "./facts.ts";

export interface Targets {
  readonly devices: readonly ProposalDevice[];
  /** Of these: silent or unknown, so that nobody can say what they took since. */
  readonly inDoubt: number;
  readonly excluded: readonly Exclusion[];
  readonly selector: Selector;
  readonly warnings: readonly string[];
}

export const DOMAIN_CONTROLLER = "domain-controller";
export const CLINICAL = "clinical";
const EXAMPLES_MAX = 3;
/** More ids than this make a request too large; then the whole role is left out, or none. */
const IDS_MAX = 5_000;
/** The first that knows each kind of step (see protocol/playbook.ts). */
const MINOR_OF_NEW_STEPS = 3;
const OLD_STEPS: ReadonlySet<string> = new Set([
  "quarantine-file",
  "restore-file",
  "set-service-start",
  "reboot",
  "await-healthy",
]);

/** Is it down, so that a restart takes nothing away from anybody? */
const isDown = ({ condition }: ProposalDevice): boolean => condition === "boot-loop" || condition === "silent";

export function chooseTargets(
  incident: ProposalIncident,
  devices: Iterable<ProposalDevice>,
  { steps }: Pick<Playbook, "steps">,
): Targets {
  const kinds = new Set(steps.map(({ kind }) => kind));
  const rules: Rules = {
    doubtfulSince: doubtfulSince(incident),
    restarts: kinds.has("reboot"),
    safeMode: kinds.has("set-safe-mode"),
    minor: steps.some((step) => !OLD_STEPS.has(step.kind) || "deferMs" in step) ? MINOR_OF_NEW_STEPS : 0,
  };
  const taken: ProposalDevice[] = [];
  const left = new Map<string, { devices: number; readonly examples: string[]; readonly ids: DeviceId[] }>();
  let inDoubt = 0;
  for (const device of devices) {
    const reason = reasonAgainst(device, rules);
    if (reason === undefined) {
      taken.push(device);
      if (!device.runs) inDoubt += 1;
      continue;
    }
    const group = left.get(reason) ?? { devices: 0, examples: [], ids: [] };
    left.set(reason, group);
    group.devices += 1;
    if (group.examples.length < EXAMPLES_MAX) group.examples.push(device.name);
    if (BY_ID.has(reason) && group.ids.length <= IDS_MAX) group.ids.push(device.id);
  }
  const excluded = [...left].map(([because, { devices: count, examples }]) => ({ because, devices: count, examples }));
  const ids = [...left].flatMap(([because, group]) => (BY_ID.has(because) ? [{ because, ...group }] : []));
  const tooMany = ids.filter((group) => group.ids.length > IDS_MAX);
  return {
    devices: taken,
    inDoubt,
    excluded: excluded.toSorted((a, b) => b.devices - a.devices),
    selector: selectorOf(
      incident,
      rules,
      left.has(DC_SAFE_MODE),
      ids.filter((group) => group.ids.length <= IDS_MAX),
    ),
    warnings: tooMany.map(
      ({ because, devices: count }) =>
        `${count} devices cannot be named one by one and would be in the plan all the same: ${because} Narrow the plan by site first.`,
    ),
  };
}

interface Rules {
  readonly doubtfulSince: Instant;
  readonly restarts: boolean;
  readonly safeMode: boolean;
  readonly minor: number;
}

const NOT_EXPOSED = "It does not run the version, and was heard since.";
const LONG_SILENT =
  "It was silent for more than a day before the version came; when it is back, a supplementary plan takes it.";
const NEVER_HEARD = "It has never reported anything.";
const IN_PLAN = "Another plan may still order something of it; what is left joins a supplementary plan.";
const CLINICAL_UP =
  "It is clinical and works: it is never restarted unasked. Arrange a time with its ward, and make a plan for it.";
const DC_SAFE_MODE =
  "It is a domain controller, and none is sent into safe mode by itself. Bring it back by hand, one at a time.";
const TOO_OLD = "Its agent is too old for a step of the playbook. Update the agent first.";
const BARRED = {
  pending: "It waits to be accepted.",
  revoked: "It is revoked.",
  cloned: "Two machines use its key, so that neither is believed.",
  "of-an-image": "It is a machine of an image, of which one stands for all. Mend the image.",
} as const;
/** Reasons that only the ids of the devices can express. */
const BY_ID: ReadonlySet<string> = new Set([IN_PLAN, CLINICAL_UP, TOO_OLD]);

function reasonAgainst(device: ProposalDevice, rules: Rules): string | undefined {
  const { barred, runs, condition, lastHeardAt, role } = device;
  if (barred !== null) return BARRED[barred];
  if (!runs) {
    if (lastHeardAt === null) return NEVER_HEARD;
    if (condition !== "silent" && condition !== "unknown") return NOT_EXPOSED;
    if (lastHeardAt < rules.doubtfulSince) return LONG_SILENT;
  }
  if (device.inRollout !== null) return IN_PLAN;
  if (role === DOMAIN_CONTROLLER && rules.safeMode) return DC_SAFE_MODE;
  if (role === CLINICAL && rules.restarts && !isDown(device)) return CLINICAL_UP;
  if (device.minor !== null && device.minor < rules.minor) return TOO_OLD;
  return undefined;
}

function selectorOf(
  { versions }: ProposalIncident,
  rules: Rules,
  exceptControllers: boolean,
  groups: readonly { readonly ids: readonly DeviceId[] }[],
): Selector {
  const exceptAny = [
    ...(exceptControllers ? [{ roles: [DOMAIN_CONTROLLER] }] : []),
    ...groups.map(({ ids }) => ({ devices: [...ids] })),
  ];
  const exposed = {
    versions: versions.map(({ source, sha256 }) => ({ source, sha256 })),
    orSilentSince: later(rules.doubtfulSince, 0),
  };
  return { exposed, ...(exceptAny.length === 0 ? {} : { exceptAny }) } as Selector;
}
