/**
 * The version that a Windows program says it has ([MS-PE] resource VS_VERSIONINFO). wixl does not look for it, and Windows
 * Installer compares it with what lies on the machine.
 */

export interface FileVersion {
  /** Four numbers, as `26.10.0.0`. */
  readonly version: string;
  /** As Windows Installer writes it: a decimal number, 1033 for English of the United States. */
  readonly language: string;
}

const HEAD = Buffer.from("VS_VERSION_INFO", "utf16le");
const TRANSLATION = Buffer.from("Translation\0\0", "utf16le");
/** VS_FIXEDFILEINFO begins with it. */
const FIXED = 0xfeef_04bd;

/** @returns undefined for what has none */
export function fileVersionOf(program: Buffer): FileVersion | undefined {
  const head = program.indexOf(HEAD);
  if (head < 0) return undefined;
  const fixed = program.indexOf(Buffer.from(Uint32Array.of(FIXED).buffer), head);
  if (fixed < 0) return undefined;
  const halves = [10, 8, 14, 12].map((at) => program.readUInt16LE(fixed + at));
  const translation = program.indexOf(TRANSLATION, fixed);
  const language = translation < 0 ? 0 : program.readUInt16LE(translation + TRANSLATION.length);
  return { version: halves.join("."), language: `${language}` };
}
