/**
 * Wrong implementations of the free miniOrange methods: Basic and API key share most of their mistakes, since they differ in what is secret.
 *
 * @module
 */
import type { WireRequest } from '../../src/model/exchange.ts';
import { encodeBase64, phpBase64 } from '../bytes.ts';
import { lostOnTheWay, spoilings } from './mistakes.ts';
import { miniorangeState } from '../products/miniorange/state.ts';
import { findUser, type Site, type User } from '../site.ts';
import { mainUser } from '../targets.ts';
import {
  anyRefusal,
  bendWhen,
  isUserRequest,
  json,
  mutantsOf,
  onlyFor,
  readAs,
  reading,
  refusing,
  remembering,
  replaced,
  requestHeader,
  text,
  withHeader,
  withRequestHeader,
  withStatus,
  without,
  type Decorator,
  type Mutant,
} from './mutant.ts';

interface Pair {
  readonly name: string;
  readonly secret: string;
}

/** Name and secret of a header that holds them in base64; undefined: it does not. */
function pairIn(value: string | undefined): Pair | undefined {
  const decoded = phpBase64(value?.split(' ').at(-1) ?? '') ?? '';
  const colon = decoded.indexOf(':');
  return colon < 0 ? undefined : { name: decoded.slice(0, colon), secret: decoded.slice(colon + 1) };
}

function pairOf(request: WireRequest): Pair | undefined {
  return pairIn(requestHeader(request, 'authorization')) ?? pairIn(requestHeader(request, 'api-key'));
}

function withPair(request: WireRequest, { name, secret }: Pair): WireRequest {
  const value = encodeBase64(`${name}:${secret}`);
  return withRequestHeader(withRequestHeader(request, 'Authorization', `Basic ${value}`), 'api-key', value);
}

const isApi = (request: WireRequest): boolean => request.path.includes('_format=') || request.path.includes('/jsonapi');

const hasNoCredentials = (request: WireRequest): boolean =>
  (requestHeader(request, 'authorization') ?? '') === '' && (requestHeader(request, 'api-key') ?? '') === '';

const isWellFormed = (request: WireRequest): boolean => /^Basic \S+$/.test(requestHeader(request, 'authorization') ?? '');

interface Method {
  readonly profile: 'miniorange/basic' | 'miniorange/api-key';
  /** Document of the method's page. */
  readonly document: string;
  /** Method of the application that serves it. */
  readonly application: 'basic' | 'api-key';
  /** What the name of a user must come with. */
  readonly secretOf: (user: User, site: Site) => string;
  readonly clauses: Readonly<
    Record<'accepted' | 'missing' | 'scheme' | 'malformed' | 'emptyName' | 'unknownUser' | 'wrongSecret' | 'blocked' | 'permission', string>
  >;
  readonly errors: Readonly<Record<'wrongSecret' | 'unknownUser' | 'scheme' | 'missing', string>>;
}

function commonMutants(method: Method): Mutant[] {
  const mutant = mutantsOf(method.profile, 'miniorange-observed');
  const { clauses, errors } = method;
  const page = (clause: string): string => `/${method.document}/${clause}`;
  const noData = '/invariants/data-without-permission';

  const applicationId = (site: Site): string =>
    [...(miniorangeState(site)?.applications.values() ?? [])].find((one) => one.method === method.application)?.id ?? '';
  const rightPair = (user: User, site: Site): Pair => ({ name: user.name, secret: method.secretOf(user, site) });
  const as = (request: WireRequest, user: User | undefined, site: Site): WireRequest =>
    user === undefined ? request : withPair(request, rightPair(user, site));

  /** A secret counts that is not the right one. */
  const secretCounts = (holds: (given: string, right: string, user: User, site: Site) => boolean): Decorator =>
    readAs((request, site) => {
      const pair = isWellFormed(request) ? pairOf(request) : undefined;
      const user = pair === undefined ? undefined : findUser(site, pair.name);
      return pair !== undefined && user !== undefined && holds(pair.secret, method.secretOf(user, site), user, site)
        ? as(request, user, site)
        : request;
    });
  /** A name counts that is not that of the user. */
  const nameCounts = (holds: (given: string, user: User) => boolean): Decorator =>
    readAs((request, site) => {
      const pair = isWellFormed(request) ? pairOf(request) : undefined;
      if (pair === undefined || findUser(site, pair.name) !== undefined) return request;
      const meant = [...site.users.values()].find((user) => holds(pair.name, user) && method.secretOf(user, site) === pair.secret);
      return as(request, meant, site);
    });
  const letIn = (holds: (request: WireRequest, site: Site) => boolean): Decorator =>
    readAs((request, site) =>
      isApi(request) && holds(request, site)
        ? withRequestHeader(as(request, mainUser(site), site), 'AUTH-METHOD', applicationId(site))
        : request,
    );
  const applicationReadAs = (meant: (given: string | undefined, right: string) => boolean): Decorator =>
    readAs((request, site) => {
      const right = applicationId(site);
      return isApi(request) && meant(requestHeader(request, 'auth-method'), right)
        ? withRequestHeader(request, 'AUTH-METHOD', right)
        : request;
    });

  const wrong = [clauses.wrongSecret];
  return [
    // the secret
    mutant(
      'any-secret',
      'any secret counts',
      wrong,
      secretCounts(() => true),
    ),
    mutant(
      'secret-without-case',
      'the secret is compared without case',
      wrong,
      secretCounts((given, right) => given.toLowerCase() === right.toLowerCase()),
    ),
    mutant(
      'secret-cut',
      'a secret counts whose last character is missing',
      wrong,
      secretCounts((given, right) => given === right.slice(0, -1)),
    ),
    mutant(
      'secret-begun',
      'a secret counts whose first character is missing',
      wrong,
      secretCounts((given, right) => given === right.slice(1)),
    ),
    mutant(
      'secret-prefix',
      'more after the secret does no harm',
      wrong,
      secretCounts((given, right) => given.startsWith(right)),
    ),
    mutant(
      'secret-trimmed',
      'blanks around the secret do no harm',
      wrong,
      secretCounts((given, right) => given.trim() === right),
    ),
    mutant(
      'secret-empty',
      'the empty secret counts',
      wrong,
      secretCounts((given) => given === ''),
    ),
    mutant(
      'secret-is-name',
      'the user name counts as the secret',
      wrong,
      secretCounts((given, _, user) => given === user.name),
    ),
    mutant(
      'secret-encoded',
      'the encoded secret counts',
      wrong,
      secretCounts((given, right) => given === encodeBase64(right)),
    ),
    mutant(
      'secret-length',
      'a secret of the right length counts',
      wrong,
      secretCounts((given, right) => given.length === right.length),
    ),
    mutant(
      'secret-reversed',
      'the secret counts backwards',
      wrong,
      secretCounts((given, right) => given === [...right].reverse().join('')),
    ),
    // the user
    mutant(
      'any-user',
      'an unknown user becomes the main one',
      [clauses.unknownUser],
      readAs((request, site) => {
        const pair = isWellFormed(request) ? pairOf(request) : undefined;
        return pair !== undefined && pair.name !== '' && findUser(site, pair.name) === undefined
          ? as(request, mainUser(site), site)
          : request;
      }),
    ),
    mutant(
      'user-by-id',
      'the id of a user counts as the name',
      [clauses.unknownUser],
      nameCounts((given, { id }) => given === String(id)),
    ),
    mutant(
      'user-begun',
      'the beginning of a name counts as the name',
      [clauses.unknownUser],
      nameCounts((given, { name }) => given !== '' && name.startsWith(given)),
    ),
    mutant(
      'empty-name-is-main',
      'the empty name counts as the main user',
      [clauses.emptyName],
      nameCounts((given, { id }) => given === '' && id === 2),
    ),
    mutant(
      'blocked-let-in',
      'a blocked user is let in',
      [clauses.blocked],
      readAs((request, site) => {
        const pair = pairOf(request);
        const user = pair === undefined ? undefined : findUser(site, pair.name);
        return user !== undefined && !user.active && pair?.secret === method.secretOf(user, site)
          ? as(request, mainUser(site), site)
          : request;
      }),
    ),
    mutant(
      'always-main',
      'every user acts as the main one',
      ['/invariants/foreign-identity', clauses.permission],
      readAs((request, site) => {
        const pair = pairOf(request);
        const user = pair === undefined ? undefined : findUser(site, pair.name);
        return user?.active === true && pair?.secret === method.secretOf(user, site) ? as(request, mainUser(site), site) : request;
      }),
    ),
    mutant(
      'always-administrator',
      'every user acts as an administrator',
      [clauses.permission, clauses.accepted, noData],
      readAs((request, site) => {
        const pair = pairOf(request);
        const user = pair === undefined ? undefined : findUser(site, pair.name);
        return user?.active === true && pair?.secret === method.secretOf(user, site)
          ? as(request, findUser(site, 'api_admin'), site)
          : request;
      }),
    ),
    mutant(
      'first-come',
      'who came first is remembered for everybody',
      [clauses.wrongSecret, page('request/credentials'), noData, clauses.permission],
      remembering(() => {
        let seen: Pair | undefined;
        return readAs((request) => {
          const pair = pairOf(request);
          if (pair === undefined || !isUserRequest(request) || !isWellFormed(request)) return request;
          seen ??= pair;
          return withPair(request, seen);
        });
      }),
    ),
    // the header
    mutant('no-credentials-needed', 'a request without credentials is let in', [clauses.missing, noData], letIn(hasNoCredentials)),
    mutant(
      'any-scheme',
      'the scheme is not looked at',
      [clauses.scheme],
      readAs((request) => {
        const header = requestHeader(request, 'authorization') ?? '';
        return /^\S+ \S+$/.test(header) ? withRequestHeader(request, 'Authorization', header.replace(/^\S+/, 'Basic')) : request;
      }),
    ),
    mutant(
      'credentials-in-query',
      'credentials in the query count',
      [clauses.missing, noData],
      letIn((request) => hasNoCredentials(request) && /[?&](name|Authorization)=/.test(request.path)),
    ),
    mutant(
      'credentials-in-cookie',
      'credentials in a cookie count',
      [clauses.missing, noData],
      letIn((request) => hasNoCredentials(request) && requestHeader(request, 'cookie') !== undefined),
    ),
    mutant(
      'session-cookie-is-main',
      'whoever sends a session cookie is let in',
      ['gate/format', noData],
      letIn((request) => hasNoCredentials(request) && /^S?SESS/.test(requestHeader(request, 'cookie') ?? '')),
    ),
    mutant(
      'session-cookie-passes',
      'whoever sends a session cookie is left to Drupal',
      ['gate/format'],
      bendWhen(
        (request, response) => /^S?SESS/.test(requestHeader(request, 'cookie') ?? '') && anyRefusal(request, response),
        replaced(403, 'application/json', '{"message":""}'),
      ),
    ),
    mutant(
      'login-anywhere',
      '/user/login is exempt wherever it stands in the address',
      ['gate/format'],
      bendWhen(
        (request, response) => request.path.includes('/user/login') && anyRefusal(request, response),
        replaced(403, 'application/json', '{"message":""}'),
      ),
    ),
    mutant(
      'malformed-is-main',
      'what cannot be read is let in',
      [clauses.malformed],
      letIn((request) => isWellFormed(request) && pairOf(request) === undefined),
    ),
    // the application
    mutant(
      'missing-application-name',
      'a missing AUTH-METHOD is told as an unknown one',
      ['application/missing'],
      bendWhen(
        refusing('MISSING_HEADER'),
        json((body) => ({ ...body, error: 'INVALID_APPLICATION_ID' })),
      ),
    ),
    mutant(
      'any-application',
      'any AUTH-METHOD counts',
      ['application/unknown'],
      applicationReadAs((given) => given !== undefined),
    ),
    mutant(
      'application-without-case',
      'the id of the application is compared without case',
      ['application/unknown'],
      applicationReadAs((given, right) => given?.toLowerCase() === right.toLowerCase()),
    ),
    mutant(
      'application-begun',
      'the beginning of the id counts',
      ['application/unknown'],
      applicationReadAs((given, right) => given !== undefined && given !== '' && right.startsWith(given)),
    ),
    mutant(
      'empty-application',
      'an empty AUTH-METHOD counts',
      ['application/unknown'],
      applicationReadAs((given) => given === ''),
    ),
    ...(
      [
        ['query', (request, id) => request.path.includes(`AUTH-METHOD=${id}`)],
        ['cookie', (request, id) => (requestHeader(request, 'cookie') ?? '').includes(`AUTH-METHOD=${id}`)],
        ['another-header', (request, id) => requestHeader(request, 'x-auth-method') === id],
      ] satisfies [string, (request: WireRequest, id: string) => boolean][]
    ).map(([place, stands]) =>
      mutant(
        `application-in-${place}`,
        `the id of the application counts in ${place.startsWith('a') ? 'another header' : `the ${place}`}`,
        ['application/missing'],
        readAs((request, site) =>
          requestHeader(request, 'auth-method') === undefined && stands(request, applicationId(site))
            ? withRequestHeader(request, 'AUTH-METHOD', applicationId(site))
            : request,
        ),
      ),
    ),
    mutant(
      'application-name-with-case',
      'the name of AUTH-METHOD has a case',
      ['application/right-id', '/rfc9110/5.1/field-names'],
      readAs((request) => ({
        ...request,
        headers: request.headers.filter(([name]) => name === 'AUTH-METHOD' || name.toLowerCase() !== 'auth-method'),
      })),
    ),
    mutant(
      'application-after-credentials',
      'the application is judged after the credentials',
      ['application/first'],
      bendWhen(
        (request, response) => refusing('INVALID_APPLICATION_ID')(request, response) && hasNoCredentials(request),
        replaced(
          401,
          'text/html',
          `{"status":"error","http_code":401,"error":"${errors.missing}","error_description":"Authorization header not received"}`,
        ),
      ),
    ),
    mutant(
      'application-code-as-text',
      'http_code of MISSING_HEADER is a string',
      ['coded/code-type'],
      bendWhen(
        refusing('MISSING_HEADER'),
        json((body) => ({ ...body, http_code: '400' })),
      ),
    ),
    mutant(
      'application-status',
      'INVALID_APPLICATION_ID is a 401',
      ['application/unknown'],
      bendWhen(refusing('INVALID_APPLICATION_ID'), withStatus(401)),
    ),
    mutant(
      'application-words',
      'MISSING_HEADER has the words of the paid edition',
      ['coded/words'],
      bendWhen(
        refusing('MISSING_HEADER'),
        json((body) => ({ ...body, error_description: 'Missing required unique header. It should contain the application ID.' })),
      ),
    ),
    // refusals
    mutant(
      'refusals-with-success',
      'refusals have the status 200',
      [...Object.values(clauses), '/invariants/refusal-status'],
      bendWhen(anyRefusal, withStatus(200)),
    ),
    mutant('wrong-secret-status', 'a wrong secret is a 403', wrong, bendWhen(refusing(errors.wrongSecret), withStatus(403))),
    mutant(
      'wrong-secret-name',
      'the error for a wrong secret has another name',
      wrong,
      bendWhen(
        refusing(errors.wrongSecret),
        json((body) => ({ ...body, error: 'INVALID_LOGIN' })),
      ),
    ),
    mutant(
      'wrong-secret-code',
      'http_code for a wrong secret is 400',
      wrong,
      bendWhen(
        refusing(errors.wrongSecret),
        json((body) => ({ ...body, http_code: 400 })),
      ),
    ),
    mutant(
      'wrong-secret-words',
      'the words for a wrong secret are others',
      ['coded/words'],
      bendWhen(
        refusing(errors.wrongSecret),
        json((body) => ({ ...body, error_description: 'Access denied' })),
      ),
    ),
    mutant('missing-status', 'a missing header is a 403', [clauses.missing], bendWhen(refusing(errors.missing), withStatus(403))),
    mutant('scheme-status', 'a wrong scheme is a 405', [clauses.scheme], bendWhen(refusing(errors.scheme), withStatus(405))),
    mutant(
      'scheme-name',
      'a wrong scheme is told as a missing header',
      [clauses.scheme],
      bendWhen(
        refusing(errors.scheme),
        json((body) => ({ ...body, error: 'MISSING_AUTHORIZATION_HEADER' })),
      ),
    ),
    mutant('no-code', 'refusals have no http_code', ['coded/form', clauses.wrongSecret], bendWhen(anyRefusal, without('http_code'))),
    mutant(
      'no-status-member',
      'refusals have no member status',
      ['coded/form', clauses.wrongSecret],
      bendWhen(anyRefusal, without('status')),
    ),
    mutant(
      'refusal-with-data',
      'a refusal shows whom it is about',
      ['/invariants/nothing-given'],
      bendWhen(
        refusing(errors.wrongSecret),
        json((body) => ({ ...body, uid: 2, mail: 'api_user@example.com' })),
      ),
    ),
    mutant(
      'refusal-with-trace',
      'a refusal shows a stack trace',
      ['/invariants/stack-trace'],
      bendWhen(
        refusing(errors.wrongSecret),
        json((body) => ({ ...body, trace: '#0 /var/www/core/lib/Drupal.php(12): handle()' })),
      ),
    ),
    mutant(
      'refusal-with-secret',
      'a refusal repeats the password of the user',
      ['/invariants/secret-echo'],
      bendWhen(anyRefusal, (response, _, site) => json((body) => ({ ...body, expected: mainUser(site)?.password }))(response)),
    ),
    // the gate
    mutant(
      'jsonapi-open',
      'JSON:API is not asked for credentials',
      ['gate/jsonapi', 'gate/before-routing'],
      bendWhen(
        (request, response) => request.path.includes('/jsonapi/') && anyRefusal(request, response),
        replaced(200, 'application/vnd.api+json', '{"data":[]}'),
      ),
    ),
    mutant(
      'jsonapi-unjudged',
      'JSON:API asks for credentials, and takes any',
      [clauses.wrongSecret],
      bendWhen(
        (request, response) => request.path.includes('/jsonapi/') && refusing(errors.wrongSecret)(request, response),
        replaced(200, 'application/vnd.api+json', '{"data":[]}'),
      ),
    ),
    mutant(
      'jsonapi-anonymous',
      'JSON:API asks for credentials, and answers as to nobody',
      [clauses.accepted, page('request/credentials'), '/drupal-observed/jsonapi/root'],
      bendWhen((request, response) => request.path.includes('/jsonapi/') && response.status === 200, without('meta')),
    ),
    mutant(
      'jsonapi-refused',
      'JSON:API lets nobody in',
      [clauses.accepted, page('request/credentials')],
      bendWhen(
        (request, response) => request.path.includes('/jsonapi/') && response.status === 200,
        replaced(
          401,
          'text/html',
          `{"status":"error","http_code":401,"error":"${errors.wrongSecret}","error_description":"Invalid username or password"}`,
        ),
      ),
    ),
    mutant(
      'jsonapi-cached',
      'a cache in front of JSON:API asks nobody for credentials',
      ['gate/jsonapi', '/rfc9111/3.5/authenticated', noData],
      remembering(() => (answer) => {
        const kept = new Map<string, ReturnType<typeof answer>>();
        return (request, site) => {
          const known = request.path.includes('/jsonapi/') && hasNoCredentials(request) ? kept.get(request.path) : undefined;
          const response = known ?? answer(request, site);
          if (request.path.includes('/jsonapi/') && response.status === 200) kept.set(request.path, response);
          return response;
        };
      }),
    ),
    mutant(
      'public-open',
      'nodes are not asked for credentials',
      ['gate/format'],
      bendWhen(
        (request, response) => request.path.includes('/node/') && anyRefusal(request, response),
        replaced(200, 'application/json', '{"nid":[{"value":1}]}'),
      ),
    ),
    mutant(
      'routing-first',
      'an unknown path is told to anybody',
      ['gate/before-routing', 'gate/format'],
      bendWhen(
        (request, response) => /^\/[0-9a-f-]{36}\?/.test(request.path) && anyRefusal(request, response),
        replaced(404, 'application/json', '{"message":"No route found"}'),
      ),
    ),
    mutant(
      'overlooked-format',
      'an account is shown where the gate overlooks the format',
      [noData],
      letIn((request) => isUserRequest(request) && hasNoCredentials(request) && !request.path.endsWith('?_format=json')),
    ),
    mutant(
      'head-open',
      'HEAD is let in',
      ['gate/head', '/rfc9110/9.3.2/head'],
      bendWhen(({ method: verb }, response) => verb === 'HEAD' && response.status >= 400, withStatus(200)),
    ),
    mutant(
      'options-shows',
      'OPTIONS shows the account',
      [noData],
      bendWhen(({ method: verb }) => verb === 'OPTIONS', replaced(200, 'application/json', '{"uid":[{"value":2}]}')),
    ),
    mutant(
      'post-open',
      'POST is not asked for credentials',
      ['gate/before-routing'],
      bendWhen(
        (request, response) => request.method === 'POST' && isApi(request) && anyRefusal(request, response),
        replaced(404, 'application/json', '{"message":"Not found"}'),
      ),
    ),
    // answers
    mutant(
      'wrong-type',
      'the account is sent as HTML',
      [page('request/credentials'), clauses.accepted, '/rfc9110/8.3/content-type'],
      bendWhen(reading, (response) => withHeader(response, 'Content-Type', 'text/html')),
    ),
    mutant(
      'password-shown',
      'the account shows the password',
      ['/invariants/password-in-answer'],
      bendWhen(
        reading,
        json((body) => ({ ...body, pass: [{ value: 'hash' }] })),
      ),
    ),
    mutant(
      'mail-shown',
      'every account shows its mail address',
      [noData, '/invariants/foreign-identity'],
      bendWhen(
        reading,
        json((body) => ({ mail: [{ value: 'x@example.com' }], ...body })),
      ),
    ),
    mutant(
      'broken-json',
      'the account is broken JSON',
      [page('request/credentials'), clauses.accepted],
      bendWhen(
        reading,
        text((body) => body.slice(0, -1)),
      ),
    ),
    ...spoilings.map(([name, title, change]) =>
      mutant(
        `account-${name}`,
        `the account ${title}`,
        [page('request/credentials'), clauses.accepted, '/invariants/server-error', '/invariants/stack-trace'],
        bendWhen(reading, change),
      ),
    ),
    ...lostOnTheWay(mutant, {
      what: 'account',
      title: 'the account',
      breaks: [page('request/credentials'), clauses.accepted],
      holds: isUserRequest,
    }),
    mutant(
      'account-public',
      'what a user sees may be kept by a shared cache',
      ['/drupal-observed/rest/not-public', '/rfc9111/3.5/authenticated'],
      bendWhen(reading, (response) => withHeader(response, 'Cache-Control', 'public, max-age=300')),
    ),
    mutant(
      'works-once',
      'credentials work once',
      [page('request/credentials'), clauses.accepted],
      remembering(() => {
        let count = 0;
        return bendWhen(
          (request, response) => reading(request, response) && ++count > 1,
          replaced(401, 'application/json', '{"status":"error","http_code":401,"error":"INVALID_CREDENTIALS","error_description":"x"}'),
        );
      }),
    ),
    mutant(
      'every-tenth-fails',
      'now and then the right credentials are refused',
      [page('request/credentials'), clauses.accepted],
      remembering(() => {
        let count = 0;
        return bendWhen(
          (request, response) => reading(request, response) && ++count % 5 === 0,
          replaced(401, 'text/html', '{"status":"error"}'),
        );
      }),
    ),
    mutant(
      'unpermitted-seen',
      'a user sees what the permission forbids',
      [clauses.permission, noData],
      bendWhen(
        (request, response) => isUserRequest(request) && response.status === 403 && pairOf(request)?.name === 'alice',
        replaced(200, 'application/json', '{"uid":[{"value":2}]}'),
      ),
    ),
  ];
}

const basicMethod: Method = {
  profile: 'miniorange/basic',
  document: 'miniorange-basic',
  application: 'basic',
  secretOf: ({ password }) => password,
  clauses: {
    accepted: 'basic/accepted',
    missing: 'basic/missing-authorization',
    scheme: 'basic/wrong-scheme',
    malformed: 'basic/incomplete',
    emptyName: 'basic/missing-username',
    unknownUser: 'basic/invalid-credentials',
    wrongSecret: 'basic/invalid-credentials',
    blocked: 'basic/user-blocked',
    permission: 'basic/permission',
  },
  errors: {
    wrongSecret: 'INVALID_CREDENTIALS',
    unknownUser: 'INVALID_CREDENTIALS',
    scheme: 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE',
    missing: 'MISSING_AUTHORIZATION_HEADER',
  },
};

const keyMethod: Method = {
  profile: 'miniorange/api-key',
  document: 'miniorange-api-key',
  application: 'api-key',
  secretOf: (_, site) => miniorangeState(site)?.apiKey ?? '',
  clauses: {
    accepted: 'key/accepted',
    missing: 'key/missing-authorization',
    scheme: 'key/wrong-scheme',
    malformed: 'key/malformed',
    emptyName: 'key/user-blocked',
    unknownUser: 'key/unknown-user',
    wrongSecret: 'key/invalid-key',
    blocked: 'key/user-blocked',
    permission: 'key/permission',
  },
  errors: {
    wrongSecret: 'INVALID_API_KEY',
    unknownUser: 'USER_DOES_NOT_EXIST',
    scheme: 'INVALID_AUTHORIZATION_HEADER_TYPE',
    missing: 'MISSING_AUTHORIZATION_HEADER',
  },
};

const isRevoke = (request: WireRequest): boolean => /\/rest_api\/revoke(\?|$)/.test(request.path);
const basic = mutantsOf('miniorange/basic', 'miniorange-observed');
const revoking = (error: string): ((request: WireRequest, response: Parameters<ReturnType<typeof refusing>>[1]) => boolean) => {
  const holds = refusing(error);
  return (request, response) => isRevoke(request) && holds(request, response);
};

const basicMutants: readonly Mutant[] = [
  basic(
    'password-of-another',
    'the password of another user counts',
    ['basic/invalid-credentials'],
    readAs((request, site) => {
      const pair = isWellFormed(request) ? pairOf(request) : undefined;
      const user = pair === undefined ? undefined : findUser(site, pair.name);
      const isOthers = [...site.users.values()].some(({ password }) => password === pair?.secret);
      return user !== undefined && isOthers && user.active ? withPair(request, { name: user.name, secret: user.password }) : request;
    }),
  ),
  basic(
    'key-counts',
    'the API key of the site counts as the password of any user',
    ['basic/invalid-credentials'],
    readAs((request, site) => {
      const pair = pairOf(request);
      const user = pair === undefined ? undefined : findUser(site, pair.name);
      return user !== undefined && pair?.secret === miniorangeState(site)?.apiKey
        ? withPair(request, { name: user.name, secret: user.password })
        : request;
    }),
  ),
  basic(
    'blocked-told-to-strangers',
    'a wrong password of a blocked user tells that the user is blocked',
    ['basic/blocked-user-wrong-password', '/owasp/authentication/same-answer'],
    bendWhen(
      (request, response) => refusing('INVALID_CREDENTIALS')(request, response) && pairOf(request)?.name === 'blocked_user',
      json((body) => ({ ...body, error: 'USER_BLOCKED' })),
    ),
  ),
  basic(
    'unknown-user-told',
    'an unknown user has an answer of its own',
    ['basic/invalid-credentials', '/owasp/authentication/same-answer'],
    bendWhen(
      (request, response, site) =>
        refusing('INVALID_CREDENTIALS')(request, response) && findUser(site, pairOf(request)?.name ?? '') === undefined,
      json((body) => ({ ...body, error_description: 'Unknown user' })),
    ),
  ),
  basic(
    'blocked-words',
    'USER_BLOCKED does not name the user',
    ['coded/words'],
    bendWhen(
      refusing('USER_BLOCKED'),
      json((body) => ({ ...body, error_description: 'The user is blocked.' })),
    ),
  ),
  basic(
    'incomplete-status',
    'INCOMPLETE_REQUEST is a 401',
    ['basic/incomplete'],
    bendWhen(refusing('INCOMPLETE_REQUEST'), withStatus(401)),
  ),
  basic(
    'code-as-number',
    'http_code is a number',
    ['coded/code-type'],
    bendWhen(
      anyRefusal,
      json((body) => ({ ...body, http_code: Number(body['http_code']) })),
    ),
  ),
  basic(
    'revoke-open',
    '/rest_api/revoke asks for no credentials',
    ['revoke/missing-basic'],
    bendWhen(
      revoking('MISSING_BASIC_AUTH'),
      json((body) => ({ ...body, error: 'PREMIUM_FEATURE' })),
    ),
  ),
  basic(
    'revoke-any-password',
    '/rest_api/revoke takes any password',
    ['revoke/invalid-credentials'],
    bendWhen(revoking('INVALID_CREDENTIALS'), allChanged(403, 'PREMIUM_FEATURE')),
  ),
  basic(
    'revoke-method-first',
    '/rest_api/revoke judges the method first',
    ['revoke/missing-basic'],
    bendWhen(
      (request, response) => request.method === 'GET' && revoking('MISSING_BASIC_AUTH')(request, response),
      allChanged(405, 'INVALID_HTTP_METHOD'),
    ),
  ),
  basic(
    'revoke-get',
    '/rest_api/revoke takes GET',
    ['revoke/wrong-method'],
    bendWhen(revoking('INVALID_HTTP_METHOD'), allChanged(403, 'PREMIUM_FEATURE')),
  ),
  basic(
    'revoke-head',
    '/rest_api/revoke takes HEAD',
    ['revoke/wrong-method', '/rfc9110/9.3.2/head'],
    bendWhen((request, response) => isRevoke(request) && request.method === 'HEAD' && response.status === 405, withStatus(403)),
  ),
  basic(
    'revoke-head-open',
    '/rest_api/revoke asks HEAD for no credentials',
    ['revoke/missing-basic'],
    bendWhen((request, response) => isRevoke(request) && request.method === 'HEAD' && response.status === 401, withStatus(405)),
  ),
  basic(
    'revoke-zero',
    '/rest_api/revoke takes "0" for a password like any other',
    ['revoke/missing-credentials'],
    bendWhen(
      (request, response) => revoking('MISSING_CREDENTIALS')(request, response) && pairOf(request)?.secret === '0',
      allChanged(401, 'INVALID_CREDENTIALS'),
    ),
  ),
  basic(
    'revoke-blocked',
    '/rest_api/revoke takes a blocked user',
    ['revoke/user-blocked'],
    bendWhen(revoking('USER_BLOCKED'), allChanged(403, 'PREMIUM_FEATURE')),
  ),
  basic('revoke-premium-status', 'PREMIUM_FEATURE is a 402', ['revoke/premium'], bendWhen(revoking('PREMIUM_FEATURE'), withStatus(402))),
  basic(
    'revoke-code-as-number',
    'http_code of /rest_api/revoke is a number',
    ['coded/code-type'],
    bendWhen(
      (request) => isRevoke(request),
      json((body) => ({ ...body, http_code: Number(body['http_code']) })),
    ),
  ),
  basic(
    'revoke-needs-application',
    '/rest_api/revoke needs AUTH-METHOD',
    ['revoke/no-application'],
    bendWhen(
      (request) => isRevoke(request) && requestHeader(request, 'auth-method') === undefined,
      replaced(400, 'text/html', '{"status":"error","http_code":400,"error":"MISSING_HEADER","error_description":"x"}'),
    ),
  ),
  basic(
    'revoke-delete',
    '/rest_api/revoke takes DELETE',
    ['revoke/router'],
    bendWhen((request) => isRevoke(request) && request.method === 'DELETE', replaced(403, 'text/html', '{"status":"error"}')),
  ),
  basic(
    'british-counts-unread',
    'whatever stands in Authorisation is let in',
    ['/invariants/data-without-permission', 'basic/authorisation'],
    readAs((request, site) => {
      const user = mainUser(site);
      return requestHeader(request, 'authorisation') === undefined || user === undefined
        ? request
        : withPair(request, { name: user.name, secret: user.password });
    }),
  ),
  basic(
    'lower-case-scheme-unread',
    'credentials after basic in lower case are not looked at',
    ['/invariants/data-without-permission', 'basic/scheme-spelling'],
    onlyFor(
      (request) => (requestHeader(request, 'authorization') ?? '').startsWith('basic '),
      readAs((request, site) => {
        const user = mainUser(site);
        return user === undefined ? request : withPair(request, { name: user.name, secret: user.password });
      }),
    ),
  ),
];

const key = mutantsOf('miniorange/api-key', 'miniorange-observed');
const headerApplication = 'a9140002';
const byHeader = (request: WireRequest): boolean => requestHeader(request, 'auth-method') === headerApplication;
const byAuthorization = (request: WireRequest): boolean => requestHeader(request, 'auth-method') === 'a9140001';

const keyMutants: readonly Mutant[] = [
  key(
    'both-places',
    'the key counts in either place',
    ['key/one-place'],
    onlyFor(
      byAuthorization,
      readAs((request) => {
        const value = requestHeader(request, 'api-key');
        return value !== undefined && requestHeader(request, 'authorization') === undefined
          ? withRequestHeader(request, 'Authorization', `Basic ${value}`)
          : request;
      }),
    ),
  ),
  key(
    'header-reads-authorization',
    'an application with a header of its own reads Authorization, too',
    ['key-header/missing'],
    onlyFor(
      byHeader,
      readAs((request) => {
        const [, value] = /^Basic (.+)$/.exec(requestHeader(request, 'authorization') ?? '') ?? [];
        return value === undefined ? request : withRequestHeader(request, 'api-key', value);
      }),
    ),
  ),
  key(
    'x-api-key',
    'X-API-Key counts',
    ['key-header/missing', 'key/missing-authorization'],
    onlyFor(
      byHeader,
      readAs((request) => {
        const value = requestHeader(request, 'x-api-key');
        return value === undefined ? request : withRequestHeader(request, 'api-key', value);
      }),
    ),
  ),
  key(
    'header-any-key',
    'any key counts in the header of its own',
    ['key/invalid-key'],
    onlyFor(
      byHeader,
      readAs((request, site) => {
        const pair = pairIn(requestHeader(request, 'api-key'));
        return pair === undefined
          ? request
          : withRequestHeader(request, 'api-key', encodeBase64(`${pair.name}:${miniorangeState(site)?.apiKey}`));
      }),
    ),
  ),
  key(
    'signs-ignored',
    'characters outside base64 are left out before decoding',
    ['key/malformed', 'key-header/malformed'],
    readAs((request) => {
      const [authorization, value] = [requestHeader(request, 'authorization'), requestHeader(request, 'api-key')];
      const read = authorization === undefined ? request : withRequestHeader(request, 'Authorization', authorization.replaceAll('!', ''));
      return value === undefined ? read : withRequestHeader(read, 'api-key', value.replaceAll('!', ''));
    }),
  ),
  key(
    'header-missing-name',
    'a missing api-key header is told as a missing Authorization',
    ['key-header/missing'],
    bendWhen(
      refusing('MISSING_API_KEY_HEADER'),
      json((body) => ({ ...body, error: 'MISSING_AUTHORIZATION_HEADER' })),
    ),
  ),
  key(
    'header-format-status',
    'INVALID_API_KEY_FORMAT is a 400',
    ['key-header/malformed'],
    bendWhen(refusing('INVALID_API_KEY_FORMAT'), withStatus(400)),
  ),
  key(
    'unknown-user-status',
    'USER_DOES_NOT_EXIST is a 401',
    ['key/unknown-user'],
    bendWhen(refusing('USER_DOES_NOT_EXIST'), withStatus(401)),
  ),
  key(
    'unknown-user-words',
    'USER_DOES_NOT_EXIST has the words of 2.0',
    ['coded/words'],
    bendWhen(
      refusing('USER_DOES_NOT_EXIST'),
      json((body) => ({ ...body, error_description: 'Nobody' })),
    ),
  ),
  key(
    'key-before-user',
    'the key is judged before the user',
    ['key/unknown-user', 'key/user-blocked'],
    bendWhen(
      (request, response, site) =>
        refusing('USER_DOES_NOT_EXIST')(request, response) && pairOf(request)?.secret !== miniorangeState(site)?.apiKey,
      allChanged(401, 'INVALID_API_KEY'),
    ),
  ),
  key('blocked-status', 'USER_BLOCKED is a 401', ['key/user-blocked'], bendWhen(refusing('USER_BLOCKED'), withStatus(401))),
  key(
    'malformed-code',
    'INVALID_AUTHORIZATION_HEADER has the http_code 400',
    ['key/malformed'],
    bendWhen(
      refusing('INVALID_AUTHORIZATION_HEADER'),
      json((body) => ({ ...body, http_code: 400 })),
    ),
  ),
  key(
    'code-as-text',
    'http_code is a string',
    ['coded/code-type'],
    bendWhen(
      anyRefusal,
      json((body) => ({ ...body, http_code: String(body['http_code']) })),
    ),
  ),
  key(
    'password-counts',
    'the password of the user counts as the key',
    ['key/invalid-key'],
    readAs((request, site) => {
      const pair = pairOf(request);
      const user = pair === undefined ? undefined : findUser(site, pair.name);
      return user !== undefined && pair?.secret === user.password
        ? withPair(request, { name: user.name, secret: miniorangeState(site)?.apiKey ?? '' })
        : request;
    }),
  ),
];

/** Another status and name of an error; http_code follows the status. */
function allChanged(status: number, error: string): Parameters<typeof bendWhen>[1] {
  return (response) =>
    withStatus(status)(
      json((body) => ({ ...body, error, http_code: typeof body['http_code'] === 'number' ? status : String(status) }))(response),
    );
}

export const miniorangeFree: readonly Mutant[] = [
  ...commonMutants(basicMethod),
  ...basicMutants,
  ...commonMutants(keyMethod),
  ...keyMutants,
];
