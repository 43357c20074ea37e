import { describe, expect, it } from 'vitest';
import { ask, siteOf, type Reply } from '../../testing.ts';
import type { Site } from '../../site.ts';
import { parseJwt } from './jwt.ts';
import { simpleOauthOf } from './state.ts';

const six = (): Site => siteOf('simple-oauth');
const five = (): Site =>
  siteOf('simple-oauth', (file) => {
    const { consumers = [] } = file.products?.simpleOauth ?? {};
    return { ...file, drupal: { ...file.drupal, version: '9.4.8' }, products: { simpleOauth: { version: '5.2.2', consumers } } };
  });

const main = 'client_id=demo-main&client_secret=main-secret-2f9c6b1e7a4d8035';
const cc = 'grant_type=client_credentials';
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const basic = (pair: string): Record<string, string> => ({ ...form, Authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

function post(site: Site, body: string, headers: Record<string, string> = form, path = '/oauth/token'): Reply {
  return ask(site, 'POST', path, headers, body);
}

/** Status, error and hint in one line. */
function outcome({ status, json }: Reply): string {
  const { error, hint } = json as { error?: string; hint?: string };
  return [status, error, hint].filter((part) => part !== undefined).join(' ');
}

const unsupported = '400 unsupported_grant_type Check that all required parameters have been provided';
const check = (name: string): string => `400 invalid_request Check the \`${name}\` parameter`;

describe('token endpoint of 6.0.9', () => {
  it.each([
    ['a correct request', `${cc}&${main}`, '200'],
    ['a repeated grant_type, the last one right', `grant_type=foo&${cc}&${main}`, '200'],
    ['a repeated grant_type, the last one wrong', `${cc}&grant_type=foo&${main}`, unsupported],
    ['no grant_type', main, unsupported],
    ['a grant_type in another case', `grant_type=CLIENT_CREDENTIALS&${main}`, unsupported],
    ['a grant_type with a blank', `${cc}%20&${main}`, unsupported],
    ['a grant_type list', `grant_type[]=client_credentials&${main}`, unsupported],
    ['a grant that is not enabled', `grant_type=password&username=alice&password=x&${main}`, unsupported],
    ['no client_id', `${cc}&client_secret=x`, check('client_id')],
    ['an empty client_id', `${cc}&client_id=&client_secret=x`, check('client_id')],
    ['a client_id list', `${cc}&client_id[]=demo-main&client_secret=x`, check('client_id')],
    ['an unknown client', `${cc}&client_id=nope&client_secret=x`, '401 invalid_client'],
    ['a client_id with blanks', `${cc}&client_id=%20demo-main%20&client_secret=x`, '401 invalid_client'],
    ['a client_id in another case', `${cc}&${main.replace('demo-main', 'DEMO-MAIN')}`, '200'],
    ['no secret', `${cc}&client_id=demo-main`, check('client_secret')],
    ['an empty secret', `${cc}&client_id=demo-main&client_secret=`, check('client_secret')],
    ['a secret list', `${cc}&client_id=demo-main&client_secret[]=x`, check('client_secret')],
    ['a wrong secret', `${cc}&client_id=demo-main&client_secret=x`, '401 invalid_client'],
    ['a secret with a blank behind it', `${cc}&${main}%20`, '200'],
    ['a secret with NUL behind it', `${cc}&${main}%00`, '200'],
    ['a public client', `${cc}&client_id=demo-public&client_secret=x`, '401 invalid_client'],
    ['a public client without a secret', `${cc}&client_id=demo-public`, '401 invalid_client'],
    ['a client without a user, and a wrong secret', `${cc}&client_id=demo-noUser&client_secret=x`, '500 server_error'],
    ['a scope of the consumer', `${cc}&${main}&scope=api_user`, '200'],
    ['an empty scope', `${cc}&${main}&scope=`, '200'],
    ['a scope twice', `${cc}&${main}&scope=api_user%20api_user`, '200'],
    ['a scope in another case', `${cc}&${main}&scope=API_USER`, '200'],
    ['an unknown scope', `${cc}&${main}&scope=nope`, '400 invalid_scope Check the `nope` scope'],
    ['a scope with markup', `${cc}&${main}&scope=%3Cb%3E`, '400 invalid_scope Check the `&lt;b&gt;` scope'],
    ['a scope that is not the consumer’s', `${cc}&${main}&scope=administrator`, '400 invalid_scope Check the `administrator` scope'],
    ['openid', `${cc}&${main}&scope=openid`, '400 invalid_scope Check the `openid` scope'],
    ['a scope list', `${cc}&${main}&scope[]=api_user`, check('scope')],
    ['no scope where there is no default', `${cc}&client_id=demo-noScope&client_secret=no-scope-secret-94ab7e3c1d60`, check('scope')],
    [
      'any scope where there is no default',
      `${cc}&client_id=demo-noScope&client_secret=no-scope-secret-94ab7e3c1d60&scope=administrator`,
      '200',
    ],
    ['a client of another grant', `${cc}&client_id=demo-codeOnly&client_secret=code-only-secret-7b50e8f2c6d9`, unsupported],
    ['parameters that it does not know', `${cc}&${main}&foo=bar&redirect_uri=http://x/`, '200'],
  ])('answers %s', (_, body, expected) => {
    expect(outcome(post(six(), body))).toBe(expected);
  });

  it('drops what follows the thousandth parameter', () => {
    const many = Array.from({ length: 1500 }, (_, index) => `p${index}=1`).join('&');
    expect(outcome(post(six(), `${many}&${cc}&${main}`))).toBe(check('client_id'));
    expect(outcome(post(six(), `${cc}&${main}&${many}`))).toBe('200');
  });

  it('prefers HTTP Basic to the body, in both directions', () => {
    const good = basic('demo-main:main-secret-2f9c6b1e7a4d8035');
    expect(outcome(post(six(), cc, good))).toBe('200');
    expect(outcome(post(six(), `${cc}&client_id=demo-other&client_secret=x`, good))).toBe('200');
    const wrong = post(six(), `${cc}&${main}`, basic('demo-main:x'));
    expect([outcome(wrong), wrong.header('www-authenticate')]).toEqual(['401 invalid_client', 'Basic realm="OAuth"']);
    expect(outcome(post(six(), cc, basic('demo-main')))).toBe(check('client_id'));
  });

  it('challenges nobody who did not use the Authorization header', () => {
    expect(post(six(), `${cc}&client_id=demo-main&client_secret=x`).header('www-authenticate')).toBeUndefined();
  });

  it('takes the client from the query and the grant from the body', () => {
    expect(outcome(post(six(), `${cc}&${main}`, form, '/oauth/token?client_id=nope'))).toBe('401 invalid_client');
    expect(outcome(post(six(), '', form, `/oauth/token?${cc}&${main}`))).toBe(unsupported);
    expect(outcome(post(six(), cc, form, `/oauth/token?${main}`))).toBe(check('client_id'));
  });

  it('reads a JSON body only where the client came in the header', () => {
    const json = JSON.stringify({ grant_type: 'client_credentials', client_id: 'demo-main', client_secret: 'x' });
    expect(outcome(post(six(), json, { 'Content-Type': 'application/json' }))).toBe(check('client_id'));
    const headers = { ...basic('demo-main:main-secret-2f9c6b1e7a4d8035'), 'Content-Type': 'application/json' };
    expect(outcome(post(six(), '{"grant_type":"client_credentials"}', headers))).toBe('200');
  });

  it('writes the document, the headers and the claims of the version', () => {
    const reply = post(six(), `${cc}&${main}`);
    expect(Object.keys(reply.json)).toEqual(['token_type', 'expires_in', 'access_token']);
    expect(reply.header('cache-control')).toBe('no-store, private');
    expect(reply.header('content-type')).toBe('application/json; charset=UTF-8');
    const { claims, header } = parseJwt(String(reply.json['access_token']), true);
    expect(Object.keys(header)).toEqual(['typ', 'alg', 'jti']);
    expect(Object.keys(claims)).toEqual(['aud', 'jti', 'iat', 'nbf', 'exp', 'scope', 'iss']);
    expect(claims).toMatchObject({ aud: 'demo-main', scope: ['api_user'], iss: 'https://site.example/' });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBeGreaterThanOrEqual(300);
  });

  it('says what is wrong with its key file', () => {
    const site = six();
    simpleOauthOf(site).privateKey = 'missing';
    expect(post(site, `${cc}&${main}`).json['error_description']).toMatch(/You need to set the OAuth2 private key\.$/);
    simpleOauthOf(site).privateKey = 'unparsable';
    expect(post(site, `${cc}&${main}`).status).toBe(500);
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('answers %s with 405 and Allow', (method) => {
    const reply = ask(six(), method, '/oauth/token');
    expect([reply.status, reply.header('allow')]).toEqual([405, 'POST']);
  });
});

describe('token endpoint of 5.2.2', () => {
  const disabled = '400 invalid_grant Check the configuration to see if the grant is enabled.';
  it.each([
    ['a correct request', `${cc}&${main}`, '200'],
    ['no grant_type', main, disabled],
    ['an unknown grant_type', `grant_type=foo&${main}`, disabled],
    ['no client_id', `${cc}&client_secret=x`, check('client_id')],
    ['an empty client_id', `${cc}&client_id=&client_secret=x`, '401 invalid_client'],
    ['a client_id list', `${cc}&client_id[]=demo-main&client_secret=main-secret-2f9c6b1e7a4d8035`, '200'],
    ['no secret', `${cc}&client_id=demo-main`, '401 invalid_client'],
    ['a secret list', `${cc}&client_id=demo-main&client_secret[]=x`, check('client_secret')],
    ['a secret with a blank behind it', `${cc}&${main}%20`, '401 invalid_client'],
    ['a public client with any secret', `${cc}&client_id=demo-public&client_secret=x`, '200'],
    ['a client without a user, and a wrong secret', `${cc}&client_id=demo-noUser&client_secret=x`, '401 invalid_client'],
    ['a redirect_uri that is not registered', `${cc}&${main}&redirect_uri=http://x/`, '401 invalid_client'],
    ['a role that the user lacks', `${cc}&${main}&scope=administrator`, '200'],
    ['an unknown role', `${cc}&${main}&scope=nope`, '400 invalid_scope Check the `nope` scope'],
    ['no scope where there is no default', `${cc}&client_id=demo-noScope&client_secret=no-scope-secret-94ab7e3c1d60`, '200'],
    [
      'a refresh token that is none',
      `grant_type=refresh_token&refresh_token=x&${main}`,
      '401 invalid_request Cannot decrypt the refresh token',
    ],
    ['a wrong password', `grant_type=password&username=alice&password=x&${main}`, '400 invalid_grant'],
  ])('answers %s', (_, body, expected) => {
    expect(outcome(post(five(), body))).toBe(expected);
  });

  it('repeats the description as message', () => {
    const { json } = post(five(), `${cc}&client_id=nope&client_secret=x`);
    expect(Object.keys(json)).toEqual(['error', 'error_description', 'message']);
  });

  it('writes the user as subject, no issuer, and always the authenticated role', () => {
    const { claims } = parseJwt(String(post(five(), `${cc}&${main}&scope=administrator`).json['access_token']), false);
    expect(Object.keys(claims)).toEqual(['aud', 'jti', 'iat', 'nbf', 'exp', 'sub', 'scope']);
    expect(claims).toMatchObject({ sub: '2', scope: ['authenticated', 'api_user'] });
  });

  it('exchanges a refresh token once', () => {
    const site = five();
    const first = post(site, `grant_type=password&username=alice&password=alice-pass-1&${main}`);
    const refresh = `grant_type=refresh_token&refresh_token=${String(first.json['refresh_token'])}&${main}`;
    expect([post(site, refresh).status, outcome(post(site, refresh))]).toEqual([200, '401 invalid_request Token has been revoked']);
  });

  it('ends without headers of Drupal when the grant type is a list', () => {
    const reply = post(five(), `grant_type[]=x&${main}`);
    expect([reply.status, reply.header('x-generator')]).toEqual([500, undefined]);
  });
});
