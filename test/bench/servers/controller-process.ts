/** Ours, all of it: the controller as `npm start` runs it. Reports are counted in its database only. */
import { join } from "node:path";
import { pino } from "pino";
import { startController } from "../../../controller/controller.ts";
import { answerAsServer, HOST } from "./server-process.ts";

answerAsServer({
  async start({ folder, port }) {
    const { url } = await startController(
      { dataFolder: folder, host: HOST, port, silentAfterMs: 600_000, leaseMs: 5_000 },
      { version: "0.0.0", consoleFolder: join(folder, "no-console"), log: pino({ level: "silent" }) },
    );
    return Number(new URL(url).port);
  },
  async commits() {
    return { commits: 0, reports: 0 };
  },
});
