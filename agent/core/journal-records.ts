/** The lines of the agent's journal. Each says in which boot and at which up-time it was written. */
import { z } from "zod";
import { BootId } from "../../protocol/boot.ts";
import { Sha256 } from "../../protocol/canonical.ts";
import { ContentSourceId } from "../../protocol/content.ts";
import { Envelope } from "../../protocol/dsse.ts";
import { OrderId, PlanId } from "../../protocol/ids.ts";
import { text } from "../../protocol/names.ts";
import { DefinitionsVersion, ServiceStart, Step } from "../../protocol/playbook.ts";
import { FileEffect, OrderOutcome, RefusalRule, StepFault } from "../../protocol/progress.ts";
import { RegistryValue } from "../../protocol/registry.ts";
import { Instant } from "../../protocol/time.ts";
import { WindowsPath } from "../../protocol/windows-path.ts";

/** What a step needs to be undone, remembered with its promise: before it acts. */
export const Memo = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("nothing") }),
  z.strictObject({
    kind: z.literal("files"),
    files: z.array(z.strictObject({ path: WindowsPath, sha256: Sha256 })).max(100),
  }),
  z.strictObject({ kind: z.literal("service-start"), was: ServiceStart }),
  /** The boot in which a restart was asked for. */
  z.strictObject({ kind: z.literal("boot"), bootId: BootId }),
  // since minor 3
  /** What stood in the registry; null: no such value. */
  z.strictObject({ kind: z.literal("registry-value"), was: RegistryValue.nullable() }),
  /** It was not so before: the update was offered, the source was or was not held, safe mode was not set. */
  z.strictObject({ kind: z.literal("changed") }),
  /** The definitions that Defender had. */
  z.strictObject({ kind: z.literal("definitions"), was: DefinitionsVersion }),
  /** Services that ran and need the one that is restarted. */
  z.strictObject({ kind: z.literal("services"), ran: z.array(text(256)).max(100) }),
  /** Packages of the driver store, each with the name under which a copy of it is kept. */
  z.strictObject({
    kind: z.literal("drivers"),
    drivers: z
      .array(z.strictObject({ published: text(60), version: text(60), keptAs: text(100) }))
      .min(1)
      .max(20),
  }),
]);
export type Memo = z.infer<typeof Memo>;

/** Where and when a record was written: durations are sums of up-time, boot by boot. */
const written = {
  n: z.int().min(1),
  bootId: BootId,
  uptimeMs: z.int().min(0),
  at: Instant,
};
/** What is remembered of an order after it has ended, so that it is never run again. */
const identity = {
  orderId: OrderId,
  digest: Sha256,
  planId: PlanId,
  source: ContentSourceId,
  /** Since minor 2; before, there was one era. */
  era: z.int().min(1).optional(),
  generation: z.int().min(1),
  issuedAt: Instant,
  /** Since minor 2: the signed time at which it was taken. */
  freshAt: Instant.optional(),
  /** Since minor 2: the payload digest of the statement that approvers signed. */
  statement: Sha256.optional(),
};
const of = { ...written, orderId: OrderId };
const ofStep = { ...of, step: z.int().min(0).max(19) };
const because = text(1_000);
/** Since minor 2, of a record that ends a step: its `StepReceipt`, signed as the record was made. */
const receipt = Envelope.optional();

export const JournalRecord = z.discriminatedUnion("event", [
  z.strictObject({ event: z.literal("accepted"), ...written, ...identity, steps: z.array(Step).min(1).max(20) }),
  z.strictObject({ event: z.literal("refused"), ...of, digest: Sha256, rule: RefusalRule, because }),
  z.strictObject({ event: z.literal("withdrawn"), ...of }),
  /** A process took up an order that was under way: the one before it is gone. */
  z.strictObject({ event: z.literal("resumed"), ...of }),

  /** The promise. `again`: made before, by a process that did not live to keep it. */
  z.strictObject({ event: z.literal("start"), ...ofStep, memo: Memo, again: z.boolean() }),
  /** Still waiting; written now and then, so that a power cut loses little of the waiting time. */
  z.strictObject({ event: z.literal("waited"), ...ofStep }),
  z.strictObject({ event: z.literal("done"), ...ofStep, files: z.array(FileEffect).max(20), receipt }),
  z.strictObject({ event: z.literal("not-applicable"), ...ofStep, because, receipt }),
  z.strictObject({ event: z.literal("fail"), ...ofStep, fault: StepFault, because, receipt }),
  /** A step that only waited was given up because the order was withdrawn. */
  z.strictObject({ event: z.literal("abandon"), ...ofStep, because }),
  z.strictObject({ event: z.literal("undo-start"), ...ofStep }),
  z.strictObject({ event: z.literal("undo-done"), ...ofStep, receipt }),
  z.strictObject({ event: z.literal("undo-fail"), ...ofStep, fault: StepFault, because, receipt }),

  /** Since minor 3: nothing is left to do but to bring the machine out of safe mode, which begins now. */
  z.strictObject({ event: z.literal("leaving"), ...of }),
  z.strictObject({ event: z.literal("ended"), ...of, outcome: OrderOutcome, receipt: Envelope }),
  /** Stands for all records of an order that ended long ago. */
  z.strictObject({ event: z.literal("settled"), ...written, ...identity, outcome: OrderOutcome, receipt: Envelope }),
]);
export type JournalRecord = z.infer<typeof JournalRecord>;
export type StepEvent = Extract<JournalRecord, { step: number }>["event"];

type OmitEach<Union, Keys extends PropertyKey> = Union extends unknown ? Omit<Union, Keys> : never;
/** A record before the journal has numbered and dated it. */
export type JournalEntry = OmitEach<JournalRecord, keyof typeof written>;
