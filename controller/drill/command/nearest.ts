/** Names that could be meant by one that there is not. Pure. */
const NAMED_MAX = 3;

export function nearest(name: string, names: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  const contained = names.filter((other) => wanted.length >= 3 && (other.includes(wanted) || wanted.includes(other)));
  const close = names
    .map((other) => ({ other, distance: distance(wanted, other) }))
    .filter((found) => found.distance <= Math.max(2, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .map((found) => found.other);
  const shared = names.filter((other) => other.split("-").some((word) => word.length > 3 && wanted.includes(word)));
  return [...new Set([...contained, ...close, ...shared])].slice(0, NAMED_MAX);
}

/** How many letters have to be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of a.split("").entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split("").entries())
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
