/**
 * The agent's own folder: owned by Administrators, for SYSTEM and Administrators alone.
 *
 * Invariant: what this function lets pass is a real folder at its place, owned by a trusted account, in which nobody else
 * may change anything; one that it made or found empty, nobody else may even read. Any user may make folders in ProgramData, so one that stands there already is looked at, never believed:
 * what others could have put into it is not taken over.
 *
 * Under Wine a protected DACL is kept as the folder's Unix mode, and every file belongs to the one account there is: it
 * comes back as the owner and with access, which is why the service's own account counts as trusted.
 */
import { FileFault } from "./file-fault.ts";
import { ACCESS, type Nt } from "./nt.ts";
import { type Folder, openFolder } from "./open-path.ts";
import { askedFile } from "./path-guard.ts";
import { ADMINISTRATORS, onlyFor, readPermissions, type Sid, SYSTEM } from "./security-descriptor.ts";

/** DACL_SECURITY_INFORMATION and PROTECTED_DACL_SECURITY_INFORMATION. */
const PROTECTED_DACL = 0x8000_0004;
const DESCRIPTOR = onlyFor(ADMINISTRATORS, SYSTEM, SYSTEM, ADMINISTRATORS);

/**
 * Makes the folder if it is not there; its parent is.
 *
 * @param ownAccount the account of this process, if it is a service's: for LocalSystem that is SYSTEM
 * @throws FileFault `permission-denied` for a folder that somebody else owns or may write; `path-escapes` for a link
 */
export function protectFolder(nt: Nt, path: string, ownAccount: Sid | undefined): void {
  const { folder: parentPath, name } = askedFile(path);
  using parent = openFolder(nt, parentPath);
  if (parent === undefined) throw new FileFault("not-found", `there is no folder ${parentPath}`);
  const trusted = [SYSTEM, ADMINISTRATORS, ...(ownAccount === undefined ? [] : [ownAccount])];
  parent.makeFolder(name, DESCRIPTOR)[Symbol.dispose]();
  using folder = parent.openFolder(name, ACCESS.readControl | ACCESS.writeDac);
  if (folder === undefined) throw new FileFault("unexpected", `${path} was there a moment ago`);
  folder.mustLieThere();
  const others = othersIn(folder, trusted);
  if (others === "none") return;
  const isEmpty = folder.list().length === 0;
  // Somebody who may read it may have been let in by an administrator: that is no reason to leave a machine alone.
  if (!isEmpty && others === "read") return;
  if (!isEmpty) refuse(path, "others may write there, and it is not empty");
  // Made with what it inherited: nobody has put anything into an empty folder yet.
  folder.setSecurity(DESCRIPTOR, PROTECTED_DACL);
  if (othersIn(folder, trusted) !== "none") refuse(path, "others may use it, and it could not be taken from them");
  if (folder.list().length > 0) refuse(path, "somebody put a file into it while it was being closed to them");
}

/** What those may do there who are not trusted. @throws FileFault if one of them owns it, who may let himself in */
function othersIn(folder: Folder, trusted: readonly Sid[]): "none" | "read" | "write" {
  const { owner, allowed } = readPermissions(folder.security());
  if (owner === undefined || !trusted.includes(owner))
    refuse(folder.path, "it belongs to neither SYSTEM nor Administrators");
  if (allowed === undefined) return "write";
  const others = allowed.filter(({ account }) => !trusted.includes(account));
  if (others.some(({ mayChange }) => mayChange)) return "write";
  return others.length === 0 ? "none" : "read";
}

function refuse(path: string, what: string): never {
  throw new FileFault(
    "permission-denied",
    `${path} is no safe place: ${what}. Somebody may have made it before the agent was installed: look at it, remove it, and start the agent again`,
  );
}
