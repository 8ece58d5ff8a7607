/** Delayed moves as Windows keeps them: MoveFileExW writes them down, the registry says what it has written. */
import { type DelayedMoves, type Move, movesValue, readMoves } from "../delayed-moves.ts";
import { withKey } from "../registry-keys.ts";
import { koffi } from "./koffi.ts";
import { flushKey } from "./registry.ts";

const moveFileEx = koffi.load("kernel32.dll").func("bool __stdcall MoveFileExW(str16 from, str16 to, uint32_t flags)");
const advapi32 = koffi.load("advapi32.dll");
const regGetValue = advapi32.func(
  "int32_t __stdcall RegGetValueW(intptr_t root, str16 key, str16 name, uint32_t kinds, void *kind, void *value, " +
    "_Inout_ uint32_t *length)",
);
const regSetKeyValue = advapi32.func(
  "int32_t __stdcall RegSetKeyValueW(intptr_t root, str16 key, str16 name, uint32_t kind, void *value, uint32_t length)",
);
const regDeleteKeyValue = advapi32.func("int32_t __stdcall RegDeleteKeyValueW(intptr_t root, str16 key, str16 name)");

const HKEY_LOCAL_MACHINE = -2_147_483_646;
const KEY = "SYSTEM\\CurrentControlSet\\Control\\Session Manager";
const NAME = "PendingFileRenameOperations";
const REG_MULTI_SZ = 7;
const ONLY_MULTI_SZ = 0x20;
const NO_SUCH_VALUE = 2;
const BYTES_MAX = 4 * 1024 * 1024;
const TRIES = 5;
const DELAY_UNTIL_REBOOT = 0x4;

/** A move that was taken back would otherwise be made all the same, if the power goes within some seconds. */
const putOnDisk = (): void => void withKey(`HKLM\\${KEY}`, "read", flushKey);

export const delayedMoves: DelayedMoves = {
  ask(from, to) {
    moveFileEx(from, to, DELAY_UNTIL_REBOOT);
    putOnDisk();
  },
  pending(): readonly Move[] | undefined {
    // Another program may add to it between the question for its length and its reading.
    for (let tries = 0; tries < TRIES; tries++) {
      const length: [number] = [0];
      const asked = regGetValue(HKEY_LOCAL_MACHINE, KEY, NAME, ONLY_MULTI_SZ, null, null, length) as number;
      if (asked === NO_SUCH_VALUE) return [];
      if (asked !== 0 || length[0] > BYTES_MAX) return undefined;
      const value = Buffer.alloc(length[0]);
      const read = regGetValue(HKEY_LOCAL_MACHINE, KEY, NAME, ONLY_MULTI_SZ, null, value, length) as number;
      if (read === NO_SUCH_VALUE) return [];
      if (read === 0) return readMoves(value.subarray(0, length[0]));
    }
    return undefined;
  },
  replace(moves) {
    if (moves.length === 0) regDeleteKeyValue(HKEY_LOCAL_MACHINE, KEY, NAME);
    else {
      const value = movesValue(moves);
      regSetKeyValue(HKEY_LOCAL_MACHINE, KEY, NAME, REG_MULTI_SZ, value, value.length);
    }
    putOnDisk();
  },
};
