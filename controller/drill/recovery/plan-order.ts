/** In which order machines stand in a plan: those that are there first, as planning has it; otherwise by chance. */
import { DRAW, type Draws } from "./draws.ts";
import { type Habits, isThere, type MachineColumns, MOMENTS } from "./habits.ts";

/**
 * Those that are down and answer come first: helping them takes nothing away, so that no budget keeps the canary waiting.
 * Then those that are there and well, then the rest; within each around the sites, as planning has it.
 *
 * @param begins the second at which the plan begins
 */
export function orderOf(columns: MachineColumns, habits: Habits, draws: Draws, begins: number): Uint32Array {
  const { size, rung, hurtAt } = columns;
  const here: [down: number[], up: number[]] = [[], []];
  const [looping, rest]: [number[], number[]] = [[], []];
  for (let machine = 0; machine < size; machine += 1) {
    const hurt = (hurtAt[machine] ?? 0) - 1;
    const isDown = hurt >= 0 && hurt <= begins;
    const isHere = isThere(habits.at(machine, rung[machine] ?? 0, begins));
    if (isHere) here[isDown ? 0 : 1].push(machine);
    else (isDown && rung[machine] === MOMENTS ? looping : rest).push(machine);
  }
  const order = new Uint32Array(size);
  let from = 0;
  for (const group of [here[0], looping, here[1], rest]) {
    order.set(group, from);
    shuffle(order, from, from + group.length, draws);
    from += group.length;
  }
  const down = here[0].length + looping.length;
  const there = down + here[1].length;
  for (const [start, end] of [
    [0, down],
    [down, there],
    [there, size],
  ] as const)
    goAroundSites(order.subarray(start, end), columns);
  return order;
}

/** First one of each site, then the next of each; within a round as they stood. Linear, for there may be millions. */
function goAroundSites(order: Uint32Array, { site, siteCount }: MachineColumns): void {
  const taken = new Uint32Array(siteCount);
  const rounds = new Uint32Array(order.length);
  const starts: number[] = [];
  for (const [place, machine] of order.entries()) {
    const at = site[machine] ?? 0;
    const round = taken[at] ?? 0;
    taken[at] = round + 1;
    rounds[place] = round;
    starts[round + 1] = (starts[round + 1] ?? 0) + 1;
  }
  for (let round = 1; round < starts.length; round += 1)
    starts[round] = (starts[round] ?? 0) + (starts[round - 1] ?? 0);
  for (const [place, machine] of order.slice().entries()) {
    const round = rounds[place] ?? 0;
    const to = starts[round] ?? 0;
    order[to] = machine;
    starts[round] = to + 1;
  }
}

/** The same columns in another order. */
export function permuted<Columns extends MachineColumns>(columns: Columns, order: Uint32Array): Columns {
  const moved = (column: Uint8Array | Uint32Array): Uint8Array | Uint32Array => {
    const into = column instanceof Uint8Array ? new Uint8Array(order.length) : new Uint32Array(order.length);
    for (let i = 0; i < order.length; i += 1) into[i] = column[order[i] ?? 0] ?? 0;
    return into;
  };
  const entries = Object.entries(columns).map(([name, value]: [string, unknown]) => [
    name,
    value instanceof Uint8Array || value instanceof Uint32Array ? moved(value) : value,
  ]);
  return { ...(Object.fromEntries(entries) as Columns), size: order.length }; // the same names, each with a column of the same kind
}

function shuffle(order: Uint32Array, from: number, to: number, draws: Draws): void {
  for (let i = to - 1; i > from; i -= 1) {
    const other = from + Math.floor(draws.share(i, DRAW.order, 1) * (i - from + 1));
    const machine = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = machine;
  }
}
