/**
 * Drives the real rollout engine over the machines of a drill, as the orchestrator drives it over real ones: what
 * machines say becomes signs and rows, what the engine decides becomes rows and events, and it is asked again until it
 * has nothing more to say. Chooses nothing itself.
 *
 * Presence is told only of waves that are open, since the engine looks at no other: the moments of millions that wait
 * for their wave cost nothing. When a wave opens, its machines are told as they stand then, since when they stand so.
 */
import { assertNever } from "../../../protocol/exhaustive.ts";
import type { DeviceId, OrderId } from "../../../protocol/ids.ts";
import type { Actor, DeviceStatus, RolloutEvent } from "../../../protocol/rollout.ts";
import type { Instant } from "../../../protocol/time.ts";
import { begin, decide, evolve, type RolloutState } from "../../rollout/engine.ts";
import { statusAtSlot } from "../../rollout/slots.ts";
import type { RolloutChange, RolloutCommand, RolloutDefinition } from "../../rollout/types.ts";
import type { Desk, Machines } from "./machines.ts";
import { eventLine, rowLine } from "./trace.ts";

/** A drill has no mailboxes: that there is an order is all that the engine has to know of it. */
const AN_ORDER = "order_drill" as OrderId;
/** More decisions at one moment mean that a command does not take effect. */
const DECISIONS_MAX = 1_000_000;

interface Row {
  readonly slot: number;
  readonly status: DeviceStatus;
  readonly generation: number;
  readonly since: Instant;
}

export interface RunOptions {
  readonly instantOf: (second: number) => Instant;
  readonly trace?: ((line: string) => void) | undefined;
  /** Replaced only where a test must show that a gate is needed. */
  readonly decide?: typeof decide;
}

export class RolloutRun implements Desk {
  readonly state: RolloutState;
  readonly #machines: Machines;
  readonly #options: RunOptions;
  /** Since when machines are connected, or not. */
  readonly #presentAt: Float64Array;
  readonly #isOpen: boolean[];
  readonly #begins: Instant;
  /** What machines said at this moment; stored together, after all signs, as a page of the feed is. */
  #said: Row[] = [];
  readonly #down: Uint8Array;
  #wakeAt: number | null = null;
  /** The engine was told something since it was last asked. */
  #isNews = true;
  /** The engine's last word that it goes on no further by itself. */
  stoppedBy: RolloutEvent | null = null;
  /** Changes that the engine was told. */
  events = 0;

  constructor(definition: RolloutDefinition, machines: Machines, begins: Instant, options: RunOptions) {
    this.#machines = machines;
    this.#options = options;
    this.state = begin(definition);
    const { ids } = this.state.slots;
    this.#begins = begins;
    this.#presentAt = new Float64Array(ids.length).fill(begins);
    this.#isOpen = definition.waves.map(() => false);
    this.#down = new Uint8Array(ids.length);
    for (let machine = 0; machine < ids.length; machine += 1)
      if (machines.isHurt[machine] === 1) this.#available(machine, false);
  }

  /** When time alone may change what is decided; null: only a change can. */
  get wakeAt(): number | null {
    return this.#wakeAt;
  }

  // ---- what machines say -------------------------------------------------------------------------------------------

  connected(machine: number, second: number): void {
    const wasSilent = this.#status(machine) === "silent";
    this.#present(machine, true, second);
    if (wasSilent) this.#say(machine, "running", second);
  }
  dropped(machine: number, second: number): void {
    this.#present(machine, false, second);
  }
  /** Who restarts on purpose is not counted as down until it says that it has begun to start. */
  leaves(machine: number, second: number): void {
    this.#present(machine, false, second);
    this.#available(machine, true);
  }
  down(machine: number, _second: number): void {
    this.#available(machine, false);
  }
  up(machine: number, _second: number): void {
    this.#available(machine, true);
  }
  lost(machine: number, _second: number): void {
    this.#available(machine, false);
  }
  accepted(machine: number, second: number): void {
    this.#say(machine, "running", second);
  }
  ended(machine: number, outcome: "succeeded" | "failed" | "not-applicable", second: number): void {
    this.#say(machine, outcome, second);
  }
  stopped(machine: number, second: number): void {
    this.#say(machine, "stopped", second);
  }
  hasOrder(machine: number): boolean {
    return this.#status(machine) === "offered";
  }
  isWithdrawn(machine: number): boolean {
    return this.state.slots.told[machine] === 1;
  }

  // ---- what is decided ---------------------------------------------------------------------------------------------

  /** Stores what machines said at this second, and carries out what is decided on it. */
  act(second: number): void {
    const now = this.#options.instantOf(second);
    const said = this.#said;
    if (said.length > 0) {
      this.#said = [];
      for (const row of said) this.#store(row, now);
    }
    // Nothing was told and no time has come: the answer would be the same.
    if (!this.#isNews && (this.#wakeAt === null || now < this.#wakeAt)) return;
    for (let decisions = 0; ; decisions += 1) {
      const { commands, wakeAt } = (this.#options.decide ?? decide)(this.state, now);
      this.#wakeAt = wakeAt;
      this.#isNews = false;
      if (commands.length === 0) return;
      if (decisions === DECISIONS_MAX) throw new Error("the engine decides the same for ever");
      this.#carryOut(commands, now, second);
    }
  }

  start(second: number, by: Actor): void {
    this.#take({ kind: "started", at: this.#options.instantOf(second), by }, second);
    this.act(second);
  }

  /** A person has looked and goes on. What machines said at this second is stored before, and decided on after. */
  resume(second: number, by: Actor, because: string): void {
    this.act(second);
    this.stoppedBy = null;
    this.#take({ kind: "resumed", at: this.#options.instantOf(second), by, because }, second);
    this.act(second);
  }

  /** One transaction: rows, then events, then who was told to stop; then those who have an order are nudged. */
  #carryOut(commands: readonly RolloutCommand[], now: Instant, second: number): void {
    const rows: Row[] = [];
    const events: RolloutEvent[] = [];
    const withdrawn: DeviceId[] = [];
    const nudged: number[] = [];
    for (const command of commands) {
      switch (command.kind) {
        case "open-wave":
          events.push({ kind: "wave-opened", at: now, wave: command.wave, deadline: command.deadline });
          break;
        case "settle-gate": {
          const { wave, decision, then } = command;
          events.push({ kind: "gate-decided", at: now, wave, decision });
          const by: Actor = { kind: "engine", rule: decision.rule };
          if (then !== "proceed")
            events.push({ kind: then === "halt" ? "halted" : "paused", at: now, by, because: decision.because });
          break;
        }
        case "offer": {
          const slot = this.#slotOf(command.device);
          rows.push({ slot, status: "offered", generation: command.generation, since: now });
          nudged.push(slot);
          break;
        }
        case "recall":
          rows.push({ ...this.#row(command.device), status: "waiting", since: now });
          break;
        case "withdraw":
          rows.push(this.#row(command.device));
          withdrawn.push(command.device);
          break;
        case "mark":
          rows.push({ ...this.#row(command.device), status: command.status, since: now });
          break;
        case "complete":
          events.push({ kind: "completed", at: now, because: command.because });
          break;
        default:
          assertNever(command);
      }
    }
    for (const row of rows) this.#store(row, now);
    for (const event of events) this.#take(event, second);
    for (const device of withdrawn) this.#tell({ kind: "withdrawn", device, order: AN_ORDER });
    for (const machine of nudged) this.#machines.offered(machine, second);
  }

  #take(event: RolloutEvent, second: number): void {
    this.#options.trace?.(eventLine(event));
    this.#tell({ kind: "event", event });
    if (event.kind === "wave-opened") this.#openWave(event.wave);
    if (event.kind === "halted" || event.kind === "paused") this.stoppedBy = event;
    if (event.kind === "halted") this.#machines.giveToTechnicians(second);
  }

  #openWave(wave: number): void {
    this.#isOpen[wave] = true;
    const { firstSlot, planned } = this.state.waves[wave] ?? { firstSlot: 0, planned: 0 };
    for (let machine = firstSlot; machine < firstSlot + planned; machine += 1)
      this.#tellPresence(machine, this.#machines.isConnected[machine] === 1);
  }

  #store({ slot, status, generation, since }: Row, now: Instant): void {
    this.#options.trace?.(rowLine(now, slot, { status, generation, since }));
    const order = status === "waiting" ? null : AN_ORDER;
    this.#tell({ kind: "device", device: this.#idOf(slot), status, generation, order, at: since });
  }

  /** Only reports of an order that is open, or that timed out and ends after all, change a row. */
  #say(machine: number, status: DeviceStatus, second: number): void {
    const before = this.#status(machine);
    const isOpen = before === "offered" || before === "running" || before === "silent";
    if (!isOpen && !(before === "timed-out" && status !== "running")) return;
    const generation = this.state.slots.generation[machine] ?? 0;
    this.#said.push({ slot: machine, status, generation, since: this.#options.instantOf(second) });
  }

  #present(machine: number, connected: boolean, second: number): void {
    this.#presentAt[machine] = this.#options.instantOf(second);
    if (this.#isOpen[this.state.slots.wave[machine] ?? 0] === true) this.#tellPresence(machine, connected);
  }

  #tellPresence(machine: number, connected: boolean): void {
    const at = (this.#presentAt[machine] ?? this.#begins) as Instant;
    this.#tell({ kind: "presence", device: this.#idOf(machine), connected, at });
  }

  #available(machine: number, up: boolean): void {
    if ((this.#down[machine] === 1) !== up) return;
    this.#down[machine] = up ? 0 : 1;
    const { wave } = this.state.slots;
    const ofWave = wave[machine] ?? 0;
    const device = this.state.definition.waves[ofWave]?.devices[machine - (this.state.waves[ofWave]?.firstSlot ?? 0)];
    if (device !== undefined) this.#tell({ kind: "availability", device, up });
  }

  #row(device: DeviceId): Row {
    const slot = this.#slotOf(device);
    const { generation, statusAt } = this.state.slots;
    const since = (statusAt[slot] ?? 0) as Instant;
    return { slot, status: statusAtSlot(this.state.slots, slot), generation: generation[slot] ?? 0, since };
  }

  #tell(change: RolloutChange): void {
    this.events += 1;
    this.#isNews = true;
    evolve(this.state, change);
  }

  #status(machine: number): DeviceStatus {
    return statusAtSlot(this.state.slots, machine);
  }
  #idOf(machine: number): DeviceId {
    return this.state.slots.ids[machine] as DeviceId; // machines are numbered as slots are
  }
  #slotOf(device: DeviceId): number {
    const slot = this.state.slots.slotOf.get(device);
    if (slot === undefined) throw new Error(`the engine named ${device}, which is not in this drill`);
    return slot;
  }
}
