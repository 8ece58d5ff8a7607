/**
 * Windows' own file calls (ntdll), as the rest of this folder uses them: by handle, and by a name of one part below a
 * folder's handle. They answer with a status and leave nothing in a "last error", so each may run on any thread.
 *
 * Documented for drivers and user mode: NtCreateFile, NtQueryInformationFile, ... in ntifs.h and winternl.h.
 */

/** An open file or folder; closed by `close` and by nothing else. */
export type Handle = number;
/** NTSTATUS; 0 is success. */
export type Status = number;

export const STATUS = {
  success: 0x0000_0000,
  noMoreFiles: 0x8000_0006,
  bufferOverflow: 0x8000_0005,
  noSuchFile: 0xc000_000f,
  endOfFile: 0xc000_0011,
  accessDenied: 0xc000_0022,
  bufferTooSmall: 0xc000_0023,
  nameInvalid: 0xc000_0033,
  nameNotFound: 0xc000_0034,
  nameCollision: 0xc000_0035,
  pathNotFound: 0xc000_003a,
  pathSyntaxBad: 0xc000_003b,
  sharingViolation: 0xc000_0043,
  quotaExceeded: 0xc000_0044,
  fileLockConflict: 0xc000_0054,
  deletePending: 0xc000_0056,
  privilegeNotHeld: 0xc000_0061,
  diskFull: 0xc000_007f,
  mediaWriteProtected: 0xc000_00a2,
  fileIsADirectory: 0xc000_00ba,
  notSameDevice: 0xc000_00d4,
  notADirectory: 0xc000_0103,
  cannotDelete: 0xc000_0121,
  reparsePointEncountered: 0xc000_050b,
  virusInfected: 0xc000_0906,
  virusDeleted: 0xc000_0907,
} as const;

export const ACCESS = {
  readData: 0x0000_0001,
  writeData: 0x0000_0002,
  traverse: 0x0000_0020,
  readAttributes: 0x0000_0080,
  writeAttributes: 0x0000_0100,
  delete: 0x0001_0000,
  readControl: 0x0002_0000,
  writeDac: 0x0004_0000,
  writeOwner: 0x0008_0000,
  synchronize: 0x0010_0000,
} as const;

export const SHARE = { none: 0, read: 1, readWrite: 3, all: 7 } as const;

export const DISPOSITION = { open: 1, create: 2 } as const;

export const OPTION = {
  directory: 0x0000_0001,
  writeThrough: 0x0000_0002,
  synchronous: 0x0000_0020,
  nonDirectory: 0x0000_0040,
  forBackup: 0x0000_4000,
  reparsePoint: 0x0020_0000,
} as const;

export const ATTRIBUTE = { readOnly: 0x1, directory: 0x10, normal: 0x80, reparsePoint: 0x400 } as const;

interface Opening {
  /** Null: `name` is absolute, in the form `\??\C:\`. */
  readonly below: Handle | null;
  /** One part, taken as it is: to these calls a dot at the end is a letter, and so are "." and "..". */
  readonly name: string;
  readonly access: number;
  readonly share: number;
  readonly disposition: number;
  readonly options: number;
  /** Self-relative; for what is created. Without one it inherits from its folder. */
  readonly securityDescriptor?: Buffer;
}

interface Opened {
  readonly status: Status;
  /** Of no use unless the status is success. */
  readonly handle: Handle;
}
export interface Transferred {
  readonly status: Status;
  readonly bytes: number;
}

/** Effects and questions; each call is one call of Windows. Tests put one that fails or dies in its place. */
export interface Nt {
  open(opening: Opening): Opened;
  close(handle: Handle): void;
  read(handle: Handle, into: Buffer, offset: number): Promise<Transferred>;
  write(handle: Handle, from: Buffer, offset: number): Promise<Transferred>;
  flush(handle: Handle): Promise<Status>;
  /** Fills `into` with a structure of this FILE_INFORMATION_CLASS. */
  query(handle: Handle, into: Buffer, informationClass: number): Status;
  set(handle: Handle, from: Buffer, informationClass: number): Status;
  /** @param restart begins the listing; without it, it goes on */
  list(handle: Handle, into: Buffer, informationClass: number, restart: boolean): Status;
  /** Owner, group and DACL, self-relative. */
  security(handle: Handle): { readonly status: Status; readonly descriptor: Buffer };
  setSecurity(handle: Handle, descriptor: Buffer, information: number): Status;
  /** As `\\?\C:\...`; undefined if Windows has no such name for it. */
  finalPath(handle: Handle): string | undefined;
}
