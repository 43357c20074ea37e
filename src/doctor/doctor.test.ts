import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { HeaderLine, WireRequest, WireResponse } from '../model/exchange.ts';
import type { Target } from '../model/target.ts';
import { recordExchange } from '../redact/record-exchange.ts';
import { vaultFor } from '../redact/target-secrets.ts';
import { createInProcessTransport } from '../transport/in-process.ts';
import { families } from './diagnose.ts';
import { examine, type DoctorReport } from './doctor.ts';
import { linkOf } from './links.ts';
import { mainProfile } from './product.ts';
import { describeReport } from './text.ts';

const target: Target = {
  name: 'staging',
  baseUrl: 'https://staging.example.org/cms',
  profiles: ['simple-oauth', 'jsonapi'],
  clients: { main: { id: 'the-client', secret: 'the-client-secret', actsAs: 2 } },
  users: { main: { name: 'api_user', password: 'the-user-password', id: 2 }, other: { id: 4 } },
  headers: { 'X-Gate': 'the-gate-value' },
};

const token = 'eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjE3OTUzOTIzNjV9.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
const drupal: readonly HeaderLine[] = [
  ['X-Generator', 'Drupal 10 (https://www.drupal.org)'],
  ['Server', 'Apache'],
];

function json(status: number, value: unknown, headers: readonly HeaderLine[] = []): WireResponse {
  const body = Buffer.from(JSON.stringify(value));
  return { httpVersion: '1.1', status, reason: '', headers: [...drupal, ['Content-Type', 'application/json'], ...headers], body };
}

const page = (status: number): WireResponse => ({
  httpVersion: '1.1',
  status,
  reason: '',
  headers: [...drupal, ['Content-Type', 'text/html']],
  body: Buffer.from('<!DOCTYPE html>'),
});

/** A healthy Simple OAuth 6 site. */
function healthy({ method, path, headers }: WireRequest): WireResponse {
  const authorization = headers.find(([name]) => name === 'Authorization')?.[1];
  const where = path.replace('/cms', '').split('?', 1)[0];
  if (method === 'OPTIONS') return { ...page(200), body: new Uint8Array() };
  if (where === '/' || where === '/user/login') return page(200);
  if (where === '/oauth/token')
    return method === 'POST' ? json(200, { token_type: 'Bearer', expires_in: 300, access_token: token }) : json(405, {});
  if (where === '/oauth/jwks') return json(200, { keys: [] });
  if (where?.startsWith('/jsonapi') === true) return json(200, { data: [] });
  if (where?.startsWith('/user/') !== true) return path.includes('_format=json') ? json(404, { message: 'No route found' }) : page(404);
  if (authorization === undefined) return json(403, { message: "The 'access user profiles' permission is required." });
  if (authorization !== `Bearer ${token}`)
    return json(401, { message: 'denied' }, [['WWW-Authenticate', 'Bearer realm="OAuth", error="access_denied"']]);
  if (!path.includes('_format=json')) return page(200);
  return json(200, { uid: [{ value: 2 }], name: [{ value: 'api_user' }], mail: [{ value: 'api_user@example.com' }] });
}

interface Examined {
  readonly report: DoctorReport;
  readonly sent: readonly WireRequest[];
}

async function examineSite(answer: (request: WireRequest) => WireResponse, changes: Partial<Target> = {}): Promise<Examined> {
  const sent: WireRequest[] = [];
  const transport = createInProcessTransport((request) => {
    sent.push(request);
    return answer(request);
  });
  const vault = vaultFor(target);
  const secrets = {
    add: (label: string, value: string) => void vault.add(label, value),
    mask: (text: string) => vault.mask(text),
    record: (exchange: Parameters<typeof recordExchange>[0]) => recordExchange(exchange, target.baseUrl, vault),
  };
  return {
    report: await examine({ ...target, ...changes }, 'simple-oauth', transport, { secrets, nonce: 'n', nowMs: () => 1_795_392_365_000 }),
    sent,
  };
}

describe('examine', () => {
  it('finds nothing on a healthy site and says what it is', async () => {
    const { report } = await examineSite(healthy);
    expect(report.findings).toEqual([]);
    expect(report.target).toMatchObject({ version: { value: '6.x', from: 'inferred' }, drupal: '10', server: 'Apache' });
  });

  it('sends harmless requests only', async () => {
    const { sent } = await examineSite(healthy);
    const writes = sent.filter(({ method }) => method !== 'GET' && method !== 'OPTIONS');
    expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /cms/oauth/token', 'POST /cms/oauth/token']);
  });

  it('never puts a credential into an address', async () => {
    const { sent } = await examineSite(healthy);
    expect(sent.filter(({ path }) => path.includes(token) || path.includes('secret') || path.includes('password'))).toEqual([]);
  });

  it("sends the target's own headers with every request, below its folder", async () => {
    const { sent } = await examineSite(healthy);
    expect(sent.every(({ path }) => path.startsWith('/cms/'))).toBe(true);
    expect(sent.every(({ headers }) => headers.some(([name, value]) => name === 'X-Gate' && value === 'the-gate-value'))).toBe(true);
  });

  it('asks for the own account under an address that no cache knows, with and without the credential', async () => {
    const { sent } = await examineSite(healthy);
    const pair = sent.filter(({ path }) => path.endsWith('&dac=pair-n'));
    expect(pair.map(({ headers }) => headers.some(([name]) => name === 'Authorization'))).toEqual([true, false]);
  });

  it('keeps every secret out of the report', async () => {
    const { report } = await examineSite(healthy);
    const text = JSON.stringify(report) + describeReport(report);
    for (const secret of ['the-client-secret', 'the-user-password', 'the-gate-value', token]) expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from('the-client:the-client-secret').toString('base64'));
  });

  it('stops after the first request when nothing listens', async () => {
    const { report, sent } = await examineSite(() => {
      throw new Error('scripted');
    });
    expect(sent).toHaveLength(1);
    expect(report.findings.map(({ id }) => id)).toEqual(['doctor/no-answer']);
  });

  it('presents no credential to a server that is not Drupal', async () => {
    const { sent } = await examineSite(() => ({
      ...page(404),
      headers: [['Content-Type', 'text/html']],
      body: Buffer.from('nothing here'),
    }));
    expect(sent.filter(({ method, headers }) => method === 'POST' || headers.some(([name]) => name === 'Authorization'))).toEqual([]);
  });

  it('presents a refused secret twice at most, once with a login budget of 1, and never with one of 0', async () => {
    const refuse = (request: WireRequest) =>
      request.method === 'POST'
        ? json(401, { error: 'invalid_client', error_description: 'Client authentication failed' })
        : healthy(request);
    const count = async (limits: Partial<Target>) => {
      const { report, sent } = await examineSite(refuse, limits);
      expect(report.failedLogins).toBe(sent.filter(({ method }) => method === 'POST').length);
      return report.failedLogins;
    };
    expect(await count({})).toBe(2);
    expect(await count({ limits: { loginBudget: 1 } })).toBe(1);
    expect(await count({ limits: { loginBudget: 0 } })).toBe(0);
  });

  it('reads an answer that is compressed without being asked for', async () => {
    const { report } = await examineSite((request) => {
      const response = healthy(request);
      return { ...response, headers: [...response.headers, ['Content-Encoding', 'gzip']], body: gzipSync(response.body) };
    });
    expect(report.findings).toEqual([]);
  });

  it('does not take a compressed bomb apart', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const { report } = await examineSite((request) => ({
      ...healthy(request),
      headers: [...drupal, ['Content-Encoding', 'gzip']],
      body: bomb,
    }));
    expect(report.probes.every(({ exchange }) => (exchange.response?.body.bytes ?? 0) <= bomb.length)).toBe(true);
  });

  it('names a declared version that the site contradicts', async () => {
    const { report } = await examineSite(healthy, { version: '5.2.2' });
    expect(report.findings).toMatchObject([{ id: 'doctor/version', verdict: 'warn' }]);
  });

  it('refuses a profile that has no credential of its own', async () => {
    const transport = createInProcessTransport(healthy);
    const secrets = { add: () => undefined, mask: (text: string) => text, record: () => ({}) as never };
    await expect(examine(target, 'jsonapi', transport, { secrets })).rejects.toThrow('profile "jsonapi" cannot be examined by itself');
  });
});

describe('a token endpoint', () => {
  const isToken = ({ method, path }: WireRequest) => method === 'POST' && path === '/cms/oauth/token';
  const isEmpty = ({ body }: WireRequest) => (body?.length ?? 0) === 0;
  const missing = (name: string) => json(400, { error: 'invalid_request', hint: `Check the \`${name}\` parameter` });
  const breaks = { ...page(500), headers: [], body: Buffer.from('The website encountered an unexpected error. Try again later.') };

  it.each([
    ['answers a complete request like an empty one', () => missing('client_id'), 'body-lost'],
    ['misses a parameter that was sent', (request: WireRequest) => missing(isEmpty(request) ? 'client_id' : 'client_secret'), 'body-cut'],
    ['breaks whatever it is sent', () => breaks, 'token-endpoint-breaks'],
    [
      'breaks only where it issues a token',
      (request: WireRequest) => (isEmpty(request) ? missing('client_id') : breaks),
      'private-key-invalid',
    ],
  ] as [string, (request: WireRequest) => WireResponse, string][])('that %s is told as such', async (_, answer, id) => {
    const { report } = await examineSite((request) => (isToken(request) ? answer(request) : healthy(request)));
    expect(report.findings.map((finding) => finding.id)).toEqual([`doctor/${id}`]);
  });

  it('is asked without parameters only when the complete request was refused or broke', async () => {
    expect((await examineSite(healthy)).sent.filter((request) => isToken(request) && isEmpty(request))).toEqual([]);
  });

  it('whose tokens end before they can be examined is told as such, and no server is blamed', async () => {
    let uses = 0;
    const { report } = await examineSite((request) => {
      if (isToken(request)) return json(200, { token_type: 'Bearer', expires_in: 0, access_token: token });
      const isUse = request.headers.some(([, value]) => value === `Bearer ${token}`);
      if (!isUse || ++uses < 2) return healthy(request);
      return json(401, { message: 'denied' }, [['WWW-Authenticate', 'Bearer error_description="Access token could not be verified"']]);
    });
    expect(report.findings.map(({ id }) => id)).toEqual(['doctor/lifetime-short']);
  });
});

describe('describeReport', () => {
  it('tells cause, evidence and remedy, and lets no control character through', async () => {
    const { report } = await examineSite((request) =>
      request.path.startsWith('/cms/jsonapi') ? { ...page(404), body: Buffer.from('<!DOCTYPE html>\u001b[31mred') } : healthy(request),
    );
    const text = describeReport(report);
    expect(text).toContain('blocked  JSON:API is not installed');
    expect(text).toContain('GET https://staging.example.org/cms/jsonapi → 404 <!DOCTYPE html>');
    expect(text).toContain('Try: `drush pm:install jsonapi`');
    expect(text).not.toContain('\u001b');
  });

  it('says so when nothing is wrong', async () => {
    expect(describeReport((await examineSite(healthy)).report)).toContain('Nothing is wrong with this deployment.');
  });
});

describe('the rules', () => {
  it.each(families.flatMap(({ name, rules }) => rules.map(({ id, link }) => [id, link ?? linkOf(id, name)])))(
    'lead from %s to a page to read on',
    (_, link) => {
      expect(link).toMatch(/^https:\/\/(www\.)?[a-z-]+(\.[a-z]+)+\//);
    },
  );
});

describe('mainProfile', () => {
  it.each([
    [['simple-oauth', 'rest', 'oauth2'], 'simple-oauth'],
    [['oauth2', 'miniorange/oauth'], 'miniorange/oauth'],
    [['oauth2'], 'oauth2'],
    [['rest', 'jsonapi'], undefined],
  ])('of %j is %s', (profiles, expected) => {
    expect(mainProfile({ ...target, profiles })).toBe(expected);
  });
});
