/** The doctor on this machine. Arguments: the folder with tools (or empty), the agent's state folder, `--json`. */
import { runDoctor } from "../../../agent/adapters/windows/doctor/run-doctor.ts";

const [tools = "", folder = "", json] = process.argv.slice(2);
process.exitCode = await runDoctor({
  installed: () => ({ stateFolder: folder, toolFolder: tools === "" ? undefined : tools }),
  systemProxy: undefined,
  json: json === "--json",
  write: (text) => process.stdout.write(text),
});
