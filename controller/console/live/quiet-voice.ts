/**
 * Says things at most once in a while, and always the newest: a screen reader that is told of every change says nothing.
 */
export interface QuietVoiceParts {
  readonly say: (summary: string) => void;
  /** Calls back once after `ms`; returns how to forget it. */
  readonly after: (ms: number, call: () => void) => () => void;
  readonly everyMs: number;
}

export class QuietVoice {
  readonly #parts: QuietVoiceParts;
  #next: string | undefined;
  #forget: (() => void) | undefined;

  constructor(parts: QuietVoiceParts) {
    this.#parts = parts;
  }

  /** Said at once after a silence, otherwise when the time is up, unless something newer comes until then. */
  hear(summary: string): void {
    this.#next = summary;
    if (this.#forget === undefined) this.#speak();
  }

  stop(): void {
    this.#forget?.();
    this.#forget = undefined;
    this.#next = undefined;
  }

  #speak(): void {
    this.#forget = undefined;
    if (this.#next === undefined) return;
    this.#parts.say(this.#next);
    this.#next = undefined;
    this.#forget = this.#parts.after(this.#parts.everyMs, () => this.#speak());
  }
}
