/**
 * `password_verify()` and Drupal's own hashing, as far as they let other texts pass than the one that was set.
 *
 * @module
 */
import { encodeUtf8 } from '../bytes.ts';

/** Longer ones are refused unread, against denial of service. */
const longestPassword = 512;
/** bcrypt reads this many bytes, and none from the first NUL on. */
const bcryptBytes = 72;

/** Whether a text is the password that was set; core hashes with bcrypt from version 10.1, before with SHA-512. */
export function isPassword(given: string, set: string, coreMajor: number): boolean {
  if (given === set) return given.length <= longestPassword;
  const bytes = encodeUtf8(given);
  if (coreMajor < 10 || bytes.length > longestPassword || given === '') return false;
  const read = seenByBcrypt(bytes);
  const expected = seenByBcrypt(encodeUtf8(set));
  return read.length === expected.length && read.every((byte, index) => byte === expected[index]);
}

function seenByBcrypt(bytes: Uint8Array): Uint8Array {
  const nul = bytes.indexOf(0);
  return bytes.subarray(0, Math.min(bcryptBytes, nul < 0 ? bytes.length : nul));
}
