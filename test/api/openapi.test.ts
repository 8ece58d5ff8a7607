import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openApiDocument } from "../../controller/api/openapi.ts";
import { ROUTES } from "../../controller/api/routes.ts";

const COMMITTED = new URL("../../docs/reference/openapi.json", import.meta.url);

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: unknown;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: object };
  readonly responses: Readonly<Record<string, { readonly description?: string; readonly $ref?: string }>>;
}
const document = JSON.parse(JSON.stringify(openApiDocument(ROUTES))) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

/** Every value in a JSON tree, with its key. */
function* walk(value: unknown, key = ""): Generator<[string, unknown]> {
  yield [key, value];
  if (typeof value === "object" && value !== null) for (const [k, v] of Object.entries(value)) yield* walk(v, k);
}

test("the committed document says what the routes say; `npm run docs:openapi` writes it", () => {
  expect(JSON.parse(readFileSync(COMMITTED, "utf8"))).toEqual(document);
});

test("every reference in it leads somewhere", () => {
  const references = [...walk(document)].filter(([key]) => key === "$ref").map(([, value]) => String(value));
  expect(references.length).toBeGreaterThan(100);
  for (const reference of references) {
    const found = reference
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>(
        (at, name) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[name] : undefined),
        document,
      );
    expect([reference, typeof found]).toEqual([reference, "object"]);
  }
});

test("it is OpenAPI 3.1 in shape: names are unique, parameters and answers complete", () => {
  expect(document.openapi).toBe("3.1.0");
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { path, method, operation } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect([path, described.map(({ name }) => name)]).toEqual([path, inPath]);
    expect(described.every(({ required }) => required)).toBe(true);
    expect(operation.summary).not.toBe("");
    expect([path, method, operation.requestBody !== undefined && (method === "get" || method === "delete")]).toEqual([
      path,
      method,
      false,
    ]);
    expect(Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status))).toBe(true);
    for (const response of Object.values(operation.responses))
      expect(response.description ?? response.$ref).toBeTruthy();
  }
});

test("its schemas are JSON Schema without anything that only stands at the top of a file", () => {
  const keys = new Set([...walk(document)].map(([key]) => key));
  expect(keys.has("$schema")).toBe(false);
  expect(keys.has("$id")).toBe(false);
  expect(keys.has("$defs")).toBe(false);
});

test("what is sent may leave out what has a default; what is answered may not", () => {
  const { schemas } = document.components;
  expect(schemas["PlanRequest"]).toMatchObject({ required: ["title", "playbook", "strategy", "devices"] });
  expect(schemas["Strategy"]).toMatchObject({
    required: ["waves", "budgets", "windows", "freezes", "patience", "validityMs"],
  });
});

test("every object says that unknown fields are refused", () => {
  const open = [...walk(document.components.schemas)].filter(
    ([, value]) =>
      typeof value === "object" &&
      value !== null &&
      "properties" in value &&
      "type" in value &&
      value.type === "object" &&
      (!("additionalProperties" in value) || value.additionalProperties !== false),
  );
  expect(open.map(([key]) => key)).toEqual([]);
});
