/**
 * Which driver the evidence of a crash dump points at, and which evidence that is.
 *
 * Strongest first: the code that the bugcheck itself names, what the processor was at, the exception, the driver that
 * Windows took for the broken one, and at last the nearest return address on the stack. The kernel is never named: it is
 * where bugchecks are raised, not where they come from. Where nothing points at a driver, nothing is named; a guess would
 * send people after the wrong vendor.
 */
import type { DumpHeader } from "./crash-dump-header.ts";
import type { LoadedDriver, Triage } from "./crash-dump-drivers.ts";
import { u64 } from "./structure.ts";

export interface Suspect {
  /** The name of its file. */
  readonly driver: string;
  readonly because: string;
}

/**
 * Bugchecks of which a parameter is the address of the code that did it (counted from 1), as Microsoft's bug check
 * reference describes them.
 */
const CODE_IN_PARAMETER: ReadonlyMap<number, 1 | 2 | 3 | 4> = new Map([
  [0x0a, 4],
  [0x1e, 2],
  [0x3b, 2],
  [0x50, 3],
  [0x7e, 2],
  [0x8e, 2],
  [0xc5, 4],
  [0xcc, 3],
  [0xcd, 3],
  [0xce, 3],
  [0xd0, 4],
  [0xd1, 4],
  [0xd3, 4],
  [0xd4, 4],
  [0xd5, 3],
  [0xd6, 3],
  [0xfc, 1],
  [0x116, 2],
  [0x117, 2],
]);
/** KERNEL_SECURITY_CHECK_FAILURE: parameter 2 is the address of a KTRAP_FRAME, which stands on the stack. */
const SECURITY_CHECK = 0x139;
/** Where a KTRAP_FRAME of AMD64 keeps the instruction pointer. */
const TRAP_INSTRUCTION = 0x168;

/** Where bugchecks are raised. */
const KERNEL = new Set(["ntoskrnl.exe", "ntkrnlmp.exe", "ntkrnlpa.exe", "ntkrpamp.exe", "hal.dll", "halmacpi.dll"]);
/** Windows' own, that every other driver's calls go through: on a stack they say nothing. */
const THOROUGHFARES = new Set(
  (
    "kdcom.dll ci.dll clfs.sys tm.sys pshed.dll bootvid.dll ksecdd.sys cng.sys msrpc.sys werkernel.sys ntosext.sys " +
    "verifier.dll verifierext.sys wdf01000.sys wdfldr.sys wpprecorder.sys fltmgr.sys ndis.sys netio.sys tcpip.sys " +
    "fwpkclnt.sys afd.sys http.sys storport.sys ataport.sys classpnp.sys disk.sys partmgr.sys volmgr.sys volsnap.sys " +
    "mountmgr.sys ntfs.sys fastfat.sys fileinfo.sys wof.sys pci.sys acpi.sys intelppm.sys usbport.sys usbhub.sys " +
    "usbxhci.sys ucx01000.sys usbhub3.sys hidclass.sys hidparse.sys kbdclass.sys mouclass.sys watchdog.sys dxgkrnl.sys " +
    "dxgmms1.sys dxgmms2.sys win32k.sys win32kbase.sys win32kfull.sys cdd.dll ks.sys portcls.sys"
  ).split(" "),
);

const hex = (address: bigint): string => address.toString(16);
/** The last part of a path in the kernel's notation, or of a file name. */
export const fileNameOf = (name: string): string => name.split(/[\\/]/).findLast((part) => part !== "") ?? name;

/** @param notes receives what the evidence says without pointing at a driver */
export function suspectOf(header: DumpHeader, triage: Triage, notes: string[]): Suspect | null {
  if (triage.drivers.length === 0) return null;
  const whose = ownerOf(triage.drivers);
  const named = (address: bigint, what: string): Suspect | null => {
    const driver = whose(address);
    if (driver !== undefined && !isKernel(driver)) return suspect(driver, `${what} ${hex(address)}, in {}`, address);
    const gone = driver === undefined ? triage.unloaded.find((one) => isIn(one, address)) : undefined;
    if (gone === undefined) return null;
    return suspect(gone, `${what} ${hex(address)}, where {} had been before it was unloaded`, address);
  };

  const blamed = codeInParameters(header, triage);
  if (blamed !== null) {
    const found = named(blamed.address, blamed.what);
    if (found !== null) return found;
    const driver = whose(blamed.address);
    notes.push(
      driver === undefined
        ? `${blamed.what} ${hex(blamed.address)}, where no driver is loaded`
        : `${blamed.what} ${hex(blamed.address)}, in ${fileNameOf(driver.name)}: Windows' kernel, on whose behalf is not said`,
    );
  }
  return (
    (header.context === null ? null : named(header.context.instruction, "the processor stopped at")) ??
    (header.exceptionAddress === null ? null : named(header.exceptionAddress, "the exception was raised at")) ??
    (triage.broken === null || KERNEL.has(lower(triage.broken))
      ? null
      : { driver: fileNameOf(triage.broken), because: "Windows itself named it as the broken driver" }) ??
    nearestOnStack(header, triage, whose)
  );
}

function codeInParameters(header: DumpHeader, triage: Triage): { what: string; address: bigint } | null {
  const code = header.code.toString(16);
  const index = CODE_IN_PARAMETER.get(header.code);
  const address = header.parameters[(index ?? 1) - 1] ?? 0n;
  if (index !== undefined)
    return address === 0n ? null : { what: `bugcheck ${code} names in parameter ${index} the code at`, address };
  if (header.code !== SECURITY_CHECK || triage.stack === null) return null;
  const offset = header.parameters[1] - triage.stack.address + BigInt(TRAP_INSTRUCTION);
  if (offset < 0n || offset + 8n > BigInt(triage.stack.bytes.byteLength)) return null;
  return {
    what: `the trap frame of bugcheck ${code} holds the code at`,
    address: u64(triage.stack.bytes, Number(offset)),
  };
}

/** The stack is read word by word, not unwound, so a word may be left over from an earlier call: weak. */
function nearestOnStack({ context }: DumpHeader, { stack }: Triage, whose: Owner): Suspect | null {
  if (stack === null) return null;
  const skipped = context === null ? 0n : context.stack - stack.address;
  const from = skipped > 0n && skipped < BigInt(stack.bytes.byteLength) ? Number(skipped - (skipped % 8n)) : 0;
  for (let offset = from; offset + 8 <= stack.bytes.byteLength; offset += 8) {
    const address = u64(stack.bytes, offset);
    const driver = whose(address);
    if (driver === undefined || address === driver.base) continue; // a base is data, no return address
    if (isKernel(driver) || THOROUGHFARES.has(lower(driver.name))) continue;
    return suspect(
      driver,
      `the nearest address on the stack outside Windows' own code is ${hex(address)}, in {} (weak: the stack was searched, not unwound)`,
      address,
    );
  }
  return null;
}

const lower = (name: string): string => fileNameOf(name).toLowerCase();
const isKernel = (driver: LoadedDriver): boolean => KERNEL.has(lower(driver.name));
const isIn = ({ base, end }: LoadedDriver, address: bigint): boolean => address >= base && address < end;

function suspect(driver: LoadedDriver, because: string, address: bigint): Suspect {
  const name = fileNameOf(driver.name);
  return { driver: name, because: because.replace("{}", () => `${name}+${hex(address - driver.base)}`) };
}

type Owner = (address: bigint) => LoadedDriver | undefined;

function ownerOf(drivers: readonly LoadedDriver[]): Owner {
  const sorted = drivers.toSorted((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0));
  return (address) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?.base ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    const driver = sorted[low - 1];
    return driver !== undefined && isIn(driver, address) ? driver : undefined;
  };
}
