/** Headers that say who asks: anybody can write them, and only a front on this machine is believed. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { addressOf, isEncrypted, stripUntrusted } from "../../controller/api/front.ts";

function aRequest(from: string, headers: IncomingHttpHeaders): IncomingMessage {
  const request: Pick<IncomingMessage, "headers"> & { socket: { remoteAddress: string } } = {
    headers: { ...headers },
    socket: { remoteAddress: from },
  };
  return request as unknown as IncomingMessage; // all that is looked at
}
const SAID = { "x-forwarded-for": "10.9.9.9, 10.1.2.3", "x-forwarded-proto": "https", forwarded: "for=10.9.9.9" };

test.each([
  ["there is no front", "127.0.0.1", false],
  ["it does not come from the front", "192.0.2.1", true],
])("are taken off where %s", (_what, from, behindFront) => {
  const request = aRequest(from, SAID);
  stripUntrusted(request, behindFront);
  expect(addressOf(request)).toBe(from);
  expect(isEncrypted(request)).toBe(false);
  expect(request.headers).toEqual({});
});

test.each(["127.0.0.1", "::1", "::ffff:127.0.0.1"])(
  "count from a front at %s: the last address is the one it saw, those before it are hearsay",
  (from) => {
    const request = aRequest(from, SAID);
    stripUntrusted(request, true);
    expect(addressOf(request)).toBe("10.1.2.3");
    expect(isEncrypted(request)).toBe(true);
    expect(request.headers.forwarded).toBeUndefined();
  },
);
