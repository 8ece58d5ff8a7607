/**
 * The file that `--connectors` names: which vendors the controller may call, and where their credentials lie.
 *
 * Credentials are in files of their own that nobody but their owner may read; they are read when they are needed, and are in
 * no answer of the API and in no log.
 */
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { Sha256 } from "../../protocol/canonical.ts";
import { text } from "../../protocol/names.ts";
import type { Clock } from "../ports.ts";
import type { VendorConnectors } from "../ports/vendors.ts";
import { faultOfUrl } from "./address-guard.ts";
import { type Connector, vendorConnectors } from "./connectors.ts";
import { crowdstrikeConnector } from "./crowdstrike/connector.ts";
import { FalconApi } from "./crowdstrike/falcon-api.ts";
import type { Post } from "./post.ts";

const Address = z.url().superRefine((url, context) => {
  const fault = faultOfUrl(new URL(url), true);
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
});
/** As CrowdStrike's interface names them. */
const Category = z.enum([
  "rapid_response_al_bl_listing",
  "sensor_operations",
  "system_critical",
  "vulnerability_management",
]);
const ConnectorsFile = z.strictObject({
  crowdstrike: z
    .strictObject({
      /** Of the cloud, as https://api.crowdstrike.com. */
      address: Address,
      /** Beside this file, or absolute: {"clientId": "...", "clientSecret": "..."}. */
      credentials: z.string().min(1),
      /** Ids of the content update policies that may be paused. */
      policies: z
        .array(z.string().regex(/^[0-9a-f]{32}$/, "expected a policy's id, 32 hex digits"))
        .min(1)
        .max(100),
      /** Which version of the vendor each content is that devices may be pinned to. */
      pins: z
        .array(z.strictObject({ sha256: Sha256, category: Category, version: text(120) }))
        .max(100)
        .default([]),
    })
    .optional(),
});
const Credentials = z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) });

class ConnectorsRefused extends Error {
  override readonly name = "ConnectorsRefused";
}

/** @throws ConnectorsRefused that says what is wrong where; never what is in a credentials file */
export async function openConnectors(file: string, post: Post, clock: Clock): Promise<VendorConnectors> {
  const refuse = (because: string): ConnectorsRefused => new ConnectorsRefused(`--connectors ${file}: ${because}`);
  let document: unknown;
  try {
    document = parse(await readFile(file, "utf8"));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : "it cannot be read");
  }
  const parsed = ConnectorsFile.safeParse(document);
  if (!parsed.success)
    throw refuse(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  const connectors: Connector[] = [];
  const { crowdstrike } = parsed.data;
  if (crowdstrike !== undefined) {
    const credentials = credentialsIn(resolve(dirname(file), crowdstrike.credentials));
    await credentials().catch((error: unknown) => {
      throw refuse(error instanceof Error ? error.message : "the credentials cannot be read");
    });
    const api = new FalconApi({ post, clock, address: new URL(crowdstrike.address), credentials });
    connectors.push(crowdstrikeConnector(api, crowdstrike.policies, crowdstrike.pins));
  }
  return vendorConnectors(connectors);
}

const credentialsIn = (file: string) => async (): Promise<z.infer<typeof Credentials>> => {
  const facts = await stat(file).catch(() => undefined);
  if (facts === undefined) throw new Error(`The credentials file ${file} is not there.`);
  if ((facts.mode & 0o077) !== 0)
    throw new Error(`The credentials file ${file} may be read by others; chmod 600 it, and replace the secret.`);
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, "utf8"));
  } catch {
    document = undefined; // the message of a parser may quote what it has read
  }
  const parsed = Credentials.safeParse(document);
  if (!parsed.success) throw new Error(`The credentials file ${file} must hold clientId and clientSecret as JSON.`);
  return parsed.data;
};
