/** How a device enrols, as it stands in enrolment.json: all that a golden image keeps of an agent. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Sha256 } from "../../../protocol/canonical.ts";
import { Binding } from "../../../protocol/enrolment.ts";
import { DeviceName, GroupName, Image } from "../../../protocol/names.ts";
import { ConfigInvalid, GivenSettings } from "../../config.ts";
import { FILES } from "../files.ts";
import { replaceFile } from "../replace-file.ts";

export const EnrolmentSettings = z.strictObject({
  /** https://controller.example:8443; tried in turn. */
  controllers: z
    .array(z.url({ protocol: /^https$/, error: "expected an address as https://controller.example:8443" }))
    .min(1)
    .max(5),
  /** Holds the token; deleted when the device is enrolled. */
  tokenFile: z.string().min(1),
  group: GroupName,
  binding: Binding,
  /** The machine's own name, if none is given. */
  name: DeviceName.optional(),
  image: Image.optional(),
  pins: z.strictObject({ caSha256: Sha256, trustRootSha256: Sha256 }),
  /** The agent's settings, but for what enrolment finds out. */
  config: GivenSettings,
});
export type EnrolmentSettings = z.infer<typeof EnrolmentSettings>;

export async function readEnrolmentSettings(folder: string): Promise<EnrolmentSettings> {
  const path = join(folder, FILES.enrolment);
  const parsed = EnrolmentSettings.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  throw new ConfigInvalid(`${path} cannot be used:\n${z.prettifyError(parsed.error)}`);
}

export const writeEnrolmentSettings = (folder: string, settings: EnrolmentSettings): Promise<void> =>
  replaceFile(join(folder, FILES.enrolment), `${JSON.stringify(settings, undefined, 2)}\n`);
