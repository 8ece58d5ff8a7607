/**
 * One connection between an agent and the controller: what `ws` is on both sides, without sockets.
 *
 * Messages come whole and in order or not at all. Either end may die without a word; the other notices by itself, or
 * not for a long time.
 */
import type { Connection, ConnectionEvents } from "../../agent/ports.ts";
import type { SessionSocket, SocketOwner } from "../../controller/gateway/agent-socket.ts";
import type { Life } from "./life.ts";
import type { Dice } from "./dice.ts";
import { Pipe } from "./pipe.ts";
import type { World } from "./world.ts";

/** What the watchers hear of the frames of a wire. */
export interface WireTap {
  fromAgent(text: string): void;
  fromController(text: string): void;
  /** What the controller sent has come to the agent. */
  arrived(text: string): void;
}

/** An agent that hears nothing, not even pings, for so long takes the connection for dead. */
const DEAD_AFTER_MS = 60_000;
/** How long a close waits for the other end. */
const CLOSE_MS = 5_000;
const ABNORMAL = 1006;

export class Wire {
  private readonly world: World;
  private readonly process: Life;
  private readonly events: ConnectionEvents;
  private readonly tap: WireTap;
  readonly up: Pipe;
  readonly down: Pipe;
  private owner: SocketOwner | undefined;
  private agentIsOpen = true;
  private controllerIsOpen = true;
  private heardAt = 0;

  constructor(world: World, dice: Dice, process: Life, events: ConnectionEvents, tap: WireTap) {
    this.world = world;
    this.process = process;
    this.events = events;
    this.tap = tap;
    this.up = new Pipe(world, dice);
    this.down = new Pipe(world, dice);
    this.heard();
    this.watchForDeath();
  }

  get isOpen(): boolean {
    return this.agentIsOpen || this.controllerIsOpen;
  }

  opened(): void {
    this.down.push(0, () => this.toAgent(() => this.events.onOpen()));
  }

  // ---- the network ----

  /** Both ends are told, soon. */
  reset(): void {
    this.breakSilently();
    this.world.time.after(5, () => {
      this.agentEnds(ABNORMAL, "the connection was reset");
      this.controllerEnds();
    });
  }

  /** Nobody is told. */
  breakSilently(): void {
    this.up.cut();
    this.down.cut();
  }

  /** The agent's process is gone; its machine may still say so. */
  processEnded(politely: boolean): void {
    this.agentIsOpen = false;
    if (politely) this.up.push(0, () => this.controllerEnds());
    else this.breakSilently();
  }

  /** The controller's process is gone, and its machine says so. */
  controllerEnded(): void {
    this.controllerIsOpen = false;
    this.up.cut();
    this.down.push(0, () => this.agentEnds(ABNORMAL, "the controller has gone"));
  }

  // ---- the agent's end ----

  agentEnd(): Connection {
    const { up } = this;
    return {
      channel: "",
      get bufferedBytes() {
        return up.bytes;
      },
      send: (message) => {
        if (!this.agentIsOpen) return;
        this.tap.fromAgent(message);
        up.push(message.length, () => this.toController((owner) => owner.onMessage(Buffer.from(message), false)));
      },
      close: (code, reason) => {
        up.push(0, () => {
          this.controllerEnds();
          this.down.push(0, () => this.agentEnds(code, reason));
        });
      },
    };
  }

  private toAgent(deliver: () => void): void {
    if (!this.agentIsOpen || !this.process.isAlive) return;
    this.heard();
    deliver();
  }

  private heard(): void {
    this.heardAt = this.world.time.now();
  }

  private agentEnds(code: number, reason: string): void {
    if (!this.agentIsOpen) return;
    this.agentIsOpen = false;
    if (this.process.isAlive) this.events.onClose(code, reason);
  }

  private watchForDeath(): void {
    this.process.after(DEAD_AFTER_MS / 4, () => {
      if (!this.agentIsOpen) return;
      if (this.world.time.now() - this.heardAt < DEAD_AFTER_MS) return this.watchForDeath();
      this.agentEnds(ABNORMAL, "nothing was heard for a minute");
      this.up.push(0, () => this.controllerEnds());
    });
  }

  // ---- the controller's end ----

  controllerEnd(): SessionSocket {
    const { down, up } = this;
    return {
      get bufferedAmount() {
        return down.bytes;
      },
      attach: (owner) => {
        this.owner = owner;
      },
      send: (message) => {
        if (!this.controllerIsOpen) return;
        this.tap.fromController(message);
        down.push(message.length, () =>
          this.toAgent(() => {
            this.tap.arrived(message);
            this.events.onMessage(message);
          }),
        );
      },
      // Whatever the agent's program does, its WebSocket answers.
      ping: (payload = Buffer.alloc(0)) =>
        down.push(2, () => this.toAgent(() => up.push(2, () => this.toController((owner) => owner.onPong(payload))))),
      channel: () => "",
      pause: () => up.pause(true),
      resume: () => up.pause(false),
      close: (code, reason) => {
        down.push(0, () => {
          this.agentEnds(code, reason);
          up.push(0, () => this.controllerEnds());
        });
        this.world.time.after(CLOSE_MS, () => this.controllerEnds());
      },
      terminate: () => {
        down.push(0, () => this.agentEnds(ABNORMAL, "the connection was reset"));
        this.world.time.after(1, () => this.controllerEnds());
      },
    };
  }

  private toController(deliver: (owner: SocketOwner) => void): void {
    if (this.controllerIsOpen && this.owner !== undefined) deliver(this.owner);
  }

  private controllerEnds(): void {
    if (!this.controllerIsOpen) return;
    this.controllerIsOpen = false;
    this.owner?.onEnded();
  }
}
