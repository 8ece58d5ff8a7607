/** Is this boot good? Once: when the declared services run and the time has passed. It clears the tries counter. */
import type { BootHealthy } from "../../protocol/boot.ts";
import type { AgentConfig } from "../config.ts";
import type { BootLedger, BootRecord } from "../core/boot-ledger.ts";
import { sayableMs } from "../core/sayable.ts";
import type { AgentPorts } from "../ports.ts";
import type { Outbox } from "./outbox.ts";

type Ports = Pick<AgentPorts, "clock" | "machine" | "records">;

/** Milliseconds until it is worth asking again; nothing if the boot is good (now) and that is recorded. */
export async function judgeBoot(
  ports: Ports,
  config: Pick<AgentConfig, "services" | "goodAfterMs" | "pollEveryMs">,
  ledger: BootLedger,
): Promise<number | undefined> {
  const boot = ledger.last;
  // Safe mode starts without most of what could be faulty: it proves nothing.
  if (boot === undefined || boot.mode !== "normal" || ledger.lastIsGood) return undefined;
  const uptimeMs = Math.floor(ports.clock.uptimeMs());
  if (uptimeMs < config.goodAfterMs) return config.goodAfterMs - uptimeMs;
  const services = await ports.machine.services(config.services);
  if (services.some(({ running }) => !running)) return config.pollEveryMs;
  const good: BootRecord = { event: "good", n: ledger.n + 1, bootId: boot.bootId, afterMs: uptimeMs, services };
  await ports.records.boots.append(good);
  return undefined;
}

/** Tells of the newest good boot, unless that was told before. */
export async function tellHealth({ records }: Pick<Ports, "records">, outbox: Outbox): Promise<void> {
  const entries = (await records.boots.read()) as readonly BootRecord[]; // our own ledger
  const good = entries.findLast((entry) => entry.event === "good");
  if (good !== undefined) {
    const { bootId, afterMs, services } = good;
    const healthy: BootHealthy = { bootId, afterMs: sayableMs(afterMs), services: [...services] };
    await outbox.put({ kind: "boot-healthy", healthy }, { of: "boot-healthy", is: bootId });
  }
}
