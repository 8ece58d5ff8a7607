/**
 * What manage-bde says of one volume. Told by shape, because the words are in the machine's language: a protector is a
 * heading with an ID in braces under it; a validation profile is a heading with a line of numbers under it; a recovery
 * password is eight groups of six. TPM and PIN are called so in every language that Windows speaks.
 */
export interface Protector {
  /**
   * `tpm`: the machine starts by itself. `tpm-and-pin`, `tpm-and-more` (a start-up key, or words that are not known):
   * somebody must be there. `numerical-password`: the recovery password. `other`: anything else.
   */
  readonly kind: "tpm" | "tpm-and-pin" | "tpm-and-more" | "numerical-password" | "other";
  /** Empty where there is no validation profile. */
  readonly pcrs: readonly number[];
  /** Secure Boot vouches for what starts, in the place of measurements of its own. */
  readonly usesSecureBoot: boolean;
}

const ID = /\{[0-9A-Z]{8}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{11,12}\}/i;
const HEADING = /^ {2,6}(\S.*?)\s*[:：]$/;
const PCRS = /^\s+(\d{1,2}(?:\s*,\s*\d{1,2})*)$/;
const RECOVERY_PASSWORD = /^\s+(?:[0-9X]{6}-){7}[0-9X]{6}$/;
/** PCR 7 holds what Secure Boot decided; without 0, 2 and 4 nothing else is measured. */
const SECURE_BOOT_PCR = 7;

/** Of `manage-bde -protectors -get C:`. Undefined: no protector was found in it, which proves nothing. */
export function parseProtectors(output: string): readonly Protector[] | undefined {
  const lines = output.split("\n").map((line) => line.trimEnd());
  const starts = lines.flatMap((line, at) => (HEADING.test(line) && ID.test(lines[at + 1] ?? "") ? [at] : []));
  if (starts.length === 0) return undefined;
  return starts.map((start, i) => protectorOf(lines.slice(start, starts[i + 1])));
}

function protectorOf(lines: readonly string[]): Protector {
  const heading = HEADING.exec(lines[0] ?? "")?.[1] ?? "";
  const at = lines.findIndex((line) => PCRS.test(line));
  const pcrs = (PCRS.exec(lines[at] ?? "")?.[1] ?? "").split(",").flatMap((pcr) => (pcr === "" ? [] : [Number(pcr)]));
  const remark = at < 0 ? undefined : /^\s+\(.+\)$/.exec(lines[at + 1] ?? "")?.[0];
  const usesSecureBoot = remark !== undefined && pcrs.includes(SECURE_BOOT_PCR);
  if (lines.some((line) => RECOVERY_PASSWORD.test(line))) return { kind: "numerical-password", pcrs, usesSecureBoot };
  return { kind: pcrs.length > 0 || /\bTPM\b/.test(heading) ? tpmKind(heading) : "other", pcrs, usesSecureBoot };
}

function tpmKind(heading: string): Protector["kind"] {
  if (/^(?:\S+ )?\(?TPM\)?$/.test(heading) && !/PIN/.test(heading)) return "tpm";
  return /PIN/.test(heading) ? "tpm-and-pin" : "tpm-and-more";
}

export interface VolumeStatus {
  /** As C:. */
  readonly volume: string;
  /** How much of it is encrypted, in hundredths. */
  readonly encryptedPercent: number;
}

/** A heading at the left edge that ends in a drive, in quotes or not, and its label. */
const VOLUME = /^\S.*?(?<![\p{L}\d])([A-Z]):["”“»]?(?:\s*\[.*\])?\s*$/iu;

/** Of `manage-bde -status`: each volume with its share. Whether protection is on is told by the exit code alone. */
export function parseVolumeStatus(output: string): readonly VolumeStatus[] {
  const volumes: VolumeStatus[] = [];
  let volume: string | undefined;
  for (const line of output.split("\n")) {
    volume = VOLUME.exec(line)?.[1]?.toUpperCase().concat(":") ?? volume;
    const percent = /[:：]\s*(\d{1,3})(?:[.,٫]\d+)?\s*[%٪]\s*$|[:：]\s*[%٪]\s?(\d{1,3})(?:[.,]\d+)?\s*$/.exec(line);
    if (percent === null || volume === undefined) continue;
    volumes.push({ volume, encryptedPercent: Number(percent[1] ?? percent[2]) });
    volume = undefined;
  }
  return volumes;
}
