/**
 * Grants that are confused, and token requests by the wrong way.
 *
 * @module
 */
import {
  asForm,
  asking,
  bendWhen,
  formOf,
  isTokenRequest,
  onlyFor,
  readAs,
  replaced,
  requestHeader,
  withForm,
  type Decorator,
} from '../mutant.ts';
import { firstApplication, grantAll, mutant, onceIssued, stateOf } from './make.ts';

const twoGrants = ['token-request/two-grants'];
const eitherGrant = [...twoGrants, 'missing-username/any-parameter', '/invariants/token-for-bad-credentials'];
const byPost = ['password-grant/post', 'client-credentials-grant/post', '/rfc6749/3.2/post'];

function grantCounts(holds: (given: string | undefined) => boolean, as: 'password' | 'client_credentials'): Decorator {
  return withForm((form) => {
    if (holds(form.get('grant_type') ?? undefined)) form.set('grant_type', as);
  });
}

/** Issues a token for parameters that stand in the query. */
function byQuery(holds: (request: Parameters<typeof isTokenRequest>[0], query: URLSearchParams) => boolean, unchecked = false): Decorator {
  return readAs((request, site) => {
    const query = new URLSearchParams(request.path.split('?')[1] ?? '');
    if (!isTokenRequest(request) || !holds(request, query)) return request;
    return asForm(request, unchecked ? grantAll(query, site) : query);
  });
}

const grants = [
  mutant(
    'unknown-grant-is-password',
    'Every grant type counts as password',
    twoGrants,
    grantCounts((given) => given !== undefined && given !== 'client_credentials', 'password'),
  ),
  mutant(
    'unknown-grant-is-client-credentials',
    'Every grant type counts as client_credentials',
    twoGrants,
    grantCounts((given) => given !== undefined && given !== 'password', 'client_credentials'),
  ),
  mutant(
    'grant-left-out-is-password',
    'Without a grant type the password grant is meant',
    eitherGrant,
    grantCounts((given) => given === undefined, 'password'),
  ),
  mutant(
    'grant-left-out-is-client-credentials',
    'Without a grant type the client_credentials grant is meant',
    eitherGrant,
    grantCounts((given) => given === undefined, 'client_credentials'),
  ),
  mutant(
    'grant-empty-is-password',
    'An empty grant type counts as password',
    eitherGrant,
    grantCounts((given) => given === '', 'password'),
  ),
  mutant(
    'grant-by-beginning',
    'A grant type is right if it begins with the right word',
    twoGrants,
    grantCounts((given = '') => given.startsWith('password') && given !== 'password', 'password'),
  ),
  mutant(
    'grant-by-part',
    'A grant type is right if it holds the right word',
    twoGrants,
    grantCounts((given = '') => given.includes('client_credentials') && given !== 'client_credentials', 'client_credentials'),
  ),
  mutant(
    'refresh-without-token',
    'The grant refresh_token gives a token without a refresh token',
    twoGrants,
    withForm((form, site) => {
      if (form.get('grant_type') === 'refresh_token') for (const [name, value] of grantAll(form, site)) form.set(name, value);
    }),
  ),
  mutant(
    'code-without-code',
    'The grant authorization_code gives a token without a code',
    twoGrants,
    withForm((form, site) => {
      if (form.get('grant_type') === 'authorization_code') for (const [name, value] of grantAll(form, site)) form.set(name, value);
    }),
  ),
  mutant(
    'assertion-without-assertion',
    'The JWT bearer grant gives a token without an assertion',
    twoGrants,
    withForm((form, site) => {
      if (form.get('grant_type')?.endsWith(':jwt-bearer')) for (const [name, value] of grantAll(form, site)) form.set(name, value);
    }),
  ),
  mutant(
    'password-instead-of-secret',
    'The client_credentials grant takes the password of the user in place of the secret',
    eitherGrant,
    withForm((form) => {
      if (form.get('grant_type') === 'client_credentials' && form.has('password') && !form.has('client_secret'))
        form.set('grant_type', 'password');
    }),
  ),
  mutant(
    'secret-instead-of-password',
    'The password grant takes the client secret in place of the password',
    eitherGrant,
    withForm((form) => {
      if (form.get('grant_type') === 'password' && form.has('client_secret') && !form.has('password'))
        form.set('grant_type', 'client_credentials');
    }),
  ),
  mutant(
    'password-grant-off',
    'The password grant is not supported',
    [...twoGrants, 'password-grant/credentials', 'password-grant/grant-type'],
    withForm((form) => {
      if (form.get('grant_type') === 'password') form.set('grant_type', 'none');
    }),
  ),
  mutant(
    'client-credentials-grant-off',
    'The client_credentials grant is not supported',
    [...twoGrants, 'client-credentials-grant/credentials', 'client-credentials-grant/grant-type'],
    withForm((form) => {
      if (form.get('grant_type') === 'client_credentials') form.set('grant_type', 'none');
    }),
  ),
  mutant(
    'grant-must-be-upper-case',
    'Grant types are known in upper case only',
    [...twoGrants, 'password-grant/grant-type'],
    withForm((form) => {
      const grant = form.get('grant_type') ?? '';
      form.set('grant_type', grant === grant.toUpperCase() ? grant.toLowerCase() : 'none');
    }),
  ),
  mutant(
    'password-grant-asks-for-secret',
    'The password grant asks for the client secret',
    ['password-grant/no-client-secret', 'password-grant/credentials'],
    withForm((form, site) => {
      if (form.get('grant_type') === 'password' && form.get('client_secret') !== firstApplication(site).clientSecret)
        form.set('client_id', '');
    }),
  ),
  mutant(
    'user-name-capital-only',
    'The client_credentials grant reads Username and not username',
    ['client-credentials-grant/username', 'client-credentials-grant/credentials'],
    withForm((form) => {
      if (form.get('grant_type') !== 'client_credentials') return;
      const name = form.get('Username');
      if (name === null) form.delete('username');
      else form.set('username', name);
    }),
  ),
  mutant(
    'user-name-not-unicode',
    'Names that are no plain ASCII are not found',
    ['password-grant/credentials', 'password-grant/form-encoded', 'token-response/success'],
    withForm((form) => {
      form.set('username', (form.get('username') ?? '').replace(/[^\x20-\x7e]/g, '?'));
      if (form.get('username') === '') form.delete('username');
    }),
  ),
  mutant(
    'user-name-not-unicode-with-secret',
    'Names that are no plain ASCII are not found in the client credentials grant',
    ['client-credentials-grant/username', 'token-response/success'],
    withForm((form) => {
      if (form.get('grant_type') === 'client_credentials') form.set('username', (form.get('username') ?? '').replace(/[^\x20-\x7e]/g, '?'));
    }),
  ),
  mutant(
    'percent-not-decoded',
    'Percent signs in the names of parameters are not decoded',
    ['password-grant/form-encoded'],
    readAs((request) => {
      const text = new TextDecoder().decode(request.body);
      return formOf(request) !== undefined && /%[0-9a-f]{2}[^=&]*=/i.test(text) ? asForm(request, new URLSearchParams()) : request;
    }),
  ),
  mutant(
    'parameters-in-order',
    'Parameters are read by their place, grant type first',
    ['password-grant/credentials'],
    readAs((request) => {
      const [first] = formOf(request)?.keys() ?? [];
      return first === undefined || first === 'grant_type' ? request : asForm(request, new URLSearchParams());
    }),
  ),
  mutant(
    'json-only',
    'The token endpoint reads JSON only',
    ['password-grant/form-encoded', 'client-credentials-grant/form-encoded', 'password-grant/credentials'],
    readAs((request) => (formOf(request) === undefined ? request : asForm(request, new URLSearchParams()))),
  ),
  mutant(
    'accept-asked-for',
    'Without an Accept header no token is issued',
    ['password-grant/credentials', 'password-grant/accept', 'client-credentials-grant/credentials'],
    readAs((request) =>
      formOf(request) === undefined || requestHeader(request, 'accept') !== undefined ? request : asForm(request, new URLSearchParams()),
    ),
  ),
  mutant(
    'unique-header-at-token-endpoint',
    'The token endpoint asks for the unique header',
    ['password-grant/credentials', 'client-credentials-grant/credentials'],
    bendWhen(
      (request) => isTokenRequest(request) && requestHeader(request, 'auth-method') === undefined,
      replaced(
        400,
        'application/json',
        '{"status":"error","http_code":400,"error":"MISSING_HEADER","error_description":"Missing required unique header."}',
      ),
    ),
  ),
  mutant(
    'content-type-with-case',
    'Only the name Content-Type in this spelling is read',
    ['password-grant/form-encoded', '/rfc9110/5.1/field-names'],
    readAs((request) =>
      formOf(request) === undefined || request.headers.some(([name]) => name === 'Content-Type')
        ? request
        : asForm(request, new URLSearchParams()),
    ),
  ),
];

const ways = [
  mutant(
    'token-by-get',
    'GET with the parameters in the query issues a token',
    byPost,
    byQuery(({ method }, query) => method === 'GET' && query.get('grant_type') === 'password'),
  ),
  mutant(
    'token-by-get-of-client',
    'GET issues a token for the client credentials in the query',
    ['client-credentials-grant/post', '/rfc6749/3.2/post'],
    byQuery(({ method }, query) => method === 'GET' && query.get('grant_type') === 'client_credentials'),
  ),
  mutant(
    'token-by-get-unchecked',
    'GET issues a token without looking at the secret',
    ['client-credentials-grant/post', '/invariants/token-for-bad-credentials'],
    byQuery(({ method }, query) => method === 'GET' && query.has('client_id'), true),
  ),
  mutant(
    'token-by-get-with-body',
    'GET with the parameters in the body issues a token',
    byPost,
    readAs((request) => {
      const form = formOf(request);
      return request.method === 'GET' && form !== undefined ? asForm(request, form) : request;
    }),
  ),
  mutant(
    'token-by-method-override',
    'X-HTTP-Method-Override makes a POST of a GET',
    byPost,
    byQuery((request) => request.method === 'GET' && requestHeader(request, 'x-http-method-override') === 'POST'),
  ),
  mutant(
    'token-by-method-parameter',
    'The parameter _method makes a POST of a GET',
    byPost,
    byQuery((request, query) => request.method === 'GET' && query.get('_method') === 'POST'),
  ),
  mutant(
    'token-by-put',
    'PUT issues a token',
    byPost,
    readAs((request) => (request.method === 'PUT' && isTokenRequest(request) ? { ...request, method: 'POST' } : request)),
  ),
  mutant(
    'token-by-delete',
    'DELETE issues a token',
    byPost,
    readAs((request) => (request.method === 'DELETE' && isTokenRequest(request) ? { ...request, method: 'POST' } : request)),
  ),
  mutant(
    'token-by-patch-unchecked',
    'PATCH issues a token for any secret',
    ['/invariants/token-for-bad-credentials', 'client-credentials-grant/post'],
    readAs((request, site) => {
      const form = formOf(request);
      return request.method === 'PATCH' && form !== undefined ? asForm(request, grantAll(form, site)) : request;
    }),
  ),
  mutant(
    'token-by-options',
    'OPTIONS issues a token',
    ['password-grant/post'],
    byQuery(({ method }, query) => method === 'OPTIONS' && query.has('grant_type')),
  ),
  mutant(
    'token-path-with-case-unchecked',
    'The token endpoint under a path in capitals does not look at the secret',
    ['client-credentials-grant/path', '/invariants/token-for-bad-credentials'],
    readAs((request, site) => {
      const form = formOf(request);
      return form !== undefined && /ACCESS_TOKEN/.test(request.path) ? asForm(request, grantAll(form, site)) : request;
    }),
  ),
  mutant(
    'token-path-moved',
    'The token endpoint is somewhere else',
    ['password-grant/path', 'client-credentials-grant/path'],
    bendWhen(isTokenRequest, replaced(404, 'application/json', '{"message":"No route found"}')),
  ),
  mutant(
    'token-path-redirected',
    'The token endpoint redirects to another place',
    ['password-grant/path', 'password-grant/credentials'],
    bendWhen(isTokenRequest, (response) => ({
      ...replaced(301, 'text/html; charset=UTF-8', '<!DOCTYPE html><title>Redirecting</title>')(response),
      headers: [
        ...response.headers.filter(([name]) => name.toLowerCase() !== 'content-length'),
        ['Location', '/rest_api/access_token/'],
        ['Content-Length', '40'],
      ],
    })),
  ),
];

const whom = [
  mutant(
    'password-token-of-first-user',
    'A token of the password grant acts as the administrator',
    ['password-grant/credentials', 'password-grant/username', '/invariants/foreign-identity'],
    onlyFor(
      asking('password'),
      onceIssued(() => ({ userId: 1 })),
    ),
  ),
  mutant(
    'password-token-of-fixed-user',
    'Every token of the password grant acts as the same user',
    ['password-grant/credentials', '/invariants/foreign-identity'],
    onlyFor(
      asking('password'),
      onceIssued(() => ({ userId: 2 })),
    ),
  ),
  mutant(
    'client-token-of-first-user',
    'A token of the client_credentials grant acts as the administrator',
    ['client-credentials-grant/credentials', 'client-credentials-grant/username', '/invariants/foreign-identity'],
    onlyFor(
      asking('client_credentials'),
      onceIssued(() => ({ userId: 1 })),
    ),
  ),
  mutant(
    'client-token-of-fixed-user',
    'A token of the client_credentials grant acts as the owner of the client, whoever is named',
    ['client-credentials-grant/credentials', 'client-credentials-grant/username', '/invariants/foreign-identity'],
    onlyFor(
      asking('client_credentials'),
      onceIssued(() => ({ userId: 2 })),
    ),
  ),
  mutant(
    'client-token-of-other-user',
    'A token of the client_credentials grant acts as another user with the same rights',
    ['client-credentials-grant/credentials', 'client-credentials-grant/username', '/invariants/foreign-identity'],
    onlyFor(
      asking('client_credentials'),
      onceIssued((token) => ({ userId: token.userId === 2 ? 4 : token.userId })),
    ),
  ),
  mutant(
    'user-id-chooses',
    'The parameter uid chooses whom the token acts for',
    ['password-grant/credentials', '/invariants/foreign-identity'],
    wishFor('uid'),
  ),
  mutant(
    'admin-parameter-counts',
    'The parameter admin gives a token of the administrator',
    ['password-grant/credentials', '/invariants/foreign-identity'],
    wishFor('admin'),
  ),
  mutant(
    'role-parameter-counts',
    'The parameter role gives the token the rights of that role',
    ['password-grant/credentials', '/invariants/foreign-identity'],
    wishFor('role'),
  ),
  mutant(
    'user-id-chooses-for-client',
    'The parameter uid chooses whom a token of the client_credentials grant acts for',
    ['client-credentials-grant/username', '/invariants/foreign-identity'],
    onlyFor(asking('client_credentials'), wishFor('uid')),
  ),
  mutant(
    'lifetime-parameter-counts',
    'The client chooses the lifetime of its token by expires_in',
    ['setup/token-expiry'],
    lifetimeByWish(),
  ),
  mutant(
    'token-of-wrong-application',
    'A token of one application is issued as one of another',
    ['setup/unique-header', 'protected-request/auth-method'],
    onceIssued((token, { site, state }) => {
      const first = firstApplication(site).id;
      const other = [...state.applications.values()].find(({ id, method }) => id !== first && method === 'oauth');
      return {
        applicationId:
          token.applicationId === first
            ? token.applicationId
            : other === undefined
              ? first
              : token.applicationId === other.id
                ? first
                : other.id,
      };
    }),
  ),
];

function wishFor(parameter: string): Decorator {
  return onceIssued((_, { request }) => (formOf(request)?.has(parameter) ? { userId: 1 } : undefined));
}

function lifetimeByWish(): Decorator {
  return (answer) => (request, site) => {
    const wished = Number(formOf(request)?.get('expires_in') ?? Number.NaN);
    if (!Number.isFinite(wished)) return answer(request, site);
    const application = stateOf(site).applicationsByClient.get(formOf(request)?.get('client_id') ?? '');
    if (application === undefined) return answer(request, site);
    const kept = application.tokenLifetimeSeconds;
    application.tokenLifetimeSeconds = wished;
    try {
      return answer(request, site);
    } finally {
      application.tokenLifetimeSeconds = kept;
    }
  };
}

export const grantMutants = [...grants, ...ways, ...whom];
