/** What lies in the agent's state folder. */
export const FILES = {
  config: "config.json",
  key: "device-key.pem",
  belief: "belief.json",
  boots: "boots.log",
  content: "content.log",
  journal: "journal.log",
  outbox: "outbox.log",
  reserve: "reserve.bin",
  quarantine: "quarantine",
  /** Contents that are known to be good, kept for the day on which nothing else is. */
  knownGood: "known-good",
} as const;
