import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Notice } from "../../protocol/api.ts";
import { ApiClient } from "../../controller/cli/client.ts";
import { follow } from "../../controller/cli/follow.ts";
import { type ApiServer, startApi } from "../support/api-server.ts";
import type { FakeAdministration } from "../support/fake-administration.ts";

/** Ends a wait that is in vain; asserts nothing about speed. */
const SOON = { timeout: 15_000 };

let api: ApiServer<FakeAdministration>;
let token: string;
let stop: AbortController;

beforeEach(async () => {
  api = await startApi({ limits: { heartbeatMs: 20, streamsMax: 3, bufferedBytesMax: 64 * 1024 } });
  token = await api.signIn();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await api.close();
});

const open = (headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}`, ...headers }, signal: stop.signal });

/** The stream's text up to and including what was waited for. */
async function readUntil(response: Response, wanted: string): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader(); // an open stream has a body
  let text = "";
  while (!text.includes(wanted)) {
    const part = await reader.read();
    if (part.done) throw new Error(`the stream ended before "${wanted}": ${text}`);
    text += new TextDecoder().decode(part.value);
  }
  reader.releaseLock();
  return text;
}

const noticesIn = (text: string): Notice[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("data: "))
    .map((line) => JSON.parse(line.slice("data: ".length)) as Notice);

describe("the event stream", () => {
  test("tells of changes as they come, with their ids", async () => {
    const response = await open();
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const notice = api.administration.notify("rollout", "rollout_1");
    const text = await readUntil(response, "data: ");
    expect(text).toContain(`id: ${notice.id}\nevent: notice\ndata: ${JSON.stringify(notice)}\n\n`);
  });

  test("goes on after Last-Event-ID, without a gap and without a repeat", async () => {
    const [first, second, third] = ["a", "b", "c"].map((key) => api.administration.notify("plan", key));
    const response = await open({ "last-event-id": first?.id ?? "" });
    const fourth = api.administration.notify("plan", "d");
    const text = await readUntil(response, fourth.id);
    const rest = text.includes(`"${fourth.id}"`) ? text : text + (await readUntil(response, "data: "));
    expect(noticesIn(rest)).toEqual([second, third, fourth]);
  });

  test("says reset to who was away for too long", async () => {
    const response = await open({ "last-event-id": "from-another-life" });
    expect(noticesIn(await readUntil(response, "data: "))).toMatchObject([{ topic: "reset", key: null }]);
  });

  test("a new listener is told nothing old, but learns where the feed stands", async () => {
    const last = api.administration.notify("fleet", null);
    const text = await readUntil(await open(), ": still here");
    expect(noticesIn(text)).toEqual([]);
    expect(text).toContain(`id: ${last.id}\n\n`);
  });

  test("says now and then that it is still there", async () => {
    const response = await open();
    await readUntil(response, ": still here");
    await readUntil(response, ": still here");
  });

  test("is not left open by a question for its head alone", async () => {
    const response = await fetch(`${api.url}/api/v1/events`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    expect(api.administration.listening).toBe(0);
  });

  test("takes no more listeners than it can serve, and makes room when one goes", async () => {
    const own = [new AbortController(), new AbortController(), new AbortController()];
    const streams = await Promise.all(
      own.map(({ signal }) =>
        fetch(`${api.url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` }, signal }),
      ),
    );
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await open();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    own[0]?.abort();
    await expect.poll(() => api.administration.listening, SOON).toBe(2);
    expect((await open()).status).toBe(200);
    for (const { signal } of own) if (!signal.aborted) own.find((one) => one.signal === signal)?.abort();
  });

  test("cuts off who does not read, instead of remembering for ever", async () => {
    await open(); // nobody reads its body
    await expect.poll(() => api.administration.listening, SOON).toBe(1);
    const key = "x".repeat(60_000);
    await expect
      .poll(() => {
        for (let i = 0; i < 50; i++) api.administration.notify("fleet", key);
        return api.administration.listening;
      }, SOON)
      .toBe(0);
  });

  test("ends when the controller stops, so that it can", async () => {
    const response = await open();
    const ended = response.text();
    await api.close();
    expect(await ended).toContain("retry: ");
    api = await startApi();
  });
});

describe("polling", () => {
  test("gives what came after, and where to go on", async () => {
    const client = new ApiClient({ url: api.url, token });
    const first = api.administration.notify("fleet", "a");
    const second = api.administration.notify("fleet", "b");
    expect(await client.notices(first.id)).toEqual({ items: [second], last: second.id });
    expect(await client.notices(second.id)).toEqual({ items: [], last: second.id });
    expect((await client.notices("from-another-life")).items).toMatchObject([{ topic: "reset" }]);
  });

  test("takes over where the stream does not get through, and loses nothing", async () => {
    api.administration.notify("fleet", "before");
    await Promise.all([open(), open(), open()]); // no stream is left for the follower
    await expect.poll(() => api.administration.listening, SOON).toBe(3);
    const client = new ApiClient({ url: api.url, token });
    const seen: string[] = [];
    const following = (async () => {
      for await (const { key } of follow(client, stop.signal, { pollMs: 5, pollsBetweenStreams: 1_000 })) {
        seen.push(key ?? "");
        if (seen.length === 3) return;
      }
    })();
    await expect
      .poll(() => api.logged.some((line) => line.includes('"path":"/api/v1/events"') && line.includes("503")), SOON)
      .toBe(true);
    for (const key of ["a", "b", "c"]) api.administration.notify("fleet", key);
    await following;
    expect(seen).toEqual(["a", "b", "c"]);
  });
});

test("a follower hears over the stream what happens", async () => {
  const client = new ApiClient({ url: api.url, token });
  api.administration.notify("fleet", "before");
  const seen: string[] = [];
  const following = (async () => {
    for await (const { key } of follow(client, stop.signal, { pollMs: 5, pollsBetweenStreams: 1 })) {
      seen.push(key ?? "");
      if (key === "enough") return;
    }
  })();
  await expect.poll(() => api.administration.listening, SOON).toBe(1);
  api.administration.notify("fleet", "a");
  await expect.poll(() => seen, SOON).toEqual(["a"]);
  api.administration.notify("fleet", "enough");
  await following;
});

test("a follower whose token is not known is told so at once", async () => {
  const client = new ApiClient({ url: api.url, token: "ringback_not-a-token-at-all" });
  await expect(follow(client, stop.signal).next()).rejects.toMatchObject({ code: "not-signed-in" });
});
