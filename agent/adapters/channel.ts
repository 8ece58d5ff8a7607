/** What the two ends of a TLS connection share, so that a login is worth nothing on any other connection. */
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { CHANNEL } from "../../protocol/frames.ts";

/** In base64; empty for a connection that has no such thing: without TLS 1.3, or one that is over. */
export function channelOf(line: Duplex | undefined): string {
  if (!(line instanceof TLSSocket) || line.destroyed) return "";
  // RFC 9266 section 4.2: before TLS 1.3, two connections could be made to export the same.
  if (line.getProtocol() !== "TLSv1.3") return "";
  return line.exportKeyingMaterial(CHANNEL.bytes, CHANNEL.label, Buffer.alloc(0)).toString("base64");
}
