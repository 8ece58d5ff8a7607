/** Enrolment in words: what became of a token, how devices that show it are let in, and the line that enrols one. */
import { IconBan, IconCheck, IconClockOff, IconStackPop } from "@tabler/icons-react";
import type { z } from "zod";
import type { TokenAcceptance, TokenView, TrustPins } from "../../../protocol/enrolment.ts";
import type { Tone } from "./tones.ts";
import type { IconType } from "./icon.ts";

interface TokenWords {
  readonly word: string;
  readonly tone: Tone;
  readonly Icon: IconType;
}

export const TOKEN_STATES: Readonly<Record<TokenView["state"], TokenWords>> = {
  good: { word: "Good", tone: "good", Icon: IconCheck },
  "used-up": { word: "Used up", tone: "idle", Icon: IconStackPop },
  expired: { word: "Expired", tone: "idle", Icon: IconClockOff },
  revoked: { word: "Revoked", tone: "warn", Icon: IconBan },
};

export function acceptanceWords(acceptance: TokenAcceptance): string {
  if (acceptance.kind === "person") return "a person accepts each";
  return acceptance.networks === undefined ? "at once" : `at once from ${acceptance.networks.join(", ")}`;
}

interface LineFacts {
  /** As people reach it: https://controller.example:8443. */
  readonly controller: string;
  readonly group: string;
  readonly pool: boolean;
  readonly pins: z.infer<typeof TrustPins>;
}

/** For the device's administrator. Without a pin of the controller's own, TLS ends in a front. */
export function enrolmentLine({ controller, group, pool, pins: { caSha256, trustRootSha256 } }: LineFacts): string {
  return [
    "npm run agent -- enrol --machine 'C:\\'",
    `--controller ${controller}`,
    "--token-file token.txt",
    `--group ${group}`,
    `--ca-sha256 ${caSha256 ?? "CA_SHA256"}`,
    `--trust-root-sha256 ${trustRootSha256}`,
    ...(caSha256 === null ? ["--binding front"] : []),
    ...(pool ? ["--image IMAGE"] : []),
  ].join(" ");
}
