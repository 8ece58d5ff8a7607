/** Canonical bytes (RFC 8785) and their SHA-256: what is signed, hashed and compared is always these. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import { z } from "zod";

/** Lower-case hex of a SHA-256. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "expected 64 lower-case hex digits")
  .brand<"Sha256">();
export type Sha256 = z.infer<typeof Sha256>;

/** @throws TypeError for a value that JSON cannot hold. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("this value has no JSON form");
  return text;
}

export const canonicalBytes = (value: unknown): Uint8Array => utf8ToBytes(canonicalJson(value));
export const sha256Hex = (bytes: Uint8Array): Sha256 => bytesToHex(sha256(bytes)) as Sha256;
/** The digest by which plans, statements and step lists are referred to. */
export const digestOf = (value: unknown): Sha256 => sha256Hex(canonicalBytes(value));
