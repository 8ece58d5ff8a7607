/**
 * A night of a rollout, change by change, as an orchestrator would tell them to the engine.
 *
 * Machines come, take what they were offered, restart, come back and report; some fail, some are not heard again.
 * Between them machines that have nothing to do with it connect, are heard and go. What the engine commanded becomes
 * rows and events, which are changes too. Chooses nothing for the engine, and with the same engine is always the same.
 */
import type { PlacedDevice, RolloutChange, RolloutCommand } from "../../../controller/rollout/types.ts";
import type { OrderId } from "../../../protocol/ids.ts";
import type { DeviceStatus } from "../../../protocol/rollout.ts";
import type { Instant } from "../../../protocol/time.ts";
import { Dice } from "../../simulation/dice.ts";
import { orderId } from "../population/places.ts";

/** What a machine with an order says, one thing at a time; `#say` turns each word into a change. */
const COURSE = ["take", "heard", "heard", "drop", "down", "return", "heard", "up", "end"] as const;
type Word = (typeof COURSE)[number];

interface Order {
  readonly device: PlacedDevice;
  readonly generation: number;
  readonly order: OrderId;
  said: number;
}

export class RolloutNight {
  readonly #fleet: readonly PlacedDevice[];
  readonly #placeOf: ReadonlyMap<string, PlacedDevice>;
  readonly #dice = new Dice("a night");
  readonly #connected: Uint8Array;
  /** Orders under way; the next to say something is drawn. */
  readonly #orders: Order[] = [];
  #offers = 0;

  constructor(fleet: readonly PlacedDevice[]) {
    this.#fleet = fleet;
    this.#placeOf = new Map(fleet.map((device) => [device.id, device]));
    this.#connected = new Uint8Array(fleet.length);
  }

  /** Who is there when the controller comes up: four in five machines; one in twenty is down. */
  *begin(now: Instant): Generator<RolloutChange> {
    for (const [n, device] of this.#fleet.entries()) {
      if (this.#dice.chance(0.05)) yield { kind: "availability", device, up: false };
      if (!this.#dice.chance(0.8)) continue;
      this.#connected[n] = 1;
      yield { kind: "presence", device: device.id, connected: true, at: now };
    }
  }

  /** What became of a device of a wave that is over. */
  ended({ id }: PlacedDevice, at: Instant): RolloutChange {
    const order = orderId((this.#offers += 1));
    return { kind: "device", device: id, status: this.#outcome(), generation: 1, order, at };
  }

  /** `count` changes: first what follows from the commands, then what machines do. More if more follows. */
  next(count: number, commands: readonly RolloutCommand[], now: Instant): readonly RolloutChange[] {
    const changes = commands.flatMap((command) => this.#carriedOut(command, now));
    while (changes.length < count) changes.push(this.#somethingHappens(now));
    return changes;
  }

  #somethingHappens(now: Instant): RolloutChange {
    if (this.#orders.length > 0 && this.#dice.chance(0.8)) {
      const place = this.#dice.below(this.#orders.length);
      const order = this.#orders[place] as Order; // below(length) is smaller than length
      const word = COURSE[order.said++] as Word; // those that said everything are taken out here
      if (order.said === COURSE.length) {
        this.#orders[place] = this.#orders.at(-1) as Order;
        this.#orders.pop();
      }
      return this.#say(order, word, now);
    }
    const n = this.#dice.below(this.#fleet.length);
    const device = this.#fleet[n] as PlacedDevice; // as above
    const roll = this.#dice.below(10);
    if (roll === 0) return { kind: "availability", device, up: this.#dice.chance(0.9) };
    if (roll < 8 && this.#connected[n] === 1) return { kind: "heard", device: device.id, at: now };
    this.#connected[n] = this.#connected[n] === 1 ? 0 : 1;
    return { kind: "presence", device: device.id, connected: this.#connected[n] === 1, at: now };
  }

  #say({ device, generation, order }: Order, word: Word, at: Instant): RolloutChange {
    const { id } = device;
    const row = (status: DeviceStatus): RolloutChange => ({
      kind: "device",
      device: id,
      status,
      generation,
      order,
      at,
    });
    switch (word) {
      case "take":
        return row("running");
      case "heard":
        return { kind: "heard", device: id, at };
      case "drop":
      case "return":
        return { kind: "presence", device: id, connected: word === "return", at };
      case "down":
      case "up":
        return { kind: "availability", device, up: word === "up" };
      case "end":
        return row(this.#outcome());
    }
  }

  #outcome(): DeviceStatus {
    const roll = this.#dice.below(100);
    if (roll < 94) return "succeeded";
    return roll < 97 ? "not-applicable" : "failed";
  }

  #carriedOut(command: RolloutCommand, at: Instant): readonly RolloutChange[] {
    switch (command.kind) {
      case "open-wave": {
        const { wave, deadline } = command;
        return [{ kind: "event", event: { kind: "wave-opened", at, wave, deadline } }];
      }
      case "settle-gate": {
        const { wave, decision, then } = command;
        if (then !== "proceed") throw new Error(`the rollout came to a ${then}: ${decision.because}`);
        return [{ kind: "event", event: { kind: "gate-decided", at, wave, decision } }];
      }
      case "offer": {
        const { device: id, generation } = command;
        const device = this.#placeOf.get(id);
        if (device === undefined) throw new Error(`the engine named ${id}`);
        const order = orderId((this.#offers += 1));
        this.#orders.push({ device, generation, order, said: 0 });
        return [{ kind: "device", device: id, status: "offered", generation, order, at }];
      }
      case "recall":
      case "withdraw":
      case "mark":
      case "complete":
        throw new Error(`nothing in this night should lead to a ${command.kind}`);
    }
  }
}
