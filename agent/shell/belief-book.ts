/**
 * The record of what the device believes and heeds: on the disk and in memory, never apart.
 *
 * Invariant: whoever changes it does so in turn, on what the one before has written.
 */
import type { BeliefRecord } from "../core/belief.ts";
import { NO_PRECAUTIONS, type Precautions } from "../core/precautions.ts";
import type { BeliefFile } from "../ports.ts";

export class BeliefBook {
  private readonly file: BeliefFile;
  private newest: BeliefRecord | undefined;
  private turn: Promise<void> = Promise.resolve();

  private constructor(file: BeliefFile, record: BeliefRecord | undefined) {
    this.file = file;
    this.newest = record;
  }

  static async open(file: BeliefFile): Promise<BeliefBook> {
    return new BeliefBook(file, await file.read());
  }

  /** Undefined: nothing that can be read, so nobody is believed and nothing can be kept. */
  get record(): BeliefRecord | undefined {
    return this.newest;
  }
  get precautions(): Precautions {
    return this.newest?.precautions ?? NO_PRECAUTIONS;
  }

  /** One after another. @throws what `work` throws */
  inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Only in turn. Resolves when it is on the disk. @throws RecordNotWritten, and memory stays as the disk is */
  async keep(record: BeliefRecord): Promise<void> {
    await this.file.write(record);
    this.newest = record;
  }

  /** The same, of the precautions; nothing is written if they are those that are kept. */
  async heed(precautions: Precautions): Promise<void> {
    if (this.newest === undefined || precautions === this.precautions) return;
    await this.keep({ ...this.newest, precautions });
  }
}
