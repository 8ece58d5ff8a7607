/** Says what became of a database's error in words the rest of the program can switch on. */
import { StoreFailed } from "../store/failures.ts";

const MESSAGES = {
  closed: "The record is closed: the controller is stopping.",
  busy: "Another writer held the database for too long. Nothing was changed; try again.",
  "disk-full": "The disk of the database is full. Nothing was changed; make room and try again.",
  io: "The disk of the database cannot be read or written. The change does not count as made; check the disk, then try again.",
  unreachable: "The database cannot be reached. Whether the last change was kept is not known; try again.",
  schema: "The database does not fit this version of the program.",
  unexpected:
    "The database stopped in a way that is not known. Whether the last change was kept is not known; start the controller again.",
} as const satisfies Record<StoreFailed["code"], string>;

export const storeFailed = (code: StoreFailed["code"], cause?: unknown): StoreFailed =>
  new StoreFailed(code, MESSAGES[code], cause === undefined ? undefined : { cause });

/** SQLite's result codes and PostgreSQL's SQLSTATE classes; the system's own codes when a connection breaks. */
const CODES: readonly (readonly [RegExp, StoreFailed["code"]])[] = [
  [/^SQLITE_FULL/, "disk-full"],
  [/^SQLITE_(BUSY|LOCKED)/, "busy"],
  [/^SQLITE_(IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|PERM|AUTH|NOLFS)/, "io"],
  [/^53100$/, "disk-full"],
  [/^(40001|40P01|55P03)$/, "busy"],
  [/^(58|XX00[12])/, "io"],
  [/^(08|57P|53|28|3D)/, "unreachable"],
  [/^E[A-Z]+$/, "unreachable"],
];

/** Errors that are not the database's own stay as they are: they are mistakes in the program. */
export function asStoreFailed(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreFailed) return error;
  const code = "code" in error ? String(error.code) : "";
  const known = CODES.find(([pattern]) => pattern.test(code))?.[1];
  if (known !== undefined) return storeFailed(known, error);
  return /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(error.message)
    ? storeFailed("unreachable", error)
    : error;
}
