/** What the doctor says of one capability, and how it is told. Pure. */
type Answer = "works" | "does-not-work" | "not-known";

export interface Verdict {
  /** Stable, for programs. */
  readonly capability: string;
  readonly title: string;
  readonly answer: Answer;
  readonly seen: string;
  /** What is not to be had here because of it: kinds of steps, ways of recovery. Empty where it works. */
  readonly rulesOut: readonly string[];
  /** Without it the agent is of no use on this machine. */
  readonly needed: boolean;
}

export const isAllNeededThere = (verdicts: readonly Verdict[]): boolean =>
  verdicts.every(({ needed, answer }) => !needed || answer === "works");

const MARKS: Readonly<Record<Answer, string>> = {
  works: "works         ",
  "does-not-work": "DOES NOT WORK ",
  "not-known": "not known     ",
};

export function tellVerdicts(verdicts: readonly Verdict[]): string {
  const lines = verdicts.flatMap(({ title, answer, seen, rulesOut, needed }) => [
    `${MARKS[answer]} ${title}${needed && answer !== "works" ? "  (needed)" : ""}`,
    `               ${seen}`,
    ...rulesOut.map((what) => `               rules out: ${what}`),
  ]);
  const missing = verdicts.filter(({ needed, answer }) => needed && answer !== "works").map(({ title }) => title);
  const last =
    missing.length === 0
      ? "Everything that the agent needs works on this machine."
      : `The agent needs what does not work here: ${missing.join("; ")}.`;
  return [...lines, "", last, ""].join("\n");
}

type About = Pick<Verdict, "capability" | "title"> & { readonly needed?: boolean };

export const works = ({ capability, title, needed = false }: About, seen: string): Verdict => ({
  capability,
  title,
  needed,
  answer: "works",
  seen,
  rulesOut: [],
});

export const worksNot = (about: About, seen: string, ...rulesOut: readonly string[]): Verdict => ({
  ...works(about, seen),
  answer: "does-not-work",
  rulesOut,
});

export const unknown = (about: About, seen: string, ...rulesOut: readonly string[]): Verdict => ({
  ...works(about, seen),
  answer: "not-known",
  rulesOut,
});

/** The first of all: without it no function of Windows can be called. */
export const NATIVE = { capability: "native-library", title: "native library (koffi)", needed: true } as const;
