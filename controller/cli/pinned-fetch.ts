/**
 * Requests to a controller whose authority is given: that one is believed and no other, whatever this machine trusts.
 *
 * As `fetch`, for what the command line needs of it: a redirect is an answer like any other and is never followed.
 */
import { request } from "node:https";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

interface Wish {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** @param ca PEM. Rejects with Node's error for a certificate that does not come from it: nothing was sent then. */
export function fetchPinned(ca: string, url: string, { body, ...wish }: Wish): Promise<Response> {
  return new Promise((resolve, reject) => {
    // What is given may be an authority below a root.
    const sent = request(url, { ...wish, ca, agent: false, allowPartialTrustChain: true }, (answer) => {
      const { statusCode: status = 0, headers } = answer;
      const isEmpty = status === 204 || status === 304;
      if (isEmpty) answer.resume();
      const stream = isEmpty ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>);
      const texts = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
      resolve(new Response(stream, { status, headers: texts }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
