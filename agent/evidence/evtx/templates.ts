/**
 * Walks the templates of a chunk before the library does: which values a template wants, how often, and what rendering
 * it costs. A template that is not exactly as the library will read it is refused.
 *
 * Bounded: every step goes forward, elements nest to a depth, and all templates of a chunk together have a size.
 *
 * Layout (libyal's "Windows XML Event Log" specification): u32 next, 16 bytes of id, u32 size; then a fragment.
 * An element: token, u16 dependency, u32 size, u32 name, the name itself if it was not used before, u32 size of the
 * attributes if there are any.
 */

/** A unit of cost is a character of output, roughly. */
const NODE_COST = 16;
const DEPTH_MAX = 20;
const UTF16 = new TextDecoder("utf-16le");
const NAME_CHARS_MAX = 256;
const HEADER_BYTES = 24;
/** Templates do not overlap, so that those of a real chunk fit into it. */
const ALL_BYTES_MAX = 96 * 1024;

const TOKEN = {
  end: 0x00,
  element: 0x01,
  elementWithAttributes: 0x41,
  closeStart: 0x02,
  closeEmpty: 0x03,
  close: 0x04,
  value: 0x05,
  attribute: 0x06,
  character: 0x08,
  entity: 0x09,
  fragment: 0x0f,
  substitution: 0x0d,
  optionalSubstitution: 0x0e,
} as const;
/** "More data follows", of no meaning here. */
const MORE = 0x40;

export interface Template {
  readonly cost: number;
  /** Bytes of its definition, header included. */
  readonly bytes: number;
  /** By the number of the value: how often it is used, and as which types. */
  readonly uses: ReadonlyMap<number, Uses>;
}

export interface Uses {
  times: number;
  readonly types: Set<number>;
}

export class Templates {
  readonly view: DataView;
  readonly #known = new Map<number, Template | undefined>();
  #bytesWalked = 0;

  constructor(view: DataView) {
    this.view = view;
  }

  at(offset: number): Template | undefined {
    if (this.#known.has(offset)) return this.#known.get(offset);
    const template = this.#walk(offset);
    this.#known.set(offset, template);
    return template;
  }

  #walk(offset: number): Template | undefined {
    if (offset < 512 || offset + HEADER_BYTES > this.view.byteLength) return undefined;
    const size = this.view.getUint32(offset + 20, true);
    this.#bytesWalked += HEADER_BYTES + Math.min(size, this.view.byteLength);
    const end = offset + HEADER_BYTES + size;
    if (end > this.view.byteLength || this.#bytesWalked > ALL_BYTES_MAX) return undefined;
    try {
      const walk = new Walk(this.view, end);
      walk.fragment(offset + HEADER_BYTES);
      return { cost: walk.nodes * NODE_COST, bytes: HEADER_BYTES + size, uses: walk.uses };
    } catch (error) {
      if (error instanceof NotReadable) return undefined;
      throw error;
    }
  }
}

/** Not a template that the library reads as we do. */
class NotReadable extends Error {
  override readonly name = "NotReadable";
}

class Walk {
  nodes = 0;
  readonly uses = new Map<number, Uses>();
  readonly #view: DataView;
  readonly #end: number;

  constructor(view: DataView, end: number) {
    this.#view = view;
    this.#end = end;
  }

  fragment(at: number): void {
    this.#expect(this.#u8(at) === TOKEN.fragment);
    const next = this.#element(at + 4, 0);
    this.#expect(this.#u8(next) === TOKEN.end);
  }

  /** Where it ends. */
  #element(at: number, depth: number): number {
    const token = this.#u8(at);
    this.#expect(token === TOKEN.element || token === TOKEN.elementWithAttributes);
    this.#expect(depth < DEPTH_MAX);
    this.nodes++;
    const size = this.#u32(at + 3);
    let next = this.#name(at, at + 7) + (token === TOKEN.elementWithAttributes ? 4 : 0);
    // Where the library stops looking for the element's end: what stands there must be within.
    const end = Math.min(this.#end, next + size);
    while (next < end && (this.#u8(next) & ~MORE) === TOKEN.attribute) next = this.#attribute(next);
    this.#expect(next < end);
    if (this.#u8(next) === TOKEN.closeEmpty) return next + 1;
    this.#expect(this.#u8(next) === TOKEN.closeStart);
    next++;
    while (this.#expectWithin(next, end) !== TOKEN.close) next = this.#content(next, depth);
    return next + 1;
  }

  #attribute(at: number): number {
    this.nodes++;
    const next = this.#name(at, at + 1);
    const token = this.#u8(next) & ~MORE;
    return token === TOKEN.value ? this.#value(next) : this.#substitution(next);
  }

  #content(at: number, depth: number): number {
    this.nodes++;
    switch (this.#u8(at) & ~MORE) {
      case TOKEN.element:
        return this.#element(at, depth + 1);
      case TOKEN.value:
        return this.#value(at);
      case TOKEN.character:
        return at + 3;
      case TOKEN.entity: {
        const next = this.#name(at, at + 1);
        this.#expect(next === at + 5); // the library steps over no name here
        return next;
      }
      default:
        return this.#substitution(at);
    }
  }

  /** A text in the template: type 1, its length in characters, UTF-16LE. */
  #value(at: number): number {
    this.#expect(this.#u8(at + 1) === 1);
    const chars = this.#u16(at + 2);
    this.nodes += Math.ceil(chars / NODE_COST);
    return at + 4 + 2 * chars;
  }

  #substitution(at: number): number {
    const token = this.#u8(at) & ~MORE;
    this.#expect(token === TOKEN.substitution || token === TOKEN.optionalSubstitution);
    const index = this.#u16(at + 1);
    const uses = this.uses.get(index) ?? { times: 0, types: new Set() };
    uses.times++;
    uses.types.add(this.#u8(at + 3));
    this.uses.set(index, uses);
    return at + 4;
  }

  /**
   * The offset of a name stands at `at`; the name itself follows if this is the first place that uses it.
   * @param node where the token is to which the name belongs
   */
  #name(node: number, at: number): number {
    const offset = this.#u32(at);
    const name = readName(this.#view, offset);
    if (name === undefined) throw new NotReadable("a name that is none");
    if (offset <= node) return at + 4;
    this.#expect(offset === at + 4);
    return at + 4 + name.bytes;
  }

  #expectWithin(at: number, end: number): number {
    this.#expect(at < end);
    return this.#u8(at);
  }

  #expect(condition: boolean): void {
    if (!condition) throw new NotReadable("not as expected");
  }

  #u8(at: number): number {
    this.#expect(at + 1 <= this.#end);
    return this.#view.getUint8(at);
  }

  #u16(at: number): number {
    this.#expect(at + 2 <= this.#end);
    return this.#view.getUint16(at, true);
  }

  #u32(at: number): number {
    this.#expect(at + 4 <= this.#end);
    return this.#view.getUint32(at, true);
  }
}

/** A name: u32 next, u16 hash, u16 length in characters, UTF-16LE, a zero. */
export function readName(view: DataView, at: number): { readonly text: string; readonly bytes: number } | undefined {
  if (at < 512 || at + 8 > view.byteLength) return undefined;
  const chars = view.getUint16(at + 6, true);
  const bytes = 10 + 2 * chars;
  if (chars === 0 || chars > NAME_CHARS_MAX || at + bytes > view.byteLength) return undefined;
  const text = UTF16.decode(new Uint8Array(view.buffer, view.byteOffset + at + 8, 2 * chars));
  return /^[^\s<>&"'=/]+$/.test(text) ? { text, bytes } : undefined;
}
