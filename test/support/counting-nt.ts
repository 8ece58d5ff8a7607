/** Windows' file calls, with a word before each that changes something: there the power can go, or the call can fail. */
import { DISPOSITION, type Nt, type Status } from "../../agent/adapters/windows/nt.ts";

/** @param before gets the number of this effect, from 1; a status that it answers comes instead of the effect */
export function countingNt(nt: Nt, before: (effect: number) => Status | undefined): Nt {
  let effects = 0;
  const next = (): Status | undefined => before(++effects);
  return {
    ...nt,
    open(opening) {
      const instead = opening.disposition === DISPOSITION.open ? undefined : next();
      return instead === undefined ? nt.open(opening) : { status: instead, handle: 0 };
    },
    async write(handle, from, offset) {
      const instead = next();
      return instead === undefined ? nt.write(handle, from, offset) : { status: instead, bytes: 0 };
    },
    async flush(handle) {
      return next() ?? nt.flush(handle);
    },
    set: (handle, from, informationClass) => next() ?? nt.set(handle, from, informationClass),
    setSecurity: (handle, descriptor, information) => next() ?? nt.setSecurity(handle, descriptor, information),
  };
}
