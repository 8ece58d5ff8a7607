/**
 * Who owns a thing and who may do what with it, as bytes: the self-relative form (SECURITY_DESCRIPTOR, ACL, ACE and SID in
 * winnt.h). Pure. What cannot be read to the end counts as "somebody else may".
 */

/** A security identifier as its bytes, in hex. */
export type Sid = string;

const NT_AUTHORITY = 5;
function sidOf(...subAuthorities: readonly number[]): Sid {
  const bytes = Buffer.alloc(8 + 4 * subAuthorities.length);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(subAuthorities.length, 1);
  bytes.writeUInt8(NT_AUTHORITY, 7);
  for (const [i, sub] of subAuthorities.entries()) bytes.writeUInt32LE(sub, 8 + 4 * i);
  return bytes.toString("hex");
}
/** S-1-5-18 */
export const SYSTEM = sidOf(18);
/** S-1-5-32-544 */
export const ADMINISTRATORS = sidOf(32, 544);

const HEADER_BYTES = 20;
const SELF_RELATIVE_DACL_PRESENT = 0x8004;
const DACL_PROTECTED = 0x1000;
const ACCESS_ALLOWED = 0;
const ACCESS_DENIED = 1;
/** OBJECT_INHERIT and CONTAINER_INHERIT. */
const FOR_ALL_BELOW = 0x3;
const FILE_ALL_ACCESS = 0x001f_01ff;

/** Everything for these accounts, in this folder and below, nothing for others, and nothing inherited. The first two are owner and group. */
export function onlyFor(owner: Sid, group: Sid, ...accounts: readonly Sid[]): Buffer {
  const entries = Buffer.concat(accounts.map(allowAll));
  const list = Buffer.alloc(8);
  list.writeUInt8(2, 0);
  list.writeUInt16LE(list.length + entries.length, 2);
  list.writeUInt16LE(accounts.length, 4);
  const [ownerBytes, groupBytes] = [Buffer.from(owner, "hex"), Buffer.from(group, "hex")];
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(1, 0);
  header.writeUInt16LE(SELF_RELATIVE_DACL_PRESENT | DACL_PROTECTED, 2);
  header.writeUInt32LE(HEADER_BYTES, 4);
  header.writeUInt32LE(HEADER_BYTES + ownerBytes.length, 8);
  header.writeUInt32LE(HEADER_BYTES + ownerBytes.length + groupBytes.length, 16);
  return Buffer.concat([header, ownerBytes, groupBytes, list, entries]);
}

function allowAll(account: Sid): Buffer {
  const sid = Buffer.from(account, "hex");
  const entry = Buffer.alloc(8);
  entry.writeUInt8(ACCESS_ALLOWED, 0);
  entry.writeUInt8(FOR_ALL_BELOW, 1);
  entry.writeUInt16LE(entry.length + sid.length, 2);
  entry.writeUInt32LE(FILE_ALL_ACCESS, 4);
  return Buffer.concat([entry, sid]);
}

/** To add, change or take away what lies there, or to change who may: FILE_WRITE_DATA ... WRITE_OWNER, GENERIC_WRITE and _ALL. */
const CHANGES = 0x2 | 0x4 | 0x10 | 0x40 | 0x100 | 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x5000_0000;

interface Allowed {
  readonly account: Sid;
  readonly mayChange: boolean;
}
export interface Permissions {
  readonly owner: Sid | undefined;
  /** Whom the DACL allows anything at all. Undefined: everybody, or it cannot be told. */
  readonly allowed: readonly Allowed[] | undefined;
}

export function readPermissions(descriptor: Buffer): Permissions {
  try {
    const ownerAt = descriptor.readUInt32LE(4);
    const listAt = descriptor.readUInt32LE(16);
    return {
      owner: ownerAt === 0 ? undefined : sidAt(descriptor, ownerAt),
      allowed: listAt === 0 ? undefined : allowedBy(descriptor, listAt),
    };
  } catch {
    return { owner: undefined, allowed: undefined };
  }
}

/** Entries of other kinds (for objects, with conditions) are none that this agent makes: it does not judge them. */
function allowedBy(descriptor: Buffer, listAt: number): readonly Allowed[] | undefined {
  const allowed: Allowed[] = [];
  let at = listAt + 8;
  for (let left = descriptor.readUInt16LE(listAt + 4); left > 0; left--) {
    const kind = descriptor.readUInt8(at);
    if (kind !== ACCESS_ALLOWED && kind !== ACCESS_DENIED) return undefined;
    if (kind === ACCESS_ALLOWED)
      allowed.push({
        account: sidAt(descriptor, at + 8),
        mayChange: (descriptor.readUInt32LE(at + 4) & CHANGES) !== 0,
      });
    at += descriptor.readUInt16LE(at + 2);
  }
  return allowed;
}

/** OWNER, GROUP and DACL_SECURITY_INFORMATION. */
const PARTS = [
  { information: 0x1, at: 4, bytesOf: (descriptor: Buffer, at: number) => Buffer.from(sidAt(descriptor, at), "hex") },
  { information: 0x2, at: 8, bytesOf: (descriptor: Buffer, at: number) => Buffer.from(sidAt(descriptor, at), "hex") },
  { information: 0x4, at: 16, bytesOf: listAt },
] as const;

/**
 * Which of owner, group and DACL are not the same in both. Where they are, they need not be set: Windows demands a privilege
 * of whoever names another owner than himself, even if it is the owner already.
 */
export const differingParts = (a: Buffer, b: Buffer): number =>
  PARTS.reduce((parts, { information, at, bytesOf }) => {
    const [left, right] = [a, b].map((descriptor) => partAt(descriptor, at, bytesOf));
    return left !== undefined && right !== undefined && left.equals(right) ? parts : parts | information;
  }, 0);

/** Undefined: it has none, or it is cut off. */
function partAt(
  descriptor: Buffer,
  at: number,
  bytesOf: (descriptor: Buffer, at: number) => Buffer,
): Buffer | undefined {
  try {
    const partsAt = descriptor.readUInt32LE(at);
    return partsAt === 0 ? undefined : bytesOf(descriptor, partsAt);
  } catch {
    return undefined;
  }
}

/** The entries, and whether others may be inherited: a list may have room left at its end. */
function listAt(descriptor: Buffer, at: number): Buffer {
  let end = at + 8;
  for (let left = descriptor.readUInt16LE(at + 4); left > 0; left--) end += descriptor.readUInt16LE(end + 2);
  if (end > descriptor.length) throw new RangeError("entries beyond the end");
  const isProtected = (descriptor.readUInt16LE(2) & DACL_PROTECTED) !== 0;
  return Buffer.concat([Buffer.from([isProtected ? 1 : 0]), descriptor.subarray(at + 8, end)]);
}

/** @throws RangeError past the end */
function sidAt(descriptor: Buffer, at: number): Sid {
  const end = at + 8 + 4 * descriptor.readUInt8(at + 1);
  if (end > descriptor.length) throw new RangeError("a SID beyond the end");
  return descriptor.toString("hex", at, end);
}
