/** Moving the starter keys off the controller, as the administrator's guide tells it, and what they are worth afterwards. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createPrivateKey, sign } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyRaw } from "../../agent/adapters/verify-raw.ts";
import { believe, beliefOf, newBelief } from "../../agent/core/belief.ts";
import { ApiClient } from "../../controller/cli/client.ts";
import { type KeyFileCost, makeKeyFile, openKeyFile } from "../../controller/cli/key-file.ts";
import { nextTrust } from "../../controller/cli/trust-draft.ts";
import type { PlanView } from "../../protocol/api.ts";
import type { TrustView } from "../../protocol/api-trust.ts";
import { fromBase64, PAYLOAD_TYPES, pae, seal, toBase64 } from "../../protocol/dsse.ts";
import { voicesOf } from "../../protocol/signatures.ts";
import type { Instant } from "../../protocol/time.ts";
import { aKey } from "../support/keys.ts";
import { type CliResult, cli } from "../support/cli-run.ts";
import { aPlanRequest, FAULTY, Hospital } from "../support/hospital.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";

const PASSPHRASE = "five words of no kin";
const CHEAP: KeyFileCost = { name: "argon2id", memoryKib: 19_456, passes: 2, parallelism: 1 };

let hospital: Hospital;
let home: string;
let token: string;
let client: ApiClient;
let before: TrustView;
let starterApprover: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "ringback-hand-over-"));
  hospital = await Hospital.open({ consoleFolder: join(home, "no-console") });
  token = await hospital.setUp();
  client = new ApiClient({ url: hospital.url, token });
  writeFileSync(join(home, "token"), token, { mode: 0o600 });
  writeFileSync(join(home, "passphrase"), `${PASSPHRASE}\n`, { mode: 0o600 });
  await hospital.healthyMachine("PC-1", [FAULTY]);
  before = await client.trust();
  starterApprover = readFileSync(keyFile("starter-approver.pem"), "utf8");
  for (const person of ["rosa", "ruth", "paul", "ada", "bert"]) {
    const holder = await makeKeyFile(
      inHome(`${person}.key`),
      { person, name: `Dr ${person}`, kind: person === "bert" ? "ed25519" : "p256" },
      PASSPHRASE,
      CHEAP,
    );
    writeFileSync(inHome(`${person}.json`), JSON.stringify(holder));
  }
});
afterAll(async () => {
  await hospital.close();
  rmSync(home, { recursive: true });
});

const inHome = (name: string): string => join(home, name);
const keyFile = (name: string): string => join(hospital.dataFolder, "keys", name);
async function ringback(...args: string[]): Promise<CliResult> {
  const result = await cli(["--url", hospital.url, "--token-file", inHome("token"), ...args], { home });
  return result;
}
/** In groups, to be read as they are typed. */
async function done(...args: (string | readonly string[])[]): Promise<string> {
  const { code, stdout, stderr } = await ringback(...args.flat());
  expect([code, stderr]).toEqual([0, stderr]);
  return stdout;
}
/** The digest that a person has read, in a script. */
const digestIn = (stderr: string): string => present(/Digest of what is signed: ([0-9a-f]{64})/.exec(stderr)?.[1]);
const signAs = async (kind: "trust" | "policy", file: string, person: string): Promise<void> => {
  const asked = await ringback(
    kind,
    "sign",
    file,
    "--key",
    inHome(`${person}.key`),
    "--passphrase-file",
    inHome("passphrase"),
  );
  expect(asked.code).not.toBe(0); // nobody is there to be asked, and no digest was named
  await done(
    [kind, "sign", file, "--key", inHome(`${person}.key`), "--passphrase-file", inHome("passphrase")],
    ["--digest", digestIn(asked.stderr)],
  );
};
const approve = async (plan: string, person: string): Promise<CliResult> => {
  const args = ["approve", plan, "--key", inHome(`${person}.key`), "--passphrase-file", inHome("passphrase")];
  const asked = await ringback(...args);
  return ringback(...args, "--digest", digestIn(asked.stderr));
};

test("people take the roles over step by step, and devices follow from the pin that they were installed with", async () => {
  const policy = inHome("policy.json");
  const trust = inHome("trust.json");
  await done("policy", "draft", "--out", policy);
  await done("policy", "sign", policy, "--starter");
  await signAs("policy", policy, "paul");
  await done("policy", "publish", policy);

  await done(
    ["trust", "draft", "--out", trust, "--without-starter"],
    ["--root", inHome("rosa.json"), inHome("ruth.json"), "--root-threshold", "2"],
    ["--policy-holder", inHome("paul.json")],
    ["--approver", inHome("ada.json"), inHome("bert.json"), "--approver-threshold", "2"],
  );
  const unsigned = await ringback("trust", "publish", trust);
  expect(unsigned.code).toBe(2);
  expect(unsigned.stderr).toContain("Nobody has signed it yet");
  await signAs("trust", trust, "rosa");
  await signAs("trust", trust, "ruth");
  const withoutStarter = await ringback("trust", "publish", trust);
  expect(withoutStarter.stderr).toContain("signed by none of the roots of version 1");
  await done("trust", "sign", trust, "--starter");
  expect(await done("trust", "publish", trust)).toContain("people hold them");

  const after = await client.trust();
  expect(after).toMatchObject({ starterRoles: [], document: { version: 2 }, policy: { version: 2 } });
  const { record, refused } = believe(newBelief(before.digest), after.documents, after.policyEnvelope, verifyRaw);
  expect(refused).toEqual([]);
  expect(beliefOf(record)).toMatchObject({ trust: { version: 2 }, policy: { version: 2 } });
});

test("the starter keys are gone from the controller, and those of a thief are refused by controller and devices", async () => {
  for (const name of ["starter-root.pem", "starter-policy.pem", "starter-approver.pem"])
    await until(`${name} is removed`, async () => (existsSync(keyFile(name)) ? undefined : true));
  expect(existsSync(keyFile("online.pem"))).toBe(true);
  const plan = await client.makePlan(aPlanRequest());
  const byStarter = await ringback("plans", "approve", plan.id, "--digest", plan.digest);
  expect(byStarter.stderr).toContain("starter key approves nothing any more");

  const signed = present(plan.signed);
  const sig = sign("sha256", pae(signed.payloadType, fromBase64(signed.payload)), {
    key: createPrivateKey(starterApprover),
    dsaEncoding: "ieee-p1363",
  });
  const keyId = present(before.document.approvers.holders[0]?.keys[0]?.keyId);
  const stolen = { keyId, sig: toBase64(sig) };
  await expect(
    client.addApproval(plan.id, { statementDigest: present(plan.statementDigest), ...stolen }),
  ).rejects.toThrow(/names no approver/);
  const envelope = { ...signed, signatures: [{ keyid: keyId, sig: stolen.sig }] };
  expect(voicesOf(envelope, before.document.approvers, null, verifyRaw)).toHaveLength(1);
  expect(voicesOf(envelope, (await client.trust()).document.approvers, null, verifyRaw)).toEqual([]);
});

test("a plan needs both approvers, who read it in words before they sign; a root is none", async () => {
  const plan = await client.makePlan(aPlanRequest());
  const first = await approve(plan.id, "ada");
  expect(first.stdout).toContain("1 more must");
  expect(first.stderr).toContain("Devices: 1, at 1 site");
  await expect(client.startRollout(plan.id)).rejects.toThrow(/not approved/);
  const root = await ringback(
    "approve",
    plan.id,
    "--key",
    inHome("rosa.key"),
    "--passphrase-file",
    inHome("passphrase"),
  );
  expect(root.stderr).toContain("names no approver with this key");
  const second = await approve(plan.id, "bert");
  expect(second.stdout).toContain("Approved by ada, bert");
  const approved: PlanView = await client.plan(plan.id);
  expect(approved.approval).toBe("approved");
  expect(voicesOf(present(approved.envelope), (await client.trust()).document.approvers, null, verifyRaw)).toHaveLength(
    2,
  );
  expect((await client.startRollout(plan.id)).phase).toBe("running");
});

test("devices that have not taken the new document are listed to be enrolled again, until they say that they have", async () => {
  const machine = await hospital.machine("ward-9");
  await machine.connects();
  await machine.reports({ kind: "trust-changed", trustVersion: 1, policyVersion: 1 });
  const { behind } = (await client.trust()).devices; // those of the tests before that never said anything
  const others = behind.items.filter(({ device }) => device !== machine.identity.deviceId);
  const listed = await until("the old word is listed", async () => {
    const text = await done("trust", "devices");
    return /ward-9 +1 /.test(text) ? text : undefined;
  });
  expect(listed).toContain(
    `${others.length + 1} do not say that they have document 2, in which starter keys left a role`,
  );
  expect(await client.device(machine.identity.deviceId)).toMatchObject({
    trust: { trustVersion: 1, policyVersion: 1 },
  });
  await machine.reports({ kind: "trust-changed", trustVersion: 2, policyVersion: 2 });
  const left = await until("it is not listed any more", async () => {
    const { items, total } = (await client.trust()).devices.behind;
    return items.some(({ name }) => name === "ward-9") ? undefined : { items, total };
  });
  expect(left).toEqual({ items: others, total: others.length });
  for (const { device } of others) await client.revokeDevice(device, "the tests are done with it");
  expect(await done("trust", "devices")).toContain("Every accepted device says that it has document 2");
});

test("after the hand-over approvers end a stop and hold a source with their own keys, having read what they sign", async () => {
  const sign = async (person: string, ...command: string[]): Promise<CliResult> => {
    const args = [...command, "--key", inHome(`${person}.key`), "--passphrase-file", inHome("passphrase")];
    const asked = await ringback(...args);
    return ringback(...args, "--digest", digestIn(asked.stderr));
  };
  await done("stop-everything", "--because", "drill");
  const first = await sign("ada", "emergency", "approve");
  expect(first.stderr).toContain("This ends an emergency stop");
  expect(first.stdout).toContain("1 of 2 approvers have signed");
  expect((await sign("bert", "emergency", "approve")).stdout).toContain("Nothing is stopped");

  const { source } = aPlanRequest().playbook;
  const hold = await client.makeHold({ source, hours: 2, because: "drill" });
  const held = await sign("bert", "holds", "approve", hold.id);
  expect(held.stderr).toContain("keeps protection from updating");
  expect(held.stdout).toContain("in-force");
  const unsaid = await ringback("holds", "approve", hold.id);
  expect(unsaid.stderr).toContain("Say who signs");
});

test("a controller whose online key is not named says so, and roots name it: one that was lost or stolen is out", async () => {
  const { document, online } = await client.trust();
  const other = aKey("the online key of a data folder that was lost");
  const untouched = { add: [], threshold: undefined };
  const roles = { roots: untouched, policyHolders: untouched, approvers: untouched };
  const none = { remove: [], withoutStarter: false, passkeys: undefined, newEras: [] };
  const lost = nextTrust(
    document,
    { ...roles, ...none, online: [{ keyId: other.keyId, publicKey: other.publicKey }] },
    Date.now() as Instant,
  );
  const [rosa, ruth] = [
    await openKeyFile(inHome("rosa.key"), PASSPHRASE),
    await openKeyFile(inHome("ruth.key"), PASSPHRASE),
  ];
  await client.publishTrust(seal(PAYLOAD_TYPES.trust, lost, [rosa, ruth]));
  expect((await done("trust", "show")).replaceAll(/\s+/g, " ")).toContain("Devices take no order from this controller");

  const next = inHome("trust-online.json");
  await done("trust", "draft", "--out", next, "--online", "only");
  await signAs("trust", next, "rosa");
  await signAs("trust", next, "ruth");
  expect(await done("trust", "publish", next)).not.toContain("take no order");
  expect((await client.trust()).document.online).toEqual([online]);
});
