/**
 * Answers in the wrong form, faults that come now and then, interpreters that show through, and deliveries that do not arrive.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../../src/model/exchange.ts';
import { decodeUtf8 } from '../../bytes.ts';
import type { Delivery } from '../../faults.ts';
import {
  anyRefusal,
  asking,
  bendWhen,
  formOf,
  isTokenRequest,
  isUserRequest,
  issuing,
  json,
  jsonOf,
  nth,
  reading,
  replaced,
  remembering,
  requestHeader,
  text,
  untouched,
  withHeader,
  withStatus,
  without,
  type Decorator,
} from '../mutant.ts';
import { mutant, stateOf } from './make.ts';

const page = '<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form action="/user/login"></form></body></html>\n';
const accessToken = ['token-response/access-token', '/rfc6749/5.1/access-token'];
const tokenType = ['token-response/token-type', '/rfc6749/5.1/token-type'];
const account = ['protected-request/success', 'protected-request/get-user', 'setup/format-json'];
const refused = ['error-response/form'];
const serverError = ['/invariants/server-error'];
const stackTrace = ['/invariants/stack-trace'];
const complete = ['/invariants/complete-answer'];

const tokenAnswers = [
  mutant('no-token-type', 'The token answer lacks token_type', ['token-response/token-type'], bendWhen(issuing, without('token_type'))),
  mutant(
    'token-type-mac',
    'The type of a token is mac',
    tokenType,
    bendWhen(
      issuing,
      json((body) => ({ ...body, token_type: 'mac' })),
    ),
  ),
  mutant(
    'token-type-jwt',
    'The type of a token is JWT',
    tokenType,
    bendWhen(
      issuing,
      json((body) => ({ ...body, token_type: 'JWT' })),
    ),
  ),
  mutant(
    'token-type-with-blank',
    'The type of a token ends in a blank',
    tokenType,
    bendWhen(
      issuing,
      json((body) => ({ ...body, token_type: 'Bearer ' })),
    ),
  ),
  mutant('no-expiry', 'The token answer lacks expires_in', ['token-response/expiry-time'], bendWhen(issuing, without('expires_in'))),
  mutant(
    'no-expiry-for-clients',
    'The token answer of the client_credentials grant lacks expires_in',
    ['token-response/expiry-time'],
    bendWhen((request, response) => asking('client_credentials')(request) && issuing(request, response), without('expires_in')),
  ),
  mutant('token-created', 'A token is answered with 201', ['token-response/success'], bendWhen(issuing, withStatus(201))),
  mutant(
    'token-accepted',
    'A token is answered with 202',
    ['token-response/success', '/rfc6749/5.1/success-status'],
    bendWhen(issuing, withStatus(202)),
  ),
  mutant('token-left-out', 'The token answer holds no token', accessToken, bendWhen(issuing, without('access_token'))),
  mutant(
    'token-renamed',
    'The token stands under accessToken',
    accessToken,
    bendWhen(
      issuing,
      json(({ access_token: value, ...body }) => ({ ...body, accessToken: value })),
    ),
  ),
  mutant(
    'token-nested',
    'The token answer stands under data',
    accessToken,
    bendWhen(
      issuing,
      json((body) => ({ status: 'success', data: body })),
    ),
  ),
  mutant(
    'token-is-null',
    'The token is null',
    accessToken,
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: null })),
    ),
  ),
  mutant(
    'token-as-object',
    'The token is an object',
    accessToken,
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: { value: body['access_token'] } })),
    ),
  ),
  mutant(
    'token-empty',
    'The token is empty',
    accessToken,
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: '' })),
    ),
  ),
  mutant(
    'token-with-type',
    'The token already begins with Bearer',
    accessToken,
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: `Bearer ${String(body['access_token'])}` })),
    ),
  ),
  mutant(
    'token-answer-with-error',
    'The token answer also holds an error',
    ['token-response/success'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, error: 'none', error_description: '' })),
    ),
  ),
  mutant(
    'token-answer-html',
    'The token answer is sent as text/html',
    ['/rfc6749/5.1/json'],
    bendWhen(issuing, (response) => withHeader(response, 'Content-Type', 'text/html; charset=UTF-8')),
  ),
  mutant(
    'token-answer-untyped',
    'The token answer has no Content-Type',
    ['/rfc6749/5.1/json'],
    bendWhen(issuing, (response) => withHeader(response, 'Content-Type', undefined)),
  ),
  mutant(
    'token-answer-stored',
    'The token answer may be stored',
    ['/rfc6749/5.1/no-store'],
    bendWhen(issuing, (response) => withHeader(response, 'Cache-Control', 'public, max-age=3600')),
  ),
  mutant(
    'token-answer-silent-about-storing',
    'The token answer says nothing about storing it',
    ['/rfc6749/5.1/no-store'],
    bendWhen(issuing, (response) => withHeader(response, 'Cache-Control', undefined)),
  ),
  mutant(
    'refresh-token-for-clients',
    'The client_credentials grant gives a refresh token',
    ['/rfc6749/4.4.3/no-refresh-token'],
    bendWhen(
      (request, response) => asking('client_credentials')(request) && issuing(request, response),
      json((body) => ({ ...body, refresh_token: 'def50200a1b2c3d4e5f60718' })),
    ),
  ),
  mutant(
    'token-not-stored',
    'The token that is shown is not the one that was stored',
    ['intro/token-opens-api', 'protected-request/success'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, access_token: [...String(body['access_token'])].reverse().join('') })),
    ),
  ),
  mutant(
    'token-cut-when-stored',
    'Tokens are stored in a column that is too short',
    ['intro/token-opens-api', 'protected-request/success'],
    bendWhen(issuing, (response, _, site) => {
      const { tokens } = stateOf(site);
      const token = tokens.get(String(jsonOf(response)?.['access_token']));
      if (token !== undefined) {
        tokens.delete(token.value);
        tokens.set(token.value.slice(0, 40), token);
      }
      return response;
    }),
  ),
];

const forms = [
  mutant(
    'html-type',
    'The user resource is sent as text/html',
    ['/rfc9110/8.3/content-type'],
    bendWhen(reading, (response) => withHeader(response, 'Content-Type', 'text/html; charset=UTF-8')),
  ),
  mutant(
    'account-untyped',
    'The user resource has no Content-Type',
    ['/rfc9110/8.3/content-type'],
    bendWhen(reading, (response) => withHeader(response, 'Content-Type', undefined)),
  ),
  mutant(
    'account-with-mark',
    'The user resource begins with a byte order mark',
    [...account, '/rfc8259/8.1/utf-8'],
    bendWhen(
      reading,
      text((body) => `\ufeff${body}`),
    ),
  ),
  mutant(
    'token-with-mark',
    'The token answer begins with a byte order mark',
    ['token-response/access-token', '/rfc8259/8.1/utf-8'],
    bendWhen(
      issuing,
      text((body) => `\ufeff${body}`),
    ),
  ),
  mutant(
    'account-with-garbage',
    'Something follows the JSON of the user resource',
    [...account, '/rfc8259/2/one-text'],
    bendWhen(
      reading,
      text((body) => `${body}\n<!-- 0.12 s -->`),
    ),
  ),
  mutant(
    'account-twice',
    'The user resource sends its JSON twice',
    [...account, '/rfc8259/2/one-text'],
    bendWhen(
      reading,
      text((body) => body + body),
    ),
  ),
  mutant(
    'account-cut',
    'The JSON of the user resource is cut',
    account,
    bendWhen(
      reading,
      text((body) => body.slice(0, -20)),
    ),
  ),
  mutant(
    'account-as-javascript',
    'The user resource is wrapped in a callback',
    account,
    bendWhen(
      reading,
      text((body) => `callback(${body});`),
    ),
  ),
  mutant(
    'account-single-quotes',
    'The user resource is written with single quotes',
    account,
    bendWhen(
      reading,
      text((body) => body.replaceAll('"', "'")),
    ),
  ),
  mutant(
    'account-as-text',
    'The JSON of the user resource is wrapped into a JSON string',
    account,
    bendWhen(
      reading,
      text((body) => JSON.stringify(body)),
    ),
  ),
  mutant(
    'account-as-xml',
    'The user resource is XML',
    account,
    bendWhen(reading, replaced(200, 'application/xml', '<?xml version="1.0"?><response><uid>2</uid></response>')),
  ),
  mutant('account-as-page', 'The user resource is a page', account, bendWhen(reading, replaced(200, 'text/html; charset=UTF-8', page))),
  mutant('account-empty', 'The user resource is empty', account, bendWhen(reading, replaced(200, 'application/json', ''))),
  mutant(
    'account-without-content',
    'The user resource is answered with 204',
    ['protected-request/success'],
    bendWhen(reading, replaced(204, 'application/json', '')),
  ),
  mutant(
    'account-in-utf-16',
    'The user resource is encoded in UTF-16',
    [...account, '/rfc8259/8.1/utf-8'],
    bendWhen(reading, (response) => ({ ...response, body: utf16(decodeUtf8(response.body)) })),
  ),
  mutant(
    'account-after-notice',
    'A PHP warning stands before the JSON of the user resource',
    [...account, ...stackTrace],
    bendWhen(
      reading,
      text(
        (body) =>
          `<br />\n<b>Warning</b>: Undefined array key "scope" in <b>/var/www/html/rest.module</b> on line <b>42</b><br />\n${body}`,
      ),
    ),
  ),
  mutant(
    'token-after-notice',
    'A PHP notice stands before the JSON of the token answer',
    ['token-response/access-token', ...stackTrace],
    bendWhen(
      issuing,
      text((body) => `<br />\n<b>Notice</b>: Undefined index: scope in <b>/var/www/html/token.php</b> on line <b>7</b><br />\n${body}`),
    ),
  ),
  mutant(
    'token-after-blank-lines',
    'Text of another module stands before the JSON of the token answer',
    ['token-response/access-token'],
    bendWhen(
      issuing,
      text((body) => `debug: ok\n${body}`),
    ),
  ),
  mutant('refusal-as-page', 'Every refusal is a page', refused, bendWhen(anyRefusal, replaced(403, 'text/html; charset=UTF-8', page))),
  mutant(
    'refusal-as-redirect',
    'Every refusal is a redirect to the login page',
    [...refused, '/invariants/refusal-status'],
    bendWhen(anyRefusal, (response) => withHeader(replaced(302, 'text/html; charset=UTF-8', page)(response), 'Location', '/user/login')),
  ),
  mutant(
    'refusal-empty',
    'Every refusal is empty',
    refused,
    bendWhen(
      anyRefusal,
      text(() => ''),
    ),
  ),
  mutant('refusal-ok', 'Every refusal is answered with 200', ['/invariants/refusal-status'], bendWhen(anyRefusal, withStatus(200))),
  mutant(
    'refusals-before-status',
    'Refusals of the resource leave before the status is set, as without output buffering',
    ['/invariants/refusal-status', 'invalid-access-token/status-line', 'missing-header/status-line'],
    (answer) => (request, site) => {
      site.server.outputBuffering = 0;
      return answer(request, site);
    },
  ),
  mutant(
    'refusal-of-rfc',
    'Refusals have the form of RFC 6749 in place of the documented one',
    refused,
    bendWhen(
      anyRefusal,
      json((body) => ({ error: String(body['error']).toLowerCase(), error_description: body['error_description'] })),
    ),
  ),
  mutant(
    'refusal-nested',
    'Refusals stand under the member error',
    refused,
    bendWhen(
      anyRefusal,
      json((body) => ({ status: 'error', error: body })),
    ),
  ),
  mutant(
    'refusal-as-html-type',
    'Refusals of the token endpoint are sent as text/html',
    ['/rfc6749/5.2/json'],
    bendWhen(
      (request, response) => isTokenRequest(request) && anyRefusal(request, response),
      (response) => withHeader(response, 'Content-Type', 'text/html; charset=UTF-8'),
    ),
  ),
  mutant(
    'refusal-with-quotes',
    'Descriptions hold characters that RFC 6749 forbids',
    ['/rfc6749/5.2/description-characters'],
    bendWhen(
      (request, response) => isTokenRequest(request) && anyRefusal(request, response),
      json((body) => ({ ...body, error_description: `“${String(body['error_description'])}”` })),
    ),
  ),
  mutant(
    'refusal-after-mark',
    'Refusals begin with a byte order mark',
    [...refused, '/rfc8259/8.1/utf-8'],
    bendWhen(
      anyRefusal,
      text((body) => `\ufeff${body}`),
    ),
  ),
  mutant(
    'refusal-described-null',
    'Refusals have no words',
    refused,
    bendWhen(
      anyRefusal,
      json((body) => ({ ...body, error_description: null })),
    ),
  ),
  mutant(
    'invalid-utf-8',
    'Names are sent in Latin-1',
    ['/rfc8259/8.1/utf-8', ...account],
    bendWhen(reading, (response) => ({
      ...response,
      body: latin1(decodeUtf8(response.body).replace('"name":[{"value":"', '"name":[{"value":"\u00fc')),
    })),
  ),
];

/** Bytes of the lower half of each character: Latin-1, as long as there is nothing else. */
function latin1(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

function utf16(characters: string): Uint8Array {
  return Uint8Array.from([...characters].flatMap((character) => [character.charCodeAt(0) & 0xff, character.charCodeAt(0) >> 8]));
}

// Now and then

const often = {
  tokens: ['token-response/success', 'password-grant/credentials', 'client-credentials-grant/credentials'],
  accounts: ['protected-request/success', 'intro/token-opens-api'],
};

function nowAndThen(n: number, holds: (request: WireRequest) => boolean, change: (response: WireResponse) => WireResponse): Decorator {
  return remembering(() => {
    const isTurn = nth(n, holds);
    return bendWhen((request) => isTurn(request), change);
  });
}

const maintenance = replaced(503, 'text/html; charset=UTF-8', '<!DOCTYPE html><title>Site under maintenance</title>');
const unauthorized = replaced(
  401,
  'application/json',
  '{"status":"error","http_code":"401","error":"INVALID_ACCESS_TOKEN","error_description":"Invalid Access Token."}',
);
const isAccountRequest = (request: WireRequest): boolean =>
  request.method === 'GET' && isUserRequest(request) && requestHeader(request, 'authorization') !== undefined;

const unsteady = [
  mutant(
    'token-fails-now-and-then',
    'The token endpoint fails one time in five',
    [...serverError, ...often.tokens],
    nowAndThen(5, isTokenRequest, replaced(500, 'application/json', '{"message":"Internal error"}')),
  ),
  mutant(
    'token-empty-now-and-then',
    'The token endpoint forgets the token one time in five',
    ['token-response/access-token', ...often.tokens],
    nowAndThen(
      5,
      (request) => isTokenRequest(request),
      (response) => (jsonOf(response)?.['access_token'] === undefined ? response : without('access_token')(response)),
    ),
  ),
  mutant(
    'token-maintenance-now-and-then',
    'The token endpoint is under maintenance one time in seven',
    [...serverError, ...often.tokens],
    nowAndThen(7, isTokenRequest, maintenance),
  ),
  mutant(
    'account-fails-now-and-then',
    'The user resource fails one time in five',
    [...serverError, ...often.accounts],
    nowAndThen(5, isAccountRequest, replaced(500, 'application/json', '{"message":"Internal error"}')),
  ),
  mutant(
    'account-refused-now-and-then',
    'A good token is refused one time in ten',
    often.accounts,
    remembering(() => {
      let count = 0;
      return bendWhen((request, response) => reading(request, response) && ++count % 10 === 0, unauthorized);
    }),
  ),
  mutant(
    'account-unavailable',
    'The user resource is under maintenance',
    [...serverError, ...often.accounts],
    bendWhen(isAccountRequest, maintenance),
  ),
  mutant(
    'token-only-first',
    'Only the first token request is answered',
    often.tokens,
    remembering(() => {
      let count = 0;
      return bendWhen(
        (request, response) => issuing(request, response) && ++count > 1,
        replaced(
          400,
          'application/json',
          '{"status":"error","http_code":"400","error":"ALREADY_ISSUED","error_description":"A token has been issued."}',
        ),
      );
    }),
  ),
  mutant(
    'account-redirects-to-login',
    'The user resource redirects to the login page',
    often.accounts,
    bendWhen(reading, (response) => withHeader(replaced(302, 'text/html; charset=UTF-8', page)(response), 'Location', '/user/login')),
  ),
];

// What breaks on unusual input

const crash = replaced(500, 'text/html; charset=UTF-8', 'The website encountered an unexpected error. Try again later.');
const typeError = replaced(
  400,
  'text/html; charset=UTF-8',
  'TypeError: trim(): Argument #1 must be of type string, array given in /var/www/html/modules/contrib/rest_api_authentication/src/Token.php on line 88\n#0 /var/www/html/modules/contrib/rest_api_authentication/src/Token.php(88): trim()\n#1 {main}',
);
const formText = (request: WireRequest): string => (isTokenRequest(request) && request.body !== undefined ? decodeUtf8(request.body) : '');
const value = (request: WireRequest, name: string): string => formOf(request)?.get(name) ?? '';

const fragile = [
  mutant(
    'array-crashes',
    'A parameter that is an array makes the server fail',
    serverError,
    bendWhen((request) => /%5B|\[/.test(formText(request).split('\n')[0] ?? '') && formOf(request) !== undefined, crash),
  ),
  mutant(
    'array-shows-trace',
    'A parameter that is an array is answered with a stack trace',
    stackTrace,
    bendWhen((request) => /%5B|\[/.test(formText(request).split('\n')[0] ?? '') && formOf(request) !== undefined, typeError),
  ),
  mutant(
    'quote-shows-database',
    'A quote in the user name is answered with an error of the database',
    stackTrace,
    bendWhen(
      (request) => value(request, 'username').includes("'"),
      replaced(
        400,
        'application/json',
        '{"status":"error","http_code":"400","error":"DB","error_description":"SQLSTATE[42000]: Syntax error or access violation: 1064 You have an error in your SQL syntax"}',
      ),
    ),
  ),
  mutant(
    'long-value-crashes',
    'A long value makes the server fail',
    serverError,
    bendWhen((request) => formText(request).length > 3000, crash),
  ),
  mutant(
    'unicode-crashes',
    'A name outside the Basic Multilingual Plane makes the server fail, as with MySQL utf8',
    serverError,
    bendWhen((request) => /[\u{10000}-\u{10ffff}]/u.test(value(request, 'username')), crash),
  ),
  mutant(
    'nul-crashes',
    'NUL in a value makes the server fail, as with PostgreSQL',
    serverError,
    bendWhen((request) => formText(request).includes('%00'), crash),
  ),
  mutant(
    'broken-utf-8-crashes',
    'Bytes that are no UTF-8 make the server fail',
    serverError,
    bendWhen((request) => /%ff%fe/i.test(formText(request)), crash),
  ),
  mutant(
    'broken-json-crashes',
    'A body that is no JSON makes the server fail',
    serverError,
    bendWhen(
      (request) =>
        isTokenRequest(request) &&
        /json/.test(requestHeader(request, 'content-type') ?? '') &&
        formText(request).startsWith('{"grant_type": "password", "client_id":') &&
        !formText(request).endsWith('}'),
      crash,
    ),
  ),
  mutant(
    'json-scalar-crashes',
    'A JSON body that is no object makes the server fail',
    serverError,
    bendWhen((request) => isTokenRequest(request) && /^(1|null|\[\]|"password")$/.test(formText(request)), crash),
  ),
  mutant(
    'empty-body-crashes',
    'An empty body makes the server fail',
    serverError,
    bendWhen((request) => request.method === 'POST' && isTokenRequest(request) && formText(request) === '', crash),
  ),
  mutant(
    'unknown-type-crashes',
    'An unknown content type makes the server fail',
    serverError,
    bendWhen((request) => isTokenRequest(request) && /x-unknown|nonsense/.test(requestHeader(request, 'content-type') ?? ''), crash),
  ),
  mutant(
    'grant-missing-crashes',
    'Without a grant type the server fails',
    serverError,
    bendWhen((request) => formOf(request)?.has('grant_type') === false, crash),
  ),
  mutant(
    'password-missing-shows-warning',
    'Without a password PHP shows a warning',
    stackTrace,
    bendWhen(
      (request) => asking('password')(request) && formOf(request)?.has('password') === false,
      text(
        (body) =>
          `<br />\n<b>Warning</b>: Undefined array key "password" in <b>/var/www/html/modules/token.php</b> on line <b>31</b><br />\n${body}`,
      ),
    ),
  ),
  mutant(
    'odd-token-crashes',
    'A token of unusual characters makes the server fail',
    serverError,
    bendWhen((request) => /^Bearer [^\w.-]/.test(requestHeader(request, 'authorization') ?? ''), crash),
  ),
  mutant(
    'long-token-crashes',
    'A long token makes the server fail',
    serverError,
    bendWhen((request) => (requestHeader(request, 'authorization') ?? '').length > 1000, crash),
  ),
  mutant(
    'scheme-only-shows-warning',
    'An Authorization header without a token shows a PHP warning',
    stackTrace,
    bendWhen(
      (request) => /^Bearer\s*$/.test(requestHeader(request, 'authorization') ?? ''),
      text(
        (body) => `<br />\n<b>Warning</b>: Undefined array key 1 in <b>/var/www/html/modules/api.php</b> on line <b>12</b><br />\n${body}`,
      ),
    ),
  ),
  mutant(
    'odd-id-crashes',
    'An id that is no number makes the server fail',
    serverError,
    bendWhen((request) => /\/user\/(-1|nobody|%25)/.test(request.path), crash),
  ),
  mutant(
    'huge-id-crashes',
    'An id that is too large for an integer makes the server fail',
    serverError,
    bendWhen((request) => /\/user\/\d{20,}/.test(request.path), crash),
  ),
  mutant(
    'unknown-application-crashes',
    'An unknown application id makes the server fail',
    serverError,
    bendWhen((request) => isUserRequest(request) && requestHeader(request, 'auth-method') === 'unknown', crash),
  ),
  mutant(
    'refusal-shows-trace',
    'Refusals hold a stack trace',
    stackTrace,
    bendWhen(
      anyRefusal,
      json((body) => ({ ...body, trace: '#0 /var/www/html/core/lib/Drupal.php(12): main()\n#1 {main}' })),
    ),
  ),
  mutant(
    'line-end-becomes-header',
    'A line end in a user name becomes a header line',
    ['/invariants/input-as-code'],
    bendWhen(
      (request) => value(request, 'username').includes('\r\nX-Injected: 1'),
      (response) => withHeader(response, 'X-Injected', '1'),
    ),
  ),
];

// On the way to the client

/** Slower than the limit of the run that looks for it; see `src/cli/mutation/bench.ts`. */
const tooSlowMs = 3000;

function delivered(
  holds: (request: WireRequest) => boolean,
  change: (delivery: Delivery) => Delivery,
): (delivery: Delivery, request: WireRequest) => Delivery {
  return (delivery, request) => (holds(request) ? change(delivery) : delivery);
}

function announced(delivery: Delivery, length: (bytes: number) => number): Delivery {
  const { response } = delivery;
  return { ...delivery, response: withHeader(response, 'Content-Length', String(length(response.body.length))) };
}

const everyThird = nth(3, isAccountRequest);

const deliveries = [
  mutant(
    'token-slow',
    'The token endpoint is slower than the limit',
    complete,
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, delayMs: tooSlowMs })),
  ),
  mutant(
    'account-slow',
    'The user resource is slower than the limit',
    complete,
    untouched,
    delivered(isAccountRequest, (delivery) => ({ ...delivery, delayMs: tooSlowMs })),
  ),
  mutant(
    'account-drips',
    'The user resource is sent byte by byte',
    complete,
    untouched,
    delivered(isAccountRequest, (delivery) => ({ ...delivery, dripMs: 50 })),
  ),
  mutant(
    'token-dropped',
    'The token endpoint closes the connection without an answer',
    complete,
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, drop: true })),
  ),
  mutant(
    'account-dropped-now-and-then',
    'The user resource closes the connection one time in three',
    complete,
    untouched,
    delivered(everyThird, (delivery) => ({ ...delivery, drop: true })),
  ),
  mutant(
    'token-truncated',
    'The token answer ends in the middle',
    complete,
    untouched,
    delivered(isTokenRequest, (delivery) => ({ ...delivery, truncateBytes: 20 })),
  ),
  mutant(
    'account-truncated',
    'The user resource ends in the middle',
    complete,
    untouched,
    delivered(isAccountRequest, (delivery) => ({ ...delivery, truncateBytes: 40 })),
  ),
  mutant(
    'token-length-too-long',
    'The token answer announces more bytes than it has',
    complete,
    untouched,
    delivered(isTokenRequest, (delivery) => announced(delivery, (bytes) => bytes + 10)),
  ),
  mutant(
    'account-length-too-short',
    'The user resource announces fewer bytes than it has',
    [...complete, ...account],
    untouched,
    delivered(isAccountRequest, (delivery) => announced(delivery, (bytes) => bytes - 10)),
  ),
];

export const answerMutants = [...tokenAnswers, ...forms, ...unsteady, ...fragile, ...deliveries];
