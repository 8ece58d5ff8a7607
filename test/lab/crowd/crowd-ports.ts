/** What one life of a real agent sees of a machine in memory. It answers what such a disk would give, and nothing else. */
import { randomBytes } from "node:crypto";
import { absentParts } from "../../../agent/adapters/absent-parts.ts";
import { dialWebSocket } from "../../../agent/adapters/dial-ws.ts";
import { verifyRaw } from "../../../agent/adapters/verify-raw.ts";
import type { BeliefRecord } from "../../../agent/core/belief.ts";
import type { BootPast } from "../../../agent/evidence/boot-evidence.ts";
import type { AgentPorts, Fault, KernelBoot, Machine, Result } from "../../../agent/ports.ts";
import type { Instant } from "../../../protocol/time.ts";
import type { SimDisk } from "../../simulation/sim-disk.ts";
import type { MemoryLog } from "./memory-log.ts";
import type { ProcessLife } from "./process-life.ts";

/** The machine as far as an agent has to do with it. */
interface Body {
  readonly spec: { readonly address: string };
  readonly identity: Pick<AgentPorts, "signer">;
  readonly disk: SimDisk & { belief: BeliefRecord };
  readonly records: Readonly<Record<keyof AgentPorts["records"], MemoryLog>>;
  readonly model: string;
  readonly bootedAt: number;
  readonly isOnline: boolean;
  readonly servicesRun: boolean;
  readonly kernelBoot: KernelBoot;
  bootPast(since: Instant | null): BootPast;
  restartSoon(noticeMs: number, reason: string): void;
}

const OK: Result<void> = { kind: "ok", value: undefined };
const fault = (name: Fault["fault"], because: string): Fault => ({ kind: "fault", fault: name, because });
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function crowdPorts(machine: Body, life: ProcessLife, onMustEnd: (error: unknown) => void): AgentPorts {
  const { disk, records } = machine;
  const dial = dialWebSocket({ open: life.lines(machine.spec.address, () => machine.isOnline), ca: undefined });
  return {
    clock: {
      now: () => Date.now() as Instant,
      uptimeMs: () => Date.now() - machine.bootedAt,
      after: (ms, call) => life.after(ms, call),
    },
    random: (count) => randomBytes(count),
    records: {
      boots: records.boots.openFor(life),
      content: records.content.openFor(life),
      journal: records.journal.openFor(life),
      outbox: records.outbox.openFor(life),
    },
    machine: machineOf(machine, life),
    dial: (url, events) =>
      dial(url, {
        onOpen: () => life.isAlive && events.onOpen(),
        onMessage: (message) => life.isAlive && events.onMessage(message),
        onClose: (code, reason) => life.isAlive && events.onClose(code, reason),
      }),
    signer: machine.identity.signer,
    verify: verifyRaw,
    belief: {
      read: () => life.give(disk.belief),
      write: (record) => {
        if (life.isAlive) disk.belief = record;
        return life.give(undefined);
      },
    },
    log: silent,
    onMustEnd,
  };
}

function machineOf(machine: Body, life: ProcessLife): Machine {
  const { disk } = machine;
  const change = (what: () => void): Promise<Result<void>> => {
    if (life.isAlive) what();
    return life.give(OK);
  };
  return {
    ownFolders: ["C:\\ProgramData\\Ringback", "C:\\Program Files\\Ringback"],
    kernelBoot: () => life.give(machine.kernelBoot),
    facts: () => life.give({ build: "10.0.19045", maker: "Acme", model: machine.model, chassis: "desktop" }),
    bootPast: (since) => life.give(machine.bootPast(since)),
    files: (glob) => life.give({ kind: "ok", value: disk.matching(glob) }),
    quarantine: (plan, facts) =>
      disk.files.get(facts.path)?.sha256 === facts.sha256
        ? change(() => disk.moveAway(plan, facts))
        : life.give(fault("file-changed", `${facts.path} is not what it was`)),
    quarantined: (plan) =>
      life.give({ kind: "ok", value: [...disk.quarantine.values()].filter((entry) => entry.plan === plan) }),
    restore: (entry) =>
      disk.files.has(entry.path)
        ? life.give(fault("file-changed", `${entry.path} stands there already`))
        : change(() => disk.moveBack(entry)),
    services: (names) =>
      life.give(names.map((name) => ({ name, running: machine.servicesRun && disk.services.has(name) }))),
    serviceStart: (name) => life.give({ kind: "ok", value: disk.services.get(name) }),
    setServiceStart: (name, start) => change(() => void disk.services.set(name, start)),
    hold: (source) => change(() => void disk.held.add(source)),
    releaseHold: (source) => change(() => void disk.held.delete(source)),
    isHeld: (source) => life.give({ kind: "ok", value: disk.held.has(source) }),
    restart: (noticeMs, reason) => change(() => machine.restartSoon(noticeMs, reason)),
    ...absentParts("a simulated machine"),
  };
}
