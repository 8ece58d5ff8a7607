/** A reverse proxy as they stand in front of controllers: it can swallow live streams, and it can lose its back end. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReverseProxy {
  readonly url: string;
  /** `swallows`: accepts a live stream and passes nothing on. `cuts`: ends it at once. */
  streams: "pass" | "swallows" | "cuts";
  /** Cuts every connection and answers nothing, until it is restored. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function startReverseProxy(target: string): Promise<ReverseProxy> {
  const { hostname, port, host } = new URL(target);
  let isCut = false;
  const server = createServer((incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy();
    const isStream = incoming.url === "/api/v1/events";
    if (isStream && proxy.streams === "cuts") return void outgoing.writeHead(502).end();
    if (isStream && proxy.streams === "swallows") {
      outgoing.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      return;
    }
    const { method, url: path, headers } = incoming;
    const forwarded = request({ hostname, port, method, path, headers: { ...headers, host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: ReverseProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on a port, not on a pipe
    streams: "pass",
    cut() {
      isCut = true;
      server.closeAllConnections();
    },
    restore() {
      isCut = false;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
