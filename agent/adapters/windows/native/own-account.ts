/** As whom this process runs. */
import type { Sid } from "../security-descriptor.ts";
import { koffi } from "./koffi.ts";

const advapi32 = koffi.load("advapi32.dll");
const openProcessToken = advapi32.func(
  "bool __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)",
);
const getTokenInformation = advapi32.func(
  "bool __stdcall GetTokenInformation(intptr_t token, int what, void *buffer, uint32_t length, _Out_ uint32_t *needed)",
);
const closeHandle = koffi.load("kernel32.dll").func("bool __stdcall CloseHandle(intptr_t handle)");

const THIS_PROCESS = -1;
const TOKEN_QUERY = 0x8;
const TOKEN_USER = 1;
/** A SID_AND_ATTRIBUTES lies before the SID that it points to. */
const SID_AT = 16;

/** Undefined if Windows does not say. */
export function ownAccount(): Sid | undefined {
  const token: [number] = [0];
  if (openProcessToken(THIS_PROCESS, TOKEN_QUERY, token) !== true) return undefined;
  const buffer = Buffer.alloc(256);
  const length: [number] = [0];
  const known = getTokenInformation(token[0], TOKEN_USER, buffer, buffer.length, length) as boolean;
  closeHandle(token[0]);
  const end = SID_AT + 8 + 4 * buffer.readUInt8(SID_AT + 1);
  return known && end <= length[0] ? buffer.toString("hex", SID_AT, end) : undefined;
}
