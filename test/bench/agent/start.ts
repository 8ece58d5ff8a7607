/** From the start of the process until the boot is on the disk, seen from outside: the file grows. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { FILES } from "../../../agent/adapters/files.ts";
import { initialiseLabMachine } from "../../../agent/adapters/lab/initialise.ts";
import { stateFolder } from "../../../agent/adapters/lab/layout.ts";
import { makeLabDisk, writeBoot } from "../../support/lab-disk.ts";
import type { RunningProcess, Shipped } from "./shipped.ts";

/** The least that such a start can be: a line, and the sync. */
const BARE = `import { open } from "node:fs/promises";
const file = await open(process.argv[2], "a");
await file.write('{"event":"boot","bootId":"${"b".repeat(60)}"}\\n');
await file.sync();
`;
/** Nobody listens there: the ledger waits for no network. */
const NOWHERE = "ws://127.0.0.1:9/agent/v1";

const sizeOf = async (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** @returns milliseconds until the file had grown, looked at as often as possible */
async function untilGrown(path: string, start: () => Promise<RunningProcess>): Promise<number> {
  const before = await sizeOf(path);
  const startedAt = performance.now();
  await using started = await start();
  while ((await sizeOf(path)) === before) {
    if (!started.isAlive && (await sizeOf(path)) === before) throw new Error(`it ended and wrote nothing to ${path}`);
  }
  return performance.now() - startedAt;
}

export class Starts implements AsyncDisposable {
  private readonly shipped: Shipped;
  private readonly folder: string;
  private readonly disk: Awaited<ReturnType<typeof makeLabDisk>>;
  private boots = 0;

  private constructor(shipped: Shipped, folder: string, disk: Starts["disk"]) {
    this.shipped = shipped;
    this.folder = folder;
    this.disk = disk;
  }

  static async make(shipped: Shipped, folder: string): Promise<Starts> {
    const disk = await makeLabDisk();
    await initialiseLabMachine(disk.path, { config: { controllers: [NOWHERE] } });
    return new Starts(shipped, folder, disk);
  }

  /** Of a new boot. */
  async ours(): Promise<number> {
    const { path } = this.disk;
    await writeBoot(path, `start-${++this.boots}`);
    const ledger = join(stateFolder(path), FILES.boots);
    return untilGrown(ledger, () => this.shipped.agent(path, join(this.folder, "start.log")));
  }

  async bare(): Promise<number> {
    const file = join(this.folder, "bare-ledger");
    return untilGrown(file, () => this.shipped.program(BARE, [file], join(this.folder, "bare-start.log")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disk[Symbol.asyncDispose]();
  }
}
