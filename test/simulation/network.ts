/**
 * The network between the machines and the controller: who reaches whom, and what goes wrong on the way.
 *
 * Faults are cuts (told to both ends, or to nobody) and partitions in one direction. TCP does not reorder.
 */
import type { Connection, ConnectionEvents } from "../../agent/ports.ts";
import type { SessionSocket } from "../../controller/gateway/agent-socket.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";
import { Wire, type WireTap } from "./wire.ts";
import type { World } from "./world.ts";

/** Where connections arrive; undefined while no controller runs. */
export type Accept = (socket: SessionSocket) => void;

/**
 * `moments`: seconds at a time while the content is faulty. `late`: not before a time, as a laptop that comes back from
 * somewhere. `none`: never, whatever happens.
 */
export type Reach = "steady" | "flaky" | "moments" | "late" | "none";

/** A machine, as far as the network is concerned. */
interface NetworkHost {
  readonly traits: { readonly reach: Reach };
  readonly hasNetwork: boolean;
  say(what: string): void;
}

/** How often something happens to a machine's connection, in the mean, while faults happen. */
const TROUBLE_EVERY_MS = { steady: 400_000, flaky: 60_000, moments: 60_000, late: 400_000, none: 60_000 } as const;

export class Network<Host extends NetworkHost> {
  private readonly world: World;
  private readonly dice: Dice;
  private readonly tapOf: (machine: Host) => WireTap;
  private readonly wires = new Map<Host, Wire[]>();
  private accept: Accept | undefined;

  constructor(world: World, tapOf: (machine: Host) => WireTap) {
    this.world = world;
    this.dice = world.dice.of("network");
    this.tapOf = tapOf;
  }

  controllerListens(accept: Accept | undefined): void {
    this.accept = accept;
  }

  controllerEnded(): void {
    this.accept = undefined;
    for (const wire of this.allWires()) wire.controllerEnded();
    this.wires.clear();
  }

  processEnded(machine: Host, politely: boolean): void {
    for (const wire of this.wires.get(machine) ?? []) wire.processEnded(politely);
    this.wires.delete(machine);
  }

  dial(machine: Host, process: Life, events: ConnectionEvents): Connection {
    const wire: Wire = new Wire(
      this.world,
      this.dice,
      process,
      events,
      this.strikingTap(machine, () => wire),
    );
    process.after(this.dice.between(2, 200), () => {
      if (!machine.hasNetwork || this.accept === undefined) {
        process.after(this.dice.between(10, 2_000), () => wire.reset());
        return;
      }
      this.wires.set(machine, [...(this.wires.get(machine) ?? []).filter(({ isOpen }) => isOpen), wire]);
      this.accept(wire.controllerEnd());
      wire.opened();
      this.troubleSomeTime(machine, wire);
    });
    return wire.agentEnd();
  }

  /** The record stands still: a good moment for agents to lose their connection, and to send again what they sent. */
  recordStalls(): void {
    for (const wire of this.allWires()) if (this.dice.chance(0.3)) wire.reset();
  }

  /** Trouble comes at the worst moment: while an order is handed over, or its end is told. */
  private strikingTap(machine: Host, wire: () => Wire): WireTap {
    const tap = this.tapOf(machine);
    const strike = (probability: number): void => {
      if (this.world.isFaulty && this.dice.chance(probability)) this.trouble(machine, wire());
    };
    return {
      ...tap,
      fromAgent: (text) => {
        tap.fromAgent(text);
        if (/"kind":"order-/.test(text)) strike(0.1);
      },
      fromController: (text) => {
        tap.fromController(text);
        if (text.startsWith('{"type":"orders","orders":[{')) strike(0.2);
      },
    };
  }

  /** What will happen to this connection, some time. */
  private troubleSomeTime(machine: Host, wire: Wire): void {
    this.world.time.after(this.dice.below(2 * TROUBLE_EVERY_MS[machine.traits.reach]), () => {
      if (!this.world.isFaulty || !wire.isOpen) return;
      this.trouble(machine, wire);
      this.troubleSomeTime(machine, wire);
    });
  }

  private trouble(machine: Host, wire: Wire): void {
    const kind = this.dice.pick(["reset", "silence", "hold-up", "hold-down", "hold-both"]);
    machine.say(`network: ${kind}`);
    this.world.count(`network ${kind}`);
    if (kind === "reset") return wire.reset();
    if (kind === "silence") return wire.breakSilently();
    if (kind !== "hold-down") wire.up.hold(true);
    if (kind !== "hold-up") wire.down.hold(true);
    this.world.time.after(this.dice.between(500, 90_000), () => {
      wire.up.hold(false);
      wire.down.hold(false);
    });
  }

  private allWires(): readonly Wire[] {
    return [...this.wires.values()].flat();
  }
}
