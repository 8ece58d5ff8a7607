/**
 * AT-18 on a real disk: the whole tree of a lab machine, its registry and all that it keeps in files, before and after an
 * order. Nothing but the plan's named targets is other; after a failure nothing is.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { labMachine } from "../../agent/adapters/lab/machine.ts";
import type { KernelBoot } from "../../agent/ports.ts";
import { takeStart } from "../lab/start.ts";
import { FakeMachine } from "../support/fake-machine.ts";
import { ACME, FAULTY, makeLabDisk } from "../support/lab-disk.ts";
import { carryOut, receiptOf } from "../support/order-runner.ts";
import { aQuarantine, aSignedOrder, SOURCE } from "../support/signed-order.ts";
import { differences, SAFE_ONLY } from "../support/step-cases.ts";

const KEY = "HKLM\\SOFTWARE\\Policies\\Acme";
const LOCKED = "C-00000007-00000000-00000009.sys";
const STATE = {
  "registry.json": [
    { key: KEY, name: "AutoUpdate", value: { kind: "dword", number: 1 } },
    { key: KEY, name: "Server", value: { kind: "string", text: "updates.example" } },
    { key: "HKLM\\SOFTWARE\\Other", name: "AutoUpdate", value: { kind: "dword", number: 1 } },
  ],
  "updates.json": { updates: { KB5034441: { state: "installed" }, KB5000001: { state: "installed" } }, blocked: [] },
  "held-sources.json": [],
  "safe-mode.json": { next: null },
  "locks.json": { [`C:\\Windows\\System32\\drivers\\Acme\\${LOCKED}`]: "file-locked" },
};
const STEPS = [
  { kind: "set-registry-value", key: KEY, name: "AutoUpdate", value: { kind: "dword", number: 0 } },
  { kind: "set-registry-value", key: KEY, name: "New", value: { kind: "string", text: "x" } },
  { kind: "hold-content", source: SOURCE },
  { kind: "set-service-start", service: "AcmeSensor", start: "manual" },
  { kind: "set-safe-mode", mode: "minimal" },
  { kind: "reboot", noticeMs: 0 },
  aQuarantine("faulty"),
  { kind: "collect-diagnostics", parts: ["event-log", "crash-dumps", "inventory"] },
  { kind: "reboot", noticeMs: 0 },
];
const UPDATES = [
  { kind: "remove-update", update: "KB5034441", withinMs: 600_000 },
  { kind: "block-update", update: "KB5034441" },
  { kind: "restart-service", service: "Dnscache", withinMs: 60_000 },
];

/** A machine on a disk of its own; a start takes up what was set for it. */
async function aMachine() {
  const disk = await makeLabDisk();
  for (const [name, value] of Object.entries(STATE)) await writeFile(join(disk.path, name), JSON.stringify(value));
  await writeFile(join(disk.path, ACME, "beside.sys"), "not meant");
  await writeFile(join(disk.path, ACME, LOCKED), "locked");
  const machine = new FakeMachine();
  const { permits } = SAFE_ONLY;
  machine.sources = [{ ...SAFE_ONLY, permits: permits && { ...permits, normal: ["set-registry-value"] } }];
  let started: KernelBoot | undefined;
  machine.body = async (boot) => {
    if (started?.bootId !== boot.bootId) started = { ...boot, mode: await takeStart(disk.path) };
    return labMachine(disk.path, started);
  };
  return { disk, machine, mode: () => started?.mode };
}

/** Every file with its contents, date and mode, but for the agent's own; and the state of what is no file, value by value. */
async function treeOf(folder: string): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (path.startsWith("C/ProgramData/Ringback/") || path === "restart-request.json") continue;
    if (entry.isDirectory()) tree.set(`${path}/`, "folder");
    else if (!path.endsWith(".json")) {
      const { mtimeMs, mode } = await stat(join(folder, path));
      const digest = createHash("sha256").update(await readFile(join(folder, path)));
      tree.set(path, `${digest.digest("hex")} ${mtimeMs} ${mode}`);
    } else if (path !== "boot.json") {
      const all: unknown = JSON.parse(await readFile(join(folder, path), "utf8"));
      const parts = path === "updates.json" ? Object.entries(all as object) : Object.entries(all ?? {});
      for (const [name, value] of parts) {
        const { key, name: valueName } = (value ?? {}) as { key?: string; name?: string };
        tree.set(`${path} ${key === undefined ? name : `${key} ${valueName}`}`, JSON.stringify(value));
      }
    }
  }
  return tree;
}

test("AT-18 an order through safe mode changes the plan's targets on a real disk, and nothing else", async () => {
  const { disk, machine, mode } = await aMachine();
  await using _ = disk;
  const before = await treeOf(disk.path);
  const order = aSignedOrder({ steps: [...STEPS, ...UPDATES] });
  await carryOut(machine, order);
  expect(receiptOf(machine, order.orderId).steps.map(({ outcome }) => outcome)).toEqual(
    Array(STEPS.length + UPDATES.length).fill("done"),
  );
  expect(differences(before, await treeOf(disk.path))).toEqual([
    `${ACME}/${FAULTY}`,
    "held-sources.json 0",
    `registry.json ${KEY} AutoUpdate`,
    `registry.json ${KEY} New`,
    "services.json AcmeSensor",
    "updates.json blocked",
    "updates.json updates",
  ]);
  const updates = JSON.parse(await readFile(join(disk.path, "updates.json"), "utf8")) as (typeof STATE)["updates.json"];
  expect(Object.keys(updates.updates)).toEqual(["KB5034441", "KB5000001"]);
  expect(mode()).toBe("normal");
});

test("AT-18 an order that fails at its end leaves a real disk as it was, to the date of every file", async () => {
  const { disk, machine, mode } = await aMachine();
  await using _ = disk;
  const before = await treeOf(disk.path);
  const locked = aQuarantine("locked", { files: `C:\\Windows\\System32\\drivers\\Acme\\${LOCKED}` });
  const order = aSignedOrder({ steps: [...STEPS.slice(0, -1), locked] });
  await carryOut(machine, order);
  expect(receiptOf(machine, order.orderId).steps.map(({ outcome }) => outcome)).toEqual([
    ...Array<string>(5).fill("undone"),
    "done",
    "undone",
    "done",
    "failed",
  ]);
  expect(differences(before, await treeOf(disk.path))).toEqual([]);
  expect(mode()).toBe("normal");
});
