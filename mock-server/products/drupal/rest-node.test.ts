import { describe, expect, it } from 'vitest';
import { ask, siteOf, type Reply } from '../../testing.ts';
import type { Site } from '../../site.ts';

function admin(site: Site): Record<string, string> {
  const body = 'grant_type=client_credentials&client_id=demo-admin&client_secret=admin-secret-a92e6f04d7b3c158';
  const reply = ask(site, 'POST', '/oauth/token', { 'Content-Type': 'application/x-www-form-urlencoded' }, body);
  return { Authorization: `Bearer ${String(reply.json['access_token'])}`, 'Content-Type': 'application/json' };
}

const article = (fields: object): string => JSON.stringify({ type: [{ target_id: 'article' }], ...fields });

describe('node resource', () => {
  it.each([
    ['{"type":', 400, 'Syntax error'],
    ['', 400, 'No entity content received.'],
    ['{"title":[{"value":"x"}]}', 422, 'Could not determine entity type bundle: "type" field is missing.'],
    ['{"type":[{"target_id":"nope"}]}', 422, '"nope" is not a valid bundle type for denormalization.'],
    [article({}), 422, 'Unprocessable Entity: validation failed.\ntitle: This value should not be null.\n'],
    [article({ title: [{ value: 'x'.repeat(256) }] }), 422, expect.stringContaining('may not be longer than 255 characters')],
  ])('says what is wrong with %s', (body, status, message) => {
    const site = siteOf('simple-oauth');
    const reply = ask(site, 'POST', '/node?_format=json', admin(site), body);
    expect([reply.status, reply.json['message']]).toEqual([status, message]);
  });

  it.each(['null', article({ title: [{ value: 'x' }], nope: [{ value: 1 }] })])('fails on %s', (body) => {
    const site = siteOf('simple-oauth');
    expect(ask(site, 'POST', '/node?_format=json', admin(site), body).status).toBe(500);
  });

  it('creates, changes and deletes', () => {
    const site = siteOf('simple-oauth');
    const headers = admin(site);
    const made = ask(site, 'POST', '/node?_format=json', headers, article({ title: [{ value: 'New' }] }));
    expect([made.status, made.header('location')]).toEqual([201, 'http://site.example/node/5']);
    const changed = ask(site, 'PATCH', '/node/5?_format=json', headers, article({ title: [{ value: 'Newer' }] }));
    expect([changed.status, changed.json['title']]).toEqual([200, [{ value: 'Newer' }]]);
    const gone = ask(site, 'DELETE', '/node/5?_format=json', headers);
    expect([gone.status, gone.header('content-type')]).toEqual([204, undefined]);
    expect(ask(site, 'POST', '/node?_format=json', headers, article({ title: [{ value: 'Next' }] })).header('location')).toMatch(/\/6$/);
  });

  it('answers an unsuitable body type by what else the path has', () => {
    const site = siteOf('simple-oauth');
    const headers = { ...admin(site), 'Content-Type': 'text/plain' };
    const post = ask(site, 'POST', '/node?_format=json', headers, '{}');
    expect([post.status, post.json['message']]).toEqual([406, 'No route found for the specified format json. Supported formats: html.']);
    const patch = ask(site, 'PATCH', '/node/1?_format=json', headers, '{}');
    expect([patch.status, patch.json['message']]).toEqual([415, 'No route found that matches "Content-Type: text/plain"']);
  });

  it('hides what is not published', () => {
    const site = siteOf('simple-oauth');
    const read = (headers: Record<string, string>): Reply => ask(site, 'GET', '/node/4?_format=json', headers);
    expect([read({}).status, read({}).json['message'], read(admin(site)).status]).toEqual([403, '', 200]);
  });

  it('lists its methods in the order of the routes', () => {
    expect(ask(siteOf('simple-oauth'), 'PUT', '/node/1?_format=json').header('allow')).toBe('GET, POST, HEAD, DELETE, PATCH');
  });
});
