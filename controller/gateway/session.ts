/**
 * One agent's connection, from the upgrade to the close: which frame may come now, and who takes it.
 *
 * A frame that may not come closes the connection with a code and a reason, and changes nothing. Held small, as there
 * may be 100,000 of them: fields only, shared listeners, no timer and no closure that outlives a step.
 */
import { assertNever } from "../../protocol/exhaustive.ts";
import { type AgentFrame, CLOSE } from "../../protocol/frames.ts";
import type { CheckQuestion } from "../../protocol/check.ts";
import type { CheckId, DeviceId, EpochId, OrderId } from "../../protocol/ids.ts";
import type { DeviceStanding } from "../../protocol/enrolment.ts";
import type { TrustVersions } from "../store/devices.ts";
import type { LoginFacts, LoginQuestion } from "../store/logins.ts";
import type { SessionSocket, SocketOwner } from "./agent-socket.ts";
import { challengeFrame, checkFrame, NUDGE_FRAME, parseAgentFrame, stopFrame, welcomeFrame } from "./frames.ts";
import { LOGIN_REFUSED, negotiateMinor, newNonce } from "./login.ts";
import type { LoginAnswer } from "./logins.ts";
import { type Entitlement, Mailbox } from "./mailbox.ts";
import { Pace } from "./pace.ts";
import { Reports } from "./reports.ts";
import { trustFrames } from "./trust-frames.ts";
import { instanceNumber, type Life } from "./rivals.ts";
import { type Connection, RECORDS_AWAY, type Shared } from "./shared.ts";

/** Whom sessions tell how far they are. */
export interface SessionHost extends Shared {
  /** A graceful stop is under way: what came is stored, what comes now is left to the next start. */
  readonly isStopping: boolean;
  /** The login frame has come: the peer's part of the login is over. */
  signed(session: Session): void;
  /** The peer was given another challenge: its time begins again. */
  challengedAgain(session: Session): void;
  /**
   * `late`: a later connection of the same device is there already. `contested`: an earlier one is being asked whether
   * it is alive; `contested` or `settled` follows. `cloned`: this identity has two machines.
   */
  loggedIn(session: Session, device: DeviceId, standing: DeviceStanding): "alone" | "late" | "contested" | "cloned";
  /** A pong that is no mere sign of life, perhaps: the answer to the question whether this connection is alive. */
  answered(session: Session, payload: Buffer): void;
  checked(device: DeviceId, frame: Extract<AgentFrame, { type: "checked" }>): void;
  /** Reading was paused because of the rate: call `refill` with every beat. */
  throttled(session: Session): void;
  /** The socket is gone. */
  left(session: Session): void;
}

/** What the peer says in its hello, and must prove. */
interface Claim {
  readonly deviceId: DeviceId;
  readonly epoch: EpochId;
  readonly nonce: string;
  /** False after a ticket that was no good: a connection has one second chance. */
  readonly mayResume: boolean;
}
type State =
  | { readonly kind: "connected" }
  | ({ readonly kind: "challenged" } & Claim)
  | { readonly kind: "verifying" }
  | { readonly kind: "live"; readonly reports: Reports; readonly mailbox: Mailbox }
  | { readonly kind: "closed" };
const CONNECTED: State = { kind: "connected" };
const VERIFYING: State = { kind: "verifying" };
const CLOSED: State = { kind: "closed" };

/** Hello and login are far smaller; nothing larger is parsed for a peer that has not proved who it is. */
const BYTES_MAX_BEFORE_LOGIN = 4_096;
const NO_TRUST: TrustVersions = { trustVersion: 0, policyVersion: 0 };
/** How a stand of the record is told to the agent, and what it is to do. */
const REVOKED = "this device was revoked: an administrator must enrol it anew";
const CLONED =
  "two machines have this identity, neither is given orders: enrol one of them anew, with a key of its own";
const LOG_IN_FIRST = "log in first: hello, then login, then wait for the welcome";

export class Session implements SocketOwner, Connection, Life {
  readonly serial: number;
  /** The beat by which the login frame must have come. */
  loginDeadline: number;
  instance = 0;
  private readonly host: SessionHost;
  private readonly socket: SessionSocket;
  /** The network it speaks from; null where that is not known. */
  readonly segment: string | null;
  private readonly pace: Pace;
  private state: State = CONNECTED;
  private device: DeviceId | null = null;
  private pingsOpen = 0;
  /** The beat in which anything came. */
  private heardBeat: number;
  /** The schema minor that both sides speak. */
  private minor = 0;
  /** The newest that the agent speaks, as it says; this controller may be older. */
  newestMinor = 0;
  /** What the device has of trust and policy, as it said and as it was told since. */
  private versions = NO_TRUST;

  constructor(host: SessionHost, socket: SessionSocket, serial: number, loginDeadline: number, segment: string | null) {
    this.host = host;
    this.socket = socket;
    this.segment = segment;
    this.heardBeat = host.beat;
    this.serial = serial;
    this.loginDeadline = loginDeadline;
    this.pace = new Pace(host, socket);
  }

  /** Null until the device has proved who it is. */
  get deviceId(): DeviceId | null {
    return this.device;
  }
  get isLive(): boolean {
    return this.state.kind === "live";
  }

  /** Beats since anything was heard of the peer. */
  get quietBeats(): number {
    return this.host.beat - this.heardBeat;
  }

  // ---- what comes from the socket ----------------------------------------------------------------------------------

  onMessage(message: Buffer, isBinary: boolean): void {
    if (this.state.kind === "closed" || this.host.isStopping || !this.isInTime()) return;
    this.heard();
    if (isBinary) {
      this.refuse(CLOSE.unsupportedData, "frames are JSON text, not binary");
      return;
    }
    if (this.state.kind !== "live" && message.length > BYTES_MAX_BEFORE_LOGIN) {
      this.refuse(CLOSE.notLoggedIn, LOG_IN_FIRST);
      return;
    }
    const parsed = parseAgentFrame(message);
    if (parsed.kind === "bad") this.refuse(CLOSE.malformed, parsed.because);
    else this.onFrame(parsed.frame, message);
  }

  /** Pings and pongs cost tokens like frames, so that they are no way around the limit. */
  onPing(): void {
    if (this.state.kind !== "closed" && this.isInTime()) this.heard();
  }

  onPong(payload: Buffer): void {
    this.onPing();
    if (this.isLive && payload.length > 0) this.host.answered(this, payload);
  }

  onBroken(): void {
    if (this.state.kind !== "closed") this.host.counters.framesRefused++;
    this.toClosed();
  }

  onEnded(): void {
    this.toClosed();
    this.host.left(this);
  }

  private onFrame(frame: AgentFrame, message: Buffer): void {
    const { state } = this;
    switch (frame.type) {
      case "hello":
        if (state.kind === "connected") this.onHello(frame);
        else this.refuse(CLOSE.malformed, "hello: came before; a connection begins once");
        return;
      case "login":
        if (state.kind === "challenged") {
          if (frame.device !== undefined) this.versions = frame.device;
          this.onLogin(state, frame);
        } else if (state.kind === "connected") this.refuse(CLOSE.notLoggedIn, LOG_IN_FIRST);
        else this.refuse(CLOSE.malformed, "login: came before; a challenge is answered once");
        return;
      case "report":
        if (state.kind === "live") state.reports.take(frame, message);
        else this.refuse(CLOSE.notLoggedIn, LOG_IN_FIRST);
        return;
      case "pull":
        if (state.kind === "live") state.mailbox.pull(frame.nonce);
        else this.refuse(CLOSE.notLoggedIn, LOG_IN_FIRST);
        return;
      case "checked":
        if (this.device !== null && this.isLive && this.minor >= 4) this.host.checked(this.device, frame);
        else if (this.isLive) this.refuse(CLOSE.malformed, `checked: schema minor ${this.minor} has no such frame`);
        else this.refuse(CLOSE.notLoggedIn, LOG_IN_FIRST);
        return;
      default:
        assertNever(frame);
    }
  }

  // ---- login -------------------------------------------------------------------------------------------------------

  private onHello({ minor, deviceId, epoch }: Extract<AgentFrame, { type: "hello" }>): void {
    const negotiated = negotiateMinor(minor);
    if (negotiated.kind === "none") {
      this.refuse(CLOSE.schemaMinor, negotiated.because);
      return;
    }
    const nonce = newNonce(this.host.random(32));
    this.state = { kind: "challenged", deviceId, epoch, nonce, mayResume: negotiated.minor >= 2 };
    this.minor = negotiated.minor;
    this.newestMinor = minor.newest;
    this.send(challengeFrame(nonce, negotiated.minor));
  }

  private onLogin({ deviceId, epoch, nonce, mayResume }: Claim, frame: Extract<AgentFrame, { type: "login" }>): void {
    const { signature, ticket, device } = frame;
    if (this.minor < 2 && (ticket !== undefined || device !== undefined)) {
      this.refuse(CLOSE.malformed, `login: schema minor ${this.minor} has no ticket and no device in it`);
      return;
    }
    if (ticket !== undefined && !mayResume) {
      this.refuse(CLOSE.malformed, "ticket: was no good before; sign with the device's key");
      return;
    }
    this.state = VERIFYING;
    this.host.signed(this);
    if (device !== undefined) this.instance = instanceNumber(device.instance);
    const isChecked = this.host.logins.check({
      claim: { deviceId, epoch, nonce, signature, ticket, channel: () => this.socket.channel() },
      isWanted: () => this.state.kind === "verifying",
      answer: (answer) => this.onAnswer({ deviceId, epoch }, ticket !== undefined, answer),
    });
    if (!isChecked) this.turnAway("too many agents log in at once; try again later");
  }

  private onAnswer({ deviceId, epoch }: LoginQuestion, isResumed: boolean, answer: LoginAnswer): void {
    const { host } = this;
    switch (answer.kind) {
      case "failed":
        host.log.error({ err: answer.error, deviceId }, "a login could not be checked");
        this.turnAway(RECORDS_AWAY);
        return;
      case "refused":
        host.counters.loginsRefused++;
        host.log.warn({ deviceId }, "a login was refused: the device is not registered, or this is not its key");
        this.close(CLOSE.loginRefused, LOGIN_REFUSED);
        return;
      case "revoked":
        host.counters.loginsRefused++;
        host.log.warn({ deviceId }, "a revoked device tried to log in");
        this.close(CLOSE.revoked, REVOKED);
        return;
      case "unresumed": {
        const nonce = newNonce(host.random(32));
        this.state = { kind: "challenged", deviceId, epoch, nonce, mayResume: false };
        host.challengedAgain(this);
        this.send(challengeFrame(nonce, this.minor));
        return;
      }
      case "known":
        this.goLive({ deviceId, epoch }, isResumed, answer.facts);
        return;
      default:
        assertNever(answer);
    }
  }

  private goLive({ deviceId, epoch }: LoginQuestion, isResumed: boolean, facts: LoginFacts): void {
    const { host } = this;
    const { through, standing } = facts;
    this.device = deviceId;
    const place = host.loggedIn(this, deviceId, standing);
    if (place === "late") return this.replaced();
    if (place === "cloned") return this.cloned();
    const entitlement = place === "contested" && standing === "accepted" ? "unsettled" : entitlementOf(standing);
    const reports = new Reports(host, this, this.pace, deviceId, epoch);
    this.state = { kind: "live", reports, mailbox: new Mailbox(host, this, deviceId, entitlement) };
    host.counters.logins++;
    if (isResumed) host.counters.loginsResumed++;
    // A ticket comes of a key alone: once a day every device proves that it still has it.
    const ticket = this.minor >= 2 && !isResumed ? host.tickets.issue(deviceId, facts) : undefined;
    const welcome = { through, now: host.clock.now() };
    this.send(welcomeFrame(ticket === undefined ? welcome : { ...welcome, ticket }));
    this.tellTrust();
    this.tellPrecautions(host.precautions.frames);
  }

  // ---- what comes from the gateway ---------------------------------------------------------------------------------

  /** Tells the device what it has not got of trust and policy. */
  tellTrust(): void {
    if (!this.isLive || this.minor < 2) return;
    const { trust } = this.host;
    for (const frame of trustFrames(trust, this.versions)) this.send(frame);
    this.versions = trust.versions;
  }

  /** Stops and holds. Older agents have their orders withdrawn instead. */
  tellPrecautions(frames: readonly string[]): void {
    if (!this.isLive || this.minor < 2) return;
    for (const frame of frames) this.send(frame);
  }

  nudge(): void {
    if (this.isLive) this.send(NUDGE_FRAME);
  }

  stop(order: OrderId): void {
    if (this.minor < 1) this.nudge();
    else if (this.isLive) this.send(stopFrame(order));
  }

  check(checkId: CheckId, question: CheckQuestion): "asked" | "too-old" | "not-connected" {
    if (this.state.kind !== "live" || !this.state.mailbox.isEntitled) return "not-connected";
    if (this.minor < 4) return "too-old";
    this.send(checkFrame(checkId, question));
    return "asked";
  }

  /** What the record says of the device has changed since its login. */
  standingChanged(standing: DeviceStanding): void {
    if (this.state.kind !== "live") return;
    if (standing === "revoked") {
      this.close(CLOSE.revoked, REVOKED);
      return;
    }
    this.state.mailbox.entitled = entitlementOf(standing);
    if (standing === "accepted") this.nudge(); // what it asked for before was answered with nothing
  }

  /** Asks whether the peer is alive; until that is known, nobody gets orders over this connection. */
  ask(payload: Buffer): void {
    if (this.state.kind !== "live") return;
    this.state.mailbox.entitled = "unsettled";
    this.socket.ping(payload);
  }

  /** No other machine has shown up: what waited for that goes on. */
  settled(): void {
    if (this.state.kind === "live") this.state.mailbox.settle();
  }

  cloned(): void {
    this.close(CLOSE.cloned, CLONED);
  }

  replaced(): void {
    if (this.state.kind === "closed") return;
    this.host.counters.replaced++;
    this.close(CLOSE.replaced, "this device has connected again; only its newest connection is kept");
  }

  loginTimedOut(): void {
    if (this.state.kind === "closed") return;
    this.host.counters.loginsTimedOut++;
    this.close(CLOSE.loginTimeout, `no login within ${this.host.limits.loginTimeoutMs / 1_000} s`);
  }

  /** Once a round. While we do not read, we cannot hear the answer, so nothing is held against the peer. */
  keepAlive(): void {
    if (!this.isLive || this.pace.isPaused || !this.readsFastEnough()) return;
    if (this.pingsOpen >= this.host.limits.pingsMissedMax) {
      this.host.counters.pingsUnanswered++;
      this.terminate();
      return;
    }
    this.pingsOpen++;
    this.socket.ping();
  }

  /** True when it no longer needs to be called with every beat. */
  refill(): boolean {
    return this.pace.refill();
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  close(code: number, reason: string): void {
    if (this.state.kind === "closed") return;
    this.toClosed();
    this.socket.close(code, reason);
    this.pace.end();
  }

  /** Without waiting for the peer. */
  terminate(): void {
    this.toClosed();
    this.socket.terminate();
  }

  private toClosed(): void {
    if (this.state.kind === "live") this.host.ingest.forget(this.state.reports);
    this.state = CLOSED;
  }

  refuse(code: number, reason: string): void {
    if (this.state.kind === "closed") return;
    this.host.counters.framesRefused++;
    // Of peers that proved who they are only: the others could fill the log.
    if (this.device !== null) {
      this.host.log.warn({ deviceId: this.device, code, reason }, "an agent sent what it must not, and was closed");
    }
    this.close(code, reason);
  }

  turnAway(reason: string): void {
    if (this.state.kind === "closed") return;
    this.host.counters.turnedAway++;
    this.close(CLOSE.tryAgainLater, reason);
  }

  private heard(): void {
    this.pingsOpen = 0;
    this.heardBeat = this.host.beat;
  }

  // ---- bounds ------------------------------------------------------------------------------------------------------

  send(frame: string): void {
    if (this.state.kind !== "closed" && this.readsFastEnough()) this.socket.send(frame);
  }

  /** False if the connection was closed for it. */
  private readsFastEnough(): boolean {
    if (this.socket.bufferedAmount <= this.host.limits.outgoingBytesMax) return true;
    this.host.counters.slowReaders++;
    this.close(CLOSE.tryAgainLater, "you read more slowly than the controller must write; try again later");
    return false;
  }

  /** False if the connection was closed for it. */
  private isInTime(): boolean {
    const answer = this.pace.spend();
    if (answer === "abuse") {
      const { framesPerSecondMax } = this.host.limits;
      this.refuse(CLOSE.tooManyFrames, `more than ${framesPerSecondMax} frames a second for too long`);
    } else if (answer === "throttled") {
      this.host.throttled(this);
    }
    return answer !== "abuse";
  }
}

const entitlementOf = (standing: DeviceStanding): Entitlement =>
  standing === "accepted" ? "entitled" : "not-entitled";
