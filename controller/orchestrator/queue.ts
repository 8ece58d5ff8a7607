/** Runs pieces of work one after another, in the order in which they were asked for. A failed one does not stop the next. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve();

  run<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined);
    return result;
  }
}
