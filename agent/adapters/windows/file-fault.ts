/** What Windows says of a file, as the fault of a step: the one place where a status becomes a word. */
import type { StepFault } from "../../../protocol/progress.ts";
import type { Fault, Result } from "../../ports.ts";
import { STATUS, type Status } from "./nt.ts";

const FAULTS: ReadonlyMap<Status, readonly [fault: StepFault, because: string]> = new Map([
  [STATUS.noSuchFile, ["not-found", "it is not there"]],
  [STATUS.nameNotFound, ["not-found", "it is not there"]],
  [STATUS.pathNotFound, ["not-found", "its folder is not there"]],
  [STATUS.notADirectory, ["not-found", "what should be a folder is a file"]],
  [STATUS.nameInvalid, ["path-escapes", "Windows takes this name for none of a file"]],
  [STATUS.pathSyntaxBad, ["path-escapes", "Windows takes this name for none of a file"]],
  [STATUS.reparsePointEncountered, ["path-escapes", "a link stands in the way"]],
  [STATUS.fileIsADirectory, ["path-escapes", "what should be a file is a folder"]],
  [STATUS.nameCollision, ["file-changed", "another file stands there; it is left as it is"]],
  [STATUS.sharingViolation, ["file-locked", "another program holds it open; try again when it has let go"]],
  [STATUS.fileLockConflict, ["file-locked", "another program has locked a part of it; try again when it has let go"]],
  [STATUS.deletePending, ["file-locked", "it is being deleted, and somebody still holds it open"]],
  [STATUS.cannotDelete, ["file-locked", "Windows itself uses it; it can be moved only in another boot mode"]],
  [STATUS.accessDenied, ["permission-denied", "access was denied; the vendor's self-protection may forbid it"]],
  [STATUS.privilegeNotHeld, ["permission-denied", "the agent's account lacks a privilege for it"]],
  [STATUS.mediaWriteProtected, ["permission-denied", "the volume cannot be written"]],
  [STATUS.virusInfected, ["permission-denied", "the antivirus forbids it"]],
  [STATUS.virusDeleted, ["permission-denied", "the antivirus took it away"]],
  [STATUS.diskFull, ["disk-full", "the volume is full"]],
  [STATUS.quotaExceeded, ["disk-full", "the volume's quota is used up"]],
  [STATUS.notSameDevice, ["unexpected", "it would have to be copied to another volume, which is never done silently"]],
]);

/** A file operation that could not be done. Caught by `attempt` and handed on as a `Fault`. */
export class FileFault extends Error {
  override readonly name = "FileFault";
  readonly code: StepFault;
  constructor(code: StepFault, because: string) {
    super(because);
    this.code = code;
  }
}

/** @param what what was tried, as `open C:\...` */
export function faultOfStatus(status: Status, what: string): FileFault {
  const [code, because] = FAULTS.get(status) ?? ["unexpected", "Windows gave an answer that nobody expected"];
  return new FileFault(code, `could not ${what}: ${because} (status 0x${status.toString(16)})`);
}

/** @throws FileFault unless the call went well */
export function must(status: Status, what: string): void {
  if (status !== STATUS.success) throw faultOfStatus(status, what);
}

export const isMissing = (status: Status): boolean => FAULTS.get(status)?.[0] === "not-found";

/** Runs what may end in a `FileFault`. What else is thrown is a fault too: the step stops, and says what it saw. */
export async function attempt<Value>(what: string, work: () => Promise<Value>): Promise<Result<Value>> {
  try {
    return { kind: "ok", value: await work() };
  } catch (error) {
    if (error instanceof FileFault) return { kind: "fault", fault: error.code, because: error.message } satisfies Fault;
    const seen = error instanceof Error ? error.message : "an unknown error";
    return { kind: "fault", fault: "unexpected", because: `could not ${what}: ${seen}` };
  }
}
