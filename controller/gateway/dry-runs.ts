/**
 * Questions what steps would do on devices: sent to those that are connected, answered as they answer.
 *
 * Invariant: every device that was asked gets an answer within a bounded time, if only that it said nothing; an answer that
 * belongs to no open question of that very device is dropped.
 */
import type { CheckAnswer, CheckQuestion } from "../../protocol/check.ts";
import { type CheckId, type DeviceId, newId } from "../../protocol/ids.ts";
import type { Clock, Random } from "../ports.ts";
import type { DryRun, DryRunAnswer, DryRuns } from "../ports/gateway.ts";

/** An agent looks for half a minute at most. */
const ANSWER_MS = 45_000;

export interface DryRunPeer {
  /** `asked`: the question is on its way. */
  check(checkId: CheckId, question: CheckQuestion): "asked" | "too-old" | "not-connected";
}

interface Open {
  readonly device: DeviceId;
  readonly settle: (answer: DryRunAnswer) => void;
}

export class GatewayDryRuns implements DryRuns {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly peerOf: (device: DeviceId) => DryRunPeer | undefined;
  private readonly open = new Map<CheckId, Open>();

  constructor(clock: Clock, random: Random, peerOf: GatewayDryRuns["peerOf"]) {
    this.clock = clock;
    this.random = random;
    this.peerOf = peerOf;
  }

  ask(devices: Iterable<DeviceId>, question: CheckQuestion): DryRun {
    const answers = new Map<DeviceId, DryRunAnswer>();
    const waits = [...new Set(devices)].map((device) => this.askOne(device, question, answers));
    return { answers, done: Promise.all(waits).then(() => undefined) };
  }

  private askOne(device: DeviceId, question: CheckQuestion, answers: Map<DeviceId, DryRunAnswer>): Promise<void> {
    const checkId = newId("check", this.clock.now(), this.random(10));
    const asked = this.peerOf(device)?.check(checkId, question) ?? "not-connected";
    answers.set(device, { kind: asked });
    if (asked !== "asked") return Promise.resolve();
    return new Promise((resolve) => {
      const forget = this.clock.after(ANSWER_MS, () => settle({ kind: "silent" }));
      const settle = (answer: DryRunAnswer): void => {
        forget();
        this.open.delete(checkId);
        answers.set(device, answer);
        resolve();
      };
      this.open.set(checkId, { device, settle });
    });
  }

  answered(device: DeviceId, checkId: CheckId, answer: CheckAnswer): void {
    const asked = this.open.get(checkId);
    if (asked?.device === device) asked.settle(answer);
  }

  /** Its connection is gone, and with it what it was asked. */
  left(device: DeviceId): void {
    for (const asked of this.open.values()) if (asked.device === device) asked.settle({ kind: "not-connected" });
  }
}
