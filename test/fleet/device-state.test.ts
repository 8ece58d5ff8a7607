import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldState } from "../../controller/fleet/device-state.ts";
import type { DeviceState } from "../../controller/store/devices.ts";
import type { Presence } from "../../controller/store/feed.ts";
import type { BootId } from "../../protocol/boot.ts";
import type { ContentVersion } from "../../protocol/content.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import { later } from "../../protocol/time.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";
import { aBoot, aHealthyBoot, aVersion, NOON } from "../support/fleet-builders.ts";

type Body = ReportBody | Presence;
const boot = (id: string, ...content: ContentVersion[]): Body => ({
  kind: "boot-began",
  boot: aBoot({ bootId: id as BootId, content }),
});
const healthy = (id: string): Body => ({ kind: "boot-healthy", healthy: aHealthyBoot({ bootId: id as BootId }) });
const changed = (change: "appeared" | "disappeared", version: ContentVersion): Body => ({
  kind: "content-changed",
  entry: { change, noticedAt: NOON, version },
});
const fold = (bodies: readonly Body[], from: DeviceState | null = null): DeviceState | null =>
  bodies.reduce<DeviceState | null>((state, body) => foldState(state, body, NOON), from);

/** Other contents at the path of version 1, spelled as Windows might. */
const OTHER = { ...aVersion(2), path: WindowsPath.parse(aVersion(1).path.toUpperCase()) };

describe("what is known of a device", () => {
  test("a version takes the place of what was at its path, however the path is spelled", () => {
    expect(fold([boot("a", aVersion(1)), changed("appeared", OTHER)])?.content).toEqual([OTHER]);
  });

  test("that the replaced version disappeared, told late, does not hide the one in its place", () => {
    const bodies = [boot("a", aVersion(1)), changed("appeared", OTHER), changed("disappeared", aVersion(1))];
    expect(fold(bodies)?.content).toEqual([OTHER]);
  });

  test("time never runs backwards, though reports may be stored out of order", () => {
    const state = foldState(foldState(null, boot("a"), later(NOON, 10)), healthy("a"), NOON);
    expect(state.lastHeardAt).toBe(later(NOON, 10));
  });

  test("reading the end of the feed once more changes nothing", () => {
    const body = fc.constantFrom<Body>(
      boot("a", aVersion(1)),
      boot("b", aVersion(1), aVersion(3)),
      healthy("a"),
      healthy("b"),
      changed("appeared", aVersion(1)),
      changed("appeared", OTHER),
      changed("disappeared", aVersion(1)),
      changed("disappeared", OTHER),
      changed("appeared", aVersion(3)),
      { kind: "leaving", reason: "shutdown" },
      { kind: "connected" },
      { kind: "connected", minor: 3 },
      { kind: "dropped" },
    );
    fc.assert(
      fc.property(fc.array(body, { maxLength: 12 }), fc.nat(12), (bodies, from) => {
        const state = fold(bodies);
        expect(fold(bodies.slice(from), state)).toEqual(state);
      }),
    );
  });
});
