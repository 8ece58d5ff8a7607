/** Reads `text/event-stream` from chunks that may break anywhere. Comments, which keep a connection open, are skipped. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** `onBytes` is told of whatever comes, comments too: a stream that says nothing at all is broken, not quiet. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<StreamEvent, void> {
  const decoder = new TextDecoder();
  let rest = "";
  let event = "message";
  let data: string[] = [];
  for await (const bytes of body) {
    onBytes();
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n"); // our controller ends lines with \n alone
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("event: ")) event = line.slice("event: ".length);
      else if (line.startsWith("data: ")) data.push(line.slice("data: ".length));
      else if (line === "") {
        if (data.length > 0) yield { event, data: data.join("\n") };
        event = "message";
        data = [];
      }
    }
  }
}
