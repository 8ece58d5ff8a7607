/**
 * Keeps Windows Update from offering an update, by the Windows Update Agent's own mark "hidden". PowerShell is the only way
 * to it without a library: one constant script, into which no text is ever put; the article's number passes as a variable of
 * the environment, and the script looks at it again before it uses it.
 *
 * The mark belongs to the source of updates that the machine has. Management that pushes updates by other ways passes it by.
 */
import type { UpdateName } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { saidBy } from "./boot-entries.ts";
import { fault } from "./fault.ts";
import type { RunTool } from "./ports.ts";

/** A search without the network takes seconds to minutes, after the cache of the update agent. */
const WITHIN_MS = 10 * 60_000;
const UPDATE = /^KB\d{6,8}$/;

/** Prints one line: `constrained`, `error HRESULT`, or `seen COUNT HIDDEN`. Single quotes only, so that nothing is quoted twice. */
const SCRIPT = [
  "$ErrorActionPreference = 'Stop'",
  "if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') { 'constrained'; exit 0 }",
  "if ($env:RINGBACK_UPDATE -cnotmatch '^KB[0-9]{6,8}$') { 'error name'; exit 0 }",
  "try {",
  "$searcher = (New-Object -ComObject 'Microsoft.Update.Session').CreateUpdateSearcher()",
  "$searcher.Online = $env:RINGBACK_ASK -eq 'online'",
  "$seen = 0; $hidden = 0",
  "foreach ($update in $searcher.Search('IsInstalled=0 or IsInstalled=1').Updates) {",
  "foreach ($article in $update.KBArticleIDs) {",
  "if (('KB' + $article) -ceq $env:RINGBACK_UPDATE) {",
  "if ($env:RINGBACK_HIDE -eq 'yes') { $update.IsHidden = $true }",
  "if ($env:RINGBACK_HIDE -eq 'no') { $update.IsHidden = $false }",
  "$seen++; if ($update.IsHidden) { $hidden++ } } } }",
  "'seen {0} {1}' -f $seen, $hidden",
  "} catch { 'error {0:X8}' -f $_.Exception.HResult }",
].join("\n");

interface Offered {
  /** How many updates of this article the machine knows of. */
  readonly seen: number;
  readonly hidden: number;
}

/** @param hide sets the mark or takes it away first */
async function ask(
  run: RunTool,
  update: UpdateName,
  hide: "yes" | "no" | "ask",
  where: "cache" | "online",
): Promise<Result<Offered>> {
  if (!UPDATE.test(update)) return fault("unexpected", "this is no update's name as KB5034441");
  const args = ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", SCRIPT];
  const variables = { RINGBACK_UPDATE: update, RINGBACK_HIDE: hide, RINGBACK_ASK: where };
  const ran = await run("powershell", args, WITHIN_MS, variables);
  if (ran.kind === "fault") return ran;
  const said = ran.value.stdout.trim();
  const [, seen, hidden] = /^seen (\d{1,4}) (\d{1,4})$/.exec(said) ?? [];
  if (seen !== undefined) return { kind: "ok", value: { seen: Number(seen), hidden: Number(hidden) } };
  if (said === "constrained")
    return fault(
      "permission-denied",
      "App Control holds PowerShell in constrained language mode here, and Windows offers no other way to hide an update. Block it where updates are managed (WSUS, Intune)",
    );
  const error = /^error ([0-9A-F]{8})$/.exec(said)?.[1];
  if (error !== undefined)
    return fault("unexpected", `the Windows Update Agent answered with 0x${error}; nothing is known of ${update}`);
  return fault("unexpected", `PowerShell did not answer: it ended with ${ran.value.exitCode}${saidBy(ran.value)}`);
}

export async function isBlocked(run: RunTool, update: UpdateName): Promise<Result<boolean>> {
  const asked = await ask(run, update, "ask", "cache");
  if (asked.kind === "fault") return asked;
  return { kind: "ok", value: asked.value.seen > 0 && asked.value.hidden === asked.value.seen };
}

/** An update that was just removed is not in the cache: then its source is asked. */
export async function setBlocked(run: RunTool, update: UpdateName, blocked: boolean): Promise<Result<void>> {
  const hide = blocked ? "yes" : "no";
  let set = await ask(run, update, hide, "cache");
  if (set.kind === "ok" && set.value.seen === 0) set = await ask(run, update, hide, "online");
  if (set.kind === "fault") return set;
  if (set.value.seen === 0)
    return blocked
      ? fault("not-found", `no source of updates offers ${update} to this machine now, so there is nothing to hide`)
      : { kind: "ok", value: undefined };
  const after = await ask(run, update, "ask", "cache");
  if (after.kind === "fault") return after;
  const { seen, hidden } = after.value;
  if (blocked ? seen > 0 && hidden === seen : hidden === 0) return { kind: "ok", value: undefined };
  const state = `of ${seen} that the machine knows, ${hidden} are hidden`;
  return fault("verify-failed", `${update} was to be ${blocked ? "hidden" : "shown"}, but ${state}`);
}
