/**
 * The baseline: a bare ws server with our options. It speaks the same frames with the same clients and believes all it
 * hears; nothing is bounded, checked, logged or counted that the measurement does not need.
 *
 * `mute` answers every frame with a constant one: what holding sockets costs. `full` verifies one signature a login and
 * makes reports durable, as many in a transaction as it is told.
 */
import { createPublicKey, randomBytes, verify } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { WEBSOCKET_OPTIONS } from "../../../controller/gateway/websocket-options.ts";
import { type BareReport, BareTables } from "./bare-tables.ts";
import { DATABASE_NAME } from "./database.ts";
import { answerAsServer, BACKLOG, HOST } from "./server-process.ts";

export interface BareCalls {
  /** What it does from its start on. */
  become(kind: "mute" | "full"): Promise<void>;
  /** Reports in one transaction from now on; fewer only when no more come. */
  batch(size: number): Promise<void>;
  /** Sends one frame of this size to all. */
  broadcast(bytes: number): Promise<void>;
}

interface Claim {
  readonly deviceId: string;
  readonly epoch: string;
  readonly nonce: string;
}
type Frame =
  | ({ readonly type: "hello" } & Claim)
  | { readonly type: "login"; readonly signature: string }
  | { readonly type: "report"; readonly epoch: string; readonly sequence: number; readonly body: BareReport["body"] }
  | { readonly type: "pull" };

/** A batch that is not full is written after so long without another report. */
const IDLE_MS = 5;
const KEY = { format: "der", type: "spki" } as const;

const sockets = new Set<WebSocket>();
const claims = new WeakMap<WebSocket, Claim>();
let kind: "mute" | "full" = "full";
let tables: BareTables | undefined;
let publicKeys: ReadonlyMap<string, string> = new Map();
let throughs: ReadonlyMap<string, number> = new Map();
let batchSize = 500;
let queue: { readonly socket: WebSocket; readonly report: BareReport }[] = [];
let idle: NodeJS.Timeout | undefined;
const counts = { commits: 0, reports: 0 };

function onMute(this: WebSocket, data: RawData): void {
  const frame = JSON.parse((data as Buffer).toString()) as Frame;
  if (frame.type === "hello") this.send(MUTE_CHALLENGE);
  else if (frame.type === "login") this.send('{"type":"welcome","through":0,"now":1795000000000}');
  else if (frame.type === "report") this.send(`{"type":"ack","through":${frame.sequence}}`);
}
const MUTE_CHALLENGE = JSON.stringify({ type: "challenge", nonce: Buffer.alloc(32).toString("base64"), minor: 0 });

function onFull(this: WebSocket, data: RawData): void {
  const frame = JSON.parse((data as Buffer).toString()) as Frame;
  if (frame.type === "hello") {
    const nonce = randomBytes(32).toString("base64");
    claims.set(this, { deviceId: frame.deviceId, epoch: frame.epoch, nonce });
    this.send(JSON.stringify({ type: "challenge", nonce, minor: 0 }));
  } else if (frame.type === "login") logIn(this, frame.signature);
  else if (frame.type === "report") take(this, frame);
}

function logIn(socket: WebSocket, signature: string): void {
  const { deviceId, epoch, nonce } = claims.get(socket) as Claim;
  const key = createPublicKey({ key: Buffer.from(publicKeys.get(deviceId) ?? "", "base64"), ...KEY });
  const bytes = Buffer.from(`ringback.v1 login\n${nonce}\n${deviceId}\n`);
  if (!verify("sha256", bytes, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64"))) {
    socket.close(4401);
    return;
  }
  const through = throughs.get(epoch) ?? 0;
  socket.send(JSON.stringify({ type: "welcome", through, now: Date.now() }));
}

function take(socket: WebSocket, { epoch, sequence, body }: Extract<Frame, { type: "report" }>): void {
  const { deviceId } = claims.get(socket) as Claim;
  queue.push({ socket, report: { device: deviceId, epoch, sequence, at: Date.now(), body } });
  if (queue.length >= batchSize) write();
  else idle ??= setTimeout(write, IDLE_MS);
}

function write(): void {
  clearTimeout(idle);
  idle = undefined;
  const batch = queue;
  queue = [];
  if (batch.length === 0) return;
  tables?.store(batch.map(({ report }) => report));
  counts.commits++;
  counts.reports += batch.length;
  for (const { socket, report } of batch) socket.send(`{"type":"ack","through":${report.sequence}}`);
}

/** No agent parses it: it is only counted. */
const BROADCAST = "broadcast";
const ignore = (): void => {};

answerAsServer<BareCalls>({
  async become(wanted) {
    kind = wanted;
  },
  async batch(size) {
    batchSize = size;
  },
  async start({ folder, port, pingEveryMs }) {
    if (kind === "full") {
      tables = new BareTables(join(folder, DATABASE_NAME));
      publicKeys = tables.publicKeys();
      throughs = tables.throughs();
    }
    const webSockets = new WebSocketServer(WEBSOCKET_OPTIONS);
    const server = createServer();
    const onMessage = kind === "mute" ? onMute : onFull;
    server.on("upgrade", (request, socket, head) => {
      webSockets.handleUpgrade(request, socket, head, (agent) => {
        agent.on("message", onMessage);
        agent.on("error", ignore);
        if (kind === "full") sockets.add(agent);
      });
    });
    setInterval(() => {
      for (const socket of sockets) socket.ping();
    }, pingEveryMs);
    server.listen(port, HOST, BACKLOG);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
  async commits() {
    return { ...counts };
  },
  async broadcast(bytes) {
    const frame = `${BROADCAST}${"x".repeat(Math.max(0, bytes - BROADCAST.length))}`;
    for (const socket of sockets) socket.send(frame);
  },
});
