/**
 * Keeps what the device believes: takes what the controller brings, as far as it is signed, and says what it did not take.
 *
 * Invariant: what is believed stands on the disk before anything is decided by it.
 */
import type { Envelope } from "../../protocol/dsse.ts";
import { type BeliefRecord, believe, beliefOf, versionsOf } from "../core/belief.ts";
import type { Belief } from "../core/admission-facts.ts";
import { sayable } from "../core/sayable.ts";
import type { Instant } from "../../protocol/time.ts";
import type { AgentPorts } from "../ports.ts";
import type { Outbox } from "./outbox.ts";

/** Different refusals told in one life of the agent: what more a controller makes up is only logged. */
const TOLD_REFUSALS_MAX = 50;

export class TrustBook {
  private readonly ports: Pick<AgentPorts, "belief" | "verify" | "log">;
  private readonly outbox: Pick<Outbox, "put">;
  /** Refusals are told once: a controller gone wrong may repeat itself. */
  private readonly toldRefusals = new Set<string>();
  private record: BeliefRecord | undefined;
  private turn: Promise<void> = Promise.resolve();

  private constructor(ports: TrustBook["ports"], outbox: TrustBook["outbox"], record: BeliefRecord | undefined) {
    this.ports = ports;
    this.outbox = outbox;
    this.record = record;
  }

  static async open(ports: TrustBook["ports"], outbox: TrustBook["outbox"]): Promise<TrustBook> {
    return new TrustBook(ports, outbox, await ports.belief.read());
  }

  get belief(): Belief | undefined {
    return this.record === undefined ? undefined : beliefOf(this.record);
  }

  get versions(): BeliefRecord["told"] {
    return this.record === undefined ? { trustVersion: 0, policyVersion: 0 } : versionsOf(this.record);
  }

  /** Resolves when it is on the disk and told. One after another. @throws RecordNotWritten */
  take(documents: readonly Envelope[], policy: Envelope | undefined): Promise<void> {
    const taken = this.turn.then(() => this.takeNow(documents, policy));
    this.turn = taken.catch(() => undefined);
    return taken;
  }

  /** What was believed and not told yet: a change whose report met a power cut. */
  async tell(): Promise<void> {
    const { record, versions } = this;
    if (record === undefined) return;
    const { told } = record;
    if (told.trustVersion === versions.trustVersion && told.policyVersion === versions.policyVersion) return;
    await this.outbox.put({ kind: "trust-changed", ...versions });
    await this.keep({ ...record, told: versions });
  }

  /** The controller has proved itself and been heard. @throws RecordNotWritten */
  heard(at: Instant): Promise<void> {
    const noted = this.turn.then(async () => {
      if (this.record !== undefined) await this.keep({ ...this.record, heardAt: at });
    });
    this.turn = noted.catch(() => undefined);
    return noted;
  }

  private async takeNow(documents: readonly Envelope[], policy: Envelope | undefined): Promise<void> {
    const { ports, record } = this;
    if (record === undefined) return;
    const taken = believe(record, documents, policy, ports.verify);
    if (taken.record !== record) await this.keep(taken.record);
    for (const { what, refusal } of taken.refused) {
      const { rule, because } = refusal;
      ports.log.warn(`a ${what} document was not believed`, { rule, because });
      const isTold = this.toldRefusals.has(`${what} ${because}`);
      if (isTold || this.toldRefusals.size >= TOLD_REFUSALS_MAX) continue;
      this.toldRefusals.add(`${what} ${because}`);
      await this.outbox.put({ kind: "trust-refused", what, rule, because: sayable(because) });
    }
    await this.tell();
  }

  private async keep(record: BeliefRecord): Promise<void> {
    await this.ports.belief.write(record);
    this.record = record;
  }
}
