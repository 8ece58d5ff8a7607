/**
 * Approving with a passkey, as a person does it: enrol, be named in the trust document, read, sign. What comes out of
 * Chromium is then shown to the agent's own rules, which know nothing of the controller's keys.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { admit } from "../../agent/core/admission.ts";
import { ApiClient } from "../../controller/cli/client.ts";
import type { PlanView } from "../../protocol/api.ts";
import { fromBase64, pae, PAYLOAD_TYPES, seal, toBase64 } from "../../protocol/dsse.ts";
import { voicesOf } from "../../protocol/signatures.ts";
import { spoken } from "../../protocol/spoken.ts";
import type { Instant } from "../../protocol/time.ts";
import { Holder, type TrustDocument } from "../../protocol/trust-document.ts";
import { handOver } from "../lab/hand-over.ts";
import { violationsOf } from "../support/axe.ts";
import { whyNoChromium } from "../support/chromium.ts";
import { ConsoleBrowser } from "../support/console-browser.ts";
import { aPlanRequest, Hospital, type Machine } from "../support/hospital.ts";
import { aKey, type TestKey } from "../support/keys.ts";
import { admissionFacts } from "../support/signed-order.ts";
import { aHolder } from "../support/trust.ts";
import { until } from "../support/until.ts";
import { giveAuthenticator, type VirtualPasskey } from "../support/virtual-passkey.ts";

const skip = whyNoChromium();
const ROOT = aKey("rosa's key file");
const ADA = aKey("ada's key file");
const NONCE = Buffer.alloc(32, 7).toString("base64");

let browser: ConsoleBrowser;
let hospital: Hospital;
let client: ApiClient;
let token: string;
let machine: Machine;

beforeAll(async () => {
  if (skip !== undefined) return;
  browser = await ConsoleBrowser.launch();
});
beforeEach(async () => {
  if (skip !== undefined) return;
  hospital = await Hospital.open({ consoleFolder: inject("consoleFolder") });
  token = await hospital.setUp();
  client = new ApiClient({ url: hospital.url, token });
  machine = await hospital.healthyMachine("ward-1");
});
afterEach(async () => {
  await browser?.closeProfiles();
  await hospital?.close();
});
afterAll(async () => {
  await browser?.close();
});

interface Approver {
  readonly page: Page;
  readonly passkey: VirtualPasskey;
}

/** A browser at the address of approvals, signed in by token, with an authenticator. */
async function anApprover(path = "/approve"): Promise<Approver> {
  const page = await browser.open(hospital.approvalUrl, undefined, path);
  const passkey = await giveAuthenticator(page);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(/^as of/).waitFor();
  return { page, passkey };
}

async function enrol({ page }: Approver, person = "ben", name = "Dr Ben Bright"): Promise<Holder> {
  await page.goto("/approve/passkey");
  await page.getByLabel("Short name").fill(person);
  await page.getByLabel("Full name").fill(name);
  await page.getByRole("button", { name: "Make a passkey" }).click();
  return Holder.parse(JSON.parse(await page.getByTestId("record").innerText()));
}

const person = (name: string, key: TestKey) => ({ holder: aHolder(name, key), signer: key });
/** Everything is moved to people: Ada approves with a key file, Ben with the passkey. Both have to. */
const trusting = async (ben: Holder, origin = hospital.approvalUrl): Promise<TrustDocument> =>
  await handOver(
    client,
    {
      roots: [person("rosa", ROOT)],
      policyHolders: [person("rosa", ROOT)],
      approvers: [aHolder("ada", ADA), ben],
      passkeys: { rpId: "approve.localhost", origins: [origin] },
    },
    Date.now() as Instant,
  );

async function adaApproves({ id, statementDigest, signed }: PlanView): Promise<PlanView> {
  if (statementDigest === null || signed === null) throw new Error("the plan has no statement");
  const sig = toBase64(ADA.sign(pae(signed.payloadType, fromBase64(signed.payload))));
  return await client.addApproval(id, { statementDigest, keyId: ADA.keyId, sig });
}

async function openPlan(page: Page, plan: PlanView): Promise<void> {
  await page.goto(`/approve/${plan.id}`);
  await page.getByRole("heading", { name: "What you would approve" }).waitFor();
}
const approveButton = (page: Page) => page.getByRole("button", { name: "Approve with my passkey" });

describe.skipIf(skip)("a passkey's approval", () => {
  test("made in Chromium on the approval page counts on the device, next to a key file's", async () => {
    const approver = await anApprover();
    const ben = await enrol(approver);
    expect(await approver.page.getByTestId("fingerprint").innerText()).toBe(spoken(ben.keys[0]?.keyId ?? ""));
    expect(await violationsOf(approver.page)).toEqual([]);
    expect((await client.trust()).document.approvers.holders.map((holder) => holder.person)).toEqual(["controller"]);

    const trust = await trusting(ben);
    const plan = await hospital.plan();
    await adaApproves(plan);
    const { page } = approver;
    await openPlan(page, plan);
    const words = page.getByRole("list", { name: "What is signed" });
    await words.getByText("Devices: 1, at 1 site").waitFor();
    await words.getByText('Title: "Withdraw Acme channel file 291-37"').waitFor();
    await page.getByText("It needs the approval of 2 people; 1 has approved.").waitFor();
    expect(await page.getByTestId("spoken").innerText()).toBe(spoken(plan.statementDigest ?? ""));
    expect(await violationsOf(page)).toEqual([]);
    await approveButton(page).focus();
    await page.keyboard.press("Enter");
    await page.getByText("The approval of Dr Ben Bright was kept.").waitFor();
    await page.getByText("It was the last one that was needed").waitFor();
    await page.getByText("Everybody who may approve with a passkey has approved it already.").waitFor();

    const approved = await client.plan(plan.id);
    if (approved.envelope === null) throw new Error("it is not approved");
    const voices = voicesOf(approved.envelope, trust.approvers, trust.passkeys, verifyRaw);
    expect(voices.map(({ key }) => key.kind).toSorted()).toEqual(["p256", "passkey-es256"]);
    await client.startRollout(plan.id);
    const { order, freshness } = await machine.seesOrder(NONCE);
    const { policy } = await client.trust();
    const facts = admissionFacts({
      deviceId: machine.identity.deviceId,
      belief: { trust, policy },
      fresh: { envelope: freshness, nonce: NONCE, askedAgoMs: 0 },
      now: Date.now() as Instant,
    });
    expect(admit(order, facts)).toMatchObject({ kind: "accepted", statement: { planId: plan.id } });
    const alone = { ...order, statement: { ...order.statement, signatures: order.statement.signatures.slice(0, 1) } };
    expect(admit(alone, facts)).toMatchObject({ kind: "refused", rule: "under-signed" });
  });

  test("is not given for a plan that was changed while it was read", async () => {
    const approver = await anApprover();
    await trusting(await enrol(approver));
    const plan = await hospital.plan();
    const { page } = approver;
    await openPlan(page, plan);
    await approveButton(page).waitFor();
    await client.editPlan(plan.id, { ...aPlanRequest(), title: "Something else" });
    await page.getByText("The plan was changed since you opened it.").waitFor();
    expect(await approveButton(page).isDisabled()).toBe(true);
    await page.getByText('Title: "Withdraw Acme channel file 291-37"').waitFor();
    await page.getByRole("button", { name: "Show it as it is now" }).click();
    await page.getByText('Title: "Something else"').waitFor();
    await approveButton(page).click();
    await page.getByText("The approval of Dr Ben Bright was kept.").waitFor();
    const { approvals, approval } = await client.plan(plan.id);
    expect(approvals).toMatchObject([{ person: "ben", kind: "passkey-es256", counts: true }]);
    expect(approval).toBe("waiting");
  });

  test("that its owner does not confirm is not given, and the page says so", async () => {
    const approver = await anApprover();
    await trusting(await enrol(approver));
    const plan = await hospital.plan();
    await approver.passkey.verifyUser(false);
    await openPlan(approver.page, plan);
    await approveButton(approver.page).click();
    await approver.page.getByText("Not approved.").waitFor();
    await approver.page.getByText("Nothing was signed.").waitFor();
    expect((await client.plan(plan.id)).approvals).toEqual([]);
  });
});

test.skipIf(skip)("a plan that brings back what was put away says so before anything else", async () => {
  const rollout = await hospital.rollout();
  await machine.succeeds(await machine.takesOrder());
  await hospital.call(`/rollouts/${rollout.id}/halt`, { because: "it was the wrong file" });
  await until("an undo plan", async () => (await client.makeUndoPlan(rollout.id).catch(() => undefined)) && true);
  const approver = await anApprover();
  await trusting(await enrol(approver));
  const undo = (await client.plans()).items.find(({ undoes }) => undoes !== null);
  const { page } = approver;
  await page.goto(`/approve/${undo?.id}`);
  const words = page.getByRole("list", { name: "What is signed" }).getByRole("listitem");
  await words.first().waitFor();
  expect(await words.first().innerText()).toContain("THIS BRINGS BACK WHAT WAS PUT AWAY.");
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Approve bringing it back" }).click();
  await page.getByText("The approval of Dr Ben Bright was kept.").waitFor();
});

describe.skipIf(skip)("where no passkey can approve, the page says why and where to go", () => {
  test("nobody has enrolled one", async () => {
    const { page } = await anApprover();
    await openPlan(page, await hospital.plan());
    await page.getByText("No passkey counts yet.").waitFor();
    await page.getByRole("link", { name: "Make yours" }).click();
    await page.getByRole("heading", { name: "Make a passkey for approvals" }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  test("another address", async () => {
    const approver = await anApprover();
    await trusting(await enrol(approver));
    const plan = await hospital.plan();
    const page = await browser.open(hospital.url, token, `/approve/${plan.id}`);
    await page.getByText("Passkeys do not approve at this address.").waitFor();
    const link = page.getByRole("link", { name: hospital.approvalUrl });
    expect(await link.getAttribute("href")).toBe(`${hospital.approvalUrl}/approve/${plan.id}`);
    expect(await approveButton(page).count()).toBe(0);
    await page.goto("/approve/passkey");
    await page.getByText("A passkey made at this address would not count.").waitFor();
  });

  test("nothing but approvals is done at their address", async () => {
    const { page } = await anApprover();
    await page.goto("/devices");
    await page.getByRole("heading", { name: "Plans that wait for approval" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/approve");
  });
});

describe.skipIf(skip)("the console", () => {
  test("says on every page what the controller still holds, until all of it is with people", async () => {
    const page = await browser.open(hospital.url, token, "/devices");
    await page.getByText("This controller still holds its starter keys.").waitFor();
    const plan = await hospital.plan();
    const planPage = await browser.open(hospital.url, token, `/plans/${plan.id}`);
    await planPage.getByRole("button", { name: "with the starter key" }).waitFor();

    await trusting(aHolder("ben", aKey("ben's key file")));
    await page.getByText("This controller still holds its starter keys.").waitFor({ state: "detached" });
    await planPage.getByText("It needs the approval of 2 people.").waitFor();
    await planPage.getByRole("button", { name: "with the starter key" }).waitFor({ state: "detached" });
    const link = planPage.getByRole("link", { name: "Read and approve with a passkey" });
    expect(await link.getAttribute("href")).toBe(`${hospital.approvalUrl}/approve/${plan.id}`);
  });

  test("shows whom devices believe, what the policy allows, and what installers pin", async () => {
    const ben = aHolder("ben", aKey("ben's key file"));
    const document = await trusting(ben);
    const page = await browser.open(hospital.url, token, "/");
    await page.getByRole("link", { name: "Trust", exact: true }).click();
    await page.getByRole("heading", { name: "Trust document 2" }).waitFor();
    await page.getByText("2 of 2 people must sign to approve plans.").waitFor();
    const approvers = page.getByRole("table", { name: "Approvers" });
    await approvers.getByText(spoken(ben.keys[0]?.keyId ?? "")).waitFor();
    const { digest } = await client.trust();
    await page.getByText(`TRUST_ROOT_SHA256=${digest}`).waitFor();
    await page.getByRole("list", { name: "Policy" }).getByText("plans are valid for 14 days at most").waitFor();
    await page.getByText(`What version ${document.version} changed`).click();
    await page
      .getByRole("list", { name: "What changed" })
      .getByText(/^COMES: ben/)
      .waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  test("warns on every page when the trust document is about to expire", async () => {
    const document = await trusting(aHolder("ben", aKey("ben's key file")));
    const page = await browser.open(hospital.url, token, "/plans");
    await page.getByText(/^as of/).waitFor();
    expect(await page.getByText("The trust document expires soon.").count()).toBe(0);
    const next = { ...document, version: document.version + 1, expiresAt: Date.now() + 5 * 86_400_000 };
    await client.publishTrust(seal(PAYLOAD_TYPES.trust, next, [ROOT]));
    await page.getByText("The trust document expires soon.").waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  test("says that an approval is void when its approver is one no more", async () => {
    const plan = await hospital.plan();
    await client.approvePlan(plan.id, plan.digest);
    const page = await browser.open(hospital.url, token, `/plans/${plan.id}`);
    await page.getByText("Approved, not started").waitFor();
    await trusting(aHolder("ben", aKey("ben's key file")));
    await page.getByText("Its approval is void.").waitFor();
    await page.getByText("2 people must approve, and the approvals of 0 count").waitFor();
    await page.getByText("no: the trust document does not name this key any more").waitFor();
    expect(await page.getByRole("button", { name: "Start the rollout" }).count()).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
  });
});
