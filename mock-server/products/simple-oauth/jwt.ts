/**
 * JSON Web Tokens as lcobucci/jwt reads and writes them: the same order of checks and the same wording of its complaints.
 *
 * @module
 */
import { decodeUtf8, encodeUtf8 } from '../../bytes.ts';
import type { SigningKey } from './key.ts';

export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Header and payload as they stand, the text that is signed. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

/** The text is not a token; the message is the library's. */
export class JwtFault extends Error {}

const badBase64 = 'Error while decoding from Base64Url, invalid base64 characters detected';
const badJson = 'Error while decoding from JSON';

/** `namesMissingParts`: version 5 of the library refuses an empty part by its name. */
export function parseJwt(text: string, namesMissingParts: boolean): Jwt {
  const parts = text.split('.');
  const [header = '', claims = '', signature = ''] = parts;
  if (parts.length !== 3) throw new JwtFault('The JWT string must have two dots');
  if (namesMissingParts) {
    if (header === '') throw new JwtFault('The JWT string is missing the Header part');
    if (claims === '') throw new JwtFault('The JWT string is missing the Claim part');
    if (signature === '') throw new JwtFault('The JWT string is missing the Signature part');
  }
  const head = unencrypted(decodeObject(header, 'headers', namesMissingParts));
  // Version 4 does not look at the signature of a token that names no algorithm.
  const isUnsigned = !namesMissingParts && (head['alg'] === undefined || head['alg'] === 'none');
  return {
    header: head,
    claims: withDates(decodeObject(claims, 'claims', namesMissingParts)),
    signature: isUnsigned ? new Uint8Array(0) : decodeBase64Url(signature),
    signed: `${header}.${claims}`,
  };
}

/** Signed by this key with RS256, neither expired nor from the future; no leeway. `nowMs`: epoch milliseconds. */
export function isValid({ header, claims, signed, signature }: Jwt, key: SigningKey, nowMs: number): boolean {
  if (header['alg'] !== 'RS256' || !key.verify(signed, signature)) return false;
  const now = nowMs / 1000;
  const { iat, nbf, exp } = claims;
  return (iat === undefined || now >= Number(iat)) && (nbf === undefined || now >= Number(nbf)) && (exp === undefined || now < Number(exp));
}

export function signJwt(header: object, claims: object, key: SigningKey): string {
  const signed = `${encodePart(header)}.${encodePart(claims)}`;
  return `${signed}.${key.sign(signed)}`;
}

/** JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE, as the library encodes. */
export function encodePart(value: object): string {
  return encodeBase64Url(encodeUtf8(JSON.stringify(value)));
}

function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/** `sodium_base642bin` without padding: nothing outside the alphabet, no lone character, no stray bits. */
function decodeBase64Url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new JwtFault(badBase64);
  return bytes;
}

function decodeObject(part: string, name: string, isStrict: boolean): Record<string, unknown> {
  const json = decodeUtf8(decodeBase64Url(part));
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new JwtFault(badJson);
  }
  if (json.includes('\ufffd')) throw new JwtFault(badJson);
  if (typeof value !== 'object' || value === null)
    throw new JwtFault(`${name} must be an array${isStrict ? ' with non-empty-string keys' : ''}`);
  return value as Record<string, unknown>;
}

function unencrypted(header: Record<string, unknown>): Record<string, unknown> {
  if ('enc' in header) throw new JwtFault('Encryption is not supported yet');
  return header;
}

function withDates(claims: Record<string, unknown>): Record<string, unknown> {
  for (const name of ['iat', 'nbf', 'exp']) {
    const value = claims[name];
    if (value === undefined || typeof value === 'number' || (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value)))
      continue;
    throw new JwtFault(`Value is not in the allowed date format: ${String(value)}`);
  }
  return claims;
}
