/** A file system of a few KiB of its own, so that a disk can really be full. Needs root. */
import { execFileSync } from "node:child_process";
import { temporaryFolder } from "./temporary-folder.ts";

export async function withSmallDisk(sizeKiB: number, work: (folder: string) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeKiB}k`, "ringback-test", folder.path]);
  try {
    await work(folder.path);
  } finally {
    execFileSync("umount", ["--lazy", folder.path]);
  }
}
