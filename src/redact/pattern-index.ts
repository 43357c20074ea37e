/**
 * Finds many patterns in a text at once, in one pass whose cost does not grow with their number: a rolling hash over eight characters, the
 * last of each pattern (secrets of one kind begin alike, but never end alike).
 *
 * @module
 */

/** Characters that a pattern needs at least. */
export const anchorLength = 8;

const base = 0x01000193;
const basePower = power(base, anchorLength);

interface Entry<T> {
  readonly pattern: string;
  readonly payload: T;
}

/** Letters A to Z count as a to z: a secret in other case is still a secret. */
export class PatternIndex<T> {
  readonly #entries = new Map<number, Entry<T>[]>();
  /** One bit for every value of the lower hash bits that some anchor has: a quick "surely not". */
  #bits = new Int32Array(1024);
  /** Which characters occur in a pattern, in either case; all beyond latin1 count as one. */
  readonly #characters = new Uint8Array(257);
  #size = 0;

  /** @param pattern of at least `anchorLength` characters. */
  add(pattern: string, payload: T): void {
    const hash = anchorHash(pattern);
    const entry = { pattern, payload };
    const bucket = this.#entries.get(hash);
    if (bucket === undefined) this.#entries.set(hash, [entry]);
    else bucket.push(entry);
    for (let at = 0; at < pattern.length; at += 1) this.#characters[Math.min(foldUnit(pattern.charCodeAt(at)), 256)] = 1;
    this.#size += 1;
    if (this.#size > this.#bits.length * 2) this.#grow();
    else this.#mark(hash);
  }

  /** Whether a pattern holds this character. */
  readonly holds = (unit: number): boolean => this.#characters[Math.min(foldUnit(unit), 256)] === 1;

  /** Calls back for every occurrence, overlapping ones included. `isExact`: also the case is that of the pattern. */
  scan(text: string, onMatch: (start: number, end: number, payload: T, isExact: boolean) => void): void {
    const length = text.length;
    if (length < anchorLength || this.#size === 0) return;
    const bits = this.#bits;
    const mask = bits.length - 1;
    let hash = 0;
    for (let at = 0; at < anchorLength - 1; at += 1) hash = (Math.imul(hash, base) + foldUnit(text.charCodeAt(at))) | 0;
    for (let at = anchorLength - 1, out = 0; at < length; at += 1) {
      hash = (Math.imul(hash, base) + foldUnit(text.charCodeAt(at))) | 0;
      if ((((bits[(hash >>> 5) & mask] as number) >>> (hash & 31)) & 1) !== 0) this.#verify(text, at + 1, hash, onMatch);
      hash = (hash - Math.imul(foldUnit(text.charCodeAt(out++)), basePower)) | 0;
    }
  }

  #verify(text: string, end: number, hash: number, onMatch: (start: number, end: number, payload: T, isExact: boolean) => void): void {
    const bucket = this.#entries.get(hash);
    if (bucket === undefined) return;
    for (const { pattern, payload } of bucket) {
      const start = end - pattern.length;
      if (start < 0) continue;
      if (text.startsWith(pattern, start)) onMatch(start, end, payload, true);
      else if (equalsInAnyCase(text, start, pattern)) onMatch(start, end, payload, false);
    }
  }

  #grow(): void {
    this.#bits = new Int32Array(this.#bits.length * 4);
    for (const hash of this.#entries.keys()) this.#mark(hash);
  }

  #mark(hash: number): void {
    const at = (hash >>> 5) & (this.#bits.length - 1);
    this.#bits[at] = (this.#bits[at] as number) | (1 << (hash & 31));
  }
}

function anchorHash(pattern: string): number {
  let hash = 0;
  for (let at = pattern.length - anchorLength; at < pattern.length; at += 1)
    hash = (Math.imul(hash, base) + foldUnit(pattern.charCodeAt(at))) | 0;
  return hash;
}

function foldUnit(unit: number): number {
  return unit >= 65 && unit <= 90 ? unit | 32 : unit;
}

/** Compares in place, from the front: the anchor at the end matches already, and copies would be made at every letter of a long run of one. */
function equalsInAnyCase(text: string, start: number, pattern: string): boolean {
  for (let at = 0; at < pattern.length; at += 1) {
    if (foldUnit(text.charCodeAt(start + at)) !== foldUnit(pattern.charCodeAt(at))) return false;
  }
  return true;
}

/** `value` to the power of `exponent - 1`, in 32 bits: the weight of the oldest character in the window. */
function power(value: number, exponent: number): number {
  let result = 1;
  for (let count = 1; count < exponent; count += 1) result = Math.imul(result, value);
  return result;
}
