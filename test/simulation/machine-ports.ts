/** The ports through which one life of an agent sees its machine. Every effect on the disk is a place to lose power. */
import { absentParts } from "../../agent/adapters/absent-parts.ts";
import type { AgentPorts, Fault, Machine, Result } from "../../agent/ports.ts";
import { BootId, NO_EVIDENCE } from "../../protocol/boot.ts";
import { type Instant, later } from "../../protocol/time.ts";
import type { Life } from "./life.ts";
import type { SimMachine } from "./sim-machine.ts";
import { simVerifyRaw } from "./sim-keys.ts";
import type { WriteThrough } from "./sim-log.ts";

const OK: Result<void> = { kind: "ok", value: undefined };
const fault = (name: Fault["fault"], because: string): Fault => ({ kind: "fault", fault: name, because });
/** Services take so long from the boot. */
const SERVICES_AFTER_MS = 1_500;

export function agentPorts(machine: SimMachine, life: Life, onMustEnd: (error: unknown) => void): AgentPorts {
  const { dice, setup, traits } = machine;
  const { world, network } = setup;
  const uptimeMs = (): number => world.time.now() - machine.bootedAt;

  /** The disk takes its time; then the write is there, or the power is gone before, after or in the middle of it. */
  const write: WriteThrough = async (what, change, tear) => {
    await life.pause(dice.between(0, 4));
    const cut = world.isFaulty && dice.chance(traits.powerLoss) ? dice.pick(["before", "torn", "after"]) : "none";
    if (cut !== "before" && (cut !== "torn" || tear === undefined)) change();
    else if (cut === "torn") tear?.();
    machine.say(`${what}${cut === "none" ? "" : `; power lost, ${cut}`}`);
    if (cut !== "none") machine.losePower();
    return life.give(undefined);
  };
  const read = async <Value>(value: Value): Promise<Value> => {
    await life.pause(dice.between(0, 2));
    return life.give(value);
  };
  const log = (name: keyof SimMachine["logs"]) =>
    machine.logs[name].openFor({
      isFull: () => machine.isDiskFull,
      write,
      read,
      noting: name === "journal" ? (record) => setup.events.journal(machine, record) : undefined,
      loses: setup.sabotage.losesRecord,
    });

  /** An effect on what plans are about; told to the watchers when it is there. */
  const effect = async (what: string, change: () => void): Promise<Result<void>> => {
    if (machine.isDiskFull) return fault("disk-full", "there is no space left on the disk");
    if (dice.chance(0.5)) await life.pause(dice.between(10, 10_000)); // a busy disk, a scanner that reads along
    if (world.isFaulty && dice.chance(traits.fileLocked))
      return fault("file-locked", "another process holds the file open");
    await write(what, () => {
      change();
      setup.events.effect(machine, what);
    });
    return OK;
  };

  const machinePort: Machine = {
    ownFolders: ["C:\\ProgramData\\Ringback", "C:\\Program Files\\Ringback"],
    kernelBoot: () =>
      read({
        bootId: BootId.parse(`boot-${machine.boots}`),
        bootedAt: later(machine.bootedAt as Instant, traits.clockAheadMs),
        kind: "cold",
        mode: "normal",
      }),
    facts: () => read({ build: null, maker: null, model: null, chassis: null }),
    bootPast: () => read({ previousEnd: machine.previousEnd, evidence: NO_EVIDENCE }),
    files: async (glob) => read({ kind: "ok", value: machine.disk.matching(glob) }),
    async quarantine(plan, facts) {
      if (machine.disk.files.get(facts.path)?.sha256 !== facts.sha256)
        return fault("file-changed", `${facts.path} is not what it was`);
      const promised = await effect(`promise ${facts.path} for ${plan}`, () => machine.disk.promise(plan, facts));
      if (promised.kind === "fault") return promised;
      return effect(`quarantine ${facts.path} for ${plan}`, () => machine.disk.moveAway(plan, facts));
    },
    quarantined: async (plan) =>
      read({ kind: "ok", value: [...machine.disk.quarantine.values()].filter((entry) => entry.plan === plan) }),
    async restore(entry) {
      if (machine.disk.files.has(entry.path)) return fault("file-changed", `${entry.path} stands there already`);
      return effect(`restore ${entry.path} for ${entry.plan}`, () => machine.disk.moveBack(entry));
    },
    services: async (names) => {
      const isRunning = (name: string): boolean =>
        uptimeMs() >= SERVICES_AFTER_MS && (machine.disk.services.get(name) ?? "disabled") !== "disabled";
      return read(names.map((name) => ({ name, running: isRunning(name) })));
    },
    serviceStart: async (name) => read({ kind: "ok", value: machine.disk.services.get(name) }),
    setServiceStart: (name, start) =>
      effect(`set ${name} to ${start}`, () => void machine.disk.services.set(name, start)),
    hold: (source) => effect(`hold ${source}`, () => void machine.disk.held.add(source)),
    releaseHold: (source) => effect(`release ${source}`, () => void machine.disk.held.delete(source)),
    async restart(noticeMs) {
      await life.pause(dice.between(0, 5));
      machine.say("a restart is asked for");
      setup.events.effect(machine, "restart");
      machine.restart(noticeMs);
      return life.give(OK);
    },
    isHeld: async (source) => read({ kind: "ok", value: machine.disk.held.has(source) }),
    ...absentParts("a simulated machine"),
  };

  const say = (message: string, { because = "" }: Readonly<Record<string, unknown>> = {}): void =>
    machine.say(`"${message}" ${JSON.stringify(because)}`);
  return {
    clock: {
      now: () => later(world.time.now(), traits.clockAheadMs),
      uptimeMs,
      after: (ms, call) => life.after(ms, call),
    },
    random: (count) => dice.bytes(count),
    records: { boots: log("boots"), content: log("content"), journal: log("journal"), outbox: log("outbox") },
    machine: machinePort,
    dial: (_url, events) => network.dial(machine, life, events),
    signer: machine.key,
    verify: simVerifyRaw,
    belief: {
      read: () => read(machine.belief),
      write: (record) =>
        write(`believe ${record.told.trustVersion}`, () => {
          machine.belief = record;
        }),
    },
    log: { info: say, warn: say, error: say },
    onMustEnd,
  };
}
