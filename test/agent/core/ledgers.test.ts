import { describe, expect, test } from "vitest";
import { backoffMs } from "../../../agent/core/backoff.ts";
import { type BootRecord, compactBoots, foldBoots } from "../../../agent/core/boot-ledger.ts";
import {
  compactContent,
  compareContent,
  type ContentRecord,
  foldContent,
  labelOf,
} from "../../../agent/core/content-ledger.ts";
import { makeRoom, type StoredReport } from "../../../agent/core/outbox-fold.ts";
import { sayable } from "../../../agent/core/sayable.ts";
import { BootId } from "../../../protocol/boot.ts";
import { ContentVersion } from "../../../protocol/content.ts";
import { ContentSource } from "../../../protocol/content-source.ts";
import { WindowsPath } from "../../../protocol/windows-path.ts";
import { anotherSha256, NOON, SOURCE } from "../../support/signed-order.ts";

describe("the boot ledger", () => {
  const began = (n: number, id: string): BootRecord => ({
    event: "began",
    n,
    boot: { bootId: BootId.parse(id), bootedAt: NOON, kind: "cold", mode: "normal" },
  });
  const good = (n: number, id: string): BootRecord => {
    return { event: "good", n, bootId: BootId.parse(id), afterMs: 1, services: [] };
  };

  test("counts boots since the last good one, this one included", () => {
    expect(foldBoots([began(1, "a"), good(2, "a"), began(3, "b"), began(4, "c")])).toMatchObject({
      boots: 3,
      tries: 2,
    });
  });
  test("a service restart is no boot", () => {
    expect(foldBoots([began(1, "a"), began(2, "a")])).toMatchObject({ boots: 1, tries: 1 });
  });
  test("a good boot clears the tries", () => {
    expect(foldBoots([began(1, "a"), began(2, "b"), good(3, "b")])).toMatchObject({ tries: 0, lastIsGood: true });
  });
  test("goodness that was recorded for another boot does not count for this one", () => {
    expect(foldBoots([began(1, "a"), began(2, "b"), good(3, "a")])).toMatchObject({ tries: 2, lastIsGood: false });
  });
  test("a compacted ledger counts the same", () => {
    const loop = Array.from({ length: 2_500 }, (_, i) => began(i + 1, `b${i}`));
    const compact = compactBoots(loop);
    expect(compact?.length).toBeLessThan(2_000);
    expect(foldBoots(compact ?? [])).toEqual(foldBoots(loop));
  });
});

describe("the content ledger", () => {
  const version = (path: string, contents: string, modifiedAt = NOON): ContentVersion =>
    ContentVersion.parse({
      source: SOURCE,
      sha256: anotherSha256(contents),
      label: contents,
      path,
      sizeBytes: 1,
      modifiedAt,
    });
  const A = "C:\\x\\a.sys";
  const known = (...versions: ContentVersion[]) => foldContent([{ event: "known", n: 1, versions }]).versions;
  const NONE = new Set<never>();

  test("new contents under an old name disappear and appear", () => {
    const changes = compareContent(known(version(A, "1")), { versions: [version(A, "2")], unread: NONE }, NOON);
    expect(changes.map(({ change, version: { label } }) => `${change} ${label}`)).toEqual([
      "disappeared 1",
      "appeared 2",
    ]);
  });
  test("the same file in other letters, or with another date, is no change", () => {
    const seen = version("C:\\X\\A.SYS", "1");
    expect(compareContent(known(version(A, "1")), { versions: [seen], unread: NONE }, NOON)).toEqual([]);
  });
  test("what could not be looked at did not disappear", () => {
    expect(compareContent(known(version(A, "1")), { versions: [], unread: new Set([SOURCE]) }, NOON)).toEqual([]);
  });
  test("a compacted ledger knows the same", () => {
    const records = Array.from({ length: 1_200 }, (_, i): ContentRecord => {
      const change = i % 2 === 0 ? "appeared" : "disappeared";
      return {
        event: "change",
        n: i + 1,
        change: { change, noticedAt: NOON, version: version(`C:\\x\\${i >> 2}`, "1") },
      };
    });
    const compact = compactContent(records);
    expect(compact).toHaveLength(1);
    expect(foldContent(compact ?? [])).toEqual(foldContent(records));
  });
  test("a version is called by the part of its name that the source says, or by its digest", () => {
    const source = (pattern: string): ContentSource =>
      ContentSource.parse({ id: SOURCE, title: "x", files: ["C:\\x\\*"], label: { kind: "file-name", pattern } });
    const path = WindowsPath.parse("C:\\x\\C-00000291-00000000-00000032.sys");
    expect(labelOf(source("^C-00000291-\\d{8}-0*(\\d+)\\.sys$"), path, "abc")).toBe("32");
    expect(labelOf(source("^nothing"), path, "0123456789abcdef")).toBe("0123456789ab");
  });
});

describe("making room in the outbox", () => {
  const reports = (...kinds: string[]): StoredReport[] =>
    kinds.map((kind, i) => {
      const [name = "", orderId] = kind.split(" ");
      return { event: "report", sequence: i + 1, kind: name, ...(orderId === undefined ? {} : { orderId }), text: "" };
    });
  const kept = (max: number, ...kinds: string[]) => makeRoom(reports(...kinds), max).kept.map(({ kind }) => kind);

  test("progress goes when its order's receipt is there, not before", () => {
    expect(kept(9, "step-progress o1", "step-progress o2", "order-ended o1")).toEqual(["step-progress", "order-ended"]);
  });
  test("content changes go when a later boot report lists what is on the disk", () => {
    expect(kept(9, "content-changed", "boot-began", "content-changed")).toEqual(["boot-began", "content-changed"]);
  });
  test("old boots go next, are counted, and leave the first and the newest", () => {
    const { kept: left, boots } = makeRoom(reports(...Array.from({ length: 10 }, () => "boot-began")), 4);
    expect(left.map(({ sequence }) => sequence)).toEqual([1, 8, 9, 10]);
    expect(boots).toBe(6);
  });
  test("refusals go last, the oldest first; receipts and acceptances never", () => {
    const { kept: left } = makeRoom(
      reports("order-refused o1", "order-accepted o2", "order-ended o2", "order-refused o3"),
      3,
    );
    expect(left.map(({ sequence }) => sequence)).toEqual([2, 3, 4]);
    expect(kept(1, "order-accepted o1", "order-ended o1", "order-refused o2")).toEqual([
      "order-accepted",
      "order-ended",
    ]);
  });
});

test("back-off is anywhere between nothing and the doubled time, up to the cap", () => {
  const backoff = { baseMs: 1_000, capMs: 300_000 };
  expect([0, 1, 2, 20].map((attempt) => backoffMs(backoff, attempt, 0.999_999))).toEqual([999, 1_999, 3_999, 299_999]);
  expect(backoffMs(backoff, 20, 0)).toBe(0);
});

test("anything can be said in a report", () => {
  expect(sayable("disk is full")).toBe("disk is full");
  expect(sayable("a\u0000b\nc\u202e")).toBe("a b c");
  expect(sayable("\n")).toBe("no reason was given");
  expect(sayable("x".repeat(5_000))).toHaveLength(1_000);
});
