/**
 * What machines say, and what the controller makes of it: the detector is told what `controller/watch/` would tell it of
 * the same words, at the same moments and with the same dates. A version, and what a machine is, are known from when the
 * first words name them.
 */
import type { Bytes, Rows } from "../detection/rows.ts";
import { type ContentAtCrash, DEVICE_CLASSES, type Detector, type DeviceFacts } from "../detection/types.ts";
import type { Contents } from "./contents.ts";
import { Dates, type Ended } from "./dates.ts";
import type { Fleet } from "./fleet-shape.ts";
import type { Times } from "./times.ts";
import { type Goodbye, type SaidCrash, type SaidVersion, saysModel, type Words } from "./words.ts";

/** How much the controller knows of what a machine is. */
const KNOWN = { nothing: 0, network: 1, all: 2 } as const;

export class Telling {
  /** Something was told since the detector was last asked. */
  hasNews = false;
  readonly #fleet: Fleet;
  readonly #contents: Contents;
  readonly #times: Times;
  readonly #detector: Detector | null;
  readonly #words: Words | null;
  readonly #dates: Dates;
  readonly #known: Bytes;

  constructor(parts: {
    readonly fleet: Fleet;
    readonly rows: Rows;
    readonly contents: Contents;
    readonly times: Times;
    readonly detector: Detector | null;
    readonly words: Words | null;
  }) {
    const { fleet, rows, contents, times, detector, words } = parts;
    const { size } = fleet.columns;
    this.#fleet = fleet;
    this.#contents = contents;
    this.#times = times;
    this.#detector = detector;
    this.#words = words;
    this.#dates = new Dates(rows);
    this.#known = rows.byte();
    for (let device = 0; device < size; device++) detector?.addDevice(this.#facts(device));
  }

  /** When its last report came: it was alive then. */
  reportedTick(device: number): number {
    return this.#dates.reported(device);
  }

  /** @param replacedTick when the connection was heard last whose place this one takes; null: there was none */
  connected(device: number, tick: number, gateway: number, replacedTick: number | null): void {
    this.hasNews = true;
    const at = this.#times.at(tick);
    const replacedHeardAt = replacedTick === null ? null : this.#times.at(replacedTick);
    this.#words?.connected(at, device, gateway, replacedHeardAt);
    if (replacedTick !== null) this.#gone(device, tick, replacedTick);
    if (this.#known.get(device) === KNOWN.nothing) this.#learn(device, KNOWN.network);
    this.#detector?.online(at, device, gateway);
  }

  dropped(device: number, tick: number, heardTick: number): void {
    this.hasNews = true;
    this.#words?.dropped(this.#times.at(tick), device, this.#times.at(heardTick));
    this.#gone(device, tick, heardTick);
  }

  leaving(device: number, tick: number, how: Goodbye): void {
    this.hasNews = true;
    const at = this.#times.at(tick);
    this.#words?.leaving(at, device, how);
    this.#dates.noteReport(device, tick);
    this.#dates.noteGone(device, tick, true);
    this.#detector?.gone(at, device, how, at);
  }

  /** It says what it has taken, which lies on its disk still. */
  tookContent(device: number, slot: number, tick: number): void {
    this.hasNews = true;
    const at = this.#times.at(tick);
    const contents = this.#contents;
    const writtenTick = contents.written(device, slot);
    this.#words?.tookContent(at, device, this.#said(slot, writtenTick));
    if ((contents.told.get(device) & (1 << slot)) === 0) {
      this.#cleared(device, tick, contents.ofProduct(slot) & ~(1 << slot));
      this.#exposed(device, slot, tick, this.#dates.taken(device, writtenTick));
    }
    this.#dates.noteReport(device, tick);
  }

  /** It has booted, and says what lies on its disk and how the boot before ended. @returns whether that was a crash */
  booted(device: number, tick: number, ended: Ended | null): boolean {
    this.hasNews = true;
    const contents = this.#contents;
    this.#words?.booted(
      this.#times.at(tick),
      device,
      this.#disk(device),
      ended === null ? null : this.#saidCrash(ended),
    );
    if (this.#known.get(device) !== KNOWN.all) this.#learn(device, KNOWN.all);
    const crashedTick = ended === null ? null : this.#dates.crashed(device, tick, ended);
    const until = crashedTick ?? tick;
    const on = contents.taken.get(device);
    this.#cleared(device, tick, ~on);
    for (let rest = on & ~contents.told.get(device); rest !== 0; rest &= rest - 1) {
      const slot = 31 - Math.clz32(rest & -rest);
      this.#exposed(device, slot, tick, this.#dates.written(device, tick, contents.written(device, slot), until));
    }
    if (ended !== null && crashedTick !== null) this.#crashed(device, tick, ended, crashedTick);
    this.#dates.noteBoot(device, tick);
    return crashedTick !== null;
  }

  /**
   * A lie, as it is said: that it crashed, and what it had then.
   * @param lie null: what lies on its disk
   */
  claimed(device: number, tick: number, crashedTick: number, lie: { slot: number; tick: number } | null): void {
    this.hasNews = true;
    const ended = { signal: "bugcheck", tick: crashedTick, wasHeard: true, pointsAt: null } as const;
    if (lie === null) return this.#crashed(device, tick, ended, crashedTick);
    const content = [{ version: this.#version(lie.slot, tick), writtenAt: this.#times.at(lie.tick) }];
    const crashedAt = this.#times.at(crashedTick);
    this.#detector?.crashed(this.#times.at(tick), device, { signal: "bugcheck", crashedAt, content, pointsAt: null });
  }

  deaf(fromTick: number, tick: number): void {
    const [at, from] = [this.#times.at(tick), this.#times.at(fromTick)];
    this.#words?.deaf(at, from);
    this.#detector?.deaf(at, from, null);
  }

  #gone(device: number, tick: number, heardTick: number): void {
    this.#dates.noteGone(device, heardTick, false);
    this.#detector?.gone(this.#times.at(tick), device, "dropped", this.#times.at(heardTick));
  }

  #exposed(device: number, slot: number, tick: number, writtenTick: number): void {
    const at = this.#times.at(tick);
    this.#contents.markTold(device, slot, writtenTick);
    this.#detector?.exposed(at, device, this.#version(slot, tick), this.#times.at(writtenTick));
  }

  /** @param slots those of them that the controller knows to be on the disk are not any more */
  #cleared(device: number, tick: number, slots: number): void {
    const { told } = this.#contents;
    for (let rest = told.get(device) & slots; rest !== 0; rest &= rest - 1) {
      const slot = 31 - Math.clz32(rest & -rest);
      told.set(device, told.get(device) & ~(1 << slot));
      this.#detector?.cleared(this.#times.at(tick), device, this.#version(slot, tick));
    }
  }

  #crashed(device: number, tick: number, { signal, pointsAt }: Ended, crashedTick: number): void {
    const crashedAt = this.#times.at(crashedTick);
    const content: ContentAtCrash[] = [];
    for (let rest = this.#contents.taken.get(device); rest !== 0; rest &= rest - 1) {
      const slot = 31 - Math.clz32(rest & -rest);
      const writtenAt = this.#times.at(this.#contents.written(device, slot));
      if (writtenAt <= crashedAt) content.push({ version: this.#version(slot, tick), writtenAt });
    }
    const suspect = pointsAt === null ? null : this.#version(pointsAt, tick);
    this.#detector?.crashed(this.#times.at(tick), device, { signal, crashedAt, content, pointsAt: suspect });
  }

  /** A version is known to the controller from when the first machine names it. */
  #version(slot: number, tick: number): number {
    return this.#contents.version(slot, () => this.#detector?.addVersion(this.#times.at(tick)) ?? null);
  }

  #learn(device: number, known: (typeof KNOWN)[keyof typeof KNOWN]): void {
    this.#known.set(device, known);
    this.#detector?.changeDevice(device, this.#facts(device));
  }

  /** What an inventory knows, and what the machine has said: that a workstation is never switched off nobody knows. */
  #facts(device: number): DeviceFacts {
    const { columns, isInventoried, knowsRegions } = this.#fleet;
    const known = this.#known.get(device);
    const really = DEVICE_CLASSES[columns.class[device] ?? 0] ?? "office";
    return {
      site: columns.site[device] ?? 0,
      region: known >= KNOWN.all && knowsRegions ? (columns.region[device] ?? 0) + 1 : 0,
      segment: known >= KNOWN.network ? (columns.segment[device] ?? 0) : 0,
      os: known >= KNOWN.all ? (columns.os[device] ?? 0) : 0,
      model: known >= KNOWN.all && saysModel(device) ? (columns.model[device] ?? 0) : 0,
      class: really === "always-on" || !isInventoried ? "office" : really,
    };
  }

  // ---- in words ------------------------------------------------------------------------------------------------------

  #said(slot: number, writtenTick: number): SaidVersion {
    const { name, product } = this.#contents.named(slot);
    return { name, product, writtenAt: this.#times.at(writtenTick) };
  }

  #disk(device: number): readonly SaidVersion[] {
    const found: SaidVersion[] = [];
    for (let rest = this.#contents.taken.get(device); rest !== 0; rest &= rest - 1) {
      const slot = 31 - Math.clz32(rest & -rest);
      found.push(this.#said(slot, this.#contents.written(device, slot)));
    }
    return found;
  }

  #saidCrash({ signal, tick, wasHeard, pointsAt }: Ended): SaidCrash {
    const product = pointsAt === null ? null : this.#contents.named(pointsAt).product;
    return { signal, endedAt: this.#times.at(tick), wasHeard, product };
  }
}
