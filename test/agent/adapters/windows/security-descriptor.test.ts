import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ADMINISTRATORS,
  differingParts,
  onlyFor,
  readPermissions,
  SYSTEM,
} from "../../../../agent/adapters/windows/security-descriptor.ts";

const FILE_READ_AND_EXECUTE = 0x0012_00a9;
const EVERYONE = "010100000000000100000000";

test("says who owns it and whom it allows", () => {
  expect(readPermissions(onlyFor(ADMINISTRATORS, SYSTEM, SYSTEM, ADMINISTRATORS))).toEqual({
    owner: ADMINISTRATORS,
    allowed: [
      { account: SYSTEM, mayChange: true },
      { account: ADMINISTRATORS, mayChange: true },
    ],
  });
  const readable = onlyFor(EVERYONE, SYSTEM, EVERYONE);
  readable.writeUInt32LE(FILE_READ_AND_EXECUTE, readable.length - 16);
  expect(readPermissions(readable).allowed).toEqual([{ account: EVERYONE, mayChange: false }]);
});

test("is what SDDL calls O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", () => {
  expect(onlyFor(ADMINISTRATORS, SYSTEM, SYSTEM, ADMINISTRATORS).toString("hex")).toBe(
    "01000490" + // revision 1; self-relative, DACL present and protected
      "14000000" +
      "24000000" +
      "00000000" +
      "30000000" + // where owner, group, SACL and DACL are
      "01020000000000052000000020020000" +
      "010100000000000512000000" +
      "0200340002000000" +
      "00031400ff011f00" +
      "010100000000000512000000" +
      "00031800ff011f00" +
      "01020000000000052000000020020000",
  );
});

test("two are the same part by part, wherever the parts lie and whatever room a list has left", () => {
  const one = onlyFor(ADMINISTRATORS, SYSTEM, SYSTEM);
  const roomy = Buffer.concat([one, Buffer.alloc(8)]);
  roomy.writeUInt16LE(roomy.readUInt16LE(one.readUInt32LE(16) + 2) + 8, one.readUInt32LE(16) + 2);
  expect(differingParts(one, roomy)).toBe(0);
  expect(differingParts(one, onlyFor(EVERYONE, SYSTEM, SYSTEM))).toBe(1);
  expect(differingParts(one, onlyFor(ADMINISTRATORS, EVERYONE, SYSTEM))).toBe(2);
  expect(differingParts(one, onlyFor(ADMINISTRATORS, SYSTEM, SYSTEM, EVERYONE))).toBe(4);
  const inheriting = Buffer.from(one);
  inheriting.writeUInt16LE(0x8004, 2);
  expect(differingParts(one, inheriting)).toBe(4);
  expect(differingParts(one, one.subarray(0, one.length - 1))).toBe(4);
  expect(differingParts(one, Buffer.alloc(0))).toBe(7);
});

test("without a DACL everybody may do everything, which is not the same as nobody", () => {
  const none = onlyFor(ADMINISTRATORS, SYSTEM, SYSTEM);
  none.writeUInt32LE(0, 16);
  expect(readPermissions(none)).toEqual({ owner: ADMINISTRATORS, allowed: undefined });
  expect(readPermissions(onlyFor(ADMINISTRATORS, SYSTEM)).allowed).toEqual([]);
});

test("an entry of a kind that it does not know, or cut off, is judged as somebody else's", () => {
  const whole = onlyFor(ADMINISTRATORS, SYSTEM, SYSTEM, ADMINISTRATORS);
  const objectEntry = Buffer.from(whole);
  objectEntry.writeUInt8(5, 0x38);
  expect(readPermissions(objectEntry).allowed).toBeUndefined();
  for (let length = 0; length < whole.length; length++) {
    const { owner, allowed } = readPermissions(whole.subarray(0, length));
    expect(owner === undefined || allowed === undefined).toBe(true);
  }
});

test("no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      readPermissions(Buffer.from(bytes));
    }),
  );
});
