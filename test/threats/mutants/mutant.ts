/** One guard that is taken away to see a test turn red. `find` occurs once in the file. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /**
   * The test file and, as a regular expression, the titles of which one at least must fail. Vitest cuts what comes
   * from a table after 40 characters.
   */
  readonly test: string;
  readonly title: string;
  /** Also part of `npm test`; the others wait for the full run. */
  readonly quick?: true;
}

/** The test file of an attack. */
export const at = (number: string): string => `test/threats/at-${number}.test.ts`;

/** `if (…)` that never holds. */
export const never = (find: string): Pick<Mutant, "find" | "replace"> => ({
  find: `if (${find})`,
  replace: `if (false && (${find}))`,
});
