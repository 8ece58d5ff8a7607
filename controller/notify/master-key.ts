/** The key that webhooks' secrets are made of, in a file of the data folder that only its owner may read. */
import { open, readFile } from "node:fs/promises";
import { z } from "zod";
import type { Random } from "../ports.ts";

const KeyFile = z.strictObject({ webhooks: z.base64().length(44) });

/** @throws where the file is there and holds something else: with another key no receiver would believe a message any more */
export async function openMasterKey(file: string, random: Random): Promise<Uint8Array> {
  try {
    const handle = await open(file, "wx", 0o600);
    try {
      const made = Buffer.from(random(32).subarray(0, 32)).toString("base64");
      await handle.writeFile(JSON.stringify({ webhooks: made } satisfies z.infer<typeof KeyFile>));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const parsed = KeyFile.safeParse(JSON.parse(await readFile(file, "utf8")));
  if (!parsed.success) throw new Error(`${file} does not hold the key of the webhooks; restore it from the backup`);
  return Buffer.from(parsed.data.webhooks, "base64");
}
