/** The content sources that come with the agent, as data. */
import { readdir, readFile } from "node:fs/promises";
import { ContentSource } from "../../protocol/content-source.ts";

const FOLDER = new URL("../content-sources/", import.meta.url);

/** By id. @throws if a shipped source is broken */
export async function readCatalogue(): Promise<ReadonlyMap<string, ContentSource>> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, FOLDER), "utf8")));
  const sources = texts.map((text) => ContentSource.parse(JSON.parse(text)));
  return new Map(sources.map((source) => [source.id, source]));
}
