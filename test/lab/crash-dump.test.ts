import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { crashDump } from "./crash-dump.ts";

const SAMPLES = fileURLToPath(new URL("../../../shared/data/dump", import.meta.url));
const REAL = ["083125-14875-01.dmp", "rizin-triage_x64.dmp"];

/** An independent reading of the header, at the offsets of Microsoft's DUMP_HEADER64. */
function headerOf(dump: Buffer) {
  return {
    signature: dump.toString("latin1", 0, 8),
    machine: dump.readUInt32LE(0x30),
    code: dump.readUInt32LE(0x38),
    parameters: [0, 1, 2, 3].map((i) => dump.readBigUInt64LE(0x40 + 8 * i)),
    type: dump.readUInt32LE(0xf98),
    requiredBytes: Number(dump.readBigUInt64LE(0xfa0)),
    systemTime: Number(dump.readBigUInt64LE(0xfa8) / 10_000n - 11_644_473_600_000n),
    upSeconds: Number(dump.readBigUInt64LE(0x1030)) / 1e7,
    productType: dump.readUInt32LE(0x1040),
  };
}

test("a dump carries its stop where a debugger looks for it", () => {
  const at = Date.parse("2026-07-19T04:12:33.123Z");
  const dump = crashDump({ code: 0x50, parameters: [0xffff_9c8e_0000_0123n, 0n, 5n, 2n] }, at, 61_500);
  expect(headerOf(dump)).toEqual({
    signature: "PAGEDU64",
    machine: 0x8664,
    code: 0x50,
    parameters: [0xffff_9c8e_0000_0123n, 0n, 5n, 2n],
    type: 4,
    requiredBytes: dump.length,
    systemTime: at,
    upSeconds: 61.5,
    productType: 1,
  });
});

test.skipIf(!existsSync(SAMPLES)).each(REAL)("the offsets are those of a real dump: %s (../shared/data)", (name) => {
  const expected = JSON.parse(readFileSync(`${SAMPLES}/${name}.expected.json`, "utf8")) as Record<string, unknown>;
  const header = headerOf(readFileSync(`${SAMPLES}/${name}`));
  const hex = (value: number | bigint, digits: number) => `0x${value.toString(16).padStart(digits, "0")}`;
  expect({
    signature: header.signature,
    machine_type: hex(header.machine, 4),
    bugcheck_code: hex(header.code, 8),
    bugcheck_params: header.parameters.map((parameter) => hex(parameter, 16)),
    dump_type: header.type,
    required_dump_space: header.requiredBytes,
    product_type: header.productType,
  }).toEqual({
    signature: expected["signature"],
    machine_type: expected["machine_type"],
    bugcheck_code: expected["bugcheck_code"],
    bugcheck_params: expected["bugcheck_params"],
    dump_type: expected["dump_type"],
    required_dump_space: expected["required_dump_space"],
    product_type: expected["product_type"],
  });
  expect(header.systemTime).toBe(Math.floor(Date.parse(String(expected["system_time"]))));
  expect(header.upSeconds).toBeCloseTo(Number(expected["system_up_time_seconds"]), 3);
});
