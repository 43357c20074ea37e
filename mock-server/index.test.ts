import { describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock, findMutant, listMutants, supportsProfile } from './index.ts';

describe('createDrupalMock', () => {
  it('gives every mock of a profile the same users and ids', () => {
    const uuids = (): string[] => [...createDrupalMock().site.users.values()].map(({ uuid }) => uuid);
    expect(uuids()).toEqual(uuids());
    const [first] = createDrupalMock({ seed: 2 }).site.users.values();
    expect(first?.uuid).not.toBe(uuids()[0]);
  });

  it('offers a target with every role that the site has', () => {
    const target = createDrupalMock().target();
    expect(Object.keys(target.users ?? {})).toEqual(['main', 'other', 'unpermitted', 'blocked', 'admin', 'unicode']);
    expect(Object.keys(target.clients ?? {})).toEqual(['main', 'other', 'short']);
    expect(Object.keys(target.tokens ?? {})).toEqual(expect.arrayContaining(['expired', 'revoked', 'oauthServer']));
    expect(target.expiry).toEqual({ lifetimeSeconds: 3600, method: 'clock', control: 'http://localhost/__control' });
    expect(target.baseUrl).toBe('http://localhost');
  });

  it('gives secrets of eight characters or more, so that they can be masked', () => {
    const { clients, users } = createDrupalMock().target();
    const secrets = [
      ...Object.values(clients ?? {}).map(({ secret }) => secret),
      ...Object.values(users ?? {}).map(({ password }) => password),
    ];
    expect(secrets.filter((secret) => secret !== undefined && secret.length < 8)).toEqual([]);
  });

  it('says which profile nobody imitates', () => {
    expect(() => createDrupalMock({ profile: 'no/such' })).toThrow('No mock imitates the product of the profile "no/such".');
    expect([supportsProfile('no/such'), supportsProfile('miniorange/oauth')]).toEqual([false, true]);
  });

  it('says what is wrong with a site', () => {
    expect(() => createDrupalMock({ site: { seed: 'x' } as never })).toThrow('The option "site" is wrong: seed must be a whole number');
  });
});

describe('landing page', () => {
  const open = (headers: Record<string, string>): Promise<Response> => createDrupalMock().fetch('http://localhost/', { headers });

  it('tells a browser users, paths and curl lines, and lets nothing run', async () => {
    const response = await open({ Accept: 'text/html,*/*' });
    const text = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const part of ['api_user-pass-1', 'curl &quot;', '/rest_api/access_token', 'AUTH-METHOD: 0a070001']) expect(text).toContain(part);
  });

  it('escapes what a site file may hold', async () => {
    const mock = createDrupalMock({ site: { name: '<script>x</script>', users: [{ id: 2, name: '<b>' }] } });
    const text = await (await mock.fetch('http://localhost/', { headers: { Accept: 'text/html' } })).text();
    expect(text).not.toMatch(/<script|<b>/);
  });

  it('speaks JSON to who asks for it', async () => {
    expect(await (await open({ Accept: 'application/json' })).json()).toMatchObject({ name: 'miniOrange OAuth mock' });
  });

  it('leaves the front page to everybody else', async () => {
    expect(await (await open({})).text()).not.toContain('api_user-pass-1');
    const mock = createDrupalMock({ landing: false });
    expect(await (await mock.fetch('http://localhost/', { headers: { Accept: 'text/html' } })).text()).not.toContain('api_user-pass-1');
  });
});

describe('mutants', () => {
  it('have ids of their own and name clauses', async () => {
    const all = await listMutants();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ breaks }) => breaks.length === 0)).toEqual([]);
  });

  it('suggest the nearest id for a misspelt one', async () => {
    await expect(findMutant('miniorange/oauth/no-token-typ')).rejects.toThrow('Did you mean "miniorange/oauth/no-token-type"?');
  });

  it.each([
    ['no-token-type', (body: Record<string, unknown>) => expect(body).not.toHaveProperty('token_type')],
    ['no-expiry', (body: Record<string, unknown>) => expect(body).not.toHaveProperty('expires_in')],
    ['wrong-password-accepted', (body: Record<string, unknown>) => expect(body).toHaveProperty('access_token'), 'nonsense'],
    ['password-case-folded', (body: Record<string, unknown>) => expect(body).toHaveProperty('access_token'), 'API_USER-PASS-1'],
    ['http-code-missing', (body: Record<string, unknown>) => expect(body).not.toHaveProperty('http_code'), 'nonsense'],
  ])('%s bends what it says', async (name, expectation, password = 'api_user-pass-1') => {
    const mock = createDrupalMock({ mutant: await findMutant(`miniorange/oauth/${name}`) });
    const form = { grant_type: 'password', username: 'api_user', password, client_id: 'main-client-4f1c9a7be2d0' };
    const response = await mock.fetch('http://localhost/rest_api/access_token', { method: 'POST', body: new URLSearchParams(form) });
    expectation((await response.json()) as Record<string, unknown>);
  });

  // Browsers alone may set these headers, so that the test speaks to the mock in plain data.
  const ask = (mock: DrupalMock, method: string, path: string) => {
    const headers: [string, string][] = [
      ['Host', 'localhost'],
      ['Origin', 'https://app.example.org'],
      ['Access-Control-Request-Method', 'GET'],
    ];
    const { response } = mock.serve({ method, path, headers });
    return { status: response.status, headers: Object.fromEntries(response.headers.map(([name, value]) => [name.toLowerCase(), value])) };
  };

  it('lets a browser application of a named origin read answers, but not what a module prints and exits with', async () => {
    await using mock = createDrupalMock({ cors: ['https://app.example.org'] });
    expect(ask(mock, 'OPTIONS', '/user/2?_format=json')).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://app.example.org',
        'access-control-allow-methods': 'GET, POST, PATCH, DELETE, OPTIONS',
        'access-control-allow-headers': 'authorization, auth-method, api-key, content-type',
        'access-control-max-age': '0',
        'cache-control': 'no-cache, private',
        vary: 'Access-Control-Request-Method',
      },
    });
    expect(ask(mock, 'GET', '/user/login').headers['access-control-allow-origin']).toBe('https://app.example.org');
    const refused = ask(mock, 'GET', '/user/2?_format=json');
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([400, undefined]);
  });

  it('has CORS off by default, as Drupal has', async () => {
    await using mock = createDrupalMock({ profile: 'simple-oauth' });
    const { status, headers } = ask(mock, 'OPTIONS', '/user/2?_format=json');
    expect([status, headers['access-control-allow-origin']]).toEqual([200, undefined]);
  });
});
