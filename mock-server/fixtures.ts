/**
 * Fixtures of the control API: who and what is on the site, and things that a test needs ready-made (an expired token, a blocked
 * user).
 *
 * @module
 */
import { issueToken, miniorangeState } from './products/miniorange/state.ts';
import { findUser, type Site } from './site.ts';

export function readFixtures(site: Site): unknown {
  const miniorange = miniorangeState(site);
  return {
    name: site.name,
    url: site.url,
    users: [...site.users.values()].map(({ id, uuid, name, mail, password, roles, active }) => ({
      id,
      uuid,
      name,
      mail,
      password,
      roles,
      active,
    })),
    nodes: [...site.nodes.values()].map(({ id, uuid, type, title, owner, published }) => ({ id, uuid, type, title, owner, published })),
    products: [...site.products.keys()],
    ...(miniorange === undefined
      ? {}
      : { applications: [...miniorange.applications.values()], tokens: [...miniorange.tokens.values()].slice(-100) }),
  };
}

/** Makes one thing and returns it; a text says what is wrong with the request. */
export function writeFixture(site: Site, body: unknown): object | string {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  if (isObject(given['token'])) return makeToken(site, given['token']);
  if (isObject(given['user'])) return changeUser(site, given['user']);
  return 'The body must be {"token": {user, application, state}} or {"user": {name, active, roles, password}}.';
}

function makeToken(site: Site, { user: name, application: id, state = 'valid' }: Record<string, unknown>): object | string {
  const miniorange = miniorangeState(site);
  if (miniorange === undefined) return 'This site has no product whose tokens can be made here.';
  const user = typeof name === 'string' ? findUser(site, name) : undefined;
  if (user === undefined) return `token.user must be the name of a user, found ${JSON.stringify(name)}.`;
  const application =
    id === undefined
      ? [...miniorange.applications.values()].find(({ method }) => method === 'oauth')
      : miniorange.applications.get(String(id));
  if (application === undefined) return `token.application must be an application id, found ${JSON.stringify(id)}.`;
  if (state !== 'valid' && state !== 'expired' && state !== 'revoked') {
    return `token.state must be valid, expired or revoked, found ${JSON.stringify(state)}.`;
  }
  const token = issueToken(miniorange, user.id, application, site);
  if (state === 'expired') token.expiresAt = site.clock.now();
  if (state === 'revoked') token.revoked = true;
  return { token: token.value, expiresAt: new Date(token.expiresAt).toISOString() };
}

function changeUser(site: Site, { name, active, roles, password }: Record<string, unknown>): object | string {
  const user = typeof name === 'string' ? findUser(site, name) : undefined;
  if (user === undefined) return `user.name must be the name of a user, found ${JSON.stringify(name)}.`;
  if (typeof active === 'boolean') user.active = active;
  if (typeof password === 'string') user.password = password;
  if (Array.isArray(roles)) user.roles = roles.map(String);
  for (const hook of site.runtime.hooks) hook.onUserSaved?.(user, site);
  return { id: user.id, name: user.name, active: user.active, roles: user.roles };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
