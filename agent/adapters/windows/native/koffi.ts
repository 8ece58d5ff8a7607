/** The native library through which Windows' own functions are called: one file beside node.exe, found nowhere else. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

type Koffi = typeof import("koffi");

/** Loads in some milliseconds. @throws if the file beside node.exe is missing or made for another processor */
export const koffi = createRequire(import.meta.url)(join(dirname(process.execPath), "koffi.node")) as Koffi;
