/**
 * A fixed number of places, given out in the order in which they were asked for.
 *
 * @module
 */

export class Places {
  readonly #count: number;
  readonly #queue: (() => void)[] = [];
  #taken = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** Takes a place if one is free. */
  tryTake(): boolean {
    if (this.#taken >= this.#count) return false;
    this.#taken += 1;
    return true;
  }

  /** Resolves with a place; to false, without one, when the signal came first. */
  async take(signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted === true) return false;
    return this.tryTake() || this.#queued(signal);
  }

  /** Hands the place over to the one who has waited longest, so that nobody can slip in between. */
  leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  #queued(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const onAbort = () => {
        const at = this.#queue.indexOf(enter);
        if (at === -1) return;
        this.#queue.splice(at, 1);
        resolve(false);
      };
      const enter = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve(true);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(enter);
    });
  }
}
