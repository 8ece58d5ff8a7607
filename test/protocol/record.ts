/**
 * Records one example of everything that is sent or stored: `node test/protocol/record.ts`.
 *
 * Keys, ids and times come from fixed seeds; signatures are real, and the dice of ECDSA make them different each time,
 * so a recording is made once. What is recorded is never written again: peers in the field speak it.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RECORDING_FOLDER, recordingNames, schemaOf } from "../support/recorded.ts";
import { documents, examples } from "./examples/examples.ts";

function exampleOf(name: string): unknown {
  const [union = "", kind] = name.split(".");
  const example = kind === undefined ? documents[name] : examples[union]?.[kind];
  if (example === undefined) throw new Error(`there is no example of ${name}: write one in test/protocol/examples/`);
  return example;
}

mkdirSync(RECORDING_FOLDER, { recursive: true });
for (const name of recordingNames()) {
  const file = join(RECORDING_FOLDER, `${name}.json`);
  if (existsSync(file)) {
    console.log(`${name}: recorded before, left as it is`);
    continue;
  }
  const example = exampleOf(name);
  schemaOf(name).parse(example);
  writeFileSync(file, `${JSON.stringify(example, null, 2)}\n`, { flag: "wx" });
  console.log(`${name}: recorded`);
}
