/** Evidence of what a whole controller decided and machines did, exported and then judged without the controller. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RolloutDevicePage, RolloutView } from "../../protocol/api.ts";
import { TrustView } from "../../protocol/api-trust.ts";
import { payloadDigest, PAYLOAD_TYPES } from "../../protocol/dsse.ts";
import { EvidenceBundle } from "../../protocol/evidence-bundle.ts";
import type { EvidenceVerdict } from "../../protocol/evidence-verify.ts";
import type { RolloutId } from "../../protocol/ids.ts";
import { type CliResult, cli } from "../support/cli-run.ts";
import { Hospital, type Machine } from "../support/hospital.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";

let home: string;
let hospital: Hospital;
let file: string;
let pin: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ringback-evidence-"));
  file = join(home, "evidence.json");
  hospital = await Hospital.open({ consoleFolder: join(home, "no-console") });
  const tokenFile = join(home, "token");
  await writeFile(tokenFile, await hospital.setUp());
  login = ["--url", hospital.url, "--token-file", tokenFile];
  const { documents } = TrustView.parse(await hospital.call("/trust"));
  pin = payloadDigest(present(documents[0]));
});
afterEach(async () => {
  await hospital.close();
  await rm(home, { recursive: true, force: true });
});
let login: string[];

const exportOf = (id: RolloutId): Promise<CliResult> =>
  cli(["evidence", "export", id, "--out", file, ...login], { home });
const verify = (path: string): Promise<CliResult> =>
  cli(["evidence", "verify", path, "--trust-root", pin, "--json"], { home });

const ready = (id: RolloutId, status: string, count: number) =>
  until(`${count} devices ${status}`, async () => {
    const page = RolloutDevicePage.parse(await hospital.call(`/rollouts/${id}/devices?status=${status}`));
    return page.items.length === count ? page : undefined;
  });

/** The canary first, whichever machine it is, then the others once its gate has passed. */
async function ordersIn(machines: readonly Machine[], { id }: RolloutView) {
  const offered = await ready(id, "offered", 1);
  const canary = machines.find(({ identity }) => identity.deviceId === offered.items[0]?.device);
  return { canary: present(canary), others: machines.filter((machine) => machine !== canary) };
}

test("of a rollout in two waves it holds offline, and every byte of it counts", async () => {
  const machines = [await hospital.healthyMachine("reception"), await hospital.healthyMachine("ward-1")];
  const rollout = await hospital.rollout();
  const { canary, others } = await ordersIn(machines, rollout);
  await canary.carriesOut(await canary.takesOrder());
  const second = present(others[0]);
  await second.carriesOut(await second.takesOrder());
  await ready(rollout.id, "succeeded", 2);

  const exported = await exportOf(rollout.id);
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await hospital.close(); // from here on nobody can ask it

  const { code, stdout } = await verify(file);
  const verdict = JSON.parse(stdout) as EvidenceVerdict;
  expect(verdict.checks.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`))).toEqual([]);
  expect(code).toBe(0);
  expect(verdict.devices.map(({ word, isOlder }) => [word, isOlder])).toEqual([
    ["succeeded", false],
    ["succeeded", false],
  ]);
  const { devices } = EvidenceBundle.parse(JSON.parse(await readFile(file, "utf8"))).body;
  expect(devices.map(({ orders }) => orders.map(({ steps }) => steps.length))).toEqual([[3], [3]]);

  const bytes = await readFile(file);
  const flipped = join(home, "flipped.json");
  for (let tries = 0; tries < 40; tries++) {
    const bent = Buffer.from(bytes);
    const place = Math.floor(((tries + 0.5) / 40) * bytes.length);
    bent[place] = present(bent[place]) ^ 1;
    await writeFile(flipped, bent);
    expect([place, (await verify(flipped)).code]).not.toEqual([place, 0]);
  }
});

test("while it runs, it tells what was signed so far; a device that sends junk spoils nobody else's word", async () => {
  const machines = [await hospital.healthyMachine("reception"), await hospital.healthyMachine("ward-1")];
  const rollout = await hospital.rollout();
  const { canary, others } = await ordersIn(machines, rollout);
  await canary.carriesOut(await canary.takesOrder());
  const second = present(others[0]);
  const { orderId } = await second.takesOrder();
  const receipt = { payloadType: PAYLOAD_TYPES.stepReceipt, payload: btoa("{}"), signatures: [present(junk)] };
  await second.reports({ kind: "step-progress", progress: { orderId, step: 0, event: "done", receipt } });

  expect(await exportOf(rollout.id)).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout } = await verify(file);
  const verdict = JSON.parse(stdout) as EvidenceVerdict;
  expect([code, verdict.checks.flatMap(({ faults }) => faults)]).toEqual([0, []]);
  expect(verdict.devices.map(({ word }) => word).toSorted()).toEqual(["succeeded", "unfinished"]);
});
const junk = { keyid: "0".repeat(64) as never, sig: "AAAA" };

test("a file that is there stays as it is, and what does not exist leaves no file", async () => {
  await hospital.healthyMachine("reception");
  const { id } = await hospital.rollout();
  await writeFile(file, "of last week");
  const again = await exportOf(id);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("is there already, and is left as it is");
  expect(await readFile(file, "utf8")).toBe("of last week");
  await rm(file);
  const unknown = await exportOf(`${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}` as RolloutId);
  expect(unknown.code).not.toBe(0);
  expect(unknown.stderr).toContain("There is no rollout");
  expect((await readdir(home)).filter((name) => name.startsWith("evidence"))).toEqual([]);
});
