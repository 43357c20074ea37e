/**
 * Refusals with a wrong status, code, error or text, and refusals that tell too much.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../../src/model/exchange.ts';
import { findUser } from '../../site.ts';
import {
  asking,
  bendWhen,
  formOf,
  isTokenRequest,
  json,
  jsonOf,
  refusing,
  requestHeader,
  withStatus,
  without,
  type Decorator,
} from '../mutant.ts';
import { bearerOf, firstApplication, mutant, stateOf, tokenLike } from './make.ts';

/** Changes the members of a refusal with this error. */
function said(error: string, members: Readonly<Record<string, unknown>>): Decorator {
  return bendWhen(
    refusing(error),
    json((body) => ({ ...body, ...members })),
  );
}

function renamed(error: string, from: string, to: string): Decorator {
  return bendWhen(
    refusing(error),
    json((body) => Object.fromEntries(Object.entries(body).map(([name, value]) => [name === from ? to : name, value]))),
  );
}

function statusOf(error: string, status: number): Decorator {
  return bendWhen(refusing(error), withStatus(status));
}

const credentials = [
  mutant(
    'credentials-forbidden',
    'Wrong credentials are answered with 403',
    ['invalid-credentials/status-line'],
    statusOf('INVALID_CREDENTIALS', 403),
  ),
  mutant(
    'credentials-bad-request',
    'Wrong credentials are answered with 400, as RFC 6749 would',
    ['invalid-credentials/status-line'],
    statusOf('INVALID_CREDENTIALS', 400),
  ),
  mutant(
    'credentials-ok',
    'Wrong credentials are answered with 200',
    ['invalid-credentials/status-line', '/invariants/refusal-status'],
    bendWhen(refusing('INVALID_CREDENTIALS'), withStatus(200)),
  ),
  mutant(
    'http-code-missing',
    'INVALID_CREDENTIALS carries no http_code',
    ['invalid-credentials/http-code'],
    bendWhen(refusing('INVALID_CREDENTIALS'), without('http_code')),
  ),
  mutant(
    'credentials-code-other',
    'INVALID_CREDENTIALS carries another http_code than its status',
    ['invalid-credentials/http-code'],
    said('INVALID_CREDENTIALS', { http_code: '403' }),
  ),
  mutant(
    'credentials-code-as-number',
    'INVALID_CREDENTIALS carries http_code as a number',
    ['invalid-credentials/http-code-type'],
    said('INVALID_CREDENTIALS', { http_code: 401 }),
  ),
  mutant(
    'credentials-code-as-flag',
    'INVALID_CREDENTIALS carries http_code as true',
    ['invalid-credentials/http-code'],
    said('INVALID_CREDENTIALS', { http_code: true }),
  ),
  mutant(
    'credentials-error-lower-case',
    'The error of wrong credentials is in lower case',
    ['invalid-credentials/error'],
    said('INVALID_CREDENTIALS', { error: 'invalid_credentials' }),
  ),
  mutant(
    'credentials-error-of-rfc',
    'Wrong credentials are called invalid_grant, as RFC 6749 would',
    ['invalid-credentials/error'],
    said('INVALID_CREDENTIALS', { error: 'invalid_grant' }),
  ),
  mutant(
    'credentials-error-in-array',
    'The error of wrong credentials is a list',
    ['invalid-credentials/error'],
    said('INVALID_CREDENTIALS', { error: ['INVALID_CREDENTIALS'] }),
  ),
  mutant(
    'credentials-status-failed',
    'The member status of wrong credentials is not error',
    ['invalid-credentials/status'],
    said('INVALID_CREDENTIALS', { status: 'failed' }),
  ),
  mutant(
    'credentials-words',
    'Wrong credentials are described in other words',
    ['invalid-credentials/description'],
    said('INVALID_CREDENTIALS', { error_description: 'Unrecognized username or password. Forgot your password?' }),
  ),
];

const clients = [
  mutant(
    'client-as-credentials',
    'A wrong client ID is reported as wrong credentials',
    ['invalid-client-id/error', 'invalid-client-id/when'],
    said('INVALID_CLIENT_ID', { error: 'INVALID_CREDENTIALS', error_description: 'Invalid username or password.' }),
  ),
  mutant(
    'client-as-secret',
    'A wrong client ID is reported as a wrong secret',
    ['invalid-client-id/error', 'invalid-client-id/when'],
    said('INVALID_CLIENT_ID', { error: 'INVALID_CLIENT_SECRET' }),
  ),
  mutant(
    'client-not-found',
    'A wrong client ID is answered with 404',
    ['invalid-client-id/status-line'],
    statusOf('INVALID_CLIENT_ID', 404),
  ),
  mutant(
    'client-code-missing',
    'INVALID_CLIENT_ID carries no http_code',
    ['invalid-client-id/http-code'],
    bendWhen(refusing('INVALID_CLIENT_ID'), without('http_code')),
  ),
  mutant(
    'client-code-null',
    'INVALID_CLIENT_ID carries http_code null',
    ['invalid-client-id/http-code'],
    said('INVALID_CLIENT_ID', { http_code: null }),
  ),
  mutant(
    'client-error-renamed',
    'The error of a wrong client ID stands under error_code',
    ['invalid-client-id/error'],
    renamed('INVALID_CLIENT_ID', 'error', 'error_code'),
  ),
  mutant(
    'client-status-missing',
    'INVALID_CLIENT_ID has no member status',
    ['invalid-client-id/status'],
    bendWhen(refusing('INVALID_CLIENT_ID'), without('status')),
  ),
  mutant(
    'client-description-renamed',
    'The description of a wrong client ID stands under message',
    ['invalid-client-id/description'],
    renamed('INVALID_CLIENT_ID', 'error_description', 'message'),
  ),
  mutant(
    'client-error-only-with-password',
    'In the client_credentials grant a wrong client ID is a wrong secret',
    ['invalid-client-id/error', 'invalid-client-id/when', 'client-credentials-grant/client-id'],
    bendWhen(
      (request, response) => asking('client_credentials')(request) && refusing('INVALID_CLIENT_ID')(request, response),
      json((body) => ({ ...body, error: 'INVALID_CLIENT_SECRET' })),
    ),
  ),
  mutant(
    'wrong-secret-as-wrong-client',
    'A wrong secret is reported as a wrong client',
    ['invalid-client-secret/error'],
    said('INVALID_CLIENT_SECRET', { error: 'INVALID_CLIENT_ID' }),
  ),
  mutant(
    'secret-as-rfc',
    'A wrong secret is called invalid_client, as RFC 6749 would',
    ['invalid-client-secret/error'],
    said('INVALID_CLIENT_SECRET', { error: 'invalid_client' }),
  ),
  mutant(
    'secret-bad-request',
    'A wrong secret is answered with 400',
    ['invalid-client-secret/status-line'],
    statusOf('INVALID_CLIENT_SECRET', 400),
  ),
  mutant(
    'secret-code-other',
    'INVALID_CLIENT_SECRET carries http_code 400 with status 401',
    ['invalid-client-secret/http-code'],
    said('INVALID_CLIENT_SECRET', { http_code: '400' }),
  ),
  mutant(
    'secret-code-with-text',
    'INVALID_CLIENT_SECRET carries the whole status line as http_code',
    ['invalid-client-secret/http-code'],
    said('INVALID_CLIENT_SECRET', { http_code: '401 Unauthorized' }),
  ),
  mutant(
    'secret-status-as-number',
    'The member status of a wrong secret is the HTTP status',
    ['invalid-client-secret/status'],
    said('INVALID_CLIENT_SECRET', { status: 401 }),
  ),
  mutant(
    'secret-words',
    'A wrong secret is described in other words',
    ['invalid-client-secret/description'],
    said('INVALID_CLIENT_SECRET', { error_description: 'Client secret mismatch' }),
  ),
];

const missing = [
  mutant(
    'user-name-missing-as-credentials',
    'A missing user name is reported as wrong credentials',
    ['missing-username/error', 'missing-username/when'],
    said('MISSING_USERNAME', { error: 'INVALID_CREDENTIALS' }),
  ),
  mutant(
    'user-name-missing-unauthorized',
    'A missing user name is answered with 401',
    ['missing-username/status-line'],
    statusOf('MISSING_USERNAME', 401),
  ),
  mutant(
    'user-name-missing-code-other',
    'MISSING_USERNAME carries http_code 401',
    ['missing-username/http-code'],
    said('MISSING_USERNAME', { http_code: '401' }),
  ),
  mutant(
    'user-name-missing-code-as-number',
    'MISSING_USERNAME carries http_code as a number',
    ['missing-username/http-code-type'],
    said('MISSING_USERNAME', { http_code: 400 }),
  ),
  mutant(
    'user-name-missing-ends-silently',
    'A missing user name gets an empty answer',
    ['missing-username/error', 'missing-username/when', 'missing-username/status'],
    bendWhen(refusing('MISSING_USERNAME'), (response) => json(() => ({}))(response)),
  ),
  mutant(
    'user-name-missing-status-missing',
    'MISSING_USERNAME has no member status',
    ['missing-username/status'],
    bendWhen(refusing('MISSING_USERNAME'), without('status')),
  ),
  mutant(
    'user-name-missing-words',
    'A missing user name is described in other words',
    ['missing-username/description'],
    said('MISSING_USERNAME', { error_description: 'Username is required' }),
  ),
  mutant(
    'missing-header-code-as-text',
    'MISSING_HEADER carries http_code as a string',
    ['missing-header/http-code-type'],
    said('MISSING_HEADER', { http_code: '400' }),
  ),
  mutant(
    'missing-header-unauthorized',
    'A missing unique header is answered with 401',
    ['missing-header/status-line'],
    statusOf('MISSING_HEADER', 401),
  ),
  mutant(
    'missing-header-code-missing',
    'MISSING_HEADER carries no http_code',
    ['missing-header/http-code'],
    bendWhen(refusing('MISSING_HEADER'), without('http_code')),
  ),
  mutant(
    'missing-header-error-misspelt',
    'The error of a missing unique header is misspelt',
    ['missing-header/error'],
    said('MISSING_HEADER', { error: 'MISSING_HEADERS' }),
  ),
  mutant(
    'missing-header-words',
    'A missing unique header is described in other words',
    ['missing-header/description'],
    said('MISSING_HEADER', { error_description: 'AUTH-METHOD required' }),
  ),
  mutant(
    'missing-header-status-other',
    'The member status of MISSING_HEADER is fail',
    ['missing-header/status'],
    said('MISSING_HEADER', { status: 'fail' }),
  ),
];

const tokens = [
  mutant(
    'token-invalid-forbidden',
    'An invalid token is answered with 403',
    ['invalid-access-token/status-line'],
    statusOf('INVALID_ACCESS_TOKEN', 403),
  ),
  mutant(
    'token-invalid-ok',
    'An invalid token is answered with 200',
    ['invalid-access-token/status-line', '/invariants/refusal-status'],
    statusOf('INVALID_ACCESS_TOKEN', 200),
  ),
  mutant(
    'token-invalid-as-expired',
    'An invalid token is reported as expired',
    ['invalid-access-token/error', 'invalid-access-token/when'],
    said('INVALID_ACCESS_TOKEN', { error: 'TOKEN_EXPIRED' }),
  ),
  mutant(
    'token-invalid-as-type',
    'An invalid token is reported as a wrong type of token',
    ['invalid-access-token/error', 'invalid-access-token/when'],
    said('INVALID_ACCESS_TOKEN', { error: 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE' }),
  ),
  mutant(
    'token-invalid-as-rfc',
    'An invalid token is called invalid_token, as RFC 6750 would',
    ['invalid-access-token/error'],
    said('INVALID_ACCESS_TOKEN', { error: 'invalid_token' }),
  ),
  mutant(
    'token-invalid-code-missing',
    'INVALID_ACCESS_TOKEN carries no http_code',
    ['invalid-access-token/http-code'],
    bendWhen(refusing('INVALID_ACCESS_TOKEN'), without('http_code')),
  ),
  mutant(
    'token-invalid-code-other',
    'INVALID_ACCESS_TOKEN carries http_code 400',
    ['invalid-access-token/http-code'],
    said('INVALID_ACCESS_TOKEN', { http_code: '400' }),
  ),
  mutant(
    'token-invalid-code-as-number',
    'INVALID_ACCESS_TOKEN carries http_code as a number',
    ['invalid-access-token/http-code-type'],
    said('INVALID_ACCESS_TOKEN', { http_code: 401 }),
  ),
  mutant(
    'token-invalid-status-missing',
    'INVALID_ACCESS_TOKEN has no member status',
    ['invalid-access-token/status'],
    bendWhen(refusing('INVALID_ACCESS_TOKEN'), without('status')),
  ),
  mutant(
    'token-invalid-words',
    'An invalid token is described in other words',
    ['invalid-access-token/description'],
    said('INVALID_ACCESS_TOKEN', { error_description: 'Token not found' }),
  ),
  mutant(
    'authorization-missing-as-invalid',
    'A missing Authorization header is reported as an invalid token',
    ['missing-authorization-header/error', 'missing-authorization-header/when'],
    said('MISSING_AUTHORIZATION_HEADER', { error: 'INVALID_ACCESS_TOKEN' }),
  ),
  mutant(
    'authorization-missing-code-other',
    'MISSING_AUTHORIZATION_HEADER carries an http_code that is not its status',
    ['missing-authorization-header/no-http-code'],
    said('MISSING_AUTHORIZATION_HEADER', { http_code: '400' }),
  ),
  mutant(
    'authorization-missing-status-missing',
    'MISSING_AUTHORIZATION_HEADER has no member status',
    ['missing-authorization-header/status'],
    bendWhen(refusing('MISSING_AUTHORIZATION_HEADER'), without('status')),
  ),
  mutant(
    'authorization-missing-words',
    'A missing Authorization header is described in other words',
    ['missing-authorization-header/description'],
    said('MISSING_AUTHORIZATION_HEADER', { error_description: 'No header' }),
  ),
  mutant(
    'scheme-refused-as-401',
    'A wrong scheme is answered with 401',
    ['invalid-token-type/status-line'],
    statusOf('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', 401),
  ),
  mutant(
    'scheme-code-other',
    'A wrong scheme is answered with 405 and http_code 401',
    ['invalid-token-type/http-code'],
    said('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', { http_code: '401' }),
  ),
  mutant(
    'scheme-code-as-number',
    'A wrong scheme carries http_code as a number',
    ['invalid-token-type/http-code-type'],
    said('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', { http_code: 405 }),
  ),
  mutant(
    'scheme-as-invalid-token',
    'A wrong scheme is reported as an invalid token',
    ['invalid-token-type/error', 'invalid-token-type/when'],
    said('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', { error: 'INVALID_ACCESS_TOKEN' }),
  ),
  mutant(
    'scheme-error-shortened',
    'The error of a wrong scheme is that of the API key method',
    ['invalid-token-type/error'],
    said('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', { error: 'INVALID_AUTHORIZATION_HEADER_TYPE' }),
  ),
  mutant(
    'scheme-words-of-basic',
    'A wrong scheme is described in the words of the Basic method',
    ['invalid-token-type/description'],
    said('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', { error_description: 'Authorization header must be the type of Basic.' }),
  ),
  mutant(
    'scheme-status-missing',
    'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE has no member status',
    ['invalid-token-type/status'],
    bendWhen(refusing('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE'), without('status')),
  ),
];

// Telling users apart

const sameAnswer = ['/owasp/authentication/same-answer'];
const wrongPassword = (request: WireRequest, response: WireResponse): boolean =>
  asking('password')(request) && refusing('INVALID_CREDENTIALS')(request, response);
const namedUser = (request: WireRequest, site: Parameters<typeof findUser>[0]) => findUser(site, formOf(request)?.get('username') ?? '');

/** Changes the refusal for users for whom the condition holds; undefined is an unknown one. */
function toldApart(holds: (user: ReturnType<typeof findUser>) => boolean, change: (response: WireResponse) => WireResponse): Decorator {
  return bendWhen((request, response, site) => wrongPassword(request, response) && holds(namedUser(request, site)), change);
}

const enumeration = [
  mutant(
    'unknown-user-described',
    'An unknown user is described as unknown',
    ['invalid-credentials/when', ...sameAnswer],
    toldApart(
      (user) => user === undefined,
      json((body) => ({ ...body, error_description: 'The user does not exist.' })),
    ),
  ),
  mutant(
    'unknown-user-by-status',
    'An unknown user is answered with 404',
    ['invalid-credentials/status-line', 'invalid-credentials/when', ...sameAnswer],
    toldApart((user) => user === undefined, withStatus(404)),
  ),
  mutant(
    'unknown-user-by-error',
    'An unknown user has an error of its own',
    ['invalid-credentials/error', 'invalid-credentials/when', ...sameAnswer],
    toldApart(
      (user) => user === undefined,
      json((body) => ({ ...body, error: 'USER_DOES_NOT_EXIST' })),
    ),
  ),
  mutant(
    'known-user-by-code-type',
    'The http_code of a wrong password is a number, that of an unknown user a string',
    ['invalid-credentials/when', 'invalid-credentials/http-code-type', ...sameAnswer],
    toldApart(
      (user) => user !== undefined,
      json((body) => ({ ...body, http_code: 401 })),
    ),
  ),
  mutant(
    'known-user-by-further-word',
    'The description of a wrong password ends differently',
    ['invalid-credentials/when', ...sameAnswer],
    toldApart(
      (user) => user !== undefined,
      json((body) => ({ ...body, error_description: `${String(body['error_description'])} ` })),
    ),
  ),
  mutant(
    'blocked-user-told-apart',
    'A wrong password of a blocked user tells that the user is blocked',
    sameAnswer,
    toldApart(
      (user) => user?.active === false,
      json((body) => ({ ...body, error_description: 'The account is blocked.' })),
    ),
  ),
  mutant(
    'administrator-told-apart',
    'A wrong password of an administrator is told apart',
    sameAnswer,
    toldApart(
      (user) => user?.roles.includes('administrator') === true,
      json((body) => ({ ...body, error: 'ADMIN_LOGIN_DENIED' })),
    ),
  ),
  mutant(
    'known-user-told-to-stranger',
    'With a wrong secret the client_credentials grant tells whether the user exists',
    sameAnswer,
    bendWhen(
      (request, response, site) => refusing('INVALID_CLIENT_SECRET')(request, response) && namedUser(request, site) !== undefined,
      json((body) => ({ ...body, error_description: 'Invalid Client Secret for this user.' })),
    ),
  ),
  mutant(
    'altered-token-told-apart',
    'A token that is nearly right is told apart by the type of http_code',
    ['invalid-access-token/when'],
    bendWhen(
      (request, response, site) =>
        refusing('INVALID_ACCESS_TOKEN')(request, response) &&
        tokenLike(stateOf(site), site, (value) => value.slice(0, 8) === bearerOf(request)?.slice(0, 8)) !== undefined,
      json((body) => ({ ...body, http_code: 401 })),
    ),
  ),
];

// Echoes

const echo = ['/invariants/secret-echo'];

function repeats(
  holds: (request: WireRequest, response: WireResponse) => boolean,
  secret: (request: WireRequest, site: Parameters<typeof findUser>[0]) => string | undefined,
  write: (text: string) => string = (text) => text,
): Decorator {
  return bendWhen(
    (request, response, site) => holds(request, response) && secret(request, site) !== undefined,
    (response, request, site) =>
      json((body) => ({
        ...body,
        error_description: `${String(body['error_description'])} You sent ${write(secret(request, site) ?? '')}`,
      }))(response),
  );
}

const sent = (name: string) => (request: WireRequest) => formOf(request)?.get(name) ?? undefined;
const isRefusedTokenRequest = (request: WireRequest, response: WireResponse): boolean => isTokenRequest(request) && response.status >= 400;

const echoes = [
  mutant('password-repeated', 'A refused token request repeats the password', echo, repeats(isRefusedTokenRequest, sent('password'))),
  mutant(
    'password-repeated-in-base64',
    'A refused token request repeats the password in base64',
    echo,
    repeats(isRefusedTokenRequest, sent('password'), (text) => btoa(unescape(encodeURIComponent(text)))),
  ),
  mutant(
    'secret-repeated-in-refusal',
    'A refused token request repeats the client secret',
    echo,
    repeats(isRefusedTokenRequest, sent('client_secret')),
  ),
  mutant(
    'secret-repeated-encoded',
    'A refused token request repeats the client secret, percent-encoded',
    echo,
    repeats(isRefusedTokenRequest, sent('client_secret'), (text) =>
      [...text].map((character) => `%${character.charCodeAt(0).toString(16)}`).join(''),
    ),
  ),
  mutant(
    'right-secret-told',
    'A wrong secret is answered with the right one',
    echo,
    repeats(refusing('INVALID_CLIENT_SECRET'), (_, site) => firstApplication(site).clientSecret),
  ),
  mutant(
    'right-password-told',
    'A wrong password is answered with the right one',
    ['/invariants/secret-echo', 'intro/password-not-exposed'],
    repeats(wrongPassword, (request, site) => namedUser(request, site)?.password),
  ),
  mutant(
    'token-repeated',
    'A refused request repeats its token',
    echo,
    repeats(
      (_, response) => response.status >= 400,
      (request) => requestHeader(request, 'authorization')?.split(' ')[1],
    ),
  ),
  mutant(
    'request-in-header',
    'The form of a refused token request is sent back in a header',
    echo,
    bendWhen(isRefusedTokenRequest, (response, request) => ({
      ...response,
      headers: [...response.headers, ['X-Debug', (formOf(request)?.toString() ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 500)]],
    })),
  ),
  mutant(
    'token-in-header',
    'The token of a request is sent back in a header',
    echo,
    bendWhen(
      (request) => bearerOf(request) !== undefined,
      (response, request) => ({
        ...response,
        headers: [...response.headers, ['X-Debug-Token', (bearerOf(request) ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, 300)]],
      }),
    ),
  ),
  mutant(
    'password-in-token-answer',
    'The token answer holds the password',
    ['intro/password-not-exposed', '/invariants/secret-echo', '/invariants/password-in-answer'],
    bendWhen(
      (request, response) =>
        isTokenRequest(request) && jsonOf(response)?.['access_token'] !== undefined && sent('password')(request) !== undefined,
      (response, request) => json((body) => ({ ...body, password: sent('password')(request) }))(response),
    ),
  ),
  mutant(
    'secret-in-token-answer',
    'The token answer holds the client secret',
    ['intro/password-not-exposed', '/invariants/secret-echo'],
    bendWhen(
      (request, response) =>
        isTokenRequest(request) && jsonOf(response)?.['access_token'] !== undefined && sent('client_secret')(request) !== undefined,
      (response, request) => json((body) => ({ ...body, client_secret: sent('client_secret')(request) }))(response),
    ),
  ),
  mutant(
    'token-with-refusal',
    'A refusal for a wrong password holds a token',
    ['/invariants/nothing-given', '/invariants/token-for-bad-credentials'],
    bendWhen(
      refusing('INVALID_CREDENTIALS'),
      json((body) => ({ ...body, access_token: 'q7Zp0VbX3nLk9sTd2RmYw8HcJf5GuEa1' })),
    ),
  ),
];

export const refusalMutants = [...credentials, ...clients, ...missing, ...tokens, ...enumeration, ...echoes];
