import { describe, expect, it } from 'vitest';
import { ask, siteOf, type Reply } from '../../../testing.ts';
import type { Site } from '../../../site.ts';

const secrets: Readonly<Record<string, string>> = { main: 'main-secret-2f9c6b1e7a4d8035', admin: 'admin-secret-a92e6f04d7b3c158' };

function as(site: Site, client: string): Record<string, string> {
  const body = `grant_type=client_credentials&client_id=demo-${client}&client_secret=${secrets[client]}`;
  const reply = ask(site, 'POST', '/oauth/token', { 'Content-Type': 'application/x-www-form-urlencoded' }, body);
  return { Authorization: `Bearer ${String(reply.json['access_token'])}` };
}

interface Resource {
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships?: object;
}

const list = ({ json }: Reply): readonly Resource[] => json['data'] as readonly Resource[];
const detail = ({ json }: Reply): string | undefined => (json['errors'] as { detail: string }[] | undefined)?.[0]?.detail;
const titles = (reply: Reply): unknown[] => list(reply).map(({ attributes }) => attributes['title']);
const document = (attributes: object, id?: string): string =>
  JSON.stringify({ data: { type: 'node--article', ...(id && { id }), attributes } });
const media = { 'Content-Type': 'application/vnd.api+json' };

describe('JSON:API', () => {
  it('leaves hidden content out of a collection, and says so', () => {
    const reply = ask(siteOf('simple-oauth'), 'GET', '/jsonapi/node/article');
    expect(titles(reply)).toEqual(['First article', 'Second article']);
    expect(reply.text).toContain('"rel":"item","detail":"The current user is not allowed to GET the selected resource."');
  });

  it('shows each user as much as the account may see', () => {
    const site = siteOf('simple-oauth');
    const names = (headers: Record<string, string>): string[] =>
      Object.keys(list(ask(site, 'GET', '/jsonapi/user/user', headers))[2]?.attributes ?? {});
    expect(names({})).toEqual(['display_name']);
    expect(names(as(site, 'main'))).toContain('mail');
    expect(names(as(site, 'admin'))).toContain('init');
  });

  it('filters, sorts, pages, includes and narrows', () => {
    const site = siteOf('simple-oauth');
    const get = (query: string): Reply => ask(site, 'GET', `/jsonapi/node/article?${query}`);
    expect(titles(get('filter[title]=second+article'))).toEqual(['Second article']);
    expect(titles(get('filter[title][operator]=CONTAINS&filter[title][value]=First'))).toEqual(['First article']);
    expect(titles(get('filter[status]=0'))).toEqual([]);
    expect(titles(get('sort=-title'))).toEqual(['Second article', 'First article']);
    expect(get('page[limit]=1').json['links']).toMatchObject({ next: { href: expect.stringContaining('page%5Boffset%5D=1') } });
    expect(get('include=uid').json['included']).toHaveLength(2);
    expect(list(get('fields[node--article]=title'))[0]).toEqual(expect.objectContaining({ attributes: { title: 'First article' } }));
  });

  it.each([
    ['filter[nope]=1', 400, 'Invalid nested filtering. The field `nope`, given in the path `nope`, does not exist.'],
    [
      'include=nope',
      400,
      '`nope` is not a valid relationship field name. Possible values: node_type, revision_uid, uid, field_image, field_tags.',
    ],
    ['foo=1', 400, "The following query parameters violate the JSON:API spec: 'foo'."],
  ])('refuses ?%s', (query, status, expected) => {
    const reply = ask(siteOf('simple-oauth'), 'GET', `/jsonapi/node/article?${query}`);
    expect([reply.status, detail(reply)]).toEqual([status, expected]);
  });

  it('is read-only by default', () => {
    const reply = ask(siteOf('simple-oauth'), 'POST', '/jsonapi/node/article', media, document({ title: 'x' }));
    expect([reply.status, reply.header('allow'), detail(reply)]).toEqual([405, 'GET', expect.stringContaining('only read operations')]);
  });

  it('creates, changes and deletes nodes where it may be written', () => {
    const site = siteOf('simple-oauth', (file) => ({ ...file, drupal: { ...file.drupal, jsonapi: 'write' } }));
    const headers = { ...as(site, 'admin'), ...media };
    const made = ask(site, 'POST', '/jsonapi/node/article', headers, document({ title: 'New' }));
    expect(made.status).toBe(201);
    const { id } = made.json['data'] as Resource;
    const path = `/jsonapi/node/article/${id}`;
    expect(ask(site, 'POST', '/jsonapi/node/article', headers, document({ title: 'New' }, id)).status).toBe(409);
    expect(ask(site, 'PATCH', path, headers, document({ title: 'Newer' }, id)).json).toMatchObject({
      data: { attributes: { title: 'Newer' } },
    });
    expect(ask(site, 'PATCH', path, { ...as(site, 'main'), ...media }, document({ title: 'x' }, id)).status).toBe(403);
    expect(detail(ask(site, 'POST', '/jsonapi/node/article', headers, document({})))).toBe('title: This value should not be null.');
    expect(detail(ask(site, 'POST', '/jsonapi/node/article', headers, document({ title: 'x', nope: 1 })))).toMatch(/^The attribute nope/);
    expect([ask(site, 'DELETE', path, headers).status, ask(site, 'DELETE', path, headers).status]).toEqual([204, 404]);
  });

  it('shows a new node in a list that was kept before', () => {
    const site = siteOf('simple-oauth', (file) => ({ ...file, drupal: { ...file.drupal, jsonapi: 'write' } }));
    const count = (): number => list(ask(site, 'GET', '/jsonapi/node/article')).length;
    expect(count()).toBe(2);
    ask(site, 'POST', '/jsonapi/node/article', { ...as(site, 'admin'), ...media }, document({ title: 'New' }));
    expect(count()).toBe(3);
  });
});
