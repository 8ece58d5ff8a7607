/** The playbook and the strategy that the operator of a drill chooses. Given in lab time; the product gets wall time. */
import type { z } from "zod";
import type * as api from "../../protocol/api.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { splitPath, WindowsPath } from "../../protocol/windows-path.ts";
import { SENSOR_SERVICE } from "./disk.ts";
import { DEADLY_WITHIN_MS } from "./fleet.ts";
import type { LabClock } from "./lab-clock.ts";

type Request = z.input<typeof api.PlanRequest>;
type ContentVersion = z.infer<typeof api.ContentVersionView>;

const SECOND = 1_000;
/** A machine that loaded the faulty content dies within 120 s. One that has lived for longer has proven something. */
const SETTLE_MS = DEADLY_WITHIN_MS + 10 * SECOND;
/** A boot loop takes some three minutes; a device may need two of them. */
const DEADLINE_MS = 1_000 * SECOND;
/** From taking the order to the proof some four minutes; a device that has not come so far by then, does not. */
const ORDER_MS = 600 * SECOND;

/** @param demandsProof false: the plan believes a device that says that its services run */
export function operatorsPlaybook(
  { source, sha256, path }: ContentVersion,
  { toWallMs }: LabClock,
  demandsProof: boolean,
): Request["playbook"] {
  const { folder } = splitPath(WindowsPath.parse(path));
  return {
    name: "quarantine-faulty-content",
    title: "Move the faulty content file away and restart",
    source,
    steps: [
      { kind: "quarantine-file", files: `${folder}\\*.sys`, where: { sha256: [sha256] }, filesMax: 2 },
      { kind: "reboot", noticeMs: 0 },
      {
        kind: "await-healthy",
        services: [SENSOR_SERVICE],
        settleMs: demandsProof ? toWallMs(SETTLE_MS) : 0,
        withinMs: toWallMs(3 * SETTLE_MS),
      },
    ],
  };
}

export function operatorsStrategy(
  canary: readonly DeviceId[],
  second: readonly DeviceId[],
  { toWallMs }: LabClock,
): Request["strategy"] {
  const gate = { failureShareMax: 0.2, successShareMin: 0.8, deadlineMs: toWallMs(DEADLINE_MS) };
  const canaryGate = { ...gate, failureShareMax: 0, successShareMin: 1, sampleMin: { count: 2 } };
  return {
    waves: [
      {
        name: "canary",
        take: { selector: { devices: [...canary] } },
        gate: { ...canaryGate, bakeMs: toWallMs(40 * SECOND) },
      },
      {
        name: "first quarter",
        take: { selector: { devices: [...second] } },
        gate: { ...gate, sampleMin: { share: 0.5 }, bakeMs: toWallMs(20 * SECOND) },
      },
      { name: "everyone else", take: { rest: true }, gate: { ...gate, sampleMin: { share: 0.5 }, bakeMs: 0 } },
    ],
    budgets: {
      inFlightMax: 100,
      downMaxPerSite: { share: 0.75 },
      roles: [{ role: "domain-controller", downMax: { share: 0.5 } }],
    },
    patience: {
      offerMs: toWallMs(300 * SECOND),
      silentMs: toWallMs(600 * SECOND),
      orderMs: toWallMs(ORDER_MS),
    },
    validityMs: 3_600_000,
  };
}
