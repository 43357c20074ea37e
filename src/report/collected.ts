/**
 * Text that is kept until the end, in pieces without number: joined now and then, since a text that was put together by `+` keeps all its parts alive,
 * and a small buffer the whole block that it was cut from.
 *
 * @module
 */

const joinedAtOnce = 64;

export class Collected {
  readonly #joined: string[] = [];
  #latest: string[] = [];

  add(text: string): void {
    this.#latest.push(text);
    if (this.#latest.length < joinedAtOnce) return;
    this.#joined.push(this.#latest.join(''));
    this.#latest = [];
  }

  /** All of it in order, in pieces that can be written one by one. */
  *pieces(): Iterable<string> {
    yield* this.#joined;
    if (this.#latest.length > 0) yield this.#latest.join('');
  }
}
