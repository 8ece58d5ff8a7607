/**
 * A report as the controller at hand understands it: what its schema minor does not know is left out.
 *
 * For one minor it is always the same bytes. A report that one controller has stored is never sent to another in other
 * bytes: its welcome says that it has it.
 */

import { assertNever } from "../../protocol/exhaustive.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { isKnownBeforeMinor2 } from "../../protocol/progress.ts";

/** @param text a report frame as it stands in the outbox, written in the newest minor */
export function forMinor(text: string, minor: number): string {
  if (minor >= 2 || !MAY_HAVE_NEWS.test(text)) return text;
  const frame = JSON.parse(text) as { readonly body: ReportBody }; // our own writing
  const body = bodyFor(frame.body, minor);
  return body === frame.body ? text : JSON.stringify({ ...frame, body });
}

/** Most reports have nothing that an older controller does not know: they are not even read. */
const MAY_HAVE_NEWS = /"(?:evidence|receipt|order-refused)"/;

function bodyFor(body: ReportBody, minor: number): ReportBody {
  switch (body.kind) {
    case "boot-began": {
      if (minor >= 1 || body.boot.evidence === undefined) return body;
      const { evidence: _sinceMinor1, ...boot } = body.boot;
      return { ...body, boot };
    }
    case "step-progress": {
      if (body.progress.receipt === undefined) return body;
      const { receipt: _sinceMinor2, ...progress } = body.progress;
      return { ...body, progress };
    }
    case "order-refused":
      return isKnownBeforeMinor2(body.rule) ? body : { ...body, rule: "schema" };
    case "boot-healthy":
    case "content-changed":
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
