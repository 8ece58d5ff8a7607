/**
 * Server-sent events: notices of changes, as they come.
 *
 * A listener that reads too slowly is cut off rather than remembered for ever; it comes back with Last-Event-ID and
 * goes on from there. Too many listeners are sent to the polling route.
 */
import type { Request, Response } from "express";
import type { Notice } from "../../protocol/api.ts";
import type { Administration } from "../ports/administration.ts";
import { Refused } from "../ports/refused.ts";

export interface LiveLimits {
  readonly streamsMax: number;
  /** Proxies cut a connection on which nothing is said; many do after 30 to 60 seconds. */
  readonly heartbeatMs: number;
  readonly bufferedBytesMax: number;
}

/** How long a browser waits before it connects again. */
const RETRY_MS = 2_000;

export class LiveStreams {
  private readonly open = new Set<Response>();
  private readonly administration: Administration;
  private readonly limits: LiveLimits;
  private readonly stopping: AbortSignal;

  constructor(administration: Administration, limits: LiveLimits, stopping: AbortSignal) {
    this.administration = administration;
    this.limits = limits;
    this.stopping = stopping;
    stopping.addEventListener("abort", () => this.endAll(), { once: true });
  }

  serve(request: Request, response: Response): void {
    if (this.stopping.aborted || this.open.size >= this.limits.streamsMax) {
      response.set("Retry-After", "5");
      throw new Refused(
        "unavailable",
        this.stopping.aborted
          ? "The controller is stopping. Connect again in a few seconds."
          : "As many listeners as the controller serves are connected already. Ask /api/v1/notices instead.",
      );
    }
    response.status(200).set({
      "Content-Type": "text/event-stream; charset=utf-8",
      "X-Accel-Buffering": "no", // nginx would hold the events back
    });
    if (request.method === "HEAD") return void response.end();
    response.write(`retry: ${RETRY_MS}\n\n`);

    // Listening before asking for what was missed, with nothing in between: no notice is lost and none comes twice.
    const deaf = this.administration.onNotice((notice) => this.send(response, eventOf(notice)));
    const lastSeen = request.get("Last-Event-ID");
    const { items, last } = this.administration.noticesAfter(lastSeen);
    if (lastSeen !== undefined) for (const notice of items) this.send(response, eventOf(notice));
    // An event without data moves the listener's Last-Event-ID and is not shown to the page.
    else this.send(response, `id: ${last}\n\n`);

    const heartbeat = setInterval(() => this.send(response, ": still here\n\n"), this.limits.heartbeatMs);
    this.open.add(response);
    response.on("close", () => {
      clearInterval(heartbeat);
      deaf();
      this.open.delete(response);
    });
  }

  private send(response: Response, event: string): void {
    response.write(event);
    if (response.writableLength > this.limits.bufferedBytesMax) response.destroy();
  }

  private endAll(): void {
    for (const response of this.open) response.end();
  }
}

/** JSON has no line breaks, and ids are made by the controller: one line each. */
const eventOf = (notice: Notice): string => `id: ${notice.id}\nevent: notice\ndata: ${JSON.stringify(notice)}\n\n`;
