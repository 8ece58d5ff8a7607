/** What of the machine's software can be changed and taken back: updates, drivers, Defender. Pure. */
import type { Readiness } from "../readiness/readiness.ts";
import { unknown, type Verdict, works, worksNot } from "./verdict.ts";

export const updateVerdicts = (facts: Readiness): readonly Verdict[] => [
  servicing(facts),
  updateAgent(facts),
  driverStore(facts),
  defender(facts),
  writeFilter(facts),
];

function servicing({ packages }: Readiness): Verdict {
  const about = { capability: "updates", title: "installed updates (dism)" };
  if (packages.kind === "fault") return worksNot(about, packages.because, "remove-update", "install-update");
  return works(about, `${packages.value} packages are listed`);
}

function updateAgent({ languageMode }: Readiness): Verdict {
  const about = { capability: "update-blocking", title: "hiding updates (PowerShell, App Control)" };
  if (languageMode.kind === "fault") return unknown(about, languageMode.because, "block-update, and so remove-update");
  if (languageMode.value === "FullLanguage") return works(about, "PowerShell may use the Windows Update Agent");
  const seen = `PowerShell is held in ${languageMode.value}: App Control is on`;
  return worksNot(about, seen, "block-update, and so remove-update: block where updates are managed (WSUS, Intune)");
}

function driverStore({ drivers }: Readiness): Verdict {
  const about = { capability: "drivers", title: "driver packages (pnputil)" };
  if (drivers.kind === "fault") return worksNot(about, drivers.because, "remove-driver");
  return works(about, `${drivers.value.length} packages of makers are in the driver store`);
}

function defender({ defender: state }: Readiness): Verdict {
  const about = { capability: "defender", title: "taking back Defender's definitions" };
  if (state.kind === "fault") return unknown(about, state.because, "revert-definitions");
  if (state.value === undefined) return worksNot(about, "Defender is not on this machine", "revert-definitions");
  const { definitions = "none", engine = "not known", platform = "not known", tamperProtected } = state.value;
  const seen = `definitions ${definitions}, engine ${engine}, platform ${platform}`;
  if (tamperProtected === true) return worksNot(about, `${seen}; tamper protection is on`, "revert-definitions");
  if (tamperProtected === undefined)
    return unknown(about, `${seen}; whether tamper protection is on is not known`, "revert-definitions");
  return works(about, `${seen}; tamper protection is off`);
}

function writeFilter({ writeFilter: state }: Readiness): Verdict {
  const about = { capability: "write-filter", title: "write filter (UWF)" };
  const forgets = "every change that has to outlive a restart, the agent's own records too";
  if (state.kind === "fault")
    return state.fault === "not-found" ? works(about, "there is none") : unknown(about, state.because, forgets);
  const { on, onAfterRestart, volumes } = state.value;
  if (on === undefined) return unknown(about, "uwfmgr does not say ON or OFF", forgets);
  const seen = `${on ? "on" : "off"} now, ${tell(onAfterRestart)} after the next start; names ${volumes.join(", ") || "no drive"}`;
  if (!on && onAfterRestart === false) return works(about, seen);
  return worksNot(about, `${seen}. The agent's state folder must be excluded`, forgets);
}

const tell = (on: boolean | undefined): string => (on === undefined ? "not known" : on ? "on" : "off");
