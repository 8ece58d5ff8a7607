/**
 * Hundreds of simulated machines in one process, and the vendor's part for them: they enrol, come on one after another, and
 * get a version when it is their turn, as long as it is on offer and nothing holds it back.
 */
import { AgentConfig } from "../../../agent/config.ts";
import type { Sha256 } from "../../../protocol/canonical.ts";
import type { GroupName, Site } from "../../../protocol/names.ts";
import { agentSettings } from "../install-agent.ts";
import type { KernelFact, PowerState } from "../kernel-facts.ts";
import { startLabClock } from "../lab-clock.ts";
import { type CrowdContent, CrowdMachine } from "./crowd-machine.ts";
import { enrolDevice } from "./identity.ts";
import { planCrowd } from "./plan.ts";

export interface CrowdOrders {
  readonly count: number;
  readonly seed: number;
  /** Lab seconds a second of the wall. */
  readonly factor: number;
  readonly host: string;
  readonly port: number;
  readonly trustRoot: Sha256;
  /** One a site. */
  readonly doors: readonly { readonly site: Site; readonly group: GroupName; readonly token: string }[];
}

/** All that the judge is told of a machine. */
export interface CrowdEvidence {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly quarantined: Readonly<Record<string, number>>;
  readonly facts: readonly KernelFact[];
  readonly state: PowerState;
}

const ENROL_AT_ONCE = 8;
const POWER_ON_LAB_MS = 100_000;
/** How often a machine that should have a version by now, and has not, is tried again. */
const RETRY_LAB_MS = 10_000;
const WATCH_EVERY_MS = 1_000;
const POLL_EVERY_MS = 500;

export class Crowd {
  readonly machines: CrowdMachine[] = [];
  readonly #orders: CrowdOrders;
  readonly #clock: ReturnType<typeof startLabClock>;
  readonly #onFact: (machine: CrowdMachine, fact: KernelFact) => void;
  #onOffer: CrowdContent | undefined;

  constructor(orders: CrowdOrders, onFact: (machine: CrowdMachine, fact: KernelFact) => void) {
    this.#orders = orders;
    this.#clock = startLabClock(orders.factor);
    this.#onFact = onFact;
  }

  /** Every machine makes its key and is enrolled with the token of its site. */
  async enrol(): Promise<void> {
    const { count, seed, doors, host, port, trustRoot } = this.#orders;
    const bySite = new Map(doors.map((door) => [String(door.site), door]));
    const left = planCrowd(count, seed).slice();
    const next = async (): Promise<void> => {
      for (let spec = left.shift(); spec !== undefined; spec = left.shift()) {
        const door = bySite.get(spec.site);
        if (door === undefined) throw new Error(`there is no token for ${spec.site}`);
        const identity = await enrolDevice(spec, { host, port, ...door });
        const configOf = (machine: CrowdMachine): AgentConfig => this.#configOf(machine);
        const setup = { clock: this.#clock, trustRoot, configOf, onFact: this.#onFact };
        this.machines.push(new CrowdMachine(spec, identity, setup));
      }
    };
    await Promise.all(Array.from({ length: ENROL_AT_ONCE }, next));
  }

  powerOn(): void {
    for (const [i, machine] of this.machines.entries())
      this.#clock.after((i / this.machines.length) * POWER_ON_LAB_MS, () => machine.powerOn());
  }

  /** @param spreadLabMs from the first machine that gets it to the last */
  push(content: CrowdContent, spreadLabMs: number): void {
    this.#onOffer = content;
    for (const machine of this.machines) {
      if (machine.spec.subscribed) this.#deliverAfter(machine, content, machine.spec.turn * spreadLabMs);
    }
  }

  /** It is not on offer any more. What was sent stays where it is. */
  withdraw(): void {
    this.#onOffer = undefined;
  }

  evidence(): readonly CrowdEvidence[] {
    return this.machines.map(({ spec, disk, facts, state }) => ({
      name: spec.name,
      files: Object.fromEntries([
        ...[...disk.files.values()].map(({ path, sha256 }) => [path.replaceAll("\\", "/").replace(":", ""), sha256]),
        ...[...disk.services].map(([name, start]) => [`service ${name}`, start]),
      ]) as Record<string, string>,
      quarantined: Object.fromEntries(
        [...disk.quarantine.values()].filter(({ held }) => held).map(({ sha256 }) => [sha256, disk.movedAt(sha256)]),
      ),
      facts,
      state,
    }));
  }

  stop(): void {
    for (const machine of this.machines) machine.cutPower();
  }

  #deliverAfter(machine: CrowdMachine, content: CrowdContent, labMs: number): void {
    this.#clock.after(labMs, () => {
      if (this.#onOffer !== content) return;
      if (!machine.deliver(content)) this.#deliverAfter(machine, content, RETRY_LAB_MS);
    });
  }

  #configOf({ spec, identity }: CrowdMachine): AgentConfig {
    const { host, port } = this.#orders;
    return AgentConfig.parse({
      ...agentSettings(spec, this.#clock, host, port),
      deviceId: identity.deviceId,
      watchEveryMs: WATCH_EVERY_MS,
      pollEveryMs: POLL_EVERY_MS,
    });
  }
}
