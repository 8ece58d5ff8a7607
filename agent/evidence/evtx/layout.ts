/** Sizes of the .evtx format that several readers need. */
export const CHUNK_BYTES = 64 * 1024;
export const RECORD_HEADER_BYTES = 24;

/** Where a record lies in its chunk, its header and the copy of its size included. */
export interface RecordPlace {
  readonly at: number;
  readonly size: number;
}
