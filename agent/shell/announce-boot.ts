/** Puts the report of this boot into the outbox, once, however often the process starts in it. */
import type { BootLedger } from "../core/boot-ledger.ts";
import { fitBoot } from "../core/fit-boot.ts";
import { sayableMs } from "../core/sayable.ts";
import type { AgentPorts } from "../ports.ts";
import { AGENT_VERSION } from "../version.ts";
import type { Outbox } from "./outbox.ts";
import type { Watch } from "./watch.ts";

export async function announceBoot(
  { machine, clock }: Pick<AgentPorts, "machine" | "clock">,
  { last, before, tries }: BootLedger,
  watch: Watch,
  outbox: Outbox,
): Promise<void> {
  if (last === undefined || outbox.has({ of: "boot-began", is: last.bootId })) return;
  const { previousEnd, evidence, ...past } = await machine.bootPast(before?.bootedAt ?? null);
  const { bootId, bootedAt, mode } = last;
  const kind = past.kind ?? last.kind;
  const boot = {
    bootId,
    bootedAt,
    uptimeMs: sayableMs(clock.uptimeMs()),
    kind,
    mode,
    tries: Math.min(tries, 100_000),
    previousEnd,
    content: [...watch.versions],
    agentVersion: AGENT_VERSION,
    evidence,
    machine: await machine.facts(),
  };
  await outbox.put({ kind: "boot-began", boot: fitBoot(boot) }, { of: "boot-began", is: bootId });
}
