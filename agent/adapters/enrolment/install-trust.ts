/**
 * What the controller sent of trust and policy, kept as it came, beside the pin it has to be checked against.
 *
 * Nothing of it is believed by being here: whom the device believes is decided from the pinned root on, link by link.
 */
import { join } from "node:path";
import type { Sha256 } from "../../../protocol/canonical.ts";
import type { EnrolmentAnswer } from "../../../protocol/enrolment.ts";
import { FILES } from "../files.ts";
import { replaceFile } from "../replace-file.ts";

export const installTrust = (
  folder: string,
  trustRootSha256: Sha256,
  { trust, policy }: Pick<EnrolmentAnswer, "trust" | "policy">,
): Promise<void> =>
  replaceFile(join(folder, FILES.received), `${JSON.stringify({ trustRootSha256, trust, policy }, undefined, 2)}\n`);
