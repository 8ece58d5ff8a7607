/**
 * A report as the controller at hand understands it: what its schema minor does not know is left out.
 *
 * For one minor it is always the same bytes. A report that one controller has stored is never sent to another in other
 * bytes: its welcome says that it has it.
 */

import { sha256Hex } from "../../protocol/canonical.ts";
import type { ContentVersion } from "../../protocol/content.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { isKnownBeforeMinor2 } from "../../protocol/progress.ts";
import { isRegistryPlace } from "../../protocol/registry-version.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";

/** @param text a report frame as it stands in the outbox, written in the newest minor */
export function forMinor(text: string, minor: number): string {
  if (minor >= 5 || !MAY_HAVE_NEWS.test(text)) return text;
  const frame = JSON.parse(text) as { readonly body: ReportBody }; // our own writing
  const body = bodyFor(frame.body, minor);
  return body === frame.body ? text : JSON.stringify({ ...frame, body });
}

/** Most reports have nothing that an older controller does not know: they are not even read. */
const MAY_HAVE_NEWS = /"(?:evidence|machine|receipt|order-refused)"|"HKLM\\\\/;

function withoutZone(body: Extract<ReportBody, { kind: "boot-began" }>): ReportBody {
  if (body.boot.machine?.utcOffsetMinutes === undefined) return body;
  const { utcOffsetMinutes: _sinceMinor5, ...machine } = body.boot.machine;
  return { ...body, boot: { ...body.boot, machine } };
}

function bodyFor(body: ReportBody, minor: number): ReportBody {
  switch (body.kind) {
    case "boot-began": {
      // In the order in which it was written: another order would be other bytes.
      if (minor >= 4) return withoutZone(body);
      const boot = { ...body.boot, content: body.boot.content.map(asFile) };
      delete boot.machine;
      if (minor < 1) delete boot.evidence;
      return { ...body, boot };
    }
    case "content-changed":
      if (minor >= 4) return body;
      return { ...body, entry: { ...body.entry, version: asFile(body.entry.version) } };
    case "step-progress": {
      if (minor >= 2 || body.progress.receipt === undefined) return body;
      const { receipt: _sinceMinor2, ...progress } = body.progress;
      return { ...body, progress };
    }
    case "order-refused":
      return minor >= 2 || isKnownBeforeMinor2(body.rule) ? body : { ...body, rule: "schema" };
    case "boot-healthy":
    case "order-accepted":
    case "order-ended":
    case "leaving":
    case "trust-changed":
    case "trust-refused":
    case "emergency":
    case "hold-changed":
      return body; // the last four answer only what a controller of minor 2 has sent
    default:
      return assertNever(body);
  }
}

/**
 * To a controller that knows files alone, a version in the registry is one of a file that stands nowhere: what it tells
 * versions apart by, and what people read, stays the same. No step finds anything there.
 */
function asFile(version: ContentVersion): ContentVersion {
  if (!isRegistryPlace(version.path)) return version;
  const place = sha256Hex(new TextEncoder().encode(version.path)).slice(0, 16);
  return { ...version, path: WindowsPath.parse(`C:\\registry\\${place}`) };
}
