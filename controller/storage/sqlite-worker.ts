/**
 * The thread that holds a SQLite file: the writer, or a reader beside it. It calls the store that is in it by the name
 * and arguments of each message and answers with what came of it.
 */
import { type MessagePort, parentPort } from "node:worker_threads";
import { kyselyStore } from "./kysely-store.ts";
import { openSqlite } from "./sqlite-database.ts";
import { type Answer, type Call, type Open, toMessage } from "./sqlite-rpc.ts";
import { type CallStore, callOn } from "./store-methods.ts";

if (parentPort === null) throw new Error("sqlite-worker.ts is started by sqlite-thread.ts");
serve(parentPort);

function serve(port: MessagePort): void {
  let store: CallStore | undefined;
  const carryOut = async (message: Open | Call): Promise<unknown> => {
    if (message.kind === "open") {
      const { file, readonly } = message;
      store = callOn(kyselyStore(openSqlite({ file, readonly, ownThread: true })));
      return;
    }
    if (store === undefined) throw new Error("the first message opens the file");
    return store(message.method, message.args);
  };
  const answer = (message: Answer): void => port.postMessage(message);
  port.on("message", (message: Open | Call) => {
    const { id } = message;
    carryOut(message).then(
      (result) => answer({ kind: "result", id, result }),
      (error: unknown) => answer({ kind: "failed", id, error: toMessage(error) }),
    );
  });
}
