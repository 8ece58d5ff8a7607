/**
 * Emergency stops and holds, as agents are told of them.
 *
 * Invariant: a stop counts from the moment that a person presses it. It is on the disk of this controller before agents
 * hear of it, and the database, which may be down, comes last: what it has not got yet is given to it later, also by the
 * next process. Only the store's word ends a stop.
 */
import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { PAYLOAD_TYPES, peek, toBase64 } from "../../protocol/dsse.ts";
import { type EmergencyStop, HoldStatement, ResumeStatement } from "../../protocol/emergency.ts";
import type { EmergencyFrame, HoldFrame } from "../../protocol/frames.ts";
import type { StopId } from "../../protocol/ids.ts";
import { later } from "../../protocol/time.ts";
import type { Clock, Log } from "../ports.ts";
import type { Precautions } from "../ports/precautions.ts";
import type { TrustKeeper } from "../ports/trust.ts";
import type { Store } from "../store.ts";
import type { HoldRow, StopRow } from "../store/emergency.ts";
import type { Unsigned } from "../store/signing.ts";

/** Devices that were away for long may still be stopped by one of these. */
const STOPS_READ = 50;
const ENDED_TOLD_MAX = 20;
const HOLDS_READ = 200;
/** A person who stops everything does not wait for a database that hangs. */
const STORE_WITHIN_MS = 3_000;

export interface StopFile {
  read(): Promise<readonly EmergencyStop[]>;
  /** Resolves when it is on the disk. */
  write(stops: readonly EmergencyStop[]): Promise<void>;
}

export interface PrecautionParts {
  readonly store: Pick<Store, "addStop" | "stops" | "renewResume" | "holds">;
  readonly file: StopFile;
  readonly clock: Clock;
  readonly trust: Pick<TrustKeeper, "document" | "policy">;
  readonly log: Log;
}

/** @throws if the file holds what cannot be read: a stop must not be forgotten */
export async function openPrecautions(parts: PrecautionParts): Promise<Precautions> {
  const keeper = new Keeper(parts, await parts.file.read());
  await keeper.refresh();
  return keeper;
}

class Keeper implements Precautions {
  private readonly parts: PrecautionParts;
  private readonly listeners = new Map<string, (frames: readonly string[]) => void>();
  /** Not stored yet. */
  private waiting: readonly EmergencyStop[];
  private rows: readonly StopRow[] = [];
  private holdRows: readonly HoldRow[] = [];
  private told: readonly string[] = [];
  private storing: Promise<void> | undefined;

  constructor(parts: PrecautionParts, waiting: readonly EmergencyStop[]) {
    this.parts = parts;
    this.waiting = waiting;
  }

  get frames(): readonly string[] {
    return this.told;
  }
  get stops(): readonly StopRow[] {
    return this.rows;
  }
  get holds(): readonly HoldRow[] {
    return this.holdRows;
  }
  get unstored(): readonly EmergencyStop[] {
    return this.waiting.filter(({ stopId }) => !this.rows.some(({ stop }) => stop.stopId === stopId));
  }
  get inForce(): readonly EmergencyStop[] {
    return [...this.unstored, ...this.rows.filter(({ envelope }) => envelope === null).map(({ stop }) => stop)];
  }

  async stop(stop: EmergencyStop): Promise<{ readonly kept: boolean; readonly stored: boolean }> {
    const { file, log, clock } = this.parts;
    this.waiting = [...this.waiting, stop];
    const kept = await file.write(this.waiting).then(
      () => true,
      (error: unknown) => {
        log.error({ err: error }, "the emergency stop could not be written to the data folder");
        return false;
      },
    );
    this.tell(); // before the database is asked
    const storing = this.refresh().then(
      () => true,
      (error: unknown) => {
        log.error({ err: error }, "the emergency stop is not in the database yet; it is tried again");
        return false;
      },
    );
    const tooLong = new Promise<boolean>((resolve) => clock.after(STORE_WITHIN_MS, () => resolve(false)));
    return { kept, stored: await Promise.race([storing, tooLong]) };
  }

  /** One at a time: whoever asks meanwhile waits for a round that begins after he asked. */
  async refresh(): Promise<void> {
    await this.storing?.catch(() => undefined);
    this.storing ??= this.round().finally(() => {
      this.storing = undefined;
    });
    await this.storing;
  }

  async renew(stop: EmergencyStop): Promise<void> {
    await this.parts.store.renewResume(stop.stopId, this.wordFor(stop.stopId));
    await this.refresh();
  }

  onTell(call: (frames: readonly string[]) => void): () => void {
    const name = randomUUID();
    this.listeners.set(name, call);
    return () => void this.listeners.delete(name);
  }

  private async round(): Promise<void> {
    const { store, file } = this.parts;
    const { waiting } = this;
    for (const stop of waiting) await store.addStop(stop, this.wordFor(stop.stopId));
    const [rows, holds] = [await store.stops(STOPS_READ), await store.holds(HOLDS_READ)];
    this.rows = rows;
    this.holdRows = holds;
    if (waiting.length > 0) {
      this.waiting = this.waiting.filter((stop) => !waiting.includes(stop));
      await file.write(this.waiting);
    }
    this.tell();
  }

  /** The word that k approvers sign to let devices go on; good for as long as the policy lets anything be. */
  private wordFor(stopId: StopId): Unsigned {
    const { trust, clock } = this.parts;
    const at = clock.now();
    const word: ResumeStatement = {
      schema: "ringback.resume/1",
      stopId,
      issuedAt: at,
      validUntil: later(at, trust.policy.limits.validityMsMax),
      minimumTrustVersion: trust.document.version,
    };
    return { payloadType: PAYLOAD_TYPES.resume, payload: toBase64(canonicalBytes(ResumeStatement.parse(word))) };
  }

  /** Tells what is new; all of it is told to who logs in. */
  private tell(): void {
    const before = new Set(this.told);
    this.told = [...this.stopFrames(), ...this.holdFrames()].map((frame) => JSON.stringify(frame));
    const news = this.told.filter((frame) => !before.has(frame));
    if (news.length > 0) for (const call of this.listeners.values()) call(news);
  }

  private stopFrames(): readonly z.infer<typeof EmergencyFrame>[] {
    const ended = this.rows.filter(({ envelope }) => envelope !== null).slice(0, ENDED_TOLD_MAX);
    return [
      ...this.inForce.map((stop) => ({ type: "emergency" as const, stop, resume: null })),
      ...ended.map(({ stop, envelope }) => ({ type: "emergency" as const, stop, resume: envelope })),
    ];
  }

  /** A hold whose time is over was released by the devices themselves. */
  private holdFrames(): readonly z.infer<typeof HoldFrame>[] {
    const now = this.parts.clock.now();
    return this.holdRows.flatMap(({ envelope, releasedAt }) =>
      envelope === null || peek(envelope, HoldStatement).until <= now
        ? []
        : [{ type: "hold" as const, hold: envelope, released: releasedAt !== null }],
    );
  }
}
