/** All that the agent does with files on a Windows machine, put together: members of `Machine`, and two of its parts. */
import type { Instant } from "../../../protocol/time.ts";
import type { KnownGood, MovesAtRestart } from "../../machine-parts.ts";
import type { Machine } from "../../ports.ts";
import { FILES } from "../files.ts";
import type { DelayedMoves } from "./delayed-moves.ts";
import { attempt, FileFault } from "./file-fault.ts";
import { Files } from "./files.ts";
import { KNOWN_GOOD_LIMITS, type KnownGoodLimits } from "./known-good-plan.ts";
import { KnownGoodStore } from "./known-good.ts";
import { delayedMoves } from "./native/delayed-moves.ts";
import { ntdllFiles } from "./native/ntdll-files.ts";
import type { Nt } from "./nt.ts";
import { Quarantine } from "./quarantine.ts";

export interface WindowsFilesOptions {
  /** Absolute, on a drive: `C:\ProgramData\Ringback`. It is there already, and only the agent may write there. */
  readonly stateFolder: string;
  readonly limits?: KnownGoodLimits;
  readonly now?: () => Instant;
  /** Windows itself; tests put one that fails in its place. */
  readonly nt?: Nt;
  readonly moves?: DelayedMoves;
}

export interface WindowsFiles
  extends Pick<Machine, "files" | "quarantine" | "quarantined" | "restore">,
    MovesAtRestart {
  readonly knownGood: KnownGood;
}

export function windowsFiles({
  stateFolder,
  limits = KNOWN_GOOD_LIMITS,
  now = () => Date.now() as Instant,
  nt = ntdllFiles,
  moves = delayedMoves,
}: WindowsFilesOptions): WindowsFiles {
  const files = new Files(nt);
  const quarantine = new Quarantine(nt, moves, stateFolder, FILES.quarantine);
  const store = new KnownGoodStore({ nt, stateFolder, name: FILES.knownGood, limits, now });
  return {
    files: (glob) => attempt(`read ${glob}`, () => files.matching(glob)),
    quarantine: (plan, facts) => attempt(`quarantine ${facts.path}`, () => quarantine.take(plan, facts)),
    quarantined: (plan) => attempt("read the quarantine", () => quarantine.list(plan)),
    restore: (entry) => attempt(`restore ${entry.path}`, () => quarantine.putBack(entry)),
    quarantineAtRestart: (plan, facts, { readByBootDrivers }) =>
      attempt(`quarantine ${facts.path} at the next start`, async () => {
        if (readByBootDrivers)
          throw new FileFault(
            "permission-denied",
            `${facts.path} is read by drivers before Windows makes delayed moves: the machine would fail again; take it in safe mode or offline`,
          );
        await quarantine.takeAtRestart(plan, facts);
        return { restartDue: true };
      }),
    knownGood: {
      keep: (good) => attempt("keep what is good", () => store.keep(good)),
      holds: (sha256) => attempt("look what is kept", () => store.holds(sha256)),
      putBack: (path, sha256) => attempt(`put ${path} back`, () => store.putBack(path, sha256)),
    },
  };
}
