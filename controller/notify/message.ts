/** What is sent: type, timestamp and data, thin. Whoever is told asks the API for the rest. */
import type { IncidentNotice, SuspectNotice } from "../ports/notices.ts";

/** Standard Webhooks asks for less than 20 kB. */
const SENTENCE_MAX = 2_000;

/** @returns the very text that is signed and sent, at every try */
export function messageOf(notice: Omit<IncidentNotice, "id"> | Omit<SuspectNotice, "id">): string {
  const { type, at, title } = notice;
  const sentence = notice.sentence.slice(0, SENTENCE_MAX);
  const data =
    "incident" in notice
      ? { incident: notice.incident, title, sentence, path: `/api/v1/incidents/${notice.incident}` }
      : { source: notice.of.source, sha256: notice.of.sha256, title, sentence, path: "/api/v1/detection" };
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
}

export const testMessage = (at: number): string =>
  JSON.stringify({
    type: "ringback.test",
    timestamp: new Date(at).toISOString(),
    data: { sentence: "This is a test. Nothing has happened." },
  });
