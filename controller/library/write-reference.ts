/** Writes docs/reference/playbooks.md; a test fails while the committed file says something else than the library. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadLibrary } from "./load.ts";
import { referenceOf } from "./reference.ts";

const file = join(import.meta.dirname, "..", "..", "docs", "reference", "playbooks.md");
writeFileSync(file, referenceOf(loadLibrary()));
process.stdout.write(`${file}\n`);
