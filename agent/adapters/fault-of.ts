/** Turns what the operating system says into a fault of a step, in words a program can switch on. */
import type { StepFault } from "../../protocol/progress.ts";
import type { Fault } from "../ports.ts";

const FAULTS: Readonly<Record<string, StepFault>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EBUSY: "file-locked",
  ETXTBSY: "file-locked",
  EACCES: "permission-denied",
  EPERM: "permission-denied",
  EROFS: "permission-denied",
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  ELOOP: "path-escapes",
  EEXIST: "file-changed",
};

export const isNoSuchFile = (error: unknown): boolean => errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR";

/** @param what what was tried, as "quarantine C:\…" */
export function faultOf(error: unknown, what: string): Fault {
  const code = errnoOf(error);
  return { kind: "fault", fault: FAULTS[code] ?? "unexpected", because: `${what}: ${code}` };
}

function errnoOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : "unknown error";
}
