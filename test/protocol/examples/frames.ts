/** One frame of each type, from either side. */
import { PAYLOAD_TYPES, seal, toBase64 } from "../../../protocol/dsse.ts";
import { loginBytes } from "../../../protocol/frames.ts";
import {
  approver,
  because,
  checkId,
  device,
  deviceKey,
  dice,
  epoch,
  minute,
  nonce,
  online,
  orderId,
  path,
  policyHolder,
  root,
  source,
  stopId,
} from "./cast.ts";
import { statement, waveOrder } from "./plan.ts";
import { report } from "./reports.ts";
import { step } from "./steps.ts";
import { freshness, holdStatement, policy, resumeStatement, trustDocument } from "./trust.ts";

export const agentFrame = {
  hello: { type: "hello", minor: { newest: 5, oldest: 0 }, deviceId: device, agentVersion: "0.1.0", epoch },
  login: {
    type: "login",
    signature: toBase64(deviceKey.sign(loginBytes(nonce, device))),
    device: { instance: toBase64(dice("instance").subarray(0, 16)), trustVersion: 1, policyVersion: 1 },
  },
  report: { type: "report", epoch, sequence: 7, body: report["boot-began"] },
  pull: { type: "pull", nonce },
  checked: {
    type: "checked",
    checkId,
    answer: {
      kind: "looked",
      results: [
        { step: 0, would: "change", because: `puts away ${path}` },
        { step: 1, would: "nothing", because: "CSFalconService already starts automatic" },
      ],
    },
  },
};

export const controllerFrame = {
  challenge: { type: "challenge", nonce, minor: 5 },
  welcome: {
    type: "welcome",
    through: 6,
    now: minute(1),
    ticket: { ticket: "b3BhcXVlIHRvIHRoZSBkZXZpY2U", secret: toBase64(dice("secret")) },
  },
  trust: {
    type: "trust",
    documents: [seal(PAYLOAD_TYPES.trust, trustDocument, [root])],
    policy: seal(PAYLOAD_TYPES.policy, policy, [policyHolder]),
  },
  emergency: {
    type: "emergency",
    stop: { stopId, at: minute(22), by: "Ada Byron", because },
    resume: seal(PAYLOAD_TYPES.resume, resumeStatement, [approver]),
  },
  hold: { type: "hold", hold: seal(PAYLOAD_TYPES.hold, holdStatement, [approver]), released: false },
  ack: { type: "ack", through: 7 },
  nudge: { type: "nudge" },
  stop: { type: "stop", orderIds: [orderId] },
  check: {
    type: "check",
    checkId,
    question: { source, steps: [step["quarantine-file"], step["set-service-start"]] },
  },
  orders: {
    type: "orders",
    orders: [
      {
        orderId,
        withdrawn: false,
        order: seal(PAYLOAD_TYPES.order, waveOrder, [online]),
        statement: seal(PAYLOAD_TYPES.statement, statement, [approver]),
      },
    ],
    freshness: seal(PAYLOAD_TYPES.freshness, freshness, [online]),
  },
};
