/**
 * The elements of a small XML text, one by one, without a tree.
 *
 * Forgiving, because the texts come from damaged machines: what is not well-formed is passed over, an unclosed element
 * ends with the text. Linear in the length of the text: every step moves forward.
 */

export interface XmlElement {
  /** `start` as an element opens; `leaf` as one closes that had no element in it. */
  readonly kind: "start" | "leaf";
  /** Local names from the root to this element. */
  readonly path: readonly string[];
  readonly attributes: ReadonlyMap<string, string>;
  /** Of a leaf: the text in it, with entities decoded. */
  readonly text: string;
}

const DEPTH_MAX = 40;
const TAG = /^<\s*([^\s/>'"=]{1,256})/;
const ATTRIBUTE = /([^\s=/'"]{1,256})\s*=\s*(?:'([^']*)'|"([^"]*)")/g;

export function* xmlEvents(xml: string): Generator<XmlElement> {
  const path: string[] = [];
  let attributes: ReadonlyMap<string, string> = new Map();
  let isLeaf = false;
  let text = "";
  let at = 0;
  while (at < xml.length) {
    const open = xml.indexOf("<", at);
    if (open < 0) return;
    if (isLeaf) text += decodeEntities(xml.slice(at, open));
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
    const close = endOfTag(xml, open);
    const tag = xml.slice(open, close);
    at = close + 1;
    if (tag.startsWith("</")) {
      if (isLeaf) yield { kind: "leaf", path: [...path], attributes, text };
      isLeaf = false;
      path.pop();
      if (path.length === 0) return;
      continue;
    }
    const name = TAG.exec(tag)?.[1];
    if (name === undefined || name.startsWith("?") || name.startsWith("!")) continue;
    path.push(name.slice(name.indexOf(":") + 1));
    if (path.length > DEPTH_MAX) return;
    attributes = attributesOf(tag.slice(name.length + 1));
    yield { kind: "start", path: [...path], attributes, text: "" };
    text = "";
    isLeaf = true;
    if (!tag.endsWith("/")) continue;
    yield { kind: "leaf", path: [...path], attributes, text: "" };
    isLeaf = false;
    path.pop();
    if (path.length === 0) return;
  }
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

function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", single, double] of tag.matchAll(ATTRIBUTE))
    found.set(name, decodeEntities(single ?? double ?? ""));
  return found;
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
