/**
 * The target file of a site of ours, with every optional role that the site has, so that no case is skipped for want of a key.
 *
 * @module
 */
import type { TargetFile } from '../src/model/target.ts';
import { findUser, type Site, type User } from './site.ts';

export function targetOf(site: Site, profile: string, url: string): TargetFile {
  const target: TargetFile = {
    name: `mock ${profile}`,
    profile,
    baseUrl: url,
    drupal: site.drupal.version,
    users: usersOf(site),
    content: contentOf(site),
  };
  for (const hook of site.runtime.hooks) Object.assign(target, hook.target?.(site, profile));
  return { ...target, expiry: { lifetimeSeconds: 3600, ...target.expiry, method: 'clock', control: `${url}/__control` } };
}

const userRoles = {
  main: 'api_user',
  other: 'bob',
  unpermitted: 'alice',
  blocked: 'blocked_user',
  admin: 'api_admin',
  unicode: 'ünï user',
} as const;

/** The user that tokens of the default clients act for. */
export function mainUser(site: Site): User | undefined {
  return findUser(site, userRoles.main);
}

function usersOf(site: Site): NonNullable<TargetFile['users']> {
  const entries = Object.entries(userRoles).flatMap(([role, name]) => {
    const user = findUser(site, name);
    return user === undefined ? [] : [[role, userEntry(user)] as const];
  });
  return Object.fromEntries(entries);
}

function userEntry({ name, password, id, mail }: User): { name: string; password: string; id: number; mail: string } {
  return { name, password, id, mail };
}

function contentOf(site: Site): NonNullable<TargetFile['content']> {
  const content: NonNullable<TargetFile['content']> = {};
  for (const { id, uuid, title, type, published } of site.nodes.values()) {
    if (type !== 'article') continue;
    const role = published ? 'article' : 'hiddenArticle';
    content[role] ??= { id, uuid, title, type, path: `/node/${id}` };
  }
  return content;
}
