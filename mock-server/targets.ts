/**
 * The target file of a site of ours, with every optional role that the site has, so that no case is skipped for want of a key.
 *
 * @module
 */
import type { TargetFile } from '../src/model/target.ts';
import { issueToken, miniorangeState, type Application, type MiniorangeState } from './products/miniorange/state.ts';
import { findUser, type Site, type User } from './site.ts';

export function targetOf(site: Site, profile: string, url: string): TargetFile {
  const miniorange = miniorangeState(site);
  return {
    name: `mock ${profile}`,
    profile,
    baseUrl: url,
    drupal: site.drupal.version,
    users: usersOf(site),
    content: contentOf(site),
    expiry: { lifetimeSeconds: 3600, method: 'clock', control: `${url}/__control` },
    ...(miniorange === undefined ? {} : miniorangeTarget(site, miniorange)),
  };
}

const userRoles = {
  main: 'api_user',
  other: 'bob',
  unpermitted: 'alice',
  blocked: 'blocked_user',
  admin: 'api_admin',
  unicode: 'ünï user',
} as const;

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

function miniorangeTarget(site: Site, state: MiniorangeState): Partial<TargetFile> {
  const roles = ['main', 'other', 'short', 'oauthServer'];
  const oauth = [...state.applications.values()].filter(({ method }) => method === 'oauth');
  const clients: NonNullable<TargetFile['clients']> = {};
  oauth.forEach((application, index) => {
    const role = roles[index];
    if (role !== undefined) clients[role] = clientEntry(application);
  });
  const main = oauth[0];
  const user = findUser(site, userRoles.main);
  return {
    version: state.config.version,
    clients,
    ...(main === undefined || user === undefined ? {} : { tokens: tokensOf(state, user, main, site) }),
  };
}

function clientEntry({ id, clientId, clientSecret, tokenLifetimeSeconds }: Application): NonNullable<TargetFile['clients']>[string] {
  return {
    applicationId: id,
    lifetimeSeconds: tokenLifetimeSeconds,
    ...(clientId === undefined ? {} : { id: clientId }),
    ...(clientSecret === undefined ? {} : { secret: clientSecret }),
  };
}

function tokensOf(state: MiniorangeState, user: User, main: Application, site: Site): { expired: string; revoked: string } {
  const expired = issueToken(state, user.id, main, site);
  expired.expiresAt = site.clock.now();
  const revoked = issueToken(state, user.id, main, site);
  revoked.revoked = true;
  return { expired: expired.value, revoked: revoked.value };
}
