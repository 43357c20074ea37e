/**
 * The paid JWT method as far as its document goes (facts A9): a token for user and password by Basic, then that token as Bearer.
 * Field names of the success, statuses, claims and the order of checks are not published.
 *
 * @module
 */
import { phpBase64 } from '../../bytes.ts';
import { findUser, type Site } from '../../site.ts';
import type { Authentication, Route, RouteContext } from '../product.ts';
import { accountOf } from '../drupal/account.ts';
import { jsonReply, type Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import { JwtFault, parseJwt, signJwt, type Jwt } from '../simple-oauth/jwt.ts';
import { signingKey } from '../simple-oauth/key.ts';
import { authorizationOf, isBasicScheme } from './authorization.ts';
import { paidJwt, type JwtKey } from './refusals.ts';
import { refuse } from './refuse.ts';
import { providerId, type Application, type MiniorangeState } from './state.ts';

/** POST /rest_api/id_token, without a body. */
export function idTokenRoute(state: MiniorangeState): Route {
  return {
    name: 'rest_api_authentication.id_token',
    path: '/rest_api/id_token',
    methods: ['POST'],
    controller: (context) => issueIdToken(context, state),
  };
}

function issueIdToken({ request, site }: RouteContext, state: MiniorangeState): Reply {
  const application = applicationOf(request, state);
  const header = authorizationOf(request, state);
  if (header === undefined || header === '') return refuse(paidJwt.missingAuthorization, state);
  const pair = isBasicScheme(header) ? (phpBase64(header.split(' ')[1] ?? '') ?? '') : '';
  const colon = pair.indexOf(':');
  const user = colon < 0 ? undefined : findUser(site, pair.slice(0, colon));
  const password = pair.slice(colon + 1);
  if (application === undefined || user === undefined || password === '' || user.password !== password) {
    return refuse(paidJwt.invalidCredentials, state);
  }
  if (!user.active) return refuse(paidJwt.userBlocked, state, user.name);
  const issuedAt = Math.floor(site.clock.now() / 1000);
  const claims = { iat: issuedAt, nbf: issuedAt, exp: issuedAt + application.tokenLifetimeSeconds, sub: String(user.id), name: user.name };
  const token = signJwt({ typ: 'JWT', alg: 'RS256' }, claims, signingKey());
  const body = { id_token: token, expires_in: application.tokenLifetimeSeconds, token_type: 'Bearer' };
  return { ...jsonReply(200, body, [['Pragma', 'no-cache']]), cacheControl: 'no-store, private' };
}

/** The document names no application header here; without one the first JWT application counts. */
function applicationOf(request: Request, { applications }: MiniorangeState): Application | undefined {
  const wanted = request.header('auth-method')?.trim();
  return [...applications.values()].find(({ id, method }) => method === 'jwt' && (wanted === undefined || id === wanted));
}

/** A gated request of an application with the JWT method. */
export function authenticateJwt(request: Request, state: MiniorangeState, site: Site): Authentication {
  const exit = (key: JwtKey, name?: string): Authentication => ({ exit: refuse(paidJwt[key], state, name) });
  const header = request.header('authorization')?.trim() ?? '';
  if (header === '') return exit('missingAuthorization');
  const [, scheme = '', value = ''] = /^(\S*)\s*(.*)$/s.exec(header) ?? [];
  if (scheme.toLowerCase() !== 'bearer') return exit('wrongScheme');
  const jwt = readJwt(value);
  if (jwt === undefined || jwt.header['alg'] !== 'RS256' || !signingKey().verify(jwt.signed, jwt.signature))
    return exit('invalidSignature');
  const now = site.clock.now() / 1000;
  if (!(now < Number(jwt.claims['exp']))) return exit('expiredToken');
  const user = site.users.get(Number(jwt.claims['sub']));
  if (user === undefined) return exit('unknownUser');
  if (!user.active) return exit('userBlocked', user.name);
  return { account: accountOf(user, providerId, site) };
}

function readJwt(text: string): Jwt | undefined {
  try {
    return parseJwt(text, true);
  } catch (error) {
    if (error instanceof JwtFault) return undefined;
    throw error;
  }
}
