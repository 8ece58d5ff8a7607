/** The one implementation of `Store`, over either database. Each part says what it keeps true. */
import type { Store } from "../store.ts";
import { accessPart } from "./access.ts";
import type { Database } from "./database.ts";
import { detectionPart } from "./detection.ts";
import { devicesPart } from "./devices.ts";
import { enrolmentPart } from "./enrolment.ts";
import { emergencyPart } from "./emergency.ts";
import { evidencePart } from "./evidence.ts";
import { feedPart } from "./feed.ts";
import { gatewaysPart } from "./gateways.ts";
import { groupsPart } from "./groups.ts";
import { guarded } from "./guard.ts";
import { incidentsPart } from "./incidents.ts";
import { ingestPart } from "./ingest.ts";
import { leadershipPart } from "./leadership.ts";
import { loginsPart } from "./logins.ts";
import { mailboxPart } from "./mailbox.ts";
import { migrate } from "./migrate.ts";
import { plansPart } from "./plans.ts";
import { refusalsPart } from "./refusals.ts";
import { rolloutsPart } from "./rollouts.ts";
import { trustPart } from "./trust.ts";
import { webhooksPart } from "./webhooks.ts";

export const kyselyStore = (database: Database): Store =>
  guarded({
    migrate: () => migrate(database),
    close: () => database.close(),
    ...devicesPart(database),
    ...enrolmentPart(database),
    ...ingestPart(database),
    ...loginsPart(database),
    ...feedPart(database),
    ...mailboxPart(database),
    ...groupsPart(database),
    ...incidentsPart(database),
    ...detectionPart(database),
    ...plansPart(database),
    ...rolloutsPart(database),
    ...evidencePart(database),
    ...leadershipPart(database),
    ...gatewaysPart(database),
    ...accessPart(database),
    ...trustPart(database),
    ...emergencyPart(database),
    ...refusalsPart(database),
    ...webhooksPart(database),
  });
