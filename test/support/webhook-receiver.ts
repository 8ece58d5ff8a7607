/** Somebody who gets webhooks, on loopback: keeps what came, verifies it by itself, and answers what a test says. */
import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class WebhookReceiver {
  readonly received: Received[] = [];
  /** What the next ones are answered; 200 where nothing is said. */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string> }[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request) body += String(part);
    this.received.push({ headers: request.headers, body });
    const { status, headers } = this.answers.shift() ?? { status: 200 };
    response.writeHead(status, headers).end("thank you");
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.server.listen(0, "127.0.0.1");
    await once(receiver.server, "listening");
    return receiver;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook?key=of-the-receiver`; // on a port
  }
  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }
}

/** As a receiver would do it, from the words of Standard Webhooks 1.0.0 alone. */
export function verifies({ headers, body }: Received, secret: string, kind: "v1" | "v1a"): boolean {
  const signed = Buffer.from(`${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`);
  const key = Buffer.from(secret.replace(/^wh(?:sec|pk)_/, ""), "base64");
  return String(headers["webhook-signature"])
    .split(" ")
    .filter((each) => each.startsWith(`${kind},`))
    .map((each) => Buffer.from(each.slice(kind.length + 1), "base64"))
    .some((signature) => {
      if (kind === "v1") {
        const mac = createHmac("sha256", key).update(signed).digest();
        return mac.length === signature.length && timingSafeEqual(mac, signature);
      }
      const jwk = { kty: "OKP", crv: "Ed25519", x: key.toString("base64url") };
      return verify(null, signed, createPublicKey({ key: jwk, format: "jwk" }), signature);
    });
}
