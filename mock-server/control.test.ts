import { describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from './index.ts';
import { noon } from './testing.ts';

const base = 'http://localhost';

function mockAtNoon(): DrupalMock {
  return createDrupalMock({ now: () => noon });
}

/** What the control API answers, as far as these tests look. */
interface Answered {
  readonly token: string;
  readonly epochMs: number;
  readonly error: string;
  readonly paths: string[];
  readonly products: string[];
  readonly users: object[];
  readonly applications: object[];
}

async function call<T = Answered>(mock: DrupalMock, method: string, path: string, body?: unknown): Promise<{ status: number; json: T }> {
  const response = await mock.fetch(`${base}/__control${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, json: (await response.json()) as T };
}

async function token(mock: DrupalMock): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'password',
    username: 'api_user',
    password: 'api_user-pass-1',
    client_id: 'main-client-4f1c9a7be2d0',
  });
  const response = await mock.fetch(`${base}/rest_api/access_token`, { method: 'POST', body });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function own(mock: DrupalMock, bearer: string): Promise<Response> {
  return mock.fetch(`${base}/user/2?_format=json`, { headers: { 'AUTH-METHOD': '0a070001', Authorization: `Bearer ${bearer}` } });
}

describe('clock', () => {
  it('is read and moved, and expires tokens', async () => {
    const mock = mockAtNoon();
    expect((await call(mock, 'GET', '/clock')).json).toEqual({ now: '2026-11-23T12:00:00.000Z', epochMs: noon });
    const bearer = await token(mock);
    expect((await own(mock, bearer)).status).toBe(200);
    const moved = await call(mock, 'POST', '/clock', { advanceSeconds: 3600 });
    expect(moved).toEqual({ status: 200, json: { now: '2026-11-23T13:00:00.000Z', epochMs: noon + 3_600_000 } });
    expect(await (await own(mock, bearer)).json()).toMatchObject({ error: 'TOKEN_EXPIRED' });
  });

  it('moves by a fraction of a second', async () => {
    expect((await call(mockAtNoon(), 'POST', '/clock', { advanceSeconds: 0.25 })).json.epochMs).toBe(noon + 250);
  });

  it.each([
    [{ advanceSeconds: 'soon' }, 'advanceSeconds must be a number of seconds, found "soon".'],
    [{ seconds: 1 }, 'Unknown key "seconds". Known: advanceSeconds.'],
    [[], 'The body must be a JSON object with advanceSeconds.'],
  ])('refuses %j and says what it wants', async (body, error) => {
    expect(await call(mockAtNoon(), 'POST', '/clock', body)).toEqual({ status: 400, json: { error } });
  });
});

describe('reset', () => {
  it('brings back the clock, the users and the same ids, and forgets tokens and faults', async () => {
    const mock = mockAtNoon();
    const bearer = await token(mock);
    await call(mock, 'POST', '/clock', { advanceSeconds: 60 });
    await call(mock, 'POST', '/faults', { status: 502 });
    await call(mock, 'POST', '/fixtures', { user: { name: 'api_user', active: false } });
    expect((await call(mock, 'POST', '/reset')).json).toEqual({ reset: true });
    expect(mock.clock.now()).toBe(noon);
    expect(mock.faults.list()).toEqual([]);
    expect((await own(mock, bearer)).status).toBe(401);
    expect(await token(mock)).toBe(bearer);
  });
});

describe('fixtures', () => {
  it('shows users, nodes, applications and products', async () => {
    const { json } = await call(mockAtNoon(), 'GET', '/fixtures');
    expect(json.users[1]).toMatchObject({ id: 2, name: 'api_user', password: 'api_user-pass-1', active: true });
    expect(json.applications[0]).toMatchObject({ id: '0a070001', clientId: 'main-client-4f1c9a7be2d0' });
    expect(json.products).toContain('miniorange');
  });

  it.each([
    ['valid', 200, undefined],
    ['expired', 401, 'TOKEN_EXPIRED'],
    ['revoked', 401, 'INVALID_ACCESS_TOKEN'],
  ])('makes a token that is %s', async (state, status, error) => {
    const mock = mockAtNoon();
    const made = await call(mock, 'POST', '/fixtures', { token: { user: 'api_user', state } });
    expect(made.status).toBe(201);
    const response = await own(mock, made.json.token);
    expect([response.status, ((await response.json()) as { error?: string }).error]).toEqual([status, error]);
  });

  it('blocks a user', async () => {
    const mock = mockAtNoon();
    const bearer = await token(mock);
    await call(mock, 'POST', '/fixtures', { user: { name: 'api_user', active: false } });
    expect((await own(mock, bearer)).status).toBe(403);
  });

  it.each([
    [{}, 'The body must be'],
    [{ token: { user: 'nobody' } }, 'token.user must be the name of a user, found "nobody".'],
    [{ token: { user: 'api_user', state: 'old' } }, 'token.state must be valid, expired, revoked, found "old".'],
    [{ token: { user: 'api_user', client: 'x' } }, 'No OAuth application "x".'],
    [{ user: { name: 'api_user', activ: true } }, 'Unknown key "activ". Known: name, active, roles, password.'],
  ])('refuses %j and says what it wants', async (body, error) => {
    const { status, json } = await call(mockAtNoon(), 'POST', '/fixtures', body);
    expect([status, json.error]).toEqual([400, expect.stringContaining(error)]);
  });
});

describe('faults', () => {
  it('bend the next answer on a path, as often as asked, and no other', async () => {
    const mock = mockAtNoon();
    await call(mock, 'POST', '/faults', { path: '/rest_api/', status: 503, body: 'gone', headers: { 'Retry-After': '3' }, count: 2 });
    expect((await own(mock, 'x')).status).toBe(401);
    for (const expected of [503, 503, 400]) {
      const response = await mock.fetch(`${base}/rest_api/access_token`, { method: 'POST' });
      expect(response.status).toBe(expected);
      if (expected === 503) expect([response.headers.get('retry-after'), await response.text()]).toEqual(['3', 'gone']);
    }
  });

  it('are listed and cleared', async () => {
    const mock = mockAtNoon();
    await call(mock, 'POST', '/faults', [{ status: 500 }, { drop: true }]);
    expect((await call(mock, 'GET', '/faults')).json).toHaveLength(2);
    expect((await call(mock, 'DELETE', '/faults')).json).toEqual([]);
  });

  it('refuses a fault that it does not know', async () => {
    expect((await call(mockAtNoon(), 'POST', '/faults', { stauts: 500 })).json.error).toContain(
      'unknown option "stauts". Did you mean "status"?',
    );
    expect((await call(mockAtNoon(), 'POST', '/faults', { status: '500' })).json.error).toBe(
      'faults.add: the option "status" must be a whole number from 200 to 599, found a string "500"',
    );
  });
});

describe('journal', () => {
  it('holds what was sent since it was first asked for', async () => {
    const mock = mockAtNoon();
    await token(mock);
    expect((await call(mock, 'GET', '/journal')).json).toEqual([]);
    await token(mock);
    const [entry, ...others] = (await call<object[]>(mock, 'GET', '/journal')).json;
    expect(entry).toMatchObject({
      method: 'POST',
      path: '/rest_api/access_token',
      status: 200,
      body: expect.stringContaining('grant_type=password'),
    });
    expect(others).toEqual([]);
    expect((await call(mock, 'DELETE', '/journal')).json).toEqual([]);
  });
});

describe('control API', () => {
  it('names its paths and the methods of a path', async () => {
    expect((await call(mockAtNoon(), 'GET', '')).json.paths).toContain('/__control/clock');
    expect(await call(mockAtNoon(), 'GET', '/clok')).toMatchObject({
      status: 404,
      json: { error: expect.stringContaining('/__control/clock') },
    });
    expect(await call(mockAtNoon(), 'PUT', '/clock')).toMatchObject({ status: 405 });
  });

  it('is not there when switched off', async () => {
    const mock = createDrupalMock({ control: false });
    expect((await mock.fetch(`${base}/__control/clock`)).status).toBe(404);
  });

  it('moves below the sub-folder of the site', async () => {
    const file = createDrupalMock().site.file;
    const mock = createDrupalMock({ site: { ...file, drupal: { ...file.drupal, basePath: '/cms' } } });
    expect((await mock.fetch(`${base}/cms/__control/clock`)).status).toBe(200);
    expect((await mock.fetch(`${base}/__control/clock`)).status).toBe(404);
  });
});
