/** The OpenAPI 3.1 document, made from the same routes and schemas that serve the requests. */
import { z } from "zod";
import { PROBLEMS } from "./problems.ts";
import type { AnswerRoute, Route } from "./route.ts";
import { componentSchemas, type Json, referenceTo, schemaOf } from "./schemas.ts";

/** @param routes all of them; the order stays. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths = new Map<string, Record<string, Json>>();
  for (const route of routes) {
    const methods = paths.get(route.path) ?? {};
    methods[route.method] = operationOf(route);
    paths.set(route.path, methods);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Ringback",
      version: "1",
      summary: "Undo a faulty security update on a fleet of Windows machines, in stages.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/api/v1" }],
    security: [{ token: [] }, { session: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: componentSchemas(),
      responses: problemResponses(),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The token that set-up answered, for programs." },
        session: { type: "apiKey", in: "cookie", name: "ringback_session", description: "For the console." },
      },
    },
  };
}

function operationOf(route: Route): Json {
  const { operation, summary, description } = route;
  return {
    operationId: operation,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(route.access === "public" ? { security: [] } : {}),
    ...(route.kind === "stream" ? streamParts(route.query) : answerParts(route)),
  };
}

function answerParts(route: AnswerRoute): Json {
  const parameters = [
    ...parametersOf(route.params, "path"),
    ...parametersOf(route.query, "query"),
    ...(route.repeatable === true ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(route.body, "input")) } }),
    responses: { ...successes(route), ...refusalsOf(route) },
  };
}

function successes({ answers, schema }: AnswerRoute): Json {
  const content = schema === null ? {} : { content: json(schemaOf(schema, "output")) };
  return Object.fromEntries(
    Object.entries(answers).map(([status, description]) => [
      status,
      { description, ...(status === "204" ? {} : content) },
    ]),
  );
}

const streamParts = (query: z.ZodObject | undefined): Json => ({
  parameters: [
    ...parametersOf(query, "query"),
    {
      name: "Last-Event-ID",
      in: "header",
      required: false,
      schema: { type: "string" },
      description: "The id of the last event that was seen.",
    },
  ],
  responses: {
    200: {
      description: "Events named `notice`",
      content: { "text/event-stream": { schema: referenceTo("Notice") } },
    },
    401: { $ref: "#/components/responses/401" },
    503: { $ref: "#/components/responses/503" },
    default: { $ref: "#/components/responses/default" },
  },
});

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  schema: { type: "string", minLength: 1, maxLength: 200 },
  description: "The same key with the same body gets the same answer, and the thing is made once.",
} as const;

const json = (schema: Json): Json => ({ "application/json": { schema } });

function parametersOf(schema: z.ZodObject | undefined, place: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
}

/** Statuses that a caller of this route has to reckon with; every other problem is under `default`. */
function refusalsOf(route: AnswerRoute): Json {
  const statuses = new Set<number>();
  if (route.params !== undefined || route.query !== undefined || route.body !== undefined) statuses.add(400);
  if (route.access !== "public") statuses.add(401);
  if (route.method !== "get") statuses.add(403);
  if (route.params !== undefined || route.isThere !== undefined) statuses.add(404);
  if (route.method === "post") statuses.add(409);
  if (route.guarded === true) statuses.add(429);
  const refer = (name: string): Json => ({ $ref: `#/components/responses/${name}` });
  return {
    ...Object.fromEntries([...statuses].map((status) => [status, refer(String(status))])),
    default: refer("default"),
  };
}

function problemResponses(): Json {
  const content = { "application/problem+json": { schema: referenceTo("Problem") } };
  const byStatus = Map.groupBy(Object.entries(PROBLEMS), ([, { status }]) => status);
  const described = [...byStatus].map(([status, problems]) => {
    const codes = problems.map(([code, { title }]) => `${title} (\`${code}\`)`).join("; ");
    return [status, { description: codes, content }] as const;
  });
  return {
    ...Object.fromEntries(described),
    default: { description: "Any other problem, told by its code", content },
  };
}
