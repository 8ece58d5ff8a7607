/**
 * Holds, as the device decides. A held source gets no updates, so a hold is a change: one approver alone may hold what
 * the policy lists, for some hours, once in a while; k approvers may hold longer. The device ends each by itself.
 *
 * Pure. How long a hold has lasted is measured by up-time, and ends early if any clock says that its time is over: to
 * let a source go is the safe side. How long ago one was is measured by up-time alone: whoever holds the controller and
 * one key may name any time he likes.
 */
import { notBelieved, readApproved } from "../../protocol/approved.ts";
import type { ContentSourceId } from "../../protocol/content.ts";
import { type Envelope, PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { HoldStatement } from "../../protocol/emergency.ts";
import type { NotBelieved } from "../../protocol/follow-trust.ts";
import type { HoldId } from "../../protocol/ids.ts";
import { HOLD_ALONE_EVERY_MS, HOLD_ALONE_MS_MAX, ruleFor } from "../../protocol/policy.ts";
import type { VerifyRaw } from "../../protocol/signatures.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Belief } from "./admission-facts.ts";
import { type Hold, measure, type Precautions, type Uptime } from "./precautions.ts";

const IN_FORCE_MAX = 100;
const RELEASED_MAX = 500;

export interface HoldFacts {
  readonly belief: Belief | undefined;
  readonly verify: VerifyRaw;
  /** The latest time that anyone names. */
  readonly latest: Instant;
  readonly uptime: Uptime;
  /** Does this device know the source at all? */
  readonly knows: (source: ContentSourceId) => boolean;
}

/** Undefined: this hold is known here, whatever became of it. */
export function takeHold(
  precautions: Precautions,
  envelope: Envelope,
  { belief, verify, latest, uptime, knows }: HoldFacts,
): { readonly kind: "taken"; readonly precautions: Precautions; readonly hold: Hold } | NotBelieved | undefined {
  if (belief === undefined) return notBelieved("signature", "this device has no trust document, so it believes nobody");
  const { trust, policy } = belief;
  const signed = readApproved(envelope, PAYLOAD_TYPES.hold, HoldStatement, trust, verify, latest);
  if (signed.kind === "refused") return signed;
  const { body, voices } = signed;
  const { holdId, source, until } = body;
  if (precautions.holds.some((hold) => hold.holdId === holdId)) return undefined;
  if (policy === undefined)
    return notBelieved("source-not-allowed", "no policy signed by the current policy holders is here");
  const lastsMs = until - body.issuedAt;
  if (lastsMs <= 0) return notBelieved("schema", "it ends before it begins");
  const rule = ruleFor(policy, source);
  if (rule === undefined) return notBelieved("source-not-allowed", `the policy allows nothing for ${source}`);
  const { threshold } = trust.approvers;
  const alone = voices.length < threshold;
  if (alone) {
    if (!rule.holdable)
      return notBelieved(
        "source-not-allowed",
        `the policy lets no single person hold ${source}: it takes ${threshold}`,
      );
    if (lastsMs > HOLD_ALONE_MS_MAX)
      return voices.length > 1
        ? notBelieved("under-signed", `${voices.length} of ${threshold} approvers that it takes have signed`)
        : notBelieved("too-long", `one person may hold a source for 4 hours, this asks for ${hours(lastsMs)}`);
    if (precautions.holds.some((hold) => hold.source === source && isRecent(hold, uptime)))
      return notBelieved("held-too-often", `${source} was held here by one person in the last 24 hours of running`);
  } else if (lastsMs > policy.limits.validityMsMax) {
    return notBelieved(
      "too-long",
      `the policy allows ${hours(policy.limits.validityMsMax)}, it asks for ${hours(lastsMs)}`,
    );
  }
  if (latest >= until) return notBelieved("expired", "its time is over");
  if (!knows(source)) return notBelieved("not-possible-here", `this device has no source ${source}`);
  if (heldNow(precautions).length >= IN_FORCE_MAX)
    return notBelieved("not-possible-here", `${IN_FORCE_MAX} holds are in force here already`);
  const sinceTaken = { ms: 0, bootId: uptime.bootId, uptimeMs: Math.floor(uptime.uptimeMs) };
  const hold: Hold = { holdId, source, state: "held", told: false, alone, until, lastsMs, sinceTaken };
  return { kind: "taken", precautions: { ...precautions, holds: [...precautions.holds, hold] }, hold };
}

export const heldNow = ({ holds }: Precautions): readonly Hold[] => holds.filter(({ state }) => state === "held");

/** By anybody: a person for some hours, or an order. */
export const isHeld = (precautions: Precautions, source: ContentSourceId): boolean =>
  isOrdered(precautions, source) || heldNow(precautions).some((hold) => hold.source === source);

export const isOrdered = ({ ordered = [] }: Precautions, source: ContentSourceId): boolean => ordered.includes(source);

/** The same object if it is so already. */
export function withOrdered(precautions: Precautions, source: ContentSourceId, held: boolean): Precautions {
  if (isOrdered(precautions, source) === held) return precautions;
  const others = (precautions.ordered ?? []).filter((other) => other !== source);
  return { ...precautions, ordered: held ? [...others, source] : others };
}

const isRecent = ({ alone, sinceTaken }: Hold, uptime: Uptime): boolean =>
  alone && measure(sinceTaken, uptime).ms < HOLD_ALONE_EVERY_MS;

/** Holds whose time is over. */
export const overdue = (precautions: Precautions, uptime: Uptime, latest: Instant): readonly Hold[] =>
  heldNow(precautions).filter((hold) => remainingMs(hold, uptime, latest) <= 0);

const remainingMs = ({ until, lastsMs, sinceTaken }: Hold, uptime: Uptime, latest: Instant): number =>
  Math.min(lastsMs - measure(sinceTaken, uptime).ms, until - latest);

/** When to look again; undefined while no hold is in force and none has to be counted any more. */
export function nextLookMs(precautions: Precautions, uptime: Uptime, latest: Instant): number | undefined {
  const times = precautions.holds.flatMap((hold) => {
    if (hold.state === "held") return [remainingMs(hold, uptime, latest)];
    return isRecent(hold, uptime) ? [Infinity] : [];
  });
  return times.length === 0 ? undefined : Math.max(0, Math.min(...times));
}

/** Up-time so far, written into every hold that it matters for. */
export const measured = (precautions: Precautions, uptime: Uptime): Precautions => ({
  ...precautions,
  holds: precautions.holds.map((hold) =>
    hold.state === "held" || isRecent(hold, uptime) ? { ...hold, sinceTaken: measure(hold.sinceTaken, uptime) } : hold,
  ),
});

export function withReleased(precautions: Precautions, holdId: HoldId, uptime: Uptime): Precautions {
  const holds = precautions.holds.map((hold): Hold => {
    return hold.holdId === holdId && hold.state === "held" ? { ...hold, state: "released", told: false } : hold;
  });
  const forgettable = holds.filter((hold) => hold.state === "released" && hold.told && !isRecent(hold, uptime));
  const forgotten = new Set(forgettable.slice(0, Math.max(0, forgettable.length - RELEASED_MAX)));
  return { ...precautions, holds: holds.filter((hold) => !forgotten.has(hold)) };
}

/** As if it had never come: it could not be carried out. */
export const without = (precautions: Precautions, holdId: HoldId): Precautions => ({
  ...precautions,
  holds: precautions.holds.filter((hold) => hold.holdId !== holdId),
});

const hours = (ms: number): string => `${Math.round(ms / 360_000) / 10} hours`;
