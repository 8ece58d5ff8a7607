/**
 * Flat columns of numbers: growing and reordering them. They are read where they are used: a helper that reads every kind
 * of column is compiled for all kinds at once, and ten times slower.
 */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

const made = <C extends Column>(like: C, size: number): C => new (like.constructor as new (size: number) => C)(size);

/** The same column with room for `size`; pages that nobody writes to cost nothing. */
export function grown<C extends Column>(column: C, size: number): C {
  if (column.length >= size) return column;
  const bigger = made(column, Math.max(size, column.length * 2, 64));
  bigger.set(column);
  return bigger;
}

/** What was at `order[i]` is at `i` afterwards. */
export function reordered<C extends Column>(column: C, order: Uint32Array): C {
  const next = made(column, Math.max(order.length, 64));
  for (let i = 0; i < order.length; i++) next[i] = column[order[i] as number] as number;
  return next;
}
