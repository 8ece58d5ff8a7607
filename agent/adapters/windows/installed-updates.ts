/**
 * Updates as the servicing stack has them: packages by DISM, and which article each is about. A cumulative update does not
 * have its number in its name; its manifest says it, and where that cannot be read, DISM is asked.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RegistryKey } from "../../../protocol/registry.ts";
import type { Registry, UpdateName, UpdateState } from "../../machine-parts.ts";
import type { Result } from "../../ports.ts";
import { saidBy } from "./boot-entries.ts";
import { fault } from "./fault.ts";
import type { RunTool } from "./ports.ts";
import { articlesIn, parsePackageInfo, parsePackages, type ServicingPackage } from "./tools/dism-output.ts";
import { type PackageManifest, parseManifest } from "./tools/package-manifest.ts";
import { type BaseReset, type PackageFacts, updateState } from "./update-state.ts";

/** DISM waits for the servicing stack, which starts with the first question. */
const ASK_WITHIN_MS = 5 * 60_000;
/** Packages without a manifest that DISM is asked about, one by one. */
const ASKED_MAX = 40;
const SERVICING = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing";

export interface Servicing {
  readonly run: RunTool;
  readonly registry: Registry;
  /** Windows\servicing\Packages. */
  readonly manifests: string;
}

export async function listPackages(run: RunTool): Promise<Result<readonly ServicingPackage[]>> {
  const ran = await run("dism", ["/English", "/Online", "/Get-Packages"], ASK_WITHIN_MS);
  if (ran.kind === "fault") return ran;
  const packages = parsePackages(ran.value.stdout);
  // A list that broke off would have an update be gone that is there.
  if (packages.length > 0 && ran.value.exitCode === 0) return { kind: "ok", value: packages };
  const seen = `dism ended with ${ran.value.exitCode}${saidBy(ran.value)}`;
  return fault("unexpected", `the installed updates cannot be read: ${seen}`);
}

export async function findUpdate(servicing: Servicing, update: UpdateName): Promise<Result<UpdateState | undefined>> {
  const listed = await listPackages(servicing.run);
  if (listed.kind === "fault") return listed;
  const found: PackageFacts[] = [];
  let asked = 0;
  for (const pack of listed.value.filter(({ identity }) => /^Package_for_/i.test(identity))) {
    const manifest = await manifestOf(servicing, pack.identity);
    let articles = [...articlesIn(pack.identity), ...(manifest?.articles ?? [])];
    if (articles.length === 0 && asked++ < ASKED_MAX) {
      const answer = await askAbout(servicing.run, pack.identity);
      if (answer.kind === "fault") return answer;
      articles = [...answer.value];
    }
    if (articles.includes(update))
      found.push({ ...pack, manifest, installedAt: await installedAt(servicing.registry, pack.identity) });
  }
  const baseReset = await lastBaseReset(servicing.registry);
  return baseReset.kind === "fault" ? baseReset : updateState(update, found, baseReset.value);
}

async function askAbout(run: RunTool, identity: string): Promise<Result<readonly string[]>> {
  const args = ["/English", "/Online", "/Get-PackageInfo", `/PackageName:${identity}`];
  const ran = await run("dism", args, ASK_WITHIN_MS);
  if (ran.kind === "fault") return ran;
  return { kind: "ok", value: parsePackageInfo(ran.value.stdout)?.articles ?? [] };
}

/** The identity has no character that could lead out of the folder. */
async function manifestOf({ manifests }: Servicing, identity: string): Promise<PackageManifest | undefined> {
  try {
    return parseManifest(await readFile(join(manifests, `${identity}.mum`), "utf8"));
  } catch {
    return undefined;
  }
}

/** Windows keeps it as the two halves of a FILETIME. */
async function installedAt(registry: Registry, identity: string): Promise<number | undefined> {
  const key = RegistryKey.safeParse(`${SERVICING}\\Packages\\${identity}`);
  if (!key.success) return undefined;
  const [high, low] = await Promise.all([
    registry.read(key.data, "InstallTimeHigh"),
    registry.read(key.data, "InstallTimeLow"),
  ]);
  if (high.kind === "fault" || low.kind === "fault") return undefined;
  if (high.value?.kind !== "dword" || low.value?.kind !== "dword") return undefined;
  const ticks = (BigInt(high.value.number) << 32n) | BigInt(low.value.number);
  return Number(ticks / 10_000n - 11_644_473_600_000n);
}

async function lastBaseReset(registry: Registry): Promise<Result<BaseReset>> {
  const read = await registry.read(RegistryKey.parse(SERVICING), "LastResetBase_UTC");
  if (read.kind === "fault") return read;
  if (read.value === undefined) return { kind: "ok", value: "never" };
  const text = read.value.kind === "string" ? read.value.text : "";
  const [, date, time] = /^(\d{4}\/\d{2}\/\d{2})[:T ](\d{2}:\d{2}:\d{2})/.exec(text) ?? [];
  const at = Date.parse(`${date?.replaceAll("/", "-") ?? ""}T${time ?? ""}Z`);
  return { kind: "ok", value: Number.isNaN(at) ? "unknown" : { at } };
}
