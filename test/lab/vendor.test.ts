import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startMachine } from "../support/lab-machine.ts";
import { DRIVER_FOLDER } from "./disk.ts";
import { startLabClock } from "./lab-clock.ts";
import { faultyContent, goodContent, Vendor } from "./vendor.ts";

const GOOD = goodContent(1, 11);

async function startSupplied(spec: Parameters<typeof startMachine>[0] = {}) {
  const lab = await startMachine(spec);
  const faults: unknown[] = [];
  const vendor = new Vendor(1, startLabClock(200), (error) => faults.push(error));
  vendor.subscribe(lab.machine);
  const onDisk = () => readdir(join(lab.folder, DRIVER_FOLDER));
  return { lab, vendor, faults, onDisk };
}

test("a push reaches machines with network; the others get it when their network comes up", async () => {
  const { lab, vendor, faults, onDisk } = await startSupplied();
  await using _ = lab;
  vendor.push(GOOD);
  await lab.machine.powerOn();
  expect(await onDisk()).not.toContain(GOOD.name);
  await lab.fact(({ kind }) => kind === "network-up");
  vendor.networkCameUp(lab.machine);
  await lab.fact((fact) => fact.kind === "arrived" && fact.sha256 === GOOD.sha256);
  expect(await onDisk()).toContain(GOOD.name);
  expect((await onDisk()).filter((name) => name.endsWith(".download"))).toEqual([]);
  expect(faults).toEqual([]);
});

test("what was moved away comes back until the vendor is halted", async () => {
  const { lab, vendor, onDisk } = await startSupplied({ loads: "at-boot" }); // it lives with the file on its disk
  await using _ = lab;
  await lab.machine.powerOn();
  await lab.fact(({ kind }) => kind === "network-up");
  const faulty = faultyContent(1, 12);
  const away = () => rename(join(lab.folder, DRIVER_FOLDER, faulty.name), join(lab.folder, "away.sys"));
  vendor.push(faulty);
  await vi.waitFor(async () => expect(await onDisk()).toContain(faulty.name), { timeout: 30_000 });
  await away();
  vendor.networkCameUp(lab.machine);
  await vi.waitFor(async () => expect(await onDisk()).toContain(faulty.name), { timeout: 30_000 });
  vendor.halt();
  await away();
  vendor.networkCameUp(lab.machine);
  vendor.push(goodContent(1, 13));
  expect(await onDisk()).not.toContain(faulty.name);
});

test("a machine that holds the channel gets nothing of it, and what is on offer once it lets it go", async () => {
  const { lab, vendor, onDisk, faults } = await startSupplied();
  await using _ = lab;
  await lab.machine.powerOn();
  await lab.fact(({ kind }) => kind === "network-up");
  await writeFile(join(lab.folder, "held-sources.json"), '["acme.content-7"]');
  await using other = await startMachine();
  vendor.subscribe(other.machine);
  await other.machine.powerOn();
  await other.fact(({ kind }) => kind === "network-up");
  vendor.push(GOOD);
  await other.fact((fact) => fact.kind === "arrived" && fact.sha256 === GOOD.sha256);
  expect(await onDisk()).not.toContain(GOOD.name);
  await rm(join(lab.folder, "held-sources.json"));
  await lab.fact((fact) => fact.kind === "arrived" && fact.sha256 === GOOD.sha256);
  expect(await onDisk()).toContain(GOOD.name);
  expect(faults).toEqual([]);
});
