/**
 * Records one example of everything that is sent or stored: `node test/protocol/record.ts`.
 *
 * Keys, ids and times come from fixed seeds; signatures are real, and the dice of ECDSA make them different each time,
 * so a recording is made once. What is recorded is never written again: peers in the field speak it.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, sha256Hex } from "../../protocol/canonical.ts";
import { PAYLOAD_TYPES, seal, toBase64 } from "../../protocol/dsse.ts";
import { EnrolmentClaim, enrolmentBytes } from "../../protocol/enrolment.ts";
import { loginBytes } from "../../protocol/frames.ts";
import { newId } from "../../protocol/ids.ts";
import { leafHash, MerkleTree } from "../../protocol/merkle.ts";
import { stepsDigest } from "../../protocol/plan.ts";
import { Playbook } from "../../protocol/playbook.ts";
import { RegistryKey } from "../../protocol/registry.ts";
import { registryPlace, registryVersionDigest } from "../../protocol/registry-version.ts";
import { Strategy } from "../../protocol/strategy.ts";
import { at, type Instant, later } from "../../protocol/time.ts";
import { aKey } from "../support/keys.ts";
import { RECORDING_FOLDER, recordingNames, schemaOf } from "../support/recorded.ts";

const MINUTE = 60_000;
const NOON = at("2026-11-22T12:00:00Z");
const dice = (seed: string): Uint8Array => Buffer.from(sha256Hex(new TextEncoder().encode(seed)), "hex");
const idOf = <P extends Parameters<typeof newId>[0]>(prefix: P, seed: string, time: Instant = NOON) =>
  newId(prefix, time, dice(seed));

const approver = aKey("recorded approver");
const online = aKey("recorded online key");
const root = aKey("recorded root");
const policyHolder = aKey("recorded policy holder");
const deviceKey = aKey("recorded device");
const device = idOf("dev", "till 1");
const otherDevices = [2, 3, 4].map((n) => idOf("dev", `till ${n}`));
const planId = idOf("plan", "plan");
const orderId = idOf("order", "order", later(NOON, 20 * MINUTE));
const rolloutId = idOf("rollout", "rollout", later(NOON, 20 * MINUTE));
const checkId = idOf("check", "check", later(NOON, 10 * MINUTE));
const epoch = idOf("epoch", "epoch");
const nonce = toBase64(dice("nonce"));
const bootId = "2026-11-22T11:58:02.1130000Z-412";
const faulty = sha256Hex(new TextEncoder().encode("faulty"));
const path = "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys";
const files = "C:\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291*.sys";
const source = "crowdstrike.channel-291";

const version = {
  source,
  sha256: faulty,
  label: "00000032",
  path,
  sizeBytes: 41_004,
  modifiedAt: at("2026-11-22T11:09:00Z"),
};
const registryKey = RegistryKey.parse("HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Signature Updates");
const registryVersion = {
  source: "defender.definitions",
  label: "1.415.231.0",
  path: registryPlace(registryKey, "AVSignatureVersion"),
  modifiedAt: at("2026-11-22T11:05:00Z"),
  ...registryVersionDigest({
    source: "defender.definitions",
    key: registryKey,
    name: "AVSignatureVersion",
    value: { kind: "string", text: "1.415.231.0" },
  }),
};
const boot = {
  bootId,
  bootedAt: at("2026-11-22T11:58:02Z"),
  uptimeMs: 4_210,
  kind: "cold",
  mode: "normal",
  tries: 3,
  previousEnd: {
    kind: "bugcheck",
    bugcheck: { code: "50", parameters: ["ffff840500000074", "0", "fffff8053a6e1f3c", "2"] },
  },
  content: [version, registryVersion],
  agentVersion: "0.1.0",
  evidence: {
    earlierBoots: [
      {
        startedAt: at("2026-11-22T11:52:40Z"),
        endedAt: at("2026-11-22T11:55:01Z"),
        kind: "cold",
        ended: {
          kind: "bugcheck",
          bugcheck: { code: "50", parameters: ["ffff840500000074", "0", "fffff8053a6e1f3c", "2"] },
        },
      },
      { startedAt: null, endedAt: null, kind: "unknown", ended: { kind: "unknown" } },
    ],
    crashDumps: [
      {
        file: "112226-9140-01.dmp",
        bugcheck: { code: "50", parameters: ["ffff840500000074", "0", "fffff8053a6e1f3c", "2"] },
        crashedAt: at("2026-11-22T11:55:01Z"),
        uptimeMs: 141_000,
        build: 26_100,
        suspect: { driver: "csagent.sys", because: "the instruction that failed lies in it (bugcheck parameter 3)" },
      },
    ],
    startupRepair: { sessions: 2, repairAttempts: 2, rootCauses: ["A patch is preventing the system from starting."] },
  },
  machine: { build: "10.0.26100", maker: "Acme Ltd", model: "Till 3", chassis: "desktop", utcOffsetMinutes: 60 },
};

const step = {
  "quarantine-file": {
    kind: "quarantine-file",
    files,
    where: { sha256: [faulty], header: "aaaaaaaa", modifiedFrom: at("2026-11-22T11:00:00Z"), modifiedBefore: NOON },
    filesMax: 2,
  },
  "restore-file": { kind: "restore-file", files, sha256: faulty, from: { quarantineOf: idOf("plan", "older plan") } },
  "set-service-start": { kind: "set-service-start", service: "CSFalconService", start: "automatic" },
  reboot: { kind: "reboot", noticeMs: MINUTE, deferMs: 60 * MINUTE },
  "await-healthy": {
    kind: "await-healthy",
    services: ["CSFalconService", "Spooler"],
    settleMs: 2 * MINUTE,
    withinMs: 30 * MINUTE,
  },
  "restart-service": { kind: "restart-service", service: "CSFalconService", withinMs: MINUTE },
  "set-registry-value": {
    kind: "set-registry-value",
    key: "HKLM\\SOFTWARE\\Policies\\Acme",
    name: "AutoUpdate",
    value: { kind: "dword", number: 0 },
  },
  "remove-update": { kind: "remove-update", update: "KB5034441", withinMs: 60 * MINUTE },
  "block-update": { kind: "block-update", update: "KB5034441" },
  "install-update": {
    kind: "install-update",
    update: "KB5052077",
    file: "C:\\ProgramData\\Fixes\\windows10.0-kb5052077-x64.msu",
    sha256: faulty,
    withinMs: 60 * MINUTE,
  },
  "revert-definitions": { kind: "revert-definitions", versions: ["1.381.2140.0"], withinMs: 5 * MINUTE },
  "restore-from-quarantine": {
    kind: "restore-from-quarantine",
    threat: "Trojan:Win32/Wacatac.B!ml",
    file: "C:\\Program Files\\Acme\\till.exe",
    sha256: faulty,
  },
  "remove-driver": { kind: "remove-driver", original: "acme.inf", provider: "Acme Ltd", versions: ["10.0.19041.1"] },
  "hold-content": { kind: "hold-content", source },
  "release-content": { kind: "release-content", source },
  "set-safe-mode": { kind: "set-safe-mode", mode: "minimal" },
  "collect-diagnostics": { kind: "collect-diagnostics", parts: ["status", "event-log", "crash-dumps"] },
};

const playbook = Playbook.parse({
  name: "undo-channel-291",
  title: "Take back channel file 291",
  source,
  steps: [step["quarantine-file"], step["set-service-start"], step.reboot, step["await-healthy"]],
});

const gate = {
  successShareMin: 0.95,
  failureShareMax: 0.05,
  sampleMin: { count: 1 },
  bakeMs: 10 * MINUTE,
  deadlineMs: 120 * MINUTE,
};
const strategy = Strategy.parse({
  waves: [
    { name: "canary", take: { count: 1 }, gate },
    { name: "a quarter", take: { percent: 25 }, gate },
    {
      name: "tills of Leeds",
      take: { selector: { sites: ["Leeds"], roles: ["till"], except: { groups: ["fragile"] } } },
      gate,
    },
    { name: "everyone else", take: { rest: true }, gate: { ...gate, sampleMin: { share: 0.5 } } },
  ],
  budgets: {
    inFlightMax: 20,
    downMaxPerSite: { share: 0.25 },
    downMaxPerRole: { count: 40 },
    sites: [{ site: "Leeds", downMax: { count: 2 } }],
    roles: [{ role: "domain-controller", downMax: { count: 1 } }],
  },
  windows: [{ zone: "Europe/London", days: ["mon", "tue", "wed", "thu", "fri"], from: "20:00", to: "06:00" }],
  freezes: [{ zone: "Europe/London", from: "2026-12-24T12:00", to: "2026-12-27T06:00", reason: "Christmas opening" }],
  patience: { offerMs: 5 * MINUTE, silentMs: 15 * MINUTE, orderMs: 90 * MINUTE },
  validityMs: 7 * 24 * 60 * MINUTE,
});

const devices = [device, ...otherDevices];
const plan = {
  id: planId,
  title: "Take back channel file 291 on all tills",
  createdAt: NOON,
  playbook,
  strategy,
  incident: idOf("inc", "incident"),
  undoes: null,
  supplements: null,
  waves: strategy.waves.map(({ name }, wave) => ({ name, devices: devices.slice(wave, wave + 1) })),
};
const digestOfSteps = stepsDigest(playbook.steps);
const leafOf = (deviceId: typeof device, wave: number) =>
  leafHash({ planId, wave, deviceId, stepsDigest: digestOfSteps });
const treeOf = (wave: number) => new MerkleTree((plan.waves[wave]?.devices ?? []).map((id) => leafOf(id, wave)));

const statement = {
  schema: "ringback.plan-statement/2",
  kind: "rollback",
  planId,
  planDigest: digestOf(plan),
  title: plan.title,
  steps: playbook.steps,
  source,
  era: 1,
  generation: 1,
  undoes: null,
  supplements: null,
  deviceCount: devices.length,
  sites: ["Leeds", "York"],
  waves: plan.waves.map(({ name, devices: { length } }, wave) => ({
    name,
    notBefore: later(NOON, 20 * MINUTE),
    size: length,
    root: treeOf(wave).root,
  })),
  validFrom: later(NOON, 15 * MINUTE),
  validUntil: later(NOON, 15 * MINUTE + strategy.validityMs),
  minimumTrustVersion: 1,
  minimumPolicyVersion: 1,
};
const waveOrder = {
  schema: "ringback.wave-order/2",
  orderId,
  rolloutId,
  planId,
  statementDigest: digestOf(statement),
  wave: 0,
  deviceId: device,
  proof: treeOf(0).proofOf(leafOf(device, 0)),
  gate: null,
  issuedAt: later(NOON, 20 * MINUTE),
};
const receipt = {
  schema: "ringback.receipt/1",
  orderId,
  planId,
  deviceId: device,
  outcome: "failed",
  steps: [
    {
      kind: "quarantine-file",
      outcome: "undone",
      files: [{ path, sha256: faulty, sizeBytes: 41_004, effect: "quarantined" }],
    },
    { kind: "set-service-start", outcome: "not-applicable", files: [] },
    { kind: "reboot", outcome: "done", files: [] },
    {
      kind: "await-healthy",
      outcome: "failed",
      fault: "timed-out",
      because: "CSFalconService was not running 30 minutes after the restart",
      files: [],
    },
  ],
  bootId,
  durationMs: 34 * MINUTE,
  finishedAt: later(NOON, 55 * MINUTE),
  lastStepReceipt: digestOf("the last step's receipt"),
};

const holder = (person: string, name: string, { keyId, publicKey }: typeof root) => ({
  person,
  name,
  keys: [{ keyId, kind: "p256", publicKey, starter: false }],
});
const trustDocument = {
  schema: "ringback.trust/1",
  version: 1,
  issuedAt: NOON,
  expiresAt: later(NOON, 30 * 24 * 60 * MINUTE),
  roots: { threshold: 1, holders: [holder("rosa", "Rosa Root", root)] },
  policyHolders: { threshold: 1, holders: [holder("paul", "Paul Policy", policyHolder)] },
  approvers: { threshold: 1, holders: [holder("ada-byron", "Ada Byron", approver)] },
  online: [{ keyId: online.keyId, publicKey: online.publicKey }],
  passkeys: { rpId: "approve.example.org", origins: ["https://approve.example.org:8443"] },
  eras: [{ source, era: 1 }],
};
const policy = {
  schema: "ringback.policy/1",
  version: 1,
  issuedAt: NOON,
  sources: [
    {
      source,
      roots: ["C:\\Windows\\System32\\drivers\\CrowdStrike"],
      steps: ["quarantine-file", "restore-file", "set-service-start", "reboot", "await-healthy"],
      holdable: true,
      registryKeys: ["HKLM\\SOFTWARE\\Policies\\Acme"],
    },
  ],
  limits: {
    filesPerOrderMax: 20,
    disruptionGapMs: 10 * MINUTE,
    validityMsMax: 14 * 24 * 60 * MINUTE,
    keyFileAboveDevices: 100,
    restoreThreshold: 2,
  },
  standingOrders: [],
};
const freshness = {
  schema: "ringback.freshness/1",
  deviceId: device,
  nonce,
  at: later(NOON, 21 * MINUTE),
  trustVersion: 1,
  policyVersion: 1,
};
const stopId = idOf("stop", "stop", later(NOON, 22 * MINUTE));
const holdId = idOf("hold", "hold", later(NOON, 23 * MINUTE));
const resumeStatement = {
  schema: "ringback.resume/1",
  stopId,
  issuedAt: later(NOON, 60 * MINUTE),
  validUntil: later(NOON, 120 * MINUTE),
  minimumTrustVersion: 1,
};
const holdStatement = {
  schema: "ringback.hold/1",
  holdId,
  source,
  issuedAt: later(NOON, 23 * MINUTE),
  until: later(NOON, 200 * MINUTE),
  minimumTrustVersion: 1,
};
const stepReceipt = {
  schema: "ringback.step-receipt/1",
  orderId,
  planId,
  deviceId: device,
  step: 0,
  kind: "quarantine-file",
  event: "failed",
  fault: "file-locked",
  because: "another process holds the file open",
  files: [],
  bootId,
  at: later(NOON, 25 * MINUTE),
  previous: null,
};
const claim = EnrolmentClaim.parse({
  token: `rbe_${"0123456789abcdefghjkmnpqrstvwxyz"}`,
  deviceId: device,
  publicKey: deviceKey.publicKey,
  name: "TILL-LDS-01",
  group: "tills",
  binding: "direct",
  image: "till-2026-10",
});
const enrolmentRequest = {
  claim,
  signature: toBase64(deviceKey.sign(enrolmentBytes(claim, toBase64(dice("channel"))))),
};

const report = {
  "boot-began": { kind: "boot-began", boot },
  "boot-healthy": {
    kind: "boot-healthy",
    healthy: {
      bootId,
      afterMs: 2 * MINUTE,
      services: [
        { name: "CSFalconService", running: true },
        { name: "Spooler", running: false },
      ],
    },
  },
  "content-changed": {
    kind: "content-changed",
    entry: { change: "appeared", noticedAt: at("2026-11-22T11:09:02Z"), version },
  },
  "order-accepted": { kind: "order-accepted", orderId },
  "order-refused": {
    kind: "order-refused",
    orderId,
    rule: "expired",
    because: "the plan was valid until 2026-11-29 12:15 UTC; it needs a new approval",
  },
  "step-progress": {
    kind: "step-progress",
    progress: {
      orderId,
      step: 0,
      event: "failed",
      fault: "file-locked",
      because: "another process holds the file open",
      receipt: seal(PAYLOAD_TYPES.stepReceipt, stepReceipt, [deviceKey]),
    },
  },
  "order-ended": { kind: "order-ended", orderId, receipt: seal(PAYLOAD_TYPES.receipt, receipt, [deviceKey]) },
  leaving: { kind: "leaving", reason: "restart" },
  "trust-changed": { kind: "trust-changed", trustVersion: 1, policyVersion: 1 },
  "trust-refused": {
    kind: "trust-refused",
    what: "hold",
    rule: "held-too-often",
    because: "one person held this source less than 24 hours ago",
  },
  emergency: { kind: "emergency", stopId, state: "stopped" },
  "hold-changed": { kind: "hold-changed", holdId, source, state: "held" },
};

const person = { kind: "person", name: "Ada Byron" };
const counts = {
  planned: 1,
  waiting: 0,
  unreached: 0,
  offered: 0,
  queued: 0,
  running: 0,
  silent: 0,
  timedOut: 0,
  succeeded: 1,
  failed: 0,
  refused: 0,
  notApplicable: 0,
  stopped: 0,
};
const decision = {
  verdict: "proceed",
  rule: "passed",
  observed: 1,
  sample: 1,
  sampleMin: 1,
  deadline: later(NOON, 140 * MINUTE),
  heldSince: later(NOON, 40 * MINUTE),
  counts,
  because: "1 of 1 devices succeeded and it stayed so for 10 minutes",
};
const minute = (n: number): Instant => later(NOON, n * MINUTE);
const because = "the help desk reports tills without a printer";

const examples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "agent-frame": {
    hello: { type: "hello", minor: { newest: 5, oldest: 0 }, deviceId: device, agentVersion: "0.1.0", epoch },
    login: {
      type: "login",
      signature: toBase64(deviceKey.sign(loginBytes(nonce, device))),
      device: { instance: toBase64(dice("instance").subarray(0, 16)), trustVersion: 1, policyVersion: 1 },
    },
    report: { type: "report", epoch, sequence: 7, body: report["boot-began"] },
    pull: { type: "pull", nonce },
    checked: {
      type: "checked",
      checkId,
      answer: {
        kind: "looked",
        results: [
          { step: 0, would: "change", because: `puts away ${path}` },
          { step: 1, would: "nothing", because: "CSFalconService already starts automatic" },
        ],
      },
    },
  },
  "controller-frame": {
    challenge: { type: "challenge", nonce, minor: 5 },
    welcome: {
      type: "welcome",
      through: 6,
      now: minute(1),
      ticket: { ticket: "b3BhcXVlIHRvIHRoZSBkZXZpY2U", secret: toBase64(dice("secret")) },
    },
    trust: {
      type: "trust",
      documents: [seal(PAYLOAD_TYPES.trust, trustDocument, [root])],
      policy: seal(PAYLOAD_TYPES.policy, policy, [policyHolder]),
    },
    emergency: {
      type: "emergency",
      stop: { stopId, at: minute(22), by: "Ada Byron", because },
      resume: seal(PAYLOAD_TYPES.resume, resumeStatement, [approver]),
    },
    hold: { type: "hold", hold: seal(PAYLOAD_TYPES.hold, holdStatement, [approver]), released: false },
    ack: { type: "ack", through: 7 },
    nudge: { type: "nudge" },
    stop: { type: "stop", orderIds: [orderId] },
    check: {
      type: "check",
      checkId,
      question: { source, steps: [step["quarantine-file"], step["set-service-start"]] },
    },
    orders: {
      type: "orders",
      orders: [
        {
          orderId,
          withdrawn: false,
          order: seal(PAYLOAD_TYPES.order, waveOrder, [online]),
          statement: seal(PAYLOAD_TYPES.statement, statement, [approver]),
        },
      ],
      freshness: seal(PAYLOAD_TYPES.freshness, freshness, [online]),
    },
  },
  report,
  "boot-end": {
    clean: { kind: "clean" },
    "planned-restart": { kind: "planned-restart" },
    "power-loss": { kind: "power-loss" },
    bugcheck: boot.previousEnd,
    unknown: { kind: "unknown" },
  },
  step,
  "rollout-event": {
    started: { kind: "started", at: minute(20), by: person },
    "wave-opened": { kind: "wave-opened", at: minute(20), wave: 0, deadline: minute(140) },
    "gate-decided": { kind: "gate-decided", at: minute(50), wave: 0, decision },
    paused: {
      kind: "paused",
      at: minute(51),
      by: { kind: "engine", rule: "deadline" },
      because: "no verdict within 120 minutes",
    },
    resumed: { kind: "resumed", at: minute(52), by: person, because: "the stragglers are laptops" },
    halted: { kind: "halted", at: minute(53), by: person, because },
    aborted: { kind: "aborted", at: minute(54), by: person, because },
    completed: { kind: "completed", at: minute(99), because: "the last gate has passed" },
  },
};
const documents: Readonly<Record<string, unknown>> = {
  "content-source": {
    id: source,
    title: "CrowdStrike Falcon channel file 291",
    files: [files],
    label: { kind: "file-name", pattern: "^C-00000291-\\d{8}-(\\d{8})\\.sys$" },
    product: "CrowdStrike Falcon sensor for Windows",
    registry: [{ key: "HKLM\\SYSTEM\\CrowdStrike", name: "Version", what: "the sensor" }],
    permits: { normal: [], safe: ["quarantine-file", "restore-file"], offline: ["quarantine-file", "restore-file"] },
    hold: { kind: "vendor", how: "a content update policy in the vendor's console" },
    isRestorable: false,
    readBy: "boot-start-driver",
    services: ["CSFalconService"],
    notes: ["files in this folder are no drivers, whatever their names end in"],
  },
  "device-registration": {
    id: device,
    publicKey: deviceKey.publicKey,
    name: "TILL-LDS-01",
    site: "Leeds",
    role: "till",
  },
  group: { name: "fragile", selector: { all: true, except: { roles: ["till"] } } },
  plan,
  "plan-statement": statement,
  playbook,
  receipt,
  strategy,
  "trust-document": trustDocument,
  policy,
  freshness,
  "resume-statement": resumeStatement,
  "hold-statement": holdStatement,
  "step-receipt": stepReceipt,
  "enrolment-request": enrolmentRequest,
  "wave-order": waveOrder,
};

function exampleOf(name: string): unknown {
  const [union = "", kind] = name.split(".");
  const example = kind === undefined ? documents[name] : examples[union]?.[kind];
  if (example === undefined) throw new Error(`there is no example of ${name}: write one in test/protocol/record.ts`);
  return example;
}

mkdirSync(RECORDING_FOLDER, { recursive: true });
for (const name of recordingNames()) {
  const file = join(RECORDING_FOLDER, `${name}.json`);
  if (existsSync(file)) {
    console.log(`${name}: recorded before, left as it is`);
    continue;
  }
  const example = exampleOf(name);
  schemaOf(name).parse(example);
  writeFileSync(file, `${JSON.stringify(example, null, 2)}\n`, { flag: "wx" });
  console.log(`${name}: recorded`);
}
