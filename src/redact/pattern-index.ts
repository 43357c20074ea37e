/**
 * Finds many patterns in a text at once, in one pass whose cost hardly grows with their number (Wu and Manber): three characters at a time tell how far
 * the next end of an anchor is at least; where one may end, its hash is looked up. An anchor is the last eight characters of a pattern (secrets of one
 * kind begin alike, but never end alike).
 *
 * @module
 */

/** Characters that a pattern needs at least. */
export const anchorLength = 8;

const blockLength = 3;
/** From a block that stands in no anchor, the next end of one is so far away. */
const longestShift = anchorLength - blockLength + 1;
const smallestTable = 1 << 14;
/** Fuller tables shift less: 16 entries for each of the six blocks of an anchor. */
const entriesPerAnchor = 96;
const base = 0x01000193;

interface Entry<T> {
  readonly pattern: string;
  readonly payload: T;
}

/** Letters A to Z count as a to z: a secret in other case is still a secret. */
export class PatternIndex<T> {
  readonly #entries = new Map<number, Entry<T>[]>();
  /** For each hash of a block: how many characters on an anchor can end. */
  #shifts = new Uint8Array(smallestTable).fill(longestShift);
  /** Which characters occur in a pattern, in either case; all beyond latin1 count as one. */
  readonly #characters = new Uint8Array(257);
  #size = 0;

  /** How many patterns there are. */
  get size(): number {
    return this.#size;
  }

  /** @param pattern of at least `anchorLength` characters. */
  add(pattern: string, payload: T): void {
    const hash = anchorHash(pattern, pattern.length);
    const entry = { pattern, payload };
    const bucket = this.#entries.get(hash);
    if (bucket === undefined) this.#entries.set(hash, [entry]);
    else if (bucket.some((one) => one.pattern === pattern && one.payload === payload)) return;
    else bucket.push(entry);
    for (let at = 0; at < pattern.length; at += 1) this.#characters[Math.min(foldUnit(pattern.charCodeAt(at)), 256)] = 1;
    this.#size += 1;
    if (this.#size * entriesPerAnchor > this.#shifts.length) this.#grow();
    else this.#mark(pattern);
  }

  /** Whether a pattern holds this character. */
  readonly holds = (unit: number): boolean => this.#characters[Math.min(foldUnit(unit), 256)] === 1;

  /** Calls back for every occurrence, overlapping ones included. `isExact`: also the case is that of the pattern. */
  scan(text: string, onMatch: (start: number, end: number, payload: T, isExact: boolean) => void): void {
    const { length } = text;
    if (this.#size === 0) return;
    const shifts = this.#shifts;
    const mask = shifts.length - 1;
    for (let at = anchorLength - 1; at < length;) {
      const shift = shifts[blockHash(text.charCodeAt(at - 2), text.charCodeAt(at - 1), text.charCodeAt(at)) & mask] as number;
      if (shift === 0) this.#verify(text, ++at, onMatch);
      else at += shift;
    }
  }

  #verify(text: string, end: number, onMatch: (start: number, end: number, payload: T, isExact: boolean) => void): void {
    const bucket = this.#entries.get(anchorHash(text, end));
    if (bucket === undefined) return;
    for (const { pattern, payload } of bucket) {
      const start = end - pattern.length;
      if (start < 0) continue;
      // Slices are compared as blocks of memory; startsWith goes from letter to letter.
      if (text.slice(start, end) === pattern) onMatch(start, end, payload, true);
      else if (equalsInAnyCase(text, start, pattern)) onMatch(start, end, payload, false);
    }
  }

  #grow(): void {
    this.#shifts = new Uint8Array(this.#shifts.length * 4).fill(longestShift);
    for (const bucket of this.#entries.values()) for (const { pattern } of bucket) this.#mark(pattern);
  }

  #mark(pattern: string): void {
    const mask = this.#shifts.length - 1;
    for (let shift = 0; shift < longestShift; shift += 1) {
      const at = pattern.length - 1 - shift;
      const slot = blockHash(pattern.charCodeAt(at - 2), pattern.charCodeAt(at - 1), pattern.charCodeAt(at)) & mask;
      if (shift < (this.#shifts[slot] as number)) this.#shifts[slot] = shift;
    }
  }
}

/** Folds letters, and a few signs with them, which only makes it look once more. */
function blockHash(first: number, second: number, third: number): number {
  const hash = Math.imul(first | 32, 0x9e3779b1) ^ Math.imul(second | 32, 0x85ebca6b) ^ Math.imul(third | 32, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}

/** Of the eight characters before `end`. */
function anchorHash(text: string, end: number): number {
  let hash = 0;
  for (let at = end - anchorLength; at < end; at += 1) hash = (Math.imul(hash, base) + foldUnit(text.charCodeAt(at))) | 0;
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
