/** What every part of a machine answers with: what was asked for, or why it could not be had. */
import type { Sha256 } from "../protocol/canonical.ts";
import type { StepFault } from "../protocol/progress.ts";
import type { Instant } from "../protocol/time.ts";
import type { WindowsPath } from "../protocol/windows-path.ts";

/** What an adapter could not do, and why. Nothing is half done when it says so. */
export interface Fault {
  readonly kind: "fault";
  readonly fault: StepFault;
  readonly because: string;
}
export type Result<Value> = { readonly kind: "ok"; readonly value: Value } | Fault;

export interface FileFacts {
  readonly path: WindowsPath;
  readonly sha256: Sha256;
  /** The first 64 bytes, in hex. */
  readonly header: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Instant;
}
