/** Machines that run for years, clocks that are wrong by years, and connections that come and go for ever. */
import { expect, test } from "vitest";
import { verifyRaw } from "../../../agent/adapters/verify-raw.ts";
import { AgentConfig } from "../../../agent/config.ts";
import { startAgent } from "../../../agent/shell/start-agent.ts";
import { ContentSource } from "../../../protocol/content-source.ts";
import { aContentMachine } from "../../support/content-machine.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { aKey } from "../../support/keys.ts";
import { DEVICE } from "../../support/signed-order.ts";
import { silentLog } from "../../support/silent-log.ts";
import { anInMemoryAgent } from "../../support/in-memory-agent.ts";

const YEAR_MS = 366 * 86_400_000;

test("a server that has been up for years reports its boot, and that it is good", async () => {
  const machine = aContentMachine();
  await machine.advance(3 * YEAR_MS);
  const { heard, errors } = await anInMemoryAgent(machine);
  await machine.advance(5_000);
  expect(errors).toEqual([]);
  expect(heard.map(({ body }) => body)).toMatchObject([
    { kind: "boot-began", boot: { uptimeMs: YEAR_MS } },
    { kind: "boot-healthy", healthy: { afterMs: YEAR_MS } },
  ]);
});

test("a boot is reported though what is on the disk would fill more than a frame", async () => {
  const machine = new FakeMachine();
  const folder = `C:\\${"\u00e9".repeat(200)}`;
  for (let n = 0; n < 200; n++) machine.put(`${folder}\\${"\u4e2d".repeat(40)}${n}.sys`, `${n}`);
  const label = { kind: "file-name", pattern: "(.*)" };
  const { heard, errors } = await anInMemoryAgent(machine, [], {
    sources: [ContentSource.parse({ id: "acme.content-7", title: "x", files: [`${folder}\\*.sys`], label })],
  });
  await machine.advance(5_000);
  const boot = heard.map(({ body }) => body).find(({ kind }) => kind === "boot-began");
  expect(boot).toMatchObject({ boot: { bootId: "boot-1" } });
  expect(errors).toEqual([]);
});

test("ten thousand broken connections leave no timer behind and lose nothing", async () => {
  const machine = new FakeMachine();
  const { cut, heard, errors } = await anInMemoryAgent(machine, [], {
    backoff: { baseMs: 10, capMs: 10, resetAfterMs: 1_000 },
  });
  await machine.advance(2_000);
  const { alarmCount } = machine;
  for (let n = 0; n < 10_000; n++) {
    cut();
    await machine.advance(20);
  }
  expect(machine.alarmCount).toBeLessThanOrEqual(alarmCount + 2);
  expect(heard.map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(errors).toEqual([]);
});

test("a controller that is away for a week is told of in the log once an hour, and at once when something else is wrong", async () => {
  const machine = new FakeMachine();
  const told: { readonly reason: unknown; readonly times: unknown }[] = [];
  let reason = "connect ECONNREFUSED";
  const { records, clock, machine: ports } = machine.start();
  await startAgent(
    {
      machine: ports,
      records,
      clock,
      random: (count) => new Uint8Array(count).fill(200),
      dial: (_url, events) => {
        clock.after(1, () => events.onClose(1006, reason));
        return { bufferedBytes: 0, channel: "", send: () => undefined, close: () => undefined };
      },
      signer: aKey("device"),
      verify: verifyRaw,
      belief: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
      log: {
        ...silentLog,
        warn: (_message, fields = {}) => told.push({ reason: fields["reason"], times: fields["times"] }),
      },
      onMustEnd: (error) => {
        throw error;
      },
    },
    AgentConfig.parse({ deviceId: DEVICE, controllers: ["wss://controller.example/agent/v1"] }),
  );
  await machine.advance(7 * 86_400_000);
  expect(told.length).toBeGreaterThan(7 * 20);
  expect(told.length).toBeLessThanOrEqual(7 * 24 + 1);
  expect(told[0]).toEqual({ reason, times: undefined });
  expect(told[3]?.times).toBeGreaterThan(10);
  reason = "the proxy does not answer";
  await machine.advance(600_000);
  expect(told.at(-1)).toEqual({ reason, times: undefined });
});
