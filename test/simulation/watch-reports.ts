/**
 * Watches reports: what was acknowledged stands in the record at that moment and for ever, once, with the very bytes
 * that the agent sent; a report's bytes never change.
 */
import { createHash } from "node:crypto";
import type { Store } from "../../controller/store.ts";
import type { IngestResult } from "../../controller/store/reports.ts";
import type { Method } from "../../controller/storage/store-methods.ts";
import type { DeviceId, EpochId } from "../../protocol/ids.ts";
import type { SimMachine } from "./sim-machine.ts";
import type { WireTap } from "./wire.ts";
import type { World } from "./world.ts";

interface SentEpoch {
  readonly device: DeviceId;
  readonly epoch: EpochId;
  /** Digest of each report's bytes, by sequence. */
  readonly digests: Map<number, string>;
  acknowledged: number;
}

/** More than a device ever reports in a simulation. */
const ALL = 1_000_000;

export class ReportWatch {
  private readonly world: World;
  private readonly store: Store;
  private readonly sent = new Map<string, SentEpoch>();

  constructor(world: World, store: Store) {
    this.world = world;
    this.store = store;
  }

  readonly onStoreCall = (method: Method, _args: readonly unknown[], result: unknown): void => {
    if (method !== "ingest") return;
    for (const how of result as readonly IngestResult[]) this.world.count(`report ${how}`);
    if ((result as readonly IngestResult[]).includes("conflict"))
      this.world.broken("a report keeps its bytes", "the record found a conflict");
  };

  /** A tap for one connection: the epoch is said in its hello. */
  tapOf(machine: SimMachine): Omit<WireTap, "arrived"> {
    let epoch: SentEpoch | undefined;
    return {
      fromAgent: (text) => {
        const frame = JSON.parse(text) as { type: string; epoch?: EpochId; sequence?: number; body?: { kind: string } };
        machine.say(`> ${frame.type}${frame.sequence === undefined ? "" : ` ${frame.sequence} ${frame.body?.kind}`}`);
        if (frame.epoch !== undefined) epoch = this.epochOf(machine, frame.epoch);
        if (frame.type === "report" && frame.sequence !== undefined && epoch !== undefined)
          this.noteSent(epoch, frame.sequence, text);
      },
      fromController: (text) => {
        const frame = JSON.parse(text) as { type: string; through?: number };
        machine.say(`< ${frame.type}${frame.through === undefined ? "" : ` ${frame.through}`}`);
        if (frame.through !== undefined && epoch !== undefined) this.noteAcknowledged(epoch, frame.through);
      },
    };
  }

  /** Everything that was ever acknowledged, compared with the record. */
  async checkAll(): Promise<void> {
    for (const device of new Set([...this.sent.values()].map((epoch) => epoch.device))) await this.checkDevice(device);
  }

  private epochOf({ id, traits }: SimMachine, epoch: EpochId): SentEpoch {
    const known = this.sent.get(epoch);
    if (known !== undefined) return known;
    const others = [...this.sent.values()].filter(({ device }) => device === id);
    if (others.length > 0) this.world.broken("an outbox is not lost", `${traits.name} began a second epoch ${epoch}`);
    const begun: SentEpoch = { device: id, epoch, digests: new Map(), acknowledged: 0 };
    this.sent.set(epoch, begun);
    return begun;
  }

  private noteSent({ epoch, digests }: SentEpoch, sequence: number, text: string): void {
    const digest = createHash("sha256").update(text).digest("hex");
    const before = digests.get(sequence);
    if (before !== undefined && before !== digest)
      this.world.broken("a report keeps its bytes", `${epoch} ${sequence}: ${text}`);
    digests.set(sequence, digest);
  }

  private noteAcknowledged(sent: SentEpoch, through: number): void {
    if (through <= sent.acknowledged) return;
    sent.acknowledged = through;
    this.world.checkSoon(async () => {
      const durable = await this.store.through(sent.device, sent.epoch);
      if (durable < through) {
        this.world.broken(
          "acknowledged means durable",
          `${sent.device} was told that ${through} is durable, the record has ${durable}`,
        );
      }
    });
  }

  private async checkDevice(device: DeviceId): Promise<void> {
    const stored = await this.store.reportsOf(device, ALL);
    const found = new Map<string, string>();
    const boots = new Set<string>();
    for (const { epoch, sequence, digest, body } of stored) {
      const key = `${epoch} ${sequence}`;
      if (found.has(key)) this.world.broken("a report is counted once", `${device} ${key} is stored twice`);
      found.set(key, digest);
      const once =
        body.kind === "boot-began"
          ? `boot ${body.boot.bootId}`
          : body.kind === "order-accepted"
            ? `order ${body.orderId}`
            : key;
      if (boots.has(once)) this.world.broken("a report is counted once", `${device} said ${once} twice`);
      boots.add(once);
    }
    for (const { epoch, digests, acknowledged } of [...this.sent.values()].filter((sent) => sent.device === device)) {
      for (const [sequence, digest] of digests) {
        const key = `${epoch} ${sequence}`;
        if (sequence <= acknowledged && !found.has(key))
          this.world.broken("acknowledged is never lost", `${device} ${key} is gone`);
        if (found.has(key) && found.get(key) !== digest)
          this.world.broken("a report keeps its bytes", `${device} ${key}`);
      }
    }
  }
}
