/**
 * The agents' gateway: takes their WebSockets, lets devices in by their keys, makes their reports durable and tells
 * them when orders wait.
 *
 * It keeps no truth of its own: whatever is lost with this process, agents send or ask again.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Duplex } from "node:stream";
import { type Server as WsServer, WebSocketServer } from "ws";
import type { z } from "zod";
import { type Checked, CLOSE } from "../../protocol/frames.ts";
import type { DeviceId, OrderId, StreamId } from "../../protocol/ids.ts";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Bus, Clock, Random } from "../ports.ts";
import type { DryRuns, Gateway } from "../ports/gateway.ts";
import type { Precautions } from "../ports/precautions.ts";
import type { ResumeKeys, VerifyDevice } from "../ports/trust.ts";
import type { Store } from "../store.ts";
import { Admission } from "./admission.ts";
import { AgentSocket, type SessionSocket } from "./agent-socket.ts";
import { type GatewayCounters, newCounters } from "./counters.ts";
import { GatewayDryRuns } from "./dry-runs.ts";
import { Ingest } from "./ingest.ts";
import { GATEWAY_LIMITS, type GatewayLimits } from "./limits.ts";
import type { GatewayLog } from "./log.ts";
import { Logins } from "./logins.ts";
import { LongPoll, type LongPollHost } from "./long-poll.ts";
import { Rivals } from "./rivals.ts";
import { Session, type SessionHost } from "./session.ts";
import { Tickets } from "./tickets.ts";
import type { GatewayTrust } from "./trust-frames.ts";
import { segmentOf } from "./segment.ts";
import { refusalOf, refuseUpgrade, type UpgradeRefusal } from "./upgrade.ts";
import { WEBSOCKET_OPTIONS } from "./websocket-options.ts";
import { Wheel } from "./wheel.ts";

export interface GatewayDeps {
  readonly store: Pick<Store, "loginFacts" | "ingest" | "takeMailbox" | "setStanding">;
  /** This process's stream of the change feed. */
  readonly stream: StreamId;
  readonly clock: Clock;
  readonly random: Random;
  readonly verify: VerifyDevice;
  /** Of resume tickets; without one, every login takes the device's key. */
  readonly resumeKeys?: ResumeKeys;
  readonly bus: Bus;
  readonly trust: GatewayTrust;
  readonly precautions: Pick<Precautions, "frames">;
  readonly log: GatewayLog;
  readonly limits?: Partial<GatewayLimits>;
  /** From where a request comes, as far as that can be believed; "" where it is not known. */
  readonly addressOf?: (request: IncomingMessage) => string;
}

export interface GatewayServer extends Gateway {
  /** True if an HTTP request is an agent's that comes without WebSockets; then it is or will be answered. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
  /** `open` counts every socket, `loggedIn` the devices; `unstoredReports` wait for a commit. */
  readonly connections: { readonly open: number; readonly loggedIn: number; readonly unstoredReports: number };
  readonly counters: Readonly<GatewayCounters>;
  readonly dryRuns: DryRuns;
  /**
   * The graceful stop: takes nothing new, stores and acknowledges what came, then closes every connection with 1001.
   * Resolves when all sockets are gone; takes at most twice `drainMs`.
   */
  drain(): Promise<void>;
}

const RESTARTING = "controller is restarting, connect again";

/** Takes over the upgrades of `server`. Whoever answers its requests asks `takes` first. */
export function attachGateway(server: Server | TlsServer, deps: GatewayDeps): GatewayServer {
  const gateway = new WebSocketGateway(deps);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    gateway.upgrade(request, socket, head);
  });
  return gateway;
}

/** `attachGateway` is the way in, except for the simulator, which has no server. */
export class WebSocketGateway implements GatewayServer, SessionHost, LongPollHost {
  readonly store: GatewayDeps["store"];
  readonly trust: GatewayTrust;
  readonly precautions: GatewayDeps["precautions"];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: GatewayLog;
  readonly limits: GatewayLimits;
  readonly counters = newCounters();
  readonly ingest: Ingest;
  readonly logins: Logins;
  readonly pulls: Admission;
  readonly tickets: Tickets;
  readonly framesPerBeat: number;
  readonly dryRuns: GatewayDryRuns;
  private readonly stream: StreamId;
  private readonly bus: Bus;
  private readonly addressOf: (request: IncomingMessage) => string;
  private readonly rivals: Rivals<Session>;
  private readonly longPoll = new LongPoll(this);
  private readonly server: WsServer<typeof AgentSocket>;
  private readonly wheel: Wheel<Session>;
  private readonly live = new Map<DeviceId, Session>();
  /** Who has not sent its login yet, in the order of the deadlines. */
  private readonly handshakes = new Set<Session>();
  private readonly slowedDown = new Set<Session>();
  private serial = 0;
  private stopping: Promise<void> | null = null;
  private onEmpty: (() => void) | null = null;

  constructor(deps: GatewayDeps) {
    this.store = deps.store;
    this.trust = deps.trust;
    this.precautions = deps.precautions;
    this.clock = deps.clock;
    this.random = deps.random;
    this.log = deps.log;
    this.limits = { ...GATEWAY_LIMITS, ...deps.limits };
    const { limits, counters } = this;
    this.stream = deps.stream;
    this.bus = deps.bus;
    this.addressOf = deps.addressOf ?? (() => "");
    this.ingest = new Ingest({ ...deps, limits, counters });
    this.tickets = new Tickets(deps.resumeKeys ?? (() => []), deps.clock, deps.random);
    this.logins = new Logins(deps.store, deps.verify, this.tickets, limits);
    this.rivals = new Rivals(deps.random, Math.ceil(limits.rivalAnswerMs / limits.beatMs) + 1);
    this.dryRuns = new GatewayDryRuns(deps.clock, deps.random, (device) => this.live.get(device));
    this.pulls = new Admission(limits.pullsAtOnceMax, limits.connectionsMax);
    this.framesPerBeat = Math.max(1, Math.round((limits.framesPerSecondMax * limits.beatMs) / 1_000));
    this.wheel = new Wheel(deps.clock, limits.beatMs, limits.pingEveryMs, (due) => this.onBeat(due));
    const options = { ...WEBSOCKET_OPTIONS, WebSocket: AgentSocket, closeTimeout: limits.closeTimeoutMs };
    this.server = new WebSocketServer(options);
  }

  get beat(): number {
    return this.wheel.beat;
  }

  get connections(): GatewayServer["connections"] {
    return { open: this.wheel.size, loggedIn: this.live.size, unstoredReports: this.ingest.waiting };
  }

  nudge(devices: Iterable<DeviceId>): void {
    for (const device of devices) this.live.get(device)?.nudge();
  }

  tellTrust(): void {
    for (const session of this.live.values()) session.tellTrust();
  }

  tellPrecautions(frames: readonly string[]): void {
    for (const session of this.live.values()) session.tellPrecautions(frames);
  }

  stopOrders(orders: Iterable<{ readonly device: DeviceId; readonly order: OrderId }>): void {
    for (const { device, order } of orders) this.live.get(device)?.stop(order);
  }

  standingChanged(device: DeviceId, standing: DeviceStanding): void {
    this.logins.standingChanged(device, standing);
    for (const session of this.sessionsOf(device)) session.standingChanged(standing);
  }

  announce(): void {
    const receivedAt = this.clock.now();
    for (const [deviceId, { segment }] of this.live) {
      const presence = { kind: "connected" as const, ...(segment === null ? {} : { segment }) };
      this.ingest.addPresence({ deviceId, receivedAt, presence });
    }
  }

  /** The newest one, and older ones that are being asked whether they are alive. */
  private sessionsOf(device: DeviceId): readonly Session[] {
    const newest = this.live.get(device);
    return [...this.rivals.askedOf(device), ...(newest === undefined ? [] : [newest])];
  }

  drain(): Promise<void> {
    this.stopping ??= this.stop();
    return this.stopping;
  }

  // ---- connections -------------------------------------------------------------------------------------------------

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refusalOf(request) ?? this.noRoom();
    if (refusal !== undefined) {
      this.counters.upgradesRefused++;
      refuseUpgrade(socket, refusal);
      return;
    }
    this.server.handleUpgrade(request, socket, head, this.upgraded);
  }

  private readonly upgraded = (agent: AgentSocket, request: IncomingMessage): void => {
    agent.stream = request.socket;
    this.accept(agent, request);
  };

  takes(request: IncomingMessage, response: ServerResponse): boolean {
    return this.longPoll.takes(request, response);
  }

  refused(): void {
    this.counters.upgradesRefused++;
  }

  afterClose(call: () => void): () => void {
    return this.clock.after(this.limits.closeTimeoutMs, call);
  }

  noRoom(): UpgradeRefusal | undefined {
    const { connectionsMax, handshakesMax } = this.limits;
    const status = "503 Service Unavailable";
    if (this.stopping !== null) return { status, because: RESTARTING, retryAfterSeconds: 5 };
    const because = "the controller has all the connections it can take now, connect again later";
    if (this.wheel.size >= connectionsMax) return { status, because, retryAfterSeconds: 60 };
    if (this.handshakes.size < handshakesMax && !this.logins.isFull) return undefined;
    // Spread over half a minute, or those turned away together would come back together.
    return { status, because, retryAfterSeconds: 1 + ((this.random(1)[0] ?? 0) % 30) };
  }

  /** A connection is there, and the peer has asked for our subprotocol. */
  readonly accept = (socket: SessionSocket, request?: IncomingMessage): void => {
    this.counters.connectionsAccepted++;
    const segment = request === undefined ? null : segmentOf(this.addressOf(request));
    const session = new Session(this, socket, this.serial++, this.loginDeadline(), segment);
    socket.attach(session);
    this.wheel.add(session);
    this.handshakes.add(session);
  };

  /** One beat more, as we are somewhere inside the current one: never shorter than promised. */
  private loginDeadline(): number {
    const { loginTimeoutMs, beatMs } = this.limits;
    return this.beat + Math.ceil(loginTimeoutMs / beatMs) + 1;
  }

  private onBeat(due: Iterable<Session>): void {
    for (const session of this.handshakes) {
      if (session.loginDeadline > this.beat) break;
      this.handshakes.delete(session);
      session.loginTimedOut();
    }
    for (const session of this.slowedDown) {
      if (session.refill()) this.slowedDown.delete(session);
    }
    for (const { older, newer } of this.rivals.overdue(this.beat)) {
      older.replaced();
      this.settle(newer);
    }
    for (const session of due) session.keepAlive();
  }

  // ---- what sessions tell ------------------------------------------------------------------------------------------

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  signed(session: Session): void {
    this.handshakes.delete(session);
  }

  challengedAgain(session: Session): void {
    session.loginDeadline = this.loginDeadline(); // later than all others: the order holds
    this.handshakes.add(session);
  }

  loggedIn(session: Session, device: DeviceId, standing: DeviceStanding): ReturnType<SessionHost["loggedIn"]> {
    const other = this.live.get(device);
    if (other !== undefined && other.serial > session.serial) return "late";
    if (standing !== "cloned" && this.rivals.returns(session)) {
      void this.foundClone(device, "a connection came back after another machine had taken its place");
      return "cloned";
    }
    this.live.set(device, session);
    const { segment, newestMinor: minor } = session;
    const presence = {
      kind: "connected" as const,
      minor,
      ...(segment === null ? {} : { segment }),
      ...(other === undefined ? {} : { replacedHeardAt: this.heardAt(other) }),
    };
    this.ingest.addPresence({ deviceId: device, receivedAt: this.clock.now(), presence });
    if (other === undefined) return "alone";
    if (standing === "cloned") other.cloned();
    else if (this.rivals.ask(other, session, this.beat)) return "contested";
    else other.replaced();
    return "alone";
  }

  answered(session: Session, payload: Buffer): void {
    const device = session.deviceId;
    if (device === null || this.rivals.answered(session, payload) === undefined) return;
    session.cloned();
    void this.foundClone(device, "two connections logged in with it were alive at the same time");
  }

  /** Whoever was waiting for an older connection's answer goes on, unless it is being asked itself by now. */
  private settle(newer: Session | undefined): void {
    if (newer !== undefined && newer.deviceId !== null && this.live.get(newer.deviceId) === newer) newer.settled();
  }

  /** The record is told first of all; agents are closed whether it hears it or not, and are found again if it did not. */
  private async foundClone(device: DeviceId, how: string): Promise<void> {
    this.counters.clonesFound++;
    this.rivals.forget(device);
    for (const session of this.sessionsOf(device)) session.cloned();
    const because = `Two machines have this identity: ${how}. Neither gets orders. Enrol one of them anew.`;
    this.log.error({ deviceId: device }, because);
    try {
      await this.store.setStanding(this.stream, device, "cloned", because, this.clock.now());
      this.bus.feedGrew();
    } catch (error) {
      this.log.error({ err: error, deviceId: device }, "that a device has a clone could not be recorded");
    }
  }

  checked(device: DeviceId, { checkId, answer }: z.infer<typeof Checked>): void {
    this.dryRuns.answered(device, checkId, answer);
  }

  throttled(session: Session): void {
    this.slowedDown.add(session);
  }

  left(session: Session): void {
    this.wheel.delete(session);
    this.handshakes.delete(session);
    this.slowedDown.delete(session);
    this.settle(this.rivals.left(session));
    const device = session.deviceId;
    if (device !== null && this.live.get(device) === session) {
      this.live.delete(device);
      this.dryRuns.left(device);
      // In a graceful stop it is we who leave: the next start knows nothing of any device until it comes back.
      if (!this.isStopping) {
        const presence = { kind: "dropped" as const, lastHeardAt: this.heardAt(session) };
        this.ingest.addPresence({ deviceId: device, receivedAt: this.clock.now(), presence });
      }
    }
    if (this.wheel.size === 0) this.onEmpty?.();
  }

  /** Counted back in beats: a wall clock that is set in between moves both times alike. */
  private heardAt({ quietBeats }: Session): Instant {
    return Math.max(0, this.clock.now() - quietBeats * this.limits.beatMs) as Instant;
  }

  // ---- the graceful stop -------------------------------------------------------------------------------------------

  private async stop(): Promise<void> {
    await this.within(this.ingest.idle());
    for (const session of this.wheel) session.close(CLOSE.goingAway, RESTARTING);
    await this.within(this.empty());
    for (const session of this.wheel) session.terminate();
    this.wheel.stop();
    this.ingest.stop();
    this.log.info({ unstoredReports: this.ingest.waiting }, "the gateway has stopped");
  }

  private empty(): Promise<void> {
    if (this.wheel.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.onEmpty = resolve;
    });
  }

  /** Waits, but not longer than `drainMs`. */
  private within(done: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const forget = this.clock.after(this.limits.drainMs, resolve);
      void done.then(() => {
        forget();
        resolve();
      });
    });
  }
}
