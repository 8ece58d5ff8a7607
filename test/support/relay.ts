/**
 * An attacker in the middle, who has a certificate that the agent takes: he ends TLS towards the agent, has a
 * connection of his own to the controller, and passes every message on, both ways, as it is.
 */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { AGENT_PATH, SUBPROTOCOL } from "../../protocol/frames.ts";
import type { TestCertificate } from "./a-certificate.ts";

export interface Relay {
  readonly url: string;
  /** What passed, in order. */
  readonly passed: readonly { readonly from: "agent" | "controller"; readonly text: string }[];
  close(): void;
}

/** @param target of the controller, `wss://127.0.0.1:PORT` */
export async function startRelay(target: string, certificate: TestCertificate): Promise<Relay> {
  const passed: Relay["passed"][number][] = [];
  const server = createServer({ key: certificate.key, cert: certificate.cert });
  const sockets = new WebSocketServer({ server, path: AGENT_PATH, handleProtocols: () => SUBPROTOCOL });
  sockets.on("connection", (agent) => {
    const controller = new WebSocket(`${target}${AGENT_PATH}`, SUBPROTOCOL, { rejectUnauthorized: false });
    const early: string[] = [];
    agent.on("message", (data) => {
      const text = (data as Buffer).toString();
      passed.push({ from: "agent", text });
      if (controller.readyState === WebSocket.OPEN) controller.send(text);
      else early.push(text);
    });
    controller.on("open", () => {
      for (const text of early) controller.send(text);
    });
    controller.on("message", (data) => {
      const text = (data as Buffer).toString();
      passed.push({ from: "controller", text });
      agent.send(text);
    });
    controller.on("error", () => undefined);
    agent.on("error", () => undefined);
    controller.on("close", (code, reason) => agent.close(code === 1006 ? 1011 : code, reason));
    agent.on("close", () => controller.close());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `wss://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}
