/**
 * How long it would take: the proposal's strategy beside all at once and beside nothing but visits, simulated from what is
 * known of its targets now.
 *
 * Invariant: a page that asks again soon costs nothing, and agents are served between two simulations: each is of a bounded
 * sample, in a turn of the event loop of its own.
 */
import { setImmediate } from "node:timers/promises";
import type { z } from "zod";
import type { PlanProposal, WhatIf } from "../../protocol/api-proposals.ts";
import type { Role, Site } from "../../protocol/names.ts";
import type { Strategy } from "../../protocol/strategy.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { onceStrategy } from "../drill/strategies.ts";
import { staffFor, type WhatIfDevice, type WhatIfQuestion, whatIf } from "../drill/what-if.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { isUp } from "../fleet/condition.ts";
import type { ProposalDevice } from "../incidents/proposal/facts.ts";
import type { Proposed } from "../incidents/proposal/propose.ts";

type Curves = z.infer<typeof WhatIf>[];

const SAMPLE = 500;
const KEPT_MS = 30_000;
const KEPT_MAX = 20;
/** The same question shall give the same picture. */
const SEED = 1;

export class ProposalCurves {
  readonly #fleet: Fleet;
  /** By incident and playbook, in the order of asking. */
  readonly #kept = new Map<string, { readonly at: Instant; readonly curves: Promise<Curves> }>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  of(proposed: Proposed, now: Instant): Promise<Curves> {
    const { incident, playbook, request } = proposed.proposal;
    if (request === null) return Promise.resolve([]);
    const key = `${incident} ${playbook?.name ?? ""}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && later(kept.at, KEPT_MS) > now) return kept.curves;
    const curves = this.#simulate(proposed, request);
    this.#kept.delete(key); // set again at the end, so that the oldest is first
    this.#kept.set(key, { at: now, curves });
    curves.catch(() => this.#kept.delete(key)); // whoever waits is told; the next one tries again
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    return curves;
  }

  async #simulate({ proposal, targets }: Proposed, request: NonNullable<PlanProposal["request"]>): Promise<Curves> {
    const off = targets.filter(({ condition, connected }) => condition === "away" && !connected).length;
    const devices = targets.filter(({ condition, connected }) => condition !== "away" || connected).map(asFound);
    const once = onceStrategy(Math.max(1, devices.length));
    const rows: readonly Row[] = [
      { name: "As proposed", before: foundWords(devices, off), strategy: counted(request.strategy, proposal.waves) },
      { name: "All at once", before: once.because, strategy: once.strategy },
      {
        name: "Nothing but visits",
        before: "Nobody is given an order; somebody goes to each machine.",
        strategy: null,
      },
    ];
    const curves: Curves = [];
    for (const { name, before, strategy } of rows) {
      await setImmediate();
      const answers = whatIf({
        devices,
        strategies: [{ name, strategy }],
        seed: SEED,
        sampleMax: SAMPLE,
        staff: staffFor(devices.length),
        restarts: request.playbook.steps.some(({ kind }) => kind === "reboot"),
        fleet: this.#sizes(),
      });
      curves.push(...answers.map((answer) => ({ ...answer, because: `${before} ${answer.because}` })));
    }
    return curves;
  }

  #sizes(): NonNullable<WhatIfQuestion["fleet"]> {
    const { sites, roles } = this.#fleet;
    // Both are names of devices, as the fleet has them.
    return { site: (site) => sites.of(site as Site), role: (role) => roles.of(role as Role) };
  }
}

interface Row {
  readonly name: string;
  readonly before: string;
  readonly strategy: Strategy | null;
}

/** A silent machine may come back by itself. Nobody knows, so it is taken for one to which somebody has to go. */
function asFound({ site, role, answers, connected, condition }: ProposalDevice): WhatIfDevice {
  const isDown = answers === "down" || isUp(condition) === false;
  if (answers === "no") return { site, role, reach: "visit", isDown: true };
  return { site, role, reach: connected && condition !== "boot-loop" ? "online" : "moments", isDown };
}

/** The drill knows no names: of each wave it is told how many are in it. */
function counted(strategy: Strategy, waves: PlanProposal["waves"]): Strategy {
  const last = strategy.waves.length - 1;
  return {
    ...strategy,
    waves: strategy.waves.map((wave, i) => ({
      ...wave,
      take: i === last ? { rest: true } : { count: Math.max(1, waves[i]?.devices ?? 1) },
    })),
  };
}

function foundWords(devices: readonly WhatIfDevice[], off: number): string {
  const of = (wanted: WhatIfDevice["reach"]): number => devices.filter(({ reach }) => reach === wanted).length;
  const parts = [
    ...(of("online") > 0 ? [`${of("online")} answer now`] : []),
    ...(of("moments") > 0 ? [`${of("moments")} show up in their boot loop`] : []),
    ...(of("visit") > 0 ? [`${of("visit")} do not answer and are taken for machines that somebody has to go to`] : []),
    ...(off > 0 ? [`${off} that are switched off are left out`] : []),
  ];
  return parts.length === 0 ? "" : `Of the targets ${parts.join("; ")}.`;
}
