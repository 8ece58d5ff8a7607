import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readCatalogue } from "../../../agent/adapters/catalogue.ts";
import { forbiddenBecause } from "../../../agent/core/protection.ts";
import { AgentConfig } from "../../../agent/config.ts";
import { newId } from "../../../protocol/ids.ts";
import { Step } from "../../../protocol/playbook.ts";
import { at } from "../../../protocol/time.ts";
import { aQuarantine } from "../../support/signed-order.ts";

const catalogue = readCatalogue();
const quarantine = aQuarantine("faulty");

describe("the catalogue of content sources", () => {
  test("has every source that lies in its folder, each called as its file", () => {
    const files = readdirSync(new URL("../../../agent/content-sources/", import.meta.url));
    expect([...catalogue.keys()].map((id) => `${id.replaceAll(".", "-")}.json`).sort()).toEqual(files.sort());
  });

  test("says of each source what is known of its protection, how it is held, and more for people", () => {
    for (const { id, permits, hold, isRestorable, notes } of catalogue.values())
      expect({ id, isKnown: [permits, hold, isRestorable, notes].every((part) => part !== undefined) }).toEqual({
        id,
        isKnown: true,
      });
  });

  const security = [...catalogue.values()].filter(({ id }) => !id.startsWith("windows."));
  test.each(security)(
    "$id: no file of it is touched while its protection runs, and nothing old is put back",
    (source) => {
      expect(forbiddenBecause(source, quarantine, "normal")).toContain("not permitted");
      expect(source.isRestorable).toBe(false);
    },
  );

  test("the faulty channel file can be put away where its vendor did it: in safe mode and from outside", () => {
    const source = catalogue.get("crowdstrike.channel-291");
    expect(forbiddenBecause(source, quarantine, "normal")).toContain("in safe mode or while Windows does not run");
    for (const mode of ["safe-minimal", "safe-network", "recovery"] as const)
      expect(forbiddenBecause(source, quarantine, mode)).toBeUndefined();
  });

  test("a service is protected only if it is the product's own", () => {
    const restart = (service: string) => Step.parse({ kind: "restart-service", service, withinMs: 1_000 });
    const source = catalogue.get("crowdstrike.channel-291");
    expect(forbiddenBecause(source, restart("csfalconservice"), "normal")).toContain("not permitted");
    expect(forbiddenBecause(source, restart("Spooler"), "normal")).toBeUndefined();
  });

  test("a source of one's own stands in the settings beside them, and one of before still does", () => {
    const label = { kind: "digest" };
    const before = { id: "acme.before", title: "Acme", files: ["C:\\ProgramData\\Acme\\*.dat"], label };
    const mine = { ...before, id: "acme.mine", permits: { normal: ["quarantine-file"], safe: [], offline: [] } };
    const config = AgentConfig.parse({
      deviceId: newId("dev", at("2026-11-22T12:00:00Z"), new Uint8Array(10)),
      controllers: ["wss://c.example/agent/v1"],
      sources: [before, mine, ...catalogue.values()],
    });
    const [old, own] = config.sources;
    expect(forbiddenBecause(old, quarantine, "normal")).toBeUndefined();
    expect(forbiddenBecause(own, quarantine, "normal")).toBeUndefined();
    expect(forbiddenBecause(own, quarantine, "safe-minimal")).toContain("in normal mode");
  });
});
