import { describe, expect, test } from "vitest";
import { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { newId } from "../../protocol/ids.ts";
import { GroupName, Role, Site } from "../../protocol/names.ts";
import { matches, type Selectable, Selector } from "../../protocol/selector.ts";
import { at, later } from "../../protocol/time.ts";
import { faultPaths } from "../support/fault-paths.ts";

const NOON = at("2026-11-22T12:00:00Z");
const id = (n: number) => newId("dev", later(NOON, n), new Uint8Array(10));
const BAD = Sha256.parse("b".repeat(64));
const SOURCE = ContentSourceId.parse("crowdstrike.channel-291");

/** A till in Leeds that runs the bad version and is in the group "pilot". */
const till: Selectable = {
  id: id(1),
  site: Site.parse("Leeds"),
  role: Role.parse("till"),
  isIn: (group) => group === GroupName.parse("pilot"),
  runs: (source, sha256) => source === SOURCE && sha256 === BAD,
  isSilentSince: (since) => since <= NOON,
};
const runs = { source: SOURCE, sha256: BAD };
const exposed = { versions: [{ source: SOURCE, sha256: "c".repeat(64) }, runs], orSilentSince: null };
const other = { ...exposed, versions: [{ source: SOURCE, sha256: "c".repeat(64) }] };

describe("matches", () => {
  test.each<[string, unknown, boolean]>([
    ["all devices", { all: true }, true],
    ["its site", { sites: ["York", "Leeds"] }, true],
    ["another site", { sites: ["York"] }, false],
    ["its role", { roles: ["till"] }, true],
    ["its group", { groups: ["other", "pilot"] }, true],
    ["another group", { groups: ["other"] }, false],
    ["itself", { devices: [id(1)] }, true],
    ["another device", { devices: [id(2)] }, false],
    ["what it runs", { runs }, true],
    ["what it does not run", { runs: { ...runs, sha256: "c".repeat(64) } }, false],
    ["any of the versions that it runs", { exposed }, true],
    ["versions of which it runs none", { exposed: other }, false],
    ["versions of which it runs none, or silent since", { exposed: { ...other, orSilentSince: NOON } }, true],
    ["the same, and silent for longer", { exposed: { ...other, orSilentSince: later(NOON, 1) } }, false],
    ["all, except any of what it is", { all: true, exceptAny: [{ sites: ["York"] }, { roles: ["till"] }] }, false],
    ["all, except none of what it is", { all: true, exceptAny: [{ sites: ["York"] }, {}] }, true],
    ["two fields that both hold", { sites: ["Leeds"], roles: ["till"] }, true],
    ["two fields of which one holds", { sites: ["Leeds"], roles: ["server"] }, false],
    ["all, except its site", { all: true, except: { sites: ["Leeds"] } }, false],
    ["all, except tills of York", { all: true, except: { sites: ["York"], roles: ["till"] } }, true],
    ["all, except nothing", { all: true, except: {} }, true],
    ["its site, except what it runs", { sites: ["Leeds"], except: { runs } }, false],
    ["another site, except another role", { sites: ["York"], except: { roles: ["server"] } }, false],
  ])("%s", (_, selector, expected) => {
    expect(matches(Selector.parse(selector), till)).toBe(expected);
  });
});

describe("a selector that could mean the wrong devices is refused, and the fault's place is named", () => {
  test.each<[string, unknown, string]>([
    ["nothing said", {}, ""],
    ["only an exception", { except: { sites: ["Leeds"] } }, ""],
    ["an unknown field", { site: "Leeds" }, "site"],
    ["an unknown field in the exception", { all: true, except: { site: "Leeds" } }, "except.site"],
    ["all and a site", { all: true, sites: ["Leeds"] }, "sites"],
    ["all by another word", { all: "yes" }, "all"],
    ["all denied", { all: false }, "all"],
    ["an empty list", { sites: [] }, "sites"],
    ["a site with a line end", { sites: ["Leeds\n"] }, "sites.0"],
    ["a role with capitals", { roles: ["Till"] }, "roles.0"],
    ["a device by its name", { devices: ["till-1"] }, "devices.0"],
    ["a version without a source", { runs: { sha256: BAD } }, "runs.source"],
    ["a version with a digest cut short", { runs: { ...runs, sha256: "b".repeat(63) } }, "runs.sha256"],
    ["a prototype", JSON.parse('{"all":true,"__proto__":{"sites":["Leeds"]}}'), "__proto__"],
  ])("%s", (_, selector, place) => {
    expect(faultPaths(Selector, selector)).toContain(place);
  });
});
