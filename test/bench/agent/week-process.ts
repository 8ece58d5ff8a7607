/**
 * The agent on a machine whose controller is away for a long time, on a clock that this process drives: everything else of
 * it is real, its records lie on the disk.
 */
import { randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { openRecordLog } from "../../../agent/adapters/record-log.ts";
import { beliefIn, openRecords } from "../../../agent/adapters/state-folder.ts";
import { verifyRaw } from "../../../agent/adapters/verify-raw.ts";
import { AgentConfig } from "../../../agent/config.ts";
import type { Log } from "../../../agent/ports.ts";
import { startAgent } from "../../../agent/shell/start-agent.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { aKey } from "../../support/keys.ts";
import { DEVICE, SOURCE } from "../../support/signed-order.ts";
import { answerParent } from "../harness/processes.ts";

/** Two looks at the watched content. */
const STRIDE_MS = 20_000;
const DAY_MS = 86_400_000;
const PATH = "C:\\Windows\\System32\\drivers\\Acme\\C-00000007-1.sys";

export interface Held {
  /** Of JavaScript's heap, once what is garbage is gone. */
  readonly heapBytes: number;
  /** Of all files in the state folder. */
  readonly diskBytes: number;
  /** Lines for the log, which goes elsewhere and is rotated. */
  readonly logBytes: number;
  readonly dials: number;
}

export type WeekCalls = typeof calls;

let machine: FakeMachine;
let state: string;
let dials = 0;
let logBytes = 0;
const line = (message: string, fields: object = {}): void => {
  logBytes += JSON.stringify({ level: 30, time: new Date().toISOString(), ...fields, msg: message }).length + 1;
};
const log: Log = { info: line, warn: line, error: line };

const calls = {
  async start(folder: string): Promise<void> {
    state = folder;
    machine = new FakeMachine();
    machine.put(PATH, "contents");
    const boots = await openRecordLog(join(folder, "boots.log"), { whenDamaged: "set-aside" });
    await startAgent(
      {
        ...machine.start(),
        records: await openRecords(folder, boots),
        random: (count) => randomBytes(count),
        dial: (_url, events) => {
          dials++;
          setImmediate(() => events.onClose(1006, "connect ECONNREFUSED 127.0.0.1:9"));
          return { bufferedBytes: 0, channel: "", send: () => undefined, close: () => undefined };
        },
        signer: aKey("device"),
        verify: verifyRaw,
        belief: beliefIn(folder, log),
        log,
        onMustEnd: (error) => {
          throw error;
        },
      },
      AgentConfig.parse({
        deviceId: DEVICE,
        controllers: ["wss://controller.example/agent/v1"],
        sources: [{ id: SOURCE, title: "Acme", files: [PATH.replace("1.sys", "*.sys")], label: { kind: "digest" } }],
        watchEveryMs: STRIDE_MS / 2,
      }),
    );
  },

  async live(days: number): Promise<void> {
    for (let passed = 0; passed < days * DAY_MS; passed += STRIDE_MS) {
      await machine.advance(STRIDE_MS);
      await turn();
    }
  },

  async held(): Promise<Held> {
    const { gc } = globalThis;
    if (gc === undefined) throw new Error("memory is measured in processes started with --expose-gc");
    let heapBytes = Infinity;
    for (let settled = 0; settled < 3; ) {
      await gc({ type: "major", execution: "async", flavor: "last-resort" });
      const { heapUsed } = process.memoryUsage();
      settled = heapUsed >= heapBytes ? settled + 1 : 0;
      heapBytes = Math.min(heapBytes, heapUsed);
    }
    const sizes = (await readdir(state)).map(async (name) => (await stat(join(state, name))).size);
    const diskBytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    return { heapBytes, diskBytes, logBytes, dials };
  },
};

answerParent(calls);
