/** Folders as the doctor looks at them on Windows. */
import { mayChange, securityOf } from "../native/folder-security.ts";
import { ADMINISTRATORS, readPermissions, type Sid, SYSTEM } from "../security-descriptor.ts";
import type { DoctorOptions } from "./examine.ts";

export const folderAccess: DoctorOptions["access"] = {
  mayChange,
  othersIn(folder) {
    const descriptor = securityOf(folder);
    return typeof descriptor === "number" ? descriptor : othersIn(descriptor);
  },
};

/** Pure. */
function othersIn(descriptor: Buffer): readonly string[] | undefined {
  const { owner, allowed } = readPermissions(descriptor);
  if (owner === undefined || allowed === undefined) return undefined;
  const others = [owner, ...allowed.map(({ account }) => account)].filter(
    (account) => account !== SYSTEM && account !== ADMINISTRATORS,
  );
  return [...new Set(others)].map(sidText);
}

/** As S-1-5-32-545. */
function sidText(sid: Sid): string {
  const bytes = Buffer.from(sid, "hex");
  const parts = Array.from({ length: bytes.readUInt8(1) }, (_, i) => bytes.readUInt32LE(8 + 4 * i));
  return ["S", bytes.readUInt8(0), bytes.readUIntBE(2, 6), ...parts].join("-");
}
