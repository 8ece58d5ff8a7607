import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "../support/api-server.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";

let home: string;
let api: ApiServer<FakeAdministration>;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "ringback-console-"));
  const folder = join(home, "dist");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>the console</title>");
  writeFileSync(join(folder, "favicon.svg"), "<svg/>");
  writeFileSync(join(folder, "assets", "main-a1b2c3.js"), "export {};");
  writeFileSync(join(home, "secret.txt"), "beside the folder");
  api = await startApi({ consoleFolder: folder });
});
afterAll(async () => {
  await api.close();
  rmSync(home, { recursive: true });
});

const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const get = (path: string, headers: Record<string, string> = BROWSER): Promise<Response> =>
  fetch(api.url + path, { headers });

test.each(["/", "/setup", "/rollouts/rollout_01", "/devices?site=A", "/api-reference"])(
  "%s is a page of the console",
  async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.text()).toContain("the console");
  },
);

test("files with their hash in the name are kept for ever, others are asked for again", async () => {
  const asset = await get("/assets/main-a1b2c3.js", { accept: "*/*" });
  expect(asset.headers.get("content-type")).toContain("javascript");
  expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect((await get("/favicon.svg")).headers.get("cache-control")).toBe("no-cache");
});

test.each(["/assets/gone-000000.js", "/assets/", "/api/v1/nothing", "/api", "/agent/v1"])(
  "%s is no page, also not for a browser",
  async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("problem+json");
  },
);

test("a program that asks for a page that is none gets a problem, not a page", async () => {
  expect((await get("/no/such/thing", { accept: "application/json" })).status).toBe(404);
  expect((await get("/no/such/thing", { accept: "*/*" })).status).toBe(404);
  expect((await fetch(`${api.url}/setup`, { method: "POST", headers: BROWSER })).status).toBe(404);
});

test.each([
  "/../secret.txt",
  "/..%2fsecret.txt",
  "/%2e%2e/secret.txt",
  "/assets/..%2f..%2fsecret.txt",
  "/..\\secret.txt",
  "//etc/passwd",
  "/.env",
])("%s leads out of the folder and is not served", async (path) => {
  const body = await new Promise<string>((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port: api.port, path }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (part: string) => (text += part))
        .on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
  expect(body).not.toContain("beside the folder");
  expect(body).not.toContain("root:");
  expect(JSON.parse(body)).toMatchObject({
    type: expect.stringMatching(/^urn:ringback:problem:(not-found|invalid-request)$/) as string,
  });
});

test("a console that was not built says how to build it", async () => {
  const bare = await startApi({ consoleFolder: join(home, "nothing-here") });
  const response = await fetch(bare.url, { headers: BROWSER });
  expect(response.status).toBe(503);
  expect(await response.text()).toContain("npm run build:console");
  await bare.close();
});
