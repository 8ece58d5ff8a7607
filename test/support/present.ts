/** What the test knows to be there. @throws Error if it is not, so that the test fails at that place. */
export function present<Value>(value: Value | undefined | null, what = "value"): Value {
  if (value === undefined || value === null) throw new Error(`the test expected a ${what} here`);
  return value;
}
