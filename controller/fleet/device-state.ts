/**
 * What is known of a device, folded from what it said.
 *
 * Pure, and shared by ingest (in the transaction that stores the report) and by the fleet in memory. Folding the tail of
 * a device's reports once more, in order, changes nothing: a reader that starts from stored states and then reads
 * changes from a little earlier ends up where storage is.
 */
import type { ContentChange } from "../../protocol/content.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { Instant } from "../../protocol/time.ts";
import type { DeviceState, KnownState } from "../store/devices.ts";
import type { Presence } from "../store/feed.ts";

const NOTHING_KNOWN: Omit<DeviceState, "lastHeardAt"> = {
  boot: null,
  healthy: null,
  content: [],
  leaving: null,
  trust: null,
  minor: null,
};

/** @param at the controller's receive time */
export function foldState(state: DeviceState | null, body: ReportBody | Presence, at: Instant): DeviceState;
export function foldState(state: KnownState | null, body: ReportBody | Presence, at: Instant): KnownState;
export function foldState(state: KnownState | null, body: ReportBody | Presence, at: Instant): KnownState {
  const known = state ?? { ...NOTHING_KNOWN, lastHeardAt: at };
  const heardAt = body.kind === "dropped" ? (body.lastHeardAt ?? at) : at;
  const heard = heardAt > known.lastHeardAt ? { ...known, lastHeardAt: heardAt } : known;
  switch (body.kind) {
    case "boot-began": {
      const { evidence: _staysInTheReport, ...boot } = body.boot; // tens of KiB that nothing here decides on
      const healthy = known.healthy?.bootId === boot.bootId ? known.healthy : null;
      return { ...heard, boot, healthy, content: boot.content, leaving: null };
    }
    case "boot-healthy":
      return { ...heard, healthy: body.healthy };
    case "content-changed":
      return { ...heard, content: applyChange(known.content, body.entry) };
    case "leaving":
      return { ...heard, leaving: body.reason };
    case "trust-changed": {
      const { trustVersion, policyVersion } = body;
      return { ...heard, trust: { trustVersion, policyVersion } };
    }
    case "connected": {
      const minor = body.minor ?? known.minor;
      return known.leaving === null && minor === known.minor ? heard : { ...heard, leaving: null, minor };
    }
    case "dropped":
    case "order-accepted":
    case "order-refused":
    case "step-progress":
    case "order-ended":
    case "trust-refused":
    case "emergency":
    case "hold-changed":
      return heard;
  }
}

/** What lies at a path is its newest version. That an older one disappeared says nothing of one that took its place. */
function applyChange(content: KnownState["content"], { change, version }: ContentChange): KnownState["content"] {
  const path = version.path.toLowerCase(); // Windows ignores case
  const isSame = (other: KnownState["content"][number]): boolean =>
    other.path.toLowerCase() === path && (change === "appeared" || other.sha256 === version.sha256);
  const others = content.filter((other) => !isSame(other));
  return change === "appeared" ? [...others, version] : others;
}
