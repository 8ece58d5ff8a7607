/** In which order machines stand in a plan: those that are there first, as planning has it; otherwise by chance. */
import { DRAW, type Draws } from "./draws.ts";
import { type Habits, isThere, type MachineColumns } from "./habits.ts";

/**
 * Those that are there and down come first: helping them takes nothing away, so that no budget keeps the canary waiting.
 * Then those that are there and well.
 *
 * @param begins the second at which the plan begins
 */
export function orderOf(columns: MachineColumns, habits: Habits, draws: Draws, begins: number): Uint32Array {
  const { size, rung, hurtAt } = columns;
  const groups: [number[], number[], number[]] = [[], [], []];
  for (let machine = 0; machine < size; machine += 1) {
    const hurt = (hurtAt[machine] ?? 0) - 1;
    const isDown = hurt >= 0 && hurt <= begins;
    const isHere = isThere(habits.at(machine, rung[machine] ?? 0, begins));
    groups[isHere ? (isDown ? 0 : 1) : 2].push(machine);
  }
  const order = new Uint32Array(size);
  let from = 0;
  for (const group of groups) {
    order.set(group, from);
    shuffle(order, from, from + group.length, draws);
    from += group.length;
  }
  return order;
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
