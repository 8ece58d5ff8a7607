/** What is collected for people: whole or not there, bounded, and without what is nobody's business. */
import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diagnosticParts } from "../../../../agent/adapters/windows/diagnostic-parts.ts";
import { type Collector, diagnosticsIn } from "../../../../agent/adapters/windows/diagnostics.ts";
import type { RunTool } from "../../../../agent/adapters/windows/ports.ts";
import type { DiagnosticPart } from "../../../../agent/machine-parts.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const PARTS: readonly DiagnosticPart[] = ["status", "event-log", "crash-dumps", "inventory", "doctor"];
const writing =
  (bytes: number): Collector =>
  async (folder) => {
    await writeFile(join(folder, "x"), Buffer.alloc(bytes));
    return { kind: "ok", value: undefined };
  };
const allOf = (collector: Collector): Record<DiagnosticPart, Collector> => ({
  status: collector,
  "event-log": collector,
  "crash-dumps": collector,
  inventory: collector,
  doctor: collector,
});
const machineWith = (parts: Partial<Record<DiagnosticPart, Collector>>) => ({ ...allOf(writing(10)), ...parts });

test("what could not be had is named, and takes nothing else away", async () => {
  await using root = await temporaryFolder();
  const failed: Collector = async () => ({ kind: "fault", fault: "not-found", because: "no wevtutil here" });
  const on = diagnosticsIn(root.path, machineWith({ "event-log": failed }));
  expect(await on.collect("plan-1", PARTS)).toEqual({ kind: "ok", value: join(root.path, "plan-1") });
  const contents = await readFile(join(root.path, "plan-1", "contents.txt"), "utf8");
  expect(contents).toContain("event-log: not-found: no wevtutil here");
  expect(contents).toContain("doctor: 10 bytes");
});

test("a part that is too large is not kept, and the others are", async () => {
  await using root = await temporaryFolder();
  const on = diagnosticsIn(root.path, machineWith({ status: writing(129 * 2 ** 20) }));
  await on.collect("plan-1", PARTS);
  expect(await readdir(join(root.path, "plan-1"))).not.toContain("status");
  expect(await readFile(join(root.path, "plan-1", "contents.txt"), "utf8")).toMatch(/status: not kept/);
});

test("interrupted, it is begun anew; asked for again, it is the same folder", async () => {
  await using root = await temporaryFolder();
  const broken: Collector = () => Promise.reject(new Error("the power went"));
  expect(await diagnosticsIn(root.path, machineWith({ doctor: broken })).collect("p", PARTS)).toMatchObject({
    kind: "fault",
  });
  expect(await readdir(root.path)).toEqual(["p.new"]);
  const on = diagnosticsIn(root.path, machineWith({}));
  await on.collect("p", PARTS);
  expect(await readdir(root.path)).toEqual(["p"]);
  await writeFile(join(root.path, "p", "mark"), "");
  await on.collect("p", PARTS);
  expect(await readdir(join(root.path, "p"))).toContain("mark");
});

test("older folders make room, and a name leads nowhere else", async () => {
  await using root = await temporaryFolder();
  const on = diagnosticsIn(root.path, machineWith({}));
  for (let i = 0; i < 7; i++) {
    await on.collect(`p${i}`, ["status"]);
    await utimes(join(root.path, `p${i}`), i, i);
  }
  expect((await readdir(root.path)).sort()).toEqual(["p2", "p3", "p4", "p5", "p6"]);
  expect(await on.collect("..\\x", PARTS)).toMatchObject({ kind: "fault" });
  expect(await on.collect("../x", PARTS)).toMatchObject({ kind: "fault" });
});

test("of the machine: records without secrets, the newest small dumps, and a log only if there is one", async () => {
  await using root = await temporaryFolder();
  const state = join(root.path, "state");
  const dumps = join(root.path, "Windows", "Minidump");
  await mkdir(state);
  await mkdir(dumps, { recursive: true });
  await writeFile(join(state, "config.json"), '{"proxy":"http://u:hunter2@proxy:3128"}');
  await writeFile(join(state, "device-key.pem"), "-----BEGIN PRIVATE KEY-----");
  for (let i = 0; i < 7; i++) {
    await writeFile(join(dumps, `${i}.dmp`), "PAGEDU64");
    await utimes(join(dumps, `${i}.dmp`), i, i);
  }
  const silent: RunTool = async () => ({ kind: "ok", value: { exitCode: 0, stdout: "", stderr: "" } });
  const windows = join(root.path, "Windows");
  const parts = diagnosticParts({ run: silent, stateFolder: state, windows, doctor: async () => "all is well\n" });
  const on = diagnosticsIn(join(root.path, "diagnostics"), parts);
  await on.collect("p", ["status", "event-log", "crash-dumps", "doctor"]);
  const at = (...names: string[]) => join(root.path, "diagnostics", "p", ...names);
  expect(await readdir(at("status"))).toEqual(["config.json"]);
  expect(await readFile(at("status", "config.json"), "utf8")).not.toContain("hunter2");
  expect((await readdir(at("crash-dumps"))).sort()).toEqual([
    "2.dmp",
    "3.dmp",
    "4.dmp",
    "5.dmp",
    "6.dmp",
    "contents.txt",
  ]);
  expect(await readFile(at("doctor", "doctor.txt"), "utf8")).toBe("all is well\r\n");
  expect(await readFile(at("contents.txt"), "utf8")).toMatch(/event-log: verify-failed/);
});
