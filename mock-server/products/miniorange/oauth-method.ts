/**
 * The paid OAuth method: the token endpoint, and the bearer token on a gated request. The order of checks is not published; it
 * follows the free methods: application header, authorization header, scheme, token.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { findUser, type Site, type User } from '../../site.ts';
import { textParam } from '../../php/params.ts';
import type { Authentication, Route, RouteContext } from '../product.ts';
import { accountOf } from '../drupal/account.ts';
import { jsonReply, type Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import { paidOauth, type OauthKey } from './refusals.ts';
import { refuse } from './refuse.ts';
import { issueToken, providerId, type Application, type MiniorangeState, type Token } from './state.ts';

/** POST /rest_api/access_token (S1, "Obtain Token from REST API module"). */
export function tokenRoute(state: MiniorangeState): Route {
  return {
    name: 'rest_api_authentication.access_token',
    path: '/rest_api/access_token',
    methods: ['POST'],
    controller: (context) => {
      const outcome = decideGrant(context, state);
      return 'token' in outcome ? tokenReply(outcome.token, outcome.application) : refuseToken(outcome, state);
    },
  };
}

interface Granted {
  readonly token: Token;
  readonly application: Application;
}
interface Denied {
  readonly refusal: OauthKey;
  readonly name?: string;
}

/** Only the form body is read: no query, no JSON (unpublished). */
function decideGrant({ request, site }: RouteContext, state: MiniorangeState): Granted | Denied {
  const form = request.form;
  const grant = textParam(form, 'grant_type');
  if (grant !== 'password' && grant !== 'client_credentials') return { refusal: 'invalidGrant' };
  const isPassword = grant === 'password';
  const names = isPassword ? ['username'] : (state.config.usernameParameters ?? ['username']);
  const username = names.map((name) => textParam(form, name)).find((value) => value !== undefined && value !== '');
  if (username === undefined) return { refusal: 'missingUsername' };

  const application = state.applicationsByClient.get(textParam(form, 'client_id') ?? '');
  if (application === undefined || application.method !== 'oauth') return { refusal: 'invalidClient' };
  if (!isPassword && !secretMatches(textParam(form, 'client_secret'), application, site)) return { refusal: 'invalidClientSecret' };

  const user = findUser(site, username);
  if (user === undefined) return { refusal: 'invalidCredentials' };
  if (isPassword && !passwordMatches(textParam(form, 'password'), user, site)) return { refusal: 'invalidCredentials' };
  if (!user.active && !site.policy.has('miniorange.ignoreBlocked')) return { refusal: 'userBlocked', name: user.name };
  return { token: issueToken(state, user.id, application, site), application };
}

function secretMatches(given: string | undefined, application: Application, site: Site): boolean {
  if (site.policy.has('miniorange.ignoreClientSecret')) return true;
  return given !== undefined && given !== '' && given === application.clientSecret;
}

function passwordMatches(given: string | undefined, user: User, site: Site): boolean {
  if (site.policy.has('miniorange.ignorePassword')) return true;
  return given !== undefined && given !== '' && given === user.password;
}

const jsonRefusal: HeaderLine = ['Content-type', 'application/json'];
const tokenHeaders: readonly HeaderLine[] = [['Pragma', 'no-cache']];

/** Field names by a working client (facts A7-6); seconds. Cache headers are not published and follow RFC 6749 5.1. */
function tokenReply(token: Token, application: Application): Reply {
  const body = { access_token: token.value, expires_in: application.tokenLifetimeSeconds, token_type: 'Bearer' };
  return { ...jsonReply(200, body, [...tokenHeaders]), cacheControl: 'no-store, private' };
}

/** Content type of a refusal of the token endpoint is not published; RFC 6749 5.2 asks for JSON. */
function refuseToken({ refusal, name }: Denied, state: MiniorangeState): Reply {
  return { ...refuse(paidOauth[refusal], state, name), headers: [jsonRefusal] };
}

/** A gated request of an application with the OAuth method. */
export function authenticateBearer(request: Request, application: Application, state: MiniorangeState, site: Site): Authentication {
  const exit = (key: OauthKey, name?: string): Authentication => ({ exit: refuse(paidOauth[key], state, name) });
  const header = request.header('authorization')?.trim();
  if (header === undefined || header === '') return exit('missingAuthorization');
  const blank = header.indexOf(' ');
  const scheme = blank < 0 ? header : header.slice(0, blank);
  if (scheme.toLowerCase() !== 'bearer') return exit('wrongScheme');
  const token = state.tokens.get(blank < 0 ? '' : header.slice(blank + 1).trim());
  if (token === undefined || token.revoked || !belongsTo(token, application, site)) return exit('invalidToken');
  if (site.clock.now() >= token.expiresAt && !site.policy.has('miniorange.ignoreExpiry')) {
    return exit(state.config.expiredToken === 'INVALID_ACCESS_TOKEN' ? 'invalidToken' : 'expiredToken');
  }
  const user = site.users.get(token.userId);
  if (user === undefined) return exit('invalidToken');
  if (!user.active && !site.policy.has('miniorange.ignoreBlocked')) return exit('userBlocked', user.name);
  return { account: accountOf(user, providerId, site) };
}

/** Where tokens of the OAuth Server module are chosen (S1, "Use Access Token Generated By"), the application's own still count. */
function belongsTo(token: Token, application: Application, site: Site): boolean {
  if (site.policy.has('miniorange.anyApplication')) return true;
  return token.applicationId === undefined ? application.tokensFrom === 'oauth-server' : token.applicationId === application.id;
}
