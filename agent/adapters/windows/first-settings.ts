/**
 * Turns what the package was installed with into enrolment.json, once for each set of properties.
 *
 * Invariants: a device that is enrolled keeps its settings, whatever the registry says; an installation without
 * properties changes nothing; settings that a person wrote by `enrol` stand until other properties are installed.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ConfigInvalid } from "../../config.ts";
import { EnrolmentSettings, writeEnrolmentSettings } from "../enrolment/settings.ts";
import { FILES } from "../files.ts";
import { replaceFile } from "../replace-file.ts";
import type { Installed } from "./installed.ts";

/** `enrolled`: nothing to do; `written`, `kept`: there are settings to enrol with; `nothing`: nobody has said where. */
type FirstSettings = "enrolled" | "written" | "kept" | "nothing";

/** @throws ConfigInvalid that names each property that is wrong */
export async function firstSettings(installed: Installed): Promise<FirstSettings> {
  const { stateFolder, controllers, tokenFile, group, binding, caSha256, trustRootSha256, proxy } = installed;
  const at = (name: keyof typeof FILES): string => join(stateFolder, FILES[name]);
  if (await isThere(at("config"))) return "enrolled";
  const there = (await isThere(at("enrolment"))) ? "kept" : "nothing";
  if (controllers.length === 0) return there;
  const asked = {
    controllers,
    tokenFile,
    group,
    binding: binding ?? "direct",
    pins: { caSha256: caSha256?.toLowerCase(), trustRootSha256: trustRootSha256?.toLowerCase() },
    config: proxy === undefined ? {} : { proxy },
  };
  const text = `${JSON.stringify(asked, undefined, 2)}\n`;
  if ((await readFile(at("installedWith"), "utf8").catch(() => undefined)) === text) return there;
  const parsed = EnrolmentSettings.safeParse(asked);
  if (!parsed.success)
    throw new ConfigInvalid(
      `what this agent was installed with cannot be used; install it again with other properties:\n${z.prettifyError(parsed.error)}`,
    );
  await writeEnrolmentSettings(stateFolder, parsed.data);
  await replaceFile(at("installedWith"), text);
  return "written";
}

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
