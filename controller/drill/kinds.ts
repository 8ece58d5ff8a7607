/** What can be due for a device, packed with a number by which one knows whether it still holds, and an argument. */
export const KIND = {
  life: 0,
  drop: 1,
  back: 2,
  arrive: 3,
  catchUp: 4,
  tell: 5,
  restart: 6,
  hurt: 7,
  moment: 8,
  mishap: 9,
  happening: 10,
  lie: 11,
} as const;

/** @param serial of eight bits, @param argument of sixteen */
export const pack = (kind: number, serial = 0, argument = 0): number => (kind | (serial << 5) | (argument << 13)) >>> 0;
export const kindOf = (what: number): number => what & 31;
export const serialOf = (what: number): number => (what >>> 5) & 255;
export const argumentOf = (what: number): number => what >>> 13;
