/** `trust`: whom agents believe. Drafted, signed by roots one after another, then published. */
import { Command } from "commander";
import { z } from "zod";
import type { TrustView } from "../../protocol/api-trust.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { type Instant } from "../../protocol/time.ts";
import { Holder, Passkeys, TrustDocument } from "../../protocol/trust-document.ts";
import { trustWords } from "../../protocol/trust-words.ts";
import { type Commands, NoOptions, readText, type System } from "./command.ts";
import { UsageError } from "./errors.ts";
import { facts, moment, table } from "./output.ts";
import { publish, signFile } from "./publishing.ts";
import { newSignedFile } from "./signed-file.ts";
import { rows, show } from "./signing.ts";
import { nextTrust } from "./trust-draft.ts";

export function trustCommand(commands: Commands): Command {
  return new Command("trust")
    .summary("whom agents believe: looked at, drafted, signed by its roots, published")
    .addCommand(showTrust(commands))
    .addCommand(pins(commands))
    .addCommand(devices(commands))
    .addCommand(draft(commands))
    .addCommand(signFile(commands, "trust"))
    .addCommand(publish(commands, "trust"));
}

function showTrust(commands: Commands): Command {
  const summary = "the trust document in force, and which keys the controller still holds itself";
  return commands.leaf("show", summary, NoOptions, async ({ client, output }) => {
    const trust = await (await client()).trust();
    const words = rows(trustWords(null, trust.document));
    output.answer(trust, () => [...words, "", trust.sentence, `TRUST_ROOT_SHA256=${trust.digest}`].join("\n"));
    return undefined;
  });
}

function pins(commands: Commands): Command {
  const summary = "what an installer gives to new agents, so that they trust nobody on first use";
  return commands.leaf("pins", summary, NoOptions, async ({ client, output }) => {
    const api = await client();
    const { caSha256, trustRootSha256 } = await api.trustPins();
    output.answer({ CA_SHA256: caSha256, TRUST_ROOT_SHA256: trustRootSha256 }, () =>
      facts([
        ["CA_SHA256", caSha256 ?? "TLS does not end in this controller: pin the authority of the front before it"],
        ["TRUST_ROOT_SHA256", trustRootSha256],
      ]),
    );
    return undefined;
  });
}

function devices(commands: Commands): Command {
  const summary = "who believes which trust document, and which devices to enrol again";
  return commands.leaf("devices", summary, NoOptions, async ({ client, output }) => {
    const trust = await (await client()).trust();
    output.answer(trust.devices, () => reachText(trust));
    return undefined;
  });
}

const versionWords = (version: number | null): string =>
  version === null ? "not known" : version === 0 ? "none" : String(version);

function reachText({ document, devices: { versions, starterLeftIn, behind } }: TrustView): string {
  const counts = table(
    ["TRUST DOCUMENT", "ACCEPTED DEVICES"],
    versions.map(({ trustVersion, devices }) => [versionWords(trustVersion), String(devices)]),
  );
  const head = `The newest trust document is ${document.version}.\n\n${counts}\n`;
  if (starterLeftIn === null)
    return `${head}\nNo starter key has left a role yet, so no device obeys keys that it should not obey any more.`;
  if (behind.total === 0)
    return `${head}\nEvery accepted device says that it has document ${starterLeftIn}, in which starter keys left a role.`;
  const list = table(
    ["DEVICE", "NAME", "TRUST DOCUMENT", "LAST HEARD"],
    behind.items.map(({ device, name, trustVersion, lastHeardAt }) => [
      device,
      name,
      versionWords(trustVersion),
      moment(lastHeardAt),
    ]),
  );
  const more = behind.total - behind.items.length;
  return [
    head,
    `${behind.total} do not say that they have document ${starterLeftIn}, in which starter keys left a role: whoever`,
    "took such a key may still be obeyed there. Those that connect take the document by themselves; enrol the others",
    "again, with the newest TRUST_ROOT_SHA256 (ringback trust pins).",
    "",
    list,
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("\n");
}

const Count = z.coerce.number().int().min(1).max(20).optional();
const Files = z.array(z.string()).default([]);
const DraftOptions = z.object({
  out: z.string().min(1),
  root: Files,
  policyHolder: Files,
  approver: Files,
  rootThreshold: Count,
  policyThreshold: Count,
  approverThreshold: Count,
  remove: Files,
  withoutStarter: z.boolean().default(false),
  passkeyDomain: z.string().optional(),
  passkeyOrigin: Files,
  online: z.enum(["also", "only"]).optional(),
  newEra: z.array(ContentSourceId).default([]),
});

function draft(commands: Commands): Command {
  const summary = "write the next document into a file, to be signed; with no change it is a renewal";
  const command = commands.leaf("draft", summary, DraftOptions, async ({ client, options, output, system }) => {
    const trust = await (await client()).trust();
    const next = await drafted(trust, options, system);
    show(trustWords(trust.document, next), output);
    const file = await newSignedFile(options.out, PAYLOAD_TYPES.trust, next);
    output.answer(file, () => `${options.out} is to be signed by roots: ringback trust sign ${options.out} --key FILE`);
    return undefined;
  });
  return command
    .requiredOption("--out <file>", "the new file; it must not be there yet")
    .option("--root <file...>", "adds a holder, or another key of one: the JSON that `keys show` prints")
    .option("--policy-holder <file...>", "the same for those who sign policy")
    .option("--approver <file...>", "the same for those who approve plans; also what the passkey page gave")
    .option("--root-threshold <count>", "how many roots have to sign the next documents")
    .option("--policy-threshold <count>", "how many policy holders have to sign a policy")
    .option("--approver-threshold <count>", "how many approvers have to sign a plan")
    .option("--remove <person...>", "leaves every role")
    .option("--without-starter", "the controller's own keys leave every role")
    .option("--passkey-domain <domain>", "the name under which passkeys approve; it never changes")
    .option("--passkey-origin <origin...>", "where the approval page is, as https://approve.example:8443")
    .option(
      "--online <also|only>",
      "the online key of the controller that is asked counts too, or it only: when one was lost or may be stolen",
    )
    .option("--new-era <source...>", "generations of a source start again: when the highest one was ever signed");
}

async function drafted(
  { document, online }: TrustView,
  options: z.output<typeof DraftOptions>,
  system: System,
): Promise<TrustDocument> {
  const holders = (files: readonly string[]) => Promise.all(files.map((file) => readHolderFile(file, system)));
  try {
    return nextTrust(
      document,
      {
        roots: { add: await holders(options.root), threshold: options.rootThreshold },
        policyHolders: { add: await holders(options.policyHolder), threshold: options.policyThreshold },
        approvers: { add: await holders(options.approver), threshold: options.approverThreshold },
        remove: options.remove,
        withoutStarter: options.withoutStarter,
        passkeys:
          options.passkeyDomain === undefined
            ? undefined
            : Passkeys.parse({ rpId: options.passkeyDomain, origins: options.passkeyOrigin }),
        online: onlineAfter(document, online, options.online),
        newEras: options.newEra,
      },
      Date.now() as Instant, // by the clock of whoever signs: the controller could name any day
    );
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new UsageError(`There can be no such document:\n${z.prettifyError(error)}\nNothing was written.`);
  }
}

function onlineAfter(
  { online: before }: TrustDocument,
  ours: TrustView["online"],
  which: "also" | "only" | undefined,
): TrustDocument["online"] {
  if (which === undefined) return before;
  return which === "only" ? [ours] : [...before.filter(({ keyId }) => keyId !== ours.keyId), ours];
}

async function readHolderFile(file: string, system: System): Promise<Holder> {
  const parsed = Holder.safeParse(JSON.parse(await readText(file, system)));
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${file} is no record of a holder, as \`keys show\` prints it:\n${z.prettifyError(parsed.error)}`,
  );
}
