/** What a person does about a refusal, by the rule that refused. A table, so that no rule is without an answer. Pure. */
import type { ReportBody } from "./frames.ts";
import type { RefusalRule, TrustRefusalRule } from "./progress.ts";

const ORDER: Readonly<Record<RefusalRule, string>> = {
  "statement-signature":
    "Nobody whom the device believes has approved this plan. Check how far the device has the trust document (its page shows the version), then have the plan approved again.",
  "order-signature":
    "The order is not signed by a key that the trust document names as online. If the controller was restored or replaced, publish a document that names its key; if not, find out who sent the order.",
  schema:
    "Device and controller do not understand each other. Bring the older of the two up to date, then resume the rollout.",
  "wrong-plan":
    "The order points to another plan than it came with. The controller does not send such orders: find out who changed its database.",
  "wrong-device":
    "The order was made for another device. The controller does not send such orders: find out who changed its database.",
  "not-in-wave":
    "The approvers did not approve this device in this wave. Make a plan that names it, and have that approved.",
  "not-yet-valid": "The plan is not valid yet. Check the controller's clock, then resume the rollout.",
  expired:
    "The plan's time is over, or the device's clock is ahead. Correct the clock, or make the plan again and have it approved.",
  "not-before":
    "The wave may not begin yet. Check the controller's clock; the device takes the order when its time has come.",
  "older-generation":
    "A newer plan for this source was taken by the device. Make this plan again, so that it is the newest.",
  "trust-version":
    "The device has not got the newest trust document yet. It gets it when it connects; resume the rollout then.",
  replayed:
    "The device has carried out this very order before. Nothing is to be done unless somebody sends old orders again.",
  "step-not-allowed":
    "Policy or the device's own settings do not allow this step. Change the plan, or have policy holders sign another policy.",
  "path-not-allowed":
    "The plan touches a folder that policy or the device's own settings do not allow. Change the plan, the policy or the settings.",
  "attempts-exhausted":
    "The device has begun this plan so often that it takes it no more. Look at what fails there, then make a new plan.",
  withdrawn: "It was taken back before it began. Nothing is to be done.",
  "journal-unreadable":
    "The device's own journal is damaged, so it carries out nothing. Look at the device; its journal must be kept for that.",
  "under-signed": "Fewer people have approved than the device asks for. Have more approvers sign the plan.",
  "approval-type":
    "What brings contents back needs an approval of its own kind. Make the plan again, and have it approved as a restoring one.",
  stale:
    "The device got no word that the order is of this moment. It asks again by itself; if this lasts, look for whoever delays or records its connection.",
  "gate-not-passed":
    "The order came before the gate of the wave before it had passed. The controller does not send such orders: find out who changed its database.",
  "generation-reused":
    "Another plan with the same number was taken by the device. Make this plan again; if it happens again, the database was put back.",
  "trust-expired":
    "The trust document has expired, so nothing is changed on this device. Have its roots sign the next version, and publish it.",
  "policy-missing": "The device has no policy that counts. Have policy holders sign one, and publish it.",
  "policy-version":
    "The device has not got the newest policy yet. It gets it when it connects; resume the rollout then.",
  "source-not-allowed": "The policy allows nothing for this source. Have policy holders sign one that names it.",
  "too-many-files": "The plan may touch more files than the policy allows. Lower its limit of files, or split it.",
  "too-soon": "Another order has just disturbed the device. It takes the order when the gap that policy wants is over.",
  "validity-too-long": "The plan is valid for longer than the policy allows. Make it again with a shorter validity.",
  "key-file-needed": "So large a plan needs one approval by a key file. Have an approver sign it: ringback approve.",
  "emergency-stop":
    "An emergency stop is in force. See GET /emergency-stop (ringback emergency show): approvers let everything go on. One that the controller does not know (its database was lost) is made known by its name: ringback stop-everything --stop.",
};

const TRUST: Readonly<Record<TrustRefusalRule, string>> = {
  signature:
    "Nobody whom the device believes has signed it. Check who signed, and whether the device has the newest trust document.",
  "under-signed": "Fewer people have signed than must. Have more of them sign, then hand it in again.",
  schema: "The device does not understand it. Bring the device's agent up to date, or find out who sent it.",
  "not-the-next-version":
    "The device has another version than the one before this. It gets those between when it connects again.",
  "older-version":
    "The device has a newer one. If the database was put back, publish a version newer than the device's.",
  expired: "Its time is over. Make it again and have it signed; check the device's clock if it should still be good.",
  "not-pinned": "The device was installed with another trust document. Enrol it again with this controller's document.",
  "trust-version": "The device has not got the trust document that this needs. It gets it when it connects.",
  "unknown-stop":
    "It ends another emergency stop than the one that the device heeds. Have approvers sign the word for that stop.",
  "source-not-allowed":
    "The policy lets no single person hold this source. Have as many approvers sign as a plan needs, or change the policy.",
  "held-too-often":
    "One person has held this source in the last 24 hours that the device ran. Have as many approvers sign as a plan needs.",
  "too-long":
    "It asks for longer than so few people, or the policy, may hold a source. Ask for fewer hours, or have more approvers sign.",
  "not-possible-here":
    "This device cannot hold the source: it does not have it, or its vendor offers no way. Hold it with the vendor.",
};

type Refusal = Extract<ReportBody, { kind: "order-refused" | "trust-refused" }>;

export const adviceFor = (refusal: Refusal): string =>
  refusal.kind === "order-refused" ? ORDER[refusal.rule] : TRUST[refusal.rule];
