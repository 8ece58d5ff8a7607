/**
 * The elements of a small XML text, one by one, without a tree.
 *
 * Forgiving, because the texts come from damaged machines: what is not well-formed is passed over, an unclosed element
 * ends with the text. Linear in the length of the text: every step moves forward.
 */

export interface XmlReader {
  /** An element opens; its path of local names ends with it. @param tag from its name on, for `attributeOf` */
  open(path: readonly string[], tag: string): void;
  /** An element closes in which there was no other. @param text with entities decoded */
  leaf(path: readonly string[], tag: string, text: string): void;
  /** Asked after each element: nothing more is wanted. */
  isDone(): boolean;
}

const DEPTH_MAX = 40;

/** @param xml one element; what comes after it is not read */
export function readXml(xml: string, reader: XmlReader): void {
  const path: string[] = [];
  let tag = "";
  let isLeaf = false;
  let text = "";
  let at = 0;
  const close = (): boolean => {
    if (isLeaf) reader.leaf(path, tag, text);
    isLeaf = false;
    path.pop();
    return path.length === 0 || reader.isDone();
  };
  while (at < xml.length) {
    const open = xml.indexOf("<", at);
    if (open < 0) return;
    if (isLeaf && open > at) text += decodeEntities(xml.slice(at, open));
    if (xml.startsWith("<![CDATA[", open)) {
      const end = endOf(xml, "]]>", open);
      if (isLeaf) text += xml.slice(open + 9, end);
      at = end + 3;
      continue;
    }
    if (xml.startsWith("<!--", open)) {
      at = endOf(xml, "-->", open) + 3;
      continue;
    }
    const end = endOfTag(xml, open);
    at = end + 1;
    const first = xml.charAt(open + 1);
    if (first === "/") {
      if (close()) return;
      continue;
    }
    if (first === "?" || first === "!") continue;
    tag = xml.slice(open + 1, end);
    const isEmpty = tag.endsWith("/");
    const name = localName(isEmpty ? tag.slice(0, -1) : tag);
    if (name === "") continue;
    path.push(name);
    if (path.length > DEPTH_MAX) return;
    reader.open(path, tag);
    text = "";
    isLeaf = true;
    if (isEmpty && close()) return;
  }
}

/** A name is looked for where one begins only: at every letter of it, a long tag would cost its length 256 times. */
const ATTRIBUTE = /(?<![^\s=/'"])([^\s=/'"]{1,256})\s*=\s*(?:'([^']*)'|"([^"]*)")/g;

/** @param tag as an XmlReader gets it */
export function attributeOf(tag: string, wanted: string): string | undefined {
  if (!tag.includes(wanted)) return undefined;
  for (const [, name, single, double] of tag.matchAll(ATTRIBUTE))
    if (name === wanted) return decodeEntities(single ?? double ?? "");
  return undefined;
}

function localName(tag: string): string {
  const end = tag.search(/\s/);
  const name = end < 0 ? tag : tag.slice(0, end);
  return name.slice(name.indexOf(":") + 1);
}

const endOf = (xml: string, mark: string, from: number): number => {
  const at = xml.indexOf(mark, from);
  return at < 0 ? xml.length : at;
};

/** The `>` that ends a tag: one in quotes does not. */
function endOfTag(xml: string, open: number): number {
  let at = open + 1;
  for (; at < xml.length; at++) {
    const char = xml.charCodeAt(at);
    if (char === 0x3e) return at;
    if (char === 0x22 || char === 0x27) at = endOf(xml, xml.charAt(at), at + 1);
  }
  return at;
}

const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, (entity, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name)] ?? String(entity);
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : String(entity);
  });
}
