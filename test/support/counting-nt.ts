/** Windows' file calls, with a word before each that changes something: there the power can go, or a call can fail. */
import { DISPOSITION, type Nt } from "../../agent/adapters/windows/nt.ts";

/** @param before gets the number of this effect, from 1; what it throws comes instead of the effect */
export function countingNt(nt: Nt, before: (effect: number) => void): Nt {
  let effects = 0;
  const next = (): void => before(++effects);
  return {
    ...nt,
    open(opening) {
      if (opening.disposition !== DISPOSITION.open) next();
      return nt.open(opening);
    },
    write(handle, from, offset) {
      next();
      return nt.write(handle, from, offset);
    },
    flush(handle) {
      next();
      return nt.flush(handle);
    },
    set(handle, from, informationClass) {
      next();
      return nt.set(handle, from, informationClass);
    },
    setSecurity(handle, descriptor, information) {
      next();
      return nt.setSecurity(handle, descriptor, information);
    },
  };
}
