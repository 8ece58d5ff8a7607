/**
 * Machines that come back without anybody's plan, once the vendor has withdrawn the version: those that are online fetch
 * the good one, and of those in a loop some have network just long enough in one of up to fifteen restarts, as the vendor
 * advised in July 2024. All others need somebody.
 */
import type { Outbreak } from "../outbreak.ts";
import { DRAW, type Draws } from "./draws.ts";
import { type MachineColumns, MOMENTS, ONLINE } from "./habits.ts";

const RESTARTS_MAX = 15;
/** How often one restart brings the good version; nobody has published it. An assumption. */
const LUCK_SHARE = 0.05;
const RESTART_SECONDS = 600;
const FETCH = { least: 300, most: 3_600 } as const;

/** @param known the second from which people know what to do @returns for each machine the second, plus one; 0: never */
export function luckyAt({ scenario }: Outbreak, columns: MachineColumns, draws: Draws, known: number): Uint32Array {
  const { size, rung, key, hurtAt } = columns;
  const lucky = new Uint32Array(size);
  const { withdrawnAfterMinutes } = scenario.push;
  if (withdrawnAfterMinutes === null) return lucky;
  const withdrawn = withdrawnAfterMinutes * 60;
  for (let machine = 0; machine < size; machine += 1) {
    const of = key[machine] ?? 0;
    const from = Math.max(withdrawn, (hurtAt[machine] ?? 0) - 1);
    if (rung[machine] === ONLINE) lucky[machine] = from + draws.between(FETCH.least, FETCH.most, of, DRAW.lucky) + 1;
    if (rung[machine] !== MOMENTS) continue;
    for (let restart = 1; restart <= RESTARTS_MAX; restart += 1) {
      if (draws.share(of, DRAW.lucky, restart) >= LUCK_SHARE) continue;
      lucky[machine] = Math.max(from, known) + restart * RESTART_SECONDS + 1;
      break;
    }
  }
  return lucky;
}
