/**
 * The boots that a System log tells of.
 *
 * Pure. Two facts of Windows shape it. How a boot ended badly is written by the boot after it. And the kernel's own last
 * and first records (109, 13, 12) wait in memory until the event log's service runs, so they come after the records of
 * the service (6009, 6005) that were written later. So a boot is open from its first sign, and each sign can come once.
 */
import type { LoggedBoot } from "../../protocol/boot.ts";
import { type BootMark, markOf } from "./boot-marks.ts";
import { endOf } from "./boot-end.ts";
import { type BootNotes, isResume, notes, type StartSign } from "./boot-notes.ts";
import type { EventRecord } from "./event-record.ts";

/** A boot leaves some ten marks: the last 1,000 boots. A hostile log cannot make this grow. */
const MARKS_MAX = 10_000;
/** Kernel-Boot 27 follows Kernel-General 12 within milliseconds; one that comes later is of a resume. */
const SAME_START_MS = 60_000;
/** By so much the clock may be set right while a boot is under way; a machine takes longer to crash and start again. */
const CLOCK_STEP_MS = 10_000;

export class BootFold {
  #marks: { readonly order: number; readonly mark: BootMark }[] = [];
  #order = 0;
  #dropped = 0;

  /** Records come in any order: a log is a ring, and its chunks lie in the file as they were overwritten. */
  add(record: EventRecord): void {
    this.#order = record.recordId ?? this.#order;
    const mark = markOf(record);
    if (mark === undefined) return;
    this.#marks.push({ order: this.#order, mark });
    if (this.#marks.length >= 2 * MARKS_MAX) this.#shorten();
  }

  end(): { readonly boots: readonly LoggedBoot[]; readonly dropped: number } {
    this.#shorten();
    return { boots: bootsOf(this.#marks.map(({ mark }) => mark)), dropped: this.#dropped };
  }

  #shorten(): void {
    this.#marks.sort((a, b) => a.order - b.order);
    const surplus = Math.max(0, this.#marks.length - MARKS_MAX);
    this.#dropped += surplus;
    this.#marks.splice(0, surplus);
  }
}

/** @param marks in the order in which they were written */
function bootsOf(marks: readonly BootMark[]): readonly LoggedBoot[] {
  const boots: BootNotes[] = [notes(undefined, null)];
  for (const mark of marks) note(boots, mark);
  return boots.flatMap((boot, i) => {
    const logged = logBoot(boot, boots[i + 1]);
    // A boot without a beginning is worth a line only for how it ended.
    const isKnown = boot.signs !== undefined || logged.ended.kind !== "unknown" || logged.endedAt !== null;
    return isKnown ? [logged] : [];
  });
}

function logBoot(boot: BootNotes, next: BootNotes | undefined): LoggedBoot {
  const { ended, endedAt } = endOf(boot, next);
  // Older versions write no Kernel-Boot 27, but a kernel that starts from nothing says so in all.
  const kind = boot.type === "unknown" && boot.kernelStart !== undefined ? "cold" : boot.type;
  return { startedAt: boot.kernelStart?.startedAt ?? boot.firstAt, endedAt, kind, ended };
}

function note(boots: BootNotes[], mark: BootMark): void {
  const open = last(boots);
  switch (mark.kind) {
    case "kernel-started":
      begin(boots, "kernel", mark).kernelStart = mark;
      return;
    case "log-started": {
      const boot = begin(boots, mark.sign, mark);
      boot.lastAlive ??= mark.lastAlive;
      boot.foundUnexpected ||= mark.sign === "unexpected-end";
      return;
    }
    case "boot-type":
      beginOfType(boots, mark).type = mark.type;
      return;
    case "last-shutdown":
      open.lastShutdownGood = mark.good;
      return;
    case "dirty-start":
      open.dirty = mark;
      return;
    case "bugcheck-reported":
      open.reported = mark;
      return;
    case "end-asked-for":
      open.asked = mark;
      return;
    case "end-called-off":
      open.asked = undefined;
      return;
    case "power-action":
      ending(boots).action = mark;
      return;
    case "kernel-stopped":
      ending(boots).kernelStop = mark;
      return;
    case "log-stopped":
      open.logStop = mark;
      return;
    case "going-to-sleep":
      open.sleep = mark;
      return;
  }
}

/** The boot that this sign belongs to: the open one, unless it has had such a sign or has already stopped. */
function begin(boots: BootNotes[], sign: StartSign, mark: BootMark): BootNotes {
  const open = last(boots);
  const isTaken =
    open.signs === undefined ||
    open.signs.has(sign) ||
    open.logStop !== undefined ||
    isOfLaterKernel(open, mark) ||
    (sign === "unexpected-end" && isOfLaterLog(open, mark));
  // After a resume the kernel and the services go on, so what they write as they start is of the boot after it.
  if (!isTaken && !(isResume(open.type) && !isSameStart(open, mark))) {
    open.signs.add(sign);
    if (isOfLog(sign)) open.logStartAt ??= mark.at;
    return open;
  }
  const boot = notes(new Set([sign]), mark.at);
  if (isOfLog(sign)) boot.logStartAt = mark.at;
  boots.push(boot);
  return boot;
}

const isOfLog = (sign: StartSign): boolean => sign !== "kernel" && sign !== "type";

/** The event log's service writes 6008 as it starts, next to 6009 and 6005; alone it begins the boot that follows a crash. */
function isOfLaterLog({ logStartAt }: BootNotes, { at }: BootMark): boolean {
  if (logStartAt === undefined) return false;
  return logStartAt === null || at === null || Math.abs(at - logStartAt) > CLOCK_STEP_MS;
}

/** No kernel starts after its own event log did: the log begins within a boot, and this is the one after it. */
function isOfLaterKernel({ firstAt }: BootNotes, mark: BootMark): boolean {
  if (mark.kind !== "kernel-started" || firstAt === null || mark.startedAt === null) return false;
  return mark.startedAt > firstAt + CLOCK_STEP_MS;
}

/** A resume has no other sign than this one. That of a cold boot comes with the kernel's. */
function beginOfType(boots: BootNotes[], mark: Extract<BootMark, { kind: "boot-type" }>): BootNotes {
  if (!isResume(mark.type) || isSameStart(last(boots), mark)) return begin(boots, "type", mark);
  const boot = notes(new Set<StartSign>(["type"]), mark.at);
  boots.push(boot);
  return boot;
}

function isSameStart(open: BootNotes, mark: BootMark): boolean {
  const startedAt = open.kernelStart?.at ?? open.firstAt;
  return startedAt !== null && mark.at !== null && Math.abs(mark.at - startedAt) <= SAME_START_MS;
}

/** Whose kernel stopped: until the new kernel's first record has come, that of the boot before. */
function ending(boots: readonly BootNotes[]): BootNotes {
  const open = last(boots);
  const awaitsKernel = open.signs !== undefined && !open.signs.has("kernel") && !isResume(open.type);
  return awaitsKernel ? (boots.at(-2) ?? open) : open;
}

function last(boots: readonly BootNotes[]): BootNotes {
  const boot = boots.at(-1);
  if (boot === undefined) throw new Error("there is always an open boot");
  return boot;
}
