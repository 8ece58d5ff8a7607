/** What Startup Repair leaves of its work on a machine that it could not help. */
import { aTrail, asUtf16, GERMAN } from "../support/a-trail.ts";

const CAUSE = "Die Starthilfe hat es mehrfach versucht, kann die Ursache des Problems jedoch nicht ermitteln.";

export const startupRepairTrail = (): Buffer => asUtf16(aTrail(GERMAN, { sessions: [{ causes: [CAUSE] }] }));
