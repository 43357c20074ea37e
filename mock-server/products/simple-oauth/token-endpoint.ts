/**
 * `POST /oauth/token`: the checks in the order of the module and of the library beneath it.
 *
 * @module
 */
import { type PhpArray, type PhpValue } from '../../php/params.ts';
import { phpBase64 } from '../../bytes.ts';
import { phpJson } from '../../php/json.ts';
import { isPassword } from '../../php/password.ts';
import { isEmpty } from '../../php/text.ts';
import { findUser, type Site, type User } from '../../site.ts';
import type { Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import { FatalError, UnexpectedError } from '../drupal/exception.ts';
import { signJwt } from './jwt.ts';
import {
  errorReply,
  invalidClient,
  invalidCredentials,
  invalidGrant,
  invalidRefreshToken,
  invalidRequest,
  invalidScope,
  OAuthError,
  serverError,
  unsupportedGrantType,
} from './oauth-error.ts';
import { addToken, consumerOf, simpleOauthOf, type Consumer, type SimpleOauth, type Token } from './state.ts';

/** What the library works with: one request for a token. */
interface Grant {
  readonly request: Request;
  readonly site: Site;
  readonly state: SimpleOauth;
  /** Parameters of the body. */
  readonly body: PhpArray;
  /** From the Authorization header; the body wins. */
  readonly basic: readonly [id: string, secret: string] | undefined;
}

export function tokenEndpoint(request: Request, site: Site): Reply {
  const state = simpleOauthOf(site);
  try {
    return state.edition.major === 5 ? askVersion5(request, site, state) : askVersion6(request, site, state);
  } catch (error) {
    if (error instanceof OAuthError) return errorReply(error, request, state.edition);
    throw error;
  }
}

function askVersion6(request: Request, site: Site, state: SimpleOauth): Reply {
  const basic = basicCredentials(request);
  const form = withBasic(request.form, basic);
  const asked = (name: string): PhpValue | undefined => request.query[name] ?? form[name];
  const clientId = asked('client_id');
  if (clientId === undefined || isEmptyValue(clientId)) throw invalidRequest('client_id');
  const consumer = findConsumer(state, clientId);
  if (consumer === undefined) throw invalidClient();
  const isClientCredentials = asked('grant_type') === 'client_credentials';
  if (isClientCredentials && consumer.scopes.length === 0 && isEmptyValue(asked('scope') ?? '')) throw invalidRequest('scope');

  checkPrivateKey(state, 'You need to set the OAuth2 private key.');
  const grant: Grant = { request, site, state, body: jsonBody(request) ?? form, basic };
  const type = grant.body['grant_type'];
  if (typeof type !== 'string' || !consumer.grants.includes(type)) throw unsupportedGrantType();
  if (type === 'client_credentials') return clientCredentials(grant);
  if (type === 'refresh_token') return refresh(grant);
  if (type === 'authorization_code') return authorizationCode(grant);
  throw unsupportedGrantType();
}

function askVersion5(request: Request, site: Site, state: SimpleOauth): Reply {
  const basic = basicCredentials(request);
  const body = withBasic(request.form, basic);
  const type = body['grant_type'] ?? '';
  if (typeof type !== 'string') throw new FatalError('grant_type is an array');
  const known = ['client_credentials', 'password', 'refresh_token', 'authorization_code'];
  if (!known.includes(type)) throw invalidGrant('Check the configuration to see if the grant is enabled.');
  checkPrivateKey(state, 'You need to set the OAuth2 secret and private keys.');
  const grant: Grant = { request, site, state, body, basic };
  if (type === 'client_credentials') return clientCredentials(grant);
  if (type === 'password') return password(grant);
  if (type === 'refresh_token') return refresh(grant);
  return authorizationCode(grant);
}

function clientCredentials(grant: Grant): Reply {
  const { site, state } = grant;
  const consumer = authenticateClient(grant, true);
  const user = defaultUser(consumer, site);
  if (user === undefined) throw serverError('Invalid default user for client.');
  const scopes = finalizeScopes(requestedScopes(grant), consumer, user, 'client_credentials', grant);
  const { edition } = state;
  const issued = issue(grant, consumer, edition.writesSubject ? user : undefined, scopes, 'client_credentials');
  return success(issued);
}

function password(grant: Grant): Reply {
  const consumer = authenticateClient(grant, false);
  const requested = requestedScopes(grant);
  const name = parameter(grant, 'username');
  if (name === undefined) throw invalidRequest('username');
  const secret = parameter(grant, 'password');
  if (secret === undefined) throw invalidRequest('password');
  const user = findUser(grant.site, name);
  if (user === undefined || !isPassword(secret, user.password, grant.site.drupal.major) || !user.active) throw invalidCredentials();
  const scopes = finalizeScopes(requested, consumer, user, 'password', grant);
  return success(issue(grant, consumer, user, scopes, 'password'), issueRefreshToken(grant, consumer, user, scopes));
}

function refresh(grant: Grant): Reply {
  const { state, site } = grant;
  const consumer = authenticateClient(grant, false);
  const given = parameter(grant, 'refresh_token');
  if (given === undefined) throw invalidRequest('refresh_token');
  const token = state.refreshTokens.get(given);
  if (token === undefined) throw invalidRefreshToken('Cannot decrypt the refresh token', state.edition);
  if (token.clientId !== consumer.id) throw invalidRefreshToken('Token is not linked to client', state.edition);
  if (token.expiresMs < site.clock.now()) throw invalidRefreshToken('Token has expired', state.edition);
  if (token.revoked) throw invalidRefreshToken('Token has been revoked', state.edition);
  const user = token.userId === undefined ? undefined : site.users.get(token.userId);
  token.revoked = true;
  const scopes = [...token.scopes];
  return success(issue(grant, consumer, user, scopes, 'refresh_token'), issueRefreshToken(grant, consumer, user, scopes));
}

/** The redirect that would hand out a code is not imitated, so no code is ever right. */
function authorizationCode(grant: Grant): Reply {
  authenticateClient(grant, false);
  if (parameter(grant, 'code') === undefined) throw invalidRequest('code');
  throw grant.state.edition.refreshFaultIsInvalidGrant
    ? invalidGrant('Cannot validate the provided authorization code')
    : invalidRequest('code');
}

/** The library's client authentication, with what the module changes in it. */
function authenticateClient(grant: Grant, isClientCredentials: boolean): Consumer {
  const { edition } = grant.state;
  const { site, state } = grant;
  const id = clientIdParameter(grant);
  if (id === undefined) throw invalidRequest('client_id');
  const consumer = findConsumer(state, id);
  if (consumer === undefined && edition.major === 6) throw invalidClient();

  const secret = parameter(grant, 'client_secret') ?? grant.basic?.[1];
  if (edition.missingSecretIsInvalidRequest && consumer?.confidential === true && (secret ?? '') === '')
    throw invalidRequest('client_secret');
  if (
    edition.checksUserBeforeSecret &&
    isClientCredentials &&
    consumer?.confidential === true &&
    defaultUser(consumer, site) === undefined
  ) {
    throw serverError('Invalid default user for client.');
  }
  if (consumer === undefined || !hasSecret(consumer, secret, site.drupal.major)) throw invalidClient();
  if (isClientCredentials && !edition.allowsPublicClients && !consumer.confidential) throw invalidClient();
  if (edition.checksStrayRedirectUri) {
    const redirectUri = parameter(grant, 'redirect_uri');
    if (redirectUri !== undefined && !consumer.redirectUris.includes(redirectUri)) throw invalidClient();
  }
  return consumer;
}

/** A client that is not confidential and has no stored secret is not asked for one. */
function hasSecret(consumer: Consumer, secret: string | undefined, coreMajor: number): boolean {
  if (!consumer.confidential && (consumer.secret ?? '') === '') return true;
  return consumer.secret !== undefined && consumer.secret !== '' && secret !== undefined && isPassword(secret, consumer.secret, coreMajor);
}

/** Version 5 hands an array of ids on to the look-up, which takes any of them. */
function clientIdParameter(grant: Grant): string | undefined {
  const value = grant.body['client_id'];
  if (typeof value === 'object' && !grant.state.edition.trimsParameters) return Object.values(value).find((id) => typeof id === 'string');
  return parameter(grant, 'client_id') ?? grant.basic?.[0];
}

/** A parameter of the body. League 9 trims it, takes an empty one for an absent one and refuses arrays; league 8 does not. */
function parameter({ body, state }: Grant, name: string): string | undefined {
  const value = body[name];
  if (typeof value === 'object') throw invalidRequest(name);
  if (!state.edition.trimsParameters) return value;
  const trimmed = value?.replace(phpBlanks, '');
  return trimmed === '' ? undefined : trimmed;
}

// eslint-disable-next-line no-control-regex -- what trim() of PHP removes
const phpBlanks = /^[ \t\n\r\0\v]+|[ \t\n\r\0\v]+$/g;

function requestedScopes(grant: Grant): string[] {
  const value = grant.body['scope'];
  if (typeof value === 'object' && !grant.state.edition.trimsParameters)
    return Object.values(value).filter((name) => typeof name === 'string');
  return (parameter(grant, 'scope') ?? '').split(' ').filter((name) => name !== '');
}

/** Names of the scopes of the token, or the refusal. */
function finalizeScopes(requested: readonly string[], consumer: Consumer, user: User, grantType: string, grant: Grant): string[] {
  const { state, site } = grant;
  if (!state.edition.hasScopeEntities) return rolesAsScopes(requested, consumer, user, site);
  const names = requested.length > 0 ? requested : consumer.scopes;
  const scopes = [...new Set(names.map((name) => state.scopes.get(name.toLowerCase())?.name ?? refuseScope(name)))];
  for (const name of scopes) {
    const isForeign = consumer.scopes.length > 0 && !consumer.scopes.includes(name);
    const isOff = state.scopes.get(name.toLowerCase())?.grants?.includes(grantType) === false;
    if (isForeign || isOff) throw invalidScope(name);
  }
  return scopes;
}

function refuseScope(name: string): never {
  throw invalidScope(name);
}

/** Version 5: a scope is a role. One that the user lacks is dropped in silence; the consumer's own roles are always added. */
function rolesAsScopes(requested: readonly string[], consumer: Consumer, user: User, site: Site): string[] {
  for (const name of requested) {
    if (name === 'openid') throw new UnexpectedError('openid without a user');
    if (!site.roles.has(name)) throw invalidScope(name);
  }
  const held = requested.filter((name) => user.roles.includes(name));
  return [...new Set([...held, 'authenticated', ...consumer.scopes])];
}

interface Issued {
  readonly jwt: string;
  readonly lifetimeSeconds: number;
}

function issue(
  { request, site, state }: Grant,
  consumer: Consumer,
  user: User | undefined,
  scopes: readonly string[],
  grantType: string,
): Issued {
  const { edition } = state;
  const lifetimeSeconds = edition.grantsPerConsumer ? consumer.lifetimeSeconds : state.lifetimeSeconds;
  const nowMs = site.clock.now();
  const now = Math.floor(nowMs / 1000);
  const expiresMicroseconds = (Math.floor(nowMs) + lifetimeSeconds * 1000) * 1000 + site.random.int(1000);
  const jti = site.random.hex(80);
  const claims = {
    aud: consumer.id,
    jti,
    iat: now,
    nbf: now,
    exp: expiresMicroseconds / 1_000_000,
    ...(edition.writesSubject && user !== undefined && { sub: String(user.id) }),
    scope: scopes,
    ...(edition.writesIssuer && { iss: issuer(request) }),
  };
  const token: Token = {
    jti,
    uuid: site.random.uuid(),
    clientId: consumer.id,
    // A client that acts for itself does so through whoever is its default user when the token is used.
    userId: grantType === 'client_credentials' ? undefined : user?.id,
    scopes,
    expiresMs: expiresMicroseconds / 1000,
    grant: grantType,
    revoked: false,
  };
  addToken(state, token, nowMs);
  return { jwt: signJwt({ typ: 'JWT', alg: 'RS256', jti }, claims, state.key), lifetimeSeconds };
}

const refreshLifetimeMs = 1_209_600_000;

/** Opaque to the client: the real one is encrypted. */
function issueRefreshToken({ site, state }: Grant, consumer: Consumer, user: User | undefined, scopes: readonly string[]): string {
  const value = `def50200${site.random.hex(764)}`;
  state.refreshTokens.set(value, {
    jti: value,
    uuid: site.random.uuid(),
    clientId: consumer.id,
    userId: user?.id,
    scopes,
    expiresMs: site.clock.now() + refreshLifetimeMs,
    grant: 'refresh_token',
    revoked: false,
  });
  return value;
}

/** The front page under https and without a port, whatever the request used. */
function issuer(request: Request): string {
  return `https://${request.host.replace(/:\d+$/, '')}${request.basePath}/`;
}

function success({ jwt, lifetimeSeconds }: Issued, refreshToken?: string): Reply {
  const document = {
    token_type: 'Bearer',
    expires_in: lifetimeSeconds,
    access_token: jwt,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
  };
  return {
    status: 200,
    headers: [
      ['pragma', 'no-cache'],
      ['content-type', 'application/json; charset=UTF-8'],
    ],
    cacheControl: 'no-store, private',
    body: phpJson(document),
  };
}

function checkPrivateKey({ privateKey }: SimpleOauth, complaint: string): void {
  if (privateKey === 'missing') throw serverError(complaint);
  if (privateKey !== 'present') throw new UnexpectedError(`private key ${privateKey}`);
}

/** By any of several ids: the look-up takes an array for a list. */
function findConsumer(state: SimpleOauth, id: PhpValue): Consumer | undefined {
  if (typeof id === 'string') return consumerOf(state, id);
  const ids = new Set(Object.values(id).flatMap((one) => (typeof one === 'string' ? [one.toLowerCase()] : [])));
  return [state.defaultConsumer, ...state.consumers.values()].find((consumer) => ids.has(consumer.id.toLowerCase()));
}

/** PHP's `empty()`; an array is empty when it has no element. */
function isEmptyValue(value: PhpValue): boolean {
  return typeof value === 'object' ? Object.keys(value).length === 0 : isEmpty(value);
}

function defaultUser(consumer: Consumer, site: Site): User | undefined {
  return consumer.userId === undefined ? undefined : site.users.get(consumer.userId);
}

/** `PHP_AUTH_USER` and `PHP_AUTH_PW`. */
function basicCredentials(request: Request): [string, string] | undefined {
  const [, encoded] = /^basic +(.*)$/is.exec(request.header('authorization') ?? '') ?? [];
  const decoded = encoded === undefined ? undefined : phpBase64(encoded);
  const colon = decoded?.indexOf(':') ?? -1;
  return decoded === undefined || colon < 0 ? undefined : [decoded.slice(0, colon), decoded.slice(colon + 1)];
}

/** Credentials of the header overwrite those of the body. */
function withBasic(form: PhpArray, basic: readonly [string, string] | undefined): PhpArray {
  if (basic === undefined) return form;
  const changed: Record<string, PhpValue> = Object.assign(Object.create(null) as Record<string, PhpValue>, form);
  changed['client_id'] = basic[0];
  changed['client_secret'] = basic[1];
  return changed;
}

/** The library reads a JSON body where the module has read a form; the media type counts as it is spelt. */
function jsonBody(request: Request): PhpArray | undefined {
  const media = request.contentType?.split(';', 1)[0]?.trim();
  if (media !== 'application/json' && media !== 'application/x-json') return undefined;
  try {
    const value: unknown = JSON.parse(request.bodyText);
    return typeof value === 'object' && value !== null ? (value as PhpArray) : undefined;
  } catch {
    return undefined;
  }
}
