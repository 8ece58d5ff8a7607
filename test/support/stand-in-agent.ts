/**
 * The smallest program that fits where the agent goes: notes its boot, keeps knocking at its controller, and says
 * goodbye when it is asked to stop. For tests of the lab itself.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

const folder = process.argv[2] ?? "";
const note = (line: string): void => {
  appendFileSync(join(folder, "stand-in.log"), `${line}\n`);
};

const { bootId } = JSON.parse(readFileSync(join(folder, "boot.json"), "utf8")) as { bootId: string };
note(`boot ${bootId}`);
process.on("SIGTERM", () => {
  note("goodbye");
  process.exit(0);
});

const port = Number(readFileSync(join(folder, "port"), "utf8"));
const knock = (): void => {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  socket.on("data", () => {
    note(`heard in ${bootId}`);
  });
  socket.on("close", () => setTimeout(knock, 20));
};
knock();
