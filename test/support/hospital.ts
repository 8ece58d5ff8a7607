/**
 * A controller as it is shipped, on a data folder of its own, with machines that do what a test tells them.
 *
 * Machines speak the agents' protocol over real sockets and sign with real keys; people's part goes through the public
 * API. Nothing is made up inside the controller.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { z } from "zod";
import { startController } from "../../controller/controller.ts";
import { PlanView, type PlanRequest, RolloutView, SetupAnswer } from "../../protocol/api.ts";
import { IncidentView } from "../../protocol/api-incidents.ts";
import { DevicePage } from "../../protocol/api-devices.ts";
import type { BootReport } from "../../protocol/boot.ts";
import { type Sha256, sha256Hex } from "../../protocol/canonical.ts";
import { ContentVersion } from "../../protocol/content.ts";
import { type Envelope, payloadDigest, PAYLOAD_TYPES, peek, seal } from "../../protocol/dsse.ts";
import {
  ENROLMENT_PATH,
  EnrolmentAnswer,
  EnrolmentClaim,
  enrolmentBytes,
  TokenMade,
} from "../../protocol/enrolment.ts";
import type { ReportBody } from "../../protocol/frames.ts";
import type { DeviceId } from "../../protocol/ids.ts";
import { Role, Site } from "../../protocol/names.ts";
import { type Order, PlanStatement, WaveOrder } from "../../protocol/plan.ts";
import type { Receipt, StepReceipt } from "../../protocol/progress.ts";
import type { Instant } from "../../protocol/time.ts";
import { AgentClient, type AgentIdentity, anAgent, registrationOf } from "./agent-client.ts";
import { aBoot, aHealthyBoot } from "./fleet-builders.ts";
import { until } from "./until.ts";

const DAY = 86_400_000;
export const FAULTY = version("291-37");
export const SOUND = version("291-36");

function version(label: string): ContentVersion {
  return ContentVersion.parse({
    source: "acme.channel-291",
    sha256: sha256Hex(new TextEncoder().encode(label)),
    label,
    path: "C:\\Windows\\System32\\drivers\\Acme\\C-00000291.sys",
    sizeBytes: 40_960,
    modifiedAt: Date.parse("2026-11-20T04:09:00Z"),
  });
}

export interface HospitalOptions {
  /** The built console. */
  readonly consoleFolder: string;
  /** A machine gone without a goodbye for so long is silent. */
  readonly silentAfterMs?: number;
}

export class Hospital {
  readonly url: string;
  readonly dataFolder: string;
  /** Where passkeys approve. */
  readonly approvalUrl: string;
  /** Good once. */
  readonly setupLink: string;
  private readonly machines: Machine[] = [];
  private readonly stopController: () => Promise<void>;
  /** What the controller's log says went wrong. */
  private readonly logged: readonly string[];
  private token = "";

  private constructor(
    url: string,
    dataFolder: string,
    setupLink: string,
    stopController: () => Promise<void>,
    logged: readonly string[],
  ) {
    this.logged = logged;
    this.url = url;
    this.dataFolder = dataFolder;
    this.approvalUrl = url.replace("127.0.0.1", "approve.localhost");
    this.setupLink = setupLink;
    this.stopController = stopController;
  }

  static async open({ consoleFolder, silentAfterMs = 600_000 }: HospitalOptions): Promise<Hospital> {
    const dataFolder = await mkdtemp(join(tmpdir(), "ringback-hospital-"));
    const logged: string[] = [];
    const removeData = async (): Promise<void> => await rm(dataFolder, { recursive: true, force: true });
    const controller = await startController(
      { dataFolder, tls: "none", names: [], host: "127.0.0.1", port: 0, silentAfterMs, leaseMs: 5_000, labPace: 1 },
      {
        version: "0.0.0-test",
        consoleFolder,
        log: pino({ level: "error" }, { write: (line: string) => void logged.push(line) }),
      },
    ).catch(async (error: unknown) => {
      await removeData();
      throw error;
    });
    const stop = async (): Promise<void> => {
      await controller.stop();
      await removeData();
    };
    return new Hospital(controller.url, dataFolder, await controller.makeSetupLink(), stop, logged);
  }

  /** Does the administrator's first act; without it only the set-up page is of use. */
  async setUp(name = "Ada Admin"): Promise<string> {
    const code = new URL(this.setupLink).hash.slice("#code=".length);
    const { token } = SetupAnswer.parse(await this.call("/setup", { code, name }));
    this.token = token;
    return token;
  }

  /** A registered machine that is not connected yet. */
  async machine(name: string, site = "Elm Street", role = "workstation"): Promise<Machine> {
    const machine = new Machine(this.url, anAgent(name));
    const over = { name, site: Site.parse(site), role: Role.parse(role) };
    await this.call("/devices", registrationOf(machine.identity, over));
    this.machines.push(machine);
    return machine;
  }

  /** A device shows a token, as its agent would; what becomes of it is the token's and people's matter. */
  async enrol(name: string, token: string): Promise<EnrolmentAnswer> {
    const { deviceId, key } = anAgent(name);
    const { publicKey } = key;
    const claim = EnrolmentClaim.parse({ token, deviceId, publicKey, name, group: "ward-pcs", binding: "front" });
    const signature = Buffer.from(key.sign(enrolmentBytes(claim, ""))).toString("base64");
    const body = JSON.stringify({ claim, signature });
    const response = await fetch(`${this.url}${ENROLMENT_PATH}`, { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    const answer = EnrolmentAnswer.parse(JSON.parse(text));
    await until("the new device to be known", async () => {
      const { items } = DevicePage.parse(await this.call("/devices"));
      return items.find(({ id }) => id === answer.deviceId);
    });
    return answer;
  }

  /** Devices that enrolled and wait for a person. */
  async newcomers(...names: readonly string[]): Promise<readonly DeviceId[]> {
    const wish = { group: "ward-pcs", site: "Ward 7", role: "clinical", uses: names.length };
    const { token } = TokenMade.parse(await this.call("/enrolment-tokens", wish));
    const ids: DeviceId[] = [];
    for (const name of names) ids.push((await this.enrol(name, token)).deviceId);
    return ids;
  }

  /** The administrator registers a machine again, under another name. */
  async rename({ identity }: Machine, name: string): Promise<void> {
    const over = { name, site: Site.parse("Elm Street"), role: Role.parse("workstation") };
    await this.call("/devices", registrationOf(identity, over));
  }

  /** A registered machine that has had a good boot. */
  async healthyMachine(name: string, content: readonly ContentVersion[] = [SOUND]): Promise<Machine> {
    const machine = await this.machine(name);
    await machine.connects();
    await machine.boots({ content: [...content] });
    await machine.isWell();
    return machine;
  }

  async incident(): Promise<IncidentView> {
    const { source, sha256 } = FAULTY;
    const evidence = "Every machine that took it crashed in acme.sys within a minute.";
    return IncidentView.parse(
      await this.call("/incidents", {
        title: "Boot loops after Acme channel file 291-37",
        content: { source, sha256 },
        evidence,
      }),
    );
  }

  async plan(over: Partial<z.input<typeof PlanRequest>> = {}): Promise<PlanView> {
    return PlanView.parse(await this.call("/plans", { ...aPlanRequest(), ...over }));
  }

  /** A rollout that runs: planned, approved and started. */
  async rollout(over: Partial<z.input<typeof PlanRequest>> = {}): Promise<RolloutView> {
    const { id, digest } = await this.plan(over);
    await this.call(`/plans/${id}/approve`, { digest });
    return RolloutView.parse(await this.call("/rollouts", { plan: id }));
  }

  /** A request of the public API; with a body a POST. */
  async call(path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error([path, await response.text(), ...this.logged].join("\n"));
    return response.json();
  }

  /** Stops the controller and removes its data. Stopping again does nothing. */
  async close(): Promise<void> {
    for (const machine of this.machines.splice(0)) machine.vanishes();
    await (this.closed ??= this.stopController());
  }
  private closed: Promise<void> | undefined;
}

export const aGate = {
  successShareMin: 0.9,
  failureShareMax: 0.3,
  sampleMin: { count: 1 },
  bakeMs: 0,
  deadlineMs: DAY,
} satisfies z.input<typeof PlanRequest>["strategy"]["waves"][number]["gate"];

/** Two waves over all machines: one canary, then the rest. */
export function aPlanRequest(): z.input<typeof PlanRequest> {
  return {
    title: "Withdraw Acme channel file 291-37",
    devices: { all: true },
    playbook: {
      name: "withdraw-channel-file",
      title: "Quarantine the faulty channel file",
      source: FAULTY.source,
      steps: [
        {
          kind: "quarantine-file",
          files: "C:\\Windows\\System32\\drivers\\Acme\\C-00000291*.sys",
          where: { sha256: [FAULTY.sha256] },
          filesMax: 1,
        },
        { kind: "reboot", noticeMs: 60_000 },
        { kind: "await-healthy", services: ["AcmeSensor"], settleMs: 60_000, withinMs: 1_200_000 },
      ],
    },
    strategy: {
      waves: [
        { name: "canary", take: { count: 1 }, gate: aGate },
        { name: "everyone else", take: { rest: true }, gate: aGate },
      ],
      budgets: { inFlightMax: 50 },
      patience: { offerMs: DAY, silentMs: DAY, orderMs: DAY },
      validityMs: DAY,
    },
  };
}

/** A machine with its agent, as the controller sees it. */
export class Machine {
  readonly identity: AgentIdentity;
  private readonly url: string;
  private client: AgentClient | undefined;
  private sequence = 0;
  private bootCount = 0;

  constructor(url: string, identity: AgentIdentity) {
    this.url = url.replace("http:", "ws:");
    this.identity = identity;
  }

  async connects(): Promise<void> {
    this.client = await AgentClient.login(this.url, this.identity);
  }

  /** Goes without a goodbye. */
  vanishes(): void {
    this.client?.socket.terminate();
    this.client = undefined;
  }

  async boots(over: Partial<BootReport> = {}): Promise<void> {
    this.bootCount++;
    await this.reports({
      kind: "boot-began",
      boot: aBoot({ bootId: this.bootId, bootedAt: Date.now() as Instant, ...over }),
    });
  }

  async isWell(): Promise<void> {
    await this.reports({ kind: "boot-healthy", healthy: aHealthyBoot({ bootId: this.bootId }) });
  }

  /** The third boot in a row after a bugcheck, each on the faulty file. */
  async isInBootLoop(): Promise<void> {
    const previousEnd: BootReport["previousEnd"] = { kind: "bugcheck", bugcheck: { code: "50", parameters: [] } };
    await this.boots({ tries: 3, previousEnd, content: [FAULTY] });
  }

  /** Waits for its order, and takes it with the word that it is of this moment. Begins nothing. */
  async seesOrder(nonce: string): Promise<{ readonly order: Order; readonly freshness: Envelope | undefined }> {
    return await until("an order in the mailbox", async () => {
      const { orders, freshness } = await this.connected.pullWith({ nonce });
      return orders[0] === undefined ? undefined : { order: orders[0], freshness };
    });
  }

  /** Waits for its order and begins it. */
  async takesOrder(): Promise<Order> {
    const order = await until("an order in the mailbox", async () => (await this.connected.pull())[0]);
    await this.reports({ kind: "order-accepted", orderId: order.orderId });
    return order;
  }

  async succeeds(order: Order): Promise<void> {
    await this.ends(order, "succeeded");
  }

  /** Carries every step out and signs a receipt of each, and a last one that names them. */
  async carriesOut(order: Order): Promise<void> {
    const { planId } = peek(order.order, WaveOrder);
    const { steps } = peek(order.statement, PlanStatement);
    const { orderId } = order;
    const { deviceId, key } = this.identity;
    let previous: Sha256 | null = null;
    for (const [step, { kind }] of steps.entries()) {
      await this.reports({ kind: "step-progress", progress: { orderId, step, event: "started" } });
      const signed: StepReceipt = {
        schema: "ringback.step-receipt/1",
        orderId,
        planId,
        deviceId,
        step,
        kind,
        event: "done",
        files: [],
        bootId: this.bootId,
        at: Date.now() as Instant,
        previous,
      };
      const receipt = seal(PAYLOAD_TYPES.stepReceipt, signed, [key]);
      previous = payloadDigest(receipt);
      await this.reports({ kind: "step-progress", progress: { orderId, step, event: "done", receipt } });
    }
    const last: Receipt = {
      schema: "ringback.receipt/1",
      orderId,
      planId,
      deviceId,
      outcome: "succeeded",
      steps: steps.map(({ kind }) => ({ kind, outcome: "done", files: [] })),
      bootId: this.bootId,
      durationMs: 90_000,
      finishedAt: Date.now() as Instant,
      lastStepReceipt: previous,
    };
    await this.reports({ kind: "order-ended", orderId, receipt: seal(PAYLOAD_TYPES.receipt, last, [key]) });
  }

  async fails(order: Order): Promise<void> {
    await this.ends(order, "failed");
  }

  private async ends({ orderId, order }: Order, outcome: "succeeded" | "failed"): Promise<void> {
    const failed = { outcome: "failed", fault: "file-locked", because: "the file is open in AcmeSensor" } as const;
    const receipt: Receipt = {
      schema: "ringback.receipt/1",
      orderId,
      planId: peek(order, WaveOrder).planId,
      deviceId: this.identity.deviceId,
      outcome,
      steps: [{ kind: "quarantine-file", ...(outcome === "failed" ? failed : { outcome: "done" }), files: [] }],
      bootId: this.bootId,
      durationMs: 90_000,
      finishedAt: Date.now() as Instant,
    };
    await this.reports({
      kind: "order-ended",
      orderId,
      receipt: seal(PAYLOAD_TYPES.receipt, receipt, [this.identity.key]),
    });
  }

  /** Resolves when the controller has it on disk. */
  async reports(body: ReportBody): Promise<void> {
    const sequence = ++this.sequence;
    const { connected } = this;
    connected.report(this.identity, sequence, body);
    await until(`report ${sequence} to be durable`, () =>
      connected.heard.find((frame) => frame.type === "ack" && frame.through >= sequence),
    );
  }

  get bootId(): BootReport["bootId"] {
    return `boot-${this.bootCount}` as BootReport["bootId"];
  }

  private get connected(): AgentClient {
    if (this.client === undefined) throw new Error("the machine is not connected");
    return this.client;
  }
}
