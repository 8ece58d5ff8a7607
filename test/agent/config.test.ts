import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCatalogue } from "../../agent/adapters/catalogue.ts";
import { ConfigInvalid, parseConfig } from "../../agent/config.ts";
import { labelOf } from "../../agent/core/content-ledger.ts";
import { AGENT_VERSION } from "../../agent/version.ts";
import { splitPath, WindowsPath } from "../../protocol/windows-path.ts";
import { DEVICE } from "../support/signed-order.ts";

const good = { deviceId: DEVICE, controllers: ["wss://controller.example:8443/agent/v1"] };

describe("settings", () => {
  test("need a device and a controller only; nothing may be touched unless a folder is allowed", () => {
    expect(parseConfig(JSON.stringify(good), "config.json")).toMatchObject({
      allowedRoots: [],
      backoff: { baseMs: 1_000, capMs: 300_000, resetAfterMs: 60_000 },
    });
  });
  test.each([
    { field: "controllers.0", config: { ...good, controllers: ["https://controller.example"] } },
    { field: "controllers.0", config: { ...good, controllers: ["wss://controller.example/agent/v1#here"] } },
    { field: "controllers", config: { ...good, controllers: [] } },
    { field: "deviceId", config: { ...good, deviceId: "PC-1" } },
    { field: "allowedRoots.0", config: { ...good, allowedRoots: ["C:\\Windows\\..\\Users"] } },
    { field: "backoff.capMs", config: { ...good, backoff: { capMs: -1 } } },
    {
      field: "sources.0.label.pattern",
      config: {
        ...good,
        sources: [
          { id: "acme.content-7", title: "x", files: ["C:\\x\\*.sys"], label: { kind: "file-name", pattern: "^(x" } },
        ],
      },
    },
    { field: "proxy", config: { ...good, proxy: "proxy.example:3128" } },
    { field: "proxy", config: { ...good, proxy: "https://proxy.example:3128" } },
    { field: "proxyBypass.0", config: { ...good, proxyBypass: ["a b"] } },
    { field: "surprise", config: { ...good, surprise: true } },
  ])("name $field when it is wrong", ({ field, config }) => {
    expect(() => parseConfig(JSON.stringify(config), "config.json")).toThrow(ConfigInvalid);
    expect(() => parseConfig(JSON.stringify(config), "config.json")).toThrow(field);
  });
  test("hold no password of a proxy, and what is wrong with one is said without repeating it", () => {
    const config = { ...good, proxy: "http://office:hunter2@proxy.example:3128" };
    const parse = () => parseConfig(JSON.stringify(config), "config.json");
    expect(parse).toThrow(/proxy: .*without name or password/);
    expect(parse).not.toThrow(/hunter2/);
  });
  test.each(["none", "system", "http://proxy.example:3128", "http://10.0.0.1", "http://[fd00::1]:8080/"])(
    "take the proxy %s",
    (proxy) => {
      expect(parseConfig(JSON.stringify({ ...good, proxy }), "config.json")).toMatchObject({ proxy });
    },
  );
  test("that are not JSON are named by their file", () => {
    expect(() => parseConfig("{", "C:\\x\\config.json")).toThrow("C:\\x\\config.json is not JSON");
  });
});

test("the agent's version is the package's", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(AGENT_VERSION).toBe(version);
});

test("the shipped content source of the reference incident names versions as people do", () => {
  const source = readCatalogue().get("crowdstrike.channel-291");
  const glob = source?.files[0];
  if (source === undefined || glob === undefined) throw new Error("it is not shipped");
  const path = WindowsPath.parse(`${splitPath(glob).folder}\\C-00000291-00000000-00000032.sys`);
  expect(labelOf(source, path, "no name")).toBe("00000032");
});
