import { describe, expect, it } from 'vitest';
import { SpecError } from '../src/support/error.ts';
import { parseSiteFile, readSiteFile } from './adapters/site-file.ts';
import { defaultSite } from './default-site.ts';
import { checkSite } from './site-check.ts';

const messages = (value: unknown): string[] => checkSite(value).map(({ message }) => message);

describe('checkSite', () => {
  it.each(['miniorange/oauth', 'miniorange/basic', 'miniorange/jwt', 'simple-oauth', 'rest'])(
    'finds nothing wrong with the default site of %s',
    (profile) => {
      expect(messages(defaultSite(profile))).toEqual([]);
    },
  );

  it.each([
    ['a misspelt key', { usres: [] }, 'Unknown key "usres". Did you mean "users"?'],
    ['a wrong type', { seed: 'one' }, 'seed must be a whole number, found the text "one".'],
    [
      'a wrong word',
      { server: { kind: 'apache' } },
      'server.kind must be php-s, apache-modphp, apache-fpm or nginx, found the text "apache".',
    ],
    ['a missing key', { users: [{ name: 'a' }] }, 'users.0 lacks "id".'],
    [
      'an unknown role',
      { roles: { api_user: {} }, users: [{ id: 2, name: 'a', roles: ['api_usr'] }] },
      'No role "api_usr". Did you mean "api_user"?',
    ],
    [
      'a repeated name',
      {
        users: [
          { id: 2, name: 'a' },
          { id: 3, name: 'A' },
        ],
      },
      'users.0 has the name "A" already.',
    ],
    ['an unknown owner', { nodes: [{ id: 1, type: 'page', title: 't', owner: 9 }] }, 'No user with the id 9.'],
    ['no instant', { clock: 'noon' }, 'clock must be an instant such as 2026-11-22T22:49:18Z, found the text "noon".'],
  ])('names %s', (_, value, expected) => {
    expect(messages(value)[0]).toContain(expected);
  });

  it('says everything at once', () => {
    expect(messages({ seed: 'one', users: [{}], x: 1 })).toHaveLength(4);
  });
});

describe('site files', () => {
  it('points at the line and the column of a problem', async () => {
    const error = await parseSiteFile('name: x\nserver:\n  kind: apache\n', 'site.yaml').catch((found: unknown) => found);
    expect(error).toBeInstanceOf(SpecError);
    expect((error as SpecError).message).toMatch(/^site\.yaml:3:9: server\.kind must be/);
    expect((error as SpecError).message).toContain('3 |   kind: apache');
  });

  it('reports YAML that cannot be read where it breaks', async () => {
    await expect(parseSiteFile('name: "x\n', 'site.yaml')).rejects.toThrow(/^site\.yaml:\d+:\d+: /);
  });

  it('takes an empty file for a site without anything', async () => {
    expect(await parseSiteFile('', 'site.yaml')).toEqual({});
  });

  it('says that a file does not exist', async () => {
    await expect(readSiteFile('no/such/site.yaml')).rejects.toThrow(
      'The site file no/such/site.yaml cannot be read: there is no such file.',
    );
  });
});
