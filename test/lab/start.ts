/** What a start of a lab machine takes up: the mode that was set for this one alone, and updates that waited for it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { json, writeWhole } from "./disk.ts";

export type StartMode = "normal" | "safe-minimal" | "safe-network";

/** Looser than what the agent writes: its own business is not looked at. */
const SafeMode = z.object({ next: z.enum(["minimal", "network"]).nullable() });
const Updates = z.looseObject({ updates: z.record(z.string(), z.looseObject({ state: z.string() })) });

export async function takeStart(machine: string): Promise<StartMode> {
  const updates = await readJson(join(machine, "updates.json"), Updates);
  if (updates !== undefined) {
    const settled = Object.entries(updates.updates)
      .filter(([, { state }]) => state !== "uninstall-pending")
      .map(([name, update]) => [name, { ...update, state: "installed" }] as const);
    await writeWhole(
      join(machine, "updates.json"),
      json({ ...updates, updates: Object.fromEntries(settled) as typeof updates.updates }),
      machine,
    );
  }
  const safeMode = await readJson(join(machine, "safe-mode.json"), SafeMode);
  if (safeMode === undefined || safeMode.next === null) return "normal";
  await writeWhole(join(machine, "safe-mode.json"), json({ next: null }), machine);
  return `safe-${safeMode.next}`;
}

async function readJson<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
