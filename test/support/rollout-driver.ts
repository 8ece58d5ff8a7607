/**
 * A small orchestrator in memory: keeps events and rows as a store would, carries out every command at once, and tells
 * the engine. It chooses nothing, so that a test that drives it tests the engine.
 */
import { begin, decide, evolve, type RolloutState } from "../../controller/rollout/engine.ts";
import type {
  Decision,
  PlacedDevice,
  RolloutChange,
  RolloutCommand,
  RolloutDefinition,
} from "../../controller/rollout/types.ts";
import { type DeviceId, newId, type OrderId } from "../../protocol/ids.ts";
import { Role, Site } from "../../protocol/names.ts";
import type { Actor, DeviceStatus, RolloutEvent } from "../../protocol/rollout.ts";
import type { Gate } from "../../protocol/strategy.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { device, NOON } from "./fleet-builders.ts";

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const SITE = Site.parse("North");
export const ROLE = Role.parse("workstation");
export const PERSON: Actor = { kind: "person", name: "Dr. Ada" };

/** The id of the n-th thing of a rollout test; ids that differ in more than 65,535 ways are not needed. */
const numbered = (n: number): Uint8Array =>
  Uint8Array.from({ length: 10 }, (_, i) => (i === 9 ? n & 255 : i === 8 ? (n >> 8) & 255 : i === 7 ? n >> 16 : 0));

/** Proceeds on the first success, stops for nothing, waits an hour. */
export function aGate(over: Partial<Gate> = {}): Gate {
  return {
    successShareMin: 0.5,
    failureShareMax: 1,
    sampleMin: { count: 1 },
    bakeMs: 0,
    deadlineMs: HOUR,
    ...over,
  };
}

/** Devices `from` to `to`, both included, that stand at the same site and do the same. */
export function someDevices(from: number, to: number, over: Partial<PlacedDevice> = {}): PlacedDevice[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ id: device(from + i), site: SITE, role: ROLE, ...over }));
}

type Wave = Partial<RolloutDefinition["waves"][number]>;

/** A rollout of one wave of three devices with room for all; name only what the test is about. */
export function aRollout({
  waves,
  ...over
}: Partial<Omit<RolloutDefinition, "waves">> & { waves?: readonly Wave[] } = {}): RolloutDefinition {
  const all = (waves ?? [{}]).map((wave, i) => ({
    name: `wave-${i + 1}`,
    gate: aGate(),
    notBefore: NOON,
    devices: someDevices(i * 3 + 1, i * 3 + 3),
    ...wave,
  }));
  const devices = all.flatMap((wave) => wave.devices);
  const sizesBy = <Key extends string>(key: (device: PlacedDevice) => Key): Map<Key, number> =>
    new Map([...Map.groupBy(devices, key)].map(([name, { length }]) => [name, length]));
  return {
    id: newId("rollout", NOON, numbered(1)),
    plan: newId("plan", NOON, numbered(1)),
    waves: all,
    budgets: { inFlightMax: 1_000, sites: [], roles: [] },
    windows: [],
    freezes: [],
    patience: { offerMs: 10 * MINUTE, silentMs: 30 * MINUTE, orderMs: 2 * HOUR },
    validUntil: later(NOON, 24 * HOUR),
    siteSizes: sizesBy(({ site }) => site),
    roleSizes: sizesBy(({ role }) => role),
    ...over,
  };
}

export interface StoredRow {
  readonly device: DeviceId;
  readonly status: DeviceStatus;
  readonly generation: number;
  readonly order: OrderId | null;
  readonly at: Instant;
}

export class RolloutDriver {
  readonly definition: RolloutDefinition;
  readonly state: RolloutState;
  readonly events: RolloutEvent[] = [];
  readonly rows = new Map<DeviceId, StoredRow>();
  /** Everything that was commanded, in order. */
  readonly commands: RolloutCommand[] = [];
  now: Instant = NOON;
  /** Looks at each decision before it is carried out. */
  onDecision: (decision: Decision) => void = () => undefined;
  #orders = 0;

  constructor(definition: RolloutDefinition) {
    this.definition = definition;
    this.state = begin(definition);
    for (const { devices } of definition.waves) {
      for (const { id } of devices)
        this.rows.set(id, { device: id, status: "waiting", generation: 0, order: null, at: NOON });
    }
    this.event({ kind: "started", at: NOON, by: PERSON });
  }

  tell(change: RolloutChange): void {
    evolve(this.state, change);
  }

  event(event: RolloutEvent): void {
    this.events.push(event);
    this.tell({ kind: "event", event });
  }

  /** Connects devices, and lets the engine do what it wants to. */
  connect(...numbers: number[]): RolloutCommand[] {
    for (const n of numbers) this.tell({ kind: "presence", device: device(n), connected: true, at: this.now });
    return this.run();
  }
  disconnect(...numbers: number[]): RolloutCommand[] {
    for (const n of numbers) this.tell({ kind: "presence", device: device(n), connected: false, at: this.now });
    return this.run();
  }
  heard(n: number): RolloutCommand[] {
    this.tell({ kind: "heard", device: device(n), at: this.now });
    return this.run();
  }
  setUp(up: boolean, ...devices: PlacedDevice[]): RolloutCommand[] {
    for (const placed of devices) this.tell({ kind: "availability", device: placed, up });
    return this.run();
  }

  /** What devices say of the order they have. */
  become(status: DeviceStatus, ...numbers: number[]): RolloutCommand[] {
    for (const n of numbers) this.put(device(n), status);
    return this.run();
  }
  put(id: DeviceId, status: DeviceStatus): void {
    const row = this.row(id);
    const at = row.status === status ? row.at : this.now; // a row says since when
    this.store({ ...row, status, order: status === "waiting" ? null : row.order, at });
  }
  row(id: DeviceId): StoredRow {
    const row = this.rows.get(id);
    if (row === undefined) throw new Error(`no device ${id} in this rollout`);
    return row;
  }

  act(kind: "paused" | "resumed" | "halted" | "aborted", because = "a person said so"): RolloutCommand[] {
    this.event({ kind, at: this.now, by: PERSON, because });
    return this.run();
  }

  /** Lets time pass in one step; what was due in between is late, as after a controller's restart. */
  pass(ms: number): RolloutCommand[] {
    this.now = later(this.now, ms);
    return this.run();
  }

  decide(): Decision {
    return decide(this.state, this.now);
  }

  /** Carries out everything that is to be done now; gives back what that was. */
  run(): RolloutCommand[] {
    const done: RolloutCommand[] = [];
    for (let round = 0; round < 100; round += 1) {
      const decision = this.decide();
      this.onDecision(decision);
      if (decision.commands.length === 0) return done;
      for (const command of decision.commands) this.perform(command);
      done.push(...decision.commands);
    }
    throw new Error(`the engine decides the same for ever: ${JSON.stringify(done.slice(-3))}`);
  }

  perform(command: RolloutCommand): void {
    this.commands.push(command);
    const at = this.now;
    switch (command.kind) {
      case "open-wave":
        return this.event({ kind: "wave-opened", at, wave: command.wave, deadline: command.deadline });
      case "settle-gate": {
        const { wave, decision } = command;
        this.event({ kind: "gate-decided", at, wave, decision });
        if (command.then === "proceed") return;
        const by: Actor = { kind: "engine", rule: decision.rule };
        return this.event({ kind: command.then === "halt" ? "halted" : "paused", at, by, because: decision.because });
      }
      case "offer": {
        const order = newId("order", at, numbered((this.#orders += 1)));
        return this.store({ device: command.device, status: "offered", generation: command.generation, order, at });
      }
      case "recall":
        return this.store({ ...this.row(command.device), status: "waiting", order: null, at });
      case "withdraw":
        return this.tell({ kind: "withdrawn", device: command.device, order: command.order });
      case "mark":
        return this.store({ ...this.row(command.device), status: command.status, at });
      case "complete":
        return this.event({ kind: "completed", at, because: command.because });
    }
  }

  private store(row: StoredRow): void {
    this.rows.set(row.device, row);
    this.tell({ kind: "device", ...row });
  }
}

/** The numbers of the devices that were offered an order, in order. */
export const offered = (commands: readonly RolloutCommand[], count = 100): number[] =>
  commands.flatMap((command) =>
    command.kind === "offer" ? [Array.from({ length: count }, (_, n) => device(n)).indexOf(command.device)] : [],
  );
export const kinds = (commands: readonly RolloutCommand[]): string[] => commands.map(({ kind }) => kind);
