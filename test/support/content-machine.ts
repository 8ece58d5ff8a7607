/** A fake machine with two faulty content files, a good one, and two services. */
import { FakeMachine } from "./fake-machine.ts";

const folder = "C:\\Windows\\System32\\drivers\\Acme\\";
export const FAULTY_FILE = `${folder}C-00000007-00000000-00000002.sys`;
export const OTHER_FAULTY_FILE = `${folder}C-00000007-00000000-00000003.sys`;
export const GOOD_FILE = `${folder}C-00000007-00000000-00000001.sys`;

export function aContentMachine(): FakeMachine {
  const machine = new FakeMachine();
  machine.put(FAULTY_FILE, "faulty");
  machine.put(OTHER_FAULTY_FILE, "faulty");
  machine.put(GOOD_FILE, "good");
  machine.services.set("AcmeSensor", { start: "automatic", running: true });
  machine.services.set("Dnscache", { start: "automatic", running: true });
  return machine;
}
