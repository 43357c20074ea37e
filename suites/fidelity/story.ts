/**
 * What was done to the recorded sites between the exchanges, with Drush or in the admin pages: users blocked, consumers deleted,
 * settings changed. Each entry happens once, just before the first exchange whose id it names.
 *
 * @module
 */
import { clearPages, invalidate } from '../../mock-server/products/drupal/page-cache.ts';
import { miniorangeState } from '../../mock-server/products/miniorange/state.ts';
import {
  createConsumer,
  deleteExpiredTokens,
  dropTokensOfConsumer,
  simpleOauthOf,
  type SimpleOauth,
} from '../../mock-server/products/simple-oauth/state.ts';
import { findUser, type Site, type User } from '../../mock-server/site.ts';

export interface World {
  readonly site: Site;
  /** Asks for the token of a label such as `jwt:to-revoke#1` now; returns its jti. */
  issue(label: string): string;
  /** Uses the token of a label. */
  use(label: string, path: string): void;
  /** Sends the request of the exchange that comes next. */
  rehearse(): void;
  /** Sends a request that the recording left out. */
  send(method: string, path: string, body: string): void;
}

export interface Event {
  readonly before: RegExp;
  /** Only on sites whose key this matches. */
  readonly on: RegExp;
  readonly happens: (world: World) => void;
}

const simple = /^so/;
const orange = /^mo/;

export const story: readonly Event[] = [
  { before: /^res\/as\/lab-escalate/, on: simple, happens: ({ use }) => use('jwt:lab-escalate#1', '/user/1?_format=json') },
  // Visited before without parameters; that answer was kept.
  { before: /^core\/jsonapi-unknown-param/, on: /^so522/, happens: ({ send }) => send('GET', '/jsonapi/node/article', '') },
  { before: /^core\/delete-404-again/, on: simple, happens: ({ rehearse }) => rehearse() },
  { before: /^core\/ja-delete-404/, on: simple, happens: ({ rehearse }) => rehearse() },
  {
    before: /^res\/state\/toblock-(after|unblocked|new)/,
    on: simple,
    happens: ({ site, issue }) => (issue('jwt:lab-toblock#1'), save(site, 'toblock', { active: false })),
  },
  {
    before: /^res\/state\/token-of-client-with-blocked-user-again/,
    on: simple,
    happens: ({ use }) => use('jwt:lab-blocked#1', '/user/2?_format=json'),
  },
  { before: /^res\/state\/toblock-(unblocked|new)/, on: simple, happens: ({ site }) => save(site, 'toblock', { active: true }) },
  {
    before: /^res\/state\/revoke-after/,
    on: simple,
    happens: ({ site, issue }) => void (tokenOf(site, issue('jwt:to-revoke#1')).revoked = true),
  },
  {
    before: /^res\/state\/token-entity-deleted/,
    on: simple,
    happens: ({ site, issue }) => void oauth(site).tokens.delete(issue('jwt:to-delete#1')),
  },
  {
    before: /^res\/state\/consumer-updated/,
    on: simple,
    happens: ({ site, issue }) => (issue('jwt:lab-delete#1'), dropTokensOfConsumer(oauth(site), 'lab-delete')),
  },
  {
    before: /^res\/state\/consumer-deleted/,
    on: simple,
    happens: ({ site, issue }) => (issue('jwt:lab-delete#2'), deleteConsumer(site, 'lab-delete')),
  },
  { before: /^res\/state\/user-resaved/, on: simple, happens: ({ site, issue }) => (issue('jwt:user-saved#1'), save(site, 'api_user')) },
  {
    before: /^res\/state\/user-password-changed/,
    on: simple,
    happens: ({ site, issue }) => (issue('jwt:user-pass#1'), save(site, 'api_user')),
  },
  {
    before: /^res\/state\/role-removed/,
    on: simple,
    happens: ({ site, issue }) => (issue('jwt:role#1'), save(site, 'api_user', { roles: [] })),
  },
  {
    before: /^(res\/state\/(?!toblock|token|revoke|consumer|user|role)|graphql|expiry)/,
    on: simple,
    happens: ({ site }) => save(site, 'api_user', { roles: ['api_user'], changed: at('2026-11-22T23:19:31Z') }),
  },
  // Version 5 has one lifetime for the site.
  { before: /^expiry\/run/, on: /^so522/, happens: ({ site }) => void (oauth(site).lifetimeSeconds = 5) },
  { before: /^(expiry\/expired|core)/, on: /^so522/, happens: ({ site }) => void (oauth(site).lifetimeSeconds = 300) },
  { before: /^expiry\/expired-after-cron/, on: simple, happens: ({ site }) => deleteExpiredTokens(oauth(site), site.clock.now()) },

  // Between the runs other recordings of the same site saved this user again.
  {
    before: /^(core|extra|supp)\//,
    on: /^so609-phps/,
    happens: ({ site }) => save(site, 'api_user', { changed: at('2026-11-22T23:27:08Z') }),
  },
  { before: /^core\/(post|patch|delete|ja)-/, on: /^so609-apache/, happens: ({ site }) => void (site.lastIds = { node: 7, revision: 8 }) },
  { before: /^core\/ja-/, on: simple, happens: ({ site }) => void (site.drupal.jsonapi = 'write') },
  { before: /^core\/(session|login|cookie|flood|options|head)/, on: simple, happens: ({ site }) => void (site.drupal.jsonapi = 'read') },
  { before: /^core\/login\/flood-user-[67]/, on: simple, happens: ({ send }) => failLogins(send, 'floody', 1) },
  { before: /^core\/login\/flood-ip-after/, on: simple, happens: ({ send }) => failLogins(send, 'nobody', 50) },
  { before: /^(core\/(flood-ip|password)|extra)/, on: simple, happens: ({ site }) => site.flood.clear() },

  { before: /^supp\//, on: simple, happens: ({ site }) => addConsumer(site, 'lab-delete', 'api_user') },
  {
    before: /^supp\/graphql-seed-query-api_user/,
    on: simple,
    happens: ({ site }) => void site.roles.get('api_user')?.permissions.add('bypass graphql field security'),
  },
  {
    before: /^supp\/consumer-user-removed/,
    on: simple,
    happens: ({ site, issue }) => {
      issue('jwt:lab-delete#1');
      const consumer = oauth(site).consumers.get('lab-delete');
      if (consumer !== undefined) consumer.userId = undefined;
    },
  },
  { before: /^supp\/openid-disabled/, on: simple, happens: ({ site }) => (clearPages(site), void (oauth(site).openid = false)) },
  {
    before: /^supp\/private-key-missing/,
    on: simple,
    happens: ({ site }) => ((oauth(site).openid = true), void (oauth(site).privateKey = 'missing')),
  },
  {
    before: /^supp\/maintenance/,
    on: simple,
    happens: ({ site, issue }) => {
      Object.assign(oauth(site), { openid: true, privateKey: 'present' });
      issue('jwt:a#1');
      clearPages(site);
      site.drupal.maintenance = true;
    },
  },
  {
    before: /^supp\/final/,
    on: simple,
    happens: ({ site }) => (Object.assign(oauth(site), { openid: true, privateKey: 'present' }), void (site.drupal.maintenance = false)),
  },

  { before: /^default-app\//, on: orange, happens: ({ site }) => makeDefault(site, 'ba51c0a1') },
  {
    before: /^no-api-token\//,
    on: orange,
    happens: ({ site }) => change(site, { defaultApplication: undefined, apiKey: undefined, method: 'api-key' }),
  },
  { before: /^juggle\//, on: orange, happens: ({ site }) => change(site, { apiKey: '0e1234', method: 'api-key' }) },
  { before: /^method2\//, on: orange, happens: ({ site }) => change(site, { apiKey: siteKey, method: 'oauth' }) },
  { before: /^method-unset\//, on: orange, happens: ({ site }) => change(site, { apiKey: siteKey, method: undefined }) },
  {
    before: /^disabled\//,
    on: orange,
    happens: ({ site }) => change(site, { enabled: false, method: 'basic', apiKey: siteKey, defaultApplication: undefined }),
  },
  {
    before: /^(access_token|revoke|login)\//,
    on: orange,
    happens: ({ site }) => change(site, { enabled: true, method: 'basic', apiKey: siteKey }),
  },
  { before: /^key-auth\//, on: /^mo(2018|113)/, happens: ({ site }) => change(site, { method: 'api-key' }) },
];

const siteKey = `${'K3y'.repeat(21)}K`;

function oauth(site: Site): SimpleOauth {
  return simpleOauthOf(site);
}

/** Saves a user as an administrator would. */
function save(site: Site, name: string, changes: Partial<User> = {}): void {
  const user = findUser(site, name);
  if (user === undefined) throw new Error(`no user ${name}`);
  Object.assign(user, { changed: Math.floor(site.clock.now() / 1000) }, changes);
  for (const hook of site.runtime.hooks) hook.onUserSaved?.(user, site);
  invalidate(site, [`user:${user.id}`, 'user_list']);
}

function at(instant: string): number {
  return Date.parse(instant) / 1000;
}

function tokenOf(site: Site, jti: string): { revoked: boolean } {
  const token = oauth(site).tokens.get(jti);
  if (token === undefined) throw new Error(`no token ${jti}`);
  return token;
}

function deleteConsumer(site: Site, id: string): void {
  oauth(site).consumers.delete(id);
}

function addConsumer(site: Site, id: string, scope: string): void {
  const consumer = createConsumer({ id, secret: `${id}-secret`, user: 2, scopes: [scope] }, site);
  oauth(site).consumers.set(id, consumer);
}

function failLogins(send: World['send'], name: string, times: number): void {
  for (let i = 0; i < times; i++) send('POST', '/user/login?_format=json', JSON.stringify({ name, pass: 'wrong' }));
}

function change(site: Site, changes: object): void {
  const state = miniorangeState(site);
  if (state !== undefined) Object.assign(state, changes);
}

/** The id and the mark both count. */
function makeDefault(site: Site, id: string): void {
  const application = miniorangeState(site)?.applications.get(id);
  if (application === undefined) throw new Error(`no application ${id}`);
  application.isDefault = true;
  change(site, { defaultApplication: id });
}
