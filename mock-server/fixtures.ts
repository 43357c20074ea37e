/**
 * Fixtures of the control API: who and what is on the site, and things that a test needs ready-made (an expired token, a blocked
 * user).
 *
 * @module
 */
import type { TokenWish } from './products/product.ts';
import { invalidate } from './products/drupal/page-cache.ts';
import { findUser, type Site } from './site.ts';

export function readFixtures(site: Site): unknown {
  return {
    name: site.name,
    url: site.url,
    users: [...site.users.values()],
    roles: [...site.roles.values()].map(({ permissions, ...role }) => ({ ...role, permissions: [...permissions] })),
    nodes: [...site.nodes.values()],
    products: [...site.products.keys()],
    ...Object.assign({}, ...site.runtime.hooks.map((hook) => hook.fixtures?.(site))),
  };
}

/** Makes or changes one thing and returns it; a text says what is wrong with the request. */
export function writeFixture(site: Site, body: unknown): object | string {
  const given = isObject(body) ? body : {};
  if (isObject(given['token'])) return makeToken(site, given['token']);
  if (isObject(given['user'])) return changeUser(site, given['user']);
  return 'The body must be {"token": {user, client, state}} or {"user": {name, active, roles, password}}.';
}

const tokenStates: readonly string[] = ['valid', 'expired', 'revoked'] satisfies TokenWish['state'][];

function makeToken(site: Site, given: Record<string, unknown>): object | string {
  const unknown = unknownKey(given, ['user', 'client', 'state']);
  if (unknown !== undefined) return unknown;
  const { user: name, client, state = 'valid' } = given;
  const user = typeof name === 'string' ? findUser(site, name) : undefined;
  if (user === undefined) return `token.user must be the name of a user, found ${JSON.stringify(name)}.`;
  if (client !== undefined && typeof client !== 'string') return `token.client must be a client id, found ${JSON.stringify(client)}.`;
  if (typeof state !== 'string' || !tokenStates.includes(state)) {
    return `token.state must be ${tokenStates.join(', ')}, found ${JSON.stringify(state)}.`;
  }
  const wish: TokenWish = { user, client, state: state as TokenWish['state'] };
  for (const hook of site.runtime.hooks) {
    const made = hook.makeToken?.(wish, site);
    if (made !== undefined) return made;
  }
  return 'This site has no product that issues tokens.';
}

function changeUser(site: Site, given: Record<string, unknown>): object | string {
  const unknown = unknownKey(given, ['name', 'active', 'roles', 'password']);
  if (unknown !== undefined) return unknown;
  const { name, active, roles, password } = given;
  const user = typeof name === 'string' ? findUser(site, name) : undefined;
  if (user === undefined) return `user.name must be the name of a user, found ${JSON.stringify(name)}.`;
  if (typeof active === 'boolean') user.active = active;
  if (typeof password === 'string') user.password = password;
  if (Array.isArray(roles)) user.roles = roles.map(String);
  for (const hook of site.runtime.hooks) hook.onUserSaved?.(user, site);
  invalidate(site, [`user:${user.id}`, 'user_list']);
  return user;
}

function unknownKey(given: Record<string, unknown>, known: readonly string[]): string | undefined {
  const key = Object.keys(given).find((candidate) => !known.includes(candidate));
  return key === undefined ? undefined : `Unknown key "${key}". Known: ${known.join(', ')}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
