import { createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  prolonged,
  signedByKeyInHeader,
  signedByStranger,
  signedWithPublicKey,
  unsigned,
  unsignedWithSignature,
  withClaims,
  withoutSignature,
} from './forge.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const head = `${encode({ typ: 'JWT', alg: 'RS256', jti: 'x' })}.${encode({ aud: 'client', exp: 2000.5 })}`;
const token = `${head}.${sign('sha256', Buffer.from(head), privateKey).toString('base64url')}`;
const part = (jwt: string, index: number) => JSON.parse(Buffer.from(jwt.split('.')[index] ?? '', 'base64url').toString()) as unknown;
const isSignedBy = (jwt: string, key = publicKey) => {
  const [header, claims, signature] = jwt.split('.');
  return verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature ?? '', 'base64url'));
};

describe('a forged token', () => {
  it('claims the algorithm none, with or without the old signature', () => {
    expect(part(unsigned(token), 0)).toEqual({ typ: 'JWT', alg: 'none', jti: 'x' });
    expect(unsigned(token)).toMatch(/\.$/);
    expect(unsignedWithSignature(token).split('.')[2]).toBe(token.split('.')[2]);
    expect(withoutSignature(token)).toBe(`${head}.`);
  });

  it('says the same, signed by another key', () => {
    expect(isSignedBy(token)).toBe(true);
    expect(signedByStranger(token).startsWith(`${head}.`)).toBe(true);
    expect(isSignedBy(signedByStranger(token))).toBe(false);
  });

  it('brings the key along that signed it', () => {
    const forged = signedByKeyInHeader(token);
    const { jwk } = part(forged, 0) as { jwk: Record<string, string> };
    expect(isSignedBy(forged, createPublicKey({ key: jwk, format: 'jwk' }))).toBe(true);
    expect(isSignedBy(forged)).toBe(false);
  });

  it('claims more under the old signature', () => {
    expect(part(withClaims(token, { sub: '1' }), 1)).toEqual({ aud: 'client', exp: 2000.5, sub: '1' });
    expect(part(prolonged(token), 1)).toEqual({ aud: 'client', exp: 2000.5 + 315_360_000 });
    expect(isSignedBy(prolonged(token))).toBe(false);
  });

  it('is signed by HMAC with the public key in PEM', () => {
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' }) as { n?: string; e?: string };
    const forged = signedWithPublicKey(token, n, e);
    const [header, claims, signature] = forged.split('.');
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    expect(createHmac('sha256', pem).update(`${header}.${claims}`).digest('base64url')).toBe(signature);
    expect(part(forged, 0)).toEqual({ typ: 'JWT', alg: 'HS256', jti: 'x' });
  });

  it('is made even of a token that is no JWT', () => {
    for (const forge of [unsigned, withoutSignature, signedByStranger, prolonged]) expect(forge('opaque').split('.')).toHaveLength(3);
  });
});
