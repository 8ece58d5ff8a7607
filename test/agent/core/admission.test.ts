import { describe, expect, test } from "vitest";
import { admit } from "../../../agent/core/admission.ts";
import type { AdmissionFacts } from "../../../agent/core/admission-facts.ts";
import { fromBase64, peek, type Signer, toBase64 } from "../../../protocol/dsse.ts";
import type { Order } from "../../../protocol/plan.ts";
import { PlanStatement } from "../../../protocol/plan.ts";
import { RegistryKey } from "../../../protocol/registry.ts";
import { later } from "../../../protocol/time.ts";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import { aKey } from "../../support/keys.ts";
import {
  admissionFacts,
  anotherSha256,
  aQuarantine,
  aSignedOrder,
  DEVICE,
  deviceIdOf,
  NOON,
  planIdOf,
  SOURCE,
} from "../../support/signed-order.ts";
import { aHolder, APPROVER, aPolicy, aTrust, ONLINE } from "../../support/trust.ts";

const STRANGER = aKey("stranger");
const under = (signer: Signer, keyId = signer.keyId): Signer => ({ keyId, sign: (bytes) => signer.sign(bytes) });
const DAY = 86_400_000;
const trusting = (over: Parameters<typeof aTrust>[0]): Partial<AdmissionFacts> => ({
  belief: { trust: aTrust(over), policy: aPolicy() },
});

test("accepts an order whose every part is right", () => {
  const verdict = admit(aSignedOrder(), admissionFacts());
  expect(verdict).toMatchObject({
    kind: "accepted",
    order: { deviceId: DEVICE },
    statement: { title: "Take 7-2 back" },
  });
});

interface Refusal {
  readonly name: string;
  readonly rule: string;
  readonly order?: () => Order;
  readonly facts?: Partial<AdmissionFacts>;
}

const KEY = "HKLM\\SOFTWARE\\Policies\\Acme";
const SERVICE_KEY = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\AcmeSensor";
const aValue = (key: string) => ({ kind: "set-registry-value", key, name: "x", value: null });
const withKeys = (keys: readonly string[]): Partial<AdmissionFacts> => {
  const registryKeys = keys.map((key) => RegistryKey.parse(key));
  const policy = aPolicy({ sources: aPolicy().sources.map((of) => ({ ...of, registryKeys })) });
  return { belief: { trust: aTrust(), policy }, allowedRegistryKeys: registryKeys };
};
const REMOVE = { kind: "remove-update", update: "KB5034441", withinMs: 600_000 };
const BLOCK = { kind: "block-update", update: "KB5034441" };
const INSTALL = {
  kind: "install-update",
  update: "KB5052077",
  file: "C:\\ProgramData\\Fixes\\fix.msu",
  sha256: anotherSha256("the fix"),
  withinMs: 600_000,
};

const REFUSALS: readonly Refusal[] = [
  { name: "there is no trust document", rule: "statement-signature", facts: { belief: undefined } },
  { name: "a stranger approved", rule: "statement-signature", order: () => aSignedOrder({ approvers: [STRANGER] }) },
  {
    name: "the online key approved: it proves freshness, not authority",
    rule: "statement-signature",
    order: () => aSignedOrder({ approvers: [ONLINE] }),
  },
  {
    name: "a stranger signs under an approver's id",
    rule: "statement-signature",
    order: () => aSignedOrder({ approvers: [under(STRANGER, APPROVER.keyId)] }),
  },
  {
    name: "the trust document gives an approver's id to another key",
    rule: "statement-signature",
    order: () => aSignedOrder({ approvers: [under(STRANGER, APPROVER.keyId)] }),
    facts: trusting({ approvers: { threshold: 1, holders: [aHolder("ada", { ...STRANGER, keyId: APPROVER.keyId })] } }),
  },
  { name: "a stranger issued the order", rule: "order-signature", order: () => aSignedOrder({ online: [STRANGER] }) },
  { name: "an approver issued the order", rule: "order-signature", order: () => aSignedOrder({ online: [APPROVER] }) },
  {
    name: "the envelopes are of each other's type",
    rule: "schema",
    order: () => ({ ...aSignedOrder(), statement: aSignedOrder({ online: [APPROVER] }).order }),
  },
  {
    name: "the mailbox calls the order by another id",
    rule: "schema",
    order: () => ({ ...aSignedOrder(), orderId: aSignedOrder({ seed: "another" }).orderId }),
  },
  {
    name: "the order points to another statement",
    rule: "wrong-plan",
    order: () => aSignedOrder({ order: { statementDigest: anotherSha256("another") } }),
  },
  {
    name: "the order comes with the statement of another plan",
    rule: "wrong-plan",
    order: () => ({ ...aSignedOrder(), statement: aSignedOrder({ plan: planIdOf("another") }).statement }),
  },
  {
    name: "the order names another plan",
    rule: "wrong-plan",
    order: () => aSignedOrder({ order: { planId: planIdOf("x") } }),
  },
  {
    name: "the order is for a neighbour",
    rule: "wrong-device",
    order: () => aSignedOrder({ device: deviceIdOf("x") }),
  },
  { name: "the wave is not in the plan", rule: "not-in-wave", order: () => aSignedOrder({ order: { wave: 1 } }) },
  {
    name: "the device is not in the wave",
    rule: "not-in-wave",
    order: () => aSignedOrder({ device: deviceIdOf("x"), order: { deviceId: DEVICE } }),
  },
  {
    name: "the proof is another's",
    rule: "not-in-wave",
    order: () => aSignedOrder({ order: { proof: { index: 1, path: [anotherSha256("a"), anotherSha256("b")] } } }),
  },
  {
    name: "the approved wave is of another size",
    rule: "not-in-wave",
    order: () =>
      bend((statement) => ({ deviceCount: 1, waves: statement.waves.map((wave) => ({ ...wave, size: 1 })) })),
  },
  {
    name: "the plan says fewer devices than its waves hold",
    rule: "schema",
    order: () => aSignedOrder({ statement: { deviceCount: 2 } }),
  },
  {
    name: "the approved set is for other steps",
    rule: "not-in-wave",
    order: () => bend(() => ({ steps: [aQuarantine("another")] })),
  },
  {
    name: "the plan needs a newer trust document",
    rule: "trust-version",
    order: () => aSignedOrder({ statement: { minimumTrustVersion: 4 } }),
  },
  { name: "this very order ran before", rule: "replayed", facts: { hasSeen: () => true } },
  {
    name: "a newer plan of the source was accepted",
    rule: "older-generation",
    facts: { generationOf: () => ({ generation: 2, planId: planIdOf("x"), statement: undefined }) },
  },
  { name: "the plan was begun too often", rule: "attempts-exhausted", facts: { attemptsOf: () => 10 } },
  {
    name: "it was issued before the plan is valid",
    rule: "not-yet-valid",
    order: () => aSignedOrder({ statement: { validFrom: later(NOON, 2_000) } }),
  },
  {
    name: "it was issued before the wave may begin, though the device's clock says it may",
    rule: "not-before",
    order: () => bend(({ waves }) => ({ waves: waves.map((wave) => ({ ...wave, notBefore: later(NOON, 2_000) })) })),
    facts: { now: later(NOON, 3_000) },
  },
  { name: "the plan is over by one millisecond", rule: "expired", facts: { now: later(NOON, DAY) } },
  { name: "a later order proves that the plan is over", rule: "expired", facts: { timeFloor: later(NOON, DAY) } },
  {
    name: "the clock was set back ten years but the controller knows better",
    rule: "expired",
    facts: { now: later(NOON, -3_650 * DAY), controllerNow: later(NOON, DAY) },
  },
  { name: "the clock runs ten years ahead", rule: "trust-expired", facts: { now: later(NOON, 3_650 * DAY) } },
  {
    name: "a step is of a kind that this device does not allow",
    rule: "step-not-allowed",
    facts: { allowedSteps: new Set(["reboot" as const]) },
  },
  {
    name: "a file lies outside the allowed folders",
    rule: "path-not-allowed",
    facts: { allowedRoots: ["C:\\Windows\\Temp"] },
  },
  {
    name: "an allowed folder's name only begins alike",
    rule: "path-not-allowed",
    facts: { allowedRoots: ["C:\\Windows\\System32\\drivers\\Ac"] },
  },
  {
    name: "it is a place that the policy does not allow",
    rule: "path-not-allowed",
    facts: {
      belief: {
        trust: aTrust(),
        policy: aPolicy({
          sources: aPolicy().sources.map((of) => ({ ...of, roots: [WindowsPath.parse("C:\\Temp")] })),
        }),
      },
    },
  },
  { name: "no folder is allowed", rule: "path-not-allowed", facts: { allowedRoots: [] } },
  {
    name: "a file lies in the agent's own folder, in other letters",
    rule: "path-not-allowed",
    order: () => aSignedOrder({ steps: [aQuarantine("x", { files: "C:\\PROGRAMDATA\\RINGBACK\\journal.log" })] }),
    facts: { allowedRoots: ["C:\\ProgramData"] },
  },
  {
    name: "an update is taken off and not blocked",
    rule: "step-not-allowed",
    order: () => aSignedOrder({ steps: [REMOVE, { ...BLOCK, update: "KB5000001" }, BLOCK] }),
  },
  ...[
    "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SafeBoot\\Minimal\\Acme",
    "HKLM\\SYSTEM\\ControlSet001\\control\\safeboot",
    "HKLM\\SYSTEM\\ControlSet042\\Services\\RINGBACK\\Parameters",
    "HKLM\\SOFTWARE\\ringback",
    "HKLM\\SOFTWARE\\WOW6432Node\\Ringback\\x",
    "HKLM\\BCD00000000\\Objects",
    "HKLM\\SYSTEM\\Select",
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\RingbackAgent",
    "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager",
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run",
    "HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\a.exe",
    "HKLM\\SOFTWARE\\Ringback.ThisBoot",
    "HKLM\\SYSTEM\\MountedDevices",
    "HKLM\\SOFTWARE\\Policies\\Microsoft\\FVE",
    "HKLM\\SYSTEM\\CurrentControlSet\\Control",
    "HKLM\\SYSTEM\\CurrentControlSet\\Control\\MiniNT",
    "HKLM\\SYSTEM\\ControlSet001\\Control\\Class\\{4d36e967-e325-11ce-bfc1-08002be10318}",
    "HKLM\\SYSTEM\\CurrentControlSet\\Enum\\PCI",
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\WinSock2\\Parameters",
    "HKLM\\SOFTWARE\\Classes\\CLSID\\{00000000-0000-0000-0000-000000000000}\\InprocServer32",
    "HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows NT\\CurrentVersion\\AeDebug",
    "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache",
  ].map((key) => ({
    name: `it sets a value in ${key}, which no policy can allow`,
    rule: "path-not-allowed" as const,
    order: () => aSignedOrder({ steps: [aValue(key)] }),
    facts: withKeys(["HKLM\\SYSTEM", "HKLM\\SOFTWARE", "HKLM\\BCD00000000"]),
  })),
  {
    name: "it sets which program a service runs",
    rule: "path-not-allowed",
    order: () => aSignedOrder({ steps: [{ ...aValue(SERVICE_KEY), name: "imagePath" }] }),
    facts: withKeys([SERVICE_KEY]),
  },
  ...[
    ["\\Performance", "Library"],
    ["", "ObjectName"],
    ["\\Parameters", "Application"],
  ].map(([below = "", name]) => ({
    name: `it sets what a service loads, or as whom it runs: ${name}`,
    rule: "path-not-allowed" as const,
    order: () => aSignedOrder({ steps: [{ ...aValue(`${SERVICE_KEY}${below}`), name }] }),
    facts: withKeys([SERVICE_KEY]),
  })),
  ...["disk", "TCPIP", "RpcSs"].map((service) => ({
    name: `it sets in the registry how ${service} starts, without which Windows does not start`,
    rule: "path-not-allowed" as const,
    order: () =>
      aSignedOrder({
        steps: [{ ...aValue(`HKLM\\SYSTEM\\ControlSet001\\Services\\${service}`), name: "start" }],
      }),
    facts: withKeys(["HKLM\\SYSTEM"]),
  })),
  {
    name: "the policy names no key of the registry",
    rule: "path-not-allowed",
    order: () => aSignedOrder({ steps: [aValue(KEY)] }),
    facts: { allowedRegistryKeys: [RegistryKey.parse(KEY)] },
  },
  {
    name: "this device allows no key of the registry",
    rule: "path-not-allowed",
    order: () => aSignedOrder({ steps: [aValue(KEY)] }),
    facts: { ...withKeys([KEY]), allowedRegistryKeys: [] },
  },
  {
    name: "an allowed key's name only begins alike",
    rule: "path-not-allowed",
    order: () => aSignedOrder({ steps: [aValue(`${KEY}2`)] }),
    facts: withKeys([KEY]),
  },
  ...(["hold-content", "release-content"] as const).map((kind) => ({
    name: `${kind} is about a source for which the policy does not allow it`,
    rule: "source-not-allowed" as const,
    order: () => aSignedOrder({ steps: [{ kind, source: "acme.other" }] }),
    facts: {
      belief: {
        trust: aTrust(),
        policy: aPolicy({ sources: aPolicy().sources.map((of) => ({ ...of, source: SOURCE })) }),
      },
    },
  })),
  ...[
    { kind: "restart-service", service: "Ringback", withinMs: 60_000 },
    { kind: "set-service-start", service: " ringback ", start: "disabled" },
    { kind: "set-service-start", service: "RINGBACKAGENT", start: "disabled" },
  ].map((step) => ({
    name: `${step.kind} is about the agent's own service`,
    rule: "step-not-allowed" as const,
    order: () => aSignedOrder({ steps: [step] }),
  })),
  ...[
    ["disk", "disabled"],
    ["NTFS", "automatic"],
    [" RpcSs ", "manual"],
    ["TrustedInstaller", "disabled"],
  ].map(([service, start]) => ({
    name: `Windows would not start without ${service}`,
    rule: "step-not-allowed" as const,
    order: () => aSignedOrder({ steps: [{ kind: "set-service-start", service, start }] }),
  })),
  ...["C:\\Temp\\fix.msu", "C:\\ProgramData\\Ringback\\fix.msu"].map((file) => ({
    name: `an update is to be installed out of ${file}`,
    rule: "path-not-allowed" as const,
    order: () => aSignedOrder({ steps: [{ ...INSTALL, file }] }),
    facts: { allowedRoots: ["C:\\ProgramData"] },
  })),
];

test("accepts the new kinds of steps where policy and device allow them", () => {
  const hold = { kind: "hold-content", source: "acme.other" };
  const order = aSignedOrder({ steps: [REMOVE, BLOCK, aValue(KEY), aValue(`${KEY}\\Deeper`), INSTALL, hold] });
  const facts = admissionFacts({ ...withKeys([KEY]), allowedRoots: ["C:\\ProgramData"] });
  expect(admit(order, facts)).toMatchObject({ kind: "accepted" });
});

test("accepts that what Windows needs is set back to how it ships, and that its parameters are set", () => {
  const back = [
    ["RpcSs", "automatic"],
    ["disk", "boot"],
  ].map(([service, start]) => ({ kind: "set-service-start", service, start }));
  const parameters = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";
  const order = aSignedOrder({ steps: [...back, { ...aValue(parameters), name: "Group" }] });
  expect(admit(order, admissionFacts(withKeys([parameters])))).toMatchObject({ kind: "accepted" });
});

/** The steps, waves and sets that approvers signed do not fit together. */
function bend(change: (statement: PlanStatement) => Partial<PlanStatement>): Order {
  const statement = peek(aSignedOrder().statement, PlanStatement);
  return aSignedOrder({ statement: change(statement) });
}

test.each(REFUSALS)("refuses because of $rule when $name", ({ rule, order, facts }) => {
  expect(admit((order ?? aSignedOrder)(), admissionFacts(facts))).toMatchObject({ kind: "refused", rule });
});

describe("a signed byte that changed", () => {
  test.each(["order", "statement"] as const)("is refused wherever it is in the %s", (which) => {
    const good = aSignedOrder();
    const bytes = fromBase64(good[which].payload);
    for (let i = 0; i < bytes.length; i += 7) {
      const changed = Uint8Array.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      const bad = { ...good, [which]: { ...good[which], payload: toBase64(changed) } };
      expect(admit(bad, admissionFacts())).toMatchObject({ kind: "refused", rule: `${which}-signature` });
    }
  });
});
