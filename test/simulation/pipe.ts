/** One direction of a TCP connection: late, held up or cut off for good, but what arrives arrives in order. */
import type { Dice } from "./dice.ts";
import type { World } from "./world.ts";

export class Pipe {
  private readonly world: World;
  private readonly dice: Dice;
  private readonly queue: { readonly bytes: number; readonly deliver: () => void }[] = [];
  private lastArrival = 0;
  private arrived = 0;
  private isHeld = false;
  private isPaused = false;
  private isCut = false;
  /** Handed over and not delivered yet. */
  bytes = 0;

  constructor(world: World, dice: Dice) {
    this.world = world;
    this.dice = dice;
  }

  push(bytes: number, deliver: () => void): void {
    if (this.isCut) return;
    const now = this.world.time.now();
    const lateMs =
      this.world.isFaulty && this.dice.chance(0.02) ? this.dice.between(200, 4_000) : this.dice.between(1, 40);
    this.lastArrival = Math.max(this.lastArrival, now + lateMs);
    this.queue.push({ bytes, deliver });
    this.bytes += bytes;
    this.world.time.after(this.lastArrival - now, () => {
      this.arrived += 1;
      this.flow();
    });
  }

  /** The network holds everything back: a partition in this direction. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    this.flow();
  }

  /** The receiver does not read. */
  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.flow();
  }

  /** What is under way is lost, and nothing passes any more. */
  cut(): void {
    this.isCut = true;
    this.queue.length = 0;
    this.bytes = 0;
  }

  private flow(): void {
    while (this.arrived > 0 && !this.isHeld && !this.isPaused && !this.isCut) {
      this.arrived -= 1;
      const next = this.queue.shift();
      this.bytes -= next?.bytes ?? 0;
      next?.deliver();
    }
  }
}
