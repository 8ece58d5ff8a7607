/**
 * What every store promises, whichever database is behind it. Each test has a database of its own with two stores on it
 * at once, because two writers is what production has.
 */
import { afterEach, beforeEach, describe } from "vitest";
import { accessContract } from "./contract-access.ts";
import { closingContract } from "./contract-closing.ts";
import { devicesContract } from "./contract-devices.ts";
import { enrolmentContract } from "./contract-enrolment.ts";
import { detectionContract } from "./contract-detection.ts";
import { emergencyContract } from "./contract-emergency.ts";
import { evidenceContract } from "./contract-evidence.ts";
import { feedContract } from "./contract-feed.ts";
import { incidentsContract } from "./contract-incidents.ts";
import { ingestContract } from "./contract-ingest.ts";
import { leadershipContract } from "./contract-leadership.ts";
import { mailboxContract } from "./contract-mailbox.ts";
import { migrationContract } from "./contract-migration.ts";
import { plansContract } from "./contract-plans.ts";
import { webhooksContract } from "./contract-webhooks.ts";
import { rolloutsContract } from "./contract-rollouts.ts";
import { Given, type TestDatabase } from "./given.ts";

const CONTRACTS = [
  devicesContract,
  enrolmentContract,
  ingestContract,
  feedContract,
  mailboxContract,
  incidentsContract,
  detectionContract,
  plansContract,
  emergencyContract,
  rolloutsContract,
  webhooksContract,
  evidenceContract,
  leadershipContract,
  accessContract,
  migrationContract,
  closingContract,
];

export function describeStore(name: string, make: () => Promise<TestDatabase>): void {
  describe(`${name}`, () => {
    const given = new Given();
    beforeEach(() => given.begin(make));
    afterEach(() => given.end());
    for (const contract of CONTRACTS) contract(given);
  });
}
