/**
 * One status line for several targets that all have something to say.
 *
 * @module
 */

type Tell = (line: string | undefined) => void;

export class StatusBoard {
  readonly #lines = new Map<string, string>();
  readonly #tell: Tell;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** What a target tells; `undefined` takes its line away. */
  lineOf(target: string): Tell {
    return (line) => {
      if (line === undefined) this.#lines.delete(target);
      else this.#lines.set(target, line);
      const [first] = this.#lines;
      if (first === undefined) this.#tell(undefined);
      else this.#tell(this.#lines.size === 1 ? first[1] : `${first[0]}: ${first[1]}, and ${this.#lines.size - 1} more wait`);
    };
  }
}
