/**
 * RS256 with one key object for the life of the process: making it costs more than a signature.
 *
 * @module
 */
import { testPrivateKey } from './test-key.ts';

export interface SigningKey {
  /** JWS signature of the text, base64url. */
  sign(text: string): string;
  verify(text: string, signature: Uint8Array): boolean;
  /** Public part, base64url numbers. */
  readonly jwk: { readonly kty: string; readonly n: string; readonly e: string };
  readonly publicPem: string;
}

const made = new Map<string, SigningKey>();

/** The key of a PEM text, `test` for the shipped one, or `new` for one that nobody has seen. */
export function signingKey(key = 'test'): SigningKey {
  const known = made.get(key);
  if (known !== undefined) return known;
  const fresh = createKey(key);
  if (key !== 'new') made.set(key, fresh);
  return fresh;
}

function createKey(key: string): SigningKey {
  const crypto = nodeCrypto();
  const privateKey =
    key === 'new'
      ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
      : crypto.createPrivateKey(key === 'test' ? testPrivateKey : key);
  const publicKey = crypto.createPublicKey(privateKey);
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  return {
    // A fifth faster than crypto.sign.
    sign: (text) => crypto.createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url'),
    verify: (text, signature) => crypto.verify('sha256', Buffer.from(text), publicKey, signature),
    jwk: { kty: 'RSA', n, e },
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** `node:crypto`. No static import: the other products of this mock also run in a browser. */
export function nodeCrypto(): typeof import('node:crypto') {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (crypto === undefined) throw new Error('Simple OAuth signs its tokens with RS256, for which this runtime has no node:crypto');
  return crypto;
}
