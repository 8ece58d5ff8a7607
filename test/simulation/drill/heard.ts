/** A detector that finds nothing and holds what it is told against what every teller has promised. */
import type { Detector } from "../../../controller/detection/types.ts";
import { counting } from "../../bench/detection/counting-detector.ts";

/** From the last sign of life until a gateway lets go: one ping is unanswered for a whole round of 20 s. */
const DROPPED_MS = { least: 20_000, most: 40_000 };

export class Heard {
  readonly detector: Detector;
  readonly broken: string[] = [];
  readonly counts: Record<string, number> = {};
  /** Of all that was told, in order. */
  fingerprint = 0;
  #online = new Set<number>();
  #last = 0;
  #deafUntil = 0;

  constructor() {
    this.detector = {
      ...counting({ count: 0 }),
      online: (at, device, gateway) => {
        this.#tell("online", at, device, gateway);
        if (this.#online.has(device)) this.broken.push(`${device} came twice`);
        this.#online.add(device);
      },
      gone: (at, device, how, lastHeardAt) => {
        this.#tell(how, at, device, lastHeardAt);
        if (!this.#online.delete(device)) this.broken.push(`${device} left and was not there`);
        const gap = at - lastHeardAt;
        const isLate = gap > DROPPED_MS.most && at > this.#deafUntil + 2 * DROPPED_MS.most;
        if (gap < 0 || isLate || (how !== "dropped" && gap > 0))
          this.broken.push(`${how} ${gap} ms after it was heard`);
      },
      exposed: (at, device, version, writtenAt) => {
        this.#tell("exposed", at, device, version);
        if ((writtenAt ?? at) > at) this.broken.push(`${device} tells of what is not written yet`);
      },
      cleared: (at, device, version) => this.#tell("cleared", at, device, version),
      crashed: (at, device, { signal, crashedAt, content }) => {
        this.#tell(signal, at, device, crashedAt);
        if (crashedAt > at) this.broken.push(`${device} tells of a crash to come`);
        if (!this.#online.has(device)) this.broken.push(`${device} tells of a crash and is not there`);
        const late = content.some(({ writtenAt }) => (writtenAt ?? 0) > crashedAt + 30_000);
        if (late) this.broken.push(`${device} had content before it was written`);
      },
      deaf: (at, from) => {
        this.#tell("deaf", at, 0, from);
        this.#deafUntil = at;
      },
    };
  }

  #tell(what: string, at: number, device: number, more: number): void {
    if (at < this.#last) this.broken.push(`${what} goes back in time`);
    this.#last = at;
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    for (const number of [what.length, at, device, more]) {
      this.fingerprint = (Math.imul(this.fingerprint, 31) + number) | 0;
    }
  }
}
