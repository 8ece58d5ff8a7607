/**
 * Reports of a fleet in the order in which a gateway hands them to the store: boots, good boots, progress of orders, from
 * devices drawn all over the fleet, each with the next number of its epoch. Two drawers of different sides never draw
 * the same device, so that both may write into one database.
 */
import type { IngestReport } from "../../../controller/store/reports.ts";
import { Sha256 } from "../../../protocol/canonical.ts";
import type { ReportBody } from "../../../protocol/frames.ts";
import { type Instant, later } from "../../../protocol/time.ts";
import { Dice } from "../../simulation/dice.ts";
import { deviceId, epochId, orderId } from "../population/places.ts";
import { bootOf, DAY_BEGAN, healthyOf } from "../population/states.ts";

/** Reports of each device that are stored before anything is measured. */
export const REPORTS_BEFORE = 1;

export class ReportDrawer {
  readonly #devices: number;
  readonly #side: 0 | 1;
  readonly #dice: Dice;
  readonly #sequences = new Map<number, number>();
  #count = 0;

  constructor(devices: number, side: "ours" | "bare") {
    this.#devices = devices;
    this.#side = side === "ours" ? 0 : 1;
    this.#dice = new Dice(`reports of ${side}`);
  }

  batch(size: number): readonly IngestReport[] {
    return Array.from({ length: size }, () => this.#draw());
  }

  #draw(): IngestReport {
    const n = 2 * this.#dice.below(this.#devices >> 1) + this.#side;
    const sequence = (this.#sequences.get(n) ?? REPORTS_BEFORE) + 1;
    this.#sequences.set(n, sequence);
    this.#count += 1;
    return {
      deviceId: deviceId(n),
      epoch: epochId(n),
      sequence,
      digest: Sha256.parse((2 * this.#count + this.#side).toString(16).padStart(64, "0")), // the store only compares it
      receivedAt: later(DAY_BEGAN, this.#count),
      body: bodyOf(n, sequence, this.#dice.below(100), later(DAY_BEGAN, this.#count)),
    };
  }
}

function bodyOf(n: number, boot: number, roll: number, at: Instant): ReportBody {
  if (roll < 35) return { kind: "boot-began", boot: bootOf(n, boot, roll < 5 ? "bugcheck" : "clean") };
  if (roll < 70) return { kind: "boot-healthy", healthy: healthyOf(n, boot) };
  if (roll < 80) return { kind: "order-accepted", orderId: orderId(n) };
  return { kind: "step-progress", progress: { orderId: orderId(n), step: 1, event: "done", because: `at ${at}` } };
}
