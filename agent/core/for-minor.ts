/**
 * A report as the controller at hand understands it: what its schema minor does not know is left out.
 *
 * For one minor it is always the same bytes. A report that one controller has stored is never sent to another in other
 * bytes: its welcome says that it has it.
 */

/** @param text a report frame as it stands in the outbox, written in the newest minor */
export function forMinor(text: string, minor: number): string {
  if (minor >= 1 || !text.includes('"evidence":')) return text;
  const frame = JSON.parse(text) as { body: { kind: string; boot?: { evidence?: unknown } } }; // our own writing
  if (frame.body.kind !== "boot-began" || frame.body.boot === undefined) return text;
  const { evidence: _sinceMinor1, ...boot } = frame.body.boot;
  return JSON.stringify({ ...frame, body: { ...frame.body, boot } });
}
