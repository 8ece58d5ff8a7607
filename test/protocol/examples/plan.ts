/** A plan over four devices, and what is signed about it: the statement and one device's order. */
import { digestOf } from "../../../protocol/canonical.ts";
import { leafHash, MerkleTree } from "../../../protocol/merkle.ts";
import { stepsDigest } from "../../../protocol/plan.ts";
import { Playbook } from "../../../protocol/playbook.ts";
import { Strategy } from "../../../protocol/strategy.ts";
import { later } from "../../../protocol/time.ts";
import { device, idOf, MINUTE, NOON, orderId, otherDevices, planId, rolloutId, source } from "./cast.ts";
import { step } from "./steps.ts";

export const playbook = Playbook.parse({
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

export const strategy = Strategy.parse({
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

export const plan = {
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

export const statement = {
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

export const waveOrder = {
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
