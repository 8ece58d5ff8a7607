/**
 * The live account of a drill for a person: what happens on the machines, how far the rollout is, what it waits for.
 *
 * Every line says how long ago the push was, in lab time and on the wall. Nothing is said twice.
 */
import type { RolloutView } from "../../protocol/api.ts";
import type { IncidentView } from "../../protocol/api-incidents.ts";
import type { PlanProposal } from "../../protocol/api-proposals.ts";
import type { Machine } from "./kernel.ts";
import type { KernelFact } from "./kernel-facts.ts";
import type { LabClock } from "./lab-clock.ts";

export class Account {
  readonly #write: (line: string) => unknown;
  readonly #clock: LabClock;
  readonly #crashes = new Map<string, number>();
  readonly #crowd = new Set<string>();
  readonly #said = new Map<string, string>();
  #zero: number;

  constructor(write: (line: string) => unknown, clock: LabClock) {
    this.#write = write;
    this.#clock = clock;
    this.#zero = clock.now();
  }

  say(text: string): void {
    const wallMs = this.#clock.now() - this.#zero;
    this.#write(
      `${labTime(this.#clock.toLabMs(wallMs))} lab ${(wallMs / 1_000).toFixed(1).padStart(6)} s wall  ${text}`,
    );
  }

  /** Times are counted from here on. */
  restart(): void {
    this.#zero = this.#clock.now();
  }

  fact({ spec: { name } }: Machine, fact: KernelFact): void {
    if (fact.kind === "crashed") {
      const crashes = (this.#crashes.get(name) ?? 0) + 1;
      this.#crashes.set(name, crashes);
      if (crashes === 1) {
        this.say(`${name} crashed (bugcheck 0x${fact.code.toString(16)}); ${this.#crashes.size} machines so far`);
      }
    } else if (fact.kind === "restart-asked") {
      this.say(`${name} restarts: ${fact.reason}`);
    } else if (fact.kind === "agent-failed") {
      if (this.#changed(`agent ${name}`, "failed")) {
        this.say(`the agent on ${name} ended by itself (exit code ${fact.exitCode}); it is started again each time`);
      }
    } else if (fact.kind === "gave-up") {
      this.say(`${name} stays at its recovery screen after ${fact.boots} boots`);
    }
  }

  /** Hundreds may crash: some are told. */
  crowdCrash(name: string): void {
    this.#crowd.add(name);
    const { size } = this.#crowd;
    if (size === 1 || size % 25 === 0)
      if (this.#changed("crowd", String(size))) this.say(`${size} simulated machines have crashed so far`);
  }

  /** Who is convicted, on what evidence, and what the controller does by itself. */
  verdict({ versions, evidence, response }: IncidentView): void {
    const convicted = versions.filter(({ verdict }) => verdict === "convicted");
    this.say(`Convicted: ${convicted.map(({ source, label }) => `${source} ${label ?? ""}`).join(", ")}`);
    this.say(`    ${evidence.sentence}`);
    for (const line of evidence.for) this.say(`    for it: ${line}`);
    for (const line of evidence.against) this.say(`    against it: ${line}`);
    for (const line of evidence.unknown) this.say(`    not known: ${line}`);
    this.say(`What it does by itself (${response.mode}): ${response.because}`);
    const halted = response.rolloutsHalted.length;
    this.say(
      `    ${halted === 0 ? "No rollout of ours was under way" : `Rollouts of ours that it has halted: ${halted}`}`,
    );
    for (const line of response.haltWould) this.say(`    Halt would, if a person asked for it: ${line}`);
  }

  /** What the controller would do about an incident, and with whom. */
  proposal({ playbook, targets, excluded, waves, rules }: PlanProposal): void {
    this.say(`The controller proposes "${playbook?.title ?? "nothing"}" for ${targets} devices:`);
    for (const { name, devices, because } of waves) this.say(`    wave "${name}", ${devices} devices: ${because}`);
    for (const rule of rules) this.say(`    ${rule}`);
    for (const { devices, because } of excluded) this.say(`    left out, ${devices} devices: ${because}`);
  }

  /** What changed about a rollout since it was last looked at. */
  rollout(view: RolloutView): void {
    if (this.#changed("phase", view.phase)) this.say(`rollout ${view.phase}: ${view.because}`);
    for (const { name, state, counts, decision } of view.waves) {
      if (state === "not-open") continue;
      const bad = counts.failed + counts.refused + counts.timedOut;
      const progress =
        `wave "${name}": ${counts.succeeded} of ${counts.planned} succeeded, ${counts.running} at work, ${bad} failed, ` +
        `${counts.silent} silent, ${counts.unreached} not reached`;
      if (this.#changed(`wave ${name}`, progress)) this.say(progress);
      if (this.#changed(`gate ${name}`, `${decision.verdict} ${decision.rule}`)) {
        this.say(`gate of "${name}" says ${decision.verdict} (${decision.rule}): ${decision.because}`);
      }
    }
    const waits = view.waitsFor.filter((what) => !view.waves.some(({ decision }) => what.includes(decision.because)));
    for (const what of waits) {
      if (this.#changed(what.replaceAll(/\d+/g, "#"), "said")) this.say(`waits: ${what}`);
    }
  }

  #changed(key: string, value: string): boolean {
    if (this.#said.get(key) === value) return false;
    this.#said.set(key, value);
    return true;
  }
}

function labTime(labMs: number): string {
  const seconds = Math.round(labMs / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, "0")}`;
}
