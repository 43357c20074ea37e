/**
 * Tokens that the recorder obtained or forged outside the recording: how to come by the same ones from the mock.
 *
 * @module
 */
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { SigningKey } from '../../mock-server/products/simple-oauth/key.ts';

/** `client_id` and scope with which the recorder asked for the token of a label. */
export function clientOfLabel(label: string): { clientId: string; scope?: string } {
  const name = label.replace(/^jwt:/, '').replace(/#\d+$/, '');
  if (name === 'noscope-admin') return { clientId: 'lab-noscope', scope: 'administrator' };
  if (name === 'lab-noscope') return { clientId: 'lab-noscope', scope: 'api_user' };
  const narrowed = /^(lab-multi)-([a-z]+)-([a-z]+)$/.exec(name);
  if (narrowed !== null) return { clientId: narrowed[1] ?? '', scope: `${narrowed[2]}:${narrowed[3]}` };
  if (name === 'short' || name === 'zero') return { clientId: `lab-${name}` };
  return { clientId: name.startsWith('lab-') ? name : 'lab-cc' };
}

let otherKey: KeyObject | undefined;

/** A token made from a good one, as the recorder named its forgeries; undefined: not a name of a forgery. */
export function forge(kind: string, good: string, key: SigningKey): string | undefined {
  const [head = '', body = '', signature = ''] = good.split('.');
  const header = decode(head);
  const claims = decode(body);
  const signed = (newHeader: object, newClaims: object): string => {
    const text = `${encode(newHeader)}.${encode(newClaims)}`;
    return `${text}.${key.sign(text)}`;
  };
  const year = 31_536_000;
  const now = Number(claims['iat']);
  const forgeries: Readonly<Record<string, () => string>> = {
    'sig-flipped': () => `${head}.${body}.${flip(signature)}`,
    'sig-last-char': () => `${head}.${body}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'Q' : 'A'}`,
    'sig-truncated': () => `${head}.${body}.${signature.slice(0, 20)}`,
    'sig-missing': () => `${head}.${body}`,
    'sig-empty': () => `${head}.${body}.`,
    'payload-changed': () => `${head}.${encode({ ...claims, scope: ['administrator'] })}.${signature}`,
    'payload-empty-object': () => signed(header, {}),
    'alg-none': () => `${encode({ ...header, alg: 'none' })}.${body}.`,
    'alg-none-upper': () => `${encode({ ...header, alg: 'NONE' })}.${body}.`,
    'hs256-pubkey': () => {
      const text = `${encode({ ...header, alg: 'HS256' })}.${body}`;
      return `${text}.${createHmac('sha256', key.publicPem).update(text).digest('base64url')}`;
    },
    'alg-header-rs512': () => signed({ ...header, alg: 'RS512' }, claims),
    'header-no-alg': () => signed({ typ: 'JWT' }, claims),
    'not-json': () => `${Buffer.from('not json').toString('base64url')}.${Buffer.from('not json').toString('base64url')}.${signature}`,
    'other-key': () => {
      otherKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
      const text = `${head}.${body}`;
      return `${text}.${sign('sha256', Buffer.from(text), otherKey).toString('base64url')}`;
    },
    'right-key-unknown-jti': () => signed(header, { ...claims, jti: 'f'.repeat(80) }),
    'right-key-no-jti': () => signed(without(header, 'jti'), without(claims, 'jti')),
    'right-key-exp-past': () => signed(header, { ...claims, exp: now - 10 }),
    'right-key-no-exp': () => signed(header, without(claims, 'exp')),
    'right-key-nbf-future': () => signed(header, { ...claims, nbf: now + year }),
    'right-key-iat-future': () => signed(header, { ...claims, iat: now + year }),
    'right-key-aud-unknown': () => signed(header, { ...claims, aud: 'nope' }),
    'right-key-aud-array': () => signed(header, { ...claims, aud: ['lab-cc', 'other'] }),
    'right-key-sub-1': () => signed(header, { ...claims, sub: '1' }),
    'right-key-iss-other': () => signed(header, { ...claims, iss: 'https://evil.example/' }),
    'right-key-typ-missing': () => signed({ alg: 'RS256' }, claims),
    'right-key-scope-changed': () => signed(header, { ...claims, scope: ['administrator'] }),
    'right-key-scope-admin': () => signed(header, { ...claims, scope: ['administrator'] }),
  };
  return (forgeries[kind] ?? changedClaim(kind, claims, (changed) => signed(header, changed)))?.();
}

/** `right-key-CLAIM-…`: signed with the site's key, one claim missing or another. */
function changedClaim(kind: string, claims: Record<string, unknown>, sign: (claims: object) => string): (() => string) | undefined {
  const [, claim, change] = /^right-key-(?:no-)?([a-z]+)(?:-(.*))?$/.exec(kind) ?? [];
  if (claim === undefined) return undefined;
  if (change === undefined || change === 'missing') return () => sign(without(claims, claim));
  const replacement: unknown = claim === 'scope' || claim === 'scopes' ? ['administrator'] : change;
  return () => sign({ ...claims, [claim]: replacement });
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function without(object: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

/** Another character in the middle of the signature. */
function flip(signature: string): string {
  const at = Math.floor(signature.length / 2);
  return signature.slice(0, at) + (signature[at] === 'A' ? 'B' : 'A') + signature.slice(at + 1);
}
