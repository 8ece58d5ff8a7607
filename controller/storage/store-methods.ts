/**
 * Every method of `Store` by name, and whether it only reads, for code that treats them all alike: the guard in front of
 * a store, and the messages between a thread and the one that holds the database.
 */
import type { Store } from "../store.ts";

export type Method = keyof Store;

export const METHODS = {
  migrate: "write",
  close: "write",
  registerDevice: "write",
  setStanding: "write",
  addEnrolmentToken: "write",
  enrolmentTokens: "read",
  enrolmentToken: "read",
  revokeEnrolmentToken: "write",
  enrol: "write",
  device: "read",
  devicesAfter: "read",
  ingest: "write",
  through: "read",
  loginFacts: "read",
  reportsOf: "read",
  changesAfter: "read",
  feedEnd: "read",
  takeMailbox: "write",
  ordersOf: "read",
  putGroup: "write",
  deleteGroup: "write",
  groups: "read",
  addIncident: "write",
  incidents: "read",
  appendIncident: "write",
  incidentEvents: "read",
  responseRules: "read",
  putResponseRules: "write",
  stageDetection: "write",
  saveDetection: "write",
  takeDetectionParts: "write",
  detection: "read",
  detectionDevicesAfter: "read",
  detectionExposuresAfter: "read",
  pinCrashes: "write",
  crashesOf: "read",
  addPlan: "write",
  plan: "read",
  plans: "read",
  nextGeneration: "write",
  replacePlan: "write",
  addApproval: "write",
  approvePlan: "write",
  trustDocuments: "read",
  addTrustDocument: "write",
  policies: "read",
  addPolicy: "write",
  addStop: "write",
  stops: "read",
  renewResume: "write",
  resumeStop: "write",
  addHold: "write",
  holds: "read",
  approveHold: "write",
  releaseHold: "write",
  addWordApproval: "write",
  refusals: "read",
  addWebhook: "write",
  webhooks: "read",
  changeWebhook: "write",
  deleteWebhook: "write",
  addDeliveries: "write",
  deliveriesDue: "read",
  recordDelivery: "write",
  deliveriesOf: "read",
  createRollout: "write",
  rollouts: "read",
  rolloutEvents: "read",
  rolloutDevicesAfter: "read",
  rolloutTracesAfter: "read",
  appendRollout: "write",
  lead: "write",
  beat: "write",
  gateways: "read",
  loseGateway: "write",
  addSetupCode: "write",
  redeemSetupCode: "write",
  isSetUp: "read",
  tokenOwner: "read",
} as const satisfies Record<Method, "read" | "write">;

export type CallStore = (method: Method, args: readonly unknown[]) => Promise<unknown>;

/** A store whose every method is one function's. */
export function storeFrom(call: CallStore): Store {
  const methods = Object.keys(METHODS) as Method[];
  const entries = methods.map((method): [Method, (...args: unknown[]) => Promise<unknown>] => [
    method,
    (...args) => call(method, args),
  ]);
  // `call` answers each method as a store would: whoever passes it holds a real one at its other end.
  return Object.fromEntries(entries) as unknown as Store;
}

/** Calls a method of a real store by name. */
export function callOn(store: Store): CallStore {
  const methods = store as unknown as Record<Method, (...args: readonly unknown[]) => Promise<unknown>>;
  return async (method, args) => methods[method](...args);
}
