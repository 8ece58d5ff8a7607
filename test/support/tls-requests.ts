/** Requests to a controller with TLS, believing one authority. */
import { request } from "node:https";
import { isIP } from "node:net";
import { SetupAnswer } from "../../protocol/api.ts";
import { DevicePage } from "../../protocol/api-devices.ts";
import { TokenMade, type TokenRequest } from "../../protocol/enrolment.ts";
import type { z } from "zod";

interface Ask {
  readonly ca: string;
  readonly method?: "GET" | "POST";
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export function askTls(url: string, { ca, method = "GET", token, body, headers = {} }: Ask): Promise<Answer> {
  const { hostname } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        ca,
        ...(isIP(hostname) === 0 ? { servername: hostname } : {}), // whatever the Host header says
        method,
        agent: false,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => {
          const json = text.startsWith("{") ? (JSON.parse(text) as unknown) : text;
          resolve({ status: response.statusCode ?? 0, body: json, headers: response.headers });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** An administrator who came by the set-up link, at an address that may be a front's. */
export class Administrator {
  readonly url: string;
  private readonly ca: string;
  private readonly token: string;

  private constructor(url: string, ca: string, token: string) {
    this.url = url;
    this.ca = ca;
    this.token = token;
  }

  static async comes(url: string, ca: string, setupLink: string | null): Promise<Administrator> {
    const code = setupLink?.split("#code=")[1];
    const answer = await askTls(`${url}/api/v1/setup`, { ca, method: "POST", body: { code, name: "anna" } });
    return new Administrator(url, ca, SetupAnswer.parse(answer.body).token);
  }

  async makeToken(over: Partial<z.input<typeof TokenRequest>> = {}): Promise<z.infer<typeof TokenMade>> {
    const body = { group: "ward-pcs", site: "Ward 7", role: "clinical", ...over };
    return TokenMade.parse((await this.ask("POST", "/enrolment-tokens", body)).body);
  }

  async devices(): Promise<z.infer<typeof DevicePage>["items"]> {
    return DevicePage.parse((await this.ask("GET", "/devices")).body).items;
  }

  ask(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer> {
    return askTls(`${this.url}/api/v1${path}`, { ca: this.ca, method, token: this.token, body });
  }
}
