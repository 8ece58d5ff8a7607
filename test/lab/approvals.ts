/**
 * Who approves in a drill: people make their keys, take every role over from the controller's starter keys, read the plan
 * and sign it. Agents check all of it by themselves; nobody here tells them what to believe.
 */
import { join } from "node:path";
import type { ApiClient } from "../../controller/cli/client.ts";
import { ApiProblem } from "../../controller/cli/errors.ts";
import type { PlanView } from "../../protocol/api.ts";
import { spoken } from "../../protocol/spoken.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Holder } from "../../protocol/trust-document.ts";
import { whyNoChromium } from "../support/chromium.ts";
import type { Account } from "./account.ts";
import { handOver } from "./hand-over.ts";
import { type Approved, approveWithKeyFile, forgeApproval, keyFileOwner, type KeyFileOwner } from "./people.ts";
import type { PasskeyPerson } from "./passkey-person.ts";
import type { Sabotage } from "./sabotage.ts";

export interface ApprovalsParts {
  readonly client: ApiClient;
  /** Signs a browser in. */
  readonly token: string;
  readonly folder: string;
  /** Where the controller looks for the console. */
  readonly consoleFolder: string;
  readonly sabotage: Sabotage | undefined;
  readonly account: Account;
}

type Second =
  | { readonly kind: "key file"; readonly owner: KeyFileOwner }
  | { readonly kind: "passkey"; readonly owner: PasskeyPerson };

interface Everyone {
  readonly roots: readonly KeyFileOwner[];
  readonly policyHolders: readonly KeyFileOwner[];
  readonly first: KeyFileOwner;
  readonly second: Second;
}

export class Approvals implements AsyncDisposable {
  readonly #parts: ApprovalsParts;
  readonly #people: Everyone;
  readonly #approvalOrigin: string;

  private constructor(parts: ApprovalsParts, people: Everyone, approvalOrigin: string) {
    this.#parts = parts;
    this.#people = people;
    this.#approvalOrigin = approvalOrigin;
  }

  /** People make their keys. */
  static async prepare(parts: ApprovalsParts): Promise<Approvals> {
    const { client, account } = parts;
    const folder = join(parts.folder, "people");
    const { approvalOrigin } = await client.session();
    const people: Everyone = {
      roots: [
        await keyFileOwner(folder, "rosa", "Rosa Reyes", "ed25519"),
        await keyFileOwner(folder, "rolf", "Rolf Rask", "p256"),
      ],
      policyHolders: [await keyFileOwner(folder, "paul", "Paul Petit", "p256")],
      first: await keyFileOwner(folder, "ada", "Ada Asante", "ed25519"),
      second: await secondApprover(parts, folder, approvalOrigin),
    };
    account.say("People made keys of their own: two for the root, one for policy, two to approve");
    for (const { holder, how } of approversOf(people))
      account.say(`${holder.name} approves with ${how}, ${fingerprints(holder)}`);
    return new Approvals(parts, people, approvalOrigin);
  }

  /** From here on no key on the controller approves, sets policy or names others. */
  async moveStarterKeysOff(): Promise<void> {
    const { client, account } = this.#parts;
    const { roots, policyHolders, first, second } = this.#people;
    const approvers = [first.holder, second.owner.holder];
    const passkeys =
      second.kind === "passkey"
        ? { rpId: new URL(this.#approvalOrigin).hostname, origins: [this.#approvalOrigin] }
        : null;
    const document = await handOver(client, { roots, policyHolders, approvers, passkeys }, Date.now() as Instant);
    const { sentence, policy } = await client.trust();
    account.say(
      `Starter keys moved off: policy ${policy.version} and trust document ${document.version}, signed by the starter keys that go and by the people who come`,
    );
    account.say(sentence);
  }

  /** Both read the plan and sign it. @throws if what they read is not the same, or if the starter key still counts */
  async approve(plan: PlanView): Promise<readonly Approved[]> {
    const { client, account, sabotage } = this.#parts;
    const { first, second } = this.#people;
    await this.#starterKeyIsRefused(plan);
    const one = approveWithKeyFile(plan, first);
    await client.addApproval(plan.id, one.request);
    tell(account, one.approved);
    if (sabotage === "forged-approval" && second.kind === "key file") {
      const forged = forgeApproval(one, second.owner);
      await client.addApproval(plan.id, forged.request);
      account.say(`Somebody hands in a signature in the name of ${forged.approved.name}, who has signed nothing`);
      return [one.approved, forged.approved];
    }
    const two = await secondApproves(client, plan, second);
    compare(account, one.approved, two);
    return [one.approved, two];
  }

  async #starterKeyIsRefused({ id, digest }: PlanView): Promise<void> {
    const { client, account } = this.#parts;
    const refusal = await client.approvePlan(id, digest).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(refusal instanceof ApiProblem))
      throw new Error("the controller's starter key still approves plans", { cause: refusal });
    account.say(`The controller's own key is tried first, and refused: ${refusal.message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { second } = this.#people;
    if (second.kind === "passkey") await second.owner.close();
  }
}

async function secondApprover(
  { sabotage, account, consoleFolder, token }: ApprovalsParts,
  folder: string,
  approvalOrigin: string,
): Promise<Second> {
  const why = sabotage === undefined ? whyNoChromium() : "a spoiled drill is about something else";
  if (why !== undefined) {
    account.say(`No passkey in this drill: ${why}. Both approvers use key files.`);
    return { kind: "key file", owner: await keyFileOwner(folder, "ben", "Ben Brandt", "p256") };
  }
  // A browser and a bundler: only if needed.
  const { buildConsole } = await import("../support/build-console.ts");
  const { PasskeyPerson } = await import("./passkey-person.ts");
  await buildConsole(consoleFolder);
  return { kind: "passkey", owner: await PasskeyPerson.enrol(approvalOrigin, token, "ben", "Ben Brandt") };
}

async function secondApproves(client: ApiClient, plan: PlanView, second: Second): Promise<Approved> {
  if (second.kind === "passkey") return await second.owner.approve(plan.id);
  const { request, approved } = approveWithKeyFile(plan, second.owner);
  await client.addApproval(plan.id, request);
  return approved;
}

const approversOf = ({ first, second }: Everyone) => [
  { holder: first.holder, how: "a key file" },
  { holder: second.owner.holder, how: second.kind === "passkey" ? "a passkey made in Chromium" : "a key file" },
];

const fingerprints = ({ keys }: Holder): string => keys.map(({ keyId }) => spoken(keyId)).join(", ");

/** The lines that matter most; the document at the end has all of them. */
function tell(account: Account, { name, with: how, digest, saw }: Approved): void {
  account.say(
    `${name} reads ${saw.length} lines, in words from the signed bytes, and signs with a ${how}; among them:`,
  );
  for (const line of saw.filter((row) => /^(THIS|IT |Kind|Title|Devices|Step|Wave|Valid)/.test(row)))
    account.say(`    ${line}`);
  account.say(`    Digest, to compare over the phone: ${digest}`);
}

/** What a page shows and what a command line shows is read from the same bytes: it has to be the same, line by line. */
function compare(account: Account, one: Approved, two: Approved): void {
  if (one.digest !== two.digest)
    throw new Error(`${one.name} signed ${one.digest}, and ${two.name} signed ${two.digest}`);
  const differs = two.saw.find((line, i) => line !== one.saw[i]) ?? one.saw[two.saw.length];
  if (differs !== undefined) throw new Error(`${one.name} and ${two.name} were not shown the same: ${differs}`);
  account.say(`${two.name} reads the same ${two.saw.length} lines and digest, and signs with a ${two.with}`);
}
