/** The one way in which the record fails. */

/**
 * The record could not be read or written; nothing was written half, and the same call may be made again.
 *
 * `closed`: the store was closed. `busy`: another writer held on for too long. `disk-full`, `io`: the disk refused.
 * `unreachable`: no connection to the database. `schema`: the database belongs to a newer version of this program.
 */
export class StoreFailed extends Error {
  override readonly name = "StoreFailed";
  readonly code: "closed" | "busy" | "disk-full" | "io" | "unreachable" | "schema" | "unexpected";
  constructor(code: StoreFailed["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
