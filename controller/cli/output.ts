/**
 * What the command line prints: data on stdout, everything for the person on stderr.
 *
 * Names and reasons come from devices and from other people; what could steer a terminal is taken out of them.
 */
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

export interface Streams {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export type Colors = ReturnType<typeof pc.createColors>;

// biome-ignore lint: control characters are the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text of someone else, safe to print on one line. */
export const clean = (text: string): string => stripVTControlCharacters(text).replaceAll(CONTROL, " ");

export class Output {
  readonly json: boolean;
  readonly colors: Colors;
  readonly isTerminal: boolean;
  private readonly streams: Streams;

  constructor(streams: Streams, options: { readonly json: boolean; readonly color: boolean }) {
    this.streams = streams;
    this.json = options.json;
    this.isTerminal = streams.stdout.isTTY === true;
    this.colors = pc.createColors(options.color && this.isTerminal);
  }

  /** The answer: as JSON for a program, as text for a person. */
  answer(value: unknown, text: () => string): void {
    this.streams.stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : `${text()}\n`);
  }

  /** One line of NDJSON. */
  line(value: unknown): void {
    this.streams.stdout.write(`${JSON.stringify(value)}\n`);
  }

  text(text: string): void {
    this.streams.stdout.write(text);
  }

  note(text: string): void {
    this.streams.stderr.write(`${text}\n`);
  }
}

/** Columns as wide as their widest cell; the last is not padded. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(clean))];
  const widths = head.map((_title, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Label and value, one a line. */
export function facts(pairs: readonly (readonly [label: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([label]) => label.length)) + 1;
  return pairs.map(([label, value]) => `${`${label}:`.padEnd(width)} ${clean(value)}`).join("\n");
}

/** UTC, to the second: the fleet stands in many zones. */
export const moment = (instant: number | null): string =>
  instant === null ? "never" : `${new Date(instant).toISOString().slice(0, 19).replace("T", " ")}Z`;

export const shortHash = (sha256: string): string => sha256.slice(0, 12);
