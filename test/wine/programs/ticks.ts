/** Prints for how many milliseconds Windows has been up. */
import { koffi } from "../../../agent/adapters/windows/native/koffi.ts";

const getTickCount64 = koffi.load("kernel32.dll").func("uint64_t __stdcall GetTickCount64()") as () => bigint | number;
process.stdout.write(`${getTickCount64()}\n`);
