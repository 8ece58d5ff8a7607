import { expect, test } from "vitest";
import {
  cancelMove,
  type DelayedMoves,
  isPending,
  type Move,
  moveAtRestart,
  movesValue,
  readMoves,
} from "../../../../agent/adapters/windows/delayed-moves.ts";

const THEIRS: Move = { from: "\\??\\C:\\Windows\\Temp\\theirs.tmp", to: "" };
const REPLACING: Move = { from: "\\??\\C:\\new.dll", to: "!\\??\\C:\\old.dll" };

/** Windows as one that notes what it is asked, or does not. */
function windows(notes: boolean): DelayedMoves & { moves: readonly Move[] } {
  return {
    moves: [THEIRS, REPLACING],
    ask(from, to) {
      if (notes) this.moves = [...this.moves, { from: `\\??\\${from}`, to: `\\??\\${to}` }];
    },
    pending() {
      return readMoves(movesValue(this.moves));
    },
    replace(moves) {
      this.moves = moves;
    },
  };
}

test("a move waits once, however often it is asked for, and others' moves are left when it is taken back", () => {
  const system = windows(true);
  moveAtRestart(system, "C:\\a.sys", "C:\\q\\1.bin");
  moveAtRestart(system, "c:\\A.SYS", "C:\\q\\1.bin");
  expect(system.moves).toHaveLength(3);
  expect(isPending(system, "C:\\a.sys", "C:\\q\\1.bin")).toBe(true);
  expect(isPending(system, "C:\\a.sys", "C:\\q\\2.bin")).toBe(false);
  cancelMove(system, "C:\\a.sys", "C:\\q\\1.bin");
  expect(system.moves).toEqual([THEIRS, REPLACING]);
});

test("Windows' word is not believed: what it has not noted will not happen", () => {
  expect(() => moveAtRestart(windows(false), "C:\\a.sys", "C:\\q\\1.bin")).toThrow(
    expect.objectContaining({ code: "verify-failed" }),
  );
});

test("what cannot be read is neither taken for nothing nor written over", () => {
  const unread = { ...windows(true), pending: () => undefined };
  for (const act of [isPending, moveAtRestart, cancelMove])
    expect(() => act(unread, "C:\\a.sys", "C:\\q\\1.bin")).toThrow(expect.objectContaining({ code: "unexpected" }));
  // Read once and not the second time, as when another program adds a move just then.
  const system = windows(true);
  moveAtRestart(system, "C:\\a.sys", "C:\\q\\1.bin");
  const { moves } = system;
  let reads = 0;
  const busy = { ...system, pending: () => (reads++ === 0 ? moves : undefined) };
  expect(() => cancelMove(busy, "C:\\a.sys", "C:\\q\\1.bin")).toThrow(expect.objectContaining({ code: "unexpected" }));
  expect(busy.moves).toEqual([THEIRS, REPLACING]);
});

test("the value is pairs of names; an empty second one deletes", () => {
  const value = Buffer.from("\\??\\C:\\a\0\0\\??\\C:\\b\0!\\??\\C:\\c\0\0", "utf16le");
  expect(readMoves(value)).toEqual([
    { from: "\\??\\C:\\a", to: "" },
    { from: "\\??\\C:\\b", to: "!\\??\\C:\\c" },
  ]);
  expect(movesValue(readMoves(value))).toEqual(value);
  expect(readMoves(Buffer.alloc(0))).toEqual([]);
});
