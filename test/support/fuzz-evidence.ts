/**
 * Damaged and hostile dumps and trails, from one seed: bytes flipped, fields overwritten with what breaks sums and loops,
 * files cut, doubled, and said to be larger than any disk. Whatever comes, the readers answer with something sayable.
 *
 * Started as a program (`node fuzz-evidence.ts <seed> <count>`) it prints how many were read and its memory's peak.
 */
import { argv } from "node:process";
import { crashDumpReport, readCrashDump } from "../../agent/evidence/crash-dump.ts";
import { evidenceDocument } from "../../agent/evidence/evidence-document.ts";
import { readStartupRepair, startupRepairReport } from "../../agent/evidence/startup-repair.ts";
import { tellEvidence } from "../../agent/evidence/tell-evidence.ts";
import { Dice } from "../lab/random.ts";
import { aTrail, asUtf16, GERMAN, JAPANESE } from "./a-trail.ts";
import { aTriageDump, FILTER, KERNEL, VENDOR } from "./a-triage-dump.ts";

/** A dump's readers look at a few megabytes at most; so much in all is asked of no file. */
const READ_BYTES_MAX = 64 * 2 ** 20;
const LARGER_THAN_ANY_DISK = 2 ** 45;
const BAD_WORDS = [0, 1, 7, 0x7f, 0x80, 0xff, 0x1000, 0x1fff, 0x2000, 0x2030, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const BAD_TEXTS = ["-".repeat(27), "\r\n", "\n-----\n", ": ", " = ", " =  0x1", "\0", "\u202e", "：", "= ".repeat(500)];

const TRAIL = {
  attempts: 3,
  lastBoot: "19.07.2026",
  sessions: [{ causes: ["One.", "Two."], actions: [["a", 5] as const] }],
};
const STACK = [KERNEL.base + 9n, FILTER.base + 9n, VENDOR.base + 9n];
const SEEDS: readonly Buffer[] = [
  aTriageDump({ stack: STACK, unloaded: [{ name: "gone.sys", base: 0xffff_f804_5000_0000n }] }),
  aTriageDump({ stop: { code: 0x139, parameters: [3n, 0xffff_8504_0000_1000n, 0n, 0n] }, stack: STACK, broken: 1 }),
  aTriageDump({ entryBytes: 168, stop: { code: 0xef, parameters: [0n, 0n, 0n, 0n] }, stack: STACK }),
  asUtf16(aTrail(GERMAN, TRAIL)),
  Buffer.from(aTrail(JAPANESE, TRAIL, "\n")),
];

interface Fuzzed {
  readonly read: number;
  readonly refused: number;
}

/** @throws what a reader threw, with the number of the mutation in its message */
export function fuzzEvidence(seed: number, count: number): Fuzzed {
  const dice = new Dice(seed, "evidence");
  let read = 0;
  for (let i = 0; i < count; i++) {
    const bytes = mutated(dice);
    const size = dice.between(0, 9) === 0 ? LARGER_THAN_ANY_DISK : bytes.length;
    try {
      if (survives(bytes, size)) read++;
    } catch (cause) {
      throw new Error(`mutation ${i} of seed ${seed}`, { cause });
    }
  }
  return { read, refused: count - read };
}

function mutated(dice: Dice): Buffer {
  const base = SEEDS[dice.between(0, SEEDS.length - 1)] ?? Buffer.alloc(0);
  let bytes = Buffer.from(base);
  const isDump = base.length > 0x2000;
  for (let changes = dice.between(1, 6); changes > 0 && bytes.length > 8; changes--) {
    const at = dice.between(0, bytes.length - 5);
    // Half of the changes to a dump go where its counts and offsets stand.
    const field = 0x2000 + 4 * dice.between(0, 0x1f);
    const where = isDump && dice.between(0, 1) === 0 && field + 4 <= bytes.length ? field : at;
    const word = BAD_WORDS[dice.between(0, BAD_WORDS.length - 1)] ?? 0;
    switch (dice.between(0, 6)) {
      case 0:
        bytes[at] = dice.between(0, 255);
        break;
      case 1:
        bytes.writeUInt32LE(word, where);
        break;
      case 2:
        bytes.writeUInt32LE((word + bytes.length) >>> 0, where);
        break;
      case 3:
        bytes = bytes.subarray(0, dice.between(0, bytes.length));
        break;
      case 4:
        bytes = Buffer.concat([bytes, bytes.subarray(at)]);
        break;
      case 5: {
        const text = Buffer.from(BAD_TEXTS[dice.between(0, BAD_TEXTS.length - 1)] ?? "", isDump ? "utf16le" : "utf8");
        bytes = Buffer.concat([bytes.subarray(0, at), text, bytes.subarray(at + text.length)]);
        break;
      }
      default:
        dice.bytes(Math.min(16, bytes.length - at)).copy(bytes, at);
    }
  }
  return bytes;
}

/** @returns whether it was read as a dump or a trail */
function survives(bytes: Buffer, size: number): boolean {
  let asked = 0;
  const source = {
    size,
    read: (offset: number, length: number): Uint8Array => {
      asked += length;
      if (asked > READ_BYTES_MAX) throw new Error(`${asked} bytes were asked for`);
      return bytes.subarray(offset, offset + length);
    },
  };
  const dump = readCrashDump(source);
  if (dump.kind !== "not-one") {
    sayable(tellEvidence("a.dmp", dump), evidenceDocument("a.dmp", dump));
    crashDumpReport("a.dmp", dump);
    return true;
  }
  const trail = readStartupRepair(source);
  if (trail.kind === "not-one") return false;
  sayable(tellEvidence("SrtTrail.txt", trail), evidenceDocument("SrtTrail.txt", trail));
  startupRepairReport(trail);
  return true;
}

function sayable(text: string, document: unknown): void {
  if (/[^\P{Cc}\n]|\p{Cf}/u.test(text)) throw new Error(`characters that steer a terminal: ${JSON.stringify(text)}`);
  JSON.parse(JSON.stringify(document));
}

if (import.meta.main) {
  const { read } = fuzzEvidence(Number(argv[2]), Number(argv[3]));
  process.stdout.write(`${JSON.stringify({ read, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
}
