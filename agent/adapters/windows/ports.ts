/** What the Windows adapters ask of Windows itself: programs that Windows ships. Tests put small programs in their place. */
import type { Result } from "../../ports.ts";

/** Programs that the agent may start, each by its absolute path. */
export type ToolName =
  | "bcdedit"
  | "reagentc"
  | "manage-bde"
  | "dism"
  | "wusa"
  | "pnputil"
  | "wevtutil"
  | "uwfmgr"
  | "mpcmdrun"
  | "powershell"
  | "fltmc"
  | "whoami"
  | "shutdown";

export interface ToolRun {
  readonly exitCode: number;
  /** Decoded as the program writes it (OEM code page, UTF-16 or UTF-8), line ends as `\n`, cut at a size limit. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a program with an argument array, never through a shell, and waits for its end. An exit code is no fault here and
 * no success either: whoever asks looks at the effect. `not-found`: Windows does not have the program; `timed-out`: it was
 * ended after `withinMs`.
 *
 * @param variables added to its environment, for what a constant script is about
 */
export type RunTool = (
  tool: ToolName,
  args: readonly string[],
  withinMs: number,
  variables?: Readonly<Record<string, string>>,
) => Promise<Result<ToolRun>>;
