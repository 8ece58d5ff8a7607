/** Values of the Windows registry that a step may set, as data. Only under HKEY_LOCAL_MACHINE: what a user has is his own. */
import { z } from "zod";
import { isSameName, isUnder } from "./windows-path.ts";

// biome-ignore lint: control characters are the point
const UNSEEN = /[\u0000-\u001f\u007f]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const isClean = (text: string): boolean => !UNSEEN.test(text);

/** As `HKLM\SOFTWARE\Policies\Acme`: absolute, no empty part, no slash at the end. */
export const RegistryKey = z
  .string()
  .max(255)
  .regex(/^HKLM(?:\\[^\\/]{1,200}){1,30}$/, "expected a key as HKLM\\SOFTWARE\\Acme")
  .refine(isClean, "has a character that is not seen as what it is")
  .refine((key) => !key.split("\\").some((part) => part === "." || part === ".."), "must not contain . or ..")
  .brand<"RegistryKey">();
export type RegistryKey = z.infer<typeof RegistryKey>;

/** A value's name; empty is the key's default value. */
export const RegistryValueName = z.string().max(200).refine(isClean, "has a character that is not seen as what it is");

const Line = z.string().max(2_000).refine(isClean, "has a character that is not seen as what it is");

export const RegistryValue = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("string"), text: Line }),
  z.strictObject({ kind: z.literal("expand-string"), text: Line }),
  z.strictObject({ kind: z.literal("dword"), number: z.int().min(0).max(0xffff_ffff) }),
  z.strictObject({ kind: z.literal("multi-string"), lines: z.array(Line.min(1)).max(50) }),
  z.strictObject({ kind: z.literal("binary"), hex: z.string().regex(/^(?:[0-9a-f]{2}){0,2000}$/) }),
]);
export type RegistryValue = z.infer<typeof RegistryValue>;

/** Does `key` lie at or under `root`? Case is ignored, as Windows does. */
export const isKeyUnder = (key: RegistryKey, root: RegistryKey): boolean => isSameName(key, root) || isUnder(key, root);
