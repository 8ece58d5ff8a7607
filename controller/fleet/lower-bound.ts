/** The first position in sorted ids that is not before `id`. Pure. */
export function lowerBound<Id extends string>(ids: readonly Id[], id: Id): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as Id) < id)
      low = middle + 1; // middle < length
    else high = middle;
  }
  return low;
}
