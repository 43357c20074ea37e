/**
 * Wrong token endpoints: clients not checked, grants and scopes confused, answers spoilt.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../../src/model/exchange.ts';
import { basicOf, bodyOf, comparisons, crash, oddComparisons, spoilings, stackTrace, telling } from '../mistakes.ts';
import {
  allOf,
  asForm,
  bendWhen,
  formOf,
  isTokenRequest,
  issuing,
  json,
  jsonOf,
  nth,
  onlyFor,
  readAs,
  refusing,
  remembering,
  replaced,
  requestHeader,
  untouched,
  withForm,
  withHeader,
  withRequestHeader,
  withStatus,
  without,
  type Decorator,
  type Mutant,
} from '../mutant.ts';
import type { Delivery } from '../../faults.ts';
import type { Site } from '../../site.ts';
import {
  bearerOf,
  clientCounts,
  consumerOf,
  grantAll,
  grants,
  mutant,
  onceIssued,
  queryOf,
  secretCounts,
  stateOf,
  withClaims,
  withClient,
} from './make.ts';

const badCredentials = '/invariants/token-for-bad-credentials';
const wrongSecret = ['refusal/wrong-secret', '/simple-oauth/request/client-secret', badCredentials];
const unknownClient = ['refusal/unknown-client', '/simple-oauth/request/client-id', badCredentials];
const grantType = ['refusal/grant-6', '/simple-oauth/request/grant-type', '/rfc6749/5.2/unsupported-grant-type'];
const onlyPost = ['methods/only-post', '/simple-oauth/request/post', '/rfc6749/3.2/post'];

const secrets = [
  ...[...comparisons, ...oddComparisons.filter(([name]) => ['wildcard', 'one-character', 'by-query'].includes(name))].map(
    ([name, title, holds]) => mutant(`secret-${name}`, `A client secret ${title}`, wrongSecret, secretCounts(holds)),
  ),
  ...oddComparisons
    .filter(([name]) => ['empty', 'left-out'].includes(name))
    .map(([name, title, holds]) =>
      mutant(`secret-${name}`, `A client secret ${title}`, ['refusal/missing-secret-6', badCredentials], secretCounts(holds)),
    ),
  mutant(
    'secret-blank',
    'A client secret of blanks is accepted',
    [badCredentials, '/rfc6749/5.2/invalid-client'],
    secretCounts((given) => given !== undefined && given !== '' && given.trim() === ''),
  ),
  mutant(
    'secret-of-other-client',
    'The secret of any client opens every one',
    wrongSecret,
    secretCounts((given, _, { site }) => [...stateOf(site).consumers.values()].some(({ secret }) => secret === given)),
  ),
  mutant(
    'secret-is-client-id',
    'The client id is accepted as the secret',
    wrongSecret,
    secretCounts((given, _, { consumer }) => given === consumer.id),
  ),
  mutant(
    'secret-is-password',
    'The password of the user is accepted as the secret',
    wrongSecret,
    secretCounts((given, _, { site, consumer }) => given === site.users.get(consumer.userId ?? 0)?.password),
  ),
  mutant(
    'secret-as-array',
    'A secret that is an array is not compared',
    [badCredentials],
    grants((_, form) => [...form.keys()].some((name) => name.startsWith('client_secret['))),
  ),
  mutant(
    'secret-in-query-unchecked',
    'A secret in the query is not compared',
    [badCredentials],
    readAs((request, site) =>
      isTokenRequest(request) &&
      request.method === 'POST' &&
      queryOf(request).has('client_id') &&
      (formOf(request)?.has('client_id') ?? false) === false
        ? asForm(request, grantAll(new URLSearchParams(), site))
        : request,
    ),
  ),
  mutant(
    'secret-in-json-unchecked',
    'A secret in a JSON body is compared loosely, so that true is equal',
    [badCredentials],
    readAs((request, site) =>
      isTokenRequest(request) && /"client_secret": ?true/.test(bodyOf(request))
        ? asForm(request, grantAll(new URLSearchParams(), site))
        : request,
    ),
  ),
  mutant(
    'secret-in-multipart-unchecked',
    'Credentials in a multipart body are not compared',
    [badCredentials],
    readAs((request, site) =>
      isTokenRequest(request) && /multipart\/form-data; *boundary/.test(requestHeader(request, 'content-type') ?? '')
        ? asForm(request, grantAll(new URLSearchParams(), site))
        : request,
    ),
  ),
  mutant(
    'basic-secret-unchecked',
    'A secret in HTTP Basic is not looked at',
    ['refusal/wrong-secret', 'refusal/basic-challenge', '/rfc6749/5.2/invalid-client', badCredentials],
    readAs((request, site) => {
      const id = basicOf(request)?.[0];
      const consumer = stateOf(site).consumers.get(id?.toLowerCase() ?? '');
      return isTokenRequest(request) && consumer?.secret !== undefined && basicOf(request)?.[1] !== ''
        ? withClient(request, consumer.id, consumer.secret)
        : request;
    }),
  ),
  mutant(
    'basic-secret-may-be-empty',
    'An empty secret in HTTP Basic is accepted',
    ['refusal/missing-secret-6', badCredentials],
    secretCounts((given, _, { form }) => given === '' && !form.has('client_secret')),
  ),
  mutant(
    'basic-user-as-client',
    'Name and password of a user authenticate a client',
    ['refusal/wrong-secret', '/rfc6749/5.2/invalid-client', badCredentials],
    grants((request, _, site) => {
      const [name, password] = basicOf(request) ?? [];
      return [...site.users.values()].some((user) => user.name === name && user.password === password);
    }),
  ),
  mutant(
    'token-instead-of-credentials',
    'Who has a token gets a new one without a secret',
    [badCredentials, '/rfc6749/5.2/invalid-client'],
    grants((request) => bearerOf(request) !== undefined && (bearerOf(request)?.split('.').length ?? 0) === 3),
  ),
  mutant(
    'secret-cut',
    'Only the first hundred characters of a secret are compared',
    [badCredentials],
    secretCounts((given = '', right) => given.startsWith(right) && given.length > 100),
  ),
];

function formWith(request: WireRequest, name: string, value: string): URLSearchParams {
  const form = new URLSearchParams(formOf(request));
  form.set(name, value);
  return form;
}

const clients = [
  mutant(
    'client-in-query',
    'The parameters of a token request are read from the query where the body has none',
    ['refusal/query-6'],
    readAs((request) =>
      isTokenRequest(request) && request.method === 'POST' && (request.body?.length ?? 0) === 0 && queryOf(request).has('client_secret')
        ? asForm(request, queryOf(request))
        : request,
    ),
  ),
  mutant(
    'any-client',
    'A client that does not exist counts as the main one',
    unknownClient,
    clientCounts((given) => given !== undefined && given !== ''),
  ),
  mutant(
    'client-id-may-go-on',
    'A client id with more behind it is accepted',
    unknownClient,
    clientCounts((given, right) => given?.startsWith(right) === true),
  ),
  mutant(
    'client-id-may-end-early',
    'A client id without its last character is accepted',
    unknownClient,
    clientCounts((given, right) => given === right.slice(0, -1)),
  ),
  mutant(
    'client-id-may-begin-late',
    'A client id without its first character is accepted',
    unknownClient,
    clientCounts((given, right) => given === right.slice(1)),
  ),
  mutant(
    'client-id-wildcard',
    'Client ids are compared with LIKE, so that % is every client',
    unknownClient,
    clientCounts((given) => given === '%'),
  ),
  mutant(
    'client-id-pattern',
    'Client ids are patterns, so that * is every client',
    unknownClient,
    clientCounts((given) => given === '*'),
  ),
  mutant(
    'client-id-by-query',
    'A client id is put into an SQL query as it stands',
    unknownClient,
    clientCounts((given) => /' OR '1'='1/.test(given ?? '')),
  ),
  mutant(
    'client-id-is-user',
    'The id of the user counts as the client id',
    unknownClient,
    clientCounts((given) => given === '2'),
  ),
  mutant(
    'client-id-is-secret',
    'The secret counts as the client id',
    unknownClient,
    grants((_, form, site) => form.get('client_id') === consumerOf(site).secret),
  ),
  mutant(
    'client-id-left-out',
    'Without a client id the default client answers',
    ['refusal/missing-client-id', badCredentials],
    clientCounts((given) => given === undefined),
  ),
  mutant(
    'client-id-empty',
    'An empty client id counts as the default client',
    ['refusal/empty-client-id-6', badCredentials],
    clientCounts((given) => given === ''),
  ),
  mutant(
    'client-id-cut-at-nul',
    'A client id is read up to NUL',
    ['refusal/unknown-client', badCredentials],
    clientCounts((given, right) => given?.split('\0', 1)[0] === right),
  ),
  mutant(
    'public-client-gets-token',
    'A client without a secret gets a token',
    ['refusal/public-client-6', '/rfc6749/4.4/confidential-clients'],
    grants((_, form, site) => form.get('client_id') === consumerOf(site, 'public').id),
  ),
  mutant(
    'client-without-user-gets-token',
    'A client without a user gets a token',
    ['refusal/no-user', '/simple-oauth/idea/consumer-with-user'],
    grants((_, form, site) => form.get('client_id') === consumerOf(site, 'noUser').id),
  ),
  mutant(
    'clients-confused',
    'Every client gets a token of the main one',
    ['/simple-oauth/intro/fixed-user', '/invariants/foreign-identity'],
    grants(
      (_, form, site) =>
        form.get('client_id') === consumerOf(site, 'other').id && form.get('client_secret') === consumerOf(site, 'other').secret,
    ),
  ),
  mutant(
    'basic-not-known',
    'HTTP Basic is not supported',
    ['token/basic', '/rfc6749/2.3.1/basic'],
    readAs((request) =>
      isTokenRequest(request) && basicOf(request) !== undefined ? withRequestHeader(request, 'Authorization', undefined) : request,
    ),
  ),
  mutant(
    'basic-with-case',
    'The scheme Basic is known in this spelling only',
    ['token/basic', '/rfc9110/11.1/scheme-case'],
    readAs((request) =>
      isTokenRequest(request) && (requestHeader(request, 'authorization') ?? '').startsWith('basic ')
        ? withRequestHeader(request, 'Authorization', undefined)
        : request,
    ),
  ),
  mutant(
    'basic-not-challenged',
    'Failed HTTP Basic gets no challenge',
    ['refusal/basic-challenge', '/rfc6749/5.2/challenge'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status === 401,
      (response) => withHeader(response, 'WWW-Authenticate', undefined),
    ),
  ),
  mutant(
    'basic-challenged-otherwise',
    'Failed HTTP Basic is challenged for Bearer',
    ['refusal/basic-challenge', '/rfc6749/5.2/challenge'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status === 401,
      (response) => withHeader(response, 'WWW-Authenticate', 'Bearer realm="OAuth"'),
    ),
  ),
];

/** Without what the grant needs. */
function grantCounts(holds: (given: string | undefined) => boolean): Decorator {
  return grants((_, form, site) => holds(form.get('grant_type') ?? undefined) && form.get('client_secret') === consumerOf(site).secret);
}

const grantTypes = [
  mutant(
    'any-grant',
    'Every grant type counts as client_credentials',
    grantType,
    grantCounts((given) => given !== undefined && given !== ''),
  ),
  mutant(
    'grant-left-out',
    'Without a grant type client_credentials is meant',
    ['refusal/grant-6', '/simple-oauth/request/grant-type', '/rfc6749/5.2/invalid-request'],
    grantCounts((given) => given === undefined),
  ),
  mutant(
    'grant-empty',
    'An empty grant type counts as client_credentials',
    ['refusal/grant-6', '/simple-oauth/request/grant-type', '/rfc6749/5.2/invalid-request'],
    grantCounts((given) => given === ''),
  ),
  mutant(
    'grant-case-folded',
    'The grant type is compared without case',
    grantType,
    grantCounts((given) => given !== 'client_credentials' && given?.toLowerCase() === 'client_credentials'),
  ),
  mutant(
    'grant-by-beginning',
    'A grant type is right if it begins with the right word',
    grantType,
    grantCounts((given = '') => given.startsWith('client_credentials') && given !== 'client_credentials'),
  ),
  mutant(
    'grant-may-end-early',
    'A grant type that lacks a letter is accepted',
    grantType,
    grantCounts((given) => given === 'client_credential'),
  ),
  mutant(
    'password-grant-unchecked',
    'The password grant gives a token without a password',
    ['refusal/grant-6', '/rfc6749/5.2/unsupported-grant-type', '/rfc6749/5.2/error-codes'],
    grantCounts((given) => given === 'password'),
  ),
  mutant(
    'code-unchecked',
    'The grant authorization_code gives a token without a code',
    ['refusal/grant-6', '/rfc6749/5.2/unsupported-grant-type'],
    grantCounts((given) => given === 'authorization_code'),
  ),
  mutant(
    'assertion-unchecked',
    'The JWT bearer grant gives a token without an assertion',
    ['refusal/grant-6', '/rfc6749/5.2/unsupported-grant-type'],
    grantCounts((given) => given?.endsWith(':jwt-bearer') === true),
  ),
  mutant(
    'refresh-unchecked',
    'The grant refresh_token gives a token without a refresh token',
    ['refusal/grant-6', '/rfc6749/5.2/unsupported-grant-type'],
    grantCounts((given) => given === 'refresh_token'),
  ),
  mutant(
    'grant-of-client-ignored',
    'A client that is not enabled for the grant gets a token',
    ['refusal/grant-6', '/simple-oauth/idea/consumer-with-grant'],
    grants(
      (_, form, site) =>
        form.get('client_id') === consumerOf(site, 'codeOnly').id && form.get('client_secret') === consumerOf(site, 'codeOnly').secret,
    ),
  ),
  mutant(
    'grant-off',
    'The grant is not enabled',
    ['token/success', '/simple-oauth/idea/consumer-with-grant', '/simple-oauth/response/success'],
    withForm((form) => {
      if (form.get('grant_type') === 'client_credentials') form.set('grant_type', 'none');
    }),
  ),
  mutant(
    'scope-asked-for',
    'Without a scope no token is issued',
    ['/simple-oauth/request/three-parameters', 'token/success', '/simple-oauth/response/success'],
    bendWhen(
      (request, response) => issuing(request, response) && formOf(request)?.has('scope') === false,
      replaced(400, 'application/json', '{"error":"invalid_request","error_description":"scope"}'),
    ),
  ),
  mutant(
    'unknown-parameter-refused',
    'A parameter that is not known is refused',
    ['token/unknown-parameters', '/rfc6749/3.2/unknown-ignored'],
    bendWhen(
      (request) => formOf(request)?.has('unknown') === true,
      replaced(400, 'application/json', '{"error":"invalid_request","error_description":"unknown"}'),
    ),
  ),
  mutant(
    'accept-must-be-json',
    'A token request that accepts anything is not acceptable',
    ['token/any-accept', '/rfc6749/5.1/json'],
    bendWhen(
      (request) => isTokenRequest(request) && requestHeader(request, 'accept') === '*/*',
      replaced(406, 'application/json', '{"message":"Not acceptable"}'),
    ),
  ),
];

/** A client that has no default scopes names none. */
function asksForNothing(request: WireRequest, site: Site): boolean {
  const form = formOf(request);
  return form?.get('client_id') === consumerOf(site, 'noScope').id && (form.get('scope') ?? '').trim() === '';
}

const scopes = [
  mutant(
    'token-without-scope',
    'A client without default scopes that asks for none is given a token with no scope',
    ['refusal/no-scope-6', '/rfc6749/3.3/default-scope'],
    (answer) => (request, site) =>
      asksForNothing(request, site)
        ? allOf(
            withClaims((claims) => ({ ...claims, scope: [] })),
            onceIssued(() => ({ scopes: [] })),
          )(answer)(asForm(request, formWith(request, 'scope', 'api_user')), site)
        : answer(request, site),
  ),
  mutant(
    'any-scope-without-scope',
    'A client without default scopes that asks for none is given one in silence',
    ['refusal/no-scope-6', '/rfc6749/3.3/default-scope'],
    readAs((request, site) => (asksForNothing(request, site) ? asForm(request, formWith(request, 'scope', 'authenticated')) : request)),
  ),
  mutant(
    'no-scope-refused-as-client',
    'A client without default scopes that asks for none is called invalid_client',
    ['refusal/no-scope-6', '/rfc6749/3.3/default-scope'],
    (answer) => (request, site) => {
      const response = answer(request, site);
      return asksForNothing(request, site) ? json((body) => ({ ...body, error: 'invalid_client' }))(response) : response;
    },
  ),
  mutant(
    'scope-cut-at-comma',
    'Scopes may be separated by commas',
    ['refusal/scope', '/rfc6749/3.3/scope-list', '/rfc6749/5.2/invalid-scope'],
    withForm((form) => {
      if (form.has('scope')) form.set('scope', (form.get('scope') ?? '').replaceAll(',', ' '));
    }),
  ),
  mutant(
    'scope-unknown-accepted',
    'A scope that does not exist is left out without a word',
    ['refusal/scope', '/rfc6749/5.2/invalid-scope', '/rfc6749/3.3/issued-scope'],
    readAs((request, site) => {
      const form = formOf(request);
      const asked = form?.get('scope') ?? '';
      return form === null || form === undefined || asked === '' || stateOf(site).scopes.has(asked.split(' ')[0]?.toLowerCase() ?? '')
        ? request
        : asForm(request, (form.delete('scope'), form));
    }),
  ),
  mutant(
    'administrator-on-demand',
    'The scope administrator is given to whoever asks',
    ['/simple-oauth/rule/no-admin', 'refusal/foreign-scope-6', '/rfc6749/5.2/invalid-scope'],
    scopeOnDemand('administrator'),
  ),
  mutant(
    'administrator-on-demand-in-capitals',
    'The scope ADMINISTRATOR is checked under this name and given under the other',
    ['/simple-oauth/rule/no-admin', 'refusal/foreign-scope-6', '/rfc6749/5.2/invalid-scope'],
    scopeOnDemand('ADMINISTRATOR'),
  ),
  mutant(
    'wildcard-scope',
    'The scope * is every scope',
    ['/simple-oauth/rule/no-admin', 'refusal/foreign-scope-6', '/rfc6749/5.2/invalid-scope'],
    scopeOnDemand('*'),
  ),
  mutant(
    'permission-scope',
    'A permission is given as a scope',
    ['/simple-oauth/rule/no-admin', 'refusal/foreign-scope-6', '/rfc6749/5.2/invalid-scope'],
    scopeOnDemand('administer users'),
  ),
  mutant(
    'second-scope-unchecked',
    'Only the first of several scopes is checked',
    ['/simple-oauth/rule/no-admin', 'refusal/foreign-scope-6', '/rfc6749/5.2/invalid-scope'],
    scopeOnDemand('api_user administrator'),
  ),
  mutant(
    'scope-in-query-unchecked',
    'A scope in the query is given unchecked',
    ['/simple-oauth/rule/no-admin', 'refusal/foreign-scope-6', '/rfc6749/5.2/invalid-scope'],
    (answer) =>
      onceIssued((token, { request }) =>
        queryOf(request).get('scope') === 'administrator' ? { scopes: [...token.scopes, 'administrator'] } : undefined,
      )((request, site) => answer(queryOf(request).has('scope') ? { ...request, path: request.path.replace(/\?.*/, '') } : request, site)),
  ),
  mutant(
    'administrator-by-default',
    'Every token has the scope administrator',
    ['/simple-oauth/rule/no-admin', '/simple-oauth/idea/least-permissions', 'acts-as/permissions'],
    onceIssued(({ scopes: own }) => ({ scopes: [...own, 'administrator'] })),
  ),
  mutant(
    'scope-gives-nothing',
    'A token has no scope',
    ['/simple-oauth/rule/token-has-permissions', 'bearer/success', '/simple-oauth/use/controlled-by-permissions', 'acts-as/permissions'],
    onceIssued(() => ({ scopes: [] })),
  ),
  mutant(
    'scope-not-in-token',
    'The claim scope names another scope than was asked for',
    ['jwt/claims', '/rfc6749/3.3/scope-list'],
    withClaims((claims) => ({ ...claims, scope: ['other'] })),
  ),
  mutant(
    'default-scopes-left-out',
    'A token that no scope was asked for has none',
    ['token/default-scopes', '/rfc6749/3.3/default-scope'],
    onlyFor(
      (request) => (formOf(request)?.get('scope') ?? '').trim() === '',
      allOf(
        withClaims((claims) => ({ ...claims, scope: [] })),
        onceIssued(() => ({ scopes: [] })),
      ),
    ),
  ),
  mutant(
    'claim-left-out',
    'The JWT lacks the claim nbf',
    ['jwt/claims'],
    withClaims(({ nbf: _, ...claims }) => claims),
  ),
  mutant(
    'issuer-with-http',
    'The issuer is the address of the site with http',
    ['jwt/claims-6'],
    withClaims((claims) => ({ ...claims, iss: String(claims['iss']).replace('https:', 'http:') })),
  ),
  mutant(
    'subject-in-version-6',
    'The JWT names the user as its subject',
    ['jwt/claims-6'],
    withClaims((claims) => ({ ...claims, sub: '2' })),
  ),
  mutant(
    'user-by-parameter',
    'The parameter uid chooses whom the token acts as',
    ['/simple-oauth/intro/fixed-user', '/invariants/foreign-identity'],
    onceIssued((_, { request }) => (formOf(request)?.has('uid') ? { userId: 4 } : undefined)),
  ),
  mutant(
    'user-by-name',
    'The parameter username chooses whom the token acts as',
    ['/simple-oauth/intro/fixed-user', '/invariants/foreign-identity'],
    onceIssued((_, { request }) => (formOf(request)?.has('username') ? { userId: 4 } : undefined)),
  ),
  mutant(
    'admin-by-parameter',
    'The parameter role gives the token the rights of that role',
    ['/simple-oauth/intro/fixed-user', '/invariants/foreign-identity'],
    onceIssued((token, { request }) => (formOf(request)?.has('role') ? { scopes: [...token.scopes, 'administrator'] } : undefined)),
  ),
];

/** Gives administrative rights for one way of asking for them. */
function scopeOnDemand(asked: string): Decorator {
  return (answer) => (request, site) => {
    const form = formOf(request);
    if (form?.get('scope') !== asked) return answer(request, site);
    form.delete('scope');
    return onceIssued(({ scopes: own }) => ({ scopes: [...own, 'administrator'] }))(answer)(asForm(request, form), site);
  };
}

function byQuery(holds: (request: WireRequest) => boolean): Decorator {
  return readAs((request) =>
    isTokenRequest(request) && holds(request) && queryOf(request).has('client_secret') ? asForm(request, queryOf(request)) : request,
  );
}

function byMethod(method: string): Decorator {
  return readAs((request) => (request.method === method && formOf(request) !== undefined ? { ...request, method: 'POST' } : request));
}

const ways = [
  mutant(
    'token-by-get',
    'GET with the parameters in the query issues a token',
    onlyPost,
    byQuery(({ method }) => method === 'GET'),
  ),
  mutant(
    'token-by-get-with-override',
    'X-HTTP-Method-Override makes a POST of a GET',
    onlyPost,
    byQuery((request) => request.method === 'GET' && requestHeader(request, 'x-http-method-override') === 'POST'),
  ),
  mutant('token-by-get-with-body', 'GET with the parameters in the body issues a token', onlyPost, byMethod('GET')),
  mutant('token-by-put', 'PUT issues a token', onlyPost, byMethod('PUT')),
  mutant('token-by-patch', 'PATCH issues a token', onlyPost, byMethod('PATCH')),
  mutant('token-by-delete', 'DELETE issues a token', onlyPost, byMethod('DELETE')),
  mutant(
    'get-not-405',
    'GET of the token endpoint is a page with 200',
    ['methods/only-post', '/rfc6749/3.2/post'],
    bendWhen(
      (request) => request.method === 'GET' && isTokenRequest(request),
      replaced(200, 'text/html', '<!DOCTYPE html><title>OAuth</title>'),
    ),
  ),
  mutant(
    '405-without-allow',
    'A 405 does not say which methods there are',
    ['methods/only-post', '/rfc9110/15.5.6/allow'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status === 405,
      (response) => withHeader(response, 'Allow', undefined),
    ),
  ),
  mutant(
    'token-path-in-capitals-unchecked',
    'The token endpoint under a path in capitals does not look at the secret',
    [badCredentials, '/simple-oauth/request/path'],
    grants((request) => request.path.includes('/OAUTH/TOKEN')),
  ),
  mutant(
    'token-path-encoded-unchecked',
    'The token endpoint under an encoded path does not look at the secret',
    [badCredentials, '/simple-oauth/request/path'],
    readAs((request, site) =>
      request.path.startsWith('/%6Fauth/token')
        ? { ...asForm(request, grantAll(new URLSearchParams(), site)), path: '/oauth/token' }
        : request,
    ),
  ),
  mutant(
    'token-path-moved',
    'The token endpoint is somewhere else',
    ['/simple-oauth/request/path', 'token/success', '/simple-oauth/response/success'],
    bendWhen(isTokenRequest, replaced(404, 'application/json', '{"message":"No route found"}')),
  ),
  mutant(
    'json-only',
    'The token endpoint reads JSON only',
    ['/simple-oauth/request/form', 'token/success', '/simple-oauth/response/success'],
    bendWhen(
      (request) => formOf(request) !== undefined,
      replaced(415, 'application/json', '{"error":"invalid_request","error_description":"JSON"}'),
    ),
  ),
];

const members = [
  ...spoilings.map(([name, title, change]) =>
    mutant(
      `token-answer-${name}`,
      `The token answer ${title}`,
      [
        '/simple-oauth/response/access-token',
        'token/success',
        '/rfc6749/5.1/access-token',
        '/rfc6749/5.1/success-status',
        ...(name === 'after-notice' ? ['/invariants/stack-trace'] : []),
      ],
      bendWhen(issuing, change),
    ),
  ),
  mutant(
    'token-left-out',
    'The token answer holds no token',
    ['/simple-oauth/response/access-token', '/rfc6749/5.1/access-token'],
    bendWhen(issuing, without('access_token')),
  ),
  mutant(
    'token-renamed',
    'The token stands under token',
    ['/simple-oauth/response/access-token', '/rfc6749/5.1/access-token'],
    bendWhen(
      issuing,
      json(({ access_token: value, ...body }) => ({ ...body, token: value })),
    ),
  ),
  mutant(
    'token-with-type',
    'The token already begins with Bearer',
    ['/simple-oauth/response/access-token', '/rfc6749/5.1/access-token'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: `Bearer ${String(body['access_token'])}` })),
    ),
  ),
  mutant(
    'no-token-type',
    'The token answer lacks token_type',
    ['/simple-oauth/response/token-type', 'token/members', '/rfc6749/5.1/token-type'],
    bendWhen(issuing, without('token_type')),
  ),
  mutant(
    'token-type-mac',
    'The type of a token is mac',
    ['/simple-oauth/response/token-type', 'token/members', '/rfc6749/5.1/token-type'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, token_type: 'mac' })),
    ),
  ),
  mutant(
    'no-expiry',
    'The token answer lacks expires_in',
    ['/simple-oauth/response/expires-in', 'token/members', '/rfc6749/5.1/expires-in'],
    bendWhen(issuing, without('expires_in')),
  ),
  mutant(
    'lifetime-as-text',
    'expires_in is a string',
    ['/simple-oauth/response/expires-in', 'token/members', '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: String(body['expires_in']) })),
    ),
  ),
  mutant(
    'lifetime-negative',
    'expires_in is negative',
    ['/simple-oauth/response/expires-in', 'token/members', '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: -1 })),
    ),
  ),
  mutant(
    'lifetime-as-milliseconds',
    'expires_in is told in milliseconds',
    ['token/lifetime', '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: Number(body['expires_in']) * 1000 })),
    ),
  ),
  mutant(
    'lifetime-as-minutes',
    'expires_in is told in minutes',
    ['token/lifetime', '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: Number(body['expires_in']) / 60 })),
    ),
  ),
  mutant(
    'lifetime-by-parameter',
    'The client chooses the lifetime of its token',
    ['token/lifetime', '/simple-oauth/response/expires-in'],
    bendWhen(
      (request, response) => issuing(request, response) && formOf(request)?.has('expires_in') === true,
      (response, request) => json((body) => ({ ...body, expires_in: Number(formOf(request)?.get('expires_in')) }))(response),
    ),
  ),
  mutant(
    'token-created',
    'A token is answered with 201',
    ['/simple-oauth/response/success', 'token/success', '/rfc6749/5.1/success-status'],
    bendWhen(issuing, withStatus(201)),
  ),
  mutant(
    'refresh-token',
    'The answer holds a refresh token',
    ['token/members', '/rfc6749/4.4.3/no-refresh-token'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, refresh_token: 'def50200a1b2c3' })),
    ),
  ),
  mutant(
    'secret-in-token-answer',
    'The answer holds the client secret',
    ['/invariants/secret-echo'],
    bendWhen(issuing, (response, _, site) => json((body) => ({ ...body, client_secret: consumerOf(site).secret }))(response)),
  ),
  mutant(
    'token-answer-html',
    'The token is sent as text/html',
    ['token/content-type', '/rfc6749/5.1/json'],
    bendWhen(issuing, (response) => withHeader(response, 'Content-Type', 'text/html')),
  ),
  mutant(
    'token-answer-stored',
    'The token may be stored',
    ['token/no-store', '/rfc6749/5.1/no-store'],
    bendWhen(issuing, (response) => withHeader(response, 'Cache-Control', 'max-age=60')),
  ),
  mutant(
    'no-pragma',
    'The token comes without Pragma',
    ['token/no-store', '/rfc6749/5.1/pragma'],
    bendWhen(issuing, (response) => withHeader(response, 'Pragma', undefined)),
  ),
  mutant(
    'basic-answered-otherwise',
    'A client with HTTP Basic gets further members',
    ['token/basic', '/rfc6749/2.3.1/basic'],
    bendWhen(
      (request, response) => issuing(request, response) && basicOf(request) !== undefined,
      json((body) => ({ ...body, scope: 'api_user' })),
    ),
  ),
];

const invalidClient = (request: WireRequest, response: WireResponse): boolean =>
  isTokenRequest(request) && refusing('invalid_client')(request, response);
const isRefusal = (request: WireRequest, response: WireResponse): boolean =>
  isTokenRequest(request) && response.status >= 400 && jsonOf(response)?.['error'] !== undefined;

function renamedTo(error: string, other: string): Decorator {
  return bendWhen(
    (request, response) => isTokenRequest(request) && refusing(error)(request, response),
    json((body) => ({ ...body, error: other })),
  );
}

const refusals = [
  mutant(
    'client-refused-as-403',
    'A wrong client is answered with 403',
    ['refusal/wrong-secret', 'refusal/unknown-client', '/rfc6749/5.2/status-400', '/rfc6749/5.2/invalid-client'],
    bendWhen(invalidClient, withStatus(403)),
  ),
  mutant(
    'client-refused-as-200',
    'A wrong client is answered with 200',
    ['refusal/wrong-secret', 'refusal/unknown-client', '/invariants/refusal-status'],
    bendWhen(invalidClient, withStatus(200)),
  ),
  mutant(
    'client-refused-as-grant',
    'A wrong client is called invalid_grant',
    ['refusal/wrong-secret', 'refusal/unknown-client', '/rfc6749/5.2/invalid-client'],
    renamedTo('invalid_client', 'invalid_grant'),
  ),
  mutant(
    'client-refused-in-capitals',
    'The error of a wrong client is in capitals',
    ['refusal/wrong-secret', 'refusal/unknown-client', '/rfc6749/5.2/invalid-client', '/rfc6749/5.2/error-codes'],
    renamedTo('invalid_client', 'INVALID_CLIENT'),
  ),
  mutant(
    'unknown-client-told-apart',
    'An unknown client is described as unknown',
    ['refusal/wrong-secret', 'refusal/unknown-client', '/owasp/authentication/same-answer'],
    bendWhen(
      (request, response, site) =>
        invalidClient(request, response) && !stateOf(site).consumers.has(formOf(request)?.get('client_id')?.toLowerCase() ?? ''),
      json((body) => ({ ...body, error_description: 'No such client' })),
    ),
  ),
  mutant(
    'unknown-client-told-apart-by-basic',
    'An unknown client with HTTP Basic gets no challenge',
    ['refusal/basic-challenge', '/owasp/authentication/same-answer', 'refusal/wrong-secret'],
    bendWhen(
      (request, response, site) =>
        invalidClient(request, response) &&
        basicOf(request) !== undefined &&
        !stateOf(site).consumers.has(basicOf(request)?.[0].toLowerCase() ?? ''),
      (response) => withHeader(response, 'WWW-Authenticate', undefined),
    ),
  ),
  mutant(
    'grant-refused-as-401',
    'An unknown grant is answered with 401',
    ['refusal/grant-6', '/rfc6749/5.2/status-400'],
    bendWhen((request, response) => isTokenRequest(request) && refusing('unsupported_grant_type')(request, response), withStatus(401)),
  ),
  mutant(
    'grant-refused-as-client',
    'An unknown grant is called invalid_client',
    ['refusal/grant-6', '/rfc6749/5.2/unsupported-grant-type', '/rfc6749/5.2/invalid-request'],
    renamedTo('unsupported_grant_type', 'invalid_client'),
  ),
  mutant(
    'scope-refused-as-403',
    'An unknown scope is answered with 403',
    ['refusal/scope', '/rfc6749/5.2/status-400'],
    bendWhen((request, response) => isTokenRequest(request) && refusing('invalid_scope')(request, response), withStatus(403)),
  ),
  mutant(
    'scope-refused-as-client',
    'An unknown scope is called invalid_client',
    ['refusal/scope', '/rfc6749/5.2/invalid-scope'],
    renamedTo('invalid_scope', 'invalid_client'),
  ),
  mutant(
    'request-refused-as-500',
    'A request that lacks a parameter makes the server fail',
    ['/invariants/server-error', 'refusal/missing-client-id', '/rfc6749/5.2/invalid-request'],
    bendWhen((request, response) => isTokenRequest(request) && refusing('invalid_request')(request, response), crash),
  ),
  mutant(
    'refusal-as-page',
    'Refusals are pages',
    ['refusal/form', '/rfc6749/5.2/json', '/rfc6749/5.2/error-codes'],
    bendWhen(isRefusal, replaced(400, 'text/html; charset=UTF-8', '<!DOCTYPE html><title>Error</title>')),
  ),
  mutant(
    'refusal-as-text',
    'Refusals are sent as text/html',
    ['refusal/form', '/rfc6749/5.2/json'],
    bendWhen(isRefusal, (response) => withHeader(response, 'Content-Type', 'text/html; charset=UTF-8')),
  ),
  mutant(
    'refusal-without-error',
    'Refusals lack the member error',
    ['refusal/form', '/rfc6749/5.2/error-codes'],
    bendWhen(isRefusal, without('error')),
  ),
  mutant(
    'refusal-nested',
    'Refusals stand under the member error',
    ['refusal/form', '/rfc6749/5.2/error-codes'],
    bendWhen(
      isRefusal,
      json((body) => ({ error: body })),
    ),
  ),
  mutant(
    'refusal-cached',
    'Refusals may be kept by caches',
    ['refusal/cache'],
    bendWhen(isRefusal, (response) => withHeader(response, 'Cache-Control', 'public, max-age=600')),
  ),
  mutant(
    'refusal-with-quotes',
    'Descriptions hold characters that RFC 6749 forbids',
    ['/rfc6749/5.2/description-characters'],
    bendWhen(
      isRefusal,
      json((body) => ({ ...body, error_description: 'Der Schlüssel „x“ fehlt' })),
    ),
  ),
  mutant(
    'refusal-with-token',
    'A refusal holds a token',
    [badCredentials, '/invariants/nothing-given'],
    bendWhen(
      isRefusal,
      json((body) => ({ ...body, access_token: 'q7Zp0VbX3nLk9sTd2RmYw8HcJf5GuEa1' })),
    ),
  ),
  mutant(
    'scope-as-markup',
    'The scope that is refused comes back as markup',
    ['/invariants/input-as-code'],
    bendWhen(
      (request, response) => isTokenRequest(request) && refusing('invalid_scope')(request, response),
      (response, request) => replaced(400, 'text/html', `<p>${formOf(request)?.get('scope') ?? ''}</p>`)(response),
    ),
  ),
  mutant(
    'secret-repeated',
    'A refused token request repeats the secret',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isRefusal(request, response) && (formOf(request)?.get('client_secret') ?? '') !== '',
      (response, request) => telling(formOf(request)?.get('client_secret') ?? '')(response),
    ),
  ),
  mutant(
    'basic-repeated',
    'A refused token request repeats its Basic credentials',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isRefusal(request, response) && basicOf(request) !== undefined,
      (response, request) => telling(basicOf(request)?.[1] ?? '')(response),
    ),
  ),
];

const value = (request: WireRequest, name: string): string => formOf(request)?.get(name) ?? '';
const fails = ['/invariants/server-error'];

const fragile = [
  mutant(
    'array-crashes',
    'A parameter that is an array makes the server fail',
    fails,
    bendWhen((request) => formOf(request) !== undefined && /%5B|\[/.test(bodyOf(request)), crash),
  ),
  mutant(
    'array-shows-trace',
    'A parameter that is an array is answered with a stack trace',
    ['/invariants/stack-trace'],
    bendWhen((request) => formOf(request) !== undefined && /%5B|\[/.test(bodyOf(request)), stackTrace),
  ),
  mutant(
    'quote-shows-database',
    'A quote in the client id is answered with an error of the database',
    ['/invariants/stack-trace'],
    bendWhen(
      (request) => value(request, 'client_id').includes("'"),
      replaced(400, 'application/json', '{"error":"x","error_description":"SQLSTATE[42000]: Syntax error or access violation: 1064"}'),
    ),
  ),
  mutant(
    'long-value-crashes',
    'A long value makes the server fail',
    fails,
    bendWhen((request) => formOf(request) !== undefined && bodyOf(request).length > 3000, crash),
  ),
  mutant(
    'unicode-crashes',
    'A client id outside ASCII makes the server fail',
    fails,
    bendWhen((request) => /[^\0-\x7f]/.test(value(request, 'client_id')), crash),
  ),
  mutant(
    'nul-crashes',
    'NUL in a value makes the server fail',
    fails,
    bendWhen((request) => formOf(request) !== undefined && bodyOf(request).includes('%00'), crash),
  ),
  mutant(
    'broken-json-crashes',
    'A body that is no JSON makes the server fail',
    fails,
    bendWhen(
      (request) =>
        isTokenRequest(request) &&
        /json/.test(requestHeader(request, 'content-type') ?? '') &&
        /^(\{"grant_type":|1|null|\[\])$/.test(bodyOf(request)),
      crash,
    ),
  ),
  mutant(
    'empty-body-crashes',
    'An empty body makes the server fail',
    fails,
    bendWhen((request) => isTokenRequest(request) && request.method === 'POST' && bodyOf(request) === '', crash),
  ),
  mutant(
    'basic-without-colon-crashes',
    'HTTP Basic without a colon makes the server fail',
    fails,
    bendWhen(
      (request) =>
        isTokenRequest(request) && (requestHeader(request, 'authorization') ?? '').startsWith('Basic ') && basicOf(request) === undefined,
      crash,
    ),
  ),
  mutant(
    'token-fails-now-and-then',
    'The token endpoint fails one time in five',
    fails,
    remembering(() => {
      const isTurn = nth(5, isTokenRequest);
      return bendWhen((request) => isTurn(request), crash);
    }),
  ),
];

function delivered(holds: (request: WireRequest) => boolean, change: (delivery: Delivery) => Delivery): NonNullable<Mutant['deliver']> {
  return (delivery, request) => (holds(request) ? change(delivery) : delivery);
}

const deliveries = [
  mutant(
    'token-slow',
    'The token endpoint is slower than the limit',
    ['/invariants/complete-answer'],
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, delayMs: 3000 })),
  ),
  mutant(
    'token-dropped',
    'The token endpoint closes the connection without an answer',
    ['/invariants/complete-answer'],
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, drop: true })),
  ),
  mutant(
    'token-truncated',
    'The token answer ends in the middle',
    ['/invariants/complete-answer'],
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, truncateBytes: 30 })),
  ),
];

export const tokenEndpointMutants = [
  ...secrets,
  ...clients,
  ...grantTypes,
  ...scopes,
  ...ways,
  ...members,
  ...refusals,
  ...fragile,
  ...deliveries,
];
