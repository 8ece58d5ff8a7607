/**
 * What `reagentc /info` prints. Its words are in the machine's language, "Enabled" as well; the location of the image and
 * the identifier in the boot configuration, which follow each other, are not. Both are there exactly while the recovery
 * environment is enabled.
 */
import { labelledLine } from "./labelled-lines.ts";

export interface RecoveryState {
  /** Undefined: not known, because location and identifier do not agree. */
  readonly enabled: boolean | undefined;
  /** As \\?\GLOBALROOT\device\harddisk0\partition4\Recovery\WindowsRE. */
  readonly location: string | undefined;
  readonly bootEntry: string | undefined;
}

const LOCATION = /^\\\\\?\\GLOBALROOT\\device\\\S.*\\Recovery\\WindowsRE$/i;
const IDENTIFIER = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NO_IDENTIFIER = "00000000-0000-0000-0000-000000000000";

/** Undefined: this is not what reagentc prints. */
export function parseRecoveryState(output: string): RecoveryState | undefined {
  const values = output.split("\n").flatMap((line) => labelledLine(line)?.value ?? []);
  const at = values.findIndex((value) => IDENTIFIER.test(value));
  const before = values[at - 1];
  if (before === undefined || (before !== "" && !LOCATION.test(before))) return undefined;
  const location = before === "" ? undefined : before;
  const found = values[at]?.toLowerCase();
  const bootEntry = found === NO_IDENTIFIER ? undefined : found;
  const agree = (location === undefined) === (bootEntry === undefined);
  return { enabled: agree ? location !== undefined : undefined, location, bootEntry };
}
