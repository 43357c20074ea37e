import { beforeEach, describe, expect, it } from 'vitest';
import { answer } from '../../mock-server/answer.ts';
import { createSite } from '../../mock-server/create-site.ts';
import type { Site } from '../../mock-server/site.ts';
import type { SiteFile } from '../../mock-server/site-file.ts';
import { bodyText, type HeaderLine } from '../../src/model/exchange.ts';
import { siteFileOf } from './replay.ts';

/**
 * miniOrange 2.1.0 and Simple OAuth 6.0.9 on one site: the gate has the higher priority (facts A1-7, E2-12). Observed on a local
 * install of both modules on Drupal 10.5.5.
 */
function siteOfBoth(): Site {
  const { drupal, products, ...file } = siteFileOf('so609-phps');
  const open = { GET: { formats: ['json'], auth: ['oauth2', 'rest_api_authentication'] } };
  const both: SiteFile = {
    ...file,
    drupal: { ...drupal, rest: { 'entity:user': open, 'entity:node': open } },
    products: { ...products, ...siteFileOf('mo210-phps').products },
    clock: '2026-11-23T00:00:00Z',
  };
  return createSite(both, { now: () => 0 });
}

let site: Site;
beforeEach(() => {
  site = siteOfBoth();
});

const form: HeaderLine = ['Content-Type', 'application/x-www-form-urlencoded'];
const basic = (name: string, secret: string): HeaderLine => ['Authorization', `Basic ${btoa(`${name}:${secret}`)}`];
const application = (id: string): HeaderLine => ['AUTH-METHOD', id];

function send(method: string, path: string, headers: readonly HeaderLine[] = [], body = ''): { status: number; text: string } {
  const all: HeaderLine[] = [['Host', 'localhost'], ...headers];
  const response = answer({ method, path, headers: all, body: new TextEncoder().encode(body) }, site);
  return { status: response.status, text: bodyText(response.body) };
}

function bearer(): HeaderLine {
  const { text } = send('POST', '/oauth/token', [form], 'grant_type=client_credentials&client_id=lab-cc&client_secret=lab-cc-secret');
  return ['Authorization', `Bearer ${(JSON.parse(text) as { access_token: string }).access_token}`];
}

describe('both products on one site', () => {
  it.each(['/user/2?_format=json', '/jsonapi/node/article', '/jsonapi/', '/nope?_format=json'])(
    'asks at %s for an application, whatever token comes along',
    (path) => {
      const reply = send('GET', path, [bearer()]);
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('MISSING_HEADER');
    },
  );

  it.each(['/user/2?_format=json', '/jsonapi/node/article'])('refuses a good token at %s as the wrong type', (path) => {
    const reply = send('GET', path, [application('ba51c0a1'), bearer()]);
    expect(reply.status).toBe(401);
    expect(reply.text).toContain('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE');
  });

  it.each(['/jsonapi', '/JSONAPI/node/article', '/user/2?x=1&_format=json', '/oauth/userinfo'])(
    'leaves %s, which the gate does not see, to the token',
    (path) => {
      expect(send('GET', path, [bearer()]).status).toBe(200);
      expect(send('GET', path, [['Authorization', 'Bearer garbage']]).status).toBe(401);
      expect(send('GET', path, [application('ba51c0a1'), bearer()]).status).toBe(200);
    },
  );

  it('lets the credentials of the gate pass where the resource allows its provider', () => {
    const own = [application('ba51c0a1'), basic('api_user', 'api_user-pass-1')];
    expect(send('GET', '/user/2?_format=json', own).status).toBe(200);
    expect(send('GET', '/jsonapi/node/article', own).status).toBe(200);
    expect(send('GET', '/oauth/userinfo?_format=json', own).text).toContain('not allowed on this route');
  });

  it('makes a token anonymous behind an application with the OAuth method, which the free edition cannot check', () => {
    for (const token of [bearer(), ['Authorization', 'Bearer garbage'] as HeaderLine]) {
      const reply = send('GET', '/user/2?_format=json', [application('0a070001'), token]);
      expect([reply.status, reply.text]).toEqual([403, expect.stringContaining('access user profiles')]);
    }
  });

  it('issues tokens beside the gate, and not through it', () => {
    const credentials = 'grant_type=client_credentials&client_id=lab-cc&client_secret=lab-cc-secret';
    expect(send('POST', '/oauth/token', [form], credentials).status).toBe(200);
    expect(send('POST', '/oauth/token', [form, application('ba51c0a1'), basic('lab-cc', 'lab-cc-secret')], credentials).status).toBe(200);
    expect(send('POST', '/oauth/token?_format=json', [form], credentials).text).toContain('MISSING_HEADER');
  });

  it('logs in without either of them', () => {
    const body = JSON.stringify({ name: 'alice', pass: 'alice-pass-1' });
    expect(send('POST', '/user/login?_format=json', [['Content-Type', 'application/json']], body).status).toBe(200);
    // Who comes with a token has an account already.
    expect(send('POST', '/user/login', [['Content-Type', 'application/json'], bearer()], body).status).toBe(302);
  });
});
