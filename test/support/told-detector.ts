/** A real detector, and what it was told: who is online as far as it was said, who left and how, and who did not listen. */
import { createDetector } from "../../controller/detection/detector.ts";
import type { Detector } from "../../controller/detection/types.ts";
import type { MakeDetector } from "../../controller/watch/watch.ts";

export class ToldDetector {
  readonly online = new Set<number>();
  readonly left: { readonly device: number; readonly how: string; readonly heardAt: number }[] = [];
  readonly deaf: { readonly from: number; readonly until: number; readonly gateway: number | null }[] = [];

  /** Of a new one in the place of the one before. */
  readonly make: MakeDetector = (settings, memory) => {
    this.online.clear();
    this.left.length = 0;
    this.deaf.length = 0;
    const detector = createDetector(settings, memory);
    return new Proxy(detector, {
      get: (target, name: keyof Detector) => {
        const value = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: never[]) => {
          this.note(name, args);
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  };

  private note(name: keyof Detector, args: readonly unknown[]): void {
    if (name === "online") this.online.add(args[1] as number);
    if (name === "deaf") {
      const [until, from, gateway] = args as [number, number, number | null];
      this.deaf.push({ from, until, gateway });
    }
    if (name !== "gone") return;
    const [, device, how, heardAt] = args as [number, number, string, number];
    this.online.delete(device);
    this.left.push({ device, how, heardAt });
  }
}
