/**
 * Detecting a faulty version: the method, end to end. Told what the controller hears, in its order, it finds versions
 * that are worse than what else runs on machines like theirs, and almost never a harmless one, however often one looks.
 *
 *   told       presence.ts, exposures.ts           who is there, who has what since when
 *   believe    alibi.ts                           what was heard outweighs what is said
 *   due        due.ts, tick.ts                     an event is looked at when late reports are in
 *   void       outages.ts                          not what happened to a whole place
 *   compare    steady.ts, strata.ts, blocks.ts,
 *              risk-set.ts                        who could have failed instead
 *   weigh      control-test.ts, clusters.ts,
 *              baseline.ts, evidence.ts, version.ts  a factor an event, and their product
 *   judge      budget.ts, coverage.ts, verdicts.ts when that is a verdict, and how certain
 *   unknown    mass-silence.ts                     many fall silent and none can say why
 *   learn      rates.ts, classes.ts, core-hours.ts what is usual here
 *   remember   memory.ts, saved.ts, retirement.ts  so that a restart changes no number
 *
 * Pure: no clock, no dice, no storage. The same telling gives the same numbers.
 */
import { wasAlive, wasSilentAbout } from "./alibi.ts";
import { NEVER, UNKNOWN_WHEN } from "./clock.ts";
import { classNumber, OFFICE } from "./classes.ts";
import { COUNTS_NOT, DECLARED_MOBILE, DECLARED_SERVER } from "./columns.ts";
import { TICK_MS } from "./due.ts";
import { recount } from "./evidence.ts";
import { LOOK_MS } from "./mass-silence.ts";
import { deviceMemory, readBack, rememberDevice, writeDown } from "./memory.ts";
import { come, leave, tally } from "./presence.ts";
import { makeRoom } from "./retirement.ts";
import { settleBlocks } from "./settle-blocks.ts";
import { standingOf } from "./standing.ts";
import { State } from "./state.ts";
import { runUntil } from "./tick.ts";
import type {
  Crash,
  Detector,
  DetectorChanges,
  DetectorMemory,
  DetectorSettings,
  DeviceClass,
  DeviceFacts,
  DeviceMemory,
  Finding,
  Learnt,
  VersionStanding,
} from "./types.ts";
import { DEVICE_CLASSES } from "./types.ts";
import { Version } from "./version.ts";

/** @param memory what `save` gave; then devices and exposures are brought back before anything is told */
export function createDetector(settings: DetectorSettings, memory?: DetectorMemory): Detector {
  return new FleetDetector(new State(settings, readBack(memory)));
}

class FleetDetector implements Detector {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  addDevice(facts: DeviceFacts, memory?: DeviceMemory): number {
    const state = this.#state;
    const device = state.columns.add();
    this.#setFacts(device, facts);
    state.columns.class.set(device, classNumber(facts.class));
    const block = rememberDevice(state, device, memory);
    tally(state, device, 1);
    if (!state.blocks.isEmpty) state.blocks.take(device);
    else state.restoredBlocks?.push(block);
    state.noteDevice(device);
    return device;
  }

  changeDevice(device: number, facts: DeviceFacts): void {
    const slot = this.#slot(device);
    tally(this.#state, slot, -1);
    this.#setFacts(slot, facts);
    // What is carried about never counts as steady, and a server that was not known for one is not an office machine.
    const { columns } = this.#state;
    if (facts.class === "mobile" || (facts.class === "server" && columns.class.get(slot) === OFFICE)) {
      columns.class.set(slot, classNumber(facts.class));
    }
    tally(this.#state, slot, 1);
    this.#state.blocks.noteChange();
  }

  expect(device: number): void {
    if (device < this.#state.columns.size) this.#state.columns.touch(device);
  }

  setCounts(device: number, counts: boolean): void {
    const { columns } = this.#state;
    const slot = this.#slot(device);
    tally(this.#state, slot, -1);
    if (counts) columns.lower(slot, COUNTS_NOT);
    else columns.raise(slot, COUNTS_NOT);
    tally(this.#state, slot, 1);
  }

  addVersion(at: number, isOld = false): number {
    const state = this.#state;
    this.#hear(at);
    const number = state.nextVersion++;
    if (isOld) return number;
    const fresh = { number, firstSeenAt: at, share: state.budget.give(at), comingsBefore: state.rates.comings };
    const version = new Version(fresh, state.columns, state.blocks, state.has("lag-bins"));
    version.weigh();
    state.versions.set(number, version);
    makeRoom(state, at);
    return number;
  }

  restoreExposure(device: number, version: number, writtenAt: number): void {
    const state = this.#state;
    if (state.blocks.isEmpty) settleBlocks(state);
    state.versions.get(version)?.exposures.set(this.#slot(device), state.clock.tenths(writtenAt));
  }

  online(at: number, device: number, gateway: number): void {
    this.#hear(at);
    come(this.#state, at, this.#slot(device), gateway);
  }

  gone(at: number, device: number, how: Parameters<Detector["gone"]>[2], lastHeardAt: number): void {
    this.#hear(at);
    leave(this.#state, at, this.#slot(device), how, lastHeardAt);
  }

  exposed(at: number, device: number, version: number, writtenAt: number | null): void {
    this.#hear(at);
    this.#expose(at, device, version, this.#state.has("back-dating") ? writtenAt : at);
  }

  cleared(at: number, device: number, version: number): void {
    this.#hear(at);
    const state = this.#state;
    const isNews = state.versions.get(version)?.exposures.clear(this.#slot(device), state.clock.tenths(at)) ?? false;
    if (isNews && state.settings.keepsChanges === true) state.clearedChanged.push({ device, version });
  }

  crashed(at: number, device: number, crash: Crash): void {
    this.#hear(at);
    const state = this.#state;
    const slot = this.#slot(device);
    if (state.has("alibi") && wasAlive(state.columns, slot, state.clock.tenths(crash.crashedAt))) return;
    // The report states what was there at the crash, also what died with the machine before it could be told.
    for (const { version, writtenAt } of crash.content) {
      const time = writtenAt === null || state.has("back-dating") ? writtenAt : at;
      this.#expose(at, device, version, time);
    }
    const dueAt = Math.max(at, crash.crashedAt + state.settings.heartbeatMs);
    state.due.addCrash(Math.max(dueAt, state.doneUntil + TICK_MS), { device, crash });
  }

  deaf(at: number, from: number, gateway: number | null): void {
    this.#state.outages.noteDeaf(from, at, gateway); // before what fell due meanwhile is looked at
    this.#hear(at);
  }

  advance(now: number): readonly Finding[] {
    const state = this.#state;
    if (!Number.isNaN(state.doneUntil)) runUntil(state, now);
    return state.findings.splice(0);
  }

  get wakeAt(): number | null {
    const { doneUntil, due, columns } = this.#state;
    if (Number.isNaN(doneUntil) || columns.size === 0) return null;
    return due.isEmpty ? (Math.floor(doneUntil / LOOK_MS) + 1) * LOOK_MS : doneUntil + TICK_MS;
  }

  standing(version: number): VersionStanding | undefined {
    const found = this.#state.versions.get(version);
    return found === undefined ? this.#state.retired.get(version) : standingOf(this.#state, found);
  }

  standings(): readonly VersionStanding[] {
    return [...this.#state.versions.values()]
      .sort((a, b) => b.e - a.e || a.number - b.number)
      .map((version) => standingOf(this.#state, version));
  }

  learnt(): Learnt {
    const { rates, coreHours, columns } = this.#state;
    const classes: Record<DeviceClass, number> = { server: 0, "always-on": 0, office: 0, mobile: 0 };
    for (let slot = 0; slot < columns.size; slot++) {
      const name = DEVICE_CLASSES[columns.class.get(slot)];
      if (name !== undefined) classes[name]++;
    }
    return {
      bugchecksPerDeviceDay: rates.bugchecksPerDeviceDay,
      restartsPerDeviceDay: rates.restartsPerDeviceDay,
      silencesPerDeviceDay: rates.silencesPerDeviceDay,
      uncleanShare: rates.uncleanShare,
      classes,
      coreHours: coreHours.learnt(),
      deviceDays: rates.deviceDays,
    };
  }

  get size(): number {
    return this.#state.counting;
  }

  get massSilence(): boolean {
    return this.#state.mass.isActive;
  }

  save(): DetectorMemory {
    return writeDown(this.#state);
  }

  drainChanges(): DetectorChanges {
    const state = this.#state;
    const devices = state.allDevicesChanged
      ? Array.from({ length: state.columns.size }, (_, device) => device)
      : [...state.changedDevices];
    const changes = {
      exposures: state.exposuresChanged,
      cleared: state.clearedChanged,
      devices,
      retired: state.retiredChanged,
    };
    state.exposuresChanged = [];
    state.clearedChanged = [];
    state.retiredChanged = [];
    state.changedDevices = new Set();
    state.allDevicesChanged = false;
    return changes;
  }

  deviceMemory(device: number): DeviceMemory {
    this.#slot(device);
    return deviceMemory(this.#state, device);
  }

  memories(): (device: number) => DeviceMemory {
    const { clock } = this.#state;
    const columns = this.#state.columns.copy();
    return (device) => deviceMemory({ columns, clock }, device);
  }

  /** Everything that is told passes here: what is due by then comes first, and devices have their places. */
  #hear(at: number): void {
    const state = this.#state;
    if (Number.isNaN(state.doneUntil)) {
      state.clock.begin(at);
      state.budget.begin(at);
      state.doneUntil = Math.floor(at / TICK_MS) * TICK_MS;
      state.countedUntil = state.doneUntil;
    } else if (at >= state.doneUntil + TICK_MS) runUntil(state, at);
    if (state.blocks.isEmpty) settleBlocks(state);
  }

  #expose(at: number, device: number, version: number, writtenAt: number | null): void {
    const state = this.#state;
    const known = state.versions.get(version);
    if (known === undefined) return;
    const slot = this.#slot(device);
    const said = writtenAt === null ? UNKNOWN_WHEN : state.clock.tenths(writtenAt);
    const isSilent = state.has("alibi") && wasSilentAbout(state.columns, slot, said);
    const time = isSilent && known.exposures.at(slot) === NEVER ? UNKNOWN_WHEN : said;
    const news = known.exposures.set(slot, time);
    if (news === null || writtenAt === null || time === UNKNOWN_WHEN) return;
    if (news === "first") recount(state, known, slot, time);
    known.noteTaken(at, Math.min(at, writtenAt));
    if (state.settings.keepsChanges === true) state.exposuresChanged.push({ device, version, writtenAt });
  }

  #slot(device: number): number {
    const slot = device < this.#state.columns.size ? this.#state.columns.slotOf[device] : undefined;
    if (slot === undefined) throw new RangeError(`there is no device ${device}`);
    return slot;
  }

  #setFacts(slot: number, facts: DeviceFacts): void {
    const { columns } = this.#state;
    columns.site.set(slot, facts.site);
    columns.region.set(slot, facts.region);
    columns.segment.set(slot, facts.segment);
    columns.os.set(slot, facts.os);
    columns.model.set(slot, facts.model);
    const declared = facts.class === "server" ? DECLARED_SERVER : facts.class === "mobile" ? DECLARED_MOBILE : 0;
    columns.lower(slot, DECLARED_SERVER | DECLARED_MOBILE);
    columns.raise(slot, declared);
  }
}
