/**
 * Text and bytes without `node:` modules: the core also runs in a browser.
 *
 * @module
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Buffer encodes short strings several times faster than TextEncoder; both give the same bytes. */
export const encodeUtf8: (text: string) => Uint8Array =
  typeof Buffer === 'undefined' ? (text) => encoder.encode(text) : (text) => Buffer.from(text, 'utf8');

export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export const noBytes = new Uint8Array(0);

/** Header text (latin1, as on the wire) read as UTF-8, the way PHP's callers compare it. */
export function latin1ToUtf8(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text)) return text;
  return decodeUtf8(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/**
 * `base64_decode()` without its strict flag: everything outside the alphabet is skipped, padding too, wherever it stands. The result
 * is UTF-8 text. Undefined when nothing is left to decode.
 */
export function phpBase64(text: string): string | undefined {
  const clean = text.replace(/[^A-Za-z0-9+/]/g, '');
  const usable = clean.length % 4 === 1 ? clean.slice(0, -1) : clean;
  if (usable === '') return undefined;
  const binary = atob(usable);
  return decodeUtf8(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}

/** `base64_decode()` with its strict flag: only blanks are skipped. Undefined: it is not base64. */
export function phpBase64Strict(text: string): string | undefined {
  const clean = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean)) return undefined;
  const usable = clean.replace(/=+$/, '');
  if (usable.length % 4 === 1 || (usable.length !== clean.length && clean.length % 4 !== 0)) return undefined;
  return phpBase64(usable) ?? '';
}

/** Base64 of the UTF-8 bytes. */
export function encodeBase64(text: string): string {
  return btoa(String.fromCharCode(...encodeUtf8(text)));
}
