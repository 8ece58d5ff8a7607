/** Keeps what is made again and again from filling the disk: of the entries whose names fit, only the newest stay. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** @param spared stays whatever its age: what was just made */
export async function keepNewest(folder: string, fits: RegExp, max: number, spared: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => fits.test(name) && name !== spared);
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  for (const { name } of aged.toSorted((a, b) => b.at - a.at).slice(max - 1))
    await rm(join(folder, name), { recursive: true, force: true });
}
