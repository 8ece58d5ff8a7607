/**
 * Two machines with one identity: a disk image that was copied after its enrolment.
 *
 * A second login of a device is nothing unusual: a machine that lost power leaves a socket behind that looks alive for a
 * minute. So the older connection is *asked*: a ping with random bytes, sent after the newer login was proved. Only a
 * process that is alive beside the newer one can answer it, since an agent that dials again has let go of what it had.
 * A machine that cannot answer in time is found when it comes back: an instance that returns after another one took its
 * place was alive all the while. A restart never looks like either: it ends one instance and begins another.
 */
import type { DeviceId } from "../../protocol/ids.ts";
import type { Random } from "../ports.ts";

/** A logged-in connection, as far as this is about it. */
export interface Life {
  readonly deviceId: DeviceId | null;
  /** Of the agent's process; 0: the agent is too old to say. */
  readonly instance: number;
  ask(payload: Buffer): void;
}

interface Question<Session> {
  readonly payload: Buffer;
  readonly newer: Session;
  readonly untilBeat: number;
}

const PAYLOAD_BYTES = 16;
/** Devices whose place another instance took; the oldest are forgotten. Some 150 bytes each. */
const DISPLACED_MAX = 10_000;

export class Rivals<Session extends Life> {
  private readonly random: Random;
  private readonly beats: number;
  private readonly questions = new Map<Session, Question<Session>>();
  private readonly displaced = new Map<DeviceId, number>();

  /** @param beats how long an answer may take */
  constructor(random: Random, beats: number) {
    this.random = random;
    this.beats = beats;
  }

  /** Has this instance come back after another one took its place? */
  returns({ deviceId, instance }: Life): boolean {
    return deviceId !== null && instance !== 0 && this.displaced.get(deviceId) === instance;
  }

  /** Asks whether `older` is still there beside `newer`. False if it need not be asked: one of them is too old for it. */
  ask(older: Session, newer: Session, beat: number): boolean {
    if (older.instance === 0 || newer.instance === 0 || older.deviceId === null) return false;
    if (older.instance !== newer.instance) this.remember(older.deviceId, older.instance);
    const payload = Buffer.from(this.random(PAYLOAD_BYTES).subarray(0, PAYLOAD_BYTES));
    this.questions.set(older, { payload, newer, untilBeat: beat + this.beats });
    older.ask(payload);
    return true;
  }

  /** The newer one of the two, if `older` has just shown that it is alive. */
  answered(older: Session, payload: Buffer): Session | undefined {
    const question = this.questions.get(older);
    if (question === undefined || !question.payload.equals(payload)) return undefined;
    this.questions.delete(older);
    return question.newer;
  }

  /** A connection is gone, or not logged in any more. @returns who waited for its answer */
  left(life: Session): Session | undefined {
    const question = this.questions.get(life);
    this.questions.delete(life);
    return question?.newer;
  }

  /** The older connections of a device that are being asked. */
  *askedOf(device: DeviceId): Generator<Session> {
    for (const older of this.questions.keys()) if (older.deviceId === device) yield older;
  }

  /** What was known of its instances counts no more: an administrator has been told. */
  forget(device: DeviceId): void {
    this.displaced.delete(device);
  }

  /** Hands out those whose time to answer is over, each with the newer one. */
  *overdue(beat: number): Generator<{ readonly older: Session; readonly newer: Session }> {
    for (const [older, { newer, untilBeat }] of this.questions) {
      if (untilBeat > beat) break; // they were asked in this order
      this.questions.delete(older);
      yield { older, newer };
    }
  }

  private remember(device: DeviceId, instance: number): void {
    this.displaced.delete(device);
    this.displaced.set(device, instance);
    if (this.displaced.size <= DISPLACED_MAX) return;
    for (const oldest of this.displaced.keys()) {
      this.displaced.delete(oldest);
      break;
    }
  }
}

/** 31 bits of an instance: enough to tell two machines apart, and held without an object. Never 0. */
export const instanceNumber = (instance: string): number =>
  Buffer.from(instance.slice(0, 8), "base64").readUInt32LE(0) >>> 1 || 1;
