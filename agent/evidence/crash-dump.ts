/**
 * A crash dump of a Windows kernel (C:\Windows\Minidump\*.dmp, C:\Windows\MEMORY.DMP): why the machine stopped, when, and
 * which driver the evidence points at.
 *
 * Pure. Whatever is damaged costs only what it damages: the rest is said, and `notes` say what could not be read.
 */
import { type Bugcheck, CrashDump } from "../../protocol/boot.ts";
import type { Instant } from "../../protocol/time.ts";
import { sayable, sayableMs } from "../core/sayable.ts";
import type { ByteSource } from "./byte-source.ts";
import { fileNameOf, type Suspect, suspectOf } from "./crash-dump-suspect.ts";
import { readTriage } from "./crash-dump-drivers.ts";
import { readHeader } from "./crash-dump-header.ts";
import { type NotOne, notOne } from "./not-one.ts";
import { pieceOf } from "./structure.ts";

export interface CrashDumpFile {
  readonly kind: "crash-dump";
  readonly bugcheck: Bugcheck;
  readonly crashedAt: Instant | null;
  readonly uptimeSeconds: number | null;
  /** The build of Windows, 19041 for instance. */
  readonly build: number;
  /** The processor's type as in an executable's header, in lower-case hex: "8664", "aa64". */
  readonly machine: string;
  /** In the order in which they were loaded. `path` is null where the dump says a bare name. */
  readonly drivers: readonly { readonly name: string; readonly path: string | null }[];
  readonly suspect: Suspect | null;
  /** What could not be read, or points at no driver. */
  readonly notes: readonly string[];
}

const TRIAGE_DUMP = 4;
const KINDS: ReadonlyMap<number, string> = new Map([
  [1, "a complete memory dump"],
  [2, "a kernel memory dump"],
  [3, "a header alone"],
  [5, "a complete memory dump"],
  [6, "a kernel memory dump"],
  [7, "an automatic memory dump"],
]);

export function readCrashDump(source: ByteSource): CrashDumpFile | NotOne {
  const start = pieceOf(source, 0, 8);
  const signature = start === undefined ? "" : new TextDecoder("latin1").decode(start);
  if (signature.startsWith("MDMP"))
    return notOne("is the dump of a program (a user-mode minidump), not of the Windows kernel");
  if (signature === "PAGEDUMP") return notOne("is a dump of a 32-bit kernel; only those of 64-bit Windows are read");
  if (signature !== "PAGEDU64") return notOne("is no crash dump of a Windows kernel");
  const notes: string[] = [];
  const header = readHeader(source, notes);
  if (header === undefined)
    return notOne(`is a crash dump cut off after ${source.size} bytes, before it says anything`);

  if (header.type !== null && header.type !== TRIAGE_DUMP)
    notes.push(`drivers are listed in small dumps only; this is ${KINDS.get(header.type) ?? "a dump of another kind"}`);
  const triage =
    header.type === TRIAGE_DUMP ? readTriage(source, notes) : { drivers: [], unloaded: [], broken: null, stack: null };
  return {
    kind: "crash-dump",
    bugcheck: {
      code: header.code.toString(16),
      parameters: header.parameters.map((parameter) => parameter.toString(16)),
    },
    crashedAt: header.crashedAt,
    uptimeSeconds: header.uptimeSeconds,
    build: header.build,
    machine: header.machine.toString(16),
    drivers: triage.drivers.map(({ name }) => ({ name: fileNameOf(name), path: /[\\/]/.test(name) ? name : null })),
    suspect: suspectOf(header, triage, notes),
    notes,
  };
}

/** As a boot report carries it. @param file the dump's name */
export function crashDumpReport(
  file: string,
  { bugcheck, crashedAt, uptimeSeconds, build, suspect }: CrashDumpFile,
): CrashDump {
  return CrashDump.parse({
    file: sayable(file, 260),
    bugcheck,
    crashedAt,
    uptimeMs: uptimeSeconds === null ? null : sayableMs(uptimeSeconds * 1_000),
    build,
    suspect: suspect === null ? null : { driver: sayable(suspect.driver, 260), because: sayable(suspect.because, 500) },
  } satisfies CrashDump);
}
