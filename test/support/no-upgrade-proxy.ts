/** What stands between an office and the world and knows no WebSockets; a test says how it shows. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface NoUpgradeProxy {
  /** `ws://127.0.0.1:PORT` */
  readonly url: string;
  /**
   * `strips`: passes the request on without its upgrade, as one would that was never told. `resets`: ends the
   * connection. `pages`: answers with a page of its own. `passes`: it has been repaired.
   */
  upgrades: "strips" | "resets" | "pages" | "passes";
  /** Requests that came, upgrades too, as METHOD PATH. */
  readonly seen: readonly string[];
  /** Cuts everything that is under way. */
  cut(): void;
  close(): Promise<void>;
}

export async function startNoUpgradeProxy(target: string): Promise<NoUpgradeProxy> {
  const { hostname, port } = new URL(target);
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const { method, url: path, headers } = incoming;
    const { connection: _hop, upgrade: _hopToo, ...kept } = headers;
    const forwarded = request({ hostname, port, method, path, headers: kept }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (incoming: IncomingMessage, socket: Socket) => {
    seen.push(`UPGRADE ${incoming.url}`);
    if (proxy.upgrades === "resets") return void socket.destroy();
    if (proxy.upgrades === "pages") {
      const page = "<html>This site is blocked.</html>";
      socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
      return;
    }
    const isPassed = proxy.upgrades === "passes";
    const { connection: _hop, upgrade: _hopToo, ...kept } = incoming.headers;
    const headers = isPassed ? incoming.headers : kept;
    const forwarded = request({ hostname, port, path: incoming.url, headers });
    forwarded.on("error", () => socket.destroy());
    forwarded.on("response", (answer) => {
      socket.end(`HTTP/1.1 ${answer.statusCode} no\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      answer.resume();
    });
    forwarded.on("upgrade", (answer, upstream: Socket) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
      upstream.on("error", () => undefined);
      upstream.pipe(socket).pipe(upstream);
      socket.on("close", () => upstream.destroy());
    });
    forwarded.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: NoUpgradeProxy = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port, not on a pipe
    upgrades: "strips",
    seen,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      proxy.cut();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
