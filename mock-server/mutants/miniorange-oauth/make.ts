/**
 * What the wrong implementations of the OAuth method are made of: decisions about credentials, tokens and the gate, told from outside.
 *
 * @module
 */
import type { WireRequest } from '../../../src/model/exchange.ts';
import { encodeBase64 } from '../../bytes.ts';
import { issueToken, miniorangeState, type Application, type MiniorangeState, type Token } from '../../products/miniorange/state.ts';
import { findUser, type Site, type User } from '../../site.ts';
import { mainUser } from '../../targets.ts';
import { formOf, jsonOf, json, mutantsOf, readAs, requestHeader, withForm, withRequestHeader, type Decorator } from '../mutant.ts';

export const mutant = mutantsOf('miniorange/oauth', 'miniorange-oauth');

export function stateOf(site: Site): MiniorangeState {
  const state = miniorangeState(site);
  if (state === undefined) throw new Error('the miniOrange module is not installed on this site');
  return state;
}

/** The first application with the OAuth method. */
export function firstApplication(site: Site): Application {
  const first = [...stateOf(site).applications.values()].find(({ method }) => method === 'oauth');
  if (first === undefined) throw new Error('the site has no OAuth application');
  return first;
}

// Credentials

/** The password grant takes a password for right that is not: `given` is undefined when none was sent. */
export function passwordCounts(
  holds: (
    given: string | undefined,
    right: string,
    more: { readonly user: User; readonly form: URLSearchParams; readonly site: Site },
  ) => boolean,
): Decorator {
  return withForm((form, site) => {
    if (form.get('grant_type') !== 'password') return;
    const user = findUser(site, form.get('username') ?? '');
    if (user !== undefined && holds(form.get('password') ?? undefined, user.password, { user, form, site }))
      form.set('password', user.password);
  });
}

/** A name counts for a user whose name is another one; with the password grant, for one whose password was sent. */
export function userNameCounts(holds: (given: string, user: User, site: Site) => boolean): Decorator {
  return withForm((form, site) => {
    const given = form.get('username');
    if (given === null || findUser(site, given) !== undefined) return;
    const password = form.get('password');
    const meant = [...site.users.values()].find(
      (user) => holds(given, user, site) && (form.get('grant_type') !== 'password' || user.password === password),
    );
    if (meant !== undefined) form.set('username', meant.name);
  });
}

/** The client_credentials grant takes a secret for right that is not. */
export function secretCounts(
  holds: (
    given: string | undefined,
    right: string,
    more: { readonly application: Application; readonly form: URLSearchParams; readonly site: Site },
  ) => boolean,
): Decorator {
  return withForm((form, site) => {
    const application = stateOf(site).applicationsByClient.get(form.get('client_id') ?? '');
    if (application?.clientSecret === undefined || form.get('grant_type') !== 'client_credentials') return;
    if (holds(form.get('client_secret') ?? undefined, application.clientSecret, { application, form, site }))
      form.set('client_secret', application.clientSecret);
  });
}

/** A client ID counts for an application whose client ID is another one. */
export function clientCounts(holds: (given: string | undefined, application: Application) => boolean, grant?: string): Decorator {
  return withForm((form, site) => {
    const given = form.get('client_id') ?? undefined;
    const { applicationsByClient } = stateOf(site);
    if (applicationsByClient.has(given ?? '') || (grant !== undefined && form.get('grant_type') !== grant)) return;
    const meant = [...applicationsByClient.values()].find((application) => application.method === 'oauth' && holds(given, application));
    if (meant?.clientId !== undefined) form.set('client_id', meant.clientId);
  });
}

/** Fills in everything that the grant asks for, so that the request is granted for this user. */
export function grantAll(form: URLSearchParams, site: Site, user: User | undefined = mainUser(site)): URLSearchParams {
  const { clientId = '', clientSecret = '' } = firstApplication(site);
  const grant = form.get('grant_type') === 'password' ? 'password' : 'client_credentials';
  return new URLSearchParams({
    grant_type: grant,
    client_id: clientId,
    client_secret: clientSecret,
    username: user?.name ?? '',
    password: user?.password ?? '',
  });
}

// Tokens

/** Changes a token once it was issued; a text as the result is its new value. */
export function onceIssued(
  change: (
    token: Token,
    more: { readonly request: WireRequest; readonly site: Site; readonly state: MiniorangeState },
  ) => Partial<Token> | undefined,
): Decorator {
  return (answer) => (request, site) => {
    const response = answer(request, site);
    const value = jsonOf(response)?.['access_token'];
    const state = stateOf(site);
    const token = typeof value === 'string' ? state.tokens.get(value) : undefined;
    if (token === undefined || formOf(request) === undefined) return response;
    const changed = { ...token, ...change(token, { request, site, state }) };
    state.tokens.delete(token.value);
    state.tokens.set(changed.value, changed);
    return changed.value === token.value ? response : json((body) => ({ ...body, access_token: changed.value }))(response);
  };
}

/** The token of a Bearer header; undefined: there is none. */
export function bearerOf(request: WireRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(requestHeader(request, 'authorization')?.trim() ?? '')?.[1];
}

/** Takes another token for the one that was sent; undefined leaves it. */
export function tokenReadAs(
  meant: (given: string, state: MiniorangeState, site: Site, request: WireRequest) => string | undefined,
): Decorator {
  return readAs((request, site) => {
    const given = bearerOf(request);
    const token = given === undefined ? undefined : meant(given, stateOf(site), site, request);
    return token === undefined ? request : withRequestHeader(request, 'Authorization', `Bearer ${token}`);
  });
}

/** Any living token whose value fits. */
export function tokenLike(state: MiniorangeState, site: Site, fits: (value: string) => boolean): string | undefined {
  for (const { value, revoked, expiresAt } of state.tokens.values())
    if (!revoked && expiresAt > site.clock.now() && fits(value)) return value;
  return undefined;
}

/** A good token, made on the spot. */
export function freshToken(site: Site, user: User | undefined = mainUser(site)): string {
  return issueToken(stateOf(site), user?.id ?? 0, firstApplication(site), site).value;
}

// The gate

/** Answers a request, whatever its credentials, as if a good token and the unique header had come with it. */
export function letIn(
  holds: (request: WireRequest, site: Site) => boolean,
  how: { readonly as?: (request: WireRequest, site: Site) => User | undefined; readonly asGet?: boolean } = {},
): Decorator {
  return readAs((request, site) => {
    if (!holds(request, site)) return request;
    const user = how.as?.(request, site) ?? mainUser(site);
    const authorized = withRequestHeader(request, 'Authorization', `Bearer ${freshToken(site, user)}`);
    const named = withRequestHeader(authorized, 'AUTH-METHOD', firstApplication(site).id);
    if (how.asGet === false) return named;
    const { body: _, ...bare } = named;
    return { ...bare, method: 'GET', path: `${site.drupal.basePath}/user/${accountNamed(request, user)}?_format=json` };
  });
}

/** Id of the account that a path speaks of, however it is spelled. */
function accountNamed(request: WireRequest, user: User | undefined): string {
  const path = decoded(request.path).split('?', 1)[0] ?? '';
  return /(\d+)/.exec(path)?.[1]?.replace(/^0+/, '') ?? String(user?.id ?? 0);
}

export function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A request for an account as the document spells it. */
export const isPlainUserRequest = (request: WireRequest): boolean => /^\/user\/[1-9]\d*\?_format=json$/.test(request.path);

export const hasNoToken = (request: WireRequest): boolean => (requestHeader(request, 'authorization') ?? '').trim() === '';

export const basic = (user: string, password: string): string => `Basic ${encodeBase64(`${user}:${password}`)}`;
