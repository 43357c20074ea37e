import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Exchange, HeaderLine, WireRequest, WireResponse } from '../model/exchange.ts';
import { recordExchange } from './record-exchange.ts';
import { vaultFor } from './target-secrets.ts';
import { Vault } from './vault.ts';

const baseUrl = 'https://staging.example.org/drupal';
const target = {
  name: 'staging',
  profiles: ['miniorange/oauth'],
  baseUrl: 'https://gate:keeper-9x@staging.example.org/drupal',
  users: { main: { name: 'api_user', password: 'C0rrect horse' } },
  clients: { main: { id: 'client-1', secret: 'f00/bar+baz==42', apiKey: 'key-1234567890' } },
  tokens: { expired: 'expired-token-value' },
  headers: { 'X-Gate': 'open-sesame' },
};
const timing = { startedMs: 1, firstByteMs: 2, endedMs: 3 };

function exchangeOf(request: Partial<WireRequest>, response: Partial<WireResponse> = {}): Exchange {
  return {
    request: { method: 'POST', path: '/drupal/rest_api/access_token', headers: [], ...request },
    response: { httpVersion: '1.1', status: 200, reason: 'OK', headers: [], body: new Uint8Array(), ...response },
    timing,
  };
}

describe('recording an exchange', () => {
  it.each([
    ['tokens', (at: number) => ({ token: `token-number-${at}-of-many` })],
    ['private keys', (at: number) => ({ kty: 'RSA', d: `private-exponent-${at}-of-many` })],
    ['lines of a key in PEM', (at: number) => `-----BEGIN PRIVATE KEY-----\n${'x'.repeat(40)}${at}\n-----END PRIVATE KEY-----`],
  ])('keeps no body that hands out more %s than can be made secret', (_what, one) => {
    const body = Buffer.from(JSON.stringify(Array.from({ length: 1000 }, (_, at) => one(at))));
    expect(recordExchange(exchangeOf({}, { body }), baseUrl, new Vault()).response?.body).toEqual({
      bytes: body.byteLength,
      truncated: true,
    });
  });

  it('masks the private members of a key that an answer should not hold, and not the public ones', () => {
    const jwk = { kty: 'RSA', n: 'public-modulus-of-the-key', e: 'AQAB', d: 'private-exponent_of-the-key', p: 'first-prime-of-the-key-0' };
    const pem = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA'.repeat(4)}\n${'x9Yz'.repeat(10)}\n-----END RSA PRIVATE KEY-----\n`;
    const body = Buffer.from(JSON.stringify({ keys: [jwk], pem }));
    const text = recordExchange(exchangeOf({}, { body }), baseUrl, new Vault()).response?.body.text ?? '';
    expect(text).toContain(jwk.n);
    for (const secret of [jwk.d, jwk.p, 'MIIEpAIBAAKCAQEA', 'x9Yz']) expect(text).not.toContain(secret);
    expect(text).toContain('{{private-key.d}}');
  });

  it('masks a session cookie, also one whose name never ends', () => {
    const headers: HeaderLine[] = [
      ['Set-Cookie', 'SSESS0a1b=the-value-of-a-session; Path=/'],
      ['Set-Cookie', 'sid'.repeat(20_000)],
      ['Set-Cookie', 'theme=dark-and-very-long-value'],
    ];
    const recorded = recordExchange(exchangeOf({}, { headers }), baseUrl, new Vault());
    expect(recorded.response?.headers[0]?.[1]).not.toContain('the-value');
    expect(recorded.response?.headers.slice(1)).toEqual(headers.slice(1));
  });

  it('masks every part of it', () => {
    const basic = Buffer.from('client-1:f00/bar+baz==42').toString('base64');
    const recorded = recordExchange(
      exchangeOf(
        {
          path: '/drupal/x?password=C0rrect%20horse&again=C0rrect+horse',
          headers: [
            ['Authorization', `Basic ${basic}`],
            ['api-key', Buffer.from('api_user:key-1234567890').toString('base64')],
            ['X-Gate', 'open-sesame'],
            ['Content-Type', 'application/x-www-form-urlencoded'],
          ],
          body: Buffer.from('client_secret=f00%2Fbar%2Bbaz%3D%3D42&token=expired-token-value'),
        },
        {
          reason: 'No open-sesame',
          headers: [
            ['Location', '/login?pass=C0rrect%20horse'],
            ['C0rrect horse', 'x'],
          ],
          body: Buffer.from('{"message":"no f00\\/bar+baz==42"}'),
        },
      ),
      target.baseUrl,
      vaultFor(target),
    );
    expect(recorded).toEqual({
      request: {
        method: 'POST',
        url: 'https://staging.example.org/drupal/x?password={{users.main.password}}&again={{users.main.password}}',
        headers: [
          ['Authorization', 'Basic {{basic:clients.main}}'],
          ['api-key', '{{basic:users.main:clients.main}}'],
          ['X-Gate', '{{headers.X-Gate}}'],
          ['Content-Type', 'application/x-www-form-urlencoded'],
        ],
        body: { text: 'client_secret={{clients.main.secret}}&token={{tokens.expired}}', bytes: 63 },
      },
      response: {
        httpVersion: '1.1',
        status: 200,
        reason: 'No {{headers.X-Gate}}',
        headers: [
          ['Location', '/login?pass={{users.main.password}}'],
          ['{{users.main.password}}', 'x'],
        ],
        body: { text: '{"message":"no {{clients.main.secret}}"}', bytes: 33 },
      },
      timing,
    });
  });

  it('masks the message of a failure', () => {
    const { request } = exchangeOf({});
    const recorded = recordExchange(
      { request, failure: { kind: 'malformed', message: 'found open-sesame' }, timing },
      baseUrl,
      vaultFor(target),
    );
    expect(recorded.failure).toEqual({ kind: 'malformed', message: 'found {{headers.X-Gate}}' });
    expect(recorded.response).toBeUndefined();
  });

  it('masks what an answer hands out although nobody has captured it', () => {
    const vault = new Vault();
    const headers: HeaderLine[] = [
      ['Set-Cookie', 'SSESS0123456789abcdef=q7dJ-1cK9mPzR4tYw8xL; path=/; secure; HttpOnly'],
      ['Set-Cookie', 'lang=en; path=/'],
      ['Location', 'https://app.example/cb#access_token=2YotnFZFEjr1zCsicMWpAA&state=x'],
    ];
    const body = Buffer.from(
      '{"token_type":"Bearer","access_token":"tok\\/en-for-a-wrong-password","refresh_token" : "def502007a6b5c4d","csrf_token":"short"}',
    );
    const recorded = recordExchange(exchangeOf({}, { headers, body }), baseUrl, vault);
    expect(recorded.response?.headers).toEqual([
      ['Set-Cookie', 'SSESS0123456789abcdef={{cookie:SSESS0123456789abcdef}}; path=/; secure; HttpOnly'],
      ['Set-Cookie', 'lang=en; path=/'],
      ['Location', 'https://app.example/cb#access_token={{token:access_token#1 len=22}}&state=x'],
    ]);
    expect(recorded.response?.body.text).toBe(
      '{"token_type":"Bearer","access_token":"{{token:access_token#2 len=27}}","refresh_token" : "{{token:refresh_token#1 len=16}}","csrf_token":"short"}',
    );
    // From here on it is masked wherever it comes again.
    const next = recordExchange(exchangeOf({ headers: [['Authorization', 'Bearer tok/en-for-a-wrong-password']] }), baseUrl, vault);
    expect(next.request.headers).toEqual([['Authorization', 'Bearer {{token:access_token#2 len=27}}']]);
  });

  it('keeps header and claims of a JWT that an answer issues, secrets in them masked', () => {
    const vault = vaultFor(target);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = `${part({ alg: 'RS256' })}.${part({ aud: 'client-1', note: 'open-sesame' })}.${'s'.repeat(43)}`;
    const recorded = recordExchange(exchangeOf({}, { body: Buffer.from(JSON.stringify({ access_token: jwt })) }), baseUrl, vault);
    expect(recorded.tokens).toEqual({
      [`token:access_token#1 len=${jwt.length}`]: { header: { alg: 'RS256' }, claims: { aud: 'client-1', note: '{{headers.X-Gate}}' } },
    });
    expect(JSON.stringify(recorded)).not.toContain(jwt.slice(0, 20));
  });

  it('records the whole message of a raw request as its body', () => {
    const raw = Buffer.from('GET /x HTTP/1.1\r\nX-Gate: open-sesame\r\n\r\n');
    const recorded = recordExchange(exchangeOf({ method: 'GET', path: '/x', raw }), baseUrl, vaultFor(target));
    expect(recorded.request).toMatchObject({ raw: true, body: { text: 'GET /x HTTP/1.1\r\nX-Gate: {{headers.X-Gate}}\r\n\r\n' } });
  });

  it('records bytes that are no text in base64, secrets masked', () => {
    const body = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('open-sesame')]);
    const recorded = recordExchange(exchangeOf({}, { body }), baseUrl, vaultFor(target));
    expect(recorded.response?.body).toEqual({ base64: Buffer.from('\u00ff\0{{headers.X-Gate}}', 'latin1').toString('base64'), bytes: 13 });
  });

  it('keeps a byte order mark', () => {
    expect(recordExchange(exchangeOf({}, { body: Buffer.from('\ufeff{}') }), baseUrl, new Vault()).response?.body.text).toBe('\ufeff{}');
  });

  it('unpacks a compressed body only when it hides a secret', () => {
    const record = (text: string) => {
      const body = gzipSync(text);
      return {
        body,
        recorded: recordExchange(exchangeOf({}, { headers: [['Content-Encoding', 'gzip']], body }), baseUrl, vaultFor(target)).response
          ?.body,
      };
    };
    const harmless = record('nothing in here');
    expect(harmless.recorded).toEqual({ base64: harmless.body.toString('base64'), bytes: harmless.body.length });
    const telling = record('it says open-sesame');
    expect(telling.recorded).toEqual({ text: 'it says {{headers.X-Gate}}', bytes: telling.body.length });
  });

  it('keeps nothing of a compressed body that is a bomb or broken', () => {
    const headers: HeaderLine[] = [['Content-Encoding', 'gzip']];
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    for (const body of [bomb, gzipSync('open-sesame'.repeat(9)).subarray(0, 24)]) {
      expect(recordExchange(exchangeOf({}, { headers, body }), baseUrl, vaultFor(target)).response?.body).toEqual({
        bytes: body.length,
        truncated: true,
      });
    }
  });
});

describe('a body that is too long', () => {
  const record = (text: string, maxBodyCharacters: number) =>
    recordExchange(exchangeOf({}, { body: Buffer.from(text) }), baseUrl, vaultFor(target), { maxBodyCharacters }).response?.body;

  it('is cut and says so', () => {
    expect(record('x'.repeat(100), 40)).toEqual({ text: 'x'.repeat(40), bytes: 100, truncated: true });
    expect(record('x'.repeat(40), 40)).toEqual({ text: 'x'.repeat(40), bytes: 40 });
  });

  it('is never cut inside a secret or a placeholder', () => {
    const text = `0123456789 open-sesame C0rrect\\u0020horse ${'x'.repeat(5000)}`;
    for (let limit = 1; limit < 60; limit += 1) {
      const { text: kept = '' } = record(text, limit) ?? {};
      expect(kept).not.toMatch(/open|sesame|C0rr|u0020/);
      expect(kept.replace(/\{\{[\w.-]+\}\}/gi, '')).not.toMatch(/[{}]/);
    }
  });

  it('may be cut inside a character of several bytes', () => {
    expect(record('ü'.repeat(100), 40)).toEqual({ text: 'ü'.repeat(40), bytes: 200, truncated: true });
    expect(record('€'.repeat(20_000), 10)?.text).toBe('€'.repeat(10));
  });

  it('is found to be text although a character is cut at the end of what is looked at', () => {
    expect(record(`a${'😀'.repeat(5000)}`, 10)?.text?.startsWith('a😀')).toBe(true);
  });
});
