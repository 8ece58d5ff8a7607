/**
 * What the change feed brings of a fleet on a bad day: machines that connect, boot, are well, take orders, report steps,
 * get new content, and go, with or without a word. Bodies are parsed from text, as a store hands them over.
 */
import type { Change } from "../../../controller/store/feed.ts";
import type { StreamId } from "../../../protocol/ids.ts";
import type { Instant } from "../../../protocol/time.ts";
import { Dice } from "../../simulation/dice.ts";
import { deviceId, orderId } from "../population/places.ts";
import { bootOf, healthyOf, versionOf } from "../population/states.ts";

type Body = Change["body"];

export class FleetDay {
  readonly #size: number;
  readonly #stream: StreamId;
  readonly #dice = new Dice("a day");
  #sequence = 0;

  constructor(size: number, stream: StreamId) {
    this.#size = size;
    this.#stream = stream;
  }

  changes(count: number, at: Instant): readonly Change[] {
    return Array.from({ length: count }, () => {
      const n = this.#dice.below(this.#size);
      const body = JSON.parse(JSON.stringify(this.#bodyOf(n, at))) as Body;
      return { stream: this.#stream, sequence: (this.#sequence += 1), at, deviceId: deviceId(n), body };
    });
  }

  #bodyOf(n: number, at: Instant): Body {
    const roll = this.#dice.below(100);
    const boot = this.#dice.below(1_000);
    if (roll < 25) return { kind: "connected" };
    if (roll < 40) return { kind: "boot-began", boot: bootOf(n, boot, this.#dice.chance(0.3) ? "bugcheck" : "clean") };
    if (roll < 55) return { kind: "boot-healthy", healthy: healthyOf(n, boot) };
    if (roll < 63) {
      const version = versionOf(n, 0, this.#dice.below(3));
      return { kind: "content-changed", entry: { change: "appeared", noticedAt: at, version } };
    }
    const order = orderId(n);
    if (roll < 68) return { kind: "order-accepted", orderId: order };
    if (roll < 75) return { kind: "step-progress", progress: { orderId: order, step: 1, event: "done" } };
    if (roll < 85) return { kind: "leaving", reason: this.#dice.pick(["restart", "shutdown", "sleep"]) };
    return { kind: "dropped" };
  }
}
