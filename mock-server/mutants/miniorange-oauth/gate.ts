/**
 * The protected request: headers that are not read as they should be, ways around the gate, and data for whom it is not.
 *
 * @module
 */
import type { WireRequest } from '../../../src/model/exchange.ts';
import { findUser, type Site, type User } from '../../site.ts';
import { mainUser } from '../../targets.ts';
import {
  asking,
  bendWhen,
  isUserRequest,
  json,
  jsonOf,
  onlyFor,
  readAs,
  reading,
  refusing,
  remembering,
  replaced,
  requestHeader,
  withHeader,
  withRequestHeader,
  type Decorator,
} from '../mutant.ts';
import {
  basic,
  bearerOf,
  decoded,
  firstApplication,
  freshToken,
  hasNoToken,
  isPlainUserRequest,
  letIn,
  mutant,
  onceIssued,
  stateOf,
} from './make.ts';

const uniqueHeader = ['setup/unique-header', 'protected-request/auth-method'];
const missingHeader = ['missing-header/when', ...uniqueHeader];
const tokenOnly = ['intro/access-only-with-valid-token', '/invariants/data-without-permission'];
const noAuthorization = ['missing-authorization-header/when', ...tokenOnly];
const wrongType = ['invalid-token-type/when', 'protected-request/bearer'];

/** Reads another unique header than was sent; undefined leaves it. */
function uniqueHeaderReadAs(
  meant: (given: string | undefined, right: string, request: WireRequest, site: Site) => string | undefined,
): Decorator {
  return readAs((request, site) => {
    if (!request.path.includes('_format=')) return request;
    const read = meant(requestHeader(request, 'auth-method'), firstApplication(site).id, request, site);
    return read === undefined ? request : withRequestHeader(request, 'AUTH-METHOD', read);
  });
}

/** Reads another Authorization header than was sent; undefined leaves it. */
function authorizationReadAs(meant: (given: string, request: WireRequest, site: Site) => string | undefined): Decorator {
  return readAs((request, site) => {
    const read = meant(requestHeader(request, 'authorization') ?? '', request, site);
    return read === undefined ? request : withRequestHeader(request, 'Authorization', read);
  });
}

/** A header with this name in exactly this spelling; anything else is not seen. */
function withCase(name: string): Decorator {
  return readAs((request) => ({
    ...request,
    headers: request.headers.filter(([key]) => key === name || key.toLowerCase() !== name.toLowerCase()),
  }));
}

const queryOf = (request: WireRequest): URLSearchParams => new URLSearchParams(request.path.split('?')[1] ?? '');
const cookieOf = (request: WireRequest, name: RegExp): string | undefined => name.exec(requestHeader(request, 'cookie') ?? '')?.[1];

/** What Drupal itself says to somebody who is nobody. */
const anonymousRefusal = replaced(403, 'application/json', `{"message":"The 'access user profiles' permission is required."}`);

const uniqueHeaders = [
  mutant(
    'application-header-ignored',
    'A request without AUTH-METHOD is answered as if it had one',
    missingHeader,
    uniqueHeaderReadAs((given, right) => (given === undefined ? right : undefined)),
  ),
  mutant(
    'any-application-header',
    'Any value of AUTH-METHOD will do',
    uniqueHeader,
    uniqueHeaderReadAs((given, right, _, site) =>
      given !== undefined && given.trim() !== '' && !stateOf(site).applications.has(given.trim()) ? right : undefined,
    ),
  ),
  mutant(
    'application-header-empty',
    'An empty AUTH-METHOD counts as the default application',
    missingHeader,
    uniqueHeaderReadAs((given, right) => (given?.trim() === '' ? right : undefined)),
  ),
  mutant(
    'application-header-begun',
    'The beginning of an application id is enough',
    uniqueHeader,
    uniqueHeaderReadAs((given = '', right) => (given.length > 3 && right.startsWith(given) ? right : undefined)),
  ),
  mutant(
    'application-header-end',
    'The end of an application id is enough',
    uniqueHeader,
    uniqueHeaderReadAs((given = '', right) => (given.length > 3 && right.endsWith(given) ? right : undefined)),
  ),
  mutant(
    'application-header-with-more',
    'An application id with more behind it is accepted',
    uniqueHeader,
    uniqueHeaderReadAs((given = '', right) =>
      given.startsWith(right) && !given.includes('\0') && !given.includes(',') ? right : undefined,
    ),
  ),
  mutant(
    'application-header-last-ignored',
    'The last character of the application id is not compared',
    uniqueHeader,
    uniqueHeaderReadAs((given = '', right) => (given.slice(0, -1) === right.slice(0, -1) ? right : undefined)),
  ),
  mutant(
    'application-header-wildcard',
    'Application ids are compared with LIKE',
    uniqueHeader,
    uniqueHeaderReadAs((given, right) => (given === '%' ? right : undefined)),
  ),
  mutant(
    'application-header-is-method',
    'AUTH-METHOD may name the method in place of the application',
    uniqueHeader,
    uniqueHeaderReadAs((given, right) => (given === 'oauth' ? right : undefined)),
  ),
  mutant(
    'application-header-is-client',
    'AUTH-METHOD may hold the client ID',
    uniqueHeader,
    uniqueHeaderReadAs((given, right, _, site) => (given === firstApplication(site).clientId ? right : undefined)),
  ),
  mutant(
    'application-header-with-case',
    'Only the name AUTH-METHOD in this spelling is read',
    [...uniqueHeader, '/rfc9110/5.1/field-names'],
    withCase('AUTH-METHOD'),
  ),
  mutant(
    'application-header-first',
    'AUTH-METHOD is read only if it stands before Authorization',
    ['protected-request/auth-method', '/rfc9110/5.1/field-names'],
    readAs((request) => {
      const names = request.headers.map(([name]) => name.toLowerCase());
      return names.indexOf('authorization') < names.indexOf('auth-method') && names.includes('authorization')
        ? withRequestHeader(request, 'AUTH-METHOD', undefined)
        : request;
    }),
  ),
  mutant(
    'application-header-not-for-client-tokens',
    'A token of the client_credentials grant needs no AUTH-METHOD',
    missingHeader,
    remembering(() => {
      const free = new Set<string>();
      return (answer) => {
        const noted = onlyFor(
          asking('client_credentials'),
          onceIssued(({ value }) => void free.add(value)),
        )(answer);
        return uniqueHeaderReadAs((given, right, request) =>
          given === undefined && free.has(bearerOf(request) ?? '') ? right : undefined,
        )(noted);
      };
    }),
  ),
  mutant(
    'application-header-for-own-account-only',
    'Without AUTH-METHOD the accounts of others are shown',
    missingHeader,
    uniqueHeaderReadAs((given, right, request, site) =>
      given === undefined && !request.path.includes(`/user/${mainUser(site)?.id ?? ''}?`) ? right : undefined,
    ),
  ),
  mutant(
    'other-application-is-open',
    'Under the AUTH-METHOD of another application no token is asked for',
    tokenOnly,
    letIn((request, site) => {
      const [, other] = [...stateOf(site).applications.keys()];
      return (
        isPlainUserRequest(request) &&
        requestHeader(request, 'auth-method') === other &&
        (hasNoToken(request) || !stateOf(site).tokens.has(bearerOf(request) ?? ''))
      );
    }),
  ),
  mutant(
    'other-application-not-known',
    'Only the first application is known',
    uniqueHeader,
    uniqueHeaderReadAs((given, right) => (given !== undefined && given !== right ? 'unknown' : undefined)),
  ),
  mutant(
    'missing-header-as-missing-authorization',
    'A request without AUTH-METHOD is told that Authorization is missing',
    ['missing-header/error', 'missing-header/when'],
    bendWhen(
      refusing('MISSING_HEADER'),
      json((body) => ({ ...body, error: 'MISSING_AUTHORIZATION_HEADER', error_description: 'Authorization header not received.' })),
    ),
  ),
  mutant(
    'missing-header-anonymous',
    'A request without AUTH-METHOD goes on to Drupal as anonymous',
    missingHeader,
    bendWhen((request) => requestHeader(request, 'auth-method') === undefined && isPlainUserRequest(request), anonymousRefusal),
  ),
];

const authorizations = [
  mutant(
    'any-scheme',
    'The scheme of the Authorization header is not looked at',
    ['invalid-token-type/when'],
    authorizationReadAs((given) => (/^\S+ \S/.test(given) ? given.replace(/^\S+ /, 'Bearer ') : undefined)),
  ),
  mutant(
    'scheme-by-beginning',
    'A scheme that begins with Bearer is accepted',
    wrongType,
    authorizationReadAs((given) => (given.startsWith('Bearers ') ? given.replace(/^\S+/, 'Bearer') : undefined)),
  ),
  mutant(
    'scheme-by-part',
    'A scheme that holds Bearer is accepted',
    wrongType,
    authorizationReadAs((given) => (/^\S+Bearer /.test(given) ? given.replace(/^\S+/, 'Bearer') : undefined)),
  ),
  mutant(
    'scheme-token',
    'The scheme Token is accepted',
    wrongType,
    authorizationReadAs((given) => (given.startsWith('Token ') ? given.replace('Token', 'Bearer') : undefined)),
  ),
  mutant(
    'scheme-oauth',
    'The scheme OAuth is accepted',
    wrongType,
    authorizationReadAs((given) => (given.startsWith('OAuth ') ? given.replace('OAuth', 'Bearer') : undefined)),
  ),
  mutant(
    'scheme-basic',
    'A token is accepted under Basic',
    wrongType,
    authorizationReadAs((given, _, site) =>
      given.startsWith('Basic ') && stateOf(site).tokens.has(given.slice(6)) ? given.replace('Basic', 'Bearer') : undefined,
    ),
  ),
  mutant(
    'scheme-by-length',
    'The first seven characters of the header are cut off unseen',
    wrongType,
    authorizationReadAs((given) => (/^\S{6} /.test(given) ? `Bearer ${given.slice(7)}` : undefined)),
  ),
  mutant(
    'scheme-left-out',
    'A token without a scheme is accepted',
    ['protected-request/bearer', 'intro/access-only-with-valid-token'],
    authorizationReadAs((given, _, site) => (stateOf(site).tokens.has(given) ? `Bearer ${given}` : undefined)),
  ),
  mutant(
    'password-opens',
    'Basic credentials of a user open the API',
    [...wrongType, 'intro/access-only-with-valid-token', '/rfc7617/2/user-pass'],
    authorizationReadAs((given, _, site) => {
      const user = [...site.users.values()].find(({ name, password }) => basic(name, password) === given);
      return user === undefined ? undefined : `Bearer ${freshToken(site, user)}`;
    }),
  ),
  mutant(
    'client-secret-opens',
    'Basic credentials of the client open the API',
    [...wrongType, 'intro/access-only-with-valid-token'],
    authorizationReadAs((given, _, site) => {
      const { clientId = '', clientSecret = '' } = firstApplication(site);
      return basic(clientId, clientSecret) === given ? `Bearer ${freshToken(site)}` : undefined;
    }),
  ),
  mutant(
    'authorization-with-case',
    'Only the name Authorization in this spelling is read',
    ['protected-request/bearer', '/rfc9110/5.1/field-names'],
    withCase('Authorization'),
  ),
  mutant(
    'accept-with-case',
    'Without Accept in this spelling nothing is shown',
    ['/rfc9110/5.1/field-names', 'protected-request/bearer'],
    bendWhen(
      (request) => isUserRequest(request) && request.headers.some(([name]) => name.toLowerCase() === 'accept' && name !== 'Accept'),
      replaced(406, 'application/json', '{"message":"Not acceptable"}'),
    ),
  ),
  mutant(
    'no-token-is-anonymous',
    'A request without a token goes on to Drupal as anonymous',
    ['missing-authorization-header/when', 'missing-authorization-header/error'],
    bendWhen((request) => isPlainUserRequest(request) && hasNoToken(request), anonymousRefusal),
  ),
  mutant(
    'no-token-opens',
    'A request without a token is answered as the owner of the application',
    noAuthorization,
    letIn((request) => isPlainUserRequest(request) && hasNoToken(request) && requestHeader(request, 'auth-method') !== undefined),
  ),
  mutant(
    'empty-authorization-opens',
    'An empty Authorization header counts as checked',
    tokenOnly,
    letIn((request) => isPlainUserRequest(request) && requestHeader(request, 'authorization')?.trim() === ''),
  ),
  mutant(
    'bearer-without-token-opens',
    'Bearer without a token counts as checked',
    tokenOnly,
    letIn((request) => isPlainUserRequest(request) && /^bearer\s*$/i.test(requestHeader(request, 'authorization') ?? '')),
  ),
  mutant(
    'token-in-query',
    'A token in the query authenticates',
    ['missing-authorization-header/when', '/rfc9700/4.3.2/not-in-query'],
    authorizationReadAs((given, request, site) => {
      const token = queryOf(request).get('access_token');
      return given === '' && token !== null && stateOf(site).tokens.has(token) ? `Bearer ${token}` : undefined;
    }),
  ),
  mutant(
    'any-token-in-query',
    'Any token in the query authenticates',
    noAuthorization,
    authorizationReadAs((given, request, site) =>
      given === '' && queryOf(request).has('access_token') ? `Bearer ${freshToken(site)}` : undefined,
    ),
  ),
  mutant(
    'token-in-cookie',
    'A token in a cookie authenticates',
    ['missing-authorization-header/when'],
    authorizationReadAs((given, request, site) => {
      const token = cookieOf(request, /access_token=(\w+)/);
      return given === '' && token !== undefined && stateOf(site).tokens.has(token) ? `Bearer ${token}` : undefined;
    }),
  ),
  mutant(
    'any-session-cookie',
    'Any session cookie authenticates',
    noAuthorization,
    authorizationReadAs((given, request, site) =>
      given === '' && cookieOf(request, /SESS\w+=(\w+)/) !== undefined ? `Bearer ${freshToken(site)}` : undefined,
    ),
  ),
  mutant(
    'cookie-wins',
    'With a cookie, the Authorization header is not read',
    ['protected-request/bearer'],
    authorizationReadAs((_, request) => (requestHeader(request, 'cookie') === undefined ? undefined : '')),
  ),
  mutant(
    'token-in-x-authorization',
    'A token in X-Authorization authenticates',
    ['missing-authorization-header/when'],
    authorizationReadAs((given, request) => (given === '' ? requestHeader(request, 'x-authorization') : undefined)),
  ),
  mutant(
    'token-in-proxy-authorization',
    'A token in Proxy-Authorization authenticates',
    ['missing-authorization-header/when'],
    authorizationReadAs((given, request) => (given === '' ? requestHeader(request, 'proxy-authorization') : undefined)),
  ),
  mutant('user-header-trusted', 'X-User says who somebody is', noAuthorization, trusts('x-user')),
  mutant('forwarded-user-trusted', 'X-Forwarded-User says who somebody is', noAuthorization, trusts('x-forwarded-user')),
  mutant('remote-user-trusted', 'Remote-User says who somebody is', noAuthorization, trusts('remote-user')),
  mutant(
    'localhost-trusted',
    'X-Forwarded-For 127.0.0.1 opens the API',
    noAuthorization,
    letIn((request) => isPlainUserRequest(request) && requestHeader(request, 'x-forwarded-for') === '127.0.0.1'),
  ),
  mutant(
    'original-url-trusted',
    'X-Original-URL is looked at in place of the path',
    noAuthorization,
    letIn((request) => isPlainUserRequest(request) && requestHeader(request, 'x-original-url') === '/user/login'),
  ),
  mutant(
    'unknown-method-opens',
    'A method that nobody knows is served like GET, and not gated',
    noAuthorization,
    letIn((request) => request.method === 'PROPFIND' && hasNoToken(request)),
  ),
  mutant(
    'referer-trusted',
    'A Referer of the site opens the API',
    noAuthorization,
    letIn((request) => isPlainUserRequest(request) && requestHeader(request, 'referer')?.endsWith('/admin') === true),
  ),
  mutant(
    'same-origin-trusted',
    'XMLHttpRequest from the own origin opens the API',
    noAuthorization,
    letIn(
      (request) => isPlainUserRequest(request) && hasNoToken(request) && requestHeader(request, 'x-requested-with') === 'XMLHttpRequest',
    ),
  ),
  mutant(
    'client-id-in-query-trusted',
    'The client ID in the query is enough',
    noAuthorization,
    letIn(
      (request, site) =>
        queryOf(request).get('client_id') === firstApplication(site).clientId && hasNoToken(request) && isUserRequest(request),
    ),
  ),
  mutant(
    'api-key-header-trusted',
    'The header API-KEY is taken without a look',
    noAuthorization,
    letIn(
      (request) =>
        isPlainUserRequest(request) &&
        hasNoToken(request) &&
        /^\w+={0,2}$/.test(requestHeader(request, 'api-key') ?? '') &&
        requestHeader(request, 'api-key')?.length !== 64,
    ),
  ),
];

function trusts(header: string): Decorator {
  return letIn((request, site) => isPlainUserRequest(request) && findUser(site, requestHeader(request, header) ?? '') !== undefined, {
    as: (request, site) => findUser(site, requestHeader(request, header) ?? ''),
  });
}

// Ways around the gate: the request goes past the module, and Drupal shows the account.

/** A request for an account in one odd spelling, without a good token. */
function past(holds: (path: string, request: WireRequest) => boolean): Decorator {
  return letIn(
    (request, site) =>
      /user/i.test(decoded(request.path)) &&
      !isPlainUserRequest(request) &&
      !stateOf(site).tokens.has(bearerOf(request) ?? '') &&
      holds(request.path, request),
  );
}

const bypasses = [
  mutant(
    'format-not-first',
    '_format that is not the first parameter goes past the gate',
    noAuthorization,
    past((path) => path.includes('&_format=json') && !path.includes('?&') && !path.includes('q=user') && path.includes('a=1&')),
  ),
  mutant(
    'format-not-last',
    '_format that is followed by another parameter goes past the gate',
    noAuthorization,
    past((path) => path.includes('?_format=json&a=1')),
  ),
  mutant(
    'format-name-encoded',
    '_format with an encoded underscore goes past the gate',
    noAuthorization,
    past((path) => /\?%5Fformat=/i.test(path)),
  ),
  mutant(
    'format-name-encoded-otherwise',
    '_format with an encoded letter goes past the gate',
    noAuthorization,
    past((path) => /\?_%66ormat=/.test(path)),
  ),
  mutant(
    'format-value-encoded',
    'An encoded json goes past the gate',
    noAuthorization,
    past((path) => path.includes('?_format=%6Ason')),
  ),
  mutant(
    'format-behind-empty',
    'An empty parameter before _format goes past the gate',
    noAuthorization,
    past((path) => path.includes('?&_format=')),
  ),
  mutant(
    'admin-path-in-value',
    'The path of the settings page in a value goes past the gate',
    noAuthorization,
    past((path) => path.includes('x=/admin/config/services/jsonapi/')),
  ),
  mutant(
    'login-path-in-value',
    'The path of the login page in a value goes past the gate',
    noAuthorization,
    past((path) => path.includes('x=/user/login')),
  ),
  mutant(
    'format-capital-name',
    '_FORMAT goes past the gate',
    tokenOnly,
    past((path) => path.includes('?_FORMAT=')),
  ),
  mutant(
    'format-capital-value',
    '_format=JSON goes past the gate',
    tokenOnly,
    past((path) => path.includes('?_format=JSON')),
  ),
  mutant(
    'format-left-out',
    'Without _format the account is shown as JSON to anybody',
    tokenOnly,
    past((path) => /\/user\/\d+$/.test(path)),
  ),
  mutant(
    'format-empty',
    'An empty _format shows the account as JSON to anybody',
    tokenOnly,
    past((path) => path.endsWith('?_format=')),
  ),
  mutant(
    'format-other',
    'Another format goes past the gate and shows JSON',
    tokenOnly,
    past((path) => path.endsWith('?_format=hal_json')),
  ),
  mutant(
    'format-twice',
    'The last of two formats counts, the gate looks at the first',
    tokenOnly,
    past((path) => path.includes('?_format=xml&_format=json')),
  ),
  mutant(
    'path-upper-case',
    'A path in capitals goes past the gate',
    tokenOnly,
    past((path) => path.includes('/USER/')),
  ),
  mutant(
    'path-slash-after',
    'A slash behind the path goes past the gate',
    tokenOnly,
    past((path) => /\/user\/\d+\/\?/.test(path)),
  ),
  mutant(
    'path-slash-before',
    'Two slashes before the path go past the gate',
    tokenOnly,
    past((path) => path.startsWith('//')),
  ),
  mutant(
    'path-slash-doubled',
    'Two slashes within the path go past the gate',
    tokenOnly,
    past((path) => path.includes('/user//')),
  ),
  mutant(
    'path-dot',
    'A dot segment goes past the gate',
    tokenOnly,
    past((path) => path.includes('/./')),
  ),
  mutant(
    'path-dot-dot',
    'A path with two dots goes past the gate',
    tokenOnly,
    past((path) => path.includes('/../')),
  ),
  mutant(
    'path-letter-encoded',
    'An encoded letter in the path goes past the gate',
    tokenOnly,
    past((path) => path.includes('%75ser')),
  ),
  mutant(
    'path-slash-encoded',
    'An encoded slash in the path goes past the gate',
    tokenOnly,
    past((path) => /user%2F/i.test(path)),
  ),
  mutant(
    'path-matrix',
    'A parameter in the path goes past the gate',
    tokenOnly,
    past((path) => /;a=1\?/.test(path) && path.includes('/user/')),
  ),
  mutant(
    'path-extension',
    'The extension .json goes past the gate',
    tokenOnly,
    past((path) => path.includes('.json?')),
  ),
  mutant(
    'path-index-php',
    '/index.php/user goes past the gate',
    tokenOnly,
    past((path) => path.includes('/index.php/user/')),
  ),
  mutant(
    'path-entity',
    '/entity/user goes past the gate',
    tokenOnly,
    past((path) => path.includes('/entity/user/')),
  ),
  mutant(
    'id-leading-zero',
    'An id with a leading zero goes past the gate',
    tokenOnly,
    past((path) => /\/user\/0\d+\?/.test(path) && !path.includes('/user/0?')),
  ),
  mutant(
    'id-decimal',
    'An id with a decimal point goes past the gate',
    tokenOnly,
    past((path) => /\/user\/\d+\.0\?/.test(path)),
  ),
  mutant(
    'id-percent-encoded',
    'An encoded id goes past the gate',
    tokenOnly,
    past((path) => /\/user\/%3\d\?/i.test(path)),
  ),
  mutant(
    'id-is-name',
    'The name of a user in place of the id goes past the gate',
    tokenOnly,
    letIn(
      (request, site) =>
        [...site.users.values()].some(({ name }) => decoded(request.path).includes(`/user/${name}?`)) && hasNoToken(request),
      { as: mainUserOf },
    ),
  ),
  mutant(
    'head-is-open',
    'HEAD is answered without a look at the token',
    ['intro/access-only-with-valid-token', 'missing-authorization-header/when', '/rfc9110/9.3.2/head'],
    letIn((request) => request.method === 'HEAD' && isUserRequest(request)),
  ),
  mutant(
    'options-shows-account',
    'OPTIONS shows the account',
    tokenOnly,
    letIn((request) => request.method === 'OPTIONS' && isUserRequest(request)),
  ),
  mutant(
    'post-shows-account',
    'POST shows the account to anybody',
    tokenOnly,
    letIn(
      (request) => request.method === 'POST' && isPlainUserRequest(request) && hasNoToken(request) && !request.path.includes('2147483646'),
    ),
  ),
  mutant(
    'override-header-is-open',
    'X-HTTP-Method-Override goes past the gate',
    tokenOnly,
    letIn((request) => isUserRequest(request) && hasNoToken(request) && requestHeader(request, 'x-http-method-override') !== undefined),
  ),
  mutant(
    'override-other-header-is-open',
    'X-Method-Override goes past the gate',
    tokenOnly,
    letIn((request) => isUserRequest(request) && hasNoToken(request) && requestHeader(request, 'x-method-override') !== undefined),
  ),
  mutant(
    'override-parameter-is-open',
    'The parameter _method goes past the gate',
    tokenOnly,
    letIn((request) => isUserRequest(request) && hasNoToken(request) && queryOf(request).has('_method')),
  ),
  mutant('delete-without-token', 'DELETE succeeds without a token', tokenOnly, writes('DELETE', hasNoToken)),
  mutant(
    'patch-with-any-token',
    'PATCH succeeds with any token',
    tokenOnly,
    writes('PATCH', (request) => !hasNoToken(request)),
  ),
  mutant('put-without-token', 'PUT succeeds without a token', tokenOnly, writes('PUT', hasNoToken)),
  mutant(
    'writing-an-unknown-account',
    'PATCH of an account that does not exist succeeds',
    ['setup/method-get'],
    bendWhen(
      (request, _, site) => request.method === 'PATCH' && isUserRequest(request) && stateOf(site).tokens.has(bearerOf(request) ?? ''),
      replaced(200, 'application/json', '{"uid":[{"value":2147483646}]}'),
    ),
  ),
];

function mainUserOf(request: WireRequest, site: Site): User | undefined {
  return [...site.users.values()].find(({ name }) => decoded(request.path).includes(`/user/${name}?`));
}

function writes(method: string, holds: (request: WireRequest) => boolean): Decorator {
  return bendWhen(
    (request) => request.method === method && isUserRequest(request) && holds(request),
    replaced(200, 'application/json', '{}'),
  );
}

const permission = ['setup/permission', '/invariants/data-without-permission'];

const data = [
  mutant(
    'permission-ignored',
    'Every user may view every account',
    permission,
    letIn(
      (request, site) =>
        isPlainUserRequest(request) && stateOf(site).tokens.has(bearerOf(request) ?? '') && tokenUser(request, site)?.roles.length === 0,
      { as: (_, site) => findUser(site, 'bob') },
    ),
  ),
  mutant(
    'permission-ignored-for-clients',
    'A token of the client_credentials grant views every account',
    permission,
    remembering(() => {
      const powerful = new Set<string>();
      return (answer) => {
        const noted = onlyFor(
          asking('client_credentials'),
          onceIssued(({ value }) => void powerful.add(value)),
        )(answer);
        return letIn((request) => isPlainUserRequest(request) && powerful.has(bearerOf(request) ?? ''), {
          as: (_, site) => site.users.get(1),
        })(noted);
      };
    }),
  ),
  mutant(
    'permission-not-enough',
    'The permission View User Information opens the own account only',
    ['setup/permission', 'protected-request/get-user'],
    bendWhen(
      (request, response, site) =>
        reading(request, response) && tokenUser(request, site)?.id !== Number(/\/user\/(\d+)/.exec(request.path)?.[1]),
      replaced(403, 'application/json', '{"message":"The \'administer users\' permission is required."}'),
    ),
  ),
  mutant(
    'unpermitted-gets-less',
    'Who may not view an account gets its id and name all the same',
    permission,
    bendWhen(
      (request, response) => isPlainUserRequest(request) && response.status === 403,
      (response, request) =>
        replaced(
          200,
          'application/json',
          `{"uid":[{"value":${/\/user\/(\d+)/.exec(request.path)?.[1] ?? '0'}}],"name":[{"value":"somebody"}]}`,
        )(response),
    ),
  ),
  mutant(
    'unpermitted-gets-data-with-refusal',
    'A refusal shows the account in its body',
    [...permission, '/invariants/nothing-given'],
    bendWhen(
      (request, response) => isPlainUserRequest(request) && response.status === 403,
      json((body) => ({ ...body, uid: [{ value: 4 }], mail: [{ value: 'bob@example.com' }] })),
    ),
  ),
  mutant(
    'mail-of-others-shown',
    'The mail address of every user is shown',
    ['/invariants/data-without-permission'],
    bendWhen(reading, (response, _, site) => json((body) => ({ ...body, mail: [{ value: shownUser(body, site)?.mail }] }))(response)),
  ),
  mutant(
    'password-shown',
    'The user resource shows the password',
    ['/invariants/password-in-answer', 'intro/password-not-exposed'],
    bendWhen(reading, (response, _, site) => json((body) => ({ ...body, pass: [{ value: shownUser(body, site)?.password }] }))(response)),
  ),
  mutant(
    'password-hash-shown',
    'The user resource shows the hash of the password',
    ['/invariants/password-in-answer'],
    bendWhen(
      reading,
      json((body) => ({ ...body, pass: [{ value: '$2y$10$abcdefghijklmnopqrstuuK9vJ5n3cQ0mW8xYzT7uHs4PqRfLdGke' }] })),
    ),
  ),
  mutant(
    'unknown-account-is-own',
    'An account that does not exist shows the own one',
    ['protected-request/get-user', '/rfc9110/15.5.5/not-found'],
    bendWhen(
      (request, response, site) =>
        request.method === 'GET' &&
        /\/user\/[^?]+\?_format=json$/.test(request.path) &&
        response.status === 404 &&
        stateOf(site).tokens.has(bearerOf(request) ?? ''),
      replaced(200, 'application/json', '{"uid":[{"value":2}],"name":[{"value":"api_user"}]}'),
    ),
  ),
  mutant(
    'unknown-account-empty',
    'An account that does not exist is an empty answer with 200',
    ['protected-request/get-user', '/rfc9110/15.5.5/not-found', '/invariants/refusal-status'],
    bendWhen(
      (request, response) => /\/user\/2147483646\?/.test(request.path) && request.method === 'GET' && response.status === 404,
      replaced(200, 'application/json', '[]'),
    ),
  ),
  mutant(
    'id-chooses-nobody',
    'Every account is shown as the own one',
    ['protected-request/get-user', 'setup/permission'],
    readAs((request, site) => {
      const user = tokenUser(request, site);
      return user !== undefined && isPlainUserRequest(request)
        ? { ...request, path: request.path.replace(/\/user\/\d+/, `/user/${user.id}`) }
        : request;
    }),
  ),
  mutant(
    'account-cached-for-all',
    'An account is kept by its URL and shown to whoever has a token',
    permission,
    remembering(() => {
      const kept = new Map<string, ReturnType<ReturnType<typeof replaced>>>();
      return bendWhen(
        (request, response) =>
          isPlainUserRequest(request) && request.method === 'GET' && (response.status === 200 || response.status === 403),
        (response, request) => {
          const known = kept.get(request.path);
          if (known !== undefined) return known;
          if (response.status === 200) kept.set(request.path, response);
          return response;
        },
      );
    }),
  ),
  mutant(
    'account-cached-for-strangers',
    'An account that was shown once is shown to anybody',
    ['intro/access-only-with-valid-token', 'invalid-access-token/when', '/invariants/data-without-permission'],
    remembering(() => {
      const kept = new Map<string, ReturnType<ReturnType<typeof replaced>>>();
      return bendWhen(
        (request) => isPlainUserRequest(request) && request.method === 'GET',
        (response, request) => {
          if (response.status === 200) kept.set(request.path, response);
          return kept.get(request.path) ?? response;
        },
      );
    }),
  ),
  mutant(
    'refusal-cached',
    'A refusal is kept by its URL and sent to whoever asks next',
    ['protected-request/success', 'intro/token-opens-api'],
    remembering(() => {
      const kept = new Map<string, ReturnType<ReturnType<typeof replaced>>>();
      return bendWhen(
        (request) => isPlainUserRequest(request) && request.method === 'GET',
        (response, request) => {
          const known = kept.get(request.path);
          kept.delete(request.path);
          if (response.status === 401) kept.set(request.path, response);
          return response.status === 200 ? (known ?? response) : response;
        },
      );
    }),
  ),
  mutant(
    'resource-off',
    'The user resource is not enabled',
    ['setup/user-resource', 'setup/method-get', 'protected-request/success'],
    bendWhen(reading, replaced(404, 'application/json', '{"message":"No route found for GET /user/2"}')),
  ),
  mutant(
    'format-not-enabled',
    'The format json is not enabled',
    ['setup/format-json', 'protected-request/success'],
    bendWhen(reading, replaced(406, 'application/json', '{"message":"Not acceptable format: json"}')),
  ),
  mutant(
    'provider-not-enabled',
    'The provider is not enabled for the resource',
    ['setup/provider', 'intro/token-opens-api', 'protected-request/success'],
    bendWhen(reading, replaced(403, 'application/json', '{"message":"The used authentication method is not allowed on this route."}')),
  ),
  mutant(
    'other-name-shown',
    'The account shows the name of somebody else',
    ['protected-request/get-user'],
    bendWhen(
      reading,
      json((body) => ({ ...body, name: [{ value: 'somebody' }] })),
    ),
  ),
  mutant(
    'other-id-shown',
    'The account shows the id of somebody else',
    ['protected-request/get-user'],
    bendWhen(
      reading,
      json((body) => ({ ...body, uid: [{ value: 1 }] })),
    ),
  ),
  mutant(
    'id-missing',
    'The account has no id',
    ['protected-request/get-user', 'protected-request/success'],
    bendWhen(
      reading,
      json(({ uid: _, ...body }) => body),
    ),
  ),
  mutant(
    'account-in-list',
    'The account is sent as a list of one',
    ['protected-request/get-user', 'protected-request/success'],
    bendWhen(reading, (response) => replaced(200, 'application/json', JSON.stringify([jsonOf(response)]))(response)),
  ),
  mutant(
    'head-refused',
    'HEAD is refused although GET is served',
    ['/rfc9110/9.3.2/head'],
    bendWhen(
      (request) => request.method === 'HEAD' && isUserRequest(request),
      (response) => withHeader({ ...response, status: 405 }, 'Allow', 'GET'),
    ),
  ),
];

function tokenUser(request: WireRequest, site: Site): User | undefined {
  return site.users.get(stateOf(site).tokens.get(bearerOf(request) ?? '')?.userId ?? -1);
}

function shownUser(body: Record<string, unknown>, site: Site): User | undefined {
  const [item] = (body['uid'] ?? []) as { value?: number }[];
  return site.users.get(item?.value ?? -1);
}

export const gateMutants = [...uniqueHeaders, ...authorizations, ...bypasses, ...data];
