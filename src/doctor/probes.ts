/**
 * The probes: requests of which each pair differs in one thing, so that the difference between two answers names the cause.
 * Harmless reads and token requests with the target's own credentials; a probe that needs what the target lacks is left out.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import type { HeaderLine, WireRequest } from '../model/exchange.ts';
import type { Target } from '../model/target.ts';
import type { ProbeAnswer } from './observation.ts';
import type { Product } from './product.ts';

/** What a probe may use: the target, and what earlier probes brought. */
export interface ProbeContext {
  readonly target: Target;
  readonly product: Product;
  /** Text that no address had before, so that no cache can know it; the same for the same label. */
  readonly unique: (label: string) => string;
  /** Origin of the browser application, for the preflight. */
  readonly origin: string;
  readonly userAgent: string;
  readonly answer: (probe: string) => ProbeAnswer | undefined;
  /** Access token of the `token` probe. */
  readonly token: () => string | undefined;
}

export interface Probe {
  readonly name: string;
  /** What it asks, as a sentence for the report. */
  readonly asks: string;
  /** `approach`: enough to tell whether Drupal is behind the URL at all; the rest is left out when it is not. */
  readonly stage: 'approach' | 'product' | 'surface';
  /** Presents the user's or the client's secret, so that a refusal costs a failed login. */
  readonly presents?: 'client' | 'user';
  /** The request, or undefined when this target has no use for it. */
  readonly request: (context: ProbeContext) => WireRequest | undefined;
}

const missingPath = '/no-such-path';

/** Builds a request below the base URL; the target's own headers are sent with every one. */
export function buildProbe(
  { target, userAgent }: Pick<ProbeContext, 'target' | 'userAgent'>,
  method: string,
  path: string,
  headers: readonly HeaderLine[] = [],
  form?: Readonly<Record<string, string>>,
): WireRequest {
  const base = new URL(target.baseUrl).pathname.replace(/\/$/, '');
  const own = headers.some(([name]) => name.toLowerCase() === 'user-agent') ? [] : ([['User-Agent', userAgent]] as const);
  return {
    method,
    path: base + path,
    headers: [
      ...own,
      ...headers,
      ...Object.entries(target.headers ?? {}),
      ...(form === undefined ? [] : ([['Content-Type', 'application/x-www-form-urlencoded']] as const)),
    ],
    ...(form === undefined ? {} : { body: Buffer.from(new URLSearchParams(form).toString()) }),
  };
}

const basic = (name: string, password: string): HeaderLine => [
  'Authorization',
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
];

/** Id of the user that a good request acts as. */
export function ownId({ target, product }: Pick<ProbeContext, 'target' | 'product'>): string | undefined {
  const id = (product.kind === 'simple-oauth' ? target.clients?.['main']?.actsAs : undefined) ?? target.users?.['main']?.id;
  return id === undefined ? undefined : String(id);
}

function ownResource(context: ProbeContext): string | undefined {
  const id = ownId(context);
  return id === undefined ? undefined : `${context.product.paths.user}/${id}?_format=json`;
}

const applicationId = ({ target }: ProbeContext) => target.clients?.['main']?.applicationId;

/** The header that chooses the miniOrange application, if the target has one. */
function application(context: ProbeContext): readonly HeaderLine[] {
  const id = context.product.kind === 'miniorange' ? applicationId(context) : undefined;
  return id === undefined ? [] : [['AUTH-METHOD', id]];
}

/** The good credential in the header that carries it; undefined when the target lacks it or no token was issued. */
export function credential(context: ProbeContext): HeaderLine | undefined {
  const { target, product } = context;
  const user = target.users?.['main'];
  const key = target.clients?.['main']?.apiKey;
  switch (product.method) {
    case 'bearer': {
      const token = context.token();
      return token === undefined ? undefined : ['Authorization', `Bearer ${token}`];
    }
    case 'password':
      return user?.name === undefined || user.password === undefined ? undefined : basic(user.name, user.password);
    case 'key': {
      if (user?.name === undefined || key === undefined) return undefined;
      const [, value] = basic(user.name, key);
      return wantsKeyHeader(context) ? ['api-key', value.slice('Basic '.length)] : ['Authorization', value];
    }
    case 'none':
      return undefined;
  }
}

/** An application may take the key in a header of its own; it says so when that header is missing. */
function wantsKeyHeader(context: ProbeContext): boolean {
  return context.answer('resource-none')?.error === 'MISSING_API_KEY_HEADER';
}

function good(path: (context: ProbeContext) => string | undefined, headers: readonly HeaderLine[] = []): Probe['request'] {
  return (context) => {
    const where = path(context);
    const line = credential(context);
    return where === undefined || line === undefined
      ? undefined
      : buildProbe(context, 'GET', where, [...application(context), line, ...headers]);
  };
}

function bare(
  path: (context: ProbeContext) => string | undefined,
  extra: (context: ProbeContext) => readonly HeaderLine[] = () => [],
): Probe['request'] {
  return (context) => {
    const where = path(context);
    return where === undefined ? undefined : buildProbe(context, 'GET', where, extra(context));
  };
}

/** Value that no server can take for a token. */
const garbage: HeaderLine = ['Authorization', 'Bearer garbage'];

const isSimpleOauth = ({ product }: ProbeContext) => product.kind === 'simple-oauth';
const isMiniorange = ({ product }: ProbeContext) => product.kind === 'miniorange';
const hasSurface = (name: string) => (context: ProbeContext) => context.product.surfaces.includes(name);

/** Leaves a probe out unless it makes sense for the product. */
function only(condition: (context: ProbeContext) => boolean, request: Probe['request']): Probe['request'] {
  return (context) => (condition(context) ? request(context) : undefined);
}

function uniquely(label: string): (context: ProbeContext) => string | undefined {
  return (context) => {
    const path = ownResource(context);
    return path === undefined ? undefined : `${path}&dac=${context.unique(label)}`;
  };
}

/** The token request of the product with the credentials in the body. */
function tokenForm({ target, product }: ProbeContext): Readonly<Record<string, string>> | undefined {
  const client = target.clients?.['main'];
  const user = target.users?.['main'];
  if (client?.id === undefined || product.method !== 'bearer') return undefined;
  if (product.kind === 'miniorange') {
    if (user?.name === undefined || user.password === undefined) return undefined;
    return { grant_type: 'password', client_id: client.id, username: user.name, password: user.password };
  }
  if (client.secret === undefined) return undefined;
  return {
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret,
    ...(client.scope === undefined ? {} : { scope: client.scope }),
  };
}

/** A preflight as a browser sends it before a request with the credential. */
function preflight(path: (context: ProbeContext) => string | undefined, method: string, headers: string): Probe['request'] {
  return (context) => {
    const where = path(context);
    if (where === undefined) return undefined;
    return buildProbe(context, 'OPTIONS', where, [
      ['Origin', context.origin],
      ['Access-Control-Request-Method', method],
      ['Access-Control-Request-Headers', headers],
    ]);
  };
}

/** A browser's name: the only difference from `front`, for filters that dislike programs. */
export const browserAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

const drupal = (request: Probe['request']) => only(({ product }) => product.isDrupal, request);

/** All probes in sending order. */
export const probes: readonly Probe[] = [
  { name: 'front', stage: 'approach', asks: 'the front page', request: bare(() => '/') },
  { name: 'login-page', stage: 'approach', asks: "Drupal's log-in page", request: drupal(bare(() => '/user/login')) },
  {
    name: 'unknown-json',
    stage: 'approach',
    asks: 'a path that does not exist, as JSON',
    request: drupal(bare(() => `${missingPath}?_format=json`)),
  },
  { name: 'unknown-page', stage: 'approach', asks: 'a path that does not exist, as a page', request: drupal(bare(() => missingPath)) },
  {
    name: 'token-get',
    stage: 'approach',
    asks: 'the token endpoint by GET, which it refuses',
    request: bare(({ product }) =>
      product.kind === 'miniorange' ? undefined : `${product.paths.token}${product.isDrupal ? '?_format=json' : ''}`,
    ),
  },
  {
    name: 'front-as-browser',
    stage: 'approach',
    asks: "the front page with a browser's User-Agent",
    request: (context) => {
      const front = context.answer('front');
      if (front?.status !== 403 || front.layer === 'drupal' || front.layer === 'kernel') return undefined;
      return buildProbe(context, 'GET', '/', [['User-Agent', browserAgent]]);
    },
  },
  {
    name: 'login-page-by-script',
    stage: 'approach',
    asks: "Drupal's log-in page through /index.php",
    request: drupal((context) => {
      if (context.answer('login-page')?.status !== 404) return undefined;
      return buildProbe(context, 'GET', '/index.php/user/login');
    }),
  },
  {
    name: 'login-page-at-root',
    stage: 'approach',
    asks: "Drupal's log-in page without the folder of the base URL",
    request: drupal((context) => {
      const folder = new URL(context.target.baseUrl).pathname.replace(/\/$/, '');
      if (folder === '' || context.answer('login-page')?.status !== 404) return undefined;
      return { ...buildProbe(context, 'GET', ''), path: '/user/login' };
    }),
  },

  {
    name: 'token',
    stage: 'product',
    asks: 'a token, with the credentials in the body',
    presents: 'client',
    request: (context) => {
      const form = tokenForm(context);
      return form === undefined ? undefined : buildProbe(context, 'POST', context.product.paths.token, [], form);
    },
  },
  {
    name: 'token-by-basic',
    stage: 'product',
    asks: 'a token, with the same credentials in the Authorization header',
    presents: 'client',
    request: only(isSimpleOauth, (context) => {
      const form = tokenForm(context);
      if (form === undefined) return undefined;
      const { client_id: id = '', client_secret: secret = '', ...rest } = form;
      return buildProbe(context, 'POST', context.product.paths.token, [basic(id, secret)], rest);
    }),
  },
  {
    name: 'token-empty',
    stage: 'product',
    asks: 'a token without any parameter, after a complete request was refused or broke',
    request: only(isSimpleOauth, (context) => {
      const status = context.answer('token')?.status ?? 0;
      return status === 400 || status >= 500 ? buildProbe(context, 'POST', context.product.paths.token, [], {}) : undefined;
    }),
  },
  {
    name: 'token-by-password',
    stage: 'product',
    asks: 'a token for the user and password',
    presents: 'user',
    request: only(isSimpleOauth, (context) => {
      const client = context.target.clients?.['main'];
      const user = context.target.users?.['main'];
      const form = tokenForm(context);
      if (form === undefined || client?.grants?.includes('password') !== true) return undefined;
      if (user?.name === undefined || user.password === undefined) return undefined;
      const asked = { ...form, grant_type: 'password', username: user.name, password: user.password };
      return buildProbe(context, 'POST', context.product.paths.token, [], asked);
    }),
  },
  {
    name: 'keys',
    stage: 'product',
    asks: 'the published signing keys',
    request: only(
      isSimpleOauth,
      bare(() => '/oauth/jwks'),
    ),
  },
  {
    name: 'revoke-none',
    stage: 'product',
    asks: 'the revocation endpoint without credentials',
    request: only(isMiniorange, (context) => buildProbe(context, 'POST', '/rest_api/revoke', [], { token: 'abc' })),
  },

  { name: 'resource-none', stage: 'product', asks: 'the own account without credentials', request: bare(ownResource, application) },
  {
    name: 'resource-garbage',
    stage: 'product',
    asks: 'the own account with a Bearer value that is no token',
    request: bare(ownResource, (context) => [...application(context), garbage]),
  },
  { name: 'resource', stage: 'product', asks: 'the own account with the good credential', presents: 'user', request: good(ownResource) },
  {
    name: 'resource-other-spelling',
    stage: 'product',
    asks: 'the own account with the credential under the name Authorisation',
    presents: 'user',
    request: only(isMiniorange, (context) => {
      const path = ownResource(context);
      const line = credential(context);
      const error = context.answer('resource')?.error ?? '';
      if (path === undefined || line?.[0] !== 'Authorization') return undefined;
      if (!/^(MISSING_AUTHORIZATION_HEADER|INVALID_CREDENTIALS|USER_DOES_NOT_EXIST|INVALID_API_KEY)$/.test(error)) return undefined;
      return buildProbe(context, 'GET', path, [...application(context), ['Authorisation', line[1]]]);
    }),
  },
  {
    name: 'resource-unknown-application',
    stage: 'product',
    asks: 'the own account under an application id that does not exist',
    request: only(
      (context) => isMiniorange(context) && applicationId(context) !== undefined,
      bare(uniquely('application'), () => [['AUTH-METHOD', 'deadbeef']]),
    ),
  },
  {
    name: 'resource-no-application',
    stage: 'product',
    asks: 'the own account without the AUTH-METHOD header',
    request: only(isMiniorange, bare(ownResource)),
  },

  // A shared cache: the same address twice, with and without the credential, and addresses that nobody asked for before.
  {
    name: 'cache-good-first',
    stage: 'product',
    asks: 'a new address of the own account with the good credential',
    presents: 'user',
    request: good(uniquely('pair')),
  },
  {
    name: 'cache-none-second',
    stage: 'product',
    asks: 'the same address without credentials',
    request: (context) => (credential(context) === undefined ? undefined : bare(uniquely('pair'), application)(context)),
  },
  {
    name: 'cache-none-alone',
    stage: 'product',
    asks: 'another new address without credentials',
    request: (context) => (credential(context) === undefined ? undefined : bare(uniquely('fresh'), application)(context)),
  },
  {
    name: 'cache-good-after-none',
    stage: 'product',
    asks: 'that address with the good credential',
    presents: 'user',
    request: good(uniquely('fresh')),
  },

  {
    name: 'page',
    stage: 'surface',
    asks: "the own account's page with the good credential",
    request: only(
      isSimpleOauth,
      good((context) => ownResource(context)?.replace('?_format=json', '')),
    ),
  },
  {
    name: 'other',
    stage: 'surface',
    asks: 'an account that the user may view',
    presents: 'user',
    request: good(({ target, product }) => {
      const id = target.users?.['other']?.id;
      return id === undefined ? undefined : `${product.paths.user}/${id}?_format=json`;
    }),
  },
  {
    name: 'article',
    stage: 'surface',
    asks: 'the article by REST',
    presents: 'user',
    request: only(
      isMiniorange,
      good(({ target }) => {
        const id = target.content?.['article']?.id;
        return id === undefined ? undefined : `/node/${id}?_format=json`;
      }),
    ),
  },
  {
    name: 'jsonapi',
    stage: 'surface',
    asks: 'the JSON:API entry point',
    request: only(
      hasSurface('jsonapi'),
      bare(() => '/jsonapi'),
    ),
  },
  {
    name: 'jsonapi-as-user',
    stage: 'surface',
    asks: 'the JSON:API entry point with the good credential, where the module guards it',
    presents: 'user',
    request: only(
      (context) => context.answer('jsonapi')?.layer === 'module',
      good(() => '/jsonapi'),
    ),
  },
  {
    name: 'articles',
    stage: 'surface',
    asks: 'the articles by JSON:API with the good credential',
    presents: 'user',
    request: only(hasSurface('jsonapi'), good(articlesPath)),
  },
  {
    name: 'articles-none',
    stage: 'surface',
    asks: 'the articles by JSON:API without credentials',
    request: only(hasSurface('jsonapi'), bare(articlesPath)),
  },
  {
    name: 'graphql',
    stage: 'surface',
    asks: 'the GraphQL endpoint with the good credential',
    request: only(hasSurface('graphql'), (context) => {
      const line = credential(context);
      if (line === undefined) return undefined;
      const request = buildProbe(context, 'POST', context.product.paths.graphql, [
        ...application(context),
        ['Content-Type', 'application/json'],
        line,
      ]);
      return { ...request, body: Buffer.from('{"query":"{ __typename }"}') };
    }),
  },
  {
    name: 'resource-preflight',
    stage: 'surface',
    asks: "a browser's preflight for the own account",
    request: (context) => preflight(ownResource, 'GET', isMiniorange(context) ? 'authorization,auth-method' : 'authorization')(context),
  },
  {
    name: 'token-preflight',
    stage: 'surface',
    asks: "a browser's preflight for the token endpoint",
    request: (context) =>
      context.product.method === 'bearer'
        ? preflight(({ product }) => product.paths.token, 'POST', 'authorization,content-type')(context)
        : undefined,
  },
];

function articlesPath({ target }: ProbeContext): string {
  return `/jsonapi/node/${target.content?.['article']?.type ?? 'article'}`;
}
