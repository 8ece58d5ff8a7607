import { createHash } from "node:crypto";
import { Sha256 } from "../../protocol/canonical.ts";

/** The digest of a fake file's contents. */
export const sha256Of = (contents: string): Sha256 => Sha256.parse(createHash("sha256").update(contents).digest("hex"));
