import { describe, expect, it } from 'vitest';
import { ask, siteOf, type Reply } from '../../testing.ts';
import type { Site } from '../../site.ts';
import { parseJwt, signJwt } from './jwt.ts';
import { deleteExpiredTokens, simpleOauthOf } from './state.ts';

const own = '/user/2?_format=json';

function issue(site: Site, client = 'main', secret = 'main-secret-2f9c6b1e7a4d8035', scope = ''): string {
  const body = `grant_type=client_credentials&client_id=demo-${client}&client_secret=${secret}${scope === '' ? '' : `&scope=${scope}`}`;
  return String(ask(site, 'POST', '/oauth/token', { 'Content-Type': 'application/x-www-form-urlencoded' }, body).json['access_token']);
}

function get(site: Site, authorization: string, path = own): Reply {
  return ask(site, 'GET', path, { Authorization: authorization });
}

function reason(reply: Reply): string | undefined {
  return /error_description="(.*)"$/.exec(reply.header('www-authenticate') ?? '')?.[1];
}

/** A token with other claims, signed by the site's own key. */
function resign(site: Site, token: string, change: (claims: Record<string, unknown>) => object): string {
  const { claims, header } = parseJwt(token, true);
  return signJwt(header, change({ ...claims }), simpleOauthOf(site).key);
}

const without = (name: string) => (claims: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

describe('Bearer tokens of 6.0.9', () => {
  it('opens the own account, and tells caches and clients for whom', () => {
    const site = siteOf('simple-oauth');
    const reply = get(site, `Bearer ${issue(site)}`);
    expect([reply.status, reply.header('x-consumer-id'), reply.header('vary')]).toEqual([200, 'demo-main', 'X-Consumer-ID']);
  });

  it.each(['bearer ', 'BEARER ', 'Bearer\t', 'Token ', 'Bearer:', ''])('takes "%s" for no token at all', (scheme) => {
    const site = siteOf('simple-oauth');
    expect(get(site, `${scheme}${issue(site)}`)).toMatchObject({ status: 403 });
  });

  const base64 = 'Error while decoding from Base64Url, invalid base64 characters detected';
  it.each([
    ['Bearer', 'The JWT string must have two dots'],
    ['Bearer ', 'The JWT string must have two dots'],
    ['Bearer garbage', 'The JWT string must have two dots'],
    ['Bearer a.b.c', base64],
    ['Bearer TOKEN junk', base64],
    ['Bearer "TOKEN"', base64],
    ['Bearer TOKEN=', base64],
    ['Bearer TOKEN, Bearer x', base64],
    ['Bearer HEADER.PAYLOAD.', 'The JWT string is missing the Signature part'],
    ['Bearer HEADER.PAYLOAD.AAAA', 'Access token could not be verified'],
    ['Bearer bm90.bm90.AAAA', 'Error while decoding from JSON'],
    ['Bearer bnVsbA.bnVsbA.AAAA', 'headers must be an array with non-empty-string keys'],
  ])('says of %s why', (value, expected) => {
    const site = siteOf('simple-oauth');
    const token = issue(site);
    const [header = '', payload = ''] = token.split('.');
    const reply = get(site, value.replace('TOKEN', token).replace('HEADER', header).replace('PAYLOAD', payload));
    expect([reply.status, reason(reply)]).toEqual([401, expected]);
    expect(reply.json).toEqual({ message: 'The resource owner or authorization server denied the request.' });
  });

  it('names the Basic scheme where the value does not start with Bearer', () => {
    const site = siteOf('simple-oauth');
    expect(get(site, `X Bearer ${issue(site)}`).header('www-authenticate')).toMatch(/^Basic realm="OAuth", error="access_denied"/);
  });

  it.each([
    ['another scope', (claims: object) => ({ ...claims, scope: ['administrator'] }), 200],
    ['another audience', (claims: object) => ({ ...claims, aud: 'nope' }), 200],
    ['another issuer', (claims: object) => ({ ...claims, iss: 'https://evil.example/' }), 200],
    ['no exp', without('exp'), 200],
    ['a past exp', (claims: object) => ({ ...claims, exp: 1 }), 401],
    ['a future nbf', (claims: object) => ({ ...claims, nbf: 9_999_999_999 }), 401],
    ['an unknown jti', (claims: object) => ({ ...claims, jti: 'x' }), 401],
    ['no jti', without('jti'), 500],
  ])('judges a re-signed token with %s by signature and stored row', (_, change, expected) => {
    const site = siteOf('simple-oauth');
    expect(get(site, `Bearer ${resign(site, issue(site), change)}`).status).toBe(expected);
  });

  it('never accepts a token whose header asks for another algorithm', () => {
    const site = siteOf('simple-oauth');
    const { claims, header } = parseJwt(issue(site), true);
    for (const alg of ['none', 'HS256', 'RS512', undefined]) {
      expect(get(site, `Bearer ${signJwt({ ...header, alg }, claims, simpleOauthOf(site).key)}`).status).toBe(401);
    }
  });

  it('expires to the millisecond, and says no more after the clean-up', () => {
    const site = siteOf('simple-oauth');
    const token = issue(site);
    site.clock.advance(299.999);
    expect(get(site, `Bearer ${token}`).status).toBe(200);
    site.clock.advance(0.002);
    expect(reason(get(site, `Bearer ${token}`))).toBe('Access token could not be verified');
    deleteExpiredTokens(simpleOauthOf(site), site.clock.now());
    expect(reason(get(site, `Bearer ${token}`))).toBe('Access token could not be verified');
  });

  it('refuses a blocked user by name once, and the token for good', () => {
    const site = siteOf('simple-oauth');
    const token = issue(site, 'blocked', 'blocked-secret-35d7c0a8e49b1f62');
    const blocked = '<em class="placeholder">blocked_user</em> is blocked or has not been activated yet.';
    expect([reason(get(site, `Bearer ${token}`)), reason(get(site, `Bearer ${token}`))]).toEqual([
      blocked,
      'Access token has been revoked',
    ]);
  });

  it('drops the tokens of a user who is saved', () => {
    const site = siteOf('simple-oauth');
    const token = issue(site);
    const user = site.users.get(2);
    if (user !== undefined) for (const hook of site.runtime.hooks) hook.onUserSaved?.(user, site);
    expect(reason(get(site, `Bearer ${token}`))).toBe('Access token has been revoked');
  });

  it('fails on a token whose consumer is gone', () => {
    const site = siteOf('simple-oauth');
    const token = issue(site);
    simpleOauthOf(site).consumers.delete('demo-main');
    expect(get(site, `Bearer ${token}`)).toMatchObject({
      status: 500,
      text: 'The website encountered an unexpected error. Try again later.',
    });
  });

  it('lets the scope decide, not the user', () => {
    const site = siteOf('simple-oauth');
    const admin = issue(site, 'noScope', 'no-scope-secret-94ab7e3c1d60', 'administrator');
    expect(get(site, `Bearer ${admin}`, '/user/5?_format=json').status).toBe(200);
    expect(get(site, `Bearer ${issue(site)}`, '/user/5?_format=json').status).toBe(403);
  });

  it('refuses before it routes, and writes the refusal in the format of the query alone', () => {
    const site = siteOf('simple-oauth');
    const refused = (path: string): string | undefined => get(site, 'Bearer x', path).header('content-type');
    expect(get(site, 'Bearer x', '/nope?_format=json').status).toBe(401);
    expect(refused('/jsonapi/node/article')).toBe('text/html; charset=UTF-8');
    expect(refused('/jsonapi/node/article?_format=api_json')).toBe('application/vnd.api+json');
    expect(refused('/user/2?_format=xml')).toBe('text/xml; charset=UTF-8');
    expect(refused('/user/2?_format=foo')).toBe('text/plain; charset=UTF-8');
  });

  it('gives the claims of the user without openid, and the key to everybody', () => {
    const site = siteOf('simple-oauth');
    expect(get(site, `Bearer ${issue(site)}`, '/oauth/userinfo').json).toMatchObject({ sub: '2', name: 'api_user', email_verified: true });
    expect(ask(site, 'GET', '/oauth/userinfo').status).toBe(403);
    expect(ask(site, 'GET', '/.well-known/jwks.json').json).toMatchObject({ keys: [{ kty: 'RSA', e: 'AQAB' }] });
  });
});
