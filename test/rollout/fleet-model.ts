/**
 * A tiny model of a fleet and of what a rollout may do with it, kept beside the engine by the dullest means: it counts
 * everything anew, every time. What it says must be true of every decision.
 */
import { deepStrictEqual } from "node:assert/strict";
import { gateOf, phaseOf, statusOf, waveStateOf } from "../../controller/rollout/engine.ts";
import type { Decision, PlacedDevice, RolloutCommand } from "../../controller/rollout/types.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import type { DeviceStatus } from "../../protocol/rollout.ts";
import type { CountOrShare } from "../../protocol/strategy.ts";
import { present } from "../support/present.ts";
import type { RolloutDriver } from "../support/rollout-driver.ts";
import { verdictOf, weigh } from "./oracle.ts";

interface ModelDevice extends PlacedDevice {
  readonly wave: number;
  readonly place: number;
  connected: boolean;
  presentAt: number;
  /** When it took its order, and when it was last heard. */
  beganAt: number;
  heardAt: number;
  /** Its status when last looked at, and since when it has it. */
  seen: DeviceStatus;
  since: number;
  accepted: boolean;
  told: number;
}

/** Compares thoroughly only what differs: the model asks a million times for what is true. */
function same(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) deepStrictEqual(actual, expected);
}

const BAD: readonly DeviceStatus[] = ["failed", "refused", "timed-out", "silent"];

export class FleetModel {
  readonly driver: RolloutDriver;
  readonly devices: ModelDevice[];
  readonly down = new Map<DeviceId, PlacedDevice>();
  readonly heldSince: (number | null)[];
  readonly offers = new Map<DeviceId, number>();

  constructor(driver: RolloutDriver) {
    this.driver = driver;
    let place = 0;
    this.devices = driver.definition.waves.flatMap(({ devices }, wave) =>
      devices.map((device) => ({
        ...device,
        wave,
        place: place++,
        connected: false,
        presentAt: 0,
        beganAt: 0,
        heardAt: 0,
        seen: "waiting" as const,
        since: 0,
        accepted: false,
        told: 0,
      })),
    );
    this.heldSince = driver.definition.waves.map(() => null);
    driver.onDecision = (decision) => this.check(decision);
  }

  status({ id }: PlacedDevice): DeviceStatus {
    return present(statusOf(this.driver.state, id), "device");
  }

  // ---- what the rules say ------------------------------------------------------------------------------------------

  inFlight(): number {
    return this.devices.filter((device) => ["offered", "running"].includes(this.status(device))).length;
  }

  downAt(by: "site" | "role", name: string): number {
    const taken = this.devices.filter(
      (device) => !this.down.has(device.id) && ["offered", "queued", "running", "silent"].includes(this.status(device)),
    );
    return [...this.down.values(), ...taken].filter((device) => device[by] === name).length;
  }

  downMax(by: "site" | "role", name: string): number {
    const { budgets, siteSizes, roleSizes } = this.driver.definition;
    const named: readonly { name: string; downMax: CountOrShare }[] =
      by === "site"
        ? budgets.sites.map(({ site, downMax }) => ({ name: site, downMax }))
        : budgets.roles.map(({ role, downMax }) => ({ name: role, downMax }));
    const limit =
      named.find((one) => one.name === name)?.downMax ??
      (by === "site" ? budgets.downMaxPerSite : budgets.downMaxPerRole);
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    if ("count" in limit) return limit.count;
    const size = [...(by === "site" ? siteSizes : roleSizes)].find(([one]) => one === name)?.[1] ?? 0;
    return Math.max(1, Math.floor((Math.round(limit.share * 1_000) * size) / 1_000));
  }

  mayTake(): boolean {
    const { state, now, definition } = this.driver;
    return ["running", "completed"].includes(phaseOf(state)) && now < definition.validUntil;
  }

  /** Whom the rules would offer an order, one after another. */
  expectedOffers(): DeviceId[] {
    if (!this.mayTake()) return [];
    const { state, now, definition } = this.driver;
    const ready = this.devices
      .filter((device) => device.connected && this.status(device) === "waiting")
      .filter(
        ({ wave }) => waveStateOf(state, wave).state !== "not-open" && now >= present(definition.waves[wave]).notBefore,
      )
      .sort((a, b) => a.wave - b.wave || this.readyAt(a) - this.readyAt(b) || a.place - b.place);
    const chosen: ModelDevice[] = [];
    for (const device of ready) {
      if (this.inFlight() + chosen.length >= definition.budgets.inFlightMax) break;
      const chosenAt = (by: "site" | "role") =>
        chosen.filter((other) => !this.down.has(other.id) && other[by] === device[by]).length;
      const fits = (["site", "role"] as const).every(
        (by) => this.downAt(by, device[by]) + chosenAt(by) + 1 <= this.downMax(by, device[by]),
      );
      const atOnceMax = definition.budgets.roles.find(({ role }) => role === device.role)?.atOnceMax ?? Infinity;
      const underWay = this.devices.filter(
        (other) => other.role === device.role && ["offered", "queued", "running"].includes(this.status(other)),
      ).length;
      if (underWay + chosen.filter(({ role }) => role === device.role).length >= atOnceMax) continue;
      if (this.down.has(device.id) || fits) chosen.push(device);
    }
    return chosen.map(({ id }) => id);
  }

  private readyAt({ since, presentAt }: ModelDevice): number {
    return Math.max(since, presentAt);
  }

  // ---- the decision must agree -------------------------------------------------------------------------------------

  check(decision: Decision): void {
    this.note();
    const { state } = this.driver;
    const commands = decision.commands;
    const offers = commands.filter((command) => command.kind === "offer");
    for (const offer of offers) this.checkOffer(offer);
    same(new Set(offers.map(({ device }) => device)).size, offers.length);
    if (offers.length > 0 || commands.length === 0)
      same(
        offers.map(({ device }) => device),
        this.expectedOffers(),
      );

    const standing = this.devices.filter((device) => ["offered", "queued"].includes(this.status(device)));
    const halting = commands.some((command) => command.kind === "settle-gate" && command.then === "halt");
    if (!this.mayTake() && !halting) {
      const recalled = commands.flatMap((command) => (command.kind === "recall" ? [command.device] : []));
      same(recalled.sort(), standing.map(({ id }) => id).sort());
    }
    if (["halted", "aborted"].includes(phaseOf(state))) this.checkWithdrawals(commands);
    if (!halting) this.checkMarks(commands);
    for (const wave of this.heldSince.keys()) this.checkGate(wave, commands);
  }

  private checkOffer({ device: id, wave, generation }: Extract<RolloutCommand, { kind: "offer" }>): void {
    const device = present(this.devices.find((one) => one.id === id));
    same(device.wave, wave);
    same(this.status(device), "waiting");
    same(generation > (this.offers.get(id) ?? 0), true);
    this.offers.set(id, generation);
    for (let before = 0; before < wave; before += 1) same(waveStateOf(this.driver.state, before).state, "passed");
  }

  private checkWithdrawals(commands: readonly RolloutCommand[]): void {
    const begun = this.devices.filter((device) => ["running", "silent", "timed-out"].includes(this.status(device)));
    const untold = begun.filter((device) => device.told < this.driver.row(device.id).generation);
    const withdrawn = commands.flatMap((command) => (command.kind === "withdraw" ? [command.device] : []));
    same(withdrawn.sort(), untold.map(({ id }) => id).sort());
    for (const device of untold) device.told = this.driver.row(device.id).generation;
  }

  private checkMarks(commands: readonly RolloutCommand[]): void {
    const { now, definition } = this.driver;
    const { silentMs, orderMs } = definition.patience;
    const expected = this.devices.flatMap((device): string[] => {
      const status = this.status(device);
      const timesOut =
        (status === "running" || (status === "silent" && !device.accepted)) && now >= device.beganAt + orderMs;
      if (timesOut) return [`${device.id} timed-out`];
      return status === "running" && !device.connected && now >= device.heardAt + silentMs
        ? [`${device.id} silent`]
        : [];
    });
    const marked = commands.flatMap((command) =>
      command.kind === "mark" ? [`${command.device} ${command.status}`] : [],
    );
    same(marked.sort(), expected.sort());
  }

  /** After every change: since when a device has its status, and since when an open gate holds (by the oracle). */
  note(): void {
    const { state, now, definition } = this.driver;
    for (const device of this.devices) {
      const status = this.status(device);
      if (status === device.seen) continue;
      device.seen = status;
      device.since = now;
      device.accepted = false;
    }
    for (const [wave, { gate }] of definition.waves.entries()) {
      const { state: standing, openedAt } = waveStateOf(state, wave);
      if (standing !== "open" || openedAt === null) continue;
      const { counts, sample } = gateOf(state, wave, now);
      if (!weigh({ counts, sample }, gate).holds) this.heldSince[wave] = null;
      else this.heldSince[wave] ??= now;
    }
  }

  private checkGate(wave: number, commands: readonly RolloutCommand[]): void {
    const { state, now, definition, events } = this.driver;
    const { gate } = present(definition.waves[wave]);
    const decision = gateOf(state, wave, now);
    const mine = this.devices.filter((device) => device.wave === wave);
    const acceptedCount = mine.filter(({ accepted }) => accepted).length;
    const badCount = mine.filter((device) => BAD.includes(this.status(device))).length;
    same(decision.sample, decision.counts.succeeded + badCount - acceptedCount);
    same(decision.observed, decision.sample === 0 ? null : decision.counts.succeeded / decision.sample);
    same(decision.sampleMin, weigh(decision, gate).sampleMin);

    const provenBefore = events.some(
      (event) => event.kind === "gate-decided" && event.wave < wave && event.decision.rule === "passed",
    );
    const foundEmptyAt = events.findIndex(
      (event) =>
        event.kind === "gate-decided" &&
        event.wave === wave &&
        event.decision.rule === "deadline" &&
        event.decision.counts.planned > 0 &&
        event.decision.counts.notApplicable === event.decision.counts.planned,
    );
    const emptyAccepted = foundEmptyAt >= 0 && events.slice(foundEmptyAt).some(({ kind }) => kind === "resumed");
    const standing = waveStateOf(state, wave).state;
    if (standing === "open") same(decision.heldSince, this.heldSince[wave]);
    const expected = verdictOf(decision, gate, { state: standing, provenBefore: provenBefore || emptyAccepted }, now);
    same(decision.verdict, expected.verdict);
    same(
      expected.rules.find((rule) => rule === decision.rule),
      decision.rule,
    );

    const settled = commands.find((command) => command.kind === "settle-gate" && command.wave === wave);
    if (settled?.kind === "settle-gate") {
      same(settled.decision, decision);
      if (settled.then === "proceed" && decision.rule === "passed") same(decision.counts.succeeded > 0, true);
    }
  }

  // ---- what happens ------------------------------------------------------------------------------------------------

  connect(device: ModelDevice, connected: boolean): void {
    const { now } = this.driver;
    if (device.connected || connected) device.heardAt = now;
    if (device.connected !== connected) device.presentAt = now;
    device.connected = connected;
    this.driver.tell({ kind: "presence", device: device.id, connected, at: now });
    if (connected) this.storeHeard(device);
  }

  hear(device: ModelDevice): void {
    device.heardAt = this.driver.now;
    this.storeHeard(device);
    this.driver.tell({ kind: "heard", device: device.id, at: this.driver.now });
  }

  private storeHeard(device: ModelDevice): void {
    if (this.driver.row(device.id).status === "silent") this.driver.put(device.id, "running");
  }

  become(device: ModelDevice, status: DeviceStatus): void {
    const before = this.status(device);
    if (status === "running" && before === "running") return this.hear(device); // progress: a sign of life, no news
    if (status === "running" && !["running", "silent", "timed-out"].includes(before)) device.beganAt = this.driver.now;
    if (status === "running") device.heardAt = this.driver.now;
    this.driver.put(device.id, status);
  }

  resume(): void {
    const legal = ["paused", "halted"].includes(phaseOf(this.driver.state));
    this.driver.event({ kind: "resumed", at: this.driver.now, by: { kind: "person", name: "Ada" }, because: "seen" });
    this.note();
    if (legal) for (const device of this.devices) device.accepted = BAD.includes(this.status(device));
  }
}
