/** The ways into and out of a machine that does not start: safe mode, WinRE, BitLocker. Pure. */
import type { Readiness } from "../readiness/readiness.ts";
import { unknown, type Verdict, works, worksNot } from "./verdict.ts";

const SAFE_MODE_STEP = "set-safe-mode, and with it the keyless recovery of a machine that does not start";
const WINRE = "WinRE as a way to this machine when it does not start: what is left is a stick, or a visit";

export const bootVerdicts = (facts: Readiness): readonly Verdict[] => [
  bootConfiguration(facts),
  safeMode(facts),
  safeModeRule(facts),
  recoveryEnvironment(facts),
  bitLocker(facts),
  crashes(facts),
];

function bootConfiguration({ boot }: Readiness): Verdict {
  const about = { capability: "boot-configuration", title: "boot configuration (bcdedit)" };
  if (boot.kind === "fault") return worksNot(about, boot.because, SAFE_MODE_STEP);
  const { nextSafeMode } = boot.value;
  return works(
    about,
    nextSafeMode === undefined ? "the next start is normal" : `the next start is safe (${nextSafeMode})`,
  );
}

function safeMode({ safeModeForbiddenBecause, edition, boot }: Readiness): Verdict {
  const about = { capability: "safe-mode", title: "one start in safe mode" };
  if (safeModeForbiddenBecause !== undefined) return worksNot(about, safeModeForbiddenBecause, SAFE_MODE_STEP);
  if (boot.kind === "fault")
    return unknown(about, "nothing forbids it, but see the boot configuration", SAFE_MODE_STEP);
  return works(
    about,
    `nothing forbids it on this ${edition.productType ?? "machine"}; whether it starts is for a rehearsal`,
  );
}

function safeModeRule({ safeModeRule: rule }: Readiness): Verdict {
  const about = { capability: "safe-mode-rule", title: "Defender's rule against changes into safe mode" };
  switch (rule) {
    case "blocks":
    case "warns":
      return worksNot(
        about,
        `the rule 33ddedf1-… ${rule} such changes: exclude the agent's node.exe from it`,
        SAFE_MODE_STEP,
      );
    case "off":
    case "not-set":
      return works(about, `the rule is ${rule === "off" ? "off" : "not set"}`);
    case "audits":
      return works(about, "the rule only records such changes");
    case undefined:
      return unknown(about, "the rule is set to a value that nobody documents", SAFE_MODE_STEP);
  }
}

function recoveryEnvironment({ recovery, boot }: Readiness): Verdict {
  const about = { capability: "recovery-environment", title: "recovery environment (WinRE)" };
  if (recovery.kind === "fault") return unknown(about, recovery.because, WINRE);
  if (recovery.value.enabled === undefined) return unknown(about, "reagentc names a place without an entry", WINRE);
  if (!recovery.value.enabled) return worksNot(about, "WinRE is switched off", WINRE);
  if (boot.kind === "ok" && boot.value.recoveryEnabled === false)
    return worksNot(about, "WinRE is there, but recoveryenabled is No: it does not open by itself", WINRE);
  if (boot.kind === "ok" && boot.value.statusPolicy?.toLowerCase() === "ignoreallfailures")
    return worksNot(about, "WinRE is there, but failed starts are ignored (bootstatuspolicy)", WINRE);
  return works(about, `enabled at ${recovery.value.location ?? ""}`);
}

function bitLocker({ bitLocker: state }: Readiness): Verdict {
  const about = { capability: "bitlocker", title: "BitLocker at a start (manage-bde)" };
  if (state.kind === "fault")
    return state.fault === "not-found"
      ? works(about, "this Windows has no BitLocker (no manage-bde)")
      : unknown(about, state.because, SAFE_MODE_STEP);
  const { protection, protectors, encryptedPercent } = state.value;
  if (protection === "off") return works(about, "the volume of Windows is not encrypted");
  const kinds = protectors.map(({ kind, pcrs }) => (pcrs.length === 0 ? kind : `${kind} (PCR ${pcrs.join(", ")})`));
  const seen = `${protection}, ${encryptedPercent} % encrypted: ${kinds.join("; ")}`;
  if (protectors.some(({ kind }) => kind === "tpm")) return works(about, seen);
  return worksNot(about, seen, "any start without a person at the machine");
}

function crashes({ crashes: { restartsByItself, writesDumps } }: Readiness): Verdict {
  const about = { capability: "crash-dumps", title: "crash dumps and the restart after a crash" };
  if (restartsByItself === undefined || writesDumps === undefined)
    return unknown(about, "CrashControl does not say it", "evidence of crashes from dumps");
  if (!restartsByItself)
    return worksNot(
      about,
      "the machine stays at the blue screen (AutoReboot is 0)",
      "everything after a crash, WinRE too",
    );
  if (!writesDumps)
    return worksNot(about, "no dump is written (CrashDumpEnabled is 0)", "evidence of crashes from dumps");
  return works(about, "it writes a dump and restarts");
}
