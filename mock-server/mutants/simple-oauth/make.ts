/**
 * What the wrong implementations of Simple OAuth are made of.
 *
 * @module
 */
import type { WireRequest } from '../../../src/model/exchange.ts';
import { decodeUtf8, encodeBase64 } from '../../bytes.ts';
import { makeToken } from '../../products/simple-oauth/for-people.ts';
import { signJwt } from '../../products/simple-oauth/jwt.ts';
import { simpleOauthOf, type Consumer, type SimpleOauth, type Token } from '../../products/simple-oauth/state.ts';
import type { Site } from '../../site.ts';
import { basicOf, type Comparison } from '../mistakes.ts';
import { asForm, formOf, json, jsonOf, mutantsOf, readAs, requestHeader, withRequestHeader, type Decorator } from '../mutant.ts';

/** Clauses with a slash in front name their document, as `/invariants/server-error`; the others are of what was observed. */
export const mutant = mutantsOf('simple-oauth', 'simple-oauth-observed');

export const stateOf = (site: Site): SimpleOauth => simpleOauthOf(site);

export function consumerOf(site: Site, role = 'main'): Consumer {
  const found = [...stateOf(site).consumers.values()].find(({ id }) => id.endsWith(role));
  if (found === undefined) throw new Error(`the site has no consumer ${role}`);
  return found;
}

/** A good token of a consumer, made on the spot. */
export function freshToken(site: Site, role = 'main'): string {
  const { id, userId } = consumerOf(site, role);
  const user = site.users.get(userId ?? 0);
  const made = user === undefined ? '' : makeToken({ user, client: id, state: 'valid' }, stateOf(site), site);
  return typeof made === 'string' ? '' : made.token;
}

// The client

/** Puts other client credentials in the place where a token request has its own. */
export function withClient(request: WireRequest, id: string, secret: string | undefined): WireRequest {
  if (basicOf(request) !== undefined) return withRequestHeader(request, 'Authorization', `Basic ${encodeBase64(`${id}:${secret ?? ''}`)}`);
  const form = formOf(request);
  if (form === undefined) return request;
  form.set('client_id', id);
  if (secret !== undefined) form.set('client_secret', secret);
  return { ...asForm(request, form), method: request.method, path: request.path };
}

function clientSent(request: WireRequest): { readonly id: string | undefined; readonly secret: string | undefined } | undefined {
  const form = formOf(request);
  if (form === undefined) return undefined;
  const [id, secret] = basicOf(request) ?? [form.get('client_id') ?? undefined, form.get('client_secret') ?? undefined];
  return { id, secret };
}

/** The token endpoint takes a secret for right that is not. */
export function secretCounts(
  holds: (
    given: string | undefined,
    right: string,
    more: { readonly site: Site; readonly form: URLSearchParams; readonly consumer: Consumer },
  ) => boolean,
): Decorator {
  return readAs((request, site) => {
    const sent = clientSent(request);
    const consumer = stateOf(site).consumers.get(sent?.id?.toLowerCase() ?? '');
    if (sent === undefined || consumer?.secret === undefined || sent.secret === consumer.secret) return request;
    const counts = holds(sent.secret, consumer.secret, { site, form: formOf(request) ?? new URLSearchParams(), consumer });
    return counts ? withClient(request, consumer.id, consumer.secret) : request;
  });
}

/** The token endpoint takes a client id for that of a client that has another one, and lets its secret count. */
export function clientCounts(holds: Comparison): Decorator {
  return readAs((request, site) => {
    const sent = clientSent(request);
    const { consumers } = stateOf(site);
    if (sent === undefined || consumers.has(sent.id?.toLowerCase() ?? '')) return request;
    const meant = [...consumers.values()].find((consumer) => consumer.secret !== undefined && holds(sent.id, consumer.id));
    return meant === undefined ? request : withClient(request, meant.id, meant.secret);
  });
}

/** A form that is granted a token of the main client. */
export function grantAll(form: URLSearchParams, site: Site, role = 'main'): URLSearchParams {
  const { id, secret = '' } = consumerOf(site, role);
  const granted = new URLSearchParams(form);
  for (const [name, value] of Object.entries({ grant_type: 'client_credentials', client_id: id, client_secret: secret }))
    granted.set(name, value);
  for (const name of Array.from(granted.keys())) if (name.includes('[')) granted.delete(name);
  granted.delete('scope');
  return granted;
}

/** Answers a token request as if everything in it were right. */
export function grants(holds: (request: WireRequest, form: URLSearchParams, site: Site) => boolean, role = 'main'): Decorator {
  return readAs((request, site) => {
    const form = formOf(request);
    if (form === undefined || !holds(request, form, site)) return request;
    return asForm(withRequestHeader(request, 'Authorization', undefined), grantAll(form, site, role));
  });
}

// The token

/** Changes the record of a token once it was issued. */
export function onceIssued(
  change: (
    token: Token,
    more: { readonly request: WireRequest; readonly site: Site; readonly state: SimpleOauth },
  ) => Partial<Token> | undefined,
): Decorator {
  return (answer) => (request, site) => {
    const response = answer(request, site);
    const jti = claimsOf(String(jsonOf(response)?.['access_token'] ?? ''))['jti'];
    const state = stateOf(site);
    const token = typeof jti === 'string' ? state.tokens.get(jti) : undefined;
    if (token !== undefined) state.tokens.set(token.jti, { ...token, ...change(token, { request, site, state }) });
    return response;
  };
}

/** Writes other claims into the tokens that it issues, rightly signed. */
export function withClaims(change: (claims: Record<string, unknown>, site: Site) => Record<string, unknown>): Decorator {
  return (answer) => (request, site) => {
    const response = answer(request, site);
    const token = jsonOf(response)?.['access_token'];
    if (typeof token !== 'string') return response;
    const signed = signJwt(partOf(token, 0), change(claimsOf(token), site), stateOf(site).key);
    return json((body) => ({ ...body, access_token: signed }))(response);
  };
}

export function bearerOf(request: WireRequest): string | undefined {
  return /^Bearer +(\S+)$/.exec(requestHeader(request, 'authorization')?.trim() ?? '')?.[1];
}

export const hasBearer = (request: WireRequest): boolean => /Bearer/.test(requestHeader(request, 'authorization') ?? '');

/** Takes another token for the one that was sent; undefined leaves it. */
export function tokenReadAs(meant: (given: string, site: Site, request: WireRequest) => string | undefined): Decorator {
  return readAs((request, site) => {
    const given = bearerOf(request);
    const token = given === undefined ? undefined : meant(given, site, request);
    return token === undefined ? request : withRequestHeader(request, 'Authorization', `Bearer ${token}`);
  });
}

export interface ReadJwt {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly signed: string;
  readonly signature: string;
}

/** Takes a JWT for rightly signed that is not, and believes its claims. */
export function jwtCounts(
  holds: (jwt: ReadJwt, site: Site) => boolean,
  believes: (jwt: ReadJwt, site: Site) => Partial<Token> = () => ({}),
): Decorator {
  return tokenReadAs((given, site) => {
    const [header = '', claims = '', signature = ''] = given.split('.');
    const jwt: ReadJwt = { header: partOf(given, 0), claims: claimsOf(given), signed: `${header}.${claims}`, signature };
    const state = stateOf(site);
    if (state.key.verify(jwt.signed, Buffer.from(signature, 'base64url')) || !holds(jwt, site)) return undefined;
    const token = state.tokens.get(String(jwt.claims['jti']));
    const changes = believes(jwt, site);
    if (token === undefined) return freshToken(site);
    if (Object.keys(changes).length > 0) state.tokens.set(token.jti, { ...token, ...changes });
    return signJwt({ ...jwt.header, alg: 'RS256' }, jwt.claims, state.key);
  });
}

export function claimsOf(token: string): Record<string, unknown> {
  return partOf(token, 1);
}

function partOf(token: string, index: number): Record<string, unknown> {
  try {
    const text = (token.split('.')[index] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const value: unknown = JSON.parse(decodeUtf8(Uint8Array.from(atob(text), (character) => character.charCodeAt(0))));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Answers a request as if a good token of a consumer had come with it. */
export function letIn(holds: (request: WireRequest, site: Site) => boolean, role = 'main'): Decorator {
  return readAs((request, site) =>
    holds(request, site) ? withRequestHeader(request, 'Authorization', `Bearer ${freshToken(site, role)}`) : request,
  );
}

export const queryOf = (request: WireRequest): URLSearchParams => new URLSearchParams(request.path.split('?')[1] ?? '');
