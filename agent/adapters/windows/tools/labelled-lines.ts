/**
 * Lines as `Some words:   value` or `Some words : value`, which many of Windows' programs print. The words are in the
 * machine's language and may end in a wide colon; what is read is the value, by its place.
 */
export interface LabelledLine {
  readonly label: string;
  /** Empty if nothing follows the colon. */
  readonly value: string;
  /** How many spaces it begins with. */
  readonly indent: number;
}

/** Longer lines are no such lines: nothing that is read here is nearly as long. */
const LINE_MAX = 2_000;

/** Undefined: no such line. A colon within a word, as in C:\, does not end a label; a wide one always does. */
export function labelledLine(line: string): LabelledLine | undefined {
  if (line.length > LINE_MAX) return undefined;
  const text = line.trim();
  const colon = /:(?=\s|$)|：/.exec(text);
  if (colon === null || colon.index === 0) return undefined;
  return {
    label: text.slice(0, colon.index).trimEnd(),
    value: text.slice(colon.index + 1).trim(),
    indent: line.length - line.trimStart().length,
  };
}

/** Groups of lines that have no empty line between them. */
export function paragraphsOf(output: string): readonly (readonly string[])[] {
  return output
    .split(/\n[ \t]*\n/)
    .map((paragraph) => paragraph.split("\n").filter((line) => line.trim() !== ""))
    .filter((lines) => lines.length > 0);
}
