/**
 * Compiles the package, and says in its tables and its summary what wixl has no words for.
 *
 * Invariant: the bytes depend on what goes in alone. The clock, the names of temporary folders and the order of a folder's
 * files are kept out: times are set to one moment, codes are made of contents.
 */
import { execFile } from "node:child_process";
import { link, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type CabinetFile, cabinetOf } from "./cabinet.ts";
import { type FileVersion, fileVersionOf } from "./file-version.ts";
import { guidOf } from "./guid.ts";
import type { Architecture } from "./parts.ts";
import { fixSummaryTimes } from "./summary-times.ts";
import {
  CABINET,
  EVENT_TEXTS,
  fileId,
  KEPT,
  type PackagedFile,
  type PackageSource,
  PROPERTIES,
  UPGRADE_CODE,
  wxsOf,
} from "./wxs.ts";

const run = promisify(execFile);

/** When all files of all packages were made, as far as the package says: 1 January 2026, 12:00 UTC. */
const MADE_AT = new Date(Date.UTC(2026, 0, 1, 12));

/** Never to be seen in a log of msiexec. The token itself is no property at all. */
const HIDDEN = ["ENROLMENT_TOKEN_FILE", "PROXY"].flatMap((property) => [property, `${KEPT}${property}`]);
/**
 * Handed on from the half of Windows Installer that a person started to the one that works: also what was found of an
 * earlier installation, which is searched for in the first half only.
 */
const SECURE = [
  ...Object.keys(PROPERTIES).flatMap((property) => [property, `${KEPT}${property}`]),
  "WIX_DOWNGRADE_DETECTED",
  "WIX_UPGRADE_DETECTED",
];
/** As Windows Installer names the processors. wixl 0.101 knows x64 only; the tables of both are the same. */
const TEMPLATE: Record<Architecture, string> = { x64: "x64;1033", arm64: "Arm64;1033" };

export interface Making {
  /** Where the files wait, as the package will hold them. */
  readonly files: string;
  /** The digest of them all. */
  readonly digest: string;
  readonly wxs: string;
  readonly cabinet: string;
  readonly msi: string;
  /** A folder to be made, for what wixl is given in the place of large files. */
  readonly standIns: string;
}

/** Of the Upgrade table. */
const MIGRATE_FEATURES = 0x1;
const VERSION_MAX_INCLUSIVE = 0x200;

/** Numbers of the execute sequence. wixl gives some of its actions others than it was asked for. */
const AFTER_APP_SEARCH = 51;
const AFTER_DELETE_SERVICES = 2001;
const AFTER_INSTALL_INITIALIZE = 1501;
const sequenced = (action: string, sequence: number): string =>
  `UPDATE InstallExecuteSequence SET Sequence=${sequence} WHERE Action='${action}'`;

/** @throws what a tool says */
export async function writeMsi(source: PackageSource, making: Making): Promise<void> {
  const { files, digest, wxs, cabinet, msi, standIns } = making;
  await writeFile(wxs, wxsOf(source));
  const programs = await programsAmong(source, files);
  await makeStandIns(source, programs, files, standIns);
  const options = { cwd: standIns, env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" } };
  await run("wixl", ["--arch", "x64", "--output", msi, wxs], options);

  const queries = [
    `UPDATE Media SET Cabinet='#${CABINET}' WHERE DiskId=1`, // in the package itself
    `UPDATE Property SET Value='${SECURE.join(";")}' WHERE Property='SecureCustomProperties'`,
    `INSERT INTO Property (Property, Value) VALUES ('MsiHiddenProperties', '${HIDDEN.join(";")}')`,
    // A package for the other processor has the same version and another code: it takes this one's place, too.
    `DELETE FROM Upgrade WHERE ActionProperty='WIX_UPGRADE_DETECTED'`,
    `INSERT INTO Upgrade (UpgradeCode, VersionMax, Attributes, ActionProperty) VALUES ('{${UPGRADE_CODE}}', '${source.version}', ${MIGRATE_FEATURES + VERSION_MAX_INCLUSIVE}, 'WIX_UPGRADE_DETECTED')`,
    // `#%` makes a value that Windows expands; wixl has no word for it.
    `UPDATE Registry SET Value='#%${EVENT_TEXTS}' WHERE Value='${EVENT_TEXTS}'`,
    ...Object.keys(PROPERTIES).map((property, index) => sequenced(`Keep_${property}`, AFTER_APP_SEARCH + index)),
    // In the same transaction as the new version: should that fail, the old one is put back.
    sequenced("ForgetState", AFTER_DELETE_SERVICES),
    sequenced("RemoveExistingProducts", AFTER_INSTALL_INITIALIZE),
    ...programs.flatMap(versionQueries),
  ];
  for (const query of queries) await run("msibuild", [msi, "-q", query], options);
  await writeFile(cabinet, await cabinetOf(await filesInOrder(msi, source, files, options), MADE_AT));
  await run("msibuild", [msi, "-a", CABINET, cabinet], options);
  const told = [wxsOf(source), ...queries].join("\n");
  const packageCode = `{${guidOf("package", source.architecture, source.version, digest, told)}}`;
  await run("msibuild", [msi, "-s", "Ringback Agent", "Ringback", TEMPLATE[source.architecture], packageCode], options);
  await writeFile(msi, fixSummaryTimes(await readFile(msi), MADE_AT));
}

interface Program extends FileVersion {
  readonly file: PackagedFile;
  readonly sizeBytes: number;
}

/** Files that say which version they are. */
async function programsAmong({ files }: PackageSource, folder: string): Promise<readonly Program[]> {
  const programs: Program[] = [];
  for (const file of files.filter(({ name }) => /\.(?:exe|dll|node)$/.test(name))) {
    const bytes = await readFile(join(folder, file.folder, file.name));
    const found = fileVersionOf(bytes);
    if (found !== undefined) programs.push({ file, sizeBytes: bytes.length, ...found });
  }
  return programs;
}

/**
 * Without its version a program is older than itself, once it lies on a machine: an upgrade then takes it for not worth
 * installing, before the old version is removed, and in the end there is none. A hash is for files without a version.
 */
const versionQueries = ({ file, sizeBytes, version, language }: Program): readonly string[] => [
  `UPDATE File SET FileSize=${sizeBytes}, Version='${version}', Language='${language}' WHERE File='${fileId(file)}'`,
  `DELETE FROM MsiFileHash WHERE File_='${fileId(file)}'`,
];

/** wixl compresses all files into a cabinet that nobody needs, for seconds; of a program it finds out no more than its size. */
async function makeStandIns(
  { files }: PackageSource,
  programs: readonly Program[],
  from: string,
  to: string,
): Promise<void> {
  for (const { folder, name } of files) {
    const path = join(to, folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (programs.some(({ file }) => file.folder === folder && file.name === name)) await writeFile(path, "-");
    else await link(join(from, folder, name), path);
    await utimes(path, MADE_AT, MADE_AT);
  }
}

/** Windows Installer takes the files from the cabinet by the numbers that the File table gives them. */
async function filesInOrder(
  msi: string,
  { files }: PackageSource,
  folder: string,
  options: { readonly cwd: string },
): Promise<readonly CabinetFile[]> {
  const { stdout } = await run("msiinfo", ["export", msi, "File"], options);
  const rows = stdout.split(/\r?\n/).slice(3);
  const sequence = new Map(
    rows.map((row) => row.split("\t")).map((columns) => [columns[0], Number(columns.at(-1))] as const),
  );
  const place = (file: PackagedFile): number => {
    const number = sequence.get(fileId(file));
    if (number === undefined) throw new Error(`wixl has left ${file.name} out`);
    return number;
  };
  return Promise.all(
    files
      .toSorted((a, b) => place(a) - place(b))
      .map(async (file) => ({
        name: fileId(file),
        contents: await readFile(join(folder, file.folder, file.name)),
      })),
  );
}
