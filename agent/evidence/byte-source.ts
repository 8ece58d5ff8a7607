/** Bytes that a reader asks for piece by piece: a file, or a buffer in a test. A file of gigabytes is never held whole. */
export interface ByteSource {
  readonly size: number;
  /** At most `length` bytes from `offset` on; fewer, or none, at the end. */
  read(offset: number, length: number): Uint8Array;
}
