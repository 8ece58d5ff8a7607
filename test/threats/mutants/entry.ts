/** The guards at the door: which devices enrol and log in. */
import { at, type Mutant, never } from "./mutant.ts";

export const ENTRY_MUTANTS: readonly Mutant[] = [
  {
    name: "a token is good for ever more devices",
    file: "controller/storage/enrolment.ts",
    find: 'if (token.uses >= token.usesMax) return { kind: "used-up" };',
    replace: "",
    test: at("01"),
    title: "exactly one is enrolled",
  },
  {
    name: "a token never expires",
    file: "controller/storage/enrolment.ts",
    ...never("token.expiresAt <= now"),
    test: at("02"),
    title: "AT-02: ",
  },
  {
    name: "a revoked token is good",
    file: "controller/storage/enrolment.ts",
    ...never("token.revokedAt !== null"),
    test: at("02"),
    title: "AT-02: ",
  },
  {
    name: "a token is good for any group",
    file: "controller/storage/enrolment.ts",
    ...never("token.group !== group"),
    test: at("02"),
    title: "AT-02: ",
  },
  {
    name: "any key opens the door of any device",
    file: "controller/gateway/login.ts",
    find: 'return isGood ? "good" : "bad";',
    replace: 'return isGood || true ? "good" : "bad";',
    test: at("03"),
    title: "in the login",
  },
  {
    name: "a second machine of the same identity is let be",
    file: "controller/gateway/gateway.ts",
    find: "if (device === null || this.rivals.answered(session, payload) === undefined) return;",
    replace: "if (device !== undefined) return;",
    test: at("04"),
    title: "that logs in beside it",
  },
  {
    name: "every login signs the same number",
    file: "controller/gateway/login.ts",
    find: 'Buffer.from(random.subarray(0, 32)).toString("base64")',
    replace: 'Buffer.alloc(random.length).toString("base64")',
    test: at("05"),
    title: "sent again in turn",
  },
  {
    name: "a login is good on another connection",
    file: "controller/gateway/login.ts",
    find: 'const bound = isBound ? channel() : "";',
    replace: 'const bound = "";',
    test: "test/threats/channel-binding.test.ts",
    title: ".",
  },
];
