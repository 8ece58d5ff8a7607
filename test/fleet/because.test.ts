import { expect, test } from "vitest";
import type { BootEnd, BootEvidence, BootId, BootReport } from "../../protocol/boot.ts";
import { Role, Site } from "../../protocol/names.ts";
import { becauseOf } from "../../controller/fleet/because.ts";
import { type Contact, conditionOf } from "../../controller/fleet/condition.ts";
import type { DeviceState } from "../../controller/store/devices.ts";
import { ACCEPTED, aBoot, aHealthyBoot, device, NOON } from "../support/fleet-builders.ts";
import { aKey } from "../support/keys.ts";

const HERE: Contact = { connected: true, known: true, overdue: false };
const GONE: Contact = { connected: false, known: true, overdue: true };
const UNHEARD: Contact = { connected: false, known: false, overdue: false };
const CRASHED: BootEnd = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } };

const aState = (boot: Partial<BootReport> | null, over: Partial<DeviceState> = {}): DeviceState => ({
  lastHeardAt: NOON,
  boot: boot === null ? null : aBoot({ bootId: "b" as BootId, ...boot }),
  healthy: null,
  content: [],
  leaving: null,
  trust: null,
  minor: null,
  ...over,
});
const GOOD = aState({}, { healthy: aHealthyBoot({ bootId: "b" as BootId }) });
const LOOPING = aState({ tries: 3, previousEnd: CRASHED });
const aDump = (code: string, driver: string | null): BootEvidence => ({
  earlierBoots: [],
  startupRepair: null,
  crashDumps: [
    {
      file: "a.dmp",
      bugcheck: { code, parameters: [] },
      crashedAt: NOON,
      uptimeMs: null,
      build: 19_045,
      suspect: driver === null ? null : { driver, because: "it stands in the stack" },
    },
  ],
});

function because(state: DeviceState | null, contact: Contact, evidence?: BootEvidence): string {
  const { publicKey } = aKey("a device");
  const row = {
    id: device(1),
    publicKey,
    name: "pc",
    site: Site.parse("Ward"),
    role: Role.parse("clinical"),
    registeredAt: NOON,
    ...ACCEPTED,
  };
  return becauseOf(
    { slot: 0, counts: true, gone: false, row, state, ...contact, condition: conditionOf(state, contact) },
    evidence,
  );
}

const LOOP =
  "In a boot loop: this is boot 3 since the last good one. The one before it ended in a bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA";

test.each([
  ["healthy", GOOD, HERE, "Its last boot is good: the declared services run, and it has been up long enough."],
  ["a first boot", aState({}), HERE, "It has booted, and is not good yet: services or time are missing."],
  [
    "boots that end well and never become good",
    aState({ tries: 4 }),
    HERE,
    "It is not good yet: this is boot 4 since the last good one. The one before it was shut down cleanly.",
  ],
  ["a boot loop", LOOPING, HERE, `${LOOP}.`],
  [
    "silence after a good boot",
    GOOD,
    GONE,
    "Gone without a goodbye, and not back within its window. When last heard, its boot was good.",
  ],
  [
    "silence out of a boot loop",
    LOOPING,
    GONE,
    `Gone without a goodbye, and not back within its window. When last heard: ${LOOP}.`,
  ],
  ["a goodbye", { ...GOOD, leaving: "sleep" } as const, { ...HERE, connected: false }, "It said goodbye: it sleeps."],
  ["never heard", null, UNHEARD, "It is registered, but was never heard from."],
  [
    "not heard since the controller started",
    aState({}),
    UNHEARD,
    "Not heard from since this controller started. When last heard, its boot was not good yet.",
  ],
  ["connected without a boot", aState(null), HERE, "It was heard, but has never reported a boot."],
])("%s", (_what, state, contact, words) => {
  expect(because(state, contact)).toBe(words);
});

test.each([
  ["one that points at a driver", aDump("50", "csagent.sys"), `${LOOP}; its crash dump points at csagent.sys.`],
  ["one that points at nobody", aDump("50", null), `${LOOP}.`],
  ["one of another crash", aDump("d1", "other.sys"), `${LOOP}.`],
])("a boot loop with a crash dump, %s", (_what, evidence, words) => {
  expect(because(LOOPING, HERE, evidence)).toBe(words);
});
