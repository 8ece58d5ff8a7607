/** Where things lie in a machine's folder; the agent's state is in `C:\ProgramData\Ringback`. */
import { join } from "node:path";

/** The sources of which the made-up vendors deliver nothing, as a JSON list. */
export const HELD_SOURCES = "held-sources.json";

export const stateFolder = (machine: string): string => join(machine, "C", "ProgramData", "Ringback");
