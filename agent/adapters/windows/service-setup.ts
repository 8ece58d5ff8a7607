/**
 * What the service sees to of its own setting-up, each time it starts.
 *
 * Recovery: Windows Installer's own table for it (MsiServiceConfigFailureActions) is known not to do what it says, and
 * an administrator's tool may take recovery away; so the agent sets it and looks at what stands there then. Path: one with
 * spaces and without quotes lets `C:\\Program.exe` run in the agent's place. Windows Installer quotes it, others may not.
 */
import type { FailureActions, OwnService } from "./native/own-service.ts";

const RESTART = 1;
const MINUTE_MS = 60_000;
/** Restarted after 1, 1 and 5 minutes; a day without a failure makes it begin anew. */
const RECOVERY: FailureActions = {
  resetSeconds: 86_400,
  actions: [MINUTE_MS, MINUTE_MS, 5 * MINUTE_MS].map((delayMs) => ({ kind: RESTART, delayMs })),
};

type Setup = Pick<OwnService, "imagePath" | "setImagePath" | "failureActions" | "setFailureActions" | "close">;

/** @param open `native/own-service.ts` on Windows. @returns what is not as it should be, in words for the log; nothing if all is well */
export function setUpService(name: string, open: (name: string) => Setup | number): readonly string[] {
  const service = open(name);
  if (typeof service === "number") return [`Windows does not open the service ${name} for it (error ${service})`];
  try {
    return [pathFault(service), recoveryFault(service)].filter((fault) => fault !== undefined);
  } finally {
    service.close();
  }
}

function pathFault(service: Setup): string | undefined {
  const path = service.imagePath();
  if (path === undefined) return "Windows does not say which program the service runs";
  const quoted = quotedImagePath(path);
  if (quoted === path) return undefined;
  const error = service.setImagePath(quoted);
  if (error === 0 && service.imagePath() === quoted) return undefined;
  return `the service's path has no quotes and could not be given any (error ${error}): ${path}`;
}

function recoveryFault(service: Setup): string | undefined {
  if (isRecovery(service.failureActions())) return undefined;
  const error = service.setFailureActions(RECOVERY);
  const now = service.failureActions();
  if (isRecovery(now)) return undefined;
  return `the service is not restarted when it fails: Windows keeps ${JSON.stringify(now) ?? "nothing"} (error ${error})`;
}

const isRecovery = (found: FailureActions | undefined): boolean => JSON.stringify(found) === JSON.stringify(RECOVERY);

/** Only a program without quotes gets some; arguments stay as they are. */
export const quotedImagePath = (path: string): string => path.replace(/^([A-Za-z]:\\[^"]*?\.exe)(?= |$)/i, '"$1"');
