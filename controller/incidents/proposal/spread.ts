/**
 * Devices to begin with: those that answer, of as many sites and models as there are. Pure; one pass and a few rounds.
 *
 * Those that surely run the version come before those in doubt: a device to which nothing applies proves nothing. Of
 * these, machines that are down and show up come first: no budget holds them back, and they show what the cure has to.
 */
import type { ProposalDevice } from "./facts.ts";

export function spread(devices: readonly ProposalDevice[], count: number): readonly ProposalDevice[] {
  const chosen: ProposalDevice[] = [];
  for (const tier of tiersOf(devices)) {
    if (chosen.length >= count) break;
    chosen.push(...aroundSites(tier, count - chosen.length));
  }
  return chosen;
}

/** Runs it and is down and answers; runs it and answers; runs it; the same of the others. */
function tiersOf(devices: readonly ProposalDevice[]): readonly (readonly ProposalDevice[])[] {
  const tiers: ProposalDevice[][] = [[], [], [], [], [], []];
  for (const device of devices) tiers[(device.runs ? 0 : 3) + RANK[device.answers]]?.push(device);
  return tiers;
}
const RANK: Readonly<Record<ProposalDevice["answers"], number>> = { down: 0, up: 1, no: 2 };

/** One of each site, again and again; of a site one of another model first, then who was heard last. */
function aroundSites(devices: readonly ProposalDevice[], count: number): readonly ProposalDevice[] {
  const bySite = new Map<string, ProposalDevice[]>();
  for (const device of devices) {
    const site = bySite.get(device.site);
    if (site === undefined) bySite.set(device.site, [device]);
    else site.push(device);
  }
  const queues = [...bySite.values()].map((site) => modelsInTurn(site));
  const chosen: ProposalDevice[] = [];
  for (let round = 0; chosen.length < count; round += 1) {
    let found = false;
    for (const queue of queues) {
      const device = queue[round];
      if (device === undefined) continue;
      found = true;
      chosen.push(device);
      if (chosen.length === count) break;
    }
    if (!found) break;
  }
  return chosen;
}

function modelsInTurn(site: readonly ProposalDevice[]): readonly ProposalDevice[] {
  const heardLast = site.toSorted((a, b) => (b.lastHeardAt ?? 0) - (a.lastHeardAt ?? 0) || (a.id < b.id ? -1 : 1));
  const byModel = new Map<string | null, ProposalDevice[]>();
  for (const device of heardLast) {
    const model = byModel.get(device.model);
    if (model === undefined) byModel.set(device.model, [device]);
    else model.push(device);
  }
  if (byModel.size === 1) return heardLast;
  const queues = [...byModel.values()];
  const longest = Math.max(...queues.map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) => queues.flatMap((queue) => queue[round] ?? [])).flat();
}
