/** Valid requests for tests; each builder defaults everything that a test is not about. */
import { DeviceRegistration, PlanRequest } from "../../protocol/api.ts";
import { IncidentRequest } from "../../protocol/api-incidents.ts";
import { digestOf } from "../../protocol/canonical.ts";
import { newId } from "../../protocol/ids.ts";
import { at } from "../../protocol/time.ts";
import type { z } from "zod";
import { aKey } from "./keys.ts";

const NOON = at("2026-11-20T12:00:00Z");

/** @param number makes another device with another key */
export function aRegistration(number: number, changes: Partial<DeviceRegistration> = {}): DeviceRegistration {
  return DeviceRegistration.parse({
    id: newId("dev", NOON, new Uint8Array(10).fill(number)),
    publicKey: aKey(`device ${number}`).publicKey,
    name: `PC-${number}`,
    site: "St Mary's",
    role: "workstation",
    ...changes,
  });
}

export const FAULTY = digestOf("a faulty file");

export const anIncidentRequest = (): z.input<typeof IncidentRequest> => ({
  title: "Channel file 291 crashes machines",
  content: { source: IncidentRequest.shape.content.shape.source.parse("vendor.channel-291"), sha256: FAULTY },
  evidence: "three machines at two sites, all within a minute of the update",
});

export const aWave = (name: string, take: unknown = { rest: true }) => ({
  name,
  take,
  gate: { successShareMin: 0.9, failureShareMax: 0.1, sampleMin: { count: 1 }, bakeMs: 1_000, deadlineMs: 60_000 },
});

/** As JSON, so that a test can break it. */
export const aPlanRequest = () => ({
  title: "Quarantine channel file 291",
  playbook: {
    name: "quarantine-channel-291",
    title: "Quarantine channel file 291",
    source: "vendor.channel-291",
    steps: [
      {
        kind: "quarantine-file",
        files: "C:\\Windows\\System32\\drivers\\Vendor\\C-00000291*.sys",
        where: { sha256: [String(FAULTY)] },
        filesMax: 1,
      },
    ],
  },
  strategy: {
    waves: [aWave("canary", { count: 1 }), aWave("broad", { percent: 50 }), aWave("rest")],
    budgets: { inFlightMax: 10 },
    patience: { offerMs: 60_000, silentMs: 60_000, orderMs: 600_000 },
    validityMs: 86_400_000,
  },
  devices: { all: true },
});

export const aParsedPlanRequest = (): z.output<typeof PlanRequest> => PlanRequest.parse(aPlanRequest());
