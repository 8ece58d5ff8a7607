/** How the controller says no. */
import type { Problem } from "../../protocol/problem.ts";

/** A request that cannot be carried out. The API shows it as problem+json; nothing was changed. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: Problem["code"];
  readonly errors: NonNullable<Problem["errors"]>;
  constructor(code: Problem["code"], message: string, errors: NonNullable<Problem["errors"]> = []) {
    super(message);
    this.code = code;
    this.errors = errors;
  }
}
