/** What lies in the agent's state folder. */
export const FILES = {
  config: "config.json",
  key: "device-key.pem",
  belief: "belief.json",
  /** The one authority that the controller's TLS certificate must come from. */
  ca: "ca.pem",
  /** What was pinned when the agent was installed. */
  pins: "pins.json",
  /** How this device enrols: what is left of an agent on a golden image. */
  enrolment: "enrolment.json",
  /** Held open by the agent that runs, so that no second one does. */
  lock: "agent.lock",
  /** The installer's properties that enrolment.json was last made of. */
  installedWith: "installed-with.json",
  boots: "boots.log",
  /** Windows' records of boots, as far as they were taken from its System log. */
  systemLog: "system-log.xml",
  /** What was collected for people, a folder each time. */
  diagnostics: "diagnostics",
  /** Copies of driver packages that were removed. */
  drivers: "drivers",
  /** What stood where sources are held now. */
  heldSources: "held-sources.json",
  content: "content.log",
  journal: "journal.log",
  outbox: "outbox.log",
  reserve: "reserve.bin",
  logs: "logs",
  quarantine: "quarantine",
  /** Contents that are known to be good, kept for the day on which nothing else is. */
  knownGood: "known-good",
} as const;
