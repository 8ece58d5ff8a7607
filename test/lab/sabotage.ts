/** Ways to spoil a drill on purpose. Each must make it fail, or the drill proves nothing. */
export const SABOTAGE = {
  "wrong-file": "the plan that people approve is about the good version",
  "skip-gate": "the controller's rollouts do not wait for their gates",
  "lose-file": "agents delete the faulty file instead of moving it into the quarantine",
  "lie-recovered": "agents say that they recovered without having done anything, and the plan asks for no proof",
  "forged-approval": "one approver signs, the other signature is made up, and the controller counts it",
} as const;

export type Sabotage = keyof typeof SABOTAGE;

export const isSabotage = (text: string): text is Sabotage => Object.hasOwn(SABOTAGE, text);

/** What the agents of the lab read. The other modes are not theirs. */
export const agentEnvironment = (sabotage: Sabotage | undefined): Readonly<Record<string, string>> =>
  sabotage === "lose-file" || sabotage === "lie-recovered" ? { RINGBACK_LAB_SABOTAGE: sabotage } : {};

/** Which controller is started. */
export const controllerKind = (sabotage: Sabotage | undefined): "real" | "gateless" | "credulous" =>
  sabotage === "skip-gate" ? "gateless" : sabotage === "forged-approval" ? "credulous" : "real";
