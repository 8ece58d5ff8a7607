/**
 * Lines for a person who is about to sign. What others named is quoted so that it can end no quote, hide no letter and
 * begin no line: not even where a narrow screen breaks a long one.
 */

/** `loud`: must be noticed before signing. `detail`: belongs to the line before it. */
export interface WordLine {
  readonly kind: "loud" | "fact" | "detail";
  readonly text: string;
}
export const loud = (text: string): WordLine => ({ kind: "loud", text });
export const fact = (text: string): WordLine => ({ kind: "fact", text });
export const detail = (text: string): WordLine => ({ kind: "detail", text });

/** Letters that nobody sees, other spaces, what turns text around, and everything that looks like our own quotes. */
const UNSEEN =
  /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]|(?! )\p{Zs}|["\u02ba\u02dd\u02ee\u05f4\u201c-\u201f\u2033\u2036\u275d\u275e\u2e42\u3003\u301d-\u301f\uff02]/gu;
/** A letter carries two marks in honest writing; a heap of them covers the lines around it. */
const HEAPED_MARKS = /(?<=\p{M}{2})\p{M}/gu;
/** ASCII, the letters of Western and Central European languages, and usual punctuation look like nothing else. */
const USUAL = /^[\u0020-\u017f\u2013\u2014\u2018\u2019\u2026\u20ac]$/u;
const NAMED_MAX = 5;

/** Someone else's text between quotes, with a word about letters that look like others. */
export function quote(text: string): string {
  const seen = text
    .normalize("NFC")
    .replace(HEAPED_MARKS, named)
    .replace(UNSEEN, named)
    .replace(/ {2,}/g, (spaces) => `[${spaces.length} spaces]`);
  const unusual = [...new Set(Array.from(seen))].filter((char) => !USUAL.test(char)).map(codePoint);
  if (unusual.length === 0) return `"${seen}"`;
  const more = unusual.length > NAMED_MAX ? ` and ${unusual.length - NAMED_MAX} others` : "";
  return `"${seen}" (with letters that may look like others: ${unusual.slice(0, NAMED_MAX).join(", ")}${more})`;
}

const codePoint = (char: string): string =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
const named = (char: string): string => `[${codePoint(char)}]`;

const INDENT = { loud: "!! ", fact: "", detail: "    " } as const;
/** Where a row goes on with the line above it. No row that begins a line begins so. */
export const GOES_ON = "      | ";

/** Rows for a screen of so many columns, each no longer than that. */
export function rowsOf(lines: readonly WordLine[], columns: number): string[] {
  return lines.flatMap(({ kind, text }) => {
    const rows: string[] = [];
    let row: string = INDENT[kind];
    let width = row.length;
    for (const char of text) {
      const wide = widthOf(char);
      if (width + wide > Math.max(columns, 20)) {
        rows.push(row);
        row = GOES_ON;
        width = row.length;
      }
      row += char;
      width += wide;
    }
    return [...rows, row];
  });
}

/** Taken too wide rather than too narrow: a row that is broken early deceives nobody. */
const widthOf = (char: string): number => (USUAL.test(char) ? 1 : 2);

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
  ["millisecond", 1],
] as const;

/** "3 days 4 hours"; never rounded. */
export function durationWords(ms: number): string {
  let left = ms;
  const parts = UNITS.flatMap(([unit, unitMs]) => {
    const count = Math.floor(left / unitMs);
    left -= count * unitMs;
    return count === 0 ? [] : [counted(count, unit)];
  });
  return parts.length === 0 ? "no time" : parts.join(" ");
}

/** "2026-11-22 12:00:00 UTC"; with milliseconds if there are any. */
export const instantWords = (instant: number): string =>
  `${new Date(instant).toISOString().replace("T", " ").replace(".000", "").replace("Z", "")} UTC`;

export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** The first digits for the eye, all of them for whoever compares. */
export const hashWords = (sha256: string): string => `${sha256.slice(0, 12)} (SHA-256 ${sha256})`;
