/** Names that people give: shown as text, so they may hold any letter but no control character. */
import { z } from "zod";

/** Also half a surrogate pair: it has no UTF-8 form, so it could not be hashed or stored. */
const CONTROL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
export const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !CONTROL.test(value), "no control or direction characters");

/** A name in lower case with hyphens, for what appears in URLs and files. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "expected lower-case letters, digits and hyphens");

export const DeviceName = text(63);
/** Where a device stands. */
export const Site = text(100).brand<"Site">();
export type Site = z.infer<typeof Site>;
/** What a device is for. Any slug; roles with rules of their own (domain-controller, clinical) are named by strategies. */
export const Role = Slug.brand<"Role">();
export type Role = z.infer<typeof Role>;
export const GroupName = Slug.brand<"GroupName">();
export type GroupName = z.infer<typeof GroupName>;
/** What machines of a pool are made from, and thrown away again: all of one image have one vote. */
export const Image = Slug.brand<"Image">();
export type Image = z.infer<typeof Image>;
