/** The enrolment address on a real socket over a real store, with what it logged. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inProcessBus } from "../../controller/bus/in-process.ts";
import { type EndpointLimits, enrolmentEndpoint } from "../../controller/enrolment/endpoint.ts";
import { deviceVerifier } from "../../controller/gateway/verify.ts";
import type { Store } from "../../controller/store.ts";
import { ENROLMENT_PATH } from "../../protocol/enrolment.ts";
import { stream } from "./fleet-builders.ts";
import { ManualClock } from "./manual-clock.ts";
import { aPolicy, sealPolicy } from "./trust.ts";

export interface EnrolmentServer extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly logged: string[];
  post(body: unknown): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
}

export async function startEnrolment(
  stores: readonly Store[],
  limits: Partial<EndpointLimits> = {},
): Promise<EnrolmentServer> {
  const clock = new ManualClock();
  const logged: string[] = [];
  const write = (fields: unknown, message: string): void => void logged.push(JSON.stringify({ fields, message }));
  const endpoints = stores.map((store, i) =>
    enrolmentEndpoint({
      store,
      stream: stream(i),
      clock,
      verify: deviceVerifier(),
      bus: inProcessBus(),
      log: { info: write, warn: write, error: write },
      pack: async () => ({ trust: [], policy: sealPolicy(aPolicy()) }),
      addressOf: ({ socket }) => socket.remoteAddress ?? "",
      limits,
    }),
  );
  let turn = 0;
  const server = createServer((request, response) => {
    const takes = endpoints[turn++ % endpoints.length];
    if (takes?.(request, response) !== true) response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return {
    clock,
    logged,
    async post(body) {
      const response = await fetch(`http://127.0.0.1:${port}${ENROLMENT_PATH}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
