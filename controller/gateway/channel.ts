/** What the two ends of a TLS connection share, so that a login is worth nothing on any other connection. */
import { TLSSocket } from "node:tls";
import type { Duplex } from "node:stream";
import { CHANNEL } from "../../protocol/frames.ts";

/** In base64; empty for a connection that has no such thing: without TLS, or one that is over. */
export function channelOf(stream: Duplex | null): string {
  if (!(stream instanceof TLSSocket) || stream.destroyed) return "";
  // RFC 9266 section 4.2: before TLS 1.3, two connections could be made to export the same.
  if (stream.getProtocol() !== "TLSv1.3") return "";
  return stream.exportKeyingMaterial(CHANNEL.bytes, CHANNEL.label, Buffer.alloc(0)).toString("base64");
}
