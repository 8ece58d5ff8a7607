/** Looks at the watched content and keeps the ledger of what changed: on disk first, told afterwards. */
import { z } from "zod";
import type { ContentChange, ContentVersion } from "../../protocol/content.ts";
import type { ContentSource } from "../../protocol/content-source.ts";
import {
  compactContent,
  compareContent,
  ContentRecord,
  type ContentLedger,
  foldContent,
  labelOf,
  versionInRegistry,
  newestThatFit,
  type Sighting,
} from "../core/content-ledger.ts";
import { registryPlace } from "../../protocol/registry-version.ts";
import type { AgentPorts, Result } from "../ports.ts";
import { ifWritable } from "./if-writable.ts";
import type { Outbox } from "./outbox.ts";

type RegistryPlaceOf = NonNullable<ContentSource["registry"]>[number];

export class Watch {
  private readonly ports: Pick<AgentPorts, "clock" | "machine" | "log">;
  private readonly log: AgentPorts["records"]["content"];
  private readonly sources: readonly ContentSource[];
  private readonly outbox: Outbox;
  private ledger: ContentLedger;
  private untold: readonly ContentRecord[];
  private readonly complained = new Set<string>();

  private constructor(
    ports: Pick<AgentPorts, "clock" | "machine" | "log" | "records">,
    sources: readonly ContentSource[],
    outbox: Outbox,
    records: readonly ContentRecord[],
  ) {
    this.ports = ports;
    this.log = ports.records.content;
    this.sources = sources;
    this.outbox = outbox;
    const ledger = foldContent(records);
    // A ledger that was lost goes on counting where the outbox has it, or nothing would be told any more.
    this.ledger = { ...ledger, n: Math.max(ledger.n, outbox.numberOf("content")) };
    this.untold = records;
  }

  static async open(
    ports: Pick<AgentPorts, "clock" | "machine" | "log" | "records">,
    sources: readonly ContentSource[],
    outbox: Outbox,
  ): Promise<Watch> {
    const parsed = z.array(ContentRecord).safeParse(await ports.records.content.read());
    const records = parsed.success ? parsed.data : [];
    if (!parsed.success) {
      ports.log.error("the content ledger cannot be read and begins anew", { because: z.prettifyError(parsed.error) });
    }
    const watch = new Watch(ports, sources, outbox, records);
    await ifWritable(async () => {
      if (!parsed.success) await ports.records.content.replace([]);
      await watch.tell();
      const compact = compactContent(records);
      if (compact !== undefined) await ports.records.content.replace(compact);
    });
    return watch;
  }

  /** What is on the disk, newest first, as far as it is known and a boot report can hold it. */
  get versions(): readonly ContentVersion[] {
    return newestThatFit(this.all);
  }

  /** All of it. */
  get all(): readonly ContentVersion[] {
    return [...this.ledger.versions.values()];
  }

  /** One look. Resolves when every change is in the ledger and in the outbox. */
  async look(): Promise<void> {
    const seen = await this.sight();
    for (const change of compareContent(this.ledger.versions, seen, this.ports.clock.now())) await this.enter(change);
    await this.tell();
  }

  private async enter(change: ContentChange): Promise<void> {
    const record: ContentRecord = { event: "change", n: this.ledger.n + 1, change };
    await this.log.append(record);
    this.ledger = foldContent([record], this.ledger);
    this.untold = [...this.untold, record];
  }

  private async tell(): Promise<void> {
    for (const record of this.untold) {
      if (record.event === "change" && !this.outbox.has({ of: "content", is: record.n }))
        await this.outbox.put({ kind: "content-changed", entry: record.change }, { of: "content", is: record.n });
    }
    this.untold = [];
  }

  private async sight(): Promise<Sighting> {
    const versions: ContentVersion[] = [];
    const unread = new Set<ContentSource["id"]>();
    for (const source of this.sources) {
      for (const glob of source.files) {
        const found = await this.ports.machine.files(glob);
        if (found.kind === "fault") {
          unread.add(source.id);
          this.complain(glob, found.because);
          continue;
        }
        this.complained.delete(glob);
        for (const { path, sha256, sizeBytes, modifiedAt } of found.value) {
          const label = labelOf(source, path, sha256);
          versions.push({ source: source.id, sha256, label, path, sizeBytes, modifiedAt });
        }
      }
      for (const place of source.registry ?? []) {
        const found = await this.sightValue(source, place);
        if (found.kind === "fault") {
          unread.add(source.id);
          this.complain(registryPlace(place.key, place.name), found.because);
        } else if (found.value !== undefined) versions.push(found.value);
      }
    }
    return { versions, unread };
  }

  /** Undefined: the product has not written its version there. */
  private async sightValue(
    { id }: ContentSource,
    { key, name }: RegistryPlaceOf,
  ): Promise<Result<ContentVersion | undefined>> {
    const { registry } = this.ports.machine;
    const value = await registry.read(key, name);
    if (value.kind === "fault" || value.value === undefined) return value as Result<undefined>;
    const written = await registry.writtenAt(key);
    if (written.kind === "fault") return written;
    this.complained.delete(registryPlace(key, name));
    return {
      kind: "ok",
      value: versionInRegistry({ source: id, key, name, value: value.value }, written.value ?? this.ports.clock.now()),
    };
  }

  private complain(glob: string, because: string): void {
    if (this.complained.has(glob)) return;
    this.complained.add(glob);
    this.ports.log.warn("watched content cannot be read; its last known state stands", { glob, because });
  }
}
