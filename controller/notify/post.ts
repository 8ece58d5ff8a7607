/**
 * One request to somebody else's server: bounded in time and in what is read, never redirected.
 *
 * What comes back is a value; nothing of the answer's body is kept unless it is asked for, so that whoever may name an
 * address learns nothing of what stands there.
 */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { faultOfUrl, guardedLookup } from "./address-guard.ts";

interface Posting {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly withinMs: number;
  readonly answerBytesMax: number;
  readonly allowsPrivate: boolean;
}
export type Posted =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: string;
    }
  | { readonly kind: "unreachable"; readonly because: string };

export type Post = (posting: Posting) => Promise<Posted>;

export const post: Post = (posting) => {
  const { method, url, headers, body, withinMs, answerBytesMax, allowsPrivate } = posting;
  const fault = faultOfUrl(url, allowsPrivate);
  if (fault !== undefined) return Promise.resolve({ kind: "unreachable", because: `Its address ${fault}.` });
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const unreachable = (because: string): void => resolve({ kind: "unreachable", because });
    const signal = AbortSignal.timeout(withinMs);
    const length = body === null ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = send(
      url,
      { method, headers: { ...headers, ...length }, agent: false, signal, lookup: guardedLookup(allowsPrivate) },
      (response) => {
        const { statusCode = 0, headers: answered } = response;
        const parts: Buffer[] = [];
        let bytes = 0;
        const end = (): void =>
          resolve({
            kind: "answered",
            status: statusCode,
            retryAfter: answered["retry-after"],
            body: Buffer.concat(parts).toString("utf8"),
          });
        response.on("data", (part: Buffer) => {
          bytes += part.length;
          if (bytes <= answerBytesMax) parts.push(part);
          else {
            end(); // the status is known, and that is what counts
            response.destroy();
          }
        });
        response.on("end", end);
        response.on("error", () => unreachable("Its answer broke off."));
      },
    );
    request.on("error", (error: Error & { code?: string }) =>
      unreachable(
        signal.aborted
          ? `It did not answer within ${Math.round(withinMs / 1_000)} s.`
          : `It could not be reached: ${error.name === "AddressRefused" ? error.message : (error.code ?? "unknown")}.`,
      ),
    );
    request.end(body ?? undefined);
  });
};
