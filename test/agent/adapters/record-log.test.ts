import { execFileSync } from "node:child_process";
import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRecordLog, type OpenRecordLog, readRecords } from "../../../agent/adapters/record-log.ts";
import { reserveAt } from "../../../agent/adapters/reserve.ts";
import { RecordNotWritten, RecordsDamaged } from "../../../agent/ports.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { withSmallDisk } from "../../support/small-disk.ts";

const refuse = { whenDamaged: "refuse" } as const;
async function reading<Value>(path: string, work: (log: OpenRecordLog) => Promise<Value>): Promise<Value> {
  const log = await openRecordLog(path, refuse);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
const records = (path: string) => reading(path, (log) => log.read());

describe("a record torn by a power cut", () => {
  test("is dropped wherever it was torn, and the log goes on after the whole ones", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "a.log");
    await reading(path, async (log) => {
      await log.append({ n: 1, words: "für immer" });
      await log.append({ n: 2 });
    });
    const { size: whole } = await stat(path);
    await reading(path, (log) => log.append({ n: 3, words: "a\nb 12 3" }));
    const bytes = await readFile(path);
    for (let end = whole; end < bytes.length; end++) {
      await writeFile(path, bytes.subarray(0, end));
      expect(await records(path)).toEqual([{ n: 1, words: "für immer" }, { n: 2 }]);
      await reading(path, (log) => log.append({ n: 4 }));
      expect(await records(path)).toEqual([{ n: 1, words: "für immer" }, { n: 2 }, { n: 4 }]);
    }
  });

  test("is dropped when its blocks were never written and read as zeros", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "a.log");
    await reading(path, (log) => log.append({ n: 1 }));
    await truncate(path, (await stat(path)).size + 4_096);
    expect(await records(path)).toEqual([{ n: 1 }]);
  });
});

describe("damage that is no power cut", () => {
  const damaged = async (path: string): Promise<void> => {
    await reading(path, async (log) => {
      for (let n = 1; n <= 3; n++) await log.append({ n });
    });
    const bytes = await readFile(path);
    bytes[14] = (bytes[14] ?? 0) ^ 1;
    await writeFile(path, bytes);
  };

  test("is an error where nothing may be guessed, and the file is left as it is", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "journal.log");
    await damaged(path);
    const before = await readFile(path);
    await reading(path, async (log) => {
      await expect(log.read()).rejects.toThrow(RecordsDamaged);
      await expect(log.append({ n: 4 })).rejects.toThrow(RecordsDamaged);
    });
    await expect(readRecords(path)).rejects.toThrow(RecordsDamaged);
    expect(await readFile(path)).toEqual(before);
  });

  test("is set aside where a new beginning does no harm", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "content.log");
    await damaged(path);
    const log = await openRecordLog(path, { whenDamaged: "set-aside" });
    expect(await log.read()).toEqual([]);
    await log.close();
    expect((await stat(`${path}.damaged`)).size).toBeGreaterThan(0);
  });
});

test("replace is all or nothing: an unfinished one leaves the old records", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a.log");
  await reading(path, async (log) => {
    await log.append({ n: 1 });
    await log.replace([{ n: 2 }, { n: 3 }]);
    await log.append({ n: 4 });
  });
  await writeFile(`${path}.new`, "half a rep"); // what a power cut in the middle leaves
  expect(await records(path)).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
});

test("appends that are not waited for come one after the other", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "a.log");
  await reading(path, (log) => Promise.all(Array.from({ length: 20 }, (_, n) => log.append({ n }))));
  expect(await records(path)).toEqual(Array.from({ length: 20 }, (_, n) => ({ n })));
});

describe("a log that another program changed meanwhile is not written over", () => {
  test.each([
    { name: "a second agent added to it", change: (path: string) => reading(path, (log) => log.append({ n: 2 })) },
    { name: "a second agent wrote it anew", change: (path: string) => reading(path, (log) => log.replace([{ n: 2 }])) },
  ])("$name", async ({ change }) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "journal.log");
    await reading(path, async (log) => {
      await log.append({ n: 1 });
      await change(path);
      await expect(log.append({ n: 2, by: "the first" })).rejects.toThrow("only one agent may run");
    });
    expect((await records(path)).at(-1)).toEqual({ n: 2 });
  });

  test("it was taken away: nothing is promised into a file that nobody can find", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "journal.log");
    await reading(path, async (log) => {
      await log.append({ n: 1 });
      await rm(path);
      await expect(log.append({ n: 2 })).rejects.toThrow(RecordsDamaged);
    });
  });
});

describe.skipIf(process.getuid?.() !== 0)("a full disk (as root, on a small file system)", () => {
  test("leaves nothing of a record that did not fit, and takes the next one when there is room", async () => {
    await withSmallDisk(64, async (folder) => {
      const path = join(folder, "a.log");
      await reading(path, async (log) => {
        await log.append({ n: 1 });
        await expect(log.append({ n: 2, filler: "x".repeat(100_000) })).rejects.toThrow(RecordNotWritten);
        expect((await readFile(path)).toString()).not.toContain("filler");
        await log.append({ n: 3 });
      });
      expect(await records(path)).toEqual([{ n: 1 }, { n: 3 }]);
    });
  });

  test("gives up its reserve, so that the failure can still be recorded", async () => {
    await withSmallDisk(512, async (folder) => {
      const reserve = reserveAt(join(folder, "reserve.bin"));
      await reserve.refill();
      const log = await openRecordLog(join(folder, "a.log"), { ...refuse, releaseReserve: () => reserve.release() });
      await log.append({ n: 1 });
      execFileSync("sh", ["-c", `cat /dev/zero > ${join(folder, "filler")} 2>/dev/null || true`]);
      await log.append({ n: 2, filler: "x".repeat(8_000) });
      expect(await log.read()).toHaveLength(2);
      // The reserve is gone now, and was not enough for everything.
      await reserve.refill();
      await expect(log.append({ n: 3, filler: "x".repeat(400_000) })).rejects.toThrow(RecordNotWritten);
      await log.append({ n: 4 });
      expect(await log.read()).toHaveLength(3);
      await log.close();
    });
  });
});
