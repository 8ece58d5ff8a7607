/** The server that everything is attached to: with or without TLS of its own, and what it is called. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import { join } from "node:path";
import type { Instant } from "../protocol/time.ts";
import { LOOPBACK_APPROVALS } from "./api/hosts.ts";
import type { ControllerConfig } from "./config.ts";
import { filesTls, ownTls, type ServerTls } from "./tls/server-tls.ts";

export function listen(server: Server | TlsServer, { port, host }: ControllerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}

/** By its first name where it has one: an address of all interfaces is nobody's address. */
export function urlOf({ address, family, port }: AddressInfo, { tls, names }: ControllerConfig): string {
  const scheme = tls === "own" || tls === "files" ? "https" : "http";
  const name = scheme === "http" ? undefined : names[0];
  const isEverywhere = address === "0.0.0.0" || address === "::";
  const host = name ?? (isEverywhere ? "localhost" : address);
  return `${scheme}://${host.includes(":") && family === "IPv6" ? `[${host}]` : host}:${port}`;
}

// Only WebSockets are upgrades; anything else (HTTP/2 over clear text, say) is answered as an ordinary request.
const SERVER_OPTIONS = {
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
} as const;

export const serverOf = (tls: ServerTls | undefined): Server | TlsServer =>
  tls === undefined
    ? createServer(SERVER_OPTIONS)
    : createTlsServer({ ...SERVER_OPTIONS, ...tls.context, ALPNProtocols: ["http/1.1"] });

export async function openTls(config: ControllerConfig, now: Instant): Promise<ServerTls | undefined> {
  const { tls, dataFolder, names, host, tlsCert, tlsKey } = config;
  const called = [...names, new URL(config.approvalOrigin ?? `https://${LOOPBACK_APPROVALS}`).hostname];
  if (tls === "own") return ownTls(join(dataFolder, "tls"), isIP(host) === 0 ? called : [...called, host], now);
  if (tls === "files" && tlsCert !== undefined && tlsKey !== undefined) return filesTls(tlsCert, tlsKey);
  return undefined;
}

export const approvalOriginOf = ({ approvalOrigin, tls }: ControllerConfig, { port }: AddressInfo): string =>
  approvalOrigin ??
  new URL(`${tls === "own" || tls === "files" ? "https" : "http"}://${LOOPBACK_APPROVALS}:${port}`).origin;
