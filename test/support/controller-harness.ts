/**
 * The controller without sockets: real store, real orchestrator, real administration, a clock that stands still, and
 * devices that say what a test lets them say. `restart` throws all memory away, as a kill would.
 */
import { openAdministration } from "../../controller/administration/administration.ts";
import { whyVoid } from "../../controller/administration/approvals.ts";
import { inProcessBus } from "../../controller/bus/in-process.ts";
import { createDetector } from "../../controller/detection/detector.ts";
import { deviceVerifier } from "../../controller/gateway/verify.ts";
import { Orchestrator, type OrchestratorDeps } from "../../controller/orchestrator/orchestrator.ts";
import type { Administration } from "../../controller/ports/administration.ts";
import type { Precautions } from "../../controller/ports/precautions.ts";
import type { TrustKeeper } from "../../controller/ports/trust.ts";
import type { Store } from "../../controller/store.ts";
import type { Presence } from "../../controller/store/feed.ts";
import { openPrecautions } from "../../controller/trust/precautions.ts";
import { openSqliteStoreInThread } from "../../controller/storage/sqlite.ts";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { PlanRequest } from "../../protocol/api.ts";
import { canonicalBytes, sha256Hex } from "../../protocol/canonical.ts";
import { PAYLOAD_TYPES, peek, seal } from "../../protocol/dsse.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { type DeviceId, type EpochId, newId, type OrderId } from "../../protocol/ids.ts";
import { WaveOrder } from "../../protocol/plan.ts";
import type { OrderOutcome, Receipt } from "../../protocol/progress.ts";
import type { z } from "zod";
import { aBoot, aHealthyBoot, aVersion, device } from "./fleet-builders.ts";
import { aKey, type TestKey } from "./keys.ts";
import { ManualClock } from "./manual-clock.ts";
import { aPlanRequest } from "./plan-builders.ts";
import { MemoryStopFile } from "./precautions.ts";
import { aTrustKeeper, ONLINE } from "./trust.ts";

const SETTINGS = { silentAfterMs: 600_000, leaseMs: 5_000 };

export class ControllerHarness {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly nudged: DeviceId[] = [];
  /** Orders of which agents that are connected were told at once that they are withdrawn. */
  readonly stopped: OrderId[] = [];
  /** What the gateway was told of the standing of devices. */
  readonly standings: { readonly device: DeviceId; readonly standing: DeviceStanding }[] = [];
  /** What agents that are connected were told of stops and holds, as frames. */
  readonly told: string[] = [];
  /** The stops that wait for the database: the file in the data folder. */
  readonly file = new MemoryStopFile();
  orchestrator: Orchestrator;
  precautions: Precautions;
  administration: Administration;
  trust: TrustKeeper;
  private readonly keys = new Map<DeviceId, TestKey>();
  private readonly sequences = new Map<DeviceId, number>();
  private readonly over: Partial<OrchestratorDeps>;
  private lives = 0;

  private constructor(store: Store, over: Partial<OrchestratorDeps>) {
    this.store = store;
    this.over = over;
    this.clock = over.clock instanceof ManualClock ? over.clock : new ManualClock(); // several may share one
    this.orchestrator = this.newOrchestrator();
    this.trust = undefined as unknown as TrustKeeper; // so does this
    this.precautions = undefined as unknown as Precautions; // and this
    this.administration = undefined as unknown as Administration; // open() sets it before anyone can look
  }

  static async open(
    over: Partial<OrchestratorDeps> = {},
    store: Store = openSqliteStoreInThread(":memory:"),
  ): Promise<ControllerHarness> {
    await store.migrate();
    const harness = new ControllerHarness(store, over);
    await harness.begin();
    return harness;
  }

  /** A new process over the same store. The old one is not told; its connections are gone. */
  async restart(): Promise<void> {
    const old = this.orchestrator;
    this.orchestrator = this.newOrchestrator();
    void old.stop();
    this.clock.advance(SETTINGS.leaseMs); // the old one's lease runs out
    await this.begin();
  }

  async stop(): Promise<void> {
    await this.orchestrator.stop();
    await this.store.close();
  }

  /** Time passes, and the orchestrator looks at it. */
  async wait(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.orchestrator.catchUp();
  }

  async register(n: number, over: { site?: string; role?: string } = {}): Promise<DeviceId> {
    const id = device(n);
    const key = aKey(`device ${n}`);
    this.keys.set(id, key);
    const registration = {
      id,
      publicKey: key.publicKey,
      name: `pc-${n}`,
      site: over.site ?? "Ward 1",
      role: over.role ?? "workstation",
    };
    await this.administration.registerDevice(registration as Parameters<Administration["registerDevice"]>[0]);
    return id;
  }

  /** Registered, booted with the faulty version on its disk, healthy and connected. */
  async bring(n: number, over: { site?: string; role?: string } = {}): Promise<DeviceId> {
    const id = await this.register(n, over);
    await this.say(id, { kind: "connected" });
    await this.say(id, { kind: "boot-began", boot: aBoot({ content: [aVersion(2)] }) });
    await this.say(id, { kind: "boot-healthy", healthy: aHealthyBoot() });
    return id;
  }

  async say(id: DeviceId, body: ReportBody | Presence): Promise<void> {
    const { stream } = this.orchestrator.deps;
    const receivedAt = this.clock.now();
    if (body.kind === "connected" || body.kind === "dropped") {
      await this.store.ingest(stream, [], [{ deviceId: id, receivedAt, presence: body }]);
    } else {
      const sequence = (this.sequences.get(id) ?? 0) + 1;
      this.sequences.set(id, sequence);
      const epoch = id.replace("dev_", "epoch_") as EpochId; // one epoch a device is enough here
      await this.store.ingest(
        stream,
        [{ deviceId: id, epoch, sequence, digest: sha256Hex(canonicalBytes(body)), receivedAt, body }],
        [],
      );
    }
    await this.orchestrator.catchUp();
  }

  /** The device looks into its mailbox: the order to run, if there is one. */
  async pull(id: DeviceId): Promise<{ readonly orderId: OrderId; readonly order: WaveOrder } | undefined> {
    const [first] = (await this.store.takeMailbox(id, this.clock.now())).filter(({ withdrawn }) => !withdrawn);
    return first === undefined ? undefined : { orderId: first.orderId, order: peek(first.order, WaveOrder) };
  }

  async withdrawn(id: DeviceId): Promise<readonly OrderId[]> {
    return (await this.store.takeMailbox(id, this.clock.now()))
      .filter(({ withdrawn }) => withdrawn)
      .map(({ orderId }) => orderId);
  }

  /** The device takes its order and ends it so. */
  async carryOut(id: DeviceId, outcome: OrderOutcome = "succeeded"): Promise<OrderId> {
    const pulled = await this.pull(id);
    if (pulled === undefined) throw new Error(`${id} has no order`);
    await this.say(id, { kind: "order-accepted", orderId: pulled.orderId });
    await this.say(id, this.ended(id, pulled.order, outcome));
    return pulled.orderId;
  }

  /** The report that ends an order, signed by the device, or by another to show that this does not pass. */
  ended(
    id: DeviceId,
    { orderId, planId }: WaveOrder,
    outcome: OrderOutcome,
    signer: TestKey = this.keyOf(id),
  ): ReportBody {
    const receipt: Receipt = {
      schema: "ringback.receipt/1",
      orderId,
      planId,
      deviceId: id,
      outcome,
      steps: [{ kind: "quarantine-file", outcome: outcome === "succeeded" ? "done" : "failed", files: [] }],
      bootId: aBoot().bootId,
      durationMs: 1_000,
      finishedAt: this.clock.now(),
    };
    return { kind: "order-ended", orderId, receipt: seal(PAYLOAD_TYPES.receipt, receipt, [signer]) };
  }

  /** Makes, approves and starts a plan. */
  async start(over: Partial<z.input<typeof PlanRequest>> = {}): ReturnType<Administration["startRollout"]> {
    const plan = await this.administration.makePlan(aPlanRequest(over), "anna");
    await this.administration.approvePlan(plan.id, plan.digest, "anna");
    return this.administration.startRollout(plan.id, "anna");
  }

  private keyOf(id: DeviceId): TestKey {
    const key = this.keys.get(id);
    if (key === undefined) throw new Error(`${id} was not registered here`);
    return key;
  }

  private newOrchestrator(): Orchestrator {
    this.lives += 1;
    const stream = newId(
      "stream",
      this.clock.now(),
      Uint8Array.from({ length: 10 }, () => this.lives),
    );
    let counter = 0;
    return new Orchestrator({
      store: this.store,
      stream,
      clock: this.clock,
      random: (count) =>
        Uint8Array.from({ length: count }, (_, i) =>
          i === 0 ? this.lives : i >= count - 4 ? (counter += i === count - 4 ? 1 : 0) >> (8 * (count - 1 - i)) : 0,
        ),
      gateway: {
        tellTrust: () => undefined,
        tellPrecautions: () => undefined,
        announce: () => undefined,
        nudge: (devices) => this.nudged.push(...devices),
        stopOrders: (orders) => this.stopped.push(...[...orders].map(({ order }) => order)),
        standingChanged: (device, standing) => this.standings.push({ device, standing }),
      },
      bus: inProcessBus(),
      verifyDevice: deviceVerifier(),
      online: ONLINE,
      whyVoid: (plan) => whyVoid(plan, this.trust),
      log: { info: () => undefined, warn: () => undefined, error: (fields, message) => console.error(message, fields) },
      isLive: (candidate) => candidate === stream,
      settings: SETTINGS,
      detection: { makeDetector: createDetector, pace: 1 },
      ...this.over,
    });
  }

  private async begin(): Promise<void> {
    this.trust = await aTrustKeeper(this.store, this.clock);
    const { clock, store, trust, orchestrator } = this;
    await orchestrator.start();
    const { log } = orchestrator.deps;
    this.precautions = await openPrecautions({ store, file: this.file, clock, trust, log });
    this.precautions.onTell((frames) => this.told.push(...frames));
    this.administration = openAdministration({ orchestrator, trust, precautions: this.precautions });
  }
}
