/**
 * Reads `text/event-stream` as the HTML standard defines it, from chunks that may break anywhere.
 *
 * The browser's EventSource hides comments, and with them the server's heartbeat; without it a proxy that swallows the
 * stream looks the same as a quiet fleet.
 */
export interface StreamEvent {
  /** The last id seen so far; undefined before the first. */
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

export class EventStreamParser {
  #rest = "";
  #id: string | undefined;
  #event = "";
  #data: string[] = [];

  push(chunk: string): StreamEvent[] {
    const text = this.#rest + chunk;
    const complete = text.endsWith("\r") ? text.slice(0, -1) : text; // the "\n" of a "\r\n" may still come
    const lines = complete.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + text.slice(complete.length);
    return lines.flatMap((line) => this.#take(line) ?? []);
  }

  #take(line: string): StreamEvent | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return undefined; // comments and unknown fields are for nobody
  }

  #dispatch(): StreamEvent | undefined {
    const data = this.#data.join("\n");
    const event = this.#event === "" ? "message" : this.#event;
    const isEmpty = this.#data.length === 0;
    this.#data = [];
    this.#event = "";
    return isEmpty ? undefined : { id: this.#id, event, data };
  }
}
