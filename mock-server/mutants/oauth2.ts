/**
 * Wrong OAuth servers: what breaks RFC 6749 (client credentials) or RFC 6750 on any of them.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { encodeBase64 } from '../bytes.ts';
import type { Delivery } from '../faults.ts';
import type { Oauth2State } from '../products/oauth2/oauth2.ts';
import type { Site } from '../site.ts';
import { basicOf, bodyOf, comparisons, crash, spoilings, stackTrace, telling } from './mistakes.ts';
import {
  asForm,
  bendWhen,
  deciding,
  formOf,
  isTokenRequest,
  issuing,
  json,
  jsonOf,
  mutantsOf,
  nth,
  readAs,
  refusing,
  remembering,
  replaced,
  requestHeader,
  text,
  untouched,
  withForm,
  withHeader,
  withRequestHeader,
  withStatus,
  without,
  type Decorator,
  type Mutant,
} from './mutant.ts';

const inRfc6749 = mutantsOf('oauth2', 'rfc6749');
const inRfc6750 = mutantsOf('oauth2', 'rfc6750');
const badCredentials = '/invariants/token-for-bad-credentials';
const invalidClient = ['5.2/invalid-client', '5.2/challenge', badCredentials];

function stateOf(site: Site): Oauth2State {
  return site.products.get('oauth2') as Oauth2State;
}

function clientOf(site: Site, role = 'main') {
  const found = [...stateOf(site).clients.values()].find((client) => client.role === role);
  if (found === undefined) throw new Error(`the site has no client ${role}`);
  return found;
}

const basic = (id: string, secret: string): string => `Basic ${encodeBase64(`${id}:${secret}`)}`;

/** Answers a token request as if it had come from the client with this role. */
function grants(holds: (request: WireRequest, form: URLSearchParams, site: Site) => boolean, role = 'main'): Decorator {
  return readAs((request, site) => {
    const form = formOf(request) ?? new URLSearchParams();
    if (!isTokenRequest(request) || !holds(request, form, site)) return request;
    const { id, secret = '' } = clientOf(site, role);
    return withRequestHeader(
      asForm(request, new URLSearchParams({ grant_type: 'client_credentials' })),
      'Authorization',
      basic(id, secret),
    );
  });
}

/** The secret in Basic counts for right although it is another one. */
function secretCounts(holds: (given: string | undefined, right: string) => boolean): Decorator {
  return readAs((request, site) => {
    const [id, given] = basicOf(request) ?? [];
    const client = stateOf(site).clients.get(id ?? '');
    return client?.secret !== undefined && given !== client.secret && holds(given, client.secret)
      ? withRequestHeader(request, 'Authorization', basic(client.id, client.secret))
      : request;
  });
}

/** The client id in Basic counts for that of a client that has another one. */
function clientCounts(holds: (given: string, right: string) => boolean): Decorator {
  return readAs((request, site) => {
    const [given = ''] = basicOf(request) ?? [];
    const { clients } = stateOf(site);
    if (!isTokenRequest(request) || basicOf(request) === undefined || clients.has(given)) return request;
    const meant = [...clients.values()].find(({ id, secret }) => secret !== undefined && holds(given, id));
    return meant === undefined ? request : withRequestHeader(request, 'Authorization', basic(meant.id, meant.secret ?? ''));
  });
}

const authorization = (request: WireRequest): string => requestHeader(request, 'authorization') ?? '';
const isRefusal = (request: WireRequest, response: WireResponse): boolean =>
  isTokenRequest(request) && response.status >= 400 && jsonOf(response)?.['error'] !== undefined;
const isGrant = (grant: string) => (_: WireRequest, form: URLSearchParams) => form.get('grant_type') === grant;

const clients = [
  ...comparisons
    .filter(([name]) => name !== 'first-ignored' && name !== 'by-length')
    .map(([name, title, holds]) => inRfc6749(`secret-${name}`, `A secret ${title}`, invalidClient, secretCounts(holds))),
  inRfc6749(
    'secret-of-other-client',
    'The secret of any client opens every one',
    invalidClient,
    readAs((request, site) => {
      const [id, given] = basicOf(request) ?? [];
      const client = stateOf(site).clients.get(id ?? '');
      const isKnown = [...stateOf(site).clients.values()].some(({ secret }) => secret === given);
      return client?.secret !== undefined && isKnown
        ? withRequestHeader(request, 'Authorization', basic(client.id, client.secret))
        : request;
    }),
  ),
  inRfc6749(
    'secret-is-client-id',
    'The client ID is accepted as the secret',
    invalidClient,
    grants((request, _, site) => basicOf(request)?.[0] === clientOf(site).id && basicOf(request)?.[1] === clientOf(site).id),
  ),
  inRfc6749(
    'any-client',
    'Any client ID is accepted',
    invalidClient,
    clientCounts((given) => given !== ''),
  ),
  inRfc6749(
    'client-id-case-folded',
    'Client IDs are compared without case',
    ['1.1/case-sensitive', ...invalidClient],
    clientCounts((given, right) => given.toLowerCase() === right.toLowerCase()),
  ),
  inRfc6749(
    'client-id-may-end-early',
    'A client ID without its last character is accepted',
    invalidClient,
    clientCounts((given, right) => given === right.slice(0, -1)),
  ),
  inRfc6749(
    'client-id-first-ignored',
    'The first character of a client ID is not compared',
    invalidClient,
    clientCounts((given, right) => given !== right && given.length === right.length && given.slice(1) === right.slice(1)),
  ),
  inRfc6749(
    'client-id-may-go-on',
    'A client ID that begins with a right one is accepted',
    invalidClient,
    clientCounts((given, right) => given !== right && given.startsWith(right)),
  ),
  inRfc6749(
    'secret-first-ignored',
    'The first character of a secret is not compared',
    invalidClient,
    secretCounts((given, right) => given !== undefined && given.length === right.length && given.slice(1) === right.slice(1)),
  ),
  inRfc6749(
    'client-id-and-secret-swapped',
    'ID and secret may stand in either order',
    invalidClient,
    grants((request, _, site) => basicOf(request)?.[0] === clientOf(site).secret),
  ),
  inRfc6749(
    'secret-in-body-unchecked',
    'A secret in the body is not looked at',
    ['5.2/invalid-client', badCredentials],
    deciding('oauth2.ignoreSecret'),
  ),
  inRfc6749(
    'no-authentication',
    'A client that does not authenticate is the main one',
    ['3.2.1/client-authentication', '5.2/invalid-client', badCredentials],
    grants(
      (request, form) =>
        authorization(request) === '' &&
        form.get('grant_type') === 'client_credentials' &&
        !form.has('client_id') &&
        !form.has('client_secret'),
    ),
  ),
  inRfc6749(
    'client-id-alone',
    'The client ID alone authenticates',
    ['3.2.1/client-authentication', '5.2/invalid-client', badCredentials],
    grants(
      (request, form, site) => authorization(request) === '' && form.get('client_id') === clientOf(site).id && !form.has('client_secret'),
    ),
  ),
  inRfc6749(
    'secret-may-be-empty',
    'An empty secret authenticates',
    ['3.2.1/client-authentication', badCredentials],
    grants(
      (request, form, site) =>
        authorization(request) === '' && form.get('client_id') === clientOf(site).id && form.get('client_secret') === '',
    ),
  ),
  inRfc6749(
    'secret-alone',
    'The secret alone authenticates',
    ['3.2.1/client-authentication', badCredentials],
    grants(
      (request, form, site) =>
        authorization(request) === '' && form.get('client_secret') === clientOf(site).secret && !form.has('client_id'),
    ),
  ),
  inRfc6749(
    'basic-not-decoded',
    'Basic credentials may stand there undecoded',
    ['3.2.1/client-authentication', badCredentials],
    grants((request, _, site) => authorization(request) === `Basic ${clientOf(site).id}:${clientOf(site).secret ?? ''}`),
  ),
  inRfc6749(
    'any-scheme',
    'The scheme of the credentials is not looked at',
    ['3.2.1/client-authentication', badCredentials],
    readAs((request) =>
      isTokenRequest(request) && /^Dac \S+$/.test(authorization(request))
        ? withRequestHeader(request, 'Authorization', authorization(request).replace(/^Dac/, 'Basic'))
        : request,
    ),
  ),
  inRfc6749(
    'basic-without-secret',
    'Basic without a secret authenticates',
    ['3.2.1/client-authentication', '/rfc7617/2/user-pass', badCredentials],
    grants((request, _, site) => basicOf(request)?.[0] === clientOf(site).id && basicOf(request)?.[1] === ''),
  ),
  inRfc6749(
    'token-authenticates-client',
    'An access token authenticates a client',
    ['3.2.1/client-authentication', badCredentials],
    grants((request, _, site) => stateOf(site).tokens.has(authorization(request).replace(/^Bearer /, ''))),
  ),
  inRfc6749(
    'basic-not-supported',
    'HTTP Basic is not supported',
    ['2.3.1/basic', '4.4.2/parameters', '3.2.1/client-authentication'],
    readAs((request) =>
      isTokenRequest(request) && basicOf(request) !== undefined ? withRequestHeader(request, 'Authorization', undefined) : request,
    ),
  ),
  inRfc6749(
    'basic-with-case',
    'The scheme Basic is known in this spelling only',
    ['/rfc9110/11.1/scheme-case', '2.3.1/basic'],
    readAs((request) =>
      isTokenRequest(request) && /^basic /i.test(authorization(request)) && !authorization(request).startsWith('Basic ')
        ? withRequestHeader(request, 'Authorization', undefined)
        : request,
    ),
  ),
  inRfc6749(
    'basic-not-form-decoded',
    'ID and secret are not form-decoded inside Basic',
    ['2.3.1/form-encoded', '2.3.1/basic'],
    readAs((request) => {
      const [id = '', secret = ''] = basicOf(request) ?? [];
      return /%|\+/.test(id + secret)
        ? withRequestHeader(request, 'Authorization', basic(encodeURIComponent(id), encodeURIComponent(secret)))
        : request;
    }),
  ),
  inRfc6749(
    'public-client-gets-token',
    'A public client gets a token by its ID alone',
    ['4.4/confidential-clients', badCredentials],
    grants(
      (request, form, site) =>
        authorization(request) === '' && form.get('client_id') === clientOf(site, 'public').id && !form.has('client_secret'),
    ),
  ),
  inRfc6749(
    'public-client-with-any-secret',
    'A public client gets a token with a made-up secret',
    ['4.4/confidential-clients', badCredentials],
    grants(
      (request, form, site) =>
        authorization(request) === '' && form.get('client_id') === clientOf(site, 'public').id && (form.get('client_secret') ?? '') !== '',
    ),
  ),
  inRfc6749(
    'unchallenged',
    'A 401 has no challenge',
    ['5.2/challenge', '/rfc9110/15.5.2/challenge'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status === 401,
      (response) => withHeader(response, 'WWW-Authenticate', undefined),
    ),
  ),
  inRfc6749(
    'challenged-otherwise',
    'Basic is challenged for Bearer',
    ['5.2/challenge', '/rfc9110/15.5.2/challenge'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status === 401,
      (response) => withHeader(response, 'WWW-Authenticate', 'Bearer realm="x"'),
    ),
  ),
  inRfc6749(
    'client-refused-as-400',
    'Failed Basic authentication is answered with 400',
    ['5.2/challenge'],
    bendWhen((request, response) => isTokenRequest(request) && response.status === 401, withStatus(400)),
  ),
  inRfc6749(
    'client-refused-as-403',
    'Failed authentication is answered with 403',
    ['5.2/status-400', '5.2/challenge'],
    bendWhen((request, response) => isTokenRequest(request) && refusing('invalid_client')(request, response), withStatus(403)),
  ),
  inRfc6749(
    'client-refused-otherwise',
    'Failed authentication is called access_denied',
    ['5.2/invalid-client', '5.2/error-codes'],
    bendWhen(
      refusing('invalid_client'),
      json((body) => ({ ...body, error: 'access_denied' })),
    ),
  ),
];

const requests = [
  inRfc6749(
    'any-grant',
    'Every grant type counts as client_credentials',
    ['5.2/unsupported-grant-type', '5.2/invalid-request'],
    withForm(
      (form) =>
        form.has('grant_type') &&
        form.get('grant_type') !== '' &&
        form.get('grant_type') !== 'authorization_code' &&
        form.set('grant_type', 'client_credentials'),
    ),
  ),
  inRfc6749(
    'grant-case-folded',
    'Grant types are compared without case',
    ['1.1/case-sensitive', '5.2/unsupported-grant-type'],
    withForm((form) => form.set('grant_type', (form.get('grant_type') ?? '').toLowerCase())),
  ),
  inRfc6749(
    'grant-may-end-early',
    'A grant type that lacks a letter is accepted',
    ['5.2/unsupported-grant-type'],
    withForm((form) => form.get('grant_type') === 'client_credential' && form.set('grant_type', 'client_credentials')),
  ),
  inRfc6749(
    'grant-left-out',
    'Without a grant type client_credentials is meant',
    ['5.2/invalid-request'],
    grants(
      (request, form) => basicOf(request) !== undefined && !form.has('grant_type') && !form.has('GRANT_TYPE') && form.has('dac_unknown'),
    ),
  ),
  inRfc6749(
    'grant-empty',
    'An empty grant type counts as client_credentials',
    ['5.2/invalid-request', '3.2/empty-is-omitted'],
    withForm((form) => form.get('grant_type') === '' && form.set('grant_type', 'client_credentials')),
  ),
  inRfc6749(
    'parameter-names-without-case',
    'Names of parameters have no case',
    ['1.1/case-sensitive', '5.2/invalid-request'],
    withForm((form) => form.has('GRANT_TYPE') && form.set('grant_type', form.get('GRANT_TYPE') ?? '')),
  ),
  inRfc6749(
    'code-unchecked',
    'The grant authorization_code takes any code',
    ['5.2/invalid-grant', badCredentials],
    grants(isGrant('authorization_code')),
  ),
  inRfc6749(
    'refresh-unchecked',
    'The grant refresh_token takes any refresh token',
    ['5.2/invalid-grant', badCredentials],
    grants(isGrant('refresh_token')),
  ),
  inRfc6749(
    'password-unchecked',
    'The grant password takes any password',
    ['5.2/invalid-grant', badCredentials],
    grants(isGrant('password')),
  ),
  inRfc6749(
    'grant-of-client-ignored',
    'A client that is registered for other grants gets a token',
    ['5.2/unauthorized-client'],
    grants(
      (request, form, site) => basicOf(request)?.[0] === clientOf(site, 'codeOnly').id && form.get('grant_type') === 'client_credentials',
    ),
  ),
  inRfc6749(
    'grant-refused-as-client',
    'An unknown grant is called invalid_client',
    ['5.2/unsupported-grant-type'],
    bendWhen(
      refusing('unsupported_grant_type'),
      json((body) => ({ ...body, error: 'invalid_client' })),
    ),
  ),
  inRfc6749(
    'grant-refused-as-401',
    'An unknown grant is answered with 401',
    ['5.2/status-400'],
    bendWhen(refusing('unsupported_grant_type'), withStatus(401)),
  ),
  inRfc6749(
    'grant-missing-as-unsupported',
    'A missing grant type is called unsupported_grant_type',
    ['5.2/invalid-request'],
    bendWhen(
      (request, response) => refusing('invalid_request')(request, response),
      json((body) => ({ ...body, error: 'unsupported_grant_type' })),
    ),
  ),
  inRfc6749(
    'unknown-parameter-refused',
    'A parameter that is not known is refused',
    ['3.2/unknown-ignored'],
    bendWhen((request) => formOf(request)?.has('dac_unknown') === true, replaced(400, 'application/json', '{"error":"invalid_request"}')),
  ),
  inRfc6749(
    'empty-parameter-refused',
    'An empty parameter is refused',
    ['3.2/empty-is-omitted'],
    bendWhen(
      (request) => formOf(request)?.get('scope') === '' || formOf(request)?.get('client_secret') === '',
      replaced(400, 'application/json', '{"error":"invalid_scope"}'),
    ),
  ),
  inRfc6749(
    'repetition-taken',
    'A repeated parameter is taken',
    ['5.2/invalid-request', '3.2/no-repetition'],
    withForm((form) => [...new Set(form.keys())].forEach((name) => form.set(name, form.getAll(name).at(-1) ?? ''))),
  ),
  inRfc6749(
    'two-methods-taken',
    'A client may authenticate in two ways',
    ['5.2/invalid-request'],
    withForm((form) => form.delete('client_secret')),
  ),
  inRfc6749(
    'credentials-in-query',
    'Credentials in the query authenticate',
    ['2.3.1/not-in-uri'],
    grants(
      (request, form, site) =>
        request.path.includes(`client_secret=${clientOf(site).secret ?? ''}`) &&
        (form.has('grant_type') || request.path.includes('grant_type')),
    ),
  ),
  inRfc6749(
    'get-without-allow',
    'A 405 does not say which methods there are',
    ['/rfc9110/15.5.6/allow'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status === 405,
      (response) => withHeader(response, 'Allow', undefined),
    ),
  ),
  inRfc6749(
    'header-names-with-case',
    'Only Authorization in this spelling is read',
    ['/rfc9110/5.1/field-names'],
    readAs((request) => ({
      ...request,
      headers: request.headers.filter(([name]) => name === 'Authorization' || name.toLowerCase() !== 'authorization'),
    })),
  ),
  inRfc6749(
    'token-as-html-on-demand',
    'A token comes as HTML to who accepts that',
    ['5.1/json'],
    bendWhen(
      (request, response) => issuing(request, response) && requestHeader(request, 'accept') === 'text/html',
      (response) => withHeader(response, 'Content-Type', 'text/html'),
    ),
  ),
  inRfc6749(
    'accept-asked-for',
    'Without Accept a token comes as HTML',
    ['5.1/json'],
    bendWhen(
      (request, response) => issuing(request, response) && requestHeader(request, 'accept') === undefined,
      (response) => withHeader(response, 'Content-Type', 'text/html'),
    ),
  ),
  inRfc6749(
    'scope-asked-for',
    'Without a scope the request is called invalid_request',
    ['3.3/default-scope'],
    bendWhen(
      (request, response) => issuing(request, response) && formOf(request)?.has('scope') === false,
      replaced(400, 'application/json', '{"error":"invalid_request"}'),
    ),
  ),
  inRfc6749(
    'scope-refused-otherwise',
    'An unknown scope is called access_denied',
    ['5.2/invalid-scope', '5.2/error-codes'],
    bendWhen(
      refusing('invalid_scope'),
      json((body) => ({ ...body, error: 'access_denied' })),
    ),
  ),
  inRfc6749(
    'scope-not-told',
    'A smaller scope than asked for is issued without a word',
    ['3.3/issued-scope'],
    bendWhen(issuing, without('scope')),
  ),
  inRfc6749(
    'scope-pretended',
    'The answer names the scope that was asked for, not the issued one',
    ['3.3/issued-scope'],
    bendWhen(
      (request, response) => issuing(request, response) && formOf(request)?.has('scope') === true,
      (response, request) => json((body) => ({ ...body, scope: formOf(request)?.get('scope') }))(response),
    ),
  ),
  inRfc6749(
    'nul-crashes',
    'NUL in a value makes the server fail',
    ['5.2/invalid-request', '/invariants/server-error'],
    bendWhen((request) => isTokenRequest(request) && /%00/.test(bodyOf(request)), crash),
  ),
  inRfc6749(
    'quote-crashes',
    'A quotation mark in a value makes the database complain',
    ['5.2/invalid-request', '/invariants/server-error'],
    bendWhen((request) => isTokenRequest(request) && /%27/.test(bodyOf(request)), crash),
  ),
  inRfc6749(
    'long-value-crashes',
    'A value of thousands of characters makes the server fail',
    ['5.2/invalid-request', '/invariants/server-error'],
    bendWhen((request) => isTokenRequest(request) && bodyOf(request).length > 3000, crash),
  ),
  inRfc6749(
    'malformed-body-crashes',
    'A body that is no form makes the server fail',
    ['/invariants/server-error', '5.2/invalid-request'],
    bendWhen((request) => isTokenRequest(request) && /%zz|&&&&/.test(bodyOf(request)), crash),
  ),
  inRfc6749(
    'malformed-body-shows-trace',
    'A body that is no form is answered with a stack trace',
    ['/invariants/stack-trace'],
    bendWhen((request) => isTokenRequest(request) && bodyOf(request).startsWith('{'), stackTrace),
  ),
];

const answers = [
  ...spoilings.map(([name, title, change]) =>
    inRfc6749(
      `token-answer-${name}`,
      `The token answer ${title}`,
      [
        '5.1/access-token',
        '5.1/success-status',
        '5.1/json',
        '/rfc8259/2/one-text',
        ...(name === 'after-notice' ? ['/invariants/stack-trace'] : []),
      ],
      bendWhen(issuing, change),
    ),
  ),
  inRfc6749('token-created', 'A token is answered with 201', ['5.1/success-status'], bendWhen(issuing, withStatus(201))),
  inRfc6749('token-left-out', 'The answer holds no token', ['5.1/access-token'], bendWhen(issuing, without('access_token'))),
  inRfc6749(
    'token-null',
    'The token is null',
    ['5.1/access-token', '5.1/json-types'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: null })),
    ),
  ),
  inRfc6749('token-type-left-out', 'The answer lacks token_type', ['5.1/token-type'], bendWhen(issuing, without('token_type'))),
  inRfc6749(
    'token-type-mac',
    'The type of a bearer token is mac',
    ['5.1/token-type'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, token_type: 'mac' })),
    ),
  ),
  inRfc6749(
    'lifetime-as-text',
    'expires_in is a string',
    ['5.1/json-types', '5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: String(body['expires_in']) })),
    ),
  ),
  inRfc6749(
    'lifetime-zero',
    'expires_in is 0',
    ['5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: 0 })),
    ),
  ),
  inRfc6749('lifetime-left-out', 'The answer lacks expires_in', ['5.1/expires-in'], bendWhen(issuing, without('expires_in'))),
  inRfc6749(
    'lifetime-as-milliseconds',
    'expires_in is told in milliseconds',
    ['/rfc6750/5.3/short-lived', '5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: Number(body['expires_in']) * 1000 })),
    ),
  ),
  inRfc6749(
    'token-stored',
    'The answer may be stored',
    ['5.1/no-store'],
    bendWhen(issuing, (response) => withHeader(response, 'Cache-Control', 'max-age=60')),
  ),
  inRfc6749(
    'no-pragma',
    'The answer comes without Pragma',
    ['5.1/pragma'],
    bendWhen(issuing, (response) => withHeader(response, 'Pragma', undefined)),
  ),
  inRfc6749(
    'token-as-text',
    'The answer is sent as text/plain',
    ['5.1/json'],
    bendWhen(issuing, (response) => withHeader(response, 'Content-Type', 'text/plain')),
  ),
  inRfc6749(
    'refresh-token',
    'The client credentials grant gives a refresh token',
    ['4.4.3/no-refresh-token'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, refresh_token: 'r' })),
    ),
  ),
  inRfc6749(
    'token-short',
    'A token has eight characters',
    ['10.10/entropy'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: String(body['access_token']).slice(0, 8) })),
    ),
  ),
  inRfc6750(
    'token-with-blanks',
    'A token holds characters that no header can carry',
    ['2.1/token-syntax'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: `${String(body['access_token'])}|ü` })),
    ),
  ),
  inRfc6749(
    'refusal-as-page',
    'Refusals are pages',
    ['5.2/error-codes', '5.2/json'],
    bendWhen(isRefusal, replaced(400, 'text/html', '<!DOCTYPE html><title>Error</title>')),
  ),
  inRfc6749(
    'refusal-as-text',
    'Refusals are sent as text/html',
    ['5.2/json'],
    bendWhen(isRefusal, (response) => withHeader(response, 'Content-Type', 'text/html')),
  ),
  inRfc6749('refusal-without-error', 'Refusals lack the member error', ['5.2/error-codes'], bendWhen(isRefusal, without('error'))),
  inRfc6749(
    'refusal-in-capitals',
    'Error codes are in capitals',
    ['5.2/error-codes'],
    bendWhen(
      isRefusal,
      json((body) => ({ ...body, error: String(body['error']).toUpperCase() })),
    ),
  ),
  inRfc6749(
    'refusal-with-quotes',
    'Descriptions hold quotes',
    ['5.2/description-characters'],
    bendWhen(
      isRefusal,
      json((body) => ({ ...body, error_description: 'The parameter "scope" is wrong' })),
    ),
  ),
  inRfc6749(
    'refusal-ok',
    'Refusals are answered with 200',
    ['5.2/status-400', '/invariants/refusal-status'],
    bendWhen(isRefusal, withStatus(200)),
  ),
  inRfc6749(
    'refusal-with-token',
    'A refusal holds a token',
    ['/invariants/nothing-given', badCredentials],
    bendWhen(
      isRefusal,
      json((body) => ({ ...body, access_token: 'q7Zp0VbX3nLk9sTd2RmYw8HcJf5GuEa1' })),
    ),
  ),
  inRfc6749(
    'secret-repeated',
    'A refusal repeats the secret',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response, site) =>
        isRefusal(request, response) &&
        (formOf(request)?.has('client_secret') === true || basicOf(request) !== undefined) &&
        site.name !== '',
      (response, _, site) => telling(clientOf(site).secret ?? '')(response),
    ),
  ),
  inRfc6749(
    'token-fails-now-and-then',
    'The token endpoint fails one time in four',
    ['/invariants/server-error', '4.4.2/parameters'],
    remembering(() => {
      const isTurn = nth(4, isTokenRequest);
      return bendWhen((request) => isTurn(request), crash);
    }),
  ),
];

const isResource = (request: WireRequest): boolean => /\/reports(\/|\?|$)/.test(request.path);
const isOpened = (request: WireRequest, response: WireResponse): boolean => isResource(request) && response.status === 200;
const isClosed = (request: WireRequest, response: WireResponse): boolean => isResource(request) && response.status >= 400;
const bearerOf = (request: WireRequest): string | undefined => /^bearer +(\S+)$/i.exec(authorization(request).trim())?.[1];

function freshToken(site: Site): string {
  const value = site.random.text(43);
  stateOf(site).tokens.set(value, { value, scopes: clientOf(site).scopes ?? [], expiresAt: site.clock.now() + 600_000, revoked: false });
  return value;
}

/** Answers a request for the resource as if a good token had come with it. */
function letIn(holds: (request: WireRequest, site: Site) => boolean): Decorator {
  return readAs((request, site) =>
    isResource(request) && holds(request, site)
      ? { ...withRequestHeader(request, 'Authorization', `Bearer ${freshToken(site)}`), path: request.path.split('?', 1)[0] ?? '' }
      : request,
  );
}

function tokenCounts(holds: (given: string, living: readonly string[]) => boolean): Decorator {
  return letIn((request, site) => {
    const given = bearerOf(request);
    const living = [...stateOf(site).tokens.values()]
      .filter(({ revoked, expiresAt }) => !revoked && expiresAt > site.clock.now())
      .map(({ value }) => value);
    return given !== undefined && !stateOf(site).tokens.has(given) && holds(given, living);
  });
}

const invalidToken = ['3.1/invalid-token', '3/challenge'];
const used = ['2.1/authorization-header'];

/** Changes a token once it was issued. */
function onceIssued(change: (token: { expiresAt: number; revoked: boolean }, site: Site) => void): Decorator {
  return bendWhen(issuing, (response, _, site) => {
    const token = stateOf(site).tokens.get(String(jsonOf(response)?.['access_token']));
    if (token !== undefined) change(token, site);
    return response;
  });
}

const resources = [
  inRfc6750(
    'altered-jwt-accepted',
    'Whatever has three parts counts as a JWT that somebody else has checked',
    ['3.1/invalid-token', '/invariants/data-without-permission'],
    tokenCounts((given) => given.split('.').length === 3),
  ),
  inRfc6750(
    'any-token',
    'Any token is accepted',
    invalidToken,
    tokenCounts(() => true),
  ),
  inRfc6750(
    'token-case-folded',
    'Tokens are compared without case',
    invalidToken,
    tokenCounts((given, living) => living.some((value) => value.toLowerCase() === given.toLowerCase())),
  ),
  inRfc6750(
    'token-may-end-early',
    'The beginning of a token is enough',
    invalidToken,
    tokenCounts((given, living) => given.length > 8 && living.some((value) => value.startsWith(given))),
  ),
  inRfc6750(
    'token-may-begin-late',
    'The end of a token is enough',
    invalidToken,
    tokenCounts((given, living) => given.length > 8 && living.some((value) => value.endsWith(given))),
  ),
  inRfc6750(
    'token-may-go-on',
    'A token with more behind it is accepted',
    invalidToken,
    tokenCounts((given, living) => living.some((value) => given.startsWith(value))),
  ),
  inRfc6750(
    'token-by-length',
    'A token of the right length is accepted',
    invalidToken,
    tokenCounts((given, living) => living.some((value) => value.length === given.length)),
  ),
  inRfc6750(
    'client-secret-as-token',
    'The client secret is accepted as a token',
    invalidToken,
    letIn((request, site) => bearerOf(request) === clientOf(site).secret),
  ),
  inRfc6750(
    'client-id-as-token',
    'The client ID is accepted as a token',
    invalidToken,
    letIn((request, site) => bearerOf(request) === clientOf(site).id),
  ),
  inRfc6750(
    'unsigned-jwt-accepted',
    'An unsigned JWT is accepted',
    ['3.1/invalid-token', '/invariants/data-without-permission'],
    letIn((request) => /^eyJ[\w-]+\.[\w-]*\.$/.test(bearerOf(request) ?? '')),
  ),
  inRfc6750(
    'any-jwt-accepted',
    'A JWT of anybody is accepted',
    ['3.1/invalid-token', '/invariants/data-without-permission'],
    letIn((request) => /^eyJ[\w-]+\.[\w-]*\.[\w-]+$/.test(bearerOf(request) ?? '')),
  ),
  inRfc6750(
    'revoked-token-accepted',
    'A revoked token goes on working',
    ['3.1/invalid-token'],
    letIn((request, site) => stateOf(site).tokens.get(bearerOf(request) ?? '')?.revoked === true),
  ),
  inRfc6750(
    'expired-token-accepted',
    'An expired token goes on working',
    ['3.1/invalid-token', '/rfc6749/5.1/expires-in'],
    deciding('oauth2.ignoreExpiry'),
  ),
  inRfc6750(
    'token-lives-longer',
    'A token lives ten minutes longer than it says',
    ['3.1/invalid-token', '/rfc6749/5.1/expires-in'],
    onceIssued((token) => {
      token.expiresAt += 600_000;
    }),
  ),
  inRfc6750(
    'token-dies-early',
    'A token dies after a third of its lifetime',
    ['/rfc6749/5.1/expires-in'],
    onceIssued((token) => {
      token.expiresAt -= 400_000;
    }),
  ),
  inRfc6750(
    'token-dead-from-the-start',
    'The token that is issued is not known',
    used,
    onceIssued((token) => {
      token.revoked = true;
    }),
  ),
  inRfc6750(
    'token-works-once',
    'A token works once',
    used,
    remembering(() => {
      const known = new Set<string>();
      return bendWhen(isOpened, (response, request) =>
        known.has(bearerOf(request) ?? '') ? withStatus(401)(response) : (known.add(bearerOf(request) ?? ''), response),
      );
    }),
  ),
  inRfc6750(
    'resource-fails-now-and-then',
    'The resource fails one time in five',
    ['/invariants/server-error', '2.1/authorization-header'],
    remembering(() => {
      const isTurn = nth(5, isResource);
      return bendWhen((request) => isTurn(request), crash);
    }),
  ),
  inRfc6750(
    'no-token-opens',
    'The resource is open to everybody',
    ['3/challenge', '/rfc9110/15.5.2/challenge'],
    letIn((request) => authorization(request) === '' && !request.path.includes('?')),
  ),
  inRfc6750(
    'basic-opens',
    'Any Basic credentials open the resource',
    ['3/challenge'],
    letIn((request) => authorization(request).startsWith('Basic ')),
  ),
  inRfc6750(
    'any-scheme-at-resource',
    'The scheme is not looked at',
    ['3/challenge'],
    letIn((request) => authorization(request).startsWith('Dac ')),
  ),
  inRfc6750(
    'scheme-left-out',
    'A token without a scheme opens the resource',
    ['3/challenge'],
    letIn((request) => /^\w{43}$/.test(authorization(request))),
  ),
  inRfc6750(
    'empty-token-opens',
    'Bearer without a token opens the resource',
    ['3/challenge', '3.1/invalid-request'],
    letIn((request) => /^Bearer\s*$/.test(authorization(request))),
  ),
  inRfc6750(
    'scheme-with-case',
    'The scheme Bearer is known in this spelling only',
    ['/rfc9110/11.1/scheme-case'],
    readAs((request) =>
      isResource(request) && /^bearer /i.test(authorization(request)) && !authorization(request).startsWith('Bearer ')
        ? withRequestHeader(request, 'Authorization', undefined)
        : request,
    ),
  ),
  inRfc6750(
    'header-not-read',
    'A token in the Authorization header is not read',
    used,
    readAs((request) => (isResource(request) ? withRequestHeader(request, 'Authorization', undefined) : request)),
  ),
  inRfc6750(
    'query-token-cached',
    'A success by a token in the query may be kept by shared caches',
    ['2.3/private'],
    (answer) => (request, site) => {
      const token = new URLSearchParams(request.path.split('?')[1] ?? '').get('access_token');
      if (!isResource(request) || token === null || !stateOf(site).tokens.has(token) || authorization(request) !== '')
        return answer(request, site);
      return withHeader(
        answer({ ...withRequestHeader(request, 'Authorization', `Bearer ${token}`), path: '/reports' }, site),
        'Cache-Control',
        'public, max-age=60',
      );
    },
  ),
  inRfc6750(
    'scope-not-checked',
    'Every token reaches every resource',
    ['3.1/insufficient-scope', '3/challenge'],
    bendWhen(
      (request, response) => isResource(request) && response.status === 403,
      replaced(200, 'application/json', '{"resource":"/reports/write"}'),
    ),
  ),
  inRfc6750(
    'scope-refused-as-401',
    'A token that does not reach far enough is called invalid',
    ['3.1/insufficient-scope', '3.1/insufficient-scope-code'],
    bendWhen(
      (request, response) => isResource(request) && response.status === 403,
      (response) => withHeader(withStatus(401)(response), 'WWW-Authenticate', 'Bearer realm="x", error="invalid_token"'),
    ),
  ),
  inRfc6750(
    'unchallenged-at-resource',
    'Refusals have no challenge',
    ['3/challenge'],
    bendWhen(isClosed, (response) => withHeader(response, 'WWW-Authenticate', undefined)),
  ),
  inRfc6750(
    'challenged-for-basic',
    'Refusals are challenged for Basic',
    ['3/challenge'],
    bendWhen(isClosed, (response) => withHeader(response, 'WWW-Authenticate', 'Basic realm="Bearer"')),
  ),
  inRfc6750(
    'challenge-without-parameters',
    'The challenge has no parameter',
    ['3/parameters'],
    bendWhen(isClosed, (response) => withHeader(response, 'WWW-Authenticate', 'Bearer')),
  ),
  inRfc6750(
    'challenge-with-quotes',
    'The description of a challenge holds characters that are not allowed',
    ['3/description-characters'],
    bendWhen(
      (request, response) => isClosed(request, response) && bearerOf(request) !== undefined,
      (response) =>
        withHeader(response, 'WWW-Authenticate', 'Bearer realm="x", error="invalid_token", error_description="The \\"token\\" is wrong"'),
    ),
  ),
  inRfc6750(
    'challenge-names-error',
    'The challenge to a stranger names an error',
    ['3/no-error-without-credentials'],
    bendWhen(
      (request, response) => isClosed(request, response) && authorization(request) === '',
      (response) => withHeader(response, 'WWW-Authenticate', 'Bearer realm="x", error="invalid_token"'),
    ),
  ),
  inRfc6750(
    'error-code-other',
    'An invalid token is called access_denied',
    ['3.1/invalid-token-code'],
    bendWhen(
      (request, response) => isClosed(request, response) && bearerOf(request) !== undefined,
      (response) => withHeader(response, 'WWW-Authenticate', 'Bearer realm="x", error="access_denied"'),
    ),
  ),
  inRfc6750(
    'token-refused-as-403',
    'An invalid token is answered with 403',
    ['3.1/invalid-token'],
    bendWhen(
      (request, response) => isClosed(request, response) && response.status === 401 && bearerOf(request) !== undefined,
      withStatus(403),
    ),
  ),
  inRfc6750(
    'token-refused-as-400',
    'An invalid token is answered with 400',
    ['3.1/invalid-token'],
    bendWhen(
      (request, response) => isClosed(request, response) && response.status === 401 && bearerOf(request) !== undefined,
      withStatus(400),
    ),
  ),
  inRfc6750(
    'refused-as-redirect',
    'Refusals are redirects to a login page',
    ['3/challenge', '/invariants/refusal-status'],
    bendWhen(isClosed, (response) => withHeader(replaced(302, 'text/html', '')(response), 'Location', '/login')),
  ),
  inRfc6750(
    'refused-with-data',
    'Refusals show what the token would open',
    ['/invariants/nothing-given', '3.1/invalid-token'],
    bendWhen(
      isClosed,
      text(() => '{"resource":"\\/reports","scope":"reports:read"}'),
    ),
  ),
  inRfc6750(
    'token-repeated',
    'A refusal repeats the token',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isClosed(request, response) && (authorization(request).split(' ').at(-1)?.length ?? 0) > 30,
      (response, request) => telling(authorization(request).split(' ').at(-1) ?? '')(response),
    ),
  ),
];

function delivered(holds: (request: WireRequest) => boolean, change: (delivery: Delivery) => Delivery): NonNullable<Mutant['deliver']> {
  return (delivery, request) => (holds(request) ? change(delivery) : delivery);
}

const deliveries = [
  inRfc6749(
    'token-slow',
    'The token endpoint is slower than the limit',
    ['/invariants/complete-answer'],
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, delayMs: 3000 })),
  ),
  inRfc6749(
    'token-truncated',
    'The token answer ends in the middle',
    ['/invariants/complete-answer'],
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, truncateBytes: 10 })),
  ),
  inRfc6750(
    'resource-dropped',
    'The resource closes the connection without an answer',
    ['/invariants/complete-answer'],
    untouched,
    delivered(isResource, (delivery) => ({ ...delivery, drop: true })),
  ),
];

export const oauth2Mutants = [...clients, ...requests, ...answers, ...resources, ...deliveries];
