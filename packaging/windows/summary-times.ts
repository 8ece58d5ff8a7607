/** Sets when a package says that it was made: msibuild writes the clock there, and has no option for it. */

/** Of [MS-OLEPS]: the property set with title, author and times, and the type of a time. */
const SUMMARY_FORMAT = Buffer.from("e0859ff2f94f6810ab9108002b27b3d9", "hex");
const FILETIME = 0x40;
const CREATED = 12;
const LAST_SAVED = 13;
const EPOCH_TICKS = 116_444_736_000_000_000n;

/** @returns a copy. @throws if there is no summary, or it has no times */
export function fixSummaryTimes(database: Buffer, at: Date): Buffer {
  const fixed = Buffer.from(database);
  const format = fixed.indexOf(SUMMARY_FORMAT);
  if (format < 0) throw new Error("the package has no summary");
  // The set begins 48 bytes in: 28 of header, 16 of format, 4 of the offset that is read here.
  const section = format - 28 + fixed.readUInt32LE(format + SUMMARY_FORMAT.length);
  let times = 0;
  for (let i = 0; i < fixed.readUInt32LE(section + 4); i++) {
    const property = fixed.readUInt32LE(section + 8 + i * 8);
    if (property !== CREATED && property !== LAST_SAVED) continue;
    const value = section + fixed.readUInt32LE(section + 12 + i * 8);
    if (fixed.readUInt32LE(value) !== FILETIME) throw new Error("the package's summary has a time that is none");
    fixed.writeBigUInt64LE(BigInt(at.getTime()) * 10_000n + EPOCH_TICKS, value + 4);
    times++;
  }
  if (times !== 2) throw new Error(`the package's summary names ${times} times, not two`);
  return fixed;
}
