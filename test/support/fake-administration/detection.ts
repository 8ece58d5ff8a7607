/** Stands for the detection desk. Says what a test put there; keeps the rules of response as the real one does. */
import type { z } from "zod";
import type { ResponseRulesView } from "../../../protocol/api-incidents.ts";
import type { DetectionDesk } from "../../../controller/ports/incident-desks.ts";
import type { FakeRecord } from "./record.ts";

export function detectionPart(record: FakeRecord): DetectionDesk {
  let set: Omit<z.infer<typeof ResponseRulesView>, "asOf"> = { rules: [], changedAt: null, changedBy: null };
  return {
    async detection() {
      record.mayFail("detection");
      return { ...record.detected, devices: record.byDevice.size, asOf: record.now() };
    },

    async responseRules() {
      return { ...set, asOf: record.now() };
    },

    async putResponseRules({ rules }, by) {
      set = { rules, changedAt: record.now(), changedBy: by };
      return { ...set, asOf: record.now() };
    },
  };
}
