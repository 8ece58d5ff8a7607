/**
 * How often machines fail when nothing is wrong, learnt from the fleet's own closed days; until there are enough of
 * them the stated defaults count. They are on the high side: what is unusual is then seen a little later, and nothing
 * usual is taken for an outbreak.
 */
import { DAY_MS } from "./clock.ts";
import type { LearntValue } from "./types.ts";

/** Machine-days of history that are enough. */
const ENOUGH_DAYS = 1_000;
const LEAVINGS_ENOUGH = 500;
const COMINGS_ENOUGH = 1_000;
/** Of a machine and day. A well-kept Windows fleet sees about one bugcheck in 200 machine-days, or fewer. */
const DEFAULTS = {
  bugchecks: 0.005,
  restarts: 0.01,
  silences: 0.05,
  uncleanShare: 0.05,
  earlyBugchecks: 0.001,
} as const;
/** What is older weighs less: half after three weeks. */
const KEEP_A_DAY = Math.exp(-1 / 30);

interface Tally {
  bugchecks: number;
  restarts: number;
  /** Steady machines that timed out, and the time of steady machines. */
  silences: number;
  steadyMs: number;
  machineMs: number;
  /** Office machines that left, and those of them that said no goodbye. */
  leavings: number;
  unclean: number;
  /** Machines that came after they had really been away, and bugchecks within minutes of coming. */
  comings: number;
  earlyBugchecks: number;
}
const nothing = (): Tally => ({
  bugchecks: 0,
  restarts: 0,
  silences: 0,
  steadyMs: 0,
  machineMs: 0,
  leavings: 0,
  unclean: 0,
  comings: 0,
  earlyBugchecks: 0,
});
export interface SavedRates {
  readonly today: Readonly<Tally>;
  readonly past: Readonly<Tally>;
  readonly comings: number;
}

export class Rates {
  today: Tally;
  #past: Tally;
  /** Since detection began. */
  comings: number;

  constructor(saved?: SavedRates) {
    this.comings = saved?.comings ?? 0;
    this.today = { ...nothing(), ...saved?.today };
    this.#past = { ...nothing(), ...saved?.past };
  }

  noteComing(): void {
    this.today.comings++;
    this.comings++;
  }

  closeDay(): void {
    const next = nothing();
    for (const key of Object.keys(next) as (keyof Tally)[]) {
      next[key] = this.#past[key] * KEEP_A_DAY + this.today[key];
    }
    this.#past = next;
    this.today = nothing();
  }

  get deviceDays(): number {
    return this.#past.machineMs / DAY_MS;
  }
  get bugchecksPerDeviceDay(): LearntValue {
    return learnt(this.#past.bugchecks, this.deviceDays, ENOUGH_DAYS, DEFAULTS.bugchecks);
  }
  get restartsPerDeviceDay(): LearntValue {
    return learnt(this.#past.restarts, this.deviceDays, ENOUGH_DAYS, DEFAULTS.restarts);
  }
  get silencesPerDeviceDay(): LearntValue {
    return learnt(this.#past.silences, this.#past.steadyMs / DAY_MS, ENOUGH_DAYS, DEFAULTS.silences);
  }
  get uncleanShare(): LearntValue {
    return learnt(this.#past.unclean, this.#past.leavings, LEAVINGS_ENOUGH, DEFAULTS.uncleanShare);
  }

  get earlyBugchecksPerComing(): number {
    return learnt(this.#past.earlyBugchecks, this.#past.comings, COMINGS_ENOUGH, DEFAULTS.earlyBugchecks).value;
  }

  save(): SavedRates {
    return { today: this.today, past: this.#past, comings: this.comings };
  }
}

/** What was learnt is mixed with as much history of the default kind: a quiet month does not make one crash a miracle. */
function learnt(events: number, of: number, enough: number, byDefault: number): LearntValue {
  if (of < enough) return { value: byDefault, isDefault: true };
  return { value: (events + byDefault * enough) / (of + enough), isDefault: false };
}
