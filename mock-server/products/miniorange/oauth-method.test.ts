import { describe, expect, it } from 'vitest';
import type { Site } from '../../site.ts';
import { get, postForm, siteOf, type Reply } from '../../testing.ts';
import type { MiniorangeConfig } from './config.ts';

const application = '0a070001';
const client = 'main-client-4f1c9a7be2d0';
const secret = 'main-secret-81d5e0b3c6f2a947';
const tokenPath = '/rest_api/access_token';

const password = { grant_type: 'password', username: 'api_user', password: 'api_user-pass-1', client_id: client };
const credentials = { grant_type: 'client_credentials', username: 'api_user', client_id: client, client_secret: secret };

function site(changes: Partial<MiniorangeConfig> = {}): Site {
  return siteOf('miniorange/oauth', (file) => ({
    ...file,
    products: { miniorange: { ...(file.products?.miniorange as MiniorangeConfig), ...changes } },
  }));
}

function tokenOf(on: Site, form: Record<string, string> = password): string {
  return postForm(on, tokenPath, form).json['access_token'] as string;
}

function own(on: Site, token: string, headers: Record<string, string> = {}): Reply {
  return get(on, '/user/2?_format=json', { 'AUTH-METHOD': application, Authorization: `Bearer ${token}`, ...headers });
}

function error(status: number, code: string | number | undefined, name: string, description: string): [number, Record<string, unknown>] {
  return [status, { status: 'error', ...(code === undefined ? {} : { http_code: code }), error: name, error_description: description }];
}

const parts = (reply: Reply): [number, unknown] => [reply.status, reply.json];

describe('token endpoint', () => {
  it.each([
    ['password', password],
    ['client_credentials', credentials],
  ])('issues a token for the %s grant', (_, form) => {
    const reply = postForm(site(), tokenPath, form);
    expect(reply.status).toBe(200);
    expect(reply.header('content-type')).toBe('application/json');
    expect(reply.json).toEqual({ access_token: expect.stringMatching(/^[A-Za-z0-9]{64}$/), expires_in: 3600, token_type: 'Bearer' });
  });

  const invalidCredentials = error(401, '401', 'INVALID_CREDENTIALS', 'Invalid username or password.');
  const invalidClient = error(401, '401', 'INVALID_CLIENT_ID', 'Invalid Client ID.');
  const invalidSecret = error(401, '401', 'INVALID_CLIENT_SECRET', 'Invalid Client Secret.');
  const missingUsername = error(400, '400', 'MISSING_USERNAME', 'No Username found in request.');

  it.each([
    ['a wrong password', { ...password, password: 'api_user-pass-2' }, invalidCredentials],
    ['a password in another case', { ...password, password: 'API_USER-PASS-1' }, invalidCredentials],
    ['an empty password', { ...password, password: '' }, invalidCredentials],
    ['an unknown user', { ...password, username: 'nobody' }, invalidCredentials],
    ['an unknown client', { ...password, client_id: 'nobody' }, invalidClient],
    ['an empty client', { ...password, client_id: '' }, invalidClient],
    ['a wrong secret', { ...credentials, client_secret: `${secret}x` }, invalidSecret],
    ['the secret of another application', { ...credentials, client_secret: 'other-secret-5c2f9e6a1b8d4073' }, invalidSecret],
    ['no user name', { ...password, username: '' }, missingUsername],
    ['no user name, in the other grant', { ...credentials, username: '' }, missingUsername],
  ])('refuses %s as documented', (_, form, expected) => {
    expect(parts(postForm(site(), tokenPath, form))).toEqual(expected);
  });

  it('refuses an unknown grant type, and a blocked user, with a 4xx and no token', () => {
    const unknown = postForm(site(), tokenPath, { ...password, grant_type: 'Password' });
    const blocked = postForm(site(), tokenPath, { ...password, username: 'blocked_user', password: 'blocked_user-pass-1' });
    expect([unknown.status, blocked.status]).toEqual([400, 403]);
    expect(unknown.text + blocked.text).not.toContain('access_token');
  });

  it('reports the client before the credentials, and the user name before the client', () => {
    const both = { ...password, client_id: 'nobody', password: 'wrong' };
    expect(postForm(site(), tokenPath, both).json['error']).toBe('INVALID_CLIENT_ID');
    expect(postForm(site(), tokenPath, { ...both, username: '' }).json['error']).toBe('MISSING_USERNAME');
  });

  it('reads no parameter from the query, from JSON, or under another spelling', () => {
    const on = site();
    const query = new URLSearchParams(password).toString();
    expect(postForm(on, `${tokenPath}?${query}`, {}).status).toBe(400);
    expect(postForm(on, tokenPath, {}, { 'Content-Type': 'application/json' }).status).toBe(400);
    expect(postForm(on, tokenPath, { ...credentials, username: '', Username: 'api_user' }).status).toBe(400);
  });

  it('reads the other documented spelling of the user name where the site says so', () => {
    const on = site({ usernameParameters: ['username', 'Username'] });
    expect(postForm(on, tokenPath, { ...credentials, username: '', Username: 'api_user' }).status).toBe(200);
  });

  it('never issues a token on GET', () => {
    const reply = get(site(), `${tokenPath}?${new URLSearchParams(password)}`);
    expect([reply.status, reply.header('allow')]).toEqual([405, 'POST']);
  });

  it('does not exist in the free edition', () => {
    expect(postForm(site({ edition: 'free' }), tokenPath, password).status).toBe(404);
  });
});

describe('protected request', () => {
  it('opens the own account, with mail', () => {
    const on = site();
    const reply = own(on, tokenOf(on));
    expect(reply.status).toBe(200);
    expect(reply.header('content-type')).toBe('application/json');
    expect(reply.json['mail']).toEqual([{ value: 'api_user@example.com' }]);
  });

  it('acts as the user that the client_credentials grant names', () => {
    const on = site();
    const token = tokenOf(on, { ...credentials, username: 'bob' });
    const reply = get(on, '/user/4?_format=json', { 'AUTH-METHOD': application, Authorization: `Bearer ${token}` });
    expect(reply.json['mail']).toEqual([{ value: 'bob@example.com' }]);
  });

  const missing = error(400, 400, 'MISSING_HEADER', 'Missing required unique header. It should contain the application ID.');
  const unknown = error(400, 400, 'INVALID_APPLICATION_ID', 'The provided application ID is not valid or not configured.');
  const noHeader = error(401, undefined, 'MISSING_AUTHORIZATION_HEADER', 'Authorization header not received.');
  const scheme = error(405, '405', 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', 'Authorization header must be the type of Bearer Token.');
  const invalid = error(401, '401', 'INVALID_ACCESS_TOKEN', 'Invalid Access Token.');

  it.each([
    ['no application header', {}, missing],
    ['an unknown application', { 'AUTH-METHOD': 'deadbeef' }, unknown],
    ['no authorization header', { 'AUTH-METHOD': application }, noHeader],
    ['an empty authorization header', { 'AUTH-METHOD': application, Authorization: '' }, noHeader],
    ['Basic', { 'AUTH-METHOD': application, Authorization: 'Basic YTpi' }, scheme],
    ['a token without scheme', { 'AUTH-METHOD': application, Authorization: 'abc' }, scheme],
    ['Bearer without a token', { 'AUTH-METHOD': application, Authorization: 'Bearer' }, invalid],
    ['an unknown token', { 'AUTH-METHOD': application, Authorization: 'Bearer abc' }, invalid],
  ])('refuses %s as documented', (_, headers, expected) => {
    const reply = get(site(), '/user/2?_format=json', headers);
    expect(parts(reply)).toEqual(expected);
    expect(reply.header('x-generator')).toBeUndefined();
    expect(reply.header('content-type')).toBe('text/html; charset=UTF-8');
  });

  it('looks at the application first, then at the header, the scheme and the token', () => {
    const on = site();
    expect(get(on, '/user/2?_format=json', { Authorization: 'Basic x' }).json['error']).toBe('MISSING_HEADER');
    expect(get(on, '/nope?_format=json', { 'AUTH-METHOD': application }).json['error']).toBe('MISSING_AUTHORIZATION_HEADER');
  });

  it('takes a token until the second it expires, and then says so', () => {
    const on = site();
    const token = tokenOf(on);
    on.clock.advance(3599);
    expect(own(on, token).status).toBe(200);
    on.clock.advance(1);
    expect(parts(own(on, token))).toEqual(error(401, '401', 'TOKEN_EXPIRED', 'Invalid request: Token Expired.'));
    on.clock.advance(1);
    expect(own(on, token).json['error']).toBe('TOKEN_EXPIRED');
    expect(own(on, tokenOf(on)).status).toBe(200);
  });

  it('gives the other documented answer to an expired token where the site says so', () => {
    const on = site({ expiredToken: 'INVALID_ACCESS_TOKEN' });
    const token = tokenOf(on);
    on.clock.advance(3600);
    expect(parts(own(on, token))).toEqual(invalid);
  });

  it('keeps several tokens of one client alive, and refuses one of another application', () => {
    const on = site();
    const [first, second] = [tokenOf(on), tokenOf(on)];
    expect(first).not.toBe(second);
    expect([own(on, first).status, own(on, second).status]).toEqual([200, 200]);
    expect(own(on, first, { 'AUTH-METHOD': '0a070002' }).json['error']).toBe('INVALID_ACCESS_TOKEN');
  });

  it('refuses the token of a user who was blocked after it was issued', () => {
    const on = site();
    const token = tokenOf(on);
    const user = on.users.get(2);
    if (user !== undefined) user.active = false;
    expect(own(on, token).status).toBe(403);
  });

  it('is gated wherever _format stands, and not without it', () => {
    const on = site();
    for (const query of ['?_format=json', '?x=1&_format=json', '?%5Fformat=json']) {
      expect(get(on, `/user/2${query}`).json['error']).toBe('MISSING_HEADER');
    }
    expect(get(on, '/user/2').status).toBe(403);
    expect(get(on, '/jsonapi').json['error']).toBe('MISSING_HEADER');
  });

  it('never answers a request without credentials from what was kept of one with', () => {
    const on = site();
    const path = '/user/2?x=1&_format=json';
    const headers = { 'AUTH-METHOD': application, Authorization: `Bearer ${tokenOf(on)}` };
    expect(get(on, path, headers).status).toBe(200);
    expect(get(on, path).json['error']).toBe('MISSING_HEADER');
  });

  it('loses the status of a refusal when PHP does not buffer', () => {
    const on = site();
    on.server.outputBuffering = 0;
    const reply = get(on, '/user/2?_format=json');
    expect([reply.status, reply.json['http_code']]).toEqual([200, 400]);
    expect(own(on, tokenOf(on)).status).toBe(200);
  });
});
