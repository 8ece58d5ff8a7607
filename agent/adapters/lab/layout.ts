/** Where the agent's state lies in a machine's folder: `C:\ProgramData\Ringback`. */
import { join } from "node:path";

export const stateFolder = (machine: string): string => join(machine, "C", "ProgramData", "Ringback");
