/**
 * Sessions of people at this machine, and a question to one of them.
 * https://learn.microsoft.com/windows/win32/api/wtsapi32/
 */
import type { Answer } from "../restart-consent.ts";
import { koffi } from "./koffi.ts";
import { lastError } from "./last-error.ts";

const library = koffi.load("wtsapi32.dll");
const WTSEnumerateSessionsW = library.func(
  "bool __stdcall WTSEnumerateSessionsW(void *server, uint32_t reserved, uint32_t version, void *list, void *count)",
) as (server: null, reserved: number, version: number, list: Buffer, count: Buffer) => boolean;
const WTSFreeMemory = library.func("void __stdcall WTSFreeMemory(uintptr_t memory)") as (memory: bigint) => void;
const WTSSendMessageW = library.func(
  "bool __stdcall WTSSendMessageW(void *server, uint32_t session, str16 title, uint32_t titleBytes, str16 message, " +
    "uint32_t messageBytes, uint32_t style, uint32_t seconds, void *response, bool wait)",
) as unknown as {
  async(
    ...args: [
      null,
      number,
      string,
      number,
      string,
      number,
      number,
      number,
      Buffer,
      boolean,
      (error: unknown, isDone: boolean) => void,
    ]
  ): void;
};

/** WTS_SESSION_INFOW on 64-bit Windows: id, pointer to a name, state. */
const ENTRY_BYTES = 24;
const STATE_AT = 16;
const ACTIVE = 0;
/** MB_YESNO | MB_ICONQUESTION | MB_SETFOREGROUND | MB_TOPMOST */
const STYLE = 0x4 | 0x20 | 0x1_0000 | 0x4_0000;
const YES = 6;
const NO = 7;

/** Sessions that somebody has open in front of him, or the error number. */
export function activeSessions(): readonly number[] | { readonly error: number } {
  const list = Buffer.alloc(8);
  const count = Buffer.alloc(4);
  if (!WTSEnumerateSessionsW(null, 0, 1, list, count)) return { error: lastError() };
  const address = list.readBigUInt64LE();
  if (address === 0n) return [];
  try {
    const entries = Buffer.from(koffi.view(address, count.readUInt32LE() * ENTRY_BYTES));
    return Array.from({ length: count.readUInt32LE() }, (_, i) => i * ENTRY_BYTES)
      .filter((at) => entries.readInt32LE(at + STATE_AT) === ACTIVE)
      .map((at) => entries.readUInt32LE(at));
  } finally {
    WTSFreeMemory(address);
  }
}

/** Shows the question until it is answered or the time is over. Holds one of the library's threads meanwhile. */
export function askSession(session: number, title: string, message: string, withinMs: number): Promise<Answer> {
  const response = Buffer.alloc(4);
  const seconds = Math.max(1, Math.ceil(withinMs / 1_000));
  const bytes = (text: string): number => Buffer.byteLength(text, "utf16le");
  return new Promise((resolve) => {
    WTSSendMessageW.async(
      null,
      session,
      title,
      bytes(title),
      message,
      bytes(message),
      STYLE,
      seconds,
      response,
      true,
      (error, isDone) => {
        const answer = error === null && isDone ? response.readUInt32LE() : 0;
        resolve(answer === YES ? "yes" : answer === NO ? "no" : "none");
      },
    );
  });
}
