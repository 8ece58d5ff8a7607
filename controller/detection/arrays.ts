/** Flat arrays of numbers that grow. */
type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The same array with room for `size`; pages that nobody writes to cost nothing. */
export function grown<A extends Numbers>(array: A, size: number): A {
  if (array.length >= size) return array;
  const made = array.constructor as new (size: number) => A;
  const bigger = new made(Math.max(size, array.length * 2, 64));
  bigger.set(array);
  return bigger;
}
