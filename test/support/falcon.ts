/**
 * The few calls of CrowdStrike's interface that the connector makes, as a server on loopback: a token for a client that it
 * knows, and actions on content update policies. A test says what goes wrong next.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

interface Action {
  readonly action: string;
  readonly ids: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}
interface Trouble {
  readonly status: number;
  readonly headers?: Record<string, string>;
}

export const CLIENT = { clientId: "the client", clientSecret: "correct horse battery staple" };

export class Falcon {
  /** Actions that were carried out. */
  readonly done: Action[] = [];
  /** Policies as they stand. */
  readonly policies = new Map<string, "allowed" | "paused" | "reverted">();
  tokensGiven = 0;
  lifetimeSeconds = 1_799;
  /** What the next actions answer instead of doing anything. */
  readonly troubles: (Trouble | "never")[] = [];
  /** The same for the next that ask for a token. */
  readonly tokenTroubles: Trouble[] = [];
  private readonly good = new Set<string>();
  private readonly server: Server;

  private constructor(policies: readonly string[]) {
    for (const id of policies) this.policies.set(id, "allowed");
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(policies: readonly string[]): Promise<Falcon> {
    const falcon = new Falcon(policies);
    falcon.server.listen(0, "127.0.0.1");
    await once(falcon.server, "listening");
    return falcon;
  }
  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`); // it listens on a port
  }
  /** No token that was given is good any more. */
  revoke(): void {
    this.good.clear();
  }
  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request) body += String(part);
    const url = new URL(request.url ?? "/", this.url);
    const say = (status: number, value: object, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    if (url.pathname === "/oauth2/token") {
      const trouble = this.tokenTroubles.shift();
      if (trouble !== undefined) return say(trouble.status, { errors: [{ message: "trouble" }] }, trouble.headers);
      const form = new URLSearchParams(body);
      if (form.get("client_id") !== CLIENT.clientId || form.get("client_secret") !== CLIENT.clientSecret)
        return say(401, { errors: [{ code: 401, message: "access denied, invalid bearer token" }] });
      const token = `token ${++this.tokensGiven}`;
      this.good.add(token);
      return say(201, { access_token: token, token_type: "bearer", expires_in: this.lifetimeSeconds });
    }
    const trouble = this.troubles.shift();
    if (trouble === "never") return; // until the connection is cut
    if (trouble !== undefined) return say(trouble.status, { errors: [{ message: "trouble" }] }, trouble.headers);
    if (!this.good.has(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? ""))
      return say(401, { errors: [{ code: 401, message: "access denied, authorization failed" }] });
    const { ids, action_parameters: parameters = [] } = JSON.parse(body) as {
      ids: string[];
      action_parameters?: Action["parameters"];
    };
    const action = url.searchParams.get("action_name") ?? "";
    const known = ids.filter((id) => this.policies.has(id));
    this.done.push({ action, ids: known, parameters });
    const standing = {
      "override-pause": "paused",
      "override-revert": "reverted",
      "override-allow": "allowed",
    } as const;
    for (const id of known) if (action in standing) this.policies.set(id, standing[action as keyof typeof standing]);
    const errors = ids
      .filter((id) => !this.policies.has(id))
      .map((id) => ({ id, code: 404, message: `no policy ${id}` }));
    return say(200, { resources: known.map((id) => ({ id })), errors });
  }
}
