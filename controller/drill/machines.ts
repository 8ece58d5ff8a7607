/**
 * The machines of a simulated fleet: whether each runs and has network, and what the controller hears of that. Only what
 * concerns detection happens: nobody pings here, but who falls silent is dropped when the gateway would have dropped it.
 *
 * Invariant: a machine whose link is not `none` was told as online and not yet as gone.
 */
import { DEVICE_CLASSES, type Detector, type DeviceFacts, type Leaving, type Signal } from "../detection/types.ts";
import { type Calendar, MINUTE, SECOND } from "./calendar.ts";
import type { Contents } from "./contents.ts";
import { type DrillDice, habit, mixed } from "./dice.ts";
import type { Fleet } from "./fleet-shape.ts";
import { KIND, pack } from "./kinds.ts";
import type { Times } from "./times.ts";

/** `down`: it restarts. `cut`: it runs without network. `dead`: it does not come back by itself. */
export const STATE = { off: 0, on: 1, down: 2, cut: 3, dead: 4 } as const;
/** `silent`: gone without a word, and the gateway has not noticed yet. */
export const LINK = { none: 0, up: 1, silent: 2 } as const;

const EVIDENCE: readonly (Exclude<Signal, "silence"> | null)[] = [null, "bugcheck", "restart"];
/** Of those that came up last: some crash then. */
const RECENT = 64;

export class Machines {
  readonly fleet: Fleet;
  readonly state: Uint8Array;
  readonly link: Uint8Array;
  /** No one there comes online before this tick. */
  readonly siteDarkUntil: Uint32Array;
  /** Called when a machine has come up, and before it says why it went down. */
  whenUp: (device: number, tick: number) => void = () => undefined;
  whenCrashTold: (device: number, tick: number) => void = () => undefined;
  /** Whose dump points at which version; null: at nothing. */
  pointsAt: (device: number) => number | null = () => null;
  /** Who of them reports crashes at all. */
  hides: (device: number) => boolean = () => false;
  /** When the controller does not listen: machines that fall silent meanwhile are dropped afterwards. */
  deafUntil = 0;
  /** Something was told since the detector was last asked. */
  hasNews = false;
  readonly recentlyUp = new Int32Array(RECENT).fill(-1);
  #ups = 0;
  readonly #calendar: Calendar;
  readonly #contents: Contents;
  readonly #detector: Detector | null;
  readonly #times: Times;
  readonly #dice: DrillDice;
  readonly #heartbeat: number;
  readonly #gateways: number;
  readonly #connection: Uint8Array;
  readonly #back: Uint8Array;
  readonly #lastHeard: Uint32Array;
  readonly #onlineSince: Uint32Array;
  readonly #evidence: Uint8Array;
  readonly #crashedAt: Uint32Array;

  constructor(parts: {
    readonly fleet: Fleet;
    readonly calendar: Calendar;
    readonly contents: Contents;
    readonly detector: Detector | null;
    readonly times: Times;
    readonly dice: DrillDice;
    readonly heartbeatMs: number;
    readonly gateways: number;
  }) {
    const { size, siteCount } = parts.fleet.columns;
    this.fleet = parts.fleet;
    this.#calendar = parts.calendar;
    this.#contents = parts.contents;
    this.#detector = parts.detector;
    this.#times = parts.times;
    this.#dice = parts.dice;
    this.#heartbeat = Math.round((parts.heartbeatMs / 1_000) * SECOND);
    this.#gateways = parts.gateways;
    this.state = new Uint8Array(size);
    this.link = new Uint8Array(size);
    this.siteDarkUntil = new Uint32Array(siteCount);
    this.#connection = new Uint8Array(size);
    this.#back = new Uint8Array(size);
    this.#lastHeard = new Uint32Array(size);
    this.#onlineSince = new Uint32Array(size);
    this.#evidence = new Uint8Array(size);
    this.#crashedAt = new Uint32Array(size);
    for (let device = 0; device < size; device++) parts.detector?.addDevice(factsOf(parts.fleet, device));
  }

  /** It is up, and connected unless the site has no network. */
  comeUp(device: number, tick: number): void {
    const dark = Math.max(this.deafUntil, this.siteDarkUntil[this.fleet.columns.site[device] ?? 0] ?? 0);
    if (dark > tick) {
      this.state[device] = STATE.cut;
      this.comeBackAt(device, dark + this.#dice.between(SECOND, 40 * SECOND));
      return;
    }
    this.state[device] = STATE.on;
    this.connect(device, tick);
    this.recentlyUp[this.#ups++ % RECENT] = device;
    this.whenUp(device, tick);
    if ((this.#contents.pending[device] ?? 0) !== 0) {
      this.#calendar.add(tick + this.#dice.between(10 * SECOND, 10 * MINUTE), device, pack(KIND.catchUp));
    }
  }

  /** It logs in and says what it has to say about its last end. */
  connect(device: number, tick: number): void {
    const at = this.#times.at(tick);
    if (this.link[device] !== LINK.none) this.#tellDropped(device, tick);
    this.link[device] = LINK.up;
    this.#connection[device]!++;
    this.#onlineSince[device] = tick;
    this.hasNews = true;
    this.#detector?.online(at, device, this.gatewayOf(device));
    this.#tellCrash(device, tick);
  }

  gatewayOf(device: number): number {
    return mixed(device, 3 + (this.#connection[device] ?? 0)) % this.#gateways;
  }

  /** Nothing more is heard of it, and it has said nothing. */
  fallSilent(device: number, tick: number): void {
    if (this.link[device] !== LINK.up) return;
    const beat = this.#heartbeat;
    const sinceHeard = (Math.floor(tick) + (mixed(device, 5) % beat)) % beat;
    const heard = Math.max(Math.floor(tick) - sinceHeard, this.#onlineSince[device] ?? 0, 0);
    this.link[device] = LINK.silent;
    this.#lastHeard[device] = heard;
    const noticedFrom = Math.max(heard, this.deafUntil);
    this.#calendar.add(noticedFrom + 2 * beat, device, pack(KIND.drop, this.#connection[device] ?? 0));
  }

  /** The gateway has had no answer to a ping for a whole round. */
  onDrop(device: number, serial: number, tick: number): void {
    if (this.link[device] !== LINK.silent || this.#connection[device] !== serial) return;
    if (tick >= this.deafUntil) this.#tellDropped(device, tick);
    else this.#calendar.add(this.deafUntil + 2 * this.#heartbeat, device, pack(KIND.drop, serial));
  }

  leave(device: number, tick: number, how: Exclude<Leaving, "dropped">): void {
    if (this.link[device] !== LINK.up) return;
    this.link[device] = LINK.none;
    this.hasNews = true;
    const at = this.#times.at(tick);
    this.#detector?.gone(at, device, how, at);
  }

  /** It ends without warning, and will say so when it is up again. */
  crash(device: number, tick: number, signal: "bugcheck" | "restart"): void {
    this.fallSilent(device, tick);
    this.state[device] = STATE.down;
    this.#evidence[device] = EVIDENCE.indexOf(signal);
    // Of a power cut nobody has written down the moment: the agent was last alive within the half minute before.
    this.#crashedAt[device] = signal === "bugcheck" ? tick : Math.max(0, tick - this.#dice.below(30 * SECOND));
  }

  /** When a machine that is down is up, or one that is cut off has network again. What was to come before is void. */
  comeBackAt(device: number, tick: number): void {
    const serial = ((this.#back[device] ?? 0) + 1) & 255;
    this.#back[device] = serial;
    this.#calendar.add(tick, device, pack(KIND.back, serial));
  }

  stayAway(device: number): void {
    this.#back[device]!++;
  }

  onBack(device: number, serial: number, tick: number): void {
    const state = this.state[device];
    if (this.#back[device] === serial && (state === STATE.down || state === STATE.cut)) this.comeUp(device, tick);
  }

  /** A restart that was announced. */
  restart(device: number, tick: number, downFor: number): void {
    this.leave(device, tick, "restart");
    this.state[device] = STATE.down;
    this.comeBackAt(device, tick + downFor);
  }

  /** Without network, from outside: it runs on. */
  cut(device: number, tick: number, until: number): void {
    this.fallSilent(device, tick);
    this.state[device] = STATE.cut;
    this.comeBackAt(device, until);
  }

  #tellDropped(device: number, tick: number): void {
    const heard = this.link[device] === LINK.silent ? (this.#lastHeard[device] ?? tick) : tick;
    this.link[device] = LINK.none;
    this.hasNews = true;
    this.#detector?.gone(this.#times.at(tick), device, "dropped", this.#times.at(heard));
  }

  #tellCrash(device: number, tick: number): void {
    const signal = EVIDENCE[this.#evidence[device] ?? 0] ?? null;
    if (signal === null) return;
    this.#evidence[device] = 0;
    if (this.hides(device)) return;
    this.whenCrashTold(device, tick);
    const at = this.#times.at(tick);
    const crashedAt = this.#times.at(this.#crashedAt[device] ?? 0);
    const pointsAt = signal === "bugcheck" ? this.pointsAt(device) : null;
    this.#detector?.crashed(at, device, { signal, crashedAt, content: this.#contents.onDisk(device), pointsAt });
  }
}

/** What an inventory knows: servers and laptops by their hardware; that a workstation is never switched off it does not. */
function factsOf({ columns, isInventoried }: Fleet, device: number): DeviceFacts {
  const really = DEVICE_CLASSES[columns.class[device] ?? 0] ?? "office";
  return {
    site: columns.site[device] ?? 0,
    region: (columns.region[device] ?? 0) + 1,
    segment: columns.segment[device] ?? 0,
    os: columns.os[device] ?? 0,
    model: habit(device, 21) < 0.02 ? 0 : (columns.model[device] ?? 0),
    class: really === "always-on" || !isInventoried ? "office" : really,
  };
}
