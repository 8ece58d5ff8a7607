/**
 * Follows the controller's notices: by event stream where that gets through, by polling where it does not.
 *
 * Both run side by side and share the id of the last notice, so that nothing is missed at a change-over; a notice that
 * comes twice only makes the page ask once more. The stream counts as working from its first byte until it has been
 * silent for `SILENT_AFTER_MS`: some proxies accept a stream and never pass anything on.
 */
import { z } from "zod";
import { Notice, NoticeList } from "../../../protocol/api.ts";
import { API_ROOT, ask } from "../api/client.ts";
import { isNotSignedIn } from "../api/errors.ts";
import { EventStreamParser } from "./event-stream.ts";
import { sleep } from "./sleep.ts";

/** The server sends a heartbeat well within this. */
const SILENT_AFTER_MS = 30_000;
const POLL_EVERY_MS = 3_000;
/** Leaves a working stream the time to open before the first poll. */
const FIRST_POLL_AFTER_MS = 1_500;
const STREAM_AGAIN_AFTER_MS = 5_000;
const STREAM_AGAIN_MAX_MS = 60_000;

export type FeedMode = "connecting" | "streaming" | "polling" | "lost" | "signed-out";

export interface FeedListener {
  notices(notices: readonly Notice[]): void;
  mode(mode: FeedMode): void;
}

const NoticeData = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "not JSON" });
      return z.NEVER;
    }
  })
  .pipe(Notice);

/** Resolves when `signal` is aborted. */
export async function followNotices(listener: FeedListener, signal: AbortSignal): Promise<void> {
  const feed = new Feed(listener, signal);
  await Promise.all([feed.keepStreaming(), feed.keepPolling()]);
}

class Feed {
  readonly #listener: FeedListener;
  readonly #signal: AbortSignal;
  #last: string | undefined;
  #streaming = false;

  constructor(listener: FeedListener, signal: AbortSignal) {
    this.#listener = listener;
    this.#signal = signal;
  }

  async keepStreaming(): Promise<void> {
    let pauseMs = STREAM_AGAIN_AFTER_MS;
    while (!this.#signal.aborted) {
      const worked = await this.#stream();
      pauseMs = worked ? STREAM_AGAIN_AFTER_MS : Math.min(2 * pauseMs, STREAM_AGAIN_MAX_MS);
      await sleep(pauseMs, this.#signal);
    }
  }

  async keepPolling(): Promise<void> {
    await sleep(FIRST_POLL_AFTER_MS, this.#signal);
    while (!this.#signal.aborted) {
      if (!this.#streaming) await this.#poll();
      await sleep(POLL_EVERY_MS, this.#signal);
    }
  }

  /** True if anything came through before it ended. */
  async #stream(): Promise<boolean> {
    const ending = new AbortController();
    const signal = AbortSignal.any([this.#signal, ending.signal]);
    let silence = setTimeout(() => ending.abort(), SILENT_AFTER_MS);
    let worked = false;
    try {
      const headers: HeadersInit = { accept: "text/event-stream" };
      if (this.#last !== undefined) headers["last-event-id"] = this.#last;
      const response = await fetch(`${API_ROOT}/events`, { headers, signal, cache: "no-store" });
      const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
      if (!response.ok || !isStream || response.body === null) return false;
      const parser = new EventStreamParser();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(silence);
        silence = setTimeout(() => ending.abort(), SILENT_AFTER_MS);
        worked = true;
        this.#streaming = true;
        this.#listener.mode("streaming");
        this.#take(parser.push(part.value));
      }
    } catch {
      // cut, silent, or never there: polling takes over and the next attempt follows
    } finally {
      clearTimeout(silence);
      ending.abort();
      this.#streaming = false;
    }
    return worked;
  }

  #take(events: ReturnType<EventStreamParser["push"]>): void {
    const notices: Notice[] = [];
    for (const { id, data } of events) {
      if (id !== undefined) this.#last = id;
      const notice = NoticeData.safeParse(data);
      if (notice.success) notices.push(notice.data);
    }
    if (notices.length > 0) this.#listener.notices(notices);
  }

  async #poll(): Promise<void> {
    const query = this.#last === undefined ? "" : `?${new URLSearchParams({ after: this.#last }).toString()}`;
    try {
      const { items, last } = await ask({ answer: NoticeList, path: `/notices${query}`, signal: this.#signal });
      this.#last = last;
      if (!this.#streaming) this.#listener.mode("polling");
      if (items.length > 0) this.#listener.notices(items);
    } catch (error) {
      if (!this.#signal.aborted && !this.#streaming) this.#listener.mode(isNotSignedIn(error) ? "signed-out" : "lost");
    }
  }
}
