/** Machines that run for years, clocks that are wrong by years, and connections that come and go for ever. */
import { expect, test } from "vitest";
import { ContentSource } from "../../../protocol/content-source.ts";
import { aContentMachine } from "../../support/content-machine.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
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
