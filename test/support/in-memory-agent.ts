/** An agent on a fake machine whose controller is a pair of functions: it logs in at once, and a test steers the rest. */
import { createHash } from "node:crypto";
import type { BeliefRecord } from "../../agent/core/belief.ts";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { AgentConfig, type AgentConfigInput } from "../../agent/config.ts";
import type { ConnectionEvents } from "../../agent/ports.ts";
import { type RunningAgent, startAgent } from "../../agent/shell/start-agent.ts";
import type { Report } from "../../protocol/frames.ts";
import type { CheckAnswer } from "../../protocol/check.ts";
import type { Envelope } from "../../protocol/dsse.ts";
import { DeviceId } from "../../protocol/ids.ts";
import type { Order } from "../../protocol/plan.ts";
import type { FakeMachine } from "./fake-machine.ts";
import { aKey } from "./keys.ts";
import { silentLog } from "./silent-log.ts";
import { DEVICE } from "./signed-order.ts";
import { aFreshWord, believing } from "./trust.ts";

interface InMemoryController {
  /** What every pull is answered with. */
  mailbox: readonly Order[];
  /** False: reports are taken and never acknowledged. */
  acknowledges: boolean;
  /** What it says the time is; the machine's own unless it is set. */
  now: number | undefined;
  /** The word that comes with the orders; a good one unless it is set. */
  word: ((nonce: string) => Envelope | undefined) | undefined;
  /** Each question that the agent asked. */
  readonly nonces: string[];
}

export interface InMemoryAgent {
  readonly agent: RunningAgent;
  readonly controller: InMemoryController;
  /** Every report as it came, also the same one again. */
  readonly heard: readonly Report[];
  /** What was answered to questions what steps would do. */
  readonly checked: readonly CheckAnswer[];
  /** What kinds of reports came. */
  readonly said: readonly string[];
  readonly errors: readonly unknown[];
  /** Sends a frame over the newest connection. */
  readonly send: (frame: object) => void;
  /** Ends the newest connection as the controller's side. */
  readonly cut: () => void;
  /** Close codes and reasons that the agent gave. */
  readonly closes: readonly { readonly code: number; readonly reason: string }[];
}

/** The machine's own disk, which outlives the agent. */
const diskOf = (machine: FakeMachine): { belief: BeliefRecord } => ({
  get belief() {
    return (machine.belief ??= believing());
  },
  set belief(record) {
    machine.belief = record;
  },
});

export async function anInMemoryAgent(
  machine: FakeMachine,
  mailbox: readonly Order[] = [],
  config: Partial<AgentConfigInput> = {},
  /** What the device keeps of trust; it is written to, as a disk is. */
  kept: { belief: BeliefRecord } = diskOf(machine),
): Promise<InMemoryAgent> {
  const controller: InMemoryController = {
    mailbox,
    acknowledges: true,
    now: undefined,
    word: undefined,
    nonces: [],
  };
  const deviceId = DeviceId.parse(config.deviceId ?? DEVICE);
  let questions = 0;
  const heard: Report[] = [];
  const checked: CheckAnswer[] = [];
  const said: string[] = [];
  const errors: unknown[] = [];
  const closes: { code: number; reason: string }[] = [];
  const process = machine.start();
  const throughs = new Map<string, number>();
  let newest: ConnectionEvents | undefined;
  const tell = (events: ConnectionEvents, frame: object): void =>
    void process.clock.after(1, () => events.onMessage(JSON.stringify(frame)));
  const agent = await startAgent(
    {
      ...process,
      // What is 32 bytes long is a question, and no two are the same, not even of two processes of a machine.
      random: (count) =>
        count === 32
          ? createHash("sha256").update(`${machine.now} ${++questions}`).digest()
          : new Uint8Array(count).fill(7),
      dial: (_url, events) => {
        newest = events;
        process.clock.after(1, () => {
          if (machine.hasNetwork) events.onOpen();
          else events.onClose(1006, "there is no network");
        });
        let epoch = "";
        return {
          bufferedBytes: 0,
          channel: "",
          close: (code, reason) => void closes.push({ code, reason }),
          send(message) {
            const frame = JSON.parse(message) as
              | Report
              | { type: "hello"; epoch: string }
              | { type: "checked"; answer: CheckAnswer }
              | { type: "pull"; nonce: string };
            if (frame.type === "hello") {
              epoch = frame.epoch;
              tell(events, { type: "welcome", through: throughs.get(epoch) ?? 0, now: controller.now ?? machine.now });
            }
            if (frame.type === "pull") {
              const { nonce } = frame;
              controller.nonces.push(nonce);
              const word = controller.word ?? (() => aFreshWord(deviceId, nonce, machine.now));
              tell(events, { type: "orders", orders: controller.mailbox, freshness: word(nonce) });
            }
            if (frame.type === "checked") checked.push(frame.answer);
            if (frame.type === "report") {
              heard.push(frame);
              said.push(frame.body.kind);
              if (!controller.acknowledges) return;
              throughs.set(epoch, frame.sequence);
              tell(events, { type: "ack", through: frame.sequence });
            }
          },
        };
      },
      signer: aKey("device"),
      verify: verifyRaw,
      belief: {
        read: () => Promise.resolve(kept.belief),
        write: (record) => {
          kept.belief = record;
          return Promise.resolve();
        },
      },
      log: silentLog,
      onMustEnd: (error) => errors.push(error),
    },
    AgentConfig.parse({
      deviceId: DEVICE,
      controllers: ["ws://127.0.0.1:9/agent/v1"],
      allowedRoots: ["C:\\Windows\\System32\\drivers\\Acme"],
      goodAfterMs: 1_000,
      ...config,
    }),
  );
  return {
    agent,
    controller,
    heard,
    checked,
    said,
    errors,
    closes,
    send: (frame) => {
      if (newest !== undefined) tell(newest, frame);
    },
    cut: () => newest?.onClose(1006, "the line was cut"),
  };
}
