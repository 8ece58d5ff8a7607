/**
 * Moves that Windows makes itself when it starts next: for files that something holds open until then.
 *
 * smss.exe makes them after boot-start and system-start drivers were loaded, so they are no help against contents that such
 * drivers read. It goes by names: what stands at the name by then is what moves. Whoever takes what has come looks at it.
 */
import { FileFault } from "./file-fault.ts";

export interface Move {
  readonly from: string;
  /** Empty: `from` is deleted. Begins with `!` where a file at the place is replaced. */
  readonly to: string;
}

/** What Windows keeps of this; `native/delayed-moves.ts` is Windows itself. */
export interface DelayedMoves {
  /** Asks for the move. Whether it was taken, `pending` says. */
  ask(from: string, to: string): void;
  /** All that waits, other programs' moves too. Undefined: it cannot be read. */
  pending(): readonly Move[] | undefined;
  /** Puts these in place of all that wait. */
  replace(moves: readonly Move[]): void;
}

/** The paths as the session manager gets them. */
const native = (path: string): string => `\\??\\${path}`;
const isMove = ({ from, to }: Move, source: string, target: string): boolean =>
  from.toLowerCase() === native(source).toLowerCase() &&
  to.replace(/^!/, "").toLowerCase() === native(target).toLowerCase();

/** @throws FileFault `unexpected`: what is not known is neither "none waits" nor a list to be written back. */
function waiting(moves: DelayedMoves): readonly Move[] {
  const pending = moves.pending();
  if (pending === undefined)
    throw new FileFault("unexpected", "what Windows is to move at its next start cannot be read");
  return pending;
}

/** @throws FileFault `unexpected` if that cannot be known */
export function isPending(moves: DelayedMoves, from: string, to: string): boolean {
  return waiting(moves).some((move) => isMove(move, from, to));
}

/** @throws FileFault `verify-failed` if Windows does not have it down afterwards */
export function moveAtRestart(moves: DelayedMoves, from: string, to: string): void {
  if (isPending(moves, from, to)) return;
  moves.ask(from, to);
  if (!isPending(moves, from, to))
    throw new FileFault("verify-failed", `Windows was asked to move ${from} at its next start and has not noted it`);
}

/** @throws FileFault `verify-failed` if it still waits afterwards */
export function cancelMove(moves: DelayedMoves, from: string, to: string): void {
  const all = waiting(moves);
  const others = all.filter((move) => !isMove(move, from, to));
  if (others.length === all.length) return;
  moves.replace(others);
  if (isPending(moves, from, to))
    throw new FileFault(
      "verify-failed",
      `${from} is still to be moved at the next start, and that could not be undone`,
    );
}

/** PendingFileRenameOperations: pairs of names, each ended by a zero; an empty second name deletes. */
export function readMoves(value: Buffer): readonly Move[] {
  const names = value.toString("utf16le").split("\0");
  const moves: Move[] = [];
  for (let i = 0; i + 1 < names.length; i += 2) {
    const [from = "", to = ""] = [names[i], names[i + 1]];
    if (from !== "") moves.push({ from, to });
  }
  return moves;
}

export const movesValue = (moves: readonly Move[]): Buffer =>
  Buffer.from(`${moves.map(({ from, to }) => `${from}\0${to}\0`).join("")}\0`, "utf16le");
