/** Ours, all of it: the controller as `npm start` runs it. Reports are counted in its database only. */
import { join } from "node:path";
import { pino } from "pino";
import { type Controller, startController } from "../../../controller/controller.ts";
import { answerAsServer, HOST } from "./server-process.ts";

export interface ControllerCalls {
  /** For the first administrator; good once. */
  setupCode(): Promise<string>;
}

let controller: Controller | undefined;

answerAsServer<ControllerCalls>({
  async start({ folder, port }) {
    controller = await startController(
      {
        dataFolder: folder,
        tls: "none",
        names: [],
        host: HOST,
        port,
        silentAfterMs: 600_000,
        leaseMs: 5_000,
        labPace: 1,
      },
      { version: "0.0.0", consoleFolder: join(folder, "no-console"), log: pino({ level: "silent" }) },
    );
    return Number(new URL(controller.url).port);
  },
  async setupCode() {
    return new URL((await controller?.makeSetupLink()) ?? "").hash.slice("#code=".length);
  },
  async commits() {
    return { commits: 0, reports: 0 };
  },
});
