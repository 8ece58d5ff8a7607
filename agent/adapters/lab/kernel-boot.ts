/** Which boot this is, as the lab's kernel wrote it down. Loads nothing else: it is asked before everything. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BootId } from "../../../protocol/boot.ts";
import type { Instant } from "../../../protocol/time.ts";
import type { KernelBoot } from "../../ports.ts";

export async function readKernelBoot(machine: string): Promise<KernelBoot> {
  const boot = JSON.parse(await readFile(join(machine, "boot.json"), "utf8")) as Partial<
    Record<keyof KernelBoot, unknown>
  >;
  if (typeof boot.bootId !== "string" || typeof boot.bootedAt !== "number")
    throw new TypeError("boot.json names no boot: the lab's kernel must write it before it starts the agent");
  return {
    bootId: boot.bootId as BootId,
    bootedAt: boot.bootedAt as Instant,
    kind: boot.kind === "hybrid" || boot.kind === "hibernate-resume" || boot.kind === "cold" ? boot.kind : "unknown",
    mode:
      boot.mode === "safe-minimal" || boot.mode === "safe-network" || boot.mode === "recovery" ? boot.mode : "normal",
  };
}
