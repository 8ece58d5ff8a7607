/** Where things lie in a machine's folder; the agent's state is in `C:\ProgramData\Ringback`. */
import { join } from "node:path";

/** The sources of which the made-up vendors deliver nothing, as a JSON list. */
export const HELD_SOURCES = "held-sources.json";
/** `{"next": "minimal"}`: the next start alone is in safe mode. Whoever plays the kernel takes it away as it starts so. */
export const SAFE_MODE = "safe-mode.json";

export const stateFolder = (machine: string): string => join(machine, "C", "ProgramData", "Ringback");
