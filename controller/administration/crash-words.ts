/** What the crashes say that are kept with an incident, in one sentence. What they do not say is said too. Pure. */
import type { CrashSummary } from "../orchestrator/crash-book.ts";

/** More causes than these are summed up. */
const NAMED_MAX = 3;

export function crashSentence({ devices, bugchecks, suspects }: CrashSummary): string {
  if (devices === 0) return "No crash evidence has come in from devices that run this version.";
  const parts = [`Crash evidence of ${machines(devices)}`, `bugcheck ${list(bugchecks, ({ code }) => `0x${code}`)}`];
  const pointed = suspects.reduce((sum, suspect) => sum + suspect.devices, 0);
  if (pointed > 0) parts.push(`dumps point at ${list(suspects, ({ driver }) => driver)}`);
  if (pointed < devices) parts.push(`${machines(devices - pointed)} sent no dump that points at a driver`);
  return `${parts[0]}: ${parts.slice(1).join("; ")}.`;
}

function list<Item extends { readonly devices: number }>(items: readonly Item[], name: (item: Item) => string): string {
  const named = items.slice(0, NAMED_MAX).map((item) => `${name(item)} on ${item.devices}`);
  const others = items.slice(NAMED_MAX).reduce((sum, { devices }) => sum + devices, 0);
  return [...named, ...(others > 0 ? [`others on ${others}`] : [])].join(", ");
}

const machines = (count: number): string => (count === 1 ? "1 machine" : `${count} machines`);
