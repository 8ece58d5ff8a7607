/** Requests of an agent that comes without WebSockets, one by one, as a test wants them: good, bad or repeated. */
import {
  LONG_POLL_PATH,
  LONG_POLL_TYPE,
  NUMBER_HEADER,
  Opened,
  PROTOCOL_HEADER,
  SESSION_SCHEME,
} from "../../protocol/long-poll.ts";
import { ControllerFrame, loginBytes, SCHEMA_MINOR, SUBPROTOCOL } from "../../protocol/frames.ts";
import { toBase64 } from "../../protocol/dsse.ts";
import type { AgentIdentity } from "./agent-client.ts";

export interface PollAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export class PollClient {
  readonly base: string;
  readonly session: string;
  posts = 0;
  gets = 0;
  private unread: ControllerFrame[] = [];

  private constructor(base: string, session: string) {
    this.base = base;
    this.session = session;
  }

  /** @param url of the gateway, `ws://…` */
  static async open(url: string): Promise<PollClient> {
    const base = url.replace(/^ws/, "http");
    const { status, text } = await ask(base, "POST", {});
    if (status !== 201) throw new Error(`not opened: ${status} ${text}`);
    return new PollClient(base, Opened.parse(JSON.parse(text)).session);
  }

  static async login(url: string, agent: AgentIdentity): Promise<PollClient> {
    const client = await PollClient.open(url);
    const { deviceId, epoch } = agent;
    await client.post({ type: "hello", minor: SCHEMA_MINOR, deviceId, agentVersion: "0.1.0", epoch });
    const { nonce } = await client.next("challenge");
    await client.post({ type: "login", signature: toBase64(agent.key.sign(loginBytes(nonce, deviceId))) });
    await client.next("welcome");
    return client;
  }

  headers(number: number): Record<string, string> {
    return { authorization: `${SESSION_SCHEME} ${this.session}`, [NUMBER_HEADER]: String(number) };
  }

  post(...frames: readonly (object | string | Buffer)[]): Promise<PollAnswer> {
    const lines = frames.map((frame) =>
      Buffer.isBuffer(frame) ? frame : Buffer.from(typeof frame === "string" ? frame : JSON.stringify(frame)),
    );
    const body = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
    return ask(this.base, "POST", this.headers(++this.posts), body);
  }

  get(): Promise<PollAnswer> {
    return ask(this.base, "GET", this.headers(++this.gets));
  }

  async next<Type extends ControllerFrame["type"]>(type: Type): Promise<Extract<ControllerFrame, { type: Type }>> {
    for (;;) {
      for (let frame = this.unread.shift(); frame !== undefined; frame = this.unread.shift()) {
        if (frame.type === type) return frame as Extract<ControllerFrame, { type: Type }>;
      }
      const { status, text } = await this.get();
      if (status !== 200 && status !== 204) throw new Error(`${status} ${text} while waiting for ${type}`);
      this.unread = text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => ControllerFrame.parse(JSON.parse(line)));
    }
  }
}

export async function ask(
  base: string,
  method: string,
  headers: Record<string, string>,
  body?: Buffer,
  path = LONG_POLL_PATH,
): Promise<PollAnswer> {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: {
      [PROTOCOL_HEADER]: SUBPROTOCOL,
      ...(method === "POST" ? { "content-type": LONG_POLL_TYPE } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}
