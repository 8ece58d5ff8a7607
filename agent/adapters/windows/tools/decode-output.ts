/**
 * The bytes a Windows program wrote, as text. They do not say what they are: a byte order mark is believed, then zero bytes
 * in every other place (UTF-16), then what is valid UTF-8; all else is in the code page of consoles.
 */

/** @param decodeOem decodes in the machine's OEM code page */
export function decodeOutput(bytes: Uint8Array, decodeOem: (bytes: Uint8Array) => string): string {
  return decode(bytes, decodeOem)
    .replace(/\r+\n/g, "\n") // some programs write \r\r\n
    .replaceAll("\0", "");
}

function decode(bytes: Uint8Array, decodeOem: (bytes: Uint8Array) => string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return new TextDecoder().decode(bytes);
  if (looksLikeUtf16(bytes)) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return decodeOem(bytes);
  }
}

/** Line ends and spaces have a zero byte in UTF-16, whatever the language; other text has none. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  let odd = 0;
  for (const [at, byte] of bytes.entries()) {
    if (byte !== 0) continue;
    if (at % 2 === 0) return false;
    odd++;
  }
  return odd > 0;
}
