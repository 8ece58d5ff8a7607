/**
 * Verifies an evidence bundle with nothing but itself and the pinned digest. Pure: no network, no controller, no clock.
 *
 * Each check says what it proves and what it does not. A bundle holds if every check does.
 */
import type { Sha256 } from "./canonical.ts";
import { fromBase64, peek } from "./dsse.ts";
import { type DeviceEvidence, type EvidenceBundle, evidenceBytes } from "./evidence-bundle.ts";
import { approvalFaults, policyFaults, readStatement, statementFaults } from "./evidence-decision.ts";
import { checkOrder, checkReceipts, type Decided, isSigned } from "./evidence-device.ts";
import { believedPolicies, believedTrust, inForce, pinnedAt } from "./evidence-trust.ts";
import type { DeviceId } from "./ids.ts";
import { WaveOrder } from "./plan.ts";
import type { Policy } from "./policy.ts";
import type { Receipt } from "./progress.ts";
import type { VerifyRaw } from "./signatures.ts";
import type { TrustDocument } from "./trust-document.ts";

const CHECKS = {
  trust: {
    proves: "from the pinned one on, every trust document follows the one before it, signed by the roots of both",
    not: "that no newer one had been made when the bundle was exported",
  },
  seal: {
    proves: "nothing was changed since the controller exported it",
    not: "that the controller told the truth when it did",
  },
  policy: {
    proves: "policy holders signed every policy, and the one of the time allowed this plan",
    not: "further limits that a device has of its own",
  },
  statement: {
    proves: "what was signed is this very plan: steps, devices, waves",
    not: "that the sites named are where the devices stand",
  },
  approvals: {
    proves: "enough approvers of the time signed, each with a key of their own",
    not: "what their screens showed them, if they approved on the console",
  },
  orders: {
    proves: "every order is for a device of the signed set, in its wave and time",
    not: "that a gate had really passed: that is the controller's word",
  },
  receipts: {
    proves: "the key of the device signed each receipt, and none between the first and the last is missing",
    not: "that the key is the machine's: keys are what the controller says, so compare some with the machines",
  },
  devices: {
    proves: "every device of the plan is accounted for, also if it never answered",
    not: "what became of a device that signed no last receipt",
  },
  events: {
    proves: "the controller's own account agrees with the orders: waves had been opened when they were made",
    not: "anything that a person or gate decided: that is the controller's word",
  },
} as const;
export type CheckName = keyof typeof CHECKS;

export interface Check {
  readonly name: CheckName;
  readonly holds: boolean;
  readonly proves: string;
  readonly doesNotProve: string;
  readonly faults: readonly string[];
}

/** What a device signed in the end. `unfinished`: it was ordered and signed no last receipt. `no-order`: nothing. */
export type DeviceWord = Receipt["outcome"] | "unfinished" | "no-order";
export interface DeviceVerdict {
  readonly deviceId: DeviceId;
  readonly word: DeviceWord;
  /** As the controller counts it. */
  readonly status: DeviceEvidence["status"];
  /** Signed receipts of steps there are none of: its agent is older. */
  readonly isOlder: boolean;
}

export interface EvidenceVerdict {
  readonly holds: boolean;
  readonly checks: readonly Check[];
  readonly devices: readonly DeviceVerdict[];
}

export function verifyEvidence({ body, seal }: EvidenceBundle, pin: Sha256, verify: VerifyRaw): EvidenceVerdict {
  const faults = new Map<CheckName, string[]>((Object.keys(CHECKS) as CheckName[]).map((name) => [name, []]));
  const say = (name: CheckName, ...found: readonly string[]): void => void faults.get(name)?.push(...found);

  const { believed: documents, faults: trustFaults } = believedTrust(body.trust, pin, verify);
  say("trust", ...trustFaults);
  const sealKey = documents.at(-1)?.online.find(({ keyId }) => keyId === seal.keyid);
  if (
    sealKey === undefined ||
    !isSigned(sealKey.publicKey, seal.keyid, evidenceBytes(body), fromBase64(seal.sig), verify)
  )
    say("seal", "the seal is not by the online key of the newest trust document, or something was changed");
  const { believed: policies, faults: unsigned } = believedPolicies(
    body.policies,
    documents,
    verify,
    pinnedAt(body.trust, pin) > 0,
  );
  say("policy", ...unsigned);

  const statement = readStatement(body.statement);
  const devices: DeviceVerdict[] = [];
  if (statement === undefined) {
    const because = "what was signed cannot be read, or is of another kind than it says";
    for (const name of ["statement", "approvals", "policy", "orders", "receipts"] as const) say(name, because);
  } else {
    say("statement", ...statementFaults(body.plan, statement));
    const decided: Decided = { body, statement, documents, verify };
    for (const { trust, policy } of timesOf(body, documents, policies)) {
      if (trust === undefined) say("approvals", "there is no trust document of the time of the orders");
      else say("approvals", ...approvalFaults(body, statement, trust, policy, verify));
      say("policy", ...policyFaults(statement, policy));
    }
    for (const device of body.devices) devices.push(judge(decided, device, say));
  }
  say("devices", ...setFaults(body), ...devices.flatMap(statusFaults));
  say("events", ...eventFaults(body));

  const checks = [...faults].map(([name, found]): Check => {
    const { proves, not } = CHECKS[name];
    return { name, holds: found.length === 0, proves, doesNotProve: not, faults: [...new Set(found)] };
  });
  return { holds: checks.every(({ holds }) => holds), checks, devices };
}

type Say = (name: CheckName, ...found: readonly string[]) => void;

function judge(decided: Decided, device: DeviceEvidence, say: Say): DeviceVerdict {
  const { deviceId, status } = device;
  let word: DeviceWord = device.orders.length === 0 ? "no-order" : "unfinished";
  let isOlder = false;
  const seen = new Set<string>();
  for (const entry of device.orders) {
    const order = checkOrder(decided, device, entry.order);
    if (typeof order === "string") {
      say("orders", `${deviceId}: ${order}`);
      continue;
    }
    if (seen.has(order.orderId)) say("orders", `${deviceId}: an order stands there twice`);
    seen.add(order.orderId);
    const account = checkReceipts(decided, device, order, entry);
    say("receipts", ...account.faults.map((fault) => `${deviceId}: ${fault}`));
    word = account.outcome ?? word;
    isOlder ||= account.isOlder;
  }
  return { deviceId, word, status, isOlder };
}

type Body = EvidenceBundle["body"];

interface Time {
  readonly trust: TrustDocument | undefined;
  readonly policy: Policy | undefined;
}

/** What was in force when something was ordered, each once; if nothing was, when the bundle was exported. */
function timesOf(
  { devices, exportedAt }: Body,
  documents: readonly TrustDocument[],
  policies: readonly Policy[],
): Iterable<Time> {
  const ordered = ordersIn(devices).map(({ issuedAt }) => issuedAt);
  const times = new Map<string, Time>();
  for (const at of ordered.length === 0 ? [exportedAt] : ordered) {
    const time = { trust: inForce(documents, at), policy: inForce(policies, at) };
    times.set(`${time.trust?.version ?? 0} ${policies.findIndex((policy) => policy === time.policy)}`, time);
  }
  return times.values();
}

/** Those that can be read; whether they count is `checkOrder`'s business. */
const ordersIn = (devices: readonly DeviceEvidence[]): WaveOrder[] =>
  devices.flatMap(({ orders }) =>
    orders.flatMap(({ order }) => {
      try {
        return [peek(order, WaveOrder)];
      } catch {
        return [];
      }
    }),
  );

function setFaults({ plan, devices }: Body): string[] {
  const planned = new Set(plan.waves.flatMap((wave) => wave.devices));
  const told = new Set(devices.map(({ deviceId }) => deviceId));
  const keys = new Set(devices.map(({ publicKey }) => publicKey));
  return [
    ...[...planned].filter((id) => !told.has(id)).map((id) => `${id} is in the plan and not in the bundle`),
    ...[...told].filter((id) => !planned.has(id)).map((id) => `${id} is in the bundle and not in the plan`),
    ...(told.size < devices.length ? ["a device stands there twice"] : []),
    ...(keys.size < devices.length ? ["two devices have the same key"] : []),
  ];
}

const RECEIPT_OUTCOMES: readonly string[] = ["succeeded", "not-applicable"];

/** Good news needs the device's own word; where there is one, the count may not say otherwise. */
function statusFaults({ deviceId, word, status }: DeviceVerdict): string[] {
  if (RECEIPT_OUTCOMES.includes(status) && word !== status)
    return [`${deviceId} counts as ${status}, and signed ${wordWords(word)}`];
  if (word === "succeeded" && status !== "succeeded" && status !== "timed-out")
    return [`${deviceId} counts as ${status}, and signed that it succeeded`];
  if (word === "no-order" && status !== "waiting")
    return [`${deviceId} counts as ${status}, and there is no order for it`];
  return [];
}

export const wordWords = (word: DeviceWord): string =>
  word === "no-order" || word === "unfinished" ? "no last receipt" : `that it ended as ${word}`;

function eventFaults({ events, devices, plan }: Body): string[] {
  const opened = new Map(
    events.flatMap((event) => (event.kind === "wave-opened" ? [[event.wave, event.at] as const] : [])),
  );
  const early = ordersIn(devices).filter(({ wave, issuedAt }) => (opened.get(wave) ?? Infinity) > issuedAt);
  return [
    ...(events[0]?.kind === "started" ? [] : ["the events do not begin with the start"]),
    ...(events.some(({ at }, i) => at < (events[i - 1]?.at ?? 0)) ? ["the events are out of order"] : []),
    ...(events.some((event) => "wave" in event && event.wave >= plan.waves.length) ? ["an event is of no wave"] : []),
    ...early.map(({ deviceId }) => `${deviceId} was ordered before its wave had been opened`),
  ];
}
