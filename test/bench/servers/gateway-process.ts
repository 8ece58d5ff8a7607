/** Ours: the gateway over the SQLite store, put together as the controller does it, without orchestrator and API. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { inProcessBus } from "../../../controller/bus/in-process.ts";
import { attachGateway, type GatewayServer } from "../../../controller/gateway/gateway.ts";
import { deviceVerifier } from "../../../controller/gateway/verify.ts";
import { openSqliteStore } from "../../../controller/storage/sqlite.ts";
import { systemClock, systemRandom } from "../../../controller/system.ts";
import { aTrustKeeper } from "../../support/trust.ts";
import { type DeviceId, newId } from "../../../protocol/ids.ts";
import { deviceIdOf } from "../load/identity.ts";
import { DATABASE_NAME } from "./database.ts";
import { answerAsServer, BACKLOG, HOST } from "./server-process.ts";

const ignore = (): void => {};
let gateway: GatewayServer | undefined;
let addressees: readonly DeviceId[] = [];

export interface GatewayCalls {
  /** Whom `nudge` nudges: the agents with these numbers. */
  addressees(first: number, count: number): Promise<void>;
  nudge(): Promise<void>;
}

answerAsServer<GatewayCalls>({
  async start({ folder, port, pingEveryMs }) {
    const store = await openSqliteStore({ file: join(folder, DATABASE_NAME) });
    const server = createServer();
    gateway = attachGateway(server, {
      store,
      stream: newId("stream", systemClock.now(), systemRandom(10)),
      clock: systemClock,
      random: systemRandom,
      verify: deviceVerifier(),
      bus: inProcessBus(),
      trust: await aTrustKeeper(store, systemClock),
      precautions: { frames: [] },
      log: { info: ignore, warn: ignore, error: ignore },
      limits: { pingEveryMs },
    });
    server.listen(port, HOST, BACKLOG);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
  async addressees(first, count) {
    addressees = Array.from({ length: count }, (_, i) => deviceIdOf(first + i));
  },
  async nudge() {
    gateway?.nudge(addressees);
  },
  async commits() {
    const { commits = 0, reportsStored = 0 } = gateway?.counters ?? {};
    return { commits, reports: reportsStored };
  },
});
