/** What is sent: type, timestamp and data, thin. Whoever is told asks the API for the rest. */
import type { IncidentNotice } from "../ports.ts";

/** Standard Webhooks asks for less than 20 kB. */
const SENTENCE_MAX = 2_000;

/** @returns the very text that is signed and sent, at every try */
export function messageOf({ type, at, incident, title, sentence }: Omit<IncidentNotice, "id">): string {
  return JSON.stringify({
    type,
    timestamp: new Date(at).toISOString(),
    data: { incident, title, sentence: sentence.slice(0, SENTENCE_MAX), path: `/api/v1/incidents/${incident}` },
  });
}

export const testMessage = (at: number): string =>
  JSON.stringify({
    type: "ringback.test",
    timestamp: new Date(at).toISOString(),
    data: { sentence: "This is a test. Nothing has happened." },
  });
