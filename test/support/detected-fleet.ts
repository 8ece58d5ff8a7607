/**
 * A fleet of stand-in devices in front of a controller without sockets: each says what a real one would, by way of the
 * store, and time passes as the test lets it.
 */
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId, EpochId } from "../../protocol/ids.ts";
import type { ContentVersion } from "../../protocol/content.ts";
import { canonicalBytes, sha256Hex } from "../../protocol/canonical.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { BootEnd, MachineFacts } from "../../protocol/boot.ts";
import type { IngestReport, PresenceReport } from "../../controller/store/reports.ts";
import type { ControllerHarness } from "./controller-harness.ts";
import { aBoot, aVersion, device } from "./fleet-builders.ts";
import { aKey } from "./keys.ts";

const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const GOOD = aVersion(2);
export const BAD = aVersion(3);
const CRASHED: BootEnd = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } };

export class DetectedFleet {
  readonly controller: ControllerHarness;
  readonly ids: DeviceId[] = [];
  private readonly sequences = new Map<DeviceId, number>();
  private boots = 0;
  private chassis: MachineFacts["chassis"] = null;

  /** Others on the same store; they look first as time passes, so the first of them leads. */
  private readonly others: ControllerHarness[];

  /** @param controller by way of which they speak */
  constructor(controller: ControllerHarness, others: ControllerHarness[] = []) {
    this.controller = controller;
    this.others = others;
  }

  /** Machines that run day and night, spread over sites; booted with good content, and up for an hour. */
  async open(size: number, sites: number, role = "kiosk", chassis: MachineFacts["chassis"] = null): Promise<void> {
    this.chassis = chassis;
    for (let n = 0; n < size; n++) await this.register(`Site ${n % sites}`, role);
    await this.connect(this.ids);
    await this.report(this.ids, () => this.booted([GOOD], { kind: "clean" }));
    await this.pass(60 * MINUTE, 10 * MINUTE);
  }

  async register(site: string, role = "kiosk"): Promise<DeviceId> {
    const { store, orchestrator, clock } = this.controller;
    const { publicKey } = aKey("a detected device");
    const n = this.ids.length;
    const row = { id: device(5_000 + n), publicKey, name: `pc-${n}`, site: site as never, role: role as never };
    await store.registerDevice(orchestrator.deps.stream, row, clock.now());
    this.ids.push(row.id);
    return row.id;
  }

  /** Time passes, a step at a time, and the controller looks at each. */
  async pass(ms: number, stepMs = 30 * SECOND): Promise<void> {
    const { clock, orchestrator } = this.controller;
    for (let left = ms; left > 0; left -= stepMs) {
      for (const other of this.others) await other.wait(Math.min(left, stepMs));
      clock.advance(Math.min(left, stepMs));
      await orchestrator.catchUp();
    }
  }

  async take(ids: readonly DeviceId[], version: ContentVersion): Promise<void> {
    const noticedAt = this.controller.clock.now();
    await this.report(ids, () => ({ kind: "content-changed", entry: { change: "appeared", noticedAt, version } }));
  }

  /** The gateway says that nobody answers any more. */
  async drop(ids: readonly DeviceId[], lastHeardAt: Instant = this.controller.clock.now()): Promise<void> {
    await this.presence(ids, { kind: "dropped", lastHeardAt });
  }

  async connect(ids: readonly DeviceId[]): Promise<void> {
    await this.presence(ids, { kind: "connected" });
  }

  /** Back after a bugcheck, with this on the disk. */
  async comeBack(ids: readonly DeviceId[], version: ContentVersion): Promise<void> {
    await this.connect(ids);
    await this.report(ids, () => this.booted([version], CRASHED));
  }

  /** They take the version, die a minute after, and are back before the gateway has noticed that they were gone. */
  async crashOn(ids: readonly DeviceId[], version: ContentVersion): Promise<void> {
    await this.take(ids, version);
    await this.pass(MINUTE);
    const replacedHeardAt = this.controller.clock.now();
    await this.pass(30 * SECOND);
    await this.presence(ids, { kind: "connected", replacedHeardAt });
    await this.report(ids, () => this.booted([version], CRASHED));
    await this.pass(MINUTE);
  }
  /** The same, over so many groups of five, one after the other. */
  async push(groups: number, version: ContentVersion, from = 0): Promise<void> {
    for (let group = from; group < from + groups; group++) {
      await this.crashOn(this.ids.slice(group * 5, group * 5 + 5), version);
    }
  }

  private booted(content: ContentVersion[], previousEnd: BootEnd): ReportBody {
    const bootId = `boot-${++this.boots}` as ReturnType<typeof aBoot>["bootId"];
    const bootedAt = later(this.controller.clock.now(), -20 * SECOND);
    const machine = { build: "10.0.19045", maker: "Acme", model: "One", chassis: this.chassis };
    const boot = aBoot({ bootId, bootedAt, uptimeMs: 20 * SECOND, content, previousEnd, machine });
    return { kind: "boot-began", boot };
  }

  private async presence(ids: readonly DeviceId[], presence: PresenceReport["presence"]): Promise<void> {
    const { store, orchestrator, clock } = this.controller;
    const reports = ids.map((deviceId) => ({ deviceId, receivedAt: clock.now(), presence }));
    await store.ingest(orchestrator.deps.stream, [], reports);
  }

  private async report(ids: readonly DeviceId[], body: () => ReportBody): Promise<void> {
    const { store, orchestrator, clock } = this.controller;
    const reports = ids.map((deviceId): IngestReport => {
      const sequence = (this.sequences.get(deviceId) ?? 0) + 1;
      this.sequences.set(deviceId, sequence);
      const said = body();
      const epoch = deviceId.replace("dev_", "epoch_") as EpochId;
      const digest = sha256Hex(canonicalBytes(said));
      return { deviceId, epoch, sequence, digest, receivedAt: clock.now(), body: said };
    });
    await store.ingest(orchestrator.deps.stream, reports, []);
  }
}
