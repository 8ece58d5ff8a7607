import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { digestOf } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { IncidentRequest } from "../../protocol/api-incidents.ts";
import { aPolicy, aTrust, sealPolicy, sealTrust } from "../support/trust.ts";
import type { PlanView, RolloutView } from "../../protocol/api.ts";
import { TokenRequest } from "../../protocol/enrolment.ts";
import { Problem } from "../../protocol/problem.ts";
import type { AnswerRoute } from "../../controller/api/route.ts";
import { ROUTES } from "../../controller/api/routes.ts";
import { type ApiServer, codeOf, startApi } from "../support/api-server.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";
import { aParsedPlanRequest, aPlanRequest, anIncidentRequest, aRegistration } from "../support/requests.ts";

let api: ApiServer<FakeAdministration>;
let token: string;
let plan: PlanView;
let rollout: RolloutView;

beforeAll(async () => {
  api = await startApi();
  token = await api.signIn();
  const { administration } = api;
  await administration.registerDevice(aRegistration(1));
  plan = await administration.makePlan(aParsedPlanRequest(), "Ada Admin");
  await administration.approvePlan(plan.id, plan.digest, "Ada Admin");
  rollout = await administration.startRollout(plan.id, "Ada Admin");
});
afterAll(() => api.close());

const newPlan = () => api.administration.makePlan(aParsedPlanRequest(), "Ada Admin");
const newRollout = async () => {
  const { id, digest } = await newPlan();
  await api.administration.approvePlan(id, digest, "Ada Admin");
  return api.administration.startRollout(id, "Ada Admin");
};
const aTokenRequest = () => ({ group: "ward-pcs", site: "Ward 7", role: "clinical" });
const because = { because: "a reason" };
const aSignature = () => ({ statementDigest: digestOf("a statement"), keyId: digestOf("a key"), sig: "AAAA" });
const newHold = async () => {
  const source = ContentSourceId.parse("acme.content-7");
  return (await api.administration.makeHold({ source, hours: 4, ...because }, "Ada Admin")).id;
};

const anIncident = async () =>
  (await api.administration.declareIncident(IncidentRequest.parse(anIncidentRequest()), "Ada Admin")).id;

let hooks = 0;
const aWebhook = async () => {
  const { name } = await api.administration.makeWebhook(
    { name: `hook-${++hooks}`, url: "https://hooks.example/x" },
    "Ada Admin",
  );
  return name;
};

/** For each operation a request that it carries out: its path, and its body if it takes one. */
const GOOD: Record<string, () => Promise<{ path: string; body?: unknown; status?: number }>> = {
  listConnectors: async () => ({ path: "/connectors" }),
  listWebhooks: async () => ({ path: "/webhooks" }),
  makeWebhook: async () => {
    const name = `hook-${++hooks}`;
    return { path: "/webhooks", body: { name, url: "https://hooks.example/x" }, status: 201 };
  },
  switchWebhook: async () => ({ path: `/webhooks/${await aWebhook()}`, body: { isOn: false } }),
  deleteWebhook: async () => ({ path: `/webhooks/${await aWebhook()}`, status: 204 }),
  rotateWebhook: async () => ({ path: `/webhooks/${await aWebhook()}/rotate` }),
  testWebhook: async () => ({ path: `/webhooks/${await aWebhook()}/test` }),
  listPlaybooks: async () => ({ path: "/library" }),
  getProposal: async () => ({ path: `/incidents/${await anIncident()}/proposal?playbook=content-file` }),
  planIncident: async () => {
    api.administration.proposed = { ...api.administration.proposed, request: aParsedPlanRequest() };
    const body = { playbook: "content-file", parameters: { update: "KB5009624" } };
    return { path: `/incidents/${await anIncident()}/plan`, body, status: 201 };
  },
  startDryRun: async () => ({ path: `/incidents/${await anIncident()}/dry-run`, body: {} }),
  getDryRun: async () => ({ path: `/incidents/${await anIncident()}/dry-run` }),
  getSession: async () => ({ path: "/session" }),
  signIn: async () => ({ path: "/session", body: { token } }),
  signOut: async () => ({ path: "/session", status: 204 }),
  getOverview: async () => ({ path: "/overview" }),
  listDevices: async () => ({ path: "/devices?limit=1&condition=unknown" }),
  listDeviceFacets: async () => ({ path: "/devices/facets?find=mary&condition=unknown" }),
  registerDevice: async () => ({ path: "/devices", body: aRegistration(2), status: 201 }),
  getDevice: async () => ({ path: `/devices/${aRegistration(1).id}` }),
  listDeviceBoots: async () => ({ path: `/devices/${aRegistration(1).id}/boots?limit=200` }),
  listDeviceReports: async () => ({ path: `/devices/${aRegistration(1).id}/reports?kind=boot-began` }),
  listDeviceOrders: async () => ({ path: `/devices/${aRegistration(1).id}/orders` }),
  acceptDevice: async () => ({ path: `/devices/${aRegistration(1).id}/accept`, body: because }),
  revokeDevice: async () => ({ path: `/devices/${aRegistration(1).id}/revoke`, body: because }),
  listEnrolmentTokens: async () => ({ path: "/enrolment-tokens" }),
  makeEnrolmentToken: async () => ({ path: "/enrolment-tokens", body: aTokenRequest(), status: 201 }),
  revokeEnrolmentToken: async () => {
    const { view } = await api.administration.makeEnrolmentToken(TokenRequest.parse(aTokenRequest()), "Ada Admin");
    return { path: `/enrolment-tokens/${view.id}`, status: 204 };
  },
  getTrustPins: async () => ({ path: "/trust/pins" }),
  listGroups: async () => ({ path: "/groups" }),
  putGroup: async () => ({ path: "/groups/clinics", body: { selector: { sites: ["St Mary's"] } } }),
  deleteGroup: async () => ({ path: "/groups/clinics", status: 204 }),
  listContent: async () => ({ path: "/content" }),
  listIncidents: async () => ({ path: "/incidents" }),
  declareIncident: async () => ({ path: "/incidents", body: anIncidentRequest(), status: 201 }),
  listIncidentCrashes: async () => ({
    path: `/incidents/${(await api.administration.incidents()).items[0]?.id}/crashes`,
  }),
  getIncident: async () => ({ path: `/incidents/${(await api.administration.incidents()).items[0]?.id}` }),
  getIncidentTimeline: async () => ({ path: `/incidents/${await anIncident()}/timeline` }),
  getIncidentSpread: async () => ({ path: `/incidents/${await anIncident()}/spread` }),
  haltIncident: async () => ({ path: `/incidents/${await anIncident()}/halt`, body: because }),
  closeIncident: async () => ({ path: `/incidents/${await anIncident()}/close`, body: because }),
  reopenIncident: async () => ({ path: `/incidents/${await anIncident()}/reopen`, body: because }),
  mergeIncident: async () => ({
    path: `/incidents/${await anIncident()}/merge`,
    body: { ...because, into: await anIncident() },
  }),
  getDetection: async () => ({ path: "/detection" }),
  getResponseRules: async () => ({ path: "/detection/responses" }),
  putResponseRules: async () => ({
    path: "/detection/responses",
    body: { rules: [{ source: "*", mode: "notify" }] },
  }),
  getTrust: async () => ({ path: "/trust" }),
  listPlans: async () => ({ path: "/plans" }),
  makePlan: async () => ({ path: "/plans", body: aPlanRequest(), status: 201 }),
  getPlan: async () => ({ path: `/plans/${plan.id}` }),
  approvePlan: async () => {
    const { id, digest } = await newPlan();
    return { path: `/plans/${id}/approve`, body: { digest } };
  },
  editPlan: async () => ({ path: `/plans/${(await newPlan()).id}`, body: aPlanRequest() }),
  addApproval: async () => ({
    path: `/plans/${(await newPlan()).id}/approvals`,
    body: aSignature(),
  }),
  publishTrust: async () => ({ path: "/trust/documents", body: { envelope: sealTrust(aTrust()) } }),
  publishPolicy: async () => ({ path: "/trust/policies", body: { envelope: sealPolicy(aPolicy()) } }),
  signAsStarter: async () => ({
    path: "/trust/signatures",
    body: { role: "roots", payloadType: PAYLOAD_TYPES.trust, payload: "AAAA" },
  }),
  getEmergency: async () => ({ path: "/emergency-stop" }),
  stopEverything: async () => ({ path: "/emergency-stop", body: because }),
  renewResume: async () => ({ path: "/emergency-stop/renew" }),
  addResumeApproval: async () => ({ path: "/emergency-stop/approvals", body: aSignature() }),
  approveResume: async () => ({ path: "/emergency-stop/approve", body: { statementDigest: digestOf("a statement") } }),
  listHolds: async () => ({ path: "/holds" }),
  makeHold: async () => ({ path: "/holds", body: { source: "acme.content-7", hours: 4, ...because }, status: 201 }),
  addHoldApproval: async () => ({ path: `/holds/${await newHold()}/approvals`, body: aSignature() }),
  approveHold: async () => ({
    path: `/holds/${await newHold()}/approve`,
    body: { statementDigest: digestOf("a statement") },
  }),
  releaseHold: async () => ({ path: `/holds/${await newHold()}/release` }),
  listRefusals: async () => ({ path: "/refusals?limit=10" }),
  listRollouts: async () => ({ path: "/rollouts" }),
  startRollout: async () => {
    const { id, digest } = await newPlan();
    await api.administration.approvePlan(id, digest, "Ada Admin");
    return { path: "/rollouts", body: { plan: id }, status: 201 };
  },
  getRollout: async () => ({ path: `/rollouts/${rollout.id}` }),
  listRolloutDevices: async () => ({ path: `/rollouts/${rollout.id}/devices?wave=0&status=unreached` }),
  getRolloutEvidence: async () => ({ path: `/rollouts/${rollout.id}/evidence` }),
  pauseRollout: async () => ({ path: `/rollouts/${(await newRollout()).id}/pause`, body: because }),
  resumeRollout: async () => ({ path: `/rollouts/${(await newRollout()).id}/resume`, body: because }),
  haltRollout: async () => ({ path: `/rollouts/${(await newRollout()).id}/halt`, body: because }),
  abortRollout: async () => ({ path: `/rollouts/${(await newRollout()).id}/abort`, body: because }),
  makeUndoPlan: async () => ({ path: `/rollouts/${rollout.id}/undo`, status: 201 }),
  listNotices: async () => ({ path: "/notices?after=long-ago" }),
};

const answering = ROUTES.filter((route): route is AnswerRoute => route.kind === "answer");
const afterSetup = answering.filter(({ operation }) => operation !== "setUp");

const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}/api/v1${path}`, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe("every route", () => {
  test.each(afterSetup)("$operation answers what its schema says", async ({ operation, method, schema, answers }) => {
    const good = await GOOD[operation]?.();
    if (good === undefined) throw new Error(`no request is known for ${operation}: add one to GOOD`);
    const response = await ask(method, good.path, good.body);
    const text = await response.text();
    expect([response.status, text]).toEqual([good.status ?? 200, expect.any(String)]);
    expect(Object.keys(answers)).toContain(String(response.status));
    const expected = schema ?? z.null();
    expect(expected.safeParse(text === "" ? null : JSON.parse(text)).error).toBeUndefined();
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("is described: everything in the document is served, and nothing else", async () => {
    const document = (await (await fetch(`${api.url}/api/v1/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  test.each(ROUTES.filter(({ access }) => access !== "public"))(
    "$operation refuses who is not signed in, before it reads anything",
    async ({ method, path }) => {
      const response = await fetch(`${api.url}/api/v1${path.replaceAll(/\{\w+\}/g, "x")}`, {
        method: method.toUpperCase(),
        ...(method === "get" ? {} : { body: "not JSON", headers: { "content-type": "text/plain" } }),
      });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Bearer realm="ringback"');
      expect(Problem.parse(await response.json()).code).toBe("not-signed-in");
    },
  );

  test.each(afterSetup.filter(({ body }) => body !== undefined))(
    "$operation refuses a field it does not know, and a body of another shape",
    async ({ operation, method }) => {
      const good = await GOOD[operation]?.();
      const unknown = await ask(method, good?.path ?? "", { ...(good?.body as object), extra: 1 });
      expect(unknown.status).toBe(400);
      expect(Problem.parse(await unknown.json()).errors).toContainEqual({
        path: "extra",
        message: "this field is not known here",
      });
      for (const body of [null, [], "text", 7]) expect((await ask(method, good?.path ?? "", body)).status).toBe(400);
    },
  );
});

test("a made thing says where it is", async () => {
  const response = await ask("post", "/plans", aPlanRequest());
  const location = response.headers.get("location") ?? "";
  expect(location).toMatch(/^\/api\/v1\/plans\/plan_/);
  expect((await ask("get", location.slice("/api/v1".length))).status).toBe(200);
});

test("the person of the token stands in the record", async () => {
  const grace = await api.signIn("Grace Operator");
  const response = await ask("post", "/incidents", anIncidentRequest(), { authorization: `Bearer ${grace}` });
  expect(await response.json()).toMatchObject({ declaredBy: "Grace Operator" });
});

test("the same registration again is answered 200, a new one 201", async () => {
  expect((await ask("post", "/devices", aRegistration(77))).status).toBe(201);
  expect((await ask("post", "/devices", aRegistration(77))).status).toBe(200);
});

describe("Idempotency-Key", () => {
  const post = (body: unknown, key: string, path = "/incidents") => ask("post", path, body, { "idempotency-key": key });

  test("the same request again gets the same answer and makes nothing new", async () => {
    const before = api.administration.made.incidents;
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await post(anIncidentRequest(), "key-1")).json()),
    );
    expect(api.administration.made.incidents).toBe(before + 1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test("another request with the same key is a conflict", async () => {
    await post(anIncidentRequest(), "key-2");
    const response = await post({ ...anIncidentRequest(), title: "Something else" }, "key-2");
    expect(response.status).toBe(409);
    expect(Problem.parse(await response.json()).code).toBe("conflict");
  });

  test("a refused request frees its key", async () => {
    const plan = { ...aPlanRequest(), devices: { sites: ["nowhere"] } };
    expect((await post(plan, "key-3", "/plans")).status).toBe(422);
    expect((await post(aPlanRequest(), "key-3", "/plans")).status).toBe(201);
  });

  test("keys of two people never meet", async () => {
    const grace = await api.signIn("Grace Operator");
    await post(anIncidentRequest(), "key-4");
    const response = await ask("post", "/incidents", anIncidentRequest(), {
      "idempotency-key": "key-4",
      authorization: `Bearer ${grace}`,
    });
    expect(await response.json()).toMatchObject({ declaredBy: "Grace Operator" });
  });
});

test("set-up is described and answers as its schema says", async () => {
  const fresh = await startApi();
  try {
    const response = await fetch(`${fresh.url}/api/v1/setup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: codeOf(await fresh.setupLink()), name: "Ada Admin" }),
    });
    const setUp = answering.find(({ operation }) => operation === "setUp");
    expect(response.status).toBe(200);
    expect(setUp?.schema?.safeParse(await response.json()).error).toBeUndefined();
  } finally {
    await fresh.close();
  }
});
