import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Problem } from "../../protocol/problem.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";
import { aPlanRequest, aWave, anIncidentRequest } from "../support/requests.ts";

let api: ApiServer<FakeAdministration>;
let token: string;
beforeAll(async () => {
  api = await startApi();
  token = await api.signIn();
});
afterAll(() => api.close());

const ask = (
  method: string,
  path: string,
  init: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> =>
  fetch(`${api.url}/api/v1${path}`, {
    ...init,
    method,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
const post = (path: string, body: unknown): Promise<Response> =>
  ask("POST", path, { body: JSON.stringify(body), headers: { "content-type": "application/json" } });

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const problem = Problem.parse(await response.json());
  expect(problem.status).toBe(response.status);
  expect(problem.type).toBe(`urn:ringback:problem:${problem.code}`);
  expect(problem.requestId).toBe(response.headers.get("x-request-id"));
  return problem;
}

describe("an invalid request names the path of each fault", () => {
  const plan = aPlanRequest();
  const withWave = (wave: object) => ({
    ...plan,
    strategy: { ...plan.strategy, waves: [aWave("a", { count: 1 }), aWave("b"), wave] },
  });
  const gate = aWave("c").gate;

  test.each([
    [
      "a number too small, deep inside",
      withWave({ ...aWave("c"), gate: { ...gate, sampleMin: { count: 0 } } }),
      "strategy.waves.2.gate.sampleMin.count",
    ],
    ["the wrong type", withWave({ ...aWave("c"), gate: { ...gate, bakeMs: "1s" } }), "strategy.waves.2.gate.bakeMs"],
    [
      "a rule across fields",
      { ...plan, strategy: { ...plan.strategy, waves: [aWave("a"), aWave("b")] } },
      "strategy.waves.0.take",
    ],
    ["none of the allowed forms", withWave(aWave("c", { persent: 3 })), "strategy.waves.2.take"],
    ["the closest of the allowed forms", withWave(aWave("c", { percent: 300 })), "strategy.waves.2.take.percent"],
    [
      "a step that does not exist",
      { ...plan, playbook: { ...plan.playbook, steps: [{ kind: "run-command", command: "del" }] } },
      "playbook.steps.0.kind",
    ],
    [
      "a path that leads elsewhere",
      { ...plan, playbook: { ...plan.playbook, steps: [{ ...plan.playbook.steps[0], files: "C:\\a\\..\\b" }] } },
      "playbook.steps.0.files",
    ],
    ["an empty selector", { ...plan, devices: {} }, "devices"],
    ["an unknown field of a selector", { ...plan, devices: { sites: ["A"], colour: "red" } }, "devices.colour"],
    ["a missing field", { ...plan, title: undefined }, "title"],
    ["an unknown field", { ...plan, dryRun: true }, "dryRun"],
    ["a prototype", JSON.parse(JSON.stringify(plan).replace("{", '{"__proto__":{"admin":true},')), "__proto__"],
  ])("%s", async (_what, body, path) => {
    const before = api.administration.made.plans;
    const response = await post("/plans", body);
    const problem = await problemOf(response);
    expect(problem.code).toBe("invalid-request");
    expect(problem.errors?.map((error) => error.path)).toContain(path);
    expect(problem.detail).toContain("Nothing was changed");
    expect(api.administration.made.plans).toBe(before);
  });

  test("in the query and in the address too", async () => {
    const query = await problemOf(await ask("GET", "/devices?limit=0&colour=red&site=A&site=B"));
    expect(query.errors?.map(({ path }) => path).sort()).toEqual(["colour", "limit", "site"]);
    const address = await problemOf(await ask("GET", "/devices/dev_1"));
    expect(address.errors).toEqual([{ path: "id", message: "expected dev_ and 26 base32 characters" }]);
    const none = await problemOf(await ask("GET", "/overview?verbose=1"));
    expect(none.errors).toEqual([{ path: "verbose", message: "this field is not known here" }]);
  });

  test("a body of thousands of faults is answered in few words", async () => {
    const extra = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`field${i}`, 1]));
    const problem = await problemOf(await post("/plans", { ...plan, ...extra }));
    expect(problem.errors?.length).toBeLessThanOrEqual(50);
  });
});

describe("a body", () => {
  const send = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
    ask("POST", "/incidents", { body, headers });

  test("over 1 MiB is refused as too large", async () => {
    const response = await send(JSON.stringify({ ...anIncidentRequest(), evidence: "x".repeat(1024 * 1024) }));
    expect(response.status).toBe(413);
    expect((await problemOf(response)).code).toBe("too-large");
  });

  test("that is not JSON is refused, and none of it is repeated", async () => {
    const response = await send('{"title": secret-looking-text}');
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem.code).toBe("invalid-request");
    expect(JSON.stringify(problem)).not.toContain("secret-looking-text");
  });

  test.each([
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["JSON called text", { "content-type": "text/plain" }],
    ["no type at all", { "content-type": "" }],
    ["compressed JSON", { "content-type": "application/json", "content-encoding": "gzip" }],
    ["another alphabet", { "content-type": "application/json; charset=koi8-r" }],
  ])("sent as %s is refused", async (_what, headers) => {
    const response = await send(JSON.stringify(anIncidentRequest()), headers);
    expect(response.status).toBe(415);
    expect((await problemOf(response)).code).toBe("unsupported-media-type");
  });

  test("nested a hundred thousand levels deep is refused", async () => {
    const response = await send(`{"title":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(response.status).toBe(400);
  });

  test("that is missing is refused by the fields it should have had", async () => {
    const problem = await problemOf(await ask("POST", "/incidents"));
    expect(problem.errors?.map(({ path }) => path)).toEqual(["title", "content", "evidence"]);
  });
});

describe("an address", () => {
  test.each(["/nothing", "/devices/", "/Devices", "//devices", "/", "/openapi.json/"])(
    "%s is not found",
    async (path) => {
      const response = await ask("GET", path);
      expect(response.status).toBe(404);
      expect((await problemOf(response)).code).toBe("not-found");
    },
  );

  test.each([
    ["DELETE", "/devices", "GET, HEAD, POST"],
    ["PATCH", "/rollouts/x/pause", "POST"],
    ["OPTIONS", "/session", "GET, HEAD, POST, DELETE"],
    ["POST", "/events", "GET, HEAD"],
  ])("%s %s is refused and says what is allowed", async (method, path, allow) => {
    const response = await ask(method, path);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect((await problemOf(response)).code).toBe("method-not-allowed");
  });

  test("with a broken % sequence is refused", async () => {
    expect((await problemOf(await ask("GET", "/devices/%E0%A4%A"))).code).toBe("invalid-request");
  });
});

describe("what the controller refuses keeps its code", () => {
  test("not found", async () => {
    const response = await ask("GET", "/plans/plan_00000000000000000000000000");
    expect(response.status).toBe(404);
    expect((await problemOf(response)).detail).toContain("plan_00000000000000000000000000");
  });

  test("nothing selected", async () => {
    const response = await post("/plans", { ...aPlanRequest(), devices: { sites: ["nowhere"] } });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).code).toBe("nothing-selected");
  });
});

test("a fault of the controller's own says nothing but the id under which the log has its cause", async () => {
  api.administration.failing = "overview";
  const response = await ask("GET", "/overview");
  api.administration.failing = undefined;
  expect(response.status).toBe(500);
  const problem = await problemOf(response);
  expect(problem.code).toBe("internal");
  expect(JSON.stringify(problem)).not.toMatch(/fire|secret|\.ts/);
  const logged = api.logged.filter((line) => line.includes(problem.requestId ?? "none"));
  expect(logged.join("")).toContain("the disk is on fire at /secret/path");
});

test("no log line holds a token, a code or a query", async () => {
  await ask("GET", `/devices?site=${encodeURIComponent("Very Private Clinic")}`);
  const log = api.logged.join("");
  expect(log).toContain("/api/v1/devices");
  expect(log).not.toContain(token);
  expect(log).not.toContain("Private");
});
