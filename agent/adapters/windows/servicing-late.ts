/**
 * A program of the servicing stack that took too long was ended, and it alone: services of Windows did the work for it, and
 * may come to its end. So what is there is looked at all the same, and where it is not there, nobody is told that it is over.
 */
import type { Fault } from "../../ports.ts";

export const goesOn = (late: Fault): Fault => ({
  ...late,
  because: `${late.because}. Windows may go on with what it had begun: look at the machine again before it is restarted`,
});
