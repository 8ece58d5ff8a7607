/**
 * The judge: what became of each machine, decided from its disk and its kernel alone.
 *
 * It shares no code with the product, nor with the vendor that broke the machines, and asks neither. A machine has
 * recovered when its kernel lives without the faulty content, not when somebody says so.
 */
import type { KernelFact, PowerState } from "./kernel-facts.ts";
import type { Disk } from "./judge-disks.ts";

/** One machine's evidence: its disk before the faulty push and now, and what its kernel knows. */
export interface Evidence {
  readonly name: string;
  readonly before: Disk;
  readonly after: Disk;
  readonly facts: readonly KernelFact[];
  readonly state: PowerState;
}

export interface Judgement {
  readonly exposed: readonly string[];
  readonly crashed: readonly string[];
  readonly recovered: readonly string[];
  /** Exposed and not recovered. */
  readonly unreached: readonly string[];
  readonly collateral: {
    /** Machines on which something was touched that was not the faulty content. */
    readonly healthyTouched: readonly string[];
    /** Contents that were on a machine and are now neither in place nor in its quarantine. */
    readonly filesLost: readonly string[];
  };
  /** What was found, for a person: one sentence each. */
  readonly findings: readonly string[];
}

/**
 * @param now of the wall
 * @param settleMs how long a kernel must have lived, of the wall, to count as alive
 */
export function judge(machines: readonly Evidence[], now: number, settleMs: number): Judgement {
  const exposed = machines.filter(({ facts }) => faultyArrival(facts) !== undefined);
  const recovered = exposed.filter((machine) => hasRecovered(machine, now, settleMs));
  const touched = machines.map((machine) => ({
    name: machine.name,
    paths: [
      ...touchedPaths(machine),
      ...(wasRestartedForNothing(machine) ? ["nothing but its up-time, by a restart,"] : []),
    ],
  }));
  const lost = machines.flatMap((machine) => lostContents(machine).map((content) => `${machine.name}: ${content}`));
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name).toSorted();
  return {
    exposed: names(exposed),
    crashed: names(machines.filter(({ facts }) => facts.some(({ kind }) => kind === "crashed"))),
    recovered: names(recovered),
    unreached: names(exposed.filter((machine) => !recovered.includes(machine))),
    collateral: { healthyTouched: names(touched.filter(({ paths }) => paths.length > 0)), filesLost: lost },
    findings: [
      ...touched
        .filter(({ paths }) => paths.length > 0)
        .map(({ name, paths }) => `${name}: ${paths.join(", ")} changed`),
      ...lost.map((content) => `${content} is neither in place nor in the quarantine`),
    ],
  };
}

/** A machine that never had the faulty content was made to restart. */
const wasRestartedForNothing = ({ facts }: Evidence): boolean =>
  faultyArrival(facts) === undefined && facts.some(({ kind }) => kind === "restart-asked");

type Arrival = Extract<KernelFact, { kind: "arrived" }>;
const arrivals = (facts: readonly KernelFact[]): Arrival[] => facts.filter((fact) => fact.kind === "arrived");
const faultyArrival = (facts: readonly KernelFact[]): Arrival | undefined =>
  arrivals(facts).find(({ faulty }) => faulty);

function hasRecovered({ facts, state, after }: Evidence, now: number, settleMs: number): boolean {
  const faulty = new Set(arrivals(facts).flatMap((arrival) => (arrival.faulty ? [arrival.sha256] : [])));
  const bootAt = facts.findLastIndex(({ kind }) => kind === "booted");
  const thisBoot = facts.slice(bootAt);
  return (
    state === "running" &&
    now - (facts[bootAt]?.at ?? now) >= settleMs &&
    thisBoot.some(({ kind }) => kind === "services-up") &&
    !thisBoot.some((fact) => fact.kind === "loaded" && fact.faulty) &&
    ![...after.files.values()].some((digest) => faulty.has(digest))
  );
}

/** Paths that changed, beyond what the kernel knows to have arrived or wrote itself, and beyond the faulty file's going. */
function touchedPaths({ facts, before, after }: Evidence): string[] {
  const explained = new Set<string>();
  const mayBeGone = new Set<string>();
  for (const fact of facts) {
    if (fact.kind !== "arrived" && fact.kind !== "wrote") continue;
    explained.add(`${fact.path} ${fact.sha256}`);
    if (fact.kind === "arrived" && fact.faulty) mayBeGone.add(fact.path);
  }
  const arrived = arrivals(facts).map(({ path }) => path);
  return [...new Set([...before.files.keys(), ...after.files.keys(), ...arrived])]
    .filter((path) => {
      const digest = after.files.get(path);
      if (digest === undefined) return !mayBeGone.has(path);
      return digest !== before.files.get(path) && !explained.has(`${path} ${digest}`);
    })
    .toSorted();
}

function lostContents({ facts, before, after }: Evidence): string[] {
  const kept = new Set([...after.files.values(), ...after.quarantined.keys()]);
  const ever = new Map([...before.files].map(([path, digest]) => [digest, path]));
  for (const { path, sha256 } of arrivals(facts)) ever.set(sha256, path);
  return [...ever].filter(([digest, path]) => path !== "services.json" && !kept.has(digest)).map(([, path]) => path);
}
