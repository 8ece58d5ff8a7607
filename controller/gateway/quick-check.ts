/**
 * Compiles a schema to a function that says quickly whether a value is good, and nothing else.
 *
 * A yes is as good as the schema's own: everything the schema asks is asked, and it would have given back the same value.
 * A no only means "ask the schema", which also knows what is wrong. What this does not know it has the schema check, so
 * that a schema may use anything zod has; only what frames are full of is done here.
 */
import type { z } from "zod";
import type { $ZodCheck, $ZodCheckDef, $ZodType, $ZodTypes } from "zod/v4/core";

type Check = (value: unknown) => boolean;

/** Texts that a costly check let pass are remembered: a fleet says the same paths and names all day. */
const REMEMBERED_MAX = 1_000;
const REMEMBERED_LENGTH_MAX = 300;

export function quickCheck<Value>(schema: z.ZodType<Value>): (value: unknown) => value is Value {
  return checkOf(schema) as (value: unknown) => value is Value;
}

function checkOf(schema: $ZodType): Check {
  return compiled(schema) ?? askSchema(schema);
}

/** Undefined for what only the schema knows. */
function compiled(schema: $ZodType): Check | undefined {
  const { def } = (schema as $ZodTypes)._zod; // tells the types apart by `def.type`
  const { checks = [] } = def;
  if (def.type === "string") return "format" in def ? undefined : textCheck(checks);
  if (def.type === "number") return "format" in def && def.format === "safeint" ? integerCheck(checks) : undefined;
  if (def.type === "array") return arrayCheck(checkOf(def.element), checks);
  if (checks.length > 0) return undefined;
  if (def.type === "boolean") return (value) => typeof value === "boolean";
  if (def.type === "literal" || def.type === "enum") return memberCheck(schema);
  if (def.type === "nullable") {
    const inner = checkOf(def.innerType);
    return (value) => value === null || inner(value);
  }
  if (def.type === "object") return isNever(def.catchall) ? objectCheck(def.shape) : undefined;
  if (def.type === "union" && "discriminator" in def) return unionCheck(String(def.discriminator), def.options);
  return undefined;
}

const isNever = (schema: $ZodType | undefined): boolean => schema?._zod.def.type === "never";

/** A schema that changes what it is given (a default, a trimmed text) does not get a yes here. */
function askSchema(schema: $ZodType): Check {
  return (value) => {
    const result = schema._zod.run({ value, issues: [] }, { async: false });
    return !(result instanceof Promise) && result.issues.length === 0 && result.value === value;
  };
}

function textCheck(checks: readonly $ZodCheck[]): Check {
  const cheap: ((text: string) => boolean)[] = [];
  const costly: ((text: string) => boolean)[] = [];
  for (const check of checks) {
    const def = check._zod.def as $ZodCheckDef & Record<string, unknown>;
    const { pattern, minimum, maximum } = def;
    if (def.check === "min_length" && typeof minimum === "number") cheap.push(({ length }) => length >= minimum);
    else if (def.check === "max_length" && typeof maximum === "number") cheap.push(({ length }) => length <= maximum);
    else if (pattern instanceof RegExp && !pattern.global && !pattern.sticky) cheap.push((text) => pattern.test(text));
    else costly.push((text) => passes(check, text));
  }
  const isGood = all(costly);
  const checked = costly.length === 0 ? isGood : remembering(isGood);
  const isCheap = all(cheap);
  return (value) => typeof value === "string" && isCheap(value) && checked(value);
}

function remembering(isGood: (text: string) => boolean): (text: string) => boolean {
  const good = new Set<string>();
  return (text) => {
    if (good.has(text)) return true;
    if (!isGood(text)) return false;
    if (text.length > REMEMBERED_LENGTH_MAX) return true;
    if (good.size >= REMEMBERED_MAX) good.clear();
    good.add(text);
    return true;
  };
}

function integerCheck(checks: readonly $ZodCheck[]): Check {
  let least: number = Number.MIN_SAFE_INTEGER;
  let most: number = Number.MAX_SAFE_INTEGER;
  const others: ((value: number) => boolean)[] = [];
  for (const check of checks) {
    const { check: kind, value, inclusive } = check._zod.def as $ZodCheckDef & Record<string, unknown>;
    if (kind === "greater_than" && inclusive === true && typeof value === "number") least = Math.max(least, value);
    else if (kind === "less_than" && inclusive === true && typeof value === "number") most = Math.min(most, value);
    else others.push((number) => passes(check, number));
  }
  const isGood = all(others);
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most && isGood(value as number);
}

function memberCheck({ _zod: { values } }: $ZodType): Check | undefined {
  return values === undefined ? undefined : (value) => values.has(value as string);
}

function arrayCheck(element: Check, checks: readonly $ZodCheck[]): Check {
  return (value) => Array.isArray(value) && value.every(element) && checks.every((check) => passes(check, value));
}

function objectCheck(shape: Readonly<Record<string, $ZodType>>): Check {
  const fields = Object.entries(shape).map(([key, schema]) => {
    const { def } = (schema as $ZodTypes)._zod;
    const isOptional = def.type === "optional" && def.checks === undefined;
    return { key, isOptional, check: checkOf(isOptional ? def.innerType : schema) };
  });
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    let known = 0;
    for (const { key, isOptional, check } of fields) {
      const field = (value as Readonly<Record<string, unknown>>)[key];
      if (field === undefined) {
        if (!isOptional) return false;
      } else {
        if (!check(field)) return false;
        known++;
      }
    }
    return Object.keys(value).length === known; // nothing that was not asked for
  };
}

function unionCheck(discriminator: string, options: readonly $ZodType[]): Check {
  const byValue = new Map<unknown, Check>();
  for (const option of options) {
    const check = checkOf(option);
    for (const value of option._zod.propValues?.[discriminator] ?? []) byValue.set(value, check);
  }
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    return byValue.get((value as Readonly<Record<string, unknown>>)[discriminator])?.(value) === true;
  };
}

function passes(check: $ZodCheck, value: unknown): boolean {
  const payload = { value, issues: [] };
  return (
    (check as $ZodCheck<unknown>)._zod.check(payload) === undefined &&
    payload.issues.length === 0 &&
    payload.value === value
  );
}

function all<Value>(tests: readonly ((value: Value) => boolean)[]): (value: Value) => boolean {
  const [first, second] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (value) => tests.every((test) => test(value));
}
