/**
 * Forged tokens: what an attacker makes out of a token that he holds. Whatever comes out must be refused by a server that verifies signatures;
 * a token that is no JWT is forged into one that says nothing.
 *
 * @module
 */
import { createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

interface Parts {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly signature: string;
}

function split(token: string): Parts {
  const [header = '', claims = '', signature = ''] = token.split('.');
  return { header: { typ: 'JWT', alg: 'RS256', ...decode(header) }, claims: decode(claims), signature };
}

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function encode(part: Record<string, unknown>): string {
  return Buffer.from(JSON.stringify(part), 'utf8').toString('base64url');
}

function join(header: Record<string, unknown>, claims: Record<string, unknown>, signature: string): string {
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

/** `alg: none` without a signature (RFC 8725 3.1). */
export function unsigned(token: string): string {
  const { header, claims } = split(token);
  return join({ ...header, alg: 'none' }, claims, '');
}

/** `alg: none` with the signature that the token had. */
export function unsignedWithSignature(token: string): string {
  const { header, claims, signature } = split(token);
  return join({ ...header, alg: 'none' }, claims, signature);
}

/** The token as it is, its signature missing. */
export function withoutSignature(token: string): string {
  const { header, claims } = split(token);
  return join(header, claims, '');
}

/** The same header and claims, signed with a key that nobody knows. */
export function signedByStranger(token: string): string {
  const { header, claims } = split(token);
  return signRs256({ ...header, alg: 'RS256' }, claims);
}

/** The same claims, signed with a key that the token itself brings along (RFC 7515 4.1.3, RFC 8725 3.10). */
export function signedByKeyInHeader(token: string): string {
  const { header, claims } = split(token);
  const { n, e } = strangersKey().publicKey.export({ format: 'jwk' });
  return signRs256({ ...header, alg: 'RS256', jwk: { kty: 'RSA', n, e } }, claims);
}

function signRs256(header: Record<string, unknown>, claims: Record<string, unknown>): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), strangersKey().privateKey).toString('base64url')}`;
}

let stranger: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;

/** Made on first use, since it takes a while. */
function strangersKey() {
  return (stranger ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));
}

/** Claims changed, the signature kept. */
export function withClaims(token: string, changes: Record<string, unknown>): string {
  const { header, claims, signature } = split(token);
  return join(header, { ...claims, ...changes }, signature);
}

/** Ten years in seconds. */
const longTime = 315_360_000;

/** The end of its life moved ten years away, the signature kept. */
export function prolonged(token: string): string {
  const { claims } = split(token);
  return withClaims(token, { exp: Number(claims['exp'] ?? claims['iat'] ?? 1_700_000_000) + longTime });
}

/**
 * Signed by HMAC with the public key as the secret, as PEM: what a server takes for right that lets the token choose the algorithm (RFC 8725 2.1).
 *
 * @param modulus member `n` of the published key (RFC 7517).
 * @param exponent its member `e`.
 */
export function signedWithPublicKey(token: string, modulus: string, exponent: string): string {
  const { header, claims } = split(token);
  const pem = createPublicKey({ key: { kty: 'RSA', n: modulus, e: exponent }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const signed = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
}
