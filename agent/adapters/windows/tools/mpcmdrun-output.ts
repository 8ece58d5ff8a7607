/** What `MpCmdRun -Restore -ListAll` prints: threats by name, and under each what was taken away as it. */
import { isSameName } from "../../../../protocol/windows-path.ts";

export interface QuarantinedThreat {
  readonly threat: string;
  /** A file's path, and after it words in the machine's language. */
  readonly items: readonly string[];
}

const ITEM = /^\s*file:([A-Z]:\\.+)$/i;
const THREAT = /^\s*\S+\s*=\s*(\S.*?)\s*$/;

export function parseQuarantine(output: string): readonly QuarantinedThreat[] {
  const all: { threat: string; items: string[] }[] = [];
  for (const line of output.split("\n")) {
    const item = ITEM.exec(line)?.[1];
    const threat = THREAT.exec(line)?.[1];
    if (item !== undefined) all.at(-1)?.items.push(item.trimEnd());
    else if (threat !== undefined) all.push({ threat, items: [] });
  }
  return all;
}

/** Is this file one of them? */
export const holdsFile = ({ items }: QuarantinedThreat, file: string): boolean =>
  items.some((item) => isSameName(item.slice(0, file.length), file) && /^(?:\s|$)/.test(item.slice(file.length)));
