/**
 * One digest for equal data, whatever the order of its members.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/** SHA-256 over the canonical JSON of a value, in hexadecimal: members sorted by name, no white space. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
