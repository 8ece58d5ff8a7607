/**
 * The made-up vendor "Acme": it sends content files to the machines that run its product, a good one and then a bad one.
 *
 * It behaves as real products do. A machine with network gets the newest version on offer within a little while, also
 * after a restart, so a file that was only moved away comes back until the vendor withdraws it. Its self-protection
 * lets files be moved in normal mode. A file appears whole under its name, never half. A machine that holds the channel
 * back gets nothing of it until it lets it go, and then what is on offer.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DRIVER_FOLDER } from "./disk.ts";
import type { Machine } from "./kernel.ts";
import type { LabClock } from "./lab-clock.ts";
import { Dice } from "./random.ts";

export interface Content {
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

const CONTENT_BYTES = 4_096;
const FIELDS = 21;
/** What an agent calls the channel, and where it says that it holds it: its own settings in the machine's folder. */
const CHANNEL = "acme.content-7";
const HELD_SOURCES = "held-sources.json";
/** From the offer of a version to its arrival on a machine. */
const DELIVERY_LAB_MS = { low: 2_000, high: 30_000 };

/** @param fields how many the body holds; the header says 21 whatever it holds */
function makeContent(seed: number, revision: number, fields: number): Content {
  const dice = new Dice(seed, `content/${revision}`);
  const header = Buffer.alloc(16);
  header.write("ACMECNT1", 0, "latin1");
  header.writeUInt16LE(2, 8);
  header.writeUInt16LE(FIELDS, 10);
  header.writeUInt32LE(CONTENT_BYTES, 12);
  const body = Array.from({ length: fields }, () => {
    const length = dice.between(20, 120);
    return Buffer.concat([Buffer.of(length & 0xff, length >> 8), dice.bytes(length)]);
  });
  const written = Buffer.concat([header, ...body, Buffer.of(0xff, 0xff)]);
  const bytes = Buffer.concat([written, dice.bytes(CONTENT_BYTES - written.length)]);
  const name = `C-00000007-00000000-${String(revision).padStart(8, "0")}.sys`;
  return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

export const goodContent = (seed: number, revision: number): Content => makeContent(seed, revision, FIELDS);
export const faultyContent = (seed: number, revision: number): Content => makeContent(seed, revision, FIELDS - 1);

export class Vendor {
  readonly #subscribers = new Set<Machine>();
  readonly #delivered = new Map<Machine, Set<string>>();
  readonly #clock: LabClock;
  readonly #dice: Dice;
  readonly #onFault: (error: unknown) => void;
  #onOffer: Content | undefined;
  #isHalted = false;

  constructor(seed: number, clock: LabClock, onFault: (error: unknown) => void) {
    this.#clock = clock;
    this.#dice = new Dice(seed, "vendor");
    this.#onFault = onFault;
  }

  subscribe(machine: Machine): void {
    this.#subscribers.add(machine);
    this.#delivered.set(machine, new Set());
  }

  /** Offers a version to everyone from now on. */
  push(content: Content): void {
    this.#onOffer = content;
    for (const machine of this.#subscribers) this.#deliverSoon(machine);
  }

  /** The product looks for updates whenever its machine comes onto the network. */
  networkCameUp(machine: Machine): void {
    if (this.#subscribers.has(machine)) this.#deliverSoon(machine);
  }

  /** Nothing is sent any more, to nobody. What was sent stays where it is. */
  halt(): void {
    this.#isHalted = true;
  }

  /** The machines on which a version has arrived. */
  receivers(content: Content): readonly Machine[] {
    return [...this.#subscribers].filter((machine) => this.#delivered.get(machine)?.has(content.sha256) === true);
  }

  #deliverSoon(machine: Machine): void {
    const content = this.#onOffer;
    if (content === undefined || this.#isHalted) return;
    this.#clock.after(this.#dice.between(DELIVERY_LAB_MS.low, DELIVERY_LAB_MS.high), () => {
      if (this.#isHalted || this.#onOffer !== content || !machine.isOnline) return;
      this.#deliver(machine, content).catch(this.#onFault);
    });
  }

  async #deliver(machine: Machine, content: Content): Promise<void> {
    const path = join(machine.folder, DRIVER_FOLDER, content.name);
    if (existsSync(path)) return; // it has this version
    if (await isHeld(machine)) {
      this.#deliverSoon(machine);
      return;
    }
    await writeFile(`${path}.download`, content.bytes);
    await rename(`${path}.download`, path);
    this.#delivered.get(machine)?.add(content.sha256);
    await machine.contentArrived(content.name);
  }
}

async function isHeld({ folder }: Machine): Promise<boolean> {
  const text = await readFile(join(folder, HELD_SOURCES), "utf8").catch(() => "[]");
  return (JSON.parse(text) as unknown[]).includes(CHANNEL);
}
