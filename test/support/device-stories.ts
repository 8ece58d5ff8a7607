/** Machines with a history, told over the agents' protocol: what the device page is tested and pictured with. */
import type { BootEvidence, BootReport, CrashDump, LoggedBoot } from "../../protocol/boot.ts";
import { sha256Hex } from "../../protocol/canonical.ts";
import { ContentVersion } from "../../protocol/content.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";
import { PAYLOAD_TYPES, peek, seal } from "../../protocol/dsse.ts";
import { type Order, WaveOrder } from "../../protocol/plan.ts";
import type { Receipt, StepProgress } from "../../protocol/progress.ts";
import type { Instant } from "../../protocol/time.ts";
import { FAULTY, type Hospital, type Machine } from "./hospital.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CRASH = {
  code: "50",
  parameters: ["ffff9a0c00000020", "0", "fffff80515c335a1", "0"],
} as const satisfies CrashDump["bugcheck"];
const CRASHED: LoggedBoot["ended"] = { kind: "bugcheck", bugcheck: { ...CRASH, parameters: [...CRASH.parameters] } };
const PLANNED: LoggedBoot["ended"] = { kind: "planned-restart" };

const SOUND: ContentVersion = versionOf("291-36", FAULTY.path);
const DEFINITIONS = ["1.415.1", "1.415.9", "1.416.3"].map((label) =>
  versionOf(label, "C:\\ProgramData\\Acme\\Definitions\\definitions.vdm", "acme.definitions"),
);

function versionOf(label: string, path: string, source: string = FAULTY.source): ContentVersion {
  return ContentVersion.parse({ ...FAULTY, source, path, label, sha256: sha256Hex(new TextEncoder().encode(label)) });
}

const ago = (ms: number): Instant => (Date.now() - ms) as Instant;

const aDump = (crashedAt: Instant): CrashDump => ({
  file: "C:\\Windows\\Minidump\\112226-14875-01.dmp",
  bugcheck: { ...CRASH, parameters: [...CRASH.parameters] },
  crashedAt,
  uptimeMs: 41_000,
  build: 19_045,
  suspect: {
    driver: "csagent.sys",
    because: "the address at which it failed, 0xfffff80515c335a1, lies inside this driver",
  },
});

/** A boot told now that began some time ago. */
const began = (agoMs: number, over: Partial<BootReport> = {}): Partial<BootReport> => ({
  bootedAt: ago(agoMs),
  uptimeMs: 20_000,
  ...over,
});

/** Weeks of work: good boots, an update every few days, one night with a power cut. */
export async function aGoodHistory(hospital: Hospital, name: string): Promise<Machine> {
  const machine = await hospital.machine(name, "Elm Street Surgery", "clinical");
  await machine.connects();
  for (let day = 12; day >= 0; day--) {
    const definitions = DEFINITIONS[day > 8 ? 0 : day > 3 ? 1 : 2] as ContentVersion; // there are three
    const isAfterCut = day === 5;
    await machine.boots(
      began(day * 24 * HOUR + 3 * HOUR, {
        kind: day % 3 === 0 ? "cold" : "hybrid",
        content: [SOUND, definitions],
        previousEnd: isAfterCut ? { kind: "power-loss" } : day % 4 === 0 ? PLANNED : { kind: "clean" },
        evidence: {
          earlierBoots:
            day === 12
              ? []
              : [
                  {
                    startedAt: ago((day + 1) * 24 * HOUR + 3 * HOUR),
                    endedAt: ago(day * 24 * HOUR + 3 * HOUR + (day % 3 === 0 ? 14 : 2) * HOUR),
                    kind: "hybrid",
                    ended: isAfterCut ? { kind: "power-loss" } : day % 4 === 0 ? PLANNED : { kind: "clean" },
                  },
                ],
          crashDumps: [],
          startupRepair: null,
        },
      }),
    );
    await machine.isWell();
    const next = DEFINITIONS[2] as ContentVersion; // there are three
    if (day === 4)
      await machine.reports({
        kind: "content-changed",
        entry: { change: "appeared", noticedAt: ago(day * 24 * HOUR), version: next },
      });
  }
  return machine;
}

/**
 * Good for two days, then a faulty file and a loop: crashes that the agent saw, two boots in which it never ran, and
 * what Windows has kept of them.
 */
export async function aBootLoop(hospital: Hospital, name: string): Promise<Machine> {
  const machine = await hospital.machine(name, "Northgate Hospital", "workstation");
  await machine.connects();
  await machine.boots(began(50 * HOUR, { content: [SOUND] }));
  await machine.isWell();
  await machine.boots(began(26 * HOUR, { content: [SOUND], previousEnd: PLANNED }));
  await machine.isWell();
  await machine.reports({
    kind: "content-changed",
    entry: { change: "appeared", noticedAt: ago(62 * MINUTE), version: FAULTY },
  });
  await machine.boots(
    began(55 * MINUTE, {
      content: [FAULTY],
      previousEnd: CRASHED,
      tries: 1,
      evidence: evidenceOf([logged(26 * HOUR, 60 * MINUTE)], [aDump(ago(60 * MINUTE))]),
    }),
  );
  await machine.boots(
    began(18 * MINUTE, {
      content: [FAULTY],
      previousEnd: CRASHED,
      tries: 2,
      evidence: evidenceOf(
        [logged(55 * MINUTE, 53 * MINUTE), logged(44 * MINUTE, 43 * MINUTE), logged(33 * MINUTE, 32 * MINUTE)],
        [aDump(ago(53 * MINUTE)), aDump(ago(32 * MINUTE))],
      ),
    }),
  );
  await machine.boots(
    began(4 * MINUTE, {
      content: [FAULTY],
      previousEnd: CRASHED,
      tries: 3,
      evidence: {
        ...evidenceOf([logged(18 * MINUTE, 16 * MINUTE)], [aDump(ago(16 * MINUTE))]),
        startupRepair: {
          sessions: 2,
          repairAttempts: 7,
          rootCauses: [
            "A recently serviced boot binary is corrupt.",
            "A patch is preventing the system from starting.",
          ],
        },
      },
    }),
  );
  return machine;
}

const logged = (fromMs: number, toMs: number): LoggedBoot => ({
  startedAt: ago(fromMs),
  endedAt: ago(toMs),
  kind: "cold",
  ended: CRASHED,
});
const evidenceOf = (earlierBoots: LoggedBoot[], crashDumps: CrashDump[]): BootEvidence => ({
  earlierBoots,
  crashDumps,
  startupRepair: null,
});

/** Withdrawn from a loop by an order: what the device said on the way, and its receipt over all three steps. */
export async function aCure(machine: Machine, order: Order): Promise<void> {
  const { orderId } = order;
  const progress = (step: number, event: StepProgress["event"]): Promise<void> =>
    machine.reports({ kind: "step-progress", progress: { orderId, step, event } });
  await progress(0, "started");
  await progress(0, "done");
  await progress(1, "started");
  await machine.reports({ kind: "leaving", reason: "restart" });
  await machine.boots(began(MINUTE, { content: [], previousEnd: PLANNED }));
  await progress(1, "done");
  await progress(2, "started");
  await machine.isWell();
  await progress(2, "done");
  const receipt: Receipt = {
    schema: "ringback.receipt/1",
    orderId,
    planId: peek(order.order, WaveOrder).planId,
    deviceId: machine.identity.deviceId,
    outcome: "succeeded",
    steps: [
      {
        kind: "quarantine-file",
        outcome: "done",
        files: [
          {
            path: WindowsPath.parse(FAULTY.path),
            sha256: FAULTY.sha256,
            sizeBytes: FAULTY.sizeBytes,
            effect: "quarantined",
          },
        ],
      },
      { kind: "reboot", outcome: "done", files: [] },
      { kind: "await-healthy", outcome: "done", files: [] },
    ],
    bootId: machine.bootId,
    durationMs: 412_000,
    finishedAt: ago(0),
  };
  await machine.reports({
    kind: "order-ended",
    orderId,
    receipt: seal(PAYLOAD_TYPES.receipt, receipt, [machine.identity.key]),
  });
}
