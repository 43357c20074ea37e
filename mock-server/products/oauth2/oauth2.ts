/**
 * An OAuth server by the book: RFC 6749 (client credentials) and RFC 6750, no product's habits. What the profile `oauth2` is shown on.
 *
 * @module
 */
import type { TargetFile } from '../../../src/model/target.ts';
import type { Site } from '../../site.ts';
import { jsonReply, type Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import type { Example, Installed, MadeToken, Product, Route, TokenWish } from '../product.ts';
import { authenticate, Refusal, singleParams, tokenPath } from './token-request.ts';
import type { Oauth2Config } from './config.ts';

type Client = Oauth2Config['clients'][number];

interface Token {
  readonly value: string;
  readonly scopes: readonly string[];
  /** Epoch milliseconds; expired from this instant on. */
  expiresAt: number;
  revoked: boolean;
}

export interface Oauth2State {
  readonly clients: ReadonlyMap<string, Client>;
  readonly resources: ReadonlyMap<string, string>;
  readonly tokens: Map<string, Token>;
}

export const oauth2: Product = {
  name: 'oauth2',
  install(site): Installed | undefined {
    const config = site.file.products?.oauth2;
    if (config === undefined) return undefined;
    const state: Oauth2State = {
      clients: new Map(config.clients.map((client) => [client.id, client])),
      resources: new Map(Object.entries(config.resources ?? {})),
      tokens: new Map(),
    };
    site.products.set('oauth2', state);
    return {
      routes: [tokenRoute(state), ...[...state.resources].map(([path, scope]) => resourceRoute(path, scope, state))],
      target: () => targetOf(state, site),
      fixtures: () => ({ clients: [...state.clients.values()], tokens: [...state.tokens.values()].slice(-100) }),
      makeToken: (wish) => makeToken(wish, state, site),
      examples: () => examplesOf(state, site),
    };
  },
};

const lifetimeOf = (client: Client): number => client.lifetimeSeconds ?? 600;

// ── token endpoint ──────────────────────────────────────────────────────────────────────────────────────────────────────

function tokenRoute(state: Oauth2State): Route {
  return {
    name: 'oauth2.token',
    path: tokenPath,
    methods: ['POST'],
    keptFromPageCache: true,
    controller: ({ request, site }) => {
      try {
        return answerTokenRequest(request, state, site);
      } catch (error) {
        if (error instanceof Refusal) return refuse(error);
        throw error;
      }
    },
  };
}

/** RFC 6749 5.2. */
function refuse({ status, code, message, challenge }: Refusal): Reply {
  const headers = challenge === undefined ? [] : ([['WWW-Authenticate', challenge]] as [string, string][]);
  return { ...jsonReply(status, { error: code, error_description: message }, headers), cacheControl: 'no-store' };
}

function answerTokenRequest(request: Request, state: Oauth2State, site: Site): Reply {
  const params = singleParams(request);
  const client = authenticate(request, params, state.clients, site);
  const grant = params.get('grant_type');
  if (grant === undefined) throw new Refusal(400, 'invalid_request', 'The parameter grant_type is missing');
  if (grant === 'authorization_code') throw new Refusal(400, 'invalid_grant', 'The code is unknown');
  if (grant !== 'client_credentials' && !site.policy.has('oauth2.anyGrant')) {
    throw new Refusal(400, 'unsupported_grant_type', 'The grant type is not supported');
  }
  if (client.secret === undefined || !(client.grants ?? ['client_credentials']).includes('client_credentials')) {
    throw new Refusal(400, 'unauthorized_client', 'The client may not use this grant type');
  }
  const asked = params.get('scope');
  const known = client.scopes ?? [];
  const scopes = asked === undefined ? known : asked.split(' ').filter((scope) => known.includes(scope));
  if (asked !== undefined && scopes.length === 0) throw new Refusal(400, 'invalid_scope', 'None of the scopes is known');
  const token = issue(scopes, lifetimeOf(client), state, site);
  const issued = scopes.join(' ');
  const body = {
    access_token: token.value,
    token_type: 'Bearer',
    expires_in: lifetimeOf(client),
    ...(issued === asked || issued === '' ? {} : { scope: issued }),
  };
  return { ...jsonReply(200, body, [['Pragma', 'no-cache']]), cacheControl: 'no-store' };
}

function issue(scopes: readonly string[], lifetimeSeconds: number, state: Oauth2State, site: Site): Token {
  const token: Token = { value: site.random.text(43), scopes, expiresAt: site.clock.now() + lifetimeSeconds * 1000, revoked: false };
  if (state.tokens.size >= mostTokens) state.tokens.clear();
  state.tokens.set(token.value, token);
  return token;
}

/** A load test must not fill the memory. */
const mostTokens = 20_000;

// ── protected resources ─────────────────────────────────────────────────────────────────────────────────────────────────

function resourceRoute(path: string, scope: string, state: Oauth2State): Route {
  return {
    name: `oauth2.resource.${path}`,
    path,
    methods: ['GET'],
    keptFromPageCache: true,
    controller: ({ request, site }) => answerResource(request, path, scope, state, site),
  };
}

/** RFC 6750 3: a challenge without an error for a request without credentials, else with one. */
function answerResource(request: Request, path: string, scope: string, state: Oauth2State, site: Site): Reply {
  const challenge = (status: number, more = ''): Reply => ({
    ...jsonReply(status, { message: status === 403 ? 'The token does not reach this resource' : 'A token is needed' }, [
      ['WWW-Authenticate', `Bearer realm="${site.name}"${more}`],
    ]),
    cacheControl: 'no-store',
  });
  const [, value] = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(request.header('authorization') ?? '') ?? [];
  if (value === undefined) return challenge(401);
  const token = state.tokens.get(value);
  const isExpired = token !== undefined && site.clock.now() >= token.expiresAt && !site.policy.has('oauth2.ignoreExpiry');
  if (token === undefined || token.revoked || isExpired) {
    return challenge(401, ', error="invalid_token", error_description="The token is unknown, expired or revoked"');
  }
  if (!token.scopes.includes(scope)) return challenge(403, `, error="insufficient_scope", scope="${scope}"`);
  return { ...jsonReply(200, { resource: path, scope: token.scopes.join(' ') }), cacheControl: 'private, no-store' };
}

// ── for people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function targetOf(state: Oauth2State, site: Site): Partial<TargetFile> {
  const clients: NonNullable<TargetFile['clients']> = {};
  for (const { id, secret, role, scopes, grants, ...rest } of state.clients.values()) {
    if (role === undefined) continue;
    clients[role] = {
      id,
      ...(secret === undefined ? {} : { secret }),
      ...(scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      ...(grants === undefined ? {} : { grants: [...grants] }),
      ...(rest.lifetimeSeconds === undefined ? {} : { lifetimeSeconds: rest.lifetimeSeconds }),
    };
  }
  const main = mainClient(state);
  const [resource, outOfScope] = ['in', 'out'].map((where) =>
    [...state.resources].find(([, scope]) => (main?.scopes ?? []).includes(scope) === (where === 'in')),
  );
  const token = (wish: TokenWish['state']): string => makeFor(main, wish, state, site).value;
  return {
    clients,
    paths: {
      token: tokenPath,
      ...(resource === undefined ? {} : { resource: resource[0] }),
      ...(outOfScope === undefined ? {} : { outOfScope: outOfScope[0] }),
    },
    tokens: { expired: token('expired'), revoked: token('revoked') },
    expiry: { lifetimeSeconds: main === undefined ? 600 : lifetimeOf(main) },
  };
}

function mainClient({ clients }: Oauth2State): Client | undefined {
  return [...clients.values()].find(({ role }) => role === 'main') ?? [...clients.values()][0];
}

function makeFor(client: Client | undefined, wish: TokenWish['state'], state: Oauth2State, site: Site): Token {
  const token = issue(client?.scopes ?? [], client === undefined ? 600 : lifetimeOf(client), state, site);
  if (wish === 'expired') token.expiresAt = site.clock.now();
  if (wish === 'revoked') token.revoked = true;
  return token;
}

/** Its tokens act for no user; the wish's user is not looked at. */
function makeToken({ client: id, state: wish }: TokenWish, state: Oauth2State, site: Site): MadeToken | string {
  const client = id === undefined ? mainClient(state) : state.clients.get(id);
  if (client === undefined) return `No client ${JSON.stringify(id ?? null)}. Known: ${[...state.clients.keys()].join(', ') || 'none'}.`;
  const token = makeFor(client, wish, state, site);
  return { token: token.value, expiresAt: new Date(token.expiresAt).toISOString() };
}

function examplesOf(state: Oauth2State, site: Site): readonly Example[] {
  const main = mainClient(state);
  if (main?.secret === undefined) return [];
  return [
    {
      title: 'A token by client credentials',
      curl: `curl "${site.url}${tokenPath}" -u "${main.id}:${main.secret}" -d grant_type=client_credentials`,
    },
    ...[...state.resources.keys()].map((path) => ({
      title: `The resource ${path}, with a token`,
      curl: `curl "${site.url}${path}" -H "Authorization: Bearer $TOKEN"`,
    })),
  ];
}
