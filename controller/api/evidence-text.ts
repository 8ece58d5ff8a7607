/**
 * An evidence bundle as JSON, in pieces of a few devices: it may be hundreds of megabytes, and agents are served between
 * the pieces.
 *
 * Invariant: the pieces in a row are what `JSON.stringify` would say of the whole.
 */
import { setImmediate } from "node:timers/promises";
import type { EvidenceBundle } from "../../protocol/evidence-bundle.ts";

const DEVICES_A_PIECE = 100;

export async function* evidenceText({ body, seal }: EvidenceBundle): AsyncGenerator<string, void> {
  const { devices, ...rest } = body;
  yield `{"body":${JSON.stringify(rest).slice(0, -1)},"devices":[`;
  for (let i = 0; i < devices.length; i += DEVICES_A_PIECE) {
    const piece = JSON.stringify(devices.slice(i, i + DEVICES_A_PIECE)).slice(1, -1);
    yield i === 0 ? piece : `,${piece}`;
    await setImmediate();
  }
  yield `]},"seal":${JSON.stringify(seal)}}`;
}
