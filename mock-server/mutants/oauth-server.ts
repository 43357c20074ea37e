/**
 * Wrong implementations of the OAuth Server.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { encodeUtf8 } from '../bytes.ts';
import type { OauthServerConfig } from '../products/oauth-server/config.ts';
import type { Site } from '../site.ts';
import { bodyOf, comparisons, crash, lostOnTheWay, oddComparisons, spoilings, stackTrace, telling, type Comparison } from './mistakes.ts';
import {
  bendWhen,
  deciding,
  json,
  jsonOf,
  mutantsOf,
  nth,
  readAs,
  remembering,
  replaced,
  requestHeader,
  withHeader,
  withRequestHeader,
  withStatus,
  without,
  type Decorator,
  type Mutant,
} from './mutant.ts';

const mutant = mutantsOf('oauth-server', 'oauth-server');

const badCredentials = ['/invariants/token-for-bad-credentials'];
const badClient = [...badCredentials, '/rfc6749/3.2.1/client-authentication'];
const badCode = [...badCredentials, '/rfc6749/4.1.3/code-valid'];
const issues = ['endpoints/token', 'grants/authorization-code', '/oauth-server-source/token/success'];
const shows = ['endpoints/userinfo', '/oauth-server-source/userinfo/user'];
const nobody = ['/invariants/data-without-permission', '/oauth-server-source/userinfo/refused'];
const sessionOnly = [...badCredentials, '/oauth-server-source/authorize/session'];
const sends = ['endpoints/authorize', 'grants/authorization-code', '/oauth-server-source/authorize/configured-redirect'];

const isAuthorize = (request: WireRequest): boolean => request.path.startsWith('/mo/oauth2/authorize');
const isToken = (request: WireRequest): boolean => request.path.startsWith('/mo/oauth2/token');
const isUserinfo = (request: WireRequest): boolean => request.path.startsWith('/mo/oauth2/userinfo');
const isIssued = (request: WireRequest, response: WireResponse): boolean =>
  isToken(request) && jsonOf(response)?.['access_token'] !== undefined;
const isTokenRefusal = (request: WireRequest, response: WireResponse): boolean => isToken(request) && response.status >= 400;
const isShown = (request: WireRequest, response: WireResponse): boolean => isUserinfo(request) && jsonOf(response)?.['uid'] !== undefined;
const isHidden = (request: WireRequest, response: WireResponse): boolean => isUserinfo(request) && response.status >= 400;
const locationOf = (response: WireResponse): string => response.headers.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? '';
const isSent = (request: WireRequest, response: WireResponse): boolean => isAuthorize(request) && locationOf(response).includes('code=');

const callback = 'https://client.example.com/callback';
const codeAnyway = (response: WireResponse): WireResponse =>
  withHeader({ ...response, status: 302, reason: 'Found' }, 'Location', `${callback}?code=abcdefgh12345678&state=dac-state`);
const tokenAnyway = replaced(
  200,
  'application/json',
  '{"access_token":"abcdefghijklmnopqrstuvwxyz0123456789","expires_in":900,"token_type":"Bearer","scope":"profile"}',
);
const userAnyway = replaced(
  200,
  'application/json',
  '{"uid":"2","id":"2","name":"api_user","mail":"api_user@example.com","roles":["authenticated"]}',
);

type Client = OauthServerConfig['clients'][number];

function clientsOf(site: Site): readonly Client[] {
  return site.file.products?.oauthServer?.clients ?? [];
}

/** Changes the form of a token request. */
function withForm(change: (form: URLSearchParams, site: Site) => void): Decorator {
  return readAs((request, site) => {
    if (!isToken(request) || request.body === undefined) return request;
    const form = new URLSearchParams(bodyOf(request));
    change(form, site);
    const body = encodeUtf8(form.toString());
    return { ...withRequestHeader(request, 'Content-Length', String(body.length)), body };
  });
}

/** A parameter of the client counts that is not the right one. */
function counts(name: 'client_secret' | 'client_id', holds: Comparison): Decorator {
  return withForm((form, site) => {
    const [main] = clientsOf(site);
    const right = name === 'client_secret' ? main?.secret : main?.id;
    if (right === undefined || form.get(name) === right) return;
    if (holds(form.get(name) ?? undefined, right)) form.set(name, right);
  });
}

/** Notes what was handed out, and takes for one of them what fits it. */
function like(
  read: (response: WireResponse) => string | undefined,
  given: (request: WireRequest) => string | undefined,
  put: (request: WireRequest, value: string) => WireRequest,
  fits: (given: string, right: string) => boolean,
): Decorator {
  return remembering(() => {
    const known = new Set<string>();
    return (answer) => (request, site) => {
      const value = given(request);
      const meant = value === undefined || known.has(value) ? undefined : [...known].findLast((right) => fits(value, right));
      const response = answer(meant === undefined ? request : put(request, meant), site);
      const fresh = read(response);
      if (fresh !== undefined && fresh !== '') known.add(fresh);
      return response;
    };
  });
}

const codeLike = (fits: (given: string, right: string) => boolean): Decorator =>
  like(
    (response) => /[?&]code=([^&]+)/.exec(locationOf(response))?.[1],
    (request) => (isToken(request) ? (new URLSearchParams(bodyOf(request)).get('code') ?? '') : undefined),
    (request, value) => {
      const form = new URLSearchParams(bodyOf(request));
      form.set('code', value);
      return { ...request, body: encodeUtf8(form.toString()) };
    },
    fits,
  );

const bearerOf = (request: WireRequest): string | undefined =>
  isUserinfo(request) ? /^bearer *(\S*)$/i.exec(requestHeader(request, 'authorization') ?? '')?.[1] : undefined;

const tokenLike = (fits: (given: string, right: string) => boolean): Decorator =>
  like(
    (response) => {
      const token = jsonOf(response)?.['access_token'];
      return typeof token === 'string' ? token : undefined;
    },
    bearerOf,
    (request, value) => withRequestHeader(request, 'Authorization', `Bearer ${value}`),
    fits,
  );

const authorization = [
  mutant(
    'login-skipped',
    'A code is sent to whoever has no session',
    sessionOnly,
    bendWhen(
      (request, response) => isAuthorize(request) && requestHeader(request, 'cookie') === undefined && !isSent(request, response),
      codeAnyway,
    ),
  ),
  mutant(
    'any-cookie-is-session',
    'Any cookie counts as a session',
    sessionOnly,
    bendWhen(
      (request, response) =>
        isAuthorize(request) && /SESS/.test(requestHeader(request, 'cookie') ?? '') && locationOf(response).includes('login'),
      codeAnyway,
    ),
  ),
  mutant(
    'empty-cookie-is-session',
    'An empty cookie counts as a session',
    sessionOnly,
    bendWhen((request) => isAuthorize(request) && requestHeader(request, 'cookie') === '', codeAnyway),
  ),
  mutant(
    'token-is-session',
    'A token counts as a session',
    sessionOnly,
    bendWhen((request) => isAuthorize(request) && requestHeader(request, 'authorization') !== undefined, codeAnyway),
  ),
  mutant(
    'any-client',
    'A code is sent to a client that nobody knows',
    [...badCredentials, '/rfc6749/4.1.3/code-of-client'],
    bendWhen((request, response, site) => {
      const id = new URLSearchParams(request.path.split('?')[1]).get('client_id');
      return isAuthorize(request) && id !== null && !isSent(request, response) && clientsOf(site).every((client) => client.id !== id);
    }, codeAnyway),
  ),
  mutant(
    'no-client-needed',
    'A code is sent to no client',
    [...badCredentials, '/rfc6749/4.1.3/code-of-client'],
    bendWhen((request) => isAuthorize(request) && !request.path.includes('client_id='), codeAnyway),
  ),
  ...(
    [
      ['host-behind', /%2Ecom.*attacker|callback\.attacker|callback%2Eattacker|attacker\.example%2F$/i],
      ['name-before-host', /client\.example%40attacker|client\.example@attacker/],
      ['host-in-front', /attacker\.example%2F%3F|attacker\.example\/\?/],
    ] as const
  ).map(([name, pattern]) =>
    mutant(
      `redirect-${name}`,
      `A code is sent to an address that only looks like the right one (${name})`,
      ['/rfc6749/4.1.3/redirect-uri', ...badCredentials],
      bendWhen(
        (request) => isAuthorize(request) && pattern.test(request.path),
        (response) => withHeader({ ...response, status: 302 }, 'Location', 'https://attacker.example/?code=abcdefgh12345678'),
      ),
    ),
  ),
  mutant(
    'redirect-to-script',
    'A script is an address',
    ['/rfc6749/4.1.3/redirect-uri', ...badCredentials],
    bendWhen(
      (request) => isAuthorize(request) && /javascript/.test(request.path),
      (response) => withHeader({ ...response, status: 302 }, 'Location', 'javascript:alert(1)?code=abcdefgh12345678'),
    ),
  ),
  mutant('code-repeated', 'The same code is sent each time', ['/rfc6749/10.10/entropy'], codeRepeated()),
  mutant(
    'code-left-out',
    'The client is sent back without a code',
    [...sends, '/oauth-server-source/authorize/configured-redirect'],
    bendWhen(isSent, (response) => withHeader(response, 'Location', locationOf(response).replace(/code=[^&]*&?/, ''))),
  ),
  mutant(
    'code-shown',
    'The code is shown on a page',
    sends,
    bendWhen(isSent, (response) =>
      replaced(200, 'text/html', `<p>${locationOf(response)}</p>`)(withHeader(response, 'Location', undefined)),
    ),
  ),
  mutant(
    'sent-elsewhere',
    'The code is sent to another address of the client',
    sends,
    bendWhen(isSent, (response) =>
      withHeader(response, 'Location', locationOf(response).replace(/^https:\/\/[^/]+/, 'https://elsewhere.example.com')),
    ),
  ),
  mutant(
    'state-changed',
    'The state comes back changed',
    ['/rfc6749/4.1.2/state'],
    bendWhen(isSent, (response) => withHeader(response, 'Location', locationOf(response).replace('dac-state', 'DAC-STATE'))),
  ),
  mutant('authorize-crashes', 'The authorization endpoint fails', ['/invariants/server-error', ...sends], bendWhen(isSent, crash)),
];

function codeRepeated(): Decorator {
  return remembering(() => {
    let first: string | undefined;
    return bendWhen(isSent, (response) => {
      first ??= locationOf(response);
      return withHeader(response, 'Location', first);
    });
  });
}

const clients = [
  ...[
    ...comparisons.filter(([name]) => name !== 'ignored'),
    ...oddComparisons.filter(([name]) => name === 'empty' || name === 'left-out'),
  ].map(([name, title, holds]) => mutant(`secret-${name}`, `The client secret ${title}`, badClient, counts('client_secret', holds))),
  mutant(
    'secret-of-another-client',
    'The secret of any client counts',
    badClient,
    withForm((form, site) => {
      const [main] = clientsOf(site);
      if (main !== undefined && clientsOf(site).some(({ secret }) => secret === form.get('client_secret')))
        form.set('client_secret', main.secret);
    }),
  ),
  ...comparisons
    .filter(([name]) => name === 'ignored' || name === 'may-end-early')
    .map(([name, title, holds]) =>
      mutant(
        `client-id-${name}`,
        `The client ID ${title}`,
        [...badCredentials, '/rfc6749/4.1.3/code-of-client'],
        withForm((form, site) => {
          const [main] = clientsOf(site);
          const given = form.get('client_id');
          if (main === undefined || given === null || given === main.id || clientsOf(site).some(({ id }) => id === given)) return;
          if (holds(given, main.id)) form.set('client_id', main.id);
        }),
      ),
    ),
  mutant(
    'code-for-any-client',
    'A code works for every client with its own secret',
    [...badCredentials, '/rfc6749/4.1.3/code-of-client'],
    withForm((form, site) => {
      const [main, ...others] = clientsOf(site);
      if (main === undefined || !others.some(({ id, secret }) => id === form.get('client_id') && secret === form.get('client_secret')))
        return;
      form.set('client_id', main.id);
      form.set('client_secret', main.secret);
    }),
  ),
  mutant(
    'client-id-empty',
    'An empty client ID counts',
    badClient,
    withForm((form, site) => void (form.get('client_id') === '' && form.set('client_id', clientsOf(site)[0]?.id ?? ''))),
  ),
  mutant(
    'client-id-left-out',
    'A client ID that is left out is not missed',
    badClient,
    withForm((form, site) => void (form.has('client_id') || form.set('client_id', clientsOf(site)[0]?.id ?? ''))),
  ),
];

const codes = [
  mutant(
    'any-code',
    'Any code buys a token',
    badCode,
    bendWhen((request, response) => isTokenRefusal(request, response) && bodyOf(request).includes('code='), tokenAnyway),
  ),
  mutant(
    'no-code-needed',
    'A token needs no code',
    badCode,
    bendWhen((request, response) => isTokenRefusal(request, response) && !/(^|&)code=[^&]/.test(bodyOf(request)), tokenAnyway),
  ),
  mutant(
    'code-begun',
    'A code with more behind it counts',
    badCode,
    codeLike((given, right) => given.startsWith(right)),
  ),
  mutant(
    'code-cut',
    'A code without its last character counts',
    badCode,
    codeLike((given, right) => given !== '' && given === right.slice(0, -1)),
  ),
  mutant(
    'code-by-length',
    'Any code of the right length counts',
    badCode,
    codeLike((given, right) => given.length === right.length),
  ),
  mutant(
    'code-wildcard',
    'A code is compared with LIKE',
    badCode,
    codeLike((given) => given === '%'),
  ),
  mutant(
    'code-by-query',
    'A code is put into an SQL query as it stands',
    badCode,
    codeLike((given) => given.includes("'1'='1")),
  ),
  mutant(
    'grant-unchecked',
    'The grant type is not looked at',
    ['grants/authorization-code', ...badCredentials],
    withForm((form) => form.set('grant_type', 'authorization_code')),
  ),
  mutant(
    'grant-without-case',
    'The grant type is compared without case',
    ['grants/authorization-code', ...badCredentials],
    withForm((form) => void (form.get('grant_type') === 'AUTHORIZATION_CODE' && form.set('grant_type', 'authorization_code'))),
  ),
  mutant(
    'grant-left-out',
    'A grant type that is left out is not missed',
    ['grants/authorization-code', ...badCredentials],
    withForm((form) => void (form.has('grant_type') || form.set('grant_type', 'authorization_code'))),
  ),
  mutant(
    'redirect-begun',
    'A redirect URI with more behind it counts',
    ['/rfc6749/4.1.3/redirect-uri', ...badCredentials],
    withForm((form, site) => {
      const right = clientsOf(site)[0]?.redirectUri;
      if (right !== undefined && form.get('redirect_uri')?.startsWith(right) === true) form.set('redirect_uri', right);
    }),
  ),
  mutant(
    'redirect-left-out',
    'A redirect URI that is left out is not missed',
    ['/rfc6749/4.1.3/redirect-uri', ...badCredentials],
    withForm((form, site) => void (form.has('redirect_uri') || form.set('redirect_uri', clientsOf(site)[0]?.redirectUri ?? ''))),
  ),
];

const tokenAnswers = [
  mutant('token-left-out', 'The token answer holds no token', issues, bendWhen(isIssued, without('access_token'))),
  mutant(
    'token-short',
    'A token has eight characters',
    issues,
    bendWhen(
      isIssued,
      json((body) => ({ ...body, access_token: 'abcdefgh' })),
    ),
  ),
  mutant('token-repeated', 'The same token is issued each time', ['/rfc6749/10.10/entropy', ...shows], tokenRepeated()),
  mutant(
    'token-not-stored',
    'The token that is shown is not the one that was stored',
    shows,
    bendWhen(
      isIssued,
      json((body) => ({ ...body, access_token: [...String(body['access_token'])].reverse().join('') })),
    ),
  ),
  mutant(
    'token-type-mac',
    'The type of a token is mac',
    ['/oauth-server-source/token/success', '/rfc6749/5.1/token-type'],
    bendWhen(
      isIssued,
      json((body) => ({ ...body, token_type: 'mac' })),
    ),
  ),
  mutant(
    'no-token-type',
    'The token answer lacks token_type',
    ['/oauth-server-source/token/success', '/rfc6749/5.1/token-type'],
    bendWhen(isIssued, without('token_type')),
  ),
  mutant(
    'token-created',
    'A token is answered with 201',
    ['grants/authorization-code', '/rfc6749/5.1/success-status'],
    bendWhen(isIssued, withStatus(201)),
  ),
  mutant(
    'token-stored',
    'The token answer may be stored',
    ['/rfc6749/5.1/no-store'],
    bendWhen(isIssued, (response) => withHeader(response, 'Cache-Control', 'public')),
  ),
  ...spoilings.map(([name, title, change]) =>
    mutant(
      `token-${name}`,
      `The token answer ${title}`,
      [...issues, '/rfc6749/5.1/success-status', '/invariants/server-error', '/invariants/stack-trace'],
      bendWhen(isIssued, change),
    ),
  ),
  mutant('refusal-with-200', 'A refusal has the status 200', ['/rfc6749/5.2/status-400'], bendWhen(isTokenRefusal, withStatus(200))),
  mutant('refusal-as-403', 'A refusal has the status 403', ['/rfc6749/5.2/status-400'], bendWhen(isTokenRefusal, withStatus(403))),
  mutant('refusal-crashes', 'A refusal makes the server fail', ['/invariants/server-error'], bendWhen(isTokenRefusal, crash)),
  mutant('refusal-with-trace', 'A refusal is a stack trace', ['/invariants/stack-trace'], bendWhen(isTokenRefusal, stackTrace)),
  mutant(
    'refusal-with-token',
    'A refusal holds a token all the same',
    ['/invariants/nothing-given', ...badCredentials],
    bendWhen(
      isTokenRefusal,
      json((body) => ({ ...body, access_token: 'abcdefghijklmnopqrstuvwxyz' })),
    ),
  ),
  mutant(
    'refusal-repeats-secret',
    'A refusal repeats the client secret',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isTokenRefusal(request, response) && bodyOf(request).includes('client_secret='),
      (response, request) => telling(new URLSearchParams(bodyOf(request)).get('client_secret') ?? '')(response),
    ),
  ),
  mutant('refusal-without-error', 'A refusal names no error', ['/rfc6749/5.2/error-codes'], bendWhen(isTokenRefusal, without('error'))),
];

function tokenRepeated(): Decorator {
  return remembering(() => {
    let first: unknown;
    return (answer) => (request, site) => {
      const response = answer(request, site);
      if (!isIssued(request, response)) return response;
      const token = jsonOf(response)?.['access_token'];
      if (first === undefined) {
        first = token;
        return response;
      }
      return json((body) => ({ ...body, access_token: 'expired-token-of-before' }))(response);
    };
  });
}

const users = [
  mutant(
    'any-token',
    'Any token shows a user',
    nobody,
    bendWhen((request, response) => isHidden(request, response) && (bearerOf(request) ?? '') !== '', userAnyway),
  ),
  mutant(
    'no-token-needed',
    'A user is shown without a token',
    nobody,
    bendWhen((request, response) => isHidden(request, response) && requestHeader(request, 'authorization') === undefined, userAnyway),
  ),
  mutant(
    'empty-token',
    'An empty token shows a user',
    nobody,
    bendWhen((request, response) => isHidden(request, response) && bearerOf(request) === '', userAnyway),
  ),
  mutant(
    'basic-shows-user',
    'Whatever comes with Basic shows a user',
    nobody,
    bendWhen((request) => isUserinfo(request) && requestHeader(request, 'authorization')?.startsWith('Basic') === true, userAnyway),
  ),
  mutant(
    'token-wildcard',
    'A token is compared with LIKE',
    nobody,
    tokenLike((given) => given === '%'),
  ),
  mutant(
    'token-by-query',
    'A token is put into an SQL query as it stands',
    nobody,
    bendWhen((request) => isUserinfo(request) && /'1'='1/.test(requestHeader(request, 'authorization') ?? ''), userAnyway),
  ),
  mutant(
    'token-without-case',
    'A token is compared without case',
    nobody,
    tokenLike((given, right) => given.toLowerCase() === right.toLowerCase()),
  ),
  mutant(
    'token-without-last',
    'A token without its last character counts',
    nobody,
    tokenLike((given, right) => given !== '' && given === right.slice(0, -1)),
  ),
  mutant(
    'token-by-length',
    'Any token of the right length counts',
    nobody,
    tokenLike((given, right) => given.length === right.length),
  ),
  mutant(
    'token-once',
    'A token shows its user once',
    shows,
    remembering(() => {
      const seen = new Set<string>();
      return bendWhen(isShown, (response, request) => {
        const token = bearerOf(request) ?? '';
        if (seen.has(token)) return replaced(401, 'application/json', '{"error":"invalid_token"}')(response);
        seen.add(token);
        return response;
      });
    }),
  ),
  mutant(
    'every-third-refused',
    'One right request in three for the user is refused',
    shows,
    remembering(() => {
      const isThird = nth(3, isUserinfo);
      return bendWhen(
        (request, response) => isShown(request, response) && isThird(request),
        replaced(401, 'application/json', '{"error":"invalid_token"}'),
      );
    }),
  ),
  ...spoilings.map(([name, title, change]) =>
    mutant(
      `user-${name}`,
      `The user ${title}`,
      [...shows, '/invariants/server-error', '/invariants/stack-trace'],
      bendWhen(isShown, change),
    ),
  ),
  mutant(
    'password-shown',
    'The user comes with the password',
    ['/invariants/password-in-answer'],
    bendWhen(
      isShown,
      json((body) => ({ ...body, pass: 'x' })),
    ),
  ),
  mutant(
    'refusal-names-user',
    'The refusal of a token names the user',
    ['/invariants/data-without-permission', '/invariants/nothing-given'],
    bendWhen(
      isHidden,
      json((body) => ({ ...body, name: 'api_user' })),
    ),
  ),
  mutant(
    'no-token-as-200',
    'Who sends no token gets 200',
    ['/rfc6750/3.1/invalid-token', '/invariants/refusal-status'],
    bendWhen(isHidden, withStatus(200)),
  ),
  mutant(
    'unknown-token-crashes',
    'An unknown token makes the server fail',
    ['/invariants/server-error', '/rfc6750/3.1/invalid-token'],
    bendWhen(isHidden, crash),
  ),
  mutant(
    'token-echoed',
    'The refusal of a token repeats it',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isHidden(request, response) && (bearerOf(request)?.length ?? 0) > 20,
      (response, request) => telling(bearerOf(request) ?? '')(response),
    ),
  ),
];

export const oauthServerMutants: readonly Mutant[] = [
  mutant(
    'secret-ignored',
    'The client secret is not looked at',
    ['/invariants/token-for-bad-credentials'],
    deciding('oauthServer.ignoreSecret'),
  ),
  mutant(
    'redirect-ignored',
    'The redirect URI of the token request is not looked at',
    ['/rfc6749/4.1.3/redirect-uri'],
    deciding('oauthServer.ignoreRedirect'),
  ),
  mutant('codes-reusable', 'A code works again and again', ['/rfc6749/4.1.2/single-use'], deciding('oauthServer.reuseCodes')),
  mutant(
    'tokens-never-expire',
    'A token shows its user for ever',
    ['/invariants/data-without-permission'],
    deciding('oauthServer.ignoreExpiry'),
  ),
  mutant(
    'state-lost',
    'The state does not come back',
    ['/rfc6749/4.1.2/state'],
    readAs((request) => ({ ...request, path: request.path.replace(/([?&])state=[^&]*/, '$1') })),
  ),
  mutant(
    'somebody-else',
    'The user information is that of another user',
    ['endpoints/userinfo'],
    bendWhen(
      (request, response) => request.path.startsWith('/mo/oauth2/userinfo') && jsonOf(response)?.['uid'] !== undefined,
      json((body) => ({ ...body, uid: '4', id: '4', name: 'bob', mail: 'bob@example.com' })),
    ),
  ),
  mutant(
    'open-redirect',
    'A code is sent wherever the request says',
    ['/rfc6749/4.1.3/redirect-uri', '/invariants/token-for-bad-credentials'],
    bendWhen(
      (request) => request.path.startsWith('/mo/oauth2/authorize') && request.path.includes('attacker.example'),
      (response) =>
        withHeader({ ...response, status: 302, reason: 'Found' }, 'Location', 'https://attacker.example/?code=abcdefgh12345678'),
    ),
  ),
  ...lostOnTheWay(mutant, { what: 'token', title: 'The token answer', breaks: issues, holds: isToken }),
  ...lostOnTheWay(mutant, { what: 'user', title: 'The user', breaks: shows, holds: isUserinfo }),
  ...authorization,
  ...clients,
  ...codes,
  ...tokenAnswers,
  ...users,
];
