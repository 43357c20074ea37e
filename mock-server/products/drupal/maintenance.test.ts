import { describe, expect, it } from 'vitest';
import type { Site } from '../../site.ts';
import { get, postForm, siteOf } from '../../testing.ts';

/** Simple OAuth on a core, in which somebody got a token before it was closed. */
function closedSite(version: string): { site: Site; bearer: Record<string, string> } {
  const site = siteOf('simple-oauth', (file) => {
    const simpleOauth = { ...file.products?.simpleOauth, version: version.startsWith('9.') ? '5.2.2' : '6.0.9' };
    return { ...file, drupal: { ...file.drupal, version }, products: { simpleOauth } };
  });
  const credentials = { grant_type: 'client_credentials', client_id: 'demo-main', client_secret: 'main-secret-2f9c6b1e7a4d8035' };
  const bearer = { Authorization: `Bearer ${String(postForm(site, '/oauth/token', credentials).json['access_token'])}` };
  site.drupal.maintenance = true;
  return { site, bearer };
}

describe('a site in maintenance mode', () => {
  it('closes what it would refuse too, and a page keeps what the refusal depended on', () => {
    const { site } = closedSite('10.5.5');
    expect(get(site, '/user/2?_format=json').status).toBe(503);
    const page = get(site, '/user/2');
    expect([page.status, page.header('x-drupal-dynamic-cache')]).toEqual([503, 'UNCACHEABLE (poor cacheability)']);
    expect(get(site, '/').header('x-drupal-dynamic-cache')).toBeUndefined();
  });

  it('still leads a visitor to the login', () => {
    const reply = get(closedSite('10.5.5').site, '/user');
    expect([reply.status, reply.header('location')]).toEqual([302, 'http://site.example/user/login']);
  });

  it('refuses who is authenticated since core 10, and sent them to the front page before', () => {
    const ten = closedSite('10.5.5');
    expect(get(ten.site, '/user/2?_format=json', ten.bearer).status).toBe(503);
    const nine = closedSite('9.4.8');
    const reply = get(nine.site, '/user/2?_format=json', nine.bearer);
    expect([reply.status, reply.header('location')]).toEqual([302, '/']);
    expect(get(nine.site, '/jsonapi', nine.bearer).status).toBe(503);
  });
});
