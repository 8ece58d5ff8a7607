/** What a benchmark is: something of ours against something bare, in the same run, in alternating rounds. */
export interface Figure {
  readonly metric: string;
  readonly unit: string;
  readonly ours: number;
  /** The bare baseline with identical options, clients and frames; null where there is none. */
  readonly bare: number | null;
  /** ours / bare; null without a baseline. */
  readonly ratio: number | null;
  readonly rounds: number;
}
/** What `--check` holds a figure to. */
export type Budget =
  | { readonly metric: string; readonly ratioMax: number }
  | { readonly metric: string; readonly oursMax: number }
  | { readonly metric: string; readonly oursMin: number };
export interface BenchOptions {
  /** Sizes by name, as the bench declares them: `agents`, `devices`, `rounds`. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Progress for a person; never part of the JSON. */
  readonly say: (line: string) => void;
}
export interface Bench {
  readonly name: string;
  readonly about: string;
  /** Name, what it is, its default (full size) and the size used by `npm test`. */
  readonly sizes: readonly {
    readonly name: string;
    readonly about: string;
    readonly full: number;
    readonly small: number;
  }[];
  readonly budgets: readonly Budget[];
  run(options: BenchOptions): Promise<readonly Figure[]>;
}
