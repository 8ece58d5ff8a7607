/** Two stores on one database: what every test of the contract begins with. */
import type { Store } from "../../controller/store.ts";
import type { Database } from "../../controller/storage/database.ts";

/** An empty database, and how to open stores on it. */
export interface TestDatabase {
  open(): Promise<Store>;
  /** The database without the store, to change its schema. */
  openBelow(): Database;
  /** After everything that was opened is closed. */
  remove(): Promise<void>;
}

/** Two stores on one database, migrated. */
export class Given {
  one!: Store; // set before each test
  other!: Store; // set before each test
  database!: TestDatabase; // set before each test
  readonly #opened: Store[] = [];
  readonly #others: TestDatabase[] = [];
  #make!: () => Promise<TestDatabase>; // set before each test

  async begin(make: () => Promise<TestDatabase>): Promise<void> {
    this.#make = make;
    this.database = await make();
    [this.one, this.other] = await Promise.all([this.open(), this.open()]);
    await this.one.migrate();
  }

  /** Another database, empty and without a schema. */
  async fresh(): Promise<TestDatabase> {
    const database = await this.#make();
    this.#others.push(database);
    return database;
  }

  /** One more; closed after the test. */
  open(): Promise<Store> {
    return this.openOn(this.database);
  }

  async openOn(database: TestDatabase): Promise<Store> {
    const store = await database.open();
    this.#opened.push(store);
    return store;
  }

  async end(): Promise<void> {
    for (const store of this.#opened.splice(0)) await store.close();
    for (const database of [this.database, ...this.#others.splice(0)]) await database.remove();
  }

  /** `one`, `other`, `one`, ... */
  alternate(i: number): Store {
    return i % 2 === 0 ? this.one : this.other;
  }
}

/** How many say yes. */
export const countOf = <Value>(values: readonly Value[], value: Value): number =>
  values.filter((each) => each === value).length;
