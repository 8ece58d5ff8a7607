/**
 * Keeps what the device believes: takes what the controller brings, as far as it is signed, and says what it did not take.
 *
 * Invariant: what is believed stands on the disk before anything is decided by it.
 */
import type { Envelope } from "../../protocol/dsse.ts";
import { type BeliefRecord, believe, beliefOf, versionsOf } from "../core/belief.ts";
import type { Belief } from "../core/admission-facts.ts";
import type { Instant } from "../../protocol/time.ts";
import type { AgentPorts } from "../ports.ts";
import type { BeliefBook } from "./belief-book.ts";
import type { Outbox } from "./outbox.ts";
import type { TellRefusal } from "./tell-refusal.ts";

export class TrustBook {
  private readonly ports: Pick<AgentPorts, "verify">;
  private readonly outbox: Pick<Outbox, "put">;
  private readonly book: BeliefBook;
  private readonly tellRefusal: TellRefusal;

  constructor(ports: TrustBook["ports"], outbox: TrustBook["outbox"], book: BeliefBook, tellRefusal: TellRefusal) {
    this.ports = ports;
    this.outbox = outbox;
    this.book = book;
    this.tellRefusal = tellRefusal;
  }

  get belief(): Belief | undefined {
    const { record } = this.book;
    return record === undefined ? undefined : beliefOf(record);
  }

  get versions(): BeliefRecord["told"] {
    const { record } = this.book;
    return record === undefined ? { trustVersion: 0, policyVersion: 0 } : versionsOf(record);
  }

  /** Resolves when it is on the disk and told. One after another. @throws RecordNotWritten */
  take(documents: readonly Envelope[], policy: Envelope | undefined): Promise<void> {
    return this.book.inTurn(() => this.takeNow(documents, policy));
  }

  /** What was believed and not told yet: a change whose report met a power cut. */
  tellWhatIsNew(): Promise<void> {
    return this.book.inTurn(() => this.tell());
  }

  private async tell(): Promise<void> {
    const { versions } = this;
    const { record } = this.book;
    if (record === undefined) return;
    const { told } = record;
    if (told.trustVersion === versions.trustVersion && told.policyVersion === versions.policyVersion) return;
    await this.outbox.put({ kind: "trust-changed", ...versions });
    await this.book.keep({ ...record, told: versions });
  }

  /** The controller has proved itself and been heard. @throws RecordNotWritten */
  heard(at: Instant): Promise<void> {
    return this.book.inTurn(async () => {
      const { record } = this.book;
      if (record !== undefined) await this.book.keep({ ...record, heardAt: at });
    });
  }

  private async takeNow(documents: readonly Envelope[], policy: Envelope | undefined): Promise<void> {
    const { ports } = this;
    const { record } = this.book;
    if (record === undefined) return;
    const taken = believe(record, documents, policy, ports.verify);
    if (taken.record !== record) await this.book.keep(taken.record);
    for (const { what, refusal } of taken.refused) await this.tellRefusal(what, refusal);
    await this.tell();
  }
}
