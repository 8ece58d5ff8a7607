/**
 * The controller's side: the real gateway sessions, ingest, orchestrator and administration over one record, in
 * processes that die at any moment and are started again from what stands in the record.
 */
import { openAdministration } from "../../controller/administration/administration.ts";
import { voidApprovals } from "../../controller/administration/void-approvals.ts";
import { inProcessBus } from "../../controller/bus/in-process.ts";
import { WebSocketGateway } from "../../controller/gateway/gateway.ts";
import { Orchestrator } from "../../controller/orchestrator/orchestrator.ts";
import type { Administration } from "../../controller/ports/administration.ts";
import type { Store } from "../../controller/store.ts";
import { newId } from "../../protocol/ids.ts";
import type { FirstTrustKeys } from "../../controller/trust/first-trust.ts";
import type { Sha256 } from "../../protocol/canonical.ts";
import { type Envelope, payloadDigest } from "../../protocol/dsse.ts";
import { openPrecautions } from "../../controller/trust/precautions.ts";
import { MemoryStopFile } from "../support/precautions.ts";
import { aTrustKeeper } from "../support/trust.ts";
import { Life } from "./life.ts";
import type { Network } from "./network.ts";
import type { Sabotage } from "./sabotage.ts";
import { simKey, simVerify, simVerifyRaw } from "./sim-keys.ts";
import { storeLine, type StoreLineEvents } from "./store-line.ts";
import type { World } from "./world.ts";

const SILENT_LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** What node-cron does in production. */
const SWEEP_MS = 10_000;
/** A controller that lives at all lives this long in the mean, while faults happen. */
const LIVES_MS = 150_000;

export interface ControllerSetup {
  readonly world: World;
  readonly network: Pick<Network<never>, "controllerListens" | "controllerEnded" | "recordStalls">;
  readonly store: Store;
  readonly onStoreCall: StoreLineEvents["done"];
  readonly sabotage: Sabotage;
}

export class SimController {
  private readonly setup: ControllerSetup;
  private readonly keys: FirstTrustKeys;
  private life: Life | undefined;
  /** The lives so far. */
  lives = 0;
  orchestrator: Orchestrator | undefined;
  /** What people can ask; undefined while it is down or starting. */
  administration: Administration | undefined;

  constructor(setup: ControllerSetup) {
    this.setup = setup;
    const held = (name: string) => {
      const signer = simKey(name);
      return { signer, publicKey: signer.publicKey };
    };
    this.keys = {
      roots: held("root"),
      policyHolders: held("policy holder"),
      approvers: held("approver"),
      online: held("online"),
    };
  }

  /** Writes the first trust document. Answers what devices are installed with. */
  async firstTrust(): Promise<Sha256> {
    const { world, store } = this.setup;
    const { documents } = await aTrustKeeper(store, { now: () => world.time.now() }, this.keys, simVerifyRaw);
    return payloadDigest(documents[0] as Envelope); // it is there: the keeper made it
  }

  start(): void {
    const { world } = this.setup;
    if (this.life !== undefined) return;
    this.lives += 1;
    world.say("controller", `start ${this.lives}`);
    const life = new Life(world.time);
    this.life = life;
    this.run(life).catch((error: unknown) => {
      if (this.life === life) this.crash(`could not start: ${String(error)}`);
    });
  }

  crash(why: string): void {
    const { world, network } = this.setup;
    if (this.life === undefined) return;
    world.say("controller", `dies ${why}`);
    world.count("controller crash");
    this.life.end();
    this.life = undefined;
    this.orchestrator = undefined;
    this.administration = undefined;
    network.controllerEnded();
    world.time.after(world.dice.of(`outage ${this.lives}`).between(300, 15_000), () => this.start());
  }

  private async run(life: Life): Promise<void> {
    const { world, network, onStoreCall, sabotage } = this.setup;
    const dice = world.dice.of(`controller ${this.lives}`);
    const clock = { now: () => world.time.now(), after: (ms: number, call: () => void) => life.after(ms, call) };
    const random = (count: number): Uint8Array => dice.bytes(count);
    const record = sabotage.store?.(this.setup.store) ?? this.setup.store;
    const store = storeLine(world, dice.of("store"), life, record, {
      done: onStoreCall,
      crash: (why) => this.crash(why),
      stalls: (method) => {
        if (method === "ingest" && dice.chance(0.5)) network.recordStalls();
      },
    });
    const stream = newId("stream", clock.now(), random(10));
    const bus = inProcessBus();
    // Lingering for a millisecond takes the place of waiting for the sockets that are ready; a slow beat saves events.
    const limits = { lingerMs: 1, beatMs: 1_000 };
    const trust = await aTrustKeeper(store, clock, this.keys, simVerifyRaw);
    const file = new MemoryStopFile();
    const precautions = await openPrecautions({ store, file, clock, trust, log: SILENT_LOG });
    const gateway = new WebSocketGateway({
      store,
      stream,
      clock,
      random,
      verify: simVerify,
      bus,
      trust,
      precautions,
      log: SILENT_LOG,
      limits,
    });
    precautions.onTell((frames) => gateway.tellPrecautions(frames));
    const orchestrator = new Orchestrator({
      store,
      stream,
      clock,
      random,
      gateway,
      bus,
      verifyDevice: simVerify,
      online: trust.online,
      whyVoid: voidApprovals(trust),
      log: SILENT_LOG,
      isLive: (candidate) => candidate === stream,
      settings: { silentAfterMs: 120_000, leaseMs: 10_000 },
      ...(sabotage.decide === undefined ? {} : { decide: sabotage.decide }),
    });
    await orchestrator.start();
    const administration = openAdministration({ orchestrator, trust, precautions });
    await life.give(undefined);
    world.say("controller", "listens");
    this.orchestrator = orchestrator;
    this.administration = administration;
    network.controllerListens(gateway.accept);
    const sweep = (): void => {
      orchestrator.poke();
      life.after(SWEEP_MS, sweep);
    };
    sweep();
    if (!dice.chance(0.7)) return;
    life.after(dice.below(2 * LIVES_MS), () => {
      if (!world.isFaulty) return;
      if (dice.chance(0.7)) this.crash("by kill -9");
      else void this.stop(life, gateway, orchestrator);
    });
  }

  /** As `npm start` ends on SIGTERM: what came is stored, connections are closed, and then it starts again. */
  private async stop(life: Life, gateway: WebSocketGateway, orchestrator: Orchestrator): Promise<void> {
    this.setup.world.say("controller", "is asked to stop");
    this.setup.network.controllerListens(undefined);
    await gateway.drain();
    await orchestrator.stop();
    if (this.life === life) this.crash("after a graceful stop");
  }
}
