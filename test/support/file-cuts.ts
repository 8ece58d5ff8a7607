/** What `test/wine/programs/file-cuts.ts` does and says. */
export type CutCall = "quarantine" | "restore" | "keep" | "put-back";
/** Nothing is done from this effect on; or Windows answers this one with that status. */
export type CutEnd = "power lost" | "diskFull" | "accessDenied" | "sharingViolation";

interface FilesSeen {
  /** What stands at the file's own place. */
  readonly standing: string | null;
  /** What lies in the quarantine. */
  readonly kept: readonly string[];
  /** What bears a digest in the known-good store. */
  readonly good: readonly string[];
  /** Files beside it that are nobody's. */
  readonly strays: number;
  /** Entries of the quarantine that say the file is there; -1 if they cannot be read. */
  readonly held: number;
}

export interface CutSeen {
  readonly call: CutCall;
  readonly end: CutEnd;
  readonly effect: number;
  /** False: the call had fewer effects. */
  readonly reached: boolean;
  readonly result: string;
  readonly after: FilesSeen;
  /** The call made again, with everything working. */
  readonly again: string;
  readonly atEnd: FilesSeen;
}
