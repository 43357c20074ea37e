/**
 * miniOrange OAuth Server: a code for somebody who is logged in, a token for the code, the user for the token. Every route is open and takes any
 * method; parameters are read from query or body alike (facts B-4).
 *
 * @module
 */
import type { TargetFile } from '../../../src/model/target.ts';
import { phpJson } from '../../php/json.ts';
import { textParam } from '../../php/params.ts';
import type { Site, User } from '../../site.ts';
import { findUser } from '../../site.ts';
import { isAnonymous } from '../drupal/account.ts';
import { pageReply } from '../drupal/page.ts';
import { redirectReply } from '../drupal/redirect.ts';
import { jsonReply, type Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import { miniorangeState } from '../miniorange/state.ts';
import type { Example, Installed, MadeToken, Product, Route, RouteContext, TokenWish } from '../product.ts';
import type { OauthServerConfig } from './config.ts';
import { editionOf, type Edition, type RefusalKey } from './editions.ts';

type Client = OauthServerConfig['clients'][number];

interface Code {
  readonly client: Client;
  readonly userId: number;
  /** Epoch milliseconds; expired from this instant on. */
  readonly expiresAt: number;
}

interface Token {
  readonly value: string;
  readonly userId: number;
  /** The module never says which client it was for. */
  readonly applicationId: undefined;
  expiresAt: number;
  revoked: boolean;
}

interface State {
  readonly config: OauthServerConfig;
  readonly edition: Edition;
  readonly codes: Map<string, Code>;
  readonly tokens: Map<string, Token>;
}

const codeLifetimeMs = 400_000;
const tokenLifetimeMs = 900_000;

export const oauthServer: Product = {
  name: 'oauthServer',
  install(site): Installed | undefined {
    const config = site.file.products?.oauthServer;
    if (config === undefined) return undefined;
    const state: State = { config, edition: editionOf(config.version), codes: new Map(), tokens: new Map() };
    site.products.set('oauthServer', state);
    const { authorize, token, userinfo } = state.edition.paths;
    const open = (name: string, path: string, controller: (context: RouteContext, state: State) => Reply): Route => ({
      name: `oauth_server_sso.${name}`,
      path,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      keptFromPageCache: true,
      controller: (context) => controller(context, state),
    });
    return {
      routes: [
        open('authorize', authorize, answerAuthorize),
        open('token', token, answerToken),
        open('user_info', userinfo, answerUserinfo),
      ],
      target: (_, profile) => (profile === 'oauth-server' ? targetOf(state, site) : {}),
      fixtures: () => ({ clients: config.clients, tokens: [...state.tokens.values()].slice(-100) }),
      makeToken: (wish) => makeToken(wish, state, site),
      examples: () => examplesOf(state, site),
    };
  },
};

/** `$_REQUEST`: the body before the query. */
function param(request: Request, name: string): string | undefined {
  return textParam(request.form, name) ?? textParam(request.query, name);
}

// ── authorize ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function answerAuthorize({ account, request, site }: RouteContext, state: State): Reply {
  const { edition, config } = state;
  const notice = (text: string, status = 200): Reply => ({
    ...pageReply(status, 'OAuth Server', `<p>${text}</p>`, site),
    keptFromPageCache: true,
  });
  if (isAnonymous(account) || account.user === undefined) {
    return redirectReply(302, `${request.basePath}/user/login?destination=${encodeURIComponent(request.uri)}`, site);
  }
  if (edition.administratorsOnly && !account.all) return notice('In the trial only administrators can log in.');
  const client = config.clients.find(({ id }) => id === param(request, 'client_id'));
  if (client === undefined) return notice('The client ID is wrong.', edition.isProper ? 400 : 200);
  if (edition.checksScope && param(request, 'scope') !== edition.scope) return notice('The scope is wrong.');
  if (edition.checksRedirect && param(request, 'redirect_uri') !== client.redirectUri) return notice('The redirect URI is wrong.', 400);
  const code = site.random.text(16);
  state.codes.set(code, { client, userId: account.user.id, expiresAt: site.clock.now() + codeLifetimeMs });
  const target = new URL(client.redirectUri);
  target.searchParams.set('code', code);
  const carried = param(request, 'state');
  if (carried !== undefined) target.searchParams.set('state', carried);
  return redirectReply(302, target.href, site);
}

// ── token ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function answerToken({ request, site }: RouteContext, state: State): Reply {
  const outcome = decide(request, state, site);
  if (typeof outcome === 'string') return refuse(outcome, state);
  const { edition } = state;
  const token = issue(outcome.userId, state, site);
  const body = { access_token: token.value, expires_in: edition.expiresIn, token_type: 'Bearer', scope: edition.scope };
  if (!edition.isProper) return printed(phpJson(body));
  return { ...jsonReply(200, body, [['Pragma', 'no-cache']]), cacheControl: 'no-store' };
}

/** Code, client, secret, age, grant, redirect: in this order (facts B-9). */
function decide(request: Request, state: State, site: Site): Code | RefusalKey {
  const { policy } = site;
  const id = param(request, 'client_id');
  if ((id === undefined || id === '') && state.edition.administratorsOnly) return 'clientIdEmpty';
  const given = param(request, 'code') ?? '';
  const code = state.codes.get(given);
  if (code === undefined) return 'code';
  if (id !== code.client.id) return 'clientId';
  if (param(request, 'client_secret') !== code.client.secret && !policy.has('oauthServer.ignoreSecret')) return 'clientSecret';
  if (site.clock.now() >= code.expiresAt && !policy.has('oauthServer.ignoreCodeAge')) return 'expired';
  if (param(request, 'grant_type') !== 'authorization_code') return 'grantType';
  if (param(request, 'redirect_uri') !== code.client.redirectUri && !policy.has('oauthServer.ignoreRedirect')) return 'redirectUri';
  if (state.edition.codeIsUsedUp && !policy.has('oauthServer.reuseCodes')) state.codes.delete(given);
  return code;
}

function refuse(key: RefusalKey, { edition }: State): Reply {
  const print = edition.refusals[key];
  if ('html' in print) return printed(print.html);
  return edition.isProper ? { ...jsonReply(print.status ?? 400, print.json), cacheControl: 'no-store' } : printed(phpJson(print.json));
}

/** Echoed, with PHP's default content type and the status that nobody has set. */
function printed(body: string, status = 200): Reply {
  return { status, headers: [['Content-Type', 'text/html; charset=UTF-8']], body, bare: true };
}

/** Where the REST API takes tokens of this module, it looks for them in the same place. */
function issue(userId: number, state: State, site: Site): Token {
  const token: Token = {
    value: site.random.text(255),
    userId,
    applicationId: undefined,
    expiresAt: site.clock.now() + tokenLifetimeMs,
    revoked: false,
  };
  state.tokens.set(token.value, token);
  miniorangeState(site)?.tokens.set(token.value, token);
  return token;
}

// ── user information ────────────────────────────────────────────────────────────────────────────────────────────────────

/** Six characters are cut off Authorization, whatever they are (facts B-11). */
function answerUserinfo({ request, site }: RouteContext, state: State): Reply {
  const { edition } = state;
  const header = request.header('authorization') ?? '';
  const value = edition.isProper ? (/^bearer +(\S+)$/i.exec(header)?.[1] ?? '') : header.slice(6).trim();
  const token = state.tokens.get(value);
  const isExpired = token !== undefined && site.clock.now() >= token.expiresAt && !site.policy.has('oauthServer.ignoreExpiry');
  const user = token === undefined || token.revoked ? undefined : site.users.get(token.userId);
  if (token === undefined || user === undefined || (isExpired && edition.isProper)) return refuseUserinfo(header !== '', edition);
  if (isExpired) return printed('Your access token has expired. Please try again.');
  return userReply(user, edition);
}

function refuseUserinfo(hasCredentials: boolean, { unknownToken }: Edition): Reply {
  if (unknownToken === 'text') return printed('Invalid access token');
  if (unknownToken === 'fatal')
    return printed(
      `${phpJson({ statusCode: '401', statusMessage: 'Invalid access token' })}\nThe website encountered an unexpected error.`,
    );
  const error = hasCredentials ? ', error="invalid_token"' : '';
  return jsonReply(401, { error: 'invalid_token' }, [['WWW-Authenticate', `Bearer realm="OAuth Server"${error}`]]);
}

function userReply({ id, name, mail, roles }: User, { userHasId, isProper }: Edition): Reply {
  const body = { uid: String(id), ...(userHasId ? { id: String(id) } : {}), name, mail, roles: ['authenticated', ...roles] };
  return isProper ? { ...jsonReply(200, body), cacheControl: 'no-store' } : printed(phpJson(body));
}

// ── for people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An administrator is main where only administrators get in. */
function targetOf(state: State, site: Site): Partial<TargetFile> {
  const [main, other] = state.config.clients;
  const entry = ({ id, secret, redirectUri }: Client) => ({ id, secret, redirectUri, scope: state.edition.scope });
  const application = [...(miniorangeState(site)?.applications.values() ?? [])].find(({ tokensFrom }) => tokensFrom === 'oauth-server');
  const administrator = state.edition.administratorsOnly ? findUser(site, 'api_admin') : undefined;
  const user = administrator ?? findUser(site, 'api_user');
  const token = (wish: TokenWish['state']): string => (user === undefined ? '' : makeFor(user, wish, state, site).value);
  return {
    version: state.config.version,
    paths: state.edition.paths,
    clients: {
      ...(main === undefined ? {} : { main: { ...entry(main), ...(application === undefined ? {} : { applicationId: application.id }) } }),
      ...(other === undefined ? {} : { other: entry(other) }),
    },
    ...(user === undefined ? {} : { users: usersOf(user, site) }),
    tokens: { expired: token('expired') },
    expiry: { lifetimeSeconds: tokenLifetimeMs / 1000 },
  };
}

function usersOf(main: User, site: Site): NonNullable<TargetFile['users']> {
  const entry = ({ id, name, password, mail }: User) => ({ id, name, password, mail });
  const other = findUser(site, 'bob');
  return { main: entry(main), ...(other === undefined ? {} : { other: entry(other) }) };
}

function makeFor(user: User, wish: TokenWish['state'], state: State, site: Site): Token {
  const token = issue(user.id, state, site);
  if (wish === 'expired') token.expiresAt = site.clock.now();
  if (wish === 'revoked') token.revoked = true;
  return token;
}

function makeToken({ user, state: wish }: TokenWish, state: State, site: Site): MadeToken {
  const token = makeFor(user, wish, state, site);
  return { token: token.value, expiresAt: new Date(token.expiresAt).toISOString() };
}

function examplesOf({ config, edition }: State, site: Site): readonly Example[] {
  const [client] = config.clients;
  if (client === undefined) return [];
  const query = new URLSearchParams({
    client_id: client.id,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: edition.scope,
    state: 'x',
  });
  return [
    { title: 'A code, for somebody who is logged in', curl: `curl -i "${site.url}${edition.paths.authorize}?${query}" -b "$COOKIE"` },
    { title: 'The user of a token', curl: `curl "${site.url}${edition.paths.userinfo}" -H "Authorization: Bearer $TOKEN"` },
  ];
}
