/** The file calls of ntdll.dll through koffi. Every layout here is that of 64-bit Windows, on x64 and arm64 alike. */
import type { Handle, Nt, Status, Transferred } from "../nt.ts";
import { koffi } from "./koffi.ts";

const ntdll = koffi.load("ntdll.dll");
const kernel32 = koffi.load("kernel32.dll");

koffi.struct("RB_UNICODE_STRING", { length: "uint16_t", maximumLength: "uint16_t", buffer: "str16" });
koffi.struct("RB_OBJECT_ATTRIBUTES", {
  length: "uint32_t",
  rootDirectory: "intptr_t",
  objectName: "RB_UNICODE_STRING *",
  attributes: "uint32_t",
  securityDescriptor: "void *",
  securityQualityOfService: "void *",
});
koffi.struct("RB_IO_STATUS_BLOCK", { status: "intptr_t", information: "uintptr_t" });

const OBJECT_ATTRIBUTES_BYTES = 48;
const OBJ_CASE_INSENSITIVE = 0x40;
const BUFFER_TOO_SMALL = 0xc000_0023;
const SECURITY_BYTES_MAX = 65_536;
/** OWNER, GROUP and DACL. */
const SECURITY_INFORMATION = 0x7;

interface IoStatus {
  information?: number;
}

const ntCreateFile = ntdll.func(
  "uint32_t __stdcall NtCreateFile(_Out_ intptr_t *handle, uint32_t access, RB_OBJECT_ATTRIBUTES *attributes, " +
    "_Out_ RB_IO_STATUS_BLOCK *io, void *size, uint32_t fileAttributes, uint32_t share, uint32_t disposition, " +
    "uint32_t options, void *ea, uint32_t eaLength)",
);
const ntClose = ntdll.func("uint32_t __stdcall NtClose(intptr_t handle)");
const transfer = (name: string) =>
  ntdll.func(
    `uint32_t __stdcall ${name}(intptr_t handle, intptr_t event, void *apc, void *apcContext, ` +
      "_Out_ RB_IO_STATUS_BLOCK *io, void *buffer, uint32_t length, int64_t *offset, void *key)",
  );
const ntReadFile = transfer("NtReadFile");
const ntWriteFile = transfer("NtWriteFile");
const ntFlushBuffersFile = ntdll.func(
  "uint32_t __stdcall NtFlushBuffersFile(intptr_t handle, _Out_ RB_IO_STATUS_BLOCK *io)",
);
const information = (name: string) =>
  ntdll.func(
    `uint32_t __stdcall ${name}(intptr_t handle, _Out_ RB_IO_STATUS_BLOCK *io, void *buffer, uint32_t length, ` +
      "uint32_t informationClass)",
  );
const ntQueryInformationFile = information("NtQueryInformationFile");
const ntSetInformationFile = information("NtSetInformationFile");
const ntQueryDirectoryFile = ntdll.func(
  "uint32_t __stdcall NtQueryDirectoryFile(intptr_t handle, intptr_t event, void *apc, void *apcContext, " +
    "_Out_ RB_IO_STATUS_BLOCK *io, void *buffer, uint32_t length, uint32_t informationClass, uint8_t single, " +
    "void *name, uint8_t restart)",
);
const ntQuerySecurityObject = ntdll.func(
  "uint32_t __stdcall NtQuerySecurityObject(intptr_t handle, uint32_t information, void *descriptor, uint32_t length, " +
    "_Out_ uint32_t *needed)",
);
const ntSetSecurityObject = ntdll.func(
  "uint32_t __stdcall NtSetSecurityObject(intptr_t handle, uint32_t information, void *descriptor)",
);
const getFinalPathNameByHandle = kernel32.func(
  "uint32_t __stdcall GetFinalPathNameByHandleW(intptr_t handle, void *path, uint32_t length, uint32_t flags)",
);

const unicode = (text: string) => ({ length: text.length * 2, maximumLength: text.length * 2, buffer: text });

/** On a thread of the pool: the call may wait for a disk. The buffer lives in this closure until it is answered. */
function inBackground(call: typeof ntReadFile, handle: Handle, buffer: Buffer, offset: number): Promise<Transferred> {
  const io: IoStatus = {};
  const { promise, resolve, reject } = Promise.withResolvers<Transferred>();
  call.async(handle, 0, null, null, io, buffer, buffer.length, [offset], null, (error: unknown, status: Status) => {
    if (error === null || error === undefined) resolve({ status, bytes: status === 0 ? Number(io.information) : 0 });
    else reject(error instanceof Error ? error : new Error("a call of Windows could not be made"));
  });
  return promise;
}

export const ntdllFiles: Nt = {
  open({ below, name, access, share, disposition, options, securityDescriptor }) {
    const handle: [number] = [0];
    const attributes = {
      length: OBJECT_ATTRIBUTES_BYTES,
      rootDirectory: below ?? 0,
      objectName: unicode(name),
      attributes: OBJ_CASE_INSENSITIVE,
      securityDescriptor: securityDescriptor ?? null,
      securityQualityOfService: null,
    };
    const status = ntCreateFile(
      handle,
      access,
      attributes,
      {},
      null,
      0x80,
      share,
      disposition,
      options,
      null,
      0,
    ) as Status;
    return { status, handle: Number(handle[0]) };
  },
  close(handle) {
    ntClose(handle);
  },
  read: (handle, into, offset) => inBackground(ntReadFile, handle, into, offset),
  write: (handle, from, offset) => inBackground(ntWriteFile, handle, from, offset),
  flush(handle) {
    const { promise, resolve, reject } = Promise.withResolvers<Status>();
    ntFlushBuffersFile.async(handle, {}, (error: unknown, status: Status) => {
      if (error === null || error === undefined) resolve(status);
      else reject(error instanceof Error ? error : new Error("a call of Windows could not be made"));
    });
    return promise;
  },
  query: (handle, into, informationClass) =>
    ntQueryInformationFile(handle, {}, into, into.length, informationClass) as Status,
  set: (handle, from, informationClass) =>
    ntSetInformationFile(handle, {}, from, from.length, informationClass) as Status,
  list(handle, into, informationClass, restart) {
    const args = [handle, 0, null, null, {}, into, into.length, informationClass, 0, null, restart ? 1 : 0];
    return ntQueryDirectoryFile(...args) as Status;
  },
  security(handle) {
    const needed: [number] = [0];
    let descriptor = Buffer.alloc(1_024);
    let status = ntQuerySecurityObject(handle, SECURITY_INFORMATION, descriptor, descriptor.length, needed) as Status;
    if (status === BUFFER_TOO_SMALL && needed[0] <= SECURITY_BYTES_MAX) {
      descriptor = Buffer.alloc(needed[0]);
      status = ntQuerySecurityObject(handle, SECURITY_INFORMATION, descriptor, descriptor.length, needed) as Status;
    }
    return { status, descriptor: descriptor.subarray(0, needed[0]) };
  },
  setSecurity: (handle, descriptor, what) => ntSetSecurityObject(handle, what, descriptor) as Status,
  finalPath(handle) {
    const path = Buffer.alloc(65_536);
    const letters = getFinalPathNameByHandle(handle, path, path.length / 2, 0) as number;
    return letters === 0 || letters >= path.length / 2 ? undefined : path.toString("utf16le", 0, letters * 2);
  },
};
