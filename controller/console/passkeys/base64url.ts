/** Bytes as WebAuthn writes them in text. */
import { fromBase64, toBase64 } from "../../../protocol/dsse.ts";

export const toBase64Url = (bytes: ArrayBuffer): string =>
  toBase64(new Uint8Array(bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(fromBase64(text.replaceAll("-", "+").replaceAll("_", "/")));
