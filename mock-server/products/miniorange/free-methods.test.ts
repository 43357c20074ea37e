import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../bytes.ts';
import type { Site } from '../../site.ts';
import { ask, get, siteOf, type Reply } from '../../testing.ts';
import { looselyEqual } from './api-key-method.ts';
import type { MiniorangeConfig } from './config.ts';
import { isGatedByUri } from './gate.ts';

const key = 'site-wide-key';

function siteWith(config: Partial<MiniorangeConfig>): Site {
  return siteOf('miniorange/basic', (file) => ({
    ...file,
    products: { miniorange: { ...(file.products?.miniorange as MiniorangeConfig), apiKey: key, ...config } },
  }));
}

function own(site: Site, headers: Record<string, string>): Reply {
  return get(site, '/user/2?_format=json', headers);
}

const basic = (pair: string): string => `Basic ${encodeBase64(pair)}`;
const right = basic('api_user:api_user-pass-1');

/** Status, code and error, or the status alone of an answer that is no refusal. */
function brief(reply: Reply): unknown[] {
  const { http_code: httpCode, code, error } = reply.text.startsWith('{') ? reply.json : {};
  return error === undefined && httpCode === undefined && code === undefined ? [reply.status] : [reply.status, httpCode ?? code, error];
}

describe('applications (2.1.0)', () => {
  const site = (): Site => siteWith({});

  it('are selected by a trimmed AUTH-METHOD and checked before everything else', () => {
    expect(brief(own(site(), { Authorization: right }))).toEqual([400, 400, 'MISSING_HEADER']);
    expect(brief(own(site(), { 'AUTH-METHOD': '' }))).toEqual([400, 400, 'INVALID_APPLICATION_ID']);
    expect(brief(own(site(), { 'AUTH-METHOD': 'BA51C0A1', Authorization: right }))).toEqual([400, 400, 'INVALID_APPLICATION_ID']);
    expect(brief(own(site(), { 'AUTH-METHOD': ' ba51c0a1 ', Authorization: right }))).toEqual([200]);
  });

  it('need no header when a default is set and marked', () => {
    const marked = siteWith({ defaultApplication: 'ba51c0a1', applications: [{ id: 'ba51c0a1', method: 'basic', isDefault: true }] });
    expect(brief(own(marked, { Authorization: right }))).toEqual([200]);
    const unmarked = siteWith({ defaultApplication: 'ba51c0a1', applications: [{ id: 'ba51c0a1', method: 'basic' }] });
    expect(brief(own(unmarked, { Authorization: right }))).toEqual([400, 400, 'MISSING_HEADER']);
  });

  it('with a paid method let everybody through as nobody in the free edition', () => {
    const paid = siteWith({ applications: [{ id: '0a070001', method: 'oauth' }] });
    const reply = own(paid, { 'AUTH-METHOD': '0a070001', Authorization: 'Bearer x' });
    expect([reply.status, reply.json]).toEqual([403, { message: "The 'access user profiles' permission is required." }]);
  });
});

describe('Basic', () => {
  const versions = {
    '2.1.0': siteWith({}),
    '2.0.18': siteWith({ version: '2.0.18', method: 'basic' }),
    '2.0.10': siteWith({ version: '2.0.10', method: 'basic' }),
    '8.x-1.13': siteWith({ version: '8.x-1.13', method: 'basic' }),
  };

  it.each([
    ['no header', undefined, [401, '401', 'MISSING_AUTHORIZATION_HEADER'], [200, '401', undefined]],
    ['another scheme', 'Bearer x', [401, '401', 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE'], [200, '400', undefined]],
    ['upper case', right.replace('Basic', 'BASIC'), [401, '401', 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE'], [200, '400', undefined]],
    ['a word that ends in asic', right.replace('Basic', 'Jurasic'), [200], [200]],
    ['two blanks', right.replace(' ', '  '), [400, '400', 'INCOMPLETE_REQUEST'], [200, '401', 'INCOMPLETE_REQUEST']],
    ['no colon', basic('api_user'), [400, '400', 'INCOMPLETE_REQUEST'], [200, '401', 'INCOMPLETE_REQUEST']],
    ['no user name', basic(':x'), [401, '401', 'MISSING_USERNAME'], [200, '400', 'MISSING_USERNAME']],
    ['a wrong password', basic('api_user:x'), [401, '401', 'INVALID_CREDENTIALS'], [200, '400', 'INVALID_CREDENTIALS']],
    ['an unknown user', basic('nobody:x'), [401, '401', 'INVALID_CREDENTIALS'], [200, '400', 'INVALID_CREDENTIALS']],
    ['a blocked user', basic('blocked_user:blocked_user-pass-1'), [403, '403', 'USER_BLOCKED'], [200]],
    ['the right pair', right, [200], [200]],
  ])('answers %s by version', (_, header, current, old) => {
    const headers = header === undefined ? {} : { Authorization: header };
    expect(brief(own(versions['2.1.0'], { 'AUTH-METHOD': 'ba51c0a1', ...headers }))).toEqual(current);
    expect(brief(own(versions['2.0.18'], headers))).toEqual(current);
    expect(brief(own(versions['8.x-1.13'], headers))).toEqual(old);
  });

  it('has a refusal without any code in 2.0.10', () => {
    const reply = own(versions['2.0.10'], {});
    expect(Object.keys(reply.json)).toEqual(['status', 'error', 'error_description']);
  });

  it('cuts a password at its second colon', () => {
    const site = siteWith({});
    const user = site.users.get(2);
    if (user !== undefined) user.password = 'pa';
    expect(brief(own(site, { 'AUTH-METHOD': 'ba51c0a1', Authorization: basic('api_user:pa:anything') }))).toEqual([200]);
  });

  it('prefers Authorization to Authorisation, and reads both', () => {
    const site = siteWith({ version: '2.0.18', method: 'basic' });
    expect(brief(own(site, { Authorisation: right }))).toEqual([200]);
    expect(brief(own(site, { Authorisation: right, Authorization: 'Bearer x' }))).toEqual([
      401,
      '401',
      'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE',
    ]);
  });

  it('counts a method that was never chosen as Basic', () => {
    expect(brief(own(siteWith({ version: '2.0.18' }), { Authorization: right }))).toEqual([200]);
  });
});

describe('API key', () => {
  const pair = (user: string, secret = key): string => basic(`${user}:${secret}`);

  it.each([
    ['no header', undefined, [401, 401, 'MISSING_AUTHORIZATION_HEADER'], [401, '401', 'MISSING_AUTHORIZATION_HEADER']],
    [
      'another scheme',
      'Bearer x',
      [401, 401, 'INVALID_AUTHORIZATION_HEADER_TYPE'],
      [401, '401', 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE'],
    ],
    ['the bare word', 'Basic', [401, 401, 'INVALID_AUTHORIZATION_HEADER_TYPE'], [400, '400', 'MISSING_AUTHORIZATION_HEADER']],
    ['no base64', 'Basic %%%', [401, 401, 'INVALID_AUTHORIZATION_HEADER'], [400, '400', 'INVALID_AUTHORIZATION_HEADER']],
    ['an unknown user', pair('nobody'), [404, 404, 'USER_DOES_NOT_EXIST'], [404, '404', 'USER_DOES_NOT_EXIST']],
    ['no user', pair(''), [403, 403, 'USER_BLOCKED'], [404, '404', 'USER_DOES_NOT_EXIST']],
    ['a blocked user, whatever the key', pair('blocked_user', 'x'), [403, 403, 'USER_BLOCKED'], [403, '403', 'USER_BLOCKED']],
    ['a wrong key', pair('api_user', 'x'), [401, 401, 'INVALID_API_KEY'], [401, '401', 'INVALID_API_KEY']],
    ['the key with another user', pair('admin'), [200], [200]],
  ])('in Authorization answers %s by version', (_, header, current, before) => {
    const headers = header === undefined ? {} : { Authorization: header };
    expect(brief(own(siteWith({}), { 'AUTH-METHOD': 'a9140001', ...headers }))).toEqual(current);
    expect(brief(own(siteWith({ version: '2.0.18', method: 'api-key' }), headers))).toEqual(before);
  });

  it('in a header of its own answers with its own refusals', () => {
    const site = siteWith({});
    const app = { 'AUTH-METHOD': 'a9140002' };
    expect(brief(own(site, { ...app, Authorization: pair('api_user') }))).toEqual([401, 401, 'MISSING_API_KEY_HEADER']);
    expect(brief(own(site, { ...app, 'API-KEY': '%%%' }))).toEqual([401, 401, 'INVALID_API_KEY_FORMAT']);
    expect(brief(own(site, { ...app, 'api-key': encodeBase64(`api_user:${key}`) }))).toEqual([200]);
  });

  it('lets an empty key in where none was generated, before 2.1.0 only', () => {
    const { apiKey: _, ...none } = { ...siteWith({}).file.products?.miniorange } as MiniorangeConfig;
    const site = (config: MiniorangeConfig): Site => siteOf('miniorange/basic', (file) => ({ ...file, products: { miniorange: config } }));
    const empty = { Authorization: pair('admin', '') };
    expect(brief(own(site({ ...none, version: '2.0.18', method: 'api-key' }), empty))).toEqual([200]);
    expect(brief(own(site(none), { 'AUTH-METHOD': 'a9140001', ...empty }))).toEqual([401, 401, 'INVALID_API_KEY']);
  });

  it('was checked before the user in 8.x-1.13', () => {
    const site = siteWith({ version: '8.x-1.13', method: 'api-key' });
    expect(brief(own(site, { Authorization: pair('nobody', 'x') }))).toEqual([200, '401', 'INVALID_API_KEY']);
    expect(brief(own(site, { Authorization: pair('nobody') }))).toEqual([200, '401', 'USER_DOES_NOT_EXIST']);
  });

  it.each([
    [undefined, '', true],
    [undefined, '0', false],
    ['0e1234', '0e99', true],
    ['10', '1e1', true],
    ['abc', 'ABC', false],
  ])('compares %j loosely with %j as PHP does', (stored, given, equal) => {
    expect(looselyEqual(stored, given)).toBe(equal);
  });
});

describe('gate up to 2.1.0', () => {
  it.each([
    ['/user/2?_format=json', true],
    ['/jsonapi/node/article', true],
    ['/?_format=html', true],
    ['/node/1?x=/jsonapi/', true],
    ['/user/2?x=1&_format=json', false],
    ['/user/2?%5Fformat=json', false],
    ['/jsonapi', false],
    ['/JSONAPI/node/article', false],
    ['/jsonapi/node/article?x=/admin/config/services/jsonapi/', false],
    ['/graphql', false],
  ])('reads %s as gated: %s', (uri, gated) => {
    expect(isGatedByUri(uri)).toBe(gated);
  });

  it('comes before routing', () => {
    expect(brief(get(siteWith({}), '/nope?_format=json'))).toEqual([400, 400, 'MISSING_HEADER']);
  });

  it('lets the login of programs through', () => {
    const body = JSON.stringify({ name: 'api_user', pass: 'api_user-pass-1' });
    expect(ask(siteWith({}), 'POST', '/user/login?_format=json', {}, body).status).toBe(200);
  });

  it('is open when authentication is switched off, from 2.x on', () => {
    expect(own(siteWith({ enabled: false }), {}).status).toBe(403);
    expect(brief(own(siteWith({ version: '8.x-1.13', method: 'basic', enabled: false }), {}))).toEqual([200, '401', undefined]);
  });
});

describe('/rest_api/revoke of 2.1.0', () => {
  const revoke = (authorization: string | undefined, method = 'POST'): unknown[] =>
    brief(ask(siteWith({}), method, '/rest_api/revoke', authorization === undefined ? {} : { Authorization: authorization }, 'token=abc'));

  it.each([
    ['nothing', undefined, [401, '401', 'MISSING_BASIC_AUTH']],
    ['a bearer token', 'Bearer x', [401, '401', 'MISSING_BASIC_AUTH']],
    ['no colon', basic('api_user'), [401, '401', 'INVALID_BASIC_AUTH_FORMAT']],
    ['no password', basic('api_user:'), [401, '401', 'MISSING_CREDENTIALS']],
    ['the password 0', basic('api_user:0'), [401, '401', 'MISSING_CREDENTIALS']],
    ['a wrong password', basic('api_user:x'), [401, '401', 'INVALID_CREDENTIALS']],
    ['a blocked user', basic('blocked_user:blocked_user-pass-1'), [403, '403', 'USER_BLOCKED']],
    ['the right pair', right, [403, '403', 'PREMIUM_FEATURE']],
  ])('answers %s', (_, header, expected) => {
    expect(revoke(header)).toEqual(expected);
  });

  it('judges the method last', () => {
    expect(revoke(right, 'GET')).toEqual([405, '405', 'INVALID_HTTP_METHOD']);
    expect(revoke(undefined, 'GET')).toEqual([401, '401', 'MISSING_BASIC_AUTH']);
  });

  it('does not exist before', () => {
    expect(ask(siteWith({ version: '2.0.18' }), 'POST', '/rest_api/revoke').status).toBe(404);
  });
});
