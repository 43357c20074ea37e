/**
 * `/oauth/userinfo`, `/oauth/jwks` and `/oauth/debug`.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import { isAnonymous, may } from '../drupal/account.ts';
import { HttpException } from '../drupal/exception.ts';
import { jsonReply, type Reply } from '../drupal/reply.ts';
import type { Access, Route, RouteContext } from '../product.ts';
import { hasBearer, providerId } from './bearer.ts';
import { simpleOauthOf } from './state.ts';

export function openidRoutes(site: Site): Route[] {
  const { edition } = simpleOauthOf(site);
  const jwks = { methods: ['GET'], controller: showKeys };
  const userOnly = { auth: [providerId], access: authenticatedRole };
  return [
    { name: 'simple_oauth.userinfo', path: '/oauth/userinfo', ...userOnly, controller: userinfo },
    { name: 'simple_oauth.jwks', path: '/oauth/jwks', ...jwks, ...(!edition.publicJwks && userOnly) },
    ...(edition.publicJwks ? [{ name: 'simple_oauth.jwks_well_known', path: '/.well-known/jwks.json', ...jwks }] : []),
    {
      name: 'oauth2_token.user_debug',
      path: '/oauth/debug',
      methods: ['GET'],
      formats: ['json'],
      auth: [providerId],
      keptFromPageCache: true,
      access: mayDebug,
      controller: debug,
    },
  ];
}

function authenticatedRole({ account }: RouteContext): Access {
  return isAnonymous(account) ? { reason: '' } : true;
}

function mayDebug({ account }: RouteContext): Access {
  return may(account, 'debug simple_oauth tokens') ? true : { reason: "The 'debug simple_oauth tokens' permission is required." };
}

/** Claims of the user, whatever the scopes of the token. */
function userinfo({ account, request, site }: RouteContext): Reply {
  const { edition, openid } = simpleOauthOf(site);
  if (!openid) throw new HttpException(404, 'Not Found');
  const { user } = account;
  if (user === undefined) throw new HttpException(403, '');
  return jsonReply(200, {
    sub: String(user.id),
    name: user.name,
    preferred_username: user.name,
    email: user.mail,
    email_verified: true,
    profile: request.url(`/user/${user.id}`),
    locale: user.langcode,
    zoneinfo: user.timezone,
    updated_at: edition.numericUpdatedAt ? user.changed : String(user.changed),
  });
}

function showKeys({ site }: RouteContext): Reply {
  const { key, openid } = simpleOauthOf(site);
  if (!openid) throw new HttpException(404, 'Not Found');
  const { kty, n, e } = key.jwk;
  return jsonReply(200, { keys: [{ kty, n, e }] });
}

/** What the token of the request stands for. */
function debug({ account, request }: RouteContext): Reply {
  if (!hasBearer(request)) throw new HttpException(403, '');
  const token = (request.header('authorization') ?? '').replace(/^\s*Bearer\s/, '').trim();
  return jsonReply(200, {
    token,
    id: account.user?.id ?? 0,
    roles: ['authenticated', ...(account.user?.roles ?? [])],
    permissions: Object.fromEntries([...account.permissions].map((permission) => [permission, { title: permission, access: true }])),
  });
}
