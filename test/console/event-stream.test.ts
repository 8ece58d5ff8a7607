/** Reading an event stream: whatever way the network breaks it up, the same events come out. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventStreamParser, type StreamEvent } from "../../controller/console/live/event-stream.ts";

const read = (...chunks: readonly string[]): StreamEvent[] => {
  const parser = new EventStreamParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};

describe("event stream", () => {
  test("gives data, name and the last id", () => {
    expect(read('id: n7\nevent: notice\ndata: {"a":1}\n\n')).toEqual([{ id: "n7", event: "notice", data: '{"a":1}' }]);
  });

  test("keeps the id of an event without data for the next", () => {
    expect(read("id: n7\n\ndata: x\n\n")).toEqual([{ id: "n7", event: "message", data: "x" }]);
  });

  test("passes over comments, which are heartbeats, and fields it does not know", () => {
    expect(read(": still here\n\nretry: 2000\n\ndata: x\n\n")).toEqual([
      { id: undefined, event: "message", data: "x" },
    ]);
  });

  test("does not give an event that was cut off", () => {
    expect(read("data: whole\n\ndata: cut o")).toEqual([{ id: undefined, event: "message", data: "whole" }]);
  });

  test("reads the same events however the stream is broken up and whichever line ends it has", () => {
    const stream = 'id: n1\nevent: notice\ndata: {"a":1}\n\n: beat\n\nid: n2\ndata: b\ndata: c\n\n';
    const whole = read(stream);
    fc.assert(
      fc.property(fc.array(fc.nat(200)), fc.constantFrom("\n", "\r\n", "\r"), (cuts, lineEnd) => {
        const text = stream.replaceAll("\n", lineEnd);
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const chunks = at.slice(1).map((end, i) => text.slice(at[i], end));
        // A stream that ends in "\r" keeps its last line until it is known that no "\n" follows.
        expect(read(...chunks, lineEnd === "\r" ? ":" : "")).toEqual(whole);
      }),
    );
  });
});
