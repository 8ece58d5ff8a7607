/** Writes docs/reference/openapi.json; a test fails while the committed file says something else than the routes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openApiDocument } from "./openapi.ts";
import { ROUTES } from "./routes.ts";

const file = join(import.meta.dirname, "..", "..", "docs", "reference", "openapi.json");
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(openApiDocument(ROUTES), null, 2)}\n`);
process.stdout.write(`${file}\n`);
