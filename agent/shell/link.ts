/**
 * The one connection to the controller: log in, send what waits, take orders, come back after a break.
 *
 * Invariants: a report is sent as the bytes that are in the outbox (to an older controller, without what it does not
 * know), in order, at most a window of them without an acknowledgement. Only an acknowledgement takes a report out of
 * the outbox.
 */
import type { CheckAnswer } from "../../protocol/check.ts";
import type { EpochId, OrderId } from "../../protocol/ids.ts";
import { toBase64 } from "../../protocol/dsse.ts";
import { assertNever } from "../../protocol/exhaustive.ts";
import { type AgentFrame, CLOSE, ControllerFrame, parseFrame, SCHEMA_MINOR } from "../../protocol/frames.ts";
import type { Order } from "../../protocol/plan.ts";
import type { Instant } from "../../protocol/time.ts";
import type { AgentConfig } from "../config.ts";
import { backoffMs, fractionOf } from "../core/backoff.ts";
import { type AgentPorts, type Connection, RecordNotWritten } from "../ports.ts";
import { AGENT_VERSION } from "../version.ts";
import { FrameBurden } from "./frame-burden.ts";
import { LoginProof } from "./login-proof.ts";
import type { FreshnessWord } from "./order-desk.ts";
import type { Outbox } from "./outbox.ts";
import { SendWindow } from "./send-window.ts";
import { THIS_AGENT, ToldFaults } from "./told-faults.ts";

/** From dialling to welcome. A controller under a login storm answers late rather than never. */
const LOGIN_MS = 30_000;

/** `waiting`: between two attempts. `welcomed`: logged in; what may be sent is being written down. `live`: it is sent. */
type Phase = "idle" | "waiting" | "dialling" | "welcomed" | "live" | "stopped";

type FrameOf<T extends ControllerFrame["type"]> = Extract<ControllerFrame, { type: T }>;

/** What the controller says that is for others to act upon, and what it is told of this device at login. */
export interface LinkEvents {
  readonly onOrders: (orders: readonly Order[], word: FreshnessWord) => void;
  readonly onStop: (orders: readonly OrderId[]) => void;
  readonly onTrust: (frame: FrameOf<"trust">) => void;
  readonly onEmergency: (frame: FrameOf<"emergency">) => void;
  readonly onHold: (frame: FrameOf<"hold">) => void;
  /** Resolves with what is to be answered. */
  readonly onCheck: (question: FrameOf<"check">["question"]) => Promise<CheckAnswer>;
  /** A login has come to its end. */
  readonly onWelcome: () => void;
  /** Which trust document and which policy this device has; 0: none. */
  readonly versions: () => { readonly trustVersion: number; readonly policyVersion: number };
}
/** Another machine is in our place, or we are not wanted: a base rate would fight for it for ever. */
const STAY_FAR_BACK: readonly number[] = [CLOSE.replaced, CLOSE.cloned, CLOSE.revoked];

export class Link {
  private readonly ports: Pick<AgentPorts, "clock" | "random" | "dial" | "signer" | "log">;
  private readonly config: Pick<AgentConfig, "controllers" | "backoff" | "deviceId" | "binding">;
  private readonly outbox: Outbox;
  private readonly events: LinkEvents;
  private readonly mustEnd: (error: unknown) => void;
  private readonly proof: LoginProof;
  private readonly faults: ToldFaults;
  private readonly burden = new FrameBurden();
  private phase: Phase = "idle";
  private connection: Connection | undefined;
  private attempt = 0;
  private dials = 0;
  private liveSinceMs = 0;
  /** The epoch of this connection's hello; the outbox may have begun another one since. */
  private epoch: EpochId | undefined;
  /** The schema minor that this connection speaks. */
  private minor: number = SCHEMA_MINOR.newest;
  private window: SendWindow | undefined;
  private pull: "none" | "asked" | "again" = "none";
  /** The last question for orders. */
  private asked = { nonce: "", askedAtUptimeMs: 0 };
  private asksWhenTold = false;
  private forgetTimer: () => void = () => undefined;
  private controllerTime: { readonly now: Instant; readonly atUptimeMs: number } | undefined;
  private drained: (() => void)[] = [];

  constructor(
    ports: Link["ports"],
    config: Link["config"],
    outbox: Outbox,
    events: LinkEvents,
    mustEnd: (error: unknown) => void,
  ) {
    this.ports = ports;
    this.config = config;
    this.outbox = outbox;
    this.events = events;
    this.mustEnd = mustEnd;
    this.proof = new LoginProof(ports, config);
    this.faults = new ToldFaults(ports);
    outbox.whenPut = () => this.window?.pump();
  }

  start(): void {
    if (this.phase === "idle") this.dial();
  }

  /** The controller's time, as it said at login and as long as this connection lasts. */
  get controllerNow(): Instant | undefined {
    if (this.controllerTime === undefined) return undefined;
    const { now, atUptimeMs } = this.controllerTime;
    return (now + Math.floor(this.ports.clock.uptimeMs() - atUptimeMs)) as Instant;
  }

  /** Asks for the mailbox, if there is anyone to ask; the next login asks anyway. */
  askForOrders(): void {
    if (this.phase !== "live") return;
    if (this.pull === "none") this.ask();
    this.pull = this.pull === "none" ? "asked" : "again";
  }

  /** Each question has a number of its own, so that a recorded answer to another one is worth nothing. */
  private ask(): void {
    const nonce = toBase64(this.ports.random(32).subarray(0, 32));
    this.asked = { nonce, askedAtUptimeMs: this.ports.clock.uptimeMs() };
    this.send(this.minor < 2 ? { type: "pull" } : { type: "pull", nonce });
  }

  /** The same, once the controller has heard all there is: before, it could only offer what has just ended here. */
  askOnceAllIsTold(): void {
    this.asksWhenTold = this.outbox.length > 0;
    if (!this.asksWhenTold) this.askForOrders();
  }

  /** Resolves when nothing waits any more, the connection is gone, or after `withinMs`. */
  drain(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const forget = this.ports.clock.after(withinMs, resolve);
      this.drained.push(() => {
        forget();
        resolve();
      });
      this.tellDrained();
    });
  }

  /** The machine was asleep: what was open is dead, and what was waited for has gone by. Dials at once. */
  reconnect(): void {
    if (this.phase === "stopped" || this.phase === "idle") return;
    this.drop(CLOSE.goingAway, "the machine was asleep");
    this.attempt = 0;
    this.forgetTimer();
    this.dial();
  }

  stop(): void {
    if (this.phase === "stopped") return;
    this.phase = "stopped";
    this.window?.close();
    this.forgetTimer();
    this.connection?.close(1000, "leaving");
    this.tellDrained();
  }

  private dial(): void {
    const { controllers } = this.config;
    const url = controllers[this.dials++ % controllers.length] as string; // the schema demands one at least
    this.phase = "dialling";
    this.pull = "none";
    this.burden.begin(this.ports.clock.uptimeMs());
    this.proof.begin();
    const ifCurrent = (call: () => void): void => {
      if (this.connection === connection && this.phase !== "stopped") call();
    };
    const connection = this.ports.dial(url, {
      onOpen: () => ifCurrent(() => this.hello()),
      onMessage: (message) => ifCurrent(() => this.receive(message)),
      onClose: (code, reason) => ifCurrent(() => this.closed(url, code, reason)),
    });
    this.connection = connection;
    this.forgetTimer = this.ports.clock.after(LOGIN_MS, () => this.drop(CLOSE.loginTimeout, "no welcome in time"));
  }

  private hello(): void {
    const { deviceId } = this.config;
    const { epoch } = this.outbox;
    this.epoch = epoch;
    this.send({ type: "hello", minor: SCHEMA_MINOR, deviceId, agentVersion: AGENT_VERSION, epoch });
  }

  private receive(message: string): void {
    const parsed = parseFrame(message, ControllerFrame);
    if (parsed.kind === "bad") {
      this.ports.log.error("the controller sent what this agent does not understand", { because: parsed.because });
      this.drop(CLOSE.malformed, parsed.because);
      return;
    }
    const { frame } = parsed;
    const isOfLogin = frame.type === "challenge" || frame.type === "welcome";
    if (isOfLogin !== (this.phase === "dialling")) {
      this.drop(CLOSE.malformed, `${frame.type} ${isOfLogin ? "after" : "before"} the login`);
      return;
    }
    if (!this.burden.isBearable(frame, this.ports.clock.uptimeMs())) {
      this.drop(CLOSE.tooManyFrames, "the controller sends more than this device can write down");
      return;
    }
    switch (frame.type) {
      case "challenge":
        this.login(frame);
        break;
      case "welcome":
        this.proof.welcomed(frame.ticket);
        this.orHangUp(this.welcome(frame.through, frame.now));
        break;
      case "ack":
        this.orHangUp(this.acknowledged(frame.through));
        break;
      case "nudge":
        this.askForOrders();
        break;
      case "stop":
        this.events.onStop(frame.orderIds);
        break;
      case "trust":
        this.events.onTrust(frame);
        break;
      case "emergency":
        this.events.onEmergency(frame);
        break;
      case "hold":
        this.events.onHold(frame);
        break;
      case "check":
        this.orHangUp(this.answerCheck(frame));
        break;
      case "orders": {
        const again = this.pull === "again";
        const word = { ...this.asked, freshness: frame.freshness };
        this.pull = "none";
        if (again) this.askForOrders();
        this.events.onOrders(frame.orders, word);
        break;
      }
      default:
        assertNever(frame);
    }
  }

  private login({ nonce, minor }: FrameOf<"challenge">): void {
    if (minor < SCHEMA_MINOR.oldest || minor > SCHEMA_MINOR.newest) {
      this.drop(CLOSE.schemaMinor, `schema minor ${minor} is not spoken here`);
      return;
    }
    this.minor = minor;
    const channel = this.connection?.channel ?? "";
    const answer = this.proof.answer({ nonce, minor, channel }, this.events.versions);
    if (answer.kind === "login") this.send(answer.frame);
    else this.drop(answer.code, answer.reason);
  }

  private async welcome(through: number, now: Instant): Promise<void> {
    const { connection, epoch, outbox } = this;
    if (connection === undefined || epoch === undefined) return;
    this.phase = "welcomed";
    this.forgetTimer();
    if (epoch === this.outbox.epoch && through > this.outbox.handed) {
      this.ports.log.warn("the controller has more of this device than the device itself: its disk was put back");
      await this.startOver();
      return;
    }
    await outbox.acknowledged(epoch, through);
    await outbox.handOver();
    if (this.connection !== connection || this.phase !== "welcomed") return;
    this.phase = "live";
    this.liveSinceMs = this.ports.clock.uptimeMs();
    this.controllerTime = { now, atUptimeMs: this.liveSinceMs };
    this.window = new SendWindow(
      outbox,
      connection,
      { epoch, through, minor: this.minor },
      {
        onNewEpoch: () => this.drop(CLOSE.goingAway, "the outbox begins a new epoch"),
        mustEnd: this.mustEnd,
      },
    );
    this.faults.clear();
    this.ports.log.info("connected", { waiting: outbox.length });
    this.events.onWelcome();
    this.askForOrders();
    this.window.pump();
  }

  /** Whoever asked over a connection that is gone has heard that it went. */
  private async answerCheck({ checkId, question }: FrameOf<"check">): Promise<void> {
    const { connection } = this;
    const answer = await this.events.onCheck(question);
    if (this.connection === connection && this.phase === "live") this.send({ type: "checked", checkId, answer });
  }

  private async acknowledged(through: number): Promise<void> {
    const { epoch } = this;
    if (epoch !== this.outbox.epoch) return; // about the numbers of another epoch
    const sent = this.window?.sentThrough ?? 0;
    if (through > sent) {
      this.drop(CLOSE.malformed, `ack of ${through}, but nothing after ${sent} was sent`);
      return;
    }
    this.window?.acknowledged(through);
    await this.outbox.acknowledged(epoch, through);
    this.tellDrained();
    if (this.asksWhenTold) this.askOnceAllIsTold();
    this.window?.pump();
  }

  private send(frame: AgentFrame): void {
    this.connection?.send(JSON.stringify(frame));
  }

  private drop(code: number, reason: string): void {
    this.connection?.close(code, reason);
    this.closed(THIS_AGENT, code, reason);
  }

  private async startOver(): Promise<void> {
    await this.outbox.beginNewEpoch();
    if (this.phase !== "stopped") this.drop(CLOSE.replayConflict, "a new epoch begins");
  }

  private closed(by: string, code: number, reason: string): void {
    if (this.phase === "stopped" || this.phase === "waiting") return;
    const { clock, random } = this.ports;
    const { backoff } = this.config;
    const wasLoggedIn = this.phase === "live" || this.phase === "welcomed";
    const wasStable = this.phase === "live" && clock.uptimeMs() - this.liveSinceMs >= backoff.resetAfterMs;
    this.attempt = STAY_FAR_BACK.includes(code) ? 40 : wasStable ? 0 : this.attempt;
    if (!wasLoggedIn) this.proof.failed();
    const waitMs = backoffMs(backoff, this.attempt++, fractionOf(random(4)));
    this.forgetTimer();
    this.phase = "waiting";
    this.connection = undefined;
    this.window?.close();
    this.window = undefined;
    this.outbox.keepBack();
    this.epoch = undefined;
    this.controllerTime = undefined;
    this.tellDrained();
    this.faults.tell(by, code, reason, waitMs);
    if (by !== THIS_AGENT && code === CLOSE.replayConflict) this.orHangUp(this.outbox.beginNewEpoch());
    this.forgetTimer = clock.after(waitMs, () => this.dial());
  }

  /** What cannot be recorded now is tried again with the next connection; anything else ends the agent. */
  private orHangUp(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (error instanceof RecordNotWritten) this.drop(CLOSE.tryAgainLater, "this device's disk takes no records now");
      else this.mustEnd(error);
    });
  }

  private tellDrained(): void {
    if (this.outbox.length > 0 && this.phase === "live") return;
    for (const resolve of this.drained.splice(0)) resolve();
  }
}
