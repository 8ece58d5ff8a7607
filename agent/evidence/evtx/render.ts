/**
 * The XML of the records of one chunk, through the library's `renderXml()`.
 *
 * The library trusts what it reads: the chains of names and templates in a chunk's header, the lengths in a template, a
 * fragment in a fragment. So it never sees a chunk as it lies in the file. It gets a copy without those chains, only
 * templates that were walked before (templates.ts), and each record rewritten into one plain shape (lower.ts), on
 * scratch space behind the chunk. What its work can come to is known before it is asked for, and bounded.
 */
import { evtx, type Reader } from "./library.ts";
import { CHUNK_BYTES, type RecordPlace } from "./layout.ts";
import { LOWERED_BYTES_MAX, lowerRecord } from "./lower.ts";
import { readName, Templates } from "./templates.ts";

const TABLES_BEGIN = 0x80;
const TABLES_END = 0x200;
/** For all records of a chunk, in the units of templates.ts; the fullest of the real chunks seen needs two thirds. */
const COST_MAX = 450_000;

/** Of the space that a renderer works in. */
export const WORKSPACE_BYTES = CHUNK_BYTES + LOWERED_BYTES_MAX;

export interface Rendered {
  /** Undefined if the record cannot be read. */
  readonly xml: string | undefined;
  /** False if a part of its data could not be read. */
  readonly isWhole: boolean;
}

export class ChunkRenderer {
  readonly #bytes: Uint8Array;
  readonly #chunk: GuardedChunk;
  readonly #reader: Reader;
  readonly #templates: Templates;
  #cost = 0;

  /** @param workspace of WORKSPACE_BYTES, for one renderer at a time */
  constructor(chunk: Uint8Array, workspace: Uint8Array) {
    this.#bytes = workspace;
    this.#bytes.set(chunk);
    this.#bytes.fill(0, TABLES_BEGIN, TABLES_END);
    this.#reader = new evtx.BinaryReader(this.#bytes);
    const view = new DataView(workspace.buffer, workspace.byteOffset, CHUNK_BYTES);
    this.#chunk = new GuardedChunk(this.#reader, view);
    this.#templates = new Templates(view);
  }

  render(place: RecordPlace, withData: boolean): Rendered {
    const lowered = lowerRecord(this.#templates, place, withData);
    const none = { xml: undefined, isWhole: false };
    if (lowered === undefined || this.#cost + lowered.cost > COST_MAX) return none;
    this.#cost += lowered.cost;
    const scratch = CHUNK_BYTES;
    this.#bytes.set(lowered.bytes, scratch);
    try {
      return { xml: new evtx.Record(this.#reader, scratch, this.#chunk).renderXml(), isWhole: lowered.isWhole };
    } catch {
      return none; // what the walk before lets through and the library does not read
    }
  }
}

/** Names are read where they stand, not by way of the header's chains. */
class GuardedChunk extends evtx.ChunkHeader {
  readonly #view: DataView;
  readonly #names = new Map<number, string | null>();

  constructor(reader: Reader, view: DataView) {
    super(reader, 0);
    this.#view = view;
  }

  override getString(at: number): string | null {
    const known = this.#names.get(at);
    if (known !== undefined) return known;
    const name = readName(this.#view, at)?.text ?? null;
    this.#names.set(at, name);
    return name;
  }
}
