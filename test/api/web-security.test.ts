/** What a page of another site, another program on this machine, or a guesser can try. */
import { request as httpRequest } from "node:http";
import { text as readAll } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, codeOf, startApi } from "../support/api-server.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";
import { anIncidentRequest } from "../support/requests.ts";

let api: ApiServer<FakeAdministration>;
let token: string;
beforeAll(async () => {
  api = await startApi({
    allowedHosts: ["127.0.0.1", "localhost", "[::1]", "tunnel.example:9000"],
    approvalOrigin: "https://approve.example:8443",
  });
  token = await api.signIn();
});
afterAll(() => api.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** fetch keeps Host, Origin and Sec-Fetch-* to itself; an attacker's tool does not. */
function raw(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
  port = api.port,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      readAll(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        reject,
      );
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const bearer = () => ({ authorization: `Bearer ${token}` });
const cookie = () => ({ cookie: `theme=dark; ringback_session=${token}` });
const json = { "content-type": "application/json" };

describe("Host", () => {
  test.each(["127.0.0.1", "localhost", "LocalHost", "[::1]"])("%s with the right port is answered", async (name) => {
    expect((await raw("GET", "/api/v1/session", { host: `${name}:${api.port}`, ...bearer() })).status).toBe(200);
  });

  test("a name that was allowed with its port is answered", async () => {
    expect((await raw("GET", "/api/v1/session", { host: "tunnel.example:9000", ...bearer() })).status).toBe(200);
  });

  test("the address of approvals is answered as browsers name it, and told to who is signed in", async () => {
    const answer = await raw("GET", "/api/v1/session", { host: "approve.example:8443", ...bearer() });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      200,
      { approvalOrigin: "https://approve.example:8443" },
    ]);
  });

  test.each([
    "approve.example",
    "approve.example:PORT",
    "evil.example",
    "evil.example:PORT",
    "localhost",
    "localhost:1",
    "127.0.0.1.evil.example:PORT",
    "localhost.:PORT",
    "127.0.0.2:PORT",
    "tunnel.example",
    "user@localhost:PORT",
  ])("%s is refused, for the console's files too (DNS rebinding)", async (template) => {
    const host = template.replace("PORT", String(api.port));
    for (const path of ["/api/v1/session", "/api/v1/openapi.json", "/"]) {
      expect((await raw("GET", path, { host, accept: "text/html", ...bearer() })).status).toBe(421);
    }
  });

  test("forwarded headers are not believed", async () => {
    const headers = { host: "evil.example", "x-forwarded-host": `localhost:${api.port}`, ...bearer() };
    expect((await raw("GET", "/api/v1/session", headers)).status).toBe(421);
  });
});

describe("a cookie", () => {
  const own = () => ({ origin: `http://127.0.0.1:${api.port}` });
  const declare = (headers: Record<string, string>) =>
    raw("POST", "/api/v1/incidents", { ...json, ...headers }, anIncidentRequest());

  test("reads", async () => {
    expect((await raw("GET", "/api/v1/session", cookie())).status).toBe(200);
  });

  test.each([
    ["the browser says same-origin", { "sec-fetch-site": "same-origin" }],
    ["the user typed it", { "sec-fetch-site": "none" }],
  ])("changes where %s", async (_what, headers) => {
    expect((await declare({ ...cookie(), ...headers })).status).toBe(201);
  });

  test("changes where an older browser names our own origin", async () => {
    expect((await declare({ ...cookie(), ...own() })).status).toBe(201);
  });

  test.each([
    ["nothing says where the request comes from", {}],
    ["another site asks", { "sec-fetch-site": "cross-site" }],
    ["another port of this machine asks", { "sec-fetch-site": "same-site" }],
    ["another site asks in an older browser", { origin: "https://evil.example" }],
    ["another port asks in an older browser", { origin: "http://127.0.0.1:1" }],
    ["a sandboxed page asks", { origin: "null" }],
    ["a TLS page of the same name asks", { origin: "https://127.0.0.1:PORT" }],
  ])("changes nothing where %s", async (_what, headers) => {
    const before = api.administration.made.incidents;
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace("PORT", String(api.port))]),
    );
    expect((await declare({ ...cookie(), ...filled })).status).toBe(403);
    expect(api.administration.made.incidents).toBe(before);
  });

  test("is not believed to have come over TLS because a header says so", async () => {
    const headers = { ...cookie(), "x-forwarded-proto": "https", origin: `https://127.0.0.1:${api.port}` };
    expect((await declare(headers)).status).toBe(403);
    const answer = await raw("POST", "/api/v1/session", { ...json, "x-forwarded-proto": "https" }, { token });
    expect(String(answer.headers["set-cookie"])).not.toContain("Secure");
  });

  test("does not help a wrong token", async () => {
    expect(
      (await raw("GET", "/api/v1/session", { ...cookie(), authorization: "Bearer wrong-wrong-wrong-wrong" })).status,
    ).toBe(401);
  });

  test.each([
    "",
    "ringback_session=",
    "ringback_session=x",
    `ringback_session=${"x".repeat(5_000)}`,
    "ringback_sessionx=1",
    "%00",
  ])("that is broken (%#) signs nobody in", async (value) => {
    expect((await raw("GET", "/api/v1/session", { cookie: value })).status).toBe(401);
  });
});

describe("a page of another site", () => {
  test("is refused even with a token, and where nobody needs to be signed in", async () => {
    const foreign = { ...json, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    expect((await raw("POST", "/api/v1/incidents", { ...foreign, ...bearer() }, anIncidentRequest())).status).toBe(403);
    expect((await raw("POST", "/api/v1/session", foreign, { token })).status).toBe(403);
  });

  test("gets no leave to read: there is no CORS", async () => {
    const preflight = await raw("OPTIONS", "/api/v1/incidents", {
      origin: "https://evil.example",
      "access-control-request-method": "POST",
    });
    expect(preflight.status).toBe(405);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test("cannot send a form, nor change anything by GET", async () => {
    const form = { ...cookie(), "sec-fetch-site": "same-origin", "content-type": "text/plain" };
    expect((await raw("POST", "/api/v1/incidents", form, anIncidentRequest())).status).toBe(415);
    expect((await raw("GET", "/api/v1/rollouts/rollout_00000000000000000000000000/halt", cookie())).status).toBe(405);
  });
});

describe("credentials", () => {
  test.each(["Basic abc", "Bearer", "Bearer  ", "bearer x y", "Token abc"])("%s is not one", async (authorization) => {
    expect((await raw("GET", "/api/v1/session", { authorization })).status).toBe(401);
  });

  test("signing in sets a cookie that no script reads and no other site sends; signing out removes it", async () => {
    const answer = await raw("POST", "/api/v1/session", { ...json, "sec-fetch-site": "same-origin" }, { token });
    expect(answer.status).toBe(200);
    expect(answer.headers["set-cookie"]?.[0]).toMatch(
      new RegExp(`^ringback_session=${token}; Max-Age=2592000; Path=/; Expires=[^;]+; HttpOnly; SameSite=Strict$`),
    );
    const out = await raw("DELETE", "/api/v1/session", { ...cookie(), "sec-fetch-site": "same-origin" });
    expect(out.status).toBe(204);
    expect(out.headers["set-cookie"]?.[0]).toMatch(/^ringback_session=; .*Expires=Thu, 01 Jan 1970/);
  });

  test("guessing tokens is slowed down, whatever X-Forwarded-For says", async () => {
    const guessed = await startApi();
    try {
      const statuses: number[] = [];
      const waits: number[] = [];
      for (let i = 0; i < 12; i++) {
        const response = await fetch(`${guessed.url}/api/v1/session`, {
          method: "POST",
          headers: { ...json, "x-forwarded-for": `10.0.0.${i}` },
          body: JSON.stringify({ token: `guess-number-${i}-of-many` }),
        });
        statuses.push(response.status);
        waits.push(Number(response.headers.get("retry-after")));
      }
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
      expect(waits.slice(10).every((seconds) => seconds > 0)).toBe(true);
    } finally {
      await guessed.close();
    }
  });
});

describe("set-up", () => {
  test("happens once: of fifty at the same time one gets a token, and then the path is gone", async () => {
    const fresh = await startApi({ limits: { guessesPerMinuteMax: 1_000 } });
    try {
      const code = codeOf(await fresh.setupLink());
      const body = JSON.stringify({ code, name: "Ada" });
      const setUp = () => fetch(`${fresh.url}/api/v1/setup`, { method: "POST", headers: json, body });
      expect((await fetch(`${fresh.url}/api/v1/setup`)).status).toBe(405);
      const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await setUp()).status));
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status !== 200 && status !== 403 && status !== 404)).toEqual([]);

      const nothing = await fetch(`${fresh.url}/api/v1/never-was`);
      const nowhere = { ...((await nothing.json()) as object), requestId: "" };
      const ends = ["", "/", "/x", "/..", ";a=b", "%2f", "%00", "?x=1", ".json", "//", "/%2e", "%20"].map(
        (end) => `/api/v1/setup${end}`,
      );
      const others = [
        "/api/v1/Setup",
        "/API/v1/setup",
        "/api//v1/setup",
        "//api/v1/setup",
        "/api/v1/./setup",
        "/api/v1/%73etup",
        "/api/v1/x/../setup",
      ];
      for (const path of [...ends, ...others]) {
        for (const method of ["POST", "GET", "PUT", "OPTIONS"]) {
          const answer = await raw(
            method,
            path,
            json,
            method === "POST" ? { code, name: "Ada" } : undefined,
            fresh.port,
          );
          expect([method, path, answer.status]).toEqual([method, path, 404]);
          expect({ ...(JSON.parse(answer.body) as object), requestId: "" }).toEqual(nowhere);
        }
      }
    } finally {
      await fresh.close();
    }
  });

  test("refuses a wrong code without saying more", async () => {
    const fresh = await startApi();
    try {
      await fresh.setupLink();
      const response = await fetch(`${fresh.url}/api/v1/setup`, {
        method: "POST",
        headers: json,
        body: JSON.stringify({ code: "not-the-code-at-all-really", name: "Eve" }),
      });
      expect(response.status).toBe(403);
    } finally {
      await fresh.close();
    }
  });
});

test("every answer tells the browser to run nothing foreign and to show it in no frame", async () => {
  for (const path of ["/api/v1/openapi.json", "/", "/nothing"]) {
    const { headers } = await raw("GET", path, { accept: "text/html" });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "x-frame-options": "DENY",
    });
    expect(headers).not.toHaveProperty("x-powered-by");
  }
});
