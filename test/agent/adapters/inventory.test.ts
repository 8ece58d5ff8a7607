import { execFile } from "node:child_process";
import { totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { takeInventory, tellInventory } from "../../../agent/adapters/inventory.ts";

const MAIN = fileURLToPath(new URL("../../../agent/main.ts", import.meta.url));

test("npm run agent -- inventory says what machine this is", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "inventory", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ memoryBytes: totalmem() });
});

test("what is not answered in time is not known, and is said so", async () => {
  const inventory = await takeInventory(0);
  expect(inventory).toMatchObject({ manufacturer: null, model: null, isVirtual: null });
  expect(tellInventory(inventory)).toMatch(/^model +not known$/m);
});
