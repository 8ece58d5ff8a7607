/** Every step of the schema, in order. */
import { migration0001 } from "./0001-tables.ts";
import { migration0002 } from "./0002-incident-crashes.ts";
import { migration0003 } from "./0003-device-standing.ts";
import { migration0004 } from "./0004-approvals.ts";
import { migration0005 } from "./0005-emergency.ts";
import { migration0006 } from "./0006-device-trust.ts";
import { migration0007 } from "./0007-detection.ts";
import { migration0008 } from "./0008-webhooks.ts";
import { migration0009 } from "./0009-gateways.ts";
import { migration0010 } from "./0010-detection-parts.ts";
import { migration0011 } from "./0011-device-minor.ts";
import type { Migration } from "./migration.ts";

export const MIGRATIONS: readonly Migration[] = [
  migration0001,
  migration0002,
  migration0003,
  migration0004,
  migration0005,
  migration0006,
  migration0007,
  migration0008,
  migration0009,
  migration0010,
  migration0011,
];
