/** What the gateway has done since it started, as plain numbers that only grow. Whoever shows metrics reads them. */
export interface GatewayCounters {
  connectionsAccepted: number;
  upgradesRefused: number;
  logins: number;
  loginsRefused: number;
  loginsTimedOut: number;
  /** Of the logins, those that a ticket paid for. */
  loginsResumed: number;
  /** Devices whose identity a second machine was found to have. */
  clonesFound: number;
  /** Turned away because too much was under way: agents come back. */
  turnedAway: number;
  frames: number;
  framesRefused: number;
  reportsStored: number;
  reportsDuplicate: number;
  /** The same report number with other bytes: a cloned disk or a forgery. Someone should look. */
  replayConflicts: number;
  commits: number;
  commitsFailed: number;
  acknowledgements: number;
  pauses: number;
  replaced: number;
  pingsUnanswered: number;
  slowReaders: number;
}

export const newCounters = (): GatewayCounters => ({
  connectionsAccepted: 0,
  upgradesRefused: 0,
  logins: 0,
  loginsRefused: 0,
  loginsTimedOut: 0,
  loginsResumed: 0,
  clonesFound: 0,
  turnedAway: 0,
  frames: 0,
  framesRefused: 0,
  reportsStored: 0,
  reportsDuplicate: 0,
  replayConflicts: 0,
  commits: 0,
  commitsFailed: 0,
  acknowledgements: 0,
  pauses: 0,
  replaced: 0,
  pingsUnanswered: 0,
  slowReaders: 0,
});
