/**
 * A small seeded source of ids (sfc32): the same seed gives the same site, tokens included. Not for secrets of real systems.
 *
 * @module
 */

export interface Random {
  /** An integer in 0 … bound − 1. */
  int(bound: number): number;
  /** Lower-case hexadecimal digits. */
  hex(length: number): string;
  /** Letters and digits. */
  text(length: number): string;
  /** A version 4 UUID. */
  uuid(): string;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const digits = '0123456789abcdef';

export function createRandom(seed: number): Random {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();

  const int = (bound: number): number => Math.floor((next() / 0x1_0000_0000) * bound);
  // One flat string: joining single characters leaves a rope that is costly to keep and to look up.
  const pick = (alphabet: string, length: number): string => {
    const codes: number[] = [];
    for (let i = 0; i < length; i++) codes.push(alphabet.charCodeAt(int(alphabet.length)));
    return String.fromCharCode.apply(undefined, codes);
  };
  const hex = (length: number): string => pick(digits, length);
  return {
    int,
    hex,
    text: (length) => pick(letters, length),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${digits[8 + int(4)]}${hex(3)}-${hex(12)}`,
  };
}
