/**
 * Asks Windows for a restart, and looks whether it knows of it.
 *
 * Windows refuses a second request while one stands, with an error of its own: that answer is what proves the first. A
 * yes to both proves that nobody took either. Where the function does that, the program that Windows ships for it is
 * tried, and held to the same.
 */
import type { Fault, Result } from "../../ports.ts";
import { enablePrivilege, initiateRestart, SHUTDOWN_ERROR } from "./native/shutdown.ts";
import type { RunTool } from "./ports.ts";

const OK: Result<void> = { kind: "ok", value: undefined };
const PRIVILEGE = "SeShutdownPrivilege";
/** Planned; an application's maintenance. */
const REASON_CODE = "p:4:1";
const TOOL_WITHIN_MS = 30_000;
/** shutdown.exe takes no longer comment. */
const COMMENT_LETTERS_MAX = 512;
/** shutdown.exe and the function alike: ten years. */
const NOTICE_SECONDS_MAX = 315_360_000;

export async function restartWindows(noticeMs: number, reason: string, runTool: RunTool): Promise<Result<void>> {
  const seconds = Math.min(NOTICE_SECONDS_MAX, Math.ceil(noticeMs / 1_000));
  const denied = enablePrivilege(PRIVILEGE);
  const first = initiateRestart(seconds, reason);
  if (isUnderWay(first)) return OK;
  if (first === SHUTDOWN_ERROR.denied || first === SHUTDOWN_ERROR.notHeld) return notAllowed(first, denied);
  if (first !== 0) return unexpected(`Windows did not take the request for a restart: error ${first}`);
  return isUnderWay(initiateRestart(seconds, reason)) ? OK : restartByTool(seconds, reason, runTool);
}

async function restartByTool(seconds: number, reason: string, runTool: RunTool): Promise<Result<void>> {
  const comment = reason.slice(0, COMMENT_LETTERS_MAX);
  const ask = (): ReturnType<RunTool> =>
    runTool("shutdown", ["/r", "/f", "/t", String(seconds), "/d", REASON_CODE, "/c", comment], TOOL_WITHIN_MS);
  const first = await ask();
  if (first.kind === "fault") return first;
  if (isUnderWay(first.value.exitCode)) return OK;
  const second = await ask();
  if (second.kind === "fault") return second;
  if (isUnderWay(second.value.exitCode)) return OK;
  const codes = `${first.value.exitCode}, then ${second.value.exitCode}`;
  return {
    kind: "fault",
    fault: "verify-failed",
    because: `Windows said yes to a restart and yet knows of none: asked again, it did not refuse (shutdown.exe: ${codes})`,
  };
}

const isUnderWay = (error: number): boolean =>
  error === SHUTDOWN_ERROR.scheduled || error === SHUTDOWN_ERROR.inProgress;

const notAllowed = (error: number, privilege: number): Fault => ({
  kind: "fault",
  fault: "permission-denied",
  because:
    `Windows does not let this account restart the machine (error ${error}` +
    `${privilege === 0 ? "" : `; ${PRIVILEGE} could not be switched on: ${privilege}`}). Run the agent as LocalSystem.`,
});

const unexpected = (because: string): Fault => ({ kind: "fault", fault: "unexpected", because });
