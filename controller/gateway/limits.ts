/**
 * How much the gateway takes on: every bound has its number here, so that none is hidden in the code.
 *
 * Durations are measured in beats of the gateway's own timer, never with the wall clock: a clock that is set forward
 * must not end a login or a connection.
 */
export interface GatewayLimits {
  /** Beyond these, the upgrade is answered with 503 and a time to come again. */
  readonly connectionsMax: number;
  /** Connections that have not logged in yet. Also what a slow-loris can hold at most. */
  readonly handshakesMax: number;
  /** How long a peer may take for hello and login together. Waiting in our own queue does not count. */
  readonly loginTimeoutMs: number;
  /** Logins looked up together; the next ones wait for their answers. */
  readonly loginsAtOnceMax: number;
  readonly loginsWaitingMax: number;
  readonly pullsAtOnceMax: number;

  /** The timer's step. */
  readonly beatMs: number;
  readonly pingEveryMs: number;
  /**
   * A peer that answered none of this many pings in a row is gone. With one, a dead machine is noticed 20 to 40 s after it
   * was heard last, and a network that fails for longer than that has its agents log in again (by ticket, at their own pace).
   * Our own hiccups drop nobody: beats that are late push the next ping away, and what arrived is read before it.
   */
  readonly pingsMissedMax: number;
  /** How long the older of two connections of a device may take to show that it is alive. */
  readonly rivalAnswerMs: number;
  /** How long a close may take before the socket is destroyed. */
  readonly closeTimeoutMs: number;

  /** Sustained. Beyond it and the burst, reading pauses. */
  readonly framesPerSecondMax: number;
  readonly framesBurstMax: number;
  /** Frames beyond the burst that had arrived before the pause took effect; past this the connection is closed. */
  readonly framesOverdrawnMax: number;
  /** Bytes that wait to be sent to one peer; a peer that reads slower than this is dropped. */
  readonly outgoingBytesMax: number;

  /** Reports of one connection that are not durable yet; reading pauses beyond. */
  readonly unacknowledgedMax: number;
  /** Reports of all connections that are not durable yet. Reading pauses beyond; twice as many close the connection. */
  readonly queueReportsMax: number;
  readonly queueBytesMax: number;
  readonly batchMax: number;
  /** How long a batch waits for company when the store is idle. 0: until the sockets that are ready have been read. */
  readonly lingerMs: number;
  /** How long it waits if it holds nothing but presence, which nobody waits for. */
  readonly presenceLingerMs: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** How often a report that fails on its own is tried before its connection is closed. */
  readonly attemptsMax: number;

  /** How long a graceful stop waits for the last commit, and then for the sockets. */
  readonly drainMs: number;
}

/**
 * Sized for one process with some 100,000 agents. A full chunk of the smallest valid reports is some 480 frames, so an
 * honest agent that empties its outbox never overdraws; only pulls or pings by the thousand do.
 */
export const GATEWAY_LIMITS: GatewayLimits = {
  connectionsMax: 100_000,
  handshakesMax: 10_000,
  loginTimeoutMs: 10_000,
  loginsAtOnceMax: 64,
  loginsWaitingMax: 10_000,
  pullsAtOnceMax: 32,
  beatMs: 250,
  pingEveryMs: 20_000,
  pingsMissedMax: 1,
  rivalAnswerMs: 5_000,
  closeTimeoutMs: 5_000,
  framesPerSecondMax: 100,
  framesBurstMax: 512,
  framesOverdrawnMax: 1_024,
  outgoingBytesMax: 1024 * 1024,
  unacknowledgedMax: 256,
  queueReportsMax: 20_000,
  queueBytesMax: 64 * 1024 * 1024,
  batchMax: 500,
  lingerMs: 0,
  presenceLingerMs: 25,
  retryMinMs: 100,
  retryMaxMs: 5_000,
  attemptsMax: 6,
  drainMs: 10_000,
};
