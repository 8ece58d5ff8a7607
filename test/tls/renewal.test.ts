/** The certificate that the server shows: renewed when it is due, without anyone connected noticing. */
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { dialWebSocket } from "../../agent/adapters/dial-ws.ts";
import { openAuthority } from "../../controller/tls/authority.ts";
import { isRenewalDue } from "../../controller/tls/renewal.ts";
import { filesTls, ownTls, SERVER_CERTIFICATE_MS } from "../../controller/tls/server-tls.ts";
import { AGENT_PATH } from "../../protocol/frames.ts";
import { type Instant, later } from "../../protocol/time.ts";
import { NOON } from "../support/fleet-builders.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { DIRECT, directWay } from "../support/way.ts";

const DAY_MS = 86_400_000;

describe("renewal", () => {
  test("is due from two thirds of a life on, and before the life began; once due it stays due", () => {
    const life = { notBefore: NOON, notAfter: later(NOON, 90 * DAY_MS) };
    expect(isRenewalDue(life, later(NOON, 60 * DAY_MS - 1))).toBe(false);
    expect(isRenewalDue(life, later(NOON, 60 * DAY_MS))).toBe(true);
    expect(isRenewalDue(life, (NOON - 1) as Instant)).toBe(true);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * DAY_MS }), fc.nat(), (lengthMs, after) => {
        const any = { notBefore: NOON, notAfter: later(NOON, lengthMs) };
        expect(isRenewalDue(any, later(any.notAfter, after))).toBe(true);
        expect(isRenewalDue(any, NOON)).toBe(false);
      }),
    );
  });

  test("gives a certificate of the same authority with a new key; who is connected stays, who comes sees the new one", async () => {
    await using folder = await temporaryFolder();
    const now = Date.now() as Instant;
    const tls = await ownTls(folder.path, [], now);
    const { certificate } = await openAuthority(folder.path, now);
    const server = createServer(tls.context);
    const sockets = new WebSocketServer({ server, path: AGENT_PATH });
    sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data, { binary: false })));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
    const shown = async (): Promise<X509Certificate> => {
      const socket = connect({ port, host: "127.0.0.1", ca: certificate, minVersion: "TLSv1.3" });
      await once(socket, "secureConnect");
      const found = new X509Certificate(socket.getPeerCertificate().raw);
      socket.destroy();
      return found;
    };
    const heard: string[] = [];
    let closed = 0;
    const url = `wss://127.0.0.1:${port}${AGENT_PATH}`;
    const open = (): ReturnType<ReturnType<typeof dialWebSocket>> =>
      dialWebSocket(directWay(certificate))(url, {
        onOpen: () => heard.push("open"),
        onMessage: (message) => heard.push(message),
        onClose: () => closed++,
      });
    const connection = open();
    await until("the first connection", () => (heard.includes("open") ? true : undefined));
    const before = await shown();
    expect(await tls.renewed(later(now, DAY_MS))).toBeUndefined();
    const next = await tls.renewed(later(now, SERVER_CERTIFICATE_MS - DAY_MS * 20));
    if (next === undefined) throw new Error("it was not renewed");
    // Its life begins in the future that was asked about; what matters here is that it is another one.
    expect(new X509Certificate(String(next.cert)).fingerprint256).not.toBe(before.fingerprint256);
    const again = await ownTls(folder.path, [], now);
    server.setSecureContext(again.context);
    const after = await shown();
    expect(after.fingerprint256).not.toBe(before.fingerprint256);
    expect(after.publicKey.equals(before.publicKey)).toBe(false);
    expect(after.checkIssued(new X509Certificate(certificate))).toBe(true);
    connection.send("still here");
    await until("an answer on the old connection", () => (heard.includes("still here") ? true : undefined));
    const second = open();
    await until("a second connection", () => (heard.filter((word) => word === "open").length === 2 ? true : undefined));
    expect(closed).toBe(0);
    connection.close(1000, "");
    second.close(1000, "");
    sockets.close();
    server.close();
    server.closeAllConnections();
  });

  test("an administrator's files are read again when they change, and a key of another certificate is refused", async () => {
    await using folder = await temporaryFolder();
    const authority = await openAuthority(join(folder.path, "ca"), NOON);
    const [cert, key] = [join(folder.path, "cert.pem"), join(folder.path, "key.pem")];
    const put = async (): Promise<void> => {
      const made = await authority.issue(["localhost"], DAY_MS, NOON);
      await writeFile(cert, made.cert);
      await writeFile(key, made.key);
    };
    await put();
    const tls = await filesTls(cert, key);
    expect(await tls.renewed(NOON)).toBeUndefined();
    await put();
    expect((await tls.renewed(NOON))?.cert).toBe(await readFile(cert, "utf8"));
    expect(await tls.renewed(NOON)).toBeUndefined();
    const other = await authority.issue(["localhost"], DAY_MS, NOON);
    await writeFile(key, other.key);
    await expect(tls.renewed(NOON)).rejects.toThrow(/the key in .*key\.pem is not that of the certificate/);
    await rm(key);
    await expect(filesTls(cert, key)).rejects.toThrow("ENOENT");
  });
});

test("an authority is made once, and two controllers that start at once use the same", async () => {
  await using folder = await temporaryFolder();
  const made = await Promise.all([1, 2, 3].map(() => openAuthority(folder.path, NOON)));
  expect(new Set(made.map(({ sha256 }) => sha256)).size).toBe(1);
  expect((await openAuthority(folder.path, later(NOON, DAY_MS))).sha256).toBe(made[0]?.sha256);
});

test("without a pin no TLS connection is made at all: the system's authorities count for nothing", async () => {
  await using folder = await temporaryFolder();
  const tls = await ownTls(folder.path, [], Date.now() as Instant);
  const server = createServer(tls.context);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const reason = await new Promise<string>((resolve) => {
    dialWebSocket(DIRECT)(`wss://127.0.0.1:${port}${AGENT_PATH}`, {
      onOpen: () => resolve("open"),
      onMessage: () => undefined,
      onClose: (_code, why) => resolve(why),
    });
  });
  expect(reason).toContain("does not come from the authority that was pinned");
  server.close();
  server.closeAllConnections();
});
