/**
 * Does this machine forget what is written to its disk, at its next start? Under Windows' write filter it does, also which
 * orders were carried out: each restart that an order asks for would be followed by the same order, for ever.
 *
 * That the agent's own folder may be excluded from it is not looked at: what a plan changes elsewhere is forgotten all the same.
 */
import type { RunTool } from "./ports.ts";
import { parseWriteFilter } from "./tools/uwfmgr-output.ts";

const WITHIN_MS = 60_000;

/** In words; undefined where there is no filter, or none that works now. */
export async function whyForgetful(run: RunTool): Promise<string | undefined> {
  const ran = await run("uwfmgr", ["get-config"], WITHIN_MS);
  const filter = ran.kind === "ok" ? parseWriteFilter(ran.value.stdout) : undefined;
  if (filter === undefined || filter.on === false) return undefined;
  const seen = filter.on === true ? "is on" : "is there, and whether it is on cannot be read";
  return `the write filter (UWF) ${seen}: what an order changes would be gone at the next start, and the order be done again. Change the image, or switch the filter off for the repair`;
}
