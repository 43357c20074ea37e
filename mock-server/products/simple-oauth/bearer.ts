/**
 * The authentication provider: what counts as a Bearer token, and why one is refused.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { escapeHtml } from '../../php/text.ts';
import type { Site, User } from '../../site.ts';
import { cacheContextOf, permissionsOf, type Account } from '../drupal/account.ts';
import { FatalError, HttpException, UnexpectedError } from '../drupal/exception.ts';
import type { Request } from '../drupal/request.ts';
import type { AuthenticationProvider } from '../product.ts';
import { isValid, JwtFault, parseJwt, type Jwt } from './jwt.ts';
import { actsAs, simpleOauthOf, type SimpleOauth, type Token } from './state.ts';

export const providerId = 'oauth2';

export const bearerProvider: AuthenticationProvider = {
  id: providerId,
  priority: 35,
  global: true,
  applies: hasBearer,
  authenticate: (request, site) => ({ account: authenticate(request, site) }),
};

/** Case-sensitive, anywhere in the value, against RFC 9110 11.1. */
export function hasBearer(request: Request): boolean {
  const value = request.header('authorization')?.trim() ?? '';
  return value.includes('Bearer ') || value === 'Bearer';
}

function authenticate(request: Request, site: Site): Account {
  const state = simpleOauthOf(site);
  const value = request.header('authorization') ?? '';
  const refuse = (reason: string): never => {
    throw refusal(reason, value, state);
  };
  checkPublicKey(state, value);
  const jti = checkedId(value, state, site, refuse);
  const token = state.tokens.get(jti);
  if (token === undefined || token.revoked) return refuse('Access token has been revoked');
  const consumer = state.consumers.get(token.clientId.toLowerCase());
  if (consumer === undefined) {
    throw state.edition.deletedConsumerIsFatal
      ? new FatalError('the token has no consumer')
      : new UnexpectedError('the token has no consumer');
  }
  const user = userOf(state, token, site);
  if (!user.active) {
    token.revoked = true;
    return refuse(`<em class="placeholder">${escapeHtml(user.name)}</em> is blocked or has not been activated yet.`);
  }
  const cacheContext = cacheContextOf(user, rolesSeenByCaches(state, token, user), site);
  return { ...rights(state, token, user, site), user, provider: providerId, consumer: consumer.id, cacheContext };
}

/** The `jti` of a token that this site signed and that has not expired. */
function checkedId(value: string, state: SimpleOauth, site: Site, refuse: (reason: string) => never): string {
  const text = value
    .trim()
    .replace(/^Bearer\s/, '')
    .trim();
  if (text === '') refuse('Missing "Bearer" token');
  let jwt: Jwt | undefined;
  try {
    jwt = parseJwt(text, state.edition.namesMissingParts);
  } catch (error) {
    if (!(error instanceof JwtFault)) throw error;
    return refuse(error.message);
  }
  if (!isValid(jwt, state.key, site.clock.now()) || state.publicKey === 'other') return refuse('Access token could not be verified');
  const jti = jwt.claims['jti'];
  if (typeof jti !== 'string') throw new UnexpectedError('the token has no jti');
  return jti;
}

function userOf(state: SimpleOauth, token: Token, site: Site): User {
  const id = actsAs(state, token);
  const user = id === undefined ? undefined : site.users.get(id);
  if (user === undefined) throw new UnexpectedError('the token has no user');
  return user;
}

/** Version 6: the scopes alone decide, for user 1 too. Version 5: the scopes are roles, and user 1 may everything. */
function rights(state: SimpleOauth, token: Token, user: User, site: Site): Pick<Account, 'all' | 'permissions'> {
  if (!state.edition.hasScopeEntities) {
    const { all, permissions } = permissionsOf(token.scopes, site);
    return { all: all || (state.edition.userOneMayAll && user.id === 1), permissions };
  }
  const scopes = token.scopes.map((name) => state.scopes.get(name.toLowerCase()));
  const roles = scopes.flatMap((scope) => (scope?.role === undefined ? [] : [scope.role]));
  const single = scopes.flatMap((scope) => (scope?.permission === undefined ? [] : [scope.permission]));
  const { all, permissions } = permissionsOf(roles.length === 0 ? [] : ['authenticated', ...roles], site);
  return { all, permissions: single.length === 0 ? permissions : new Set([...permissions, ...single]) };
}

/** The roles of the user that the token's scopes carry too. */
function rolesSeenByCaches(state: SimpleOauth, token: Token, user: User): string[] {
  const roles = token.scopes.map((name) => (state.edition.hasScopeEntities ? state.scopes.get(name.toLowerCase())?.role : name));
  return user.roles.filter((role) => roles.includes(role));
}

function refusal(reason: string, authorization: string, state: SimpleOauth, error = 'access_denied'): HttpException {
  if (!state.edition.challenges) return new HttpException(401, reason);
  const scheme = authorization.trimStart().startsWith('Bearer') ? 'Bearer' : 'Basic';
  const challenge: HeaderLine = ['WWW-Authenticate', `${scheme} realm="OAuth", error="${error}", error_description="${reason}"`];
  return new HttpException(401, 'The resource owner or authorization server denied the request.', [challenge]);
}

function checkPublicKey({ publicKey, edition }: SimpleOauth, authorization: string): void {
  if (publicKey === 'present' || publicKey === 'other') return;
  if (publicKey === 'missing' && edition.challenges) {
    const scheme = authorization.startsWith('Bearer') ? 'Bearer' : 'Basic';
    throw new HttpException(
      401,
      'The authorization server encountered an unexpected condition which prevented it from fulfilling the request: You need to set the OAuth2 public key.',
      [['WWW-Authenticate', `${scheme} realm="OAuth", error="server_error", error_description=""`]],
    );
  }
  throw new UnexpectedError(`public key ${publicKey}`);
}
