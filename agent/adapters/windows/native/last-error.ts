/** Why the last call of this thread failed, for functions of Windows that answer with no more than yes or no. */
import { koffi } from "./koffi.ts";

const GetLastError = koffi.load("kernel32.dll").func("uint32_t __stdcall GetLastError()") as () => number;

/** ERROR_GEN_FAILURE */
const UNKNOWN = 31;

/** To be asked right after the call. Never 0: a call that failed and does not say why has failed nevertheless. */
export const lastError = (): number => GetLastError() || UNKNOWN;

/** Of a call that can say something in spite of its yes; 0 where it says nothing. */
export const lastErrorOrNone = (): number => GetLastError();
