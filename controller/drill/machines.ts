/**
 * The machines of a simulated fleet: whether each runs and has network, and what the controller hears of that. Only what
 * concerns detection happens: nobody pings here, but who falls silent is dropped when the gateway would have dropped it.
 *
 * Invariant: a machine whose link is not `none` was told as online and not yet as gone.
 */
import type { Bytes, Rows, Words } from "../detection/rows.ts";
import { type Calendar, MINUTE, SECOND } from "./calendar.ts";
import type { Contents } from "./contents.ts";
import { type DrillDice, mixed } from "./dice.ts";
import type { Fleet } from "./fleet-shape.ts";
import { KIND, pack } from "./kinds.ts";
import type { Telling } from "./telling.ts";
import type { Goodbye } from "./words.ts";

/** `down`: it restarts. `cut`: it runs without network. `dead`: it does not come back by itself. */
export const STATE = { off: 0, on: 1, down: 2, cut: 3, dead: 4 } as const;
/** `silent`: gone without a word, and the gateway has not noticed yet. */
export const LINK = { none: 0, up: 1, silent: 2 } as const;

/** Since its last report it has booted, or has not, or has booted where there was no network: nobody heard that boot. */
const BOOTED = { yes: 0, no: 1, unheard: 2 } as const;
/** Of a boot that ended in a crash; and whether nobody had heard that boot. */
const SIGNALS = [null, "bugcheck", "restart"] as const;
const UNHEARD = 4;
/** Of those that came up last: some crash then. */
const RECENT = 64;

export class Machines {
  readonly fleet: Fleet;
  /** What everybody keeps of a machine. */
  readonly rows: Rows;
  readonly state: Bytes;
  readonly link: Bytes;
  /** No one there comes online before this tick. */
  readonly siteDarkUntil: Uint32Array;
  /** Called when a machine has come up, and before it says why it went down. */
  whenUp: (device: number, tick: number) => void = () => undefined;
  whenCrashTold: (device: number, tick: number) => void = () => undefined;
  /** At which slot's version the dump points; null: at nothing. */
  pointsAt: (device: number) => number | null = () => null;
  /** Who of them reports crashes at all. */
  hides: (device: number) => boolean = () => false;
  /** When the controller does not listen: machines that fall silent meanwhile are dropped afterwards. */
  deafUntil = 0;
  readonly recentlyUp = new Int32Array(RECENT).fill(-1);
  #ups = 0;
  readonly #calendar: Calendar;
  readonly #contents: Contents;
  readonly #telling: Telling;
  readonly #dice: DrillDice;
  readonly #heartbeat: number;
  readonly #gateways: number;
  readonly #connection: Bytes;
  readonly #back: Bytes;
  readonly #lastHeard: Words;
  readonly #onlineSince: Words;
  readonly #booted: Bytes;
  readonly #evidence: Bytes;
  readonly #crashedAt: Words;

  constructor(parts: {
    readonly fleet: Fleet;
    readonly rows: Rows;
    readonly calendar: Calendar;
    readonly contents: Contents;
    readonly telling: Telling;
    readonly dice: DrillDice;
    readonly heartbeatMs: number;
    readonly gateways: number;
  }) {
    const { fleet, rows } = parts;
    this.fleet = fleet;
    this.rows = rows;
    this.#calendar = parts.calendar;
    this.#contents = parts.contents;
    this.#telling = parts.telling;
    this.#dice = parts.dice;
    this.#heartbeat = Math.round((parts.heartbeatMs / 1_000) * SECOND);
    this.#gateways = parts.gateways;
    this.state = rows.byte();
    this.link = rows.byte();
    this.siteDarkUntil = new Uint32Array(fleet.columns.siteCount);
    this.#connection = rows.byte();
    this.#back = rows.byte();
    this.#lastHeard = rows.word();
    this.#onlineSince = rows.word();
    this.#booted = rows.byte();
    this.#evidence = rows.byte();
    this.#crashedAt = rows.word();
  }

  /** It is up, and connected unless the site has no network. */
  comeUp(device: number, tick: number): void {
    const dark = Math.max(this.deafUntil, this.siteDarkUntil[this.fleet.columns.site[device] ?? 0] ?? 0);
    if (dark > tick) {
      this.state.set(device, STATE.cut);
      if (this.#booted.get(device) !== BOOTED.no) this.#booted.set(device, BOOTED.unheard);
      this.comeBackAt(device, dark + this.#dice.between(SECOND, 40 * SECOND));
      return;
    }
    this.state.set(device, STATE.on);
    this.connect(device, tick);
    this.recentlyUp[this.#ups++ % RECENT] = device;
    this.whenUp(device, tick);
    if (this.#contents.pending.get(device) !== 0) {
      this.#calendar.add(tick + this.#dice.between(10 * SECOND, 10 * MINUTE), device, pack(KIND.catchUp));
    }
  }

  /** It logs in, and after a boot it says what it has to say about its last end. */
  connect(device: number, tick: number): void {
    const replaced = this.link.get(device) === LINK.none ? null : this.#heardTick(device, tick);
    this.link.set(device, LINK.up);
    this.#connection.set(device, this.#connection.get(device) + 1);
    this.#onlineSince.set(device, tick);
    this.#telling.connected(device, tick, this.gatewayOf(device), replaced);
    if (this.#booted.get(device) !== BOOTED.no) this.#tellBoot(device, tick);
  }

  gatewayOf(device: number): number {
    return mixed(device, 3 + this.#connection.get(device)) % this.#gateways;
  }

  /** Nothing more is heard of it, and it has said nothing. */
  fallSilent(device: number, tick: number): void {
    if (this.link.get(device) !== LINK.up) return;
    const beat = this.#heartbeat;
    const sinceHeard = (Math.floor(tick) + (mixed(device, 5) % beat)) % beat;
    const spoken = Math.max(this.#onlineSince.get(device), this.#telling.reportedTick(device));
    const heard = Math.max(Math.floor(tick) - sinceHeard, spoken, 0);
    this.link.set(device, LINK.silent);
    this.#lastHeard.set(device, heard);
    const noticedFrom = Math.max(heard, this.deafUntil);
    this.#calendar.add(noticedFrom + 2 * beat, device, pack(KIND.drop, this.#connection.get(device)));
  }

  /** The gateway has had no answer to a ping for a whole round. */
  onDrop(device: number, serial: number, tick: number): void {
    if (this.link.get(device) !== LINK.silent || this.#connection.get(device) !== serial) return;
    if (tick >= this.deafUntil) {
      this.#telling.dropped(device, tick, this.#heardTick(device, tick));
      this.link.set(device, LINK.none);
    } else this.#calendar.add(this.deafUntil + 2 * this.#heartbeat, device, pack(KIND.drop, serial));
  }

  leave(device: number, tick: number, how: Goodbye): void {
    if (how !== "sleep") this.#ended(device);
    if (this.link.get(device) !== LINK.up) return;
    this.link.set(device, LINK.none);
    this.#telling.leaving(device, tick, how);
  }

  /** It ends without warning, and will say so when it is up again. */
  crash(device: number, tick: number, signal: "bugcheck" | "restart"): void {
    this.fallSilent(device, tick);
    this.state.set(device, STATE.down);
    // Of a power cut nobody has written down the moment: the agent was last alive within the half minute before.
    const crashedAt = signal === "bugcheck" ? tick : Math.max(0, tick - this.#dice.below(30 * SECOND));
    const unheard = this.#booted.get(device) === BOOTED.unheard ? UNHEARD : 0;
    this.#ended(device);
    // Of several crashes before it can speak again, the first counts.
    if (this.#evidence.get(device) !== 0) return;
    this.#evidence.set(device, SIGNALS.indexOf(signal) + unheard);
    this.#crashedAt.set(device, crashedAt);
  }

  /** When a machine that is down is up, or one that is cut off has network again. What was to come before is void. */
  comeBackAt(device: number, tick: number): void {
    const serial = (this.#back.get(device) + 1) & 255;
    this.#back.set(device, serial);
    this.#calendar.add(tick, device, pack(KIND.back, serial));
  }

  stayAway(device: number): void {
    this.#back.set(device, this.#back.get(device) + 1);
  }

  onBack(device: number, serial: number, tick: number): void {
    const state = this.state.get(device);
    if (this.#back.get(device) === serial && (state === STATE.down || state === STATE.cut)) this.comeUp(device, tick);
  }

  /** A restart that was announced. */
  restart(device: number, tick: number, downFor: number): void {
    this.leave(device, tick, "restart");
    this.state.set(device, STATE.down);
    this.comeBackAt(device, tick + downFor);
  }

  /** Without network, from outside: it runs on. */
  cut(device: number, tick: number, until: number): void {
    this.fallSilent(device, tick);
    this.state.set(device, STATE.cut);
    this.comeBackAt(device, until);
  }

  /** What comes next is another boot. */
  #ended(device: number): void {
    if (this.#booted.get(device) === BOOTED.no) this.#booted.set(device, BOOTED.yes);
  }

  #heardTick(device: number, tick: number): number {
    return this.link.get(device) === LINK.silent ? this.#lastHeard.get(device) : tick;
  }

  #tellBoot(device: number, tick: number): void {
    const evidence = this.#evidence.get(device);
    const signal = SIGNALS[evidence % UNHEARD] ?? null;
    this.#booted.set(device, BOOTED.no);
    this.#evidence.set(device, 0);
    if (signal === null || this.hides(device)) return void this.#telling.booted(device, tick, null);
    const ended = {
      signal,
      tick: this.#crashedAt.get(device),
      wasHeard: evidence < UNHEARD,
      pointsAt: signal === "bugcheck" ? this.pointsAt(device) : null,
    };
    if (this.#telling.booted(device, tick, ended)) this.whenCrashTold(device, tick);
  }
}
