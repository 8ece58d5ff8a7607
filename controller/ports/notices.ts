/** How people elsewhere are told. */
import type { z } from "zod";
import type { WebhookMade, WebhookRequest, WebhookView } from "../../protocol/api-incidents.ts";
import type { IncidentId } from "../../protocol/ids.ts";
import type { IncidentEvent, VersionRef } from "../../protocol/incident.ts";
import type { Instant } from "../../protocol/time.ts";

/** Something happened to an incident. Thin: whoever is told asks the API for the rest. */
export interface IncidentNotice {
  /** The incident and the number of its event: told again, it is the same. */
  readonly id: string;
  readonly type: `incident.${IncidentEvent["kind"]}`;
  readonly at: Instant;
  readonly incident: IncidentId;
  readonly title: string;
  /** What happened, for people. */
  readonly sentence: string;
}

/** A version for which the numbers speak, and not yet enough to convict it; no incident is about it. */
export interface SuspectNotice {
  /** Of the version, and when it was first seen. */
  readonly id: string;
  readonly type: "detection.suspect";
  readonly at: Instant;
  readonly of: VersionRef;
  readonly title: string;
  readonly sentence: string;
}

export type OutwardNotice = IncidentNotice | SuspectNotice;

/** Tells people elsewhere. Resolves once it will not be forgotten; what was told before (same id) is not told again. */
export interface Notifier {
  tell(notices: readonly OutwardNotice[]): Promise<void>;
}

/** Where people have messages sent. Every refusal is a `Refused`. */
export interface Webhooks extends Notifier {
  list(): Promise<readonly WebhookView[]>;
  /** The secret is in this answer and nowhere else. */
  make(request: z.infer<typeof WebhookRequest>, by: string): Promise<z.infer<typeof WebhookMade>>;
  remove(name: string): Promise<void>;
  /** Another secret. For a day messages are signed with both. */
  rotate(name: string): Promise<z.infer<typeof WebhookMade>>;
  switch(name: string, isOn: boolean, by: string): Promise<WebhookView>;
  /** Sends a test at once, and answers what came of it. */
  test(name: string): Promise<WebhookView>;
}
