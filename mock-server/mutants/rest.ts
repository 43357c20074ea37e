/**
 * Wrong sites behind a right token: what core's REST shows to whom, and the login beside it.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { findUser, type Site } from '../site.ts';
import { mainUser } from '../targets.ts';
import { bodyOf, crash, lostOnTheWay, spoilings, stackTrace, telling } from './mistakes.ts';
import {
  bendWhen,
  isUserRequest,
  json,
  jsonOf,
  mutantsOf,
  nth,
  readAs,
  remembering,
  replaced,
  requestHeader,
  text,
  withHeader,
  withStatus,
  without,
  type Decorator,
  type Json,
  type Mutant,
} from './mutant.ts';
import { bearerOf, freshToken, hasBearer, jwtCounts, stateOf, tokenReadAs } from './simple-oauth/make.ts';

const mutant = mutantsOf('rest', 'drupal-observed');

const own = ['rest/own-account', 'rest/user', '/simple-oauth/use/processed-as-user'];
const privateFields = ['rest/private-fields', '/invariants/data-without-permission'];
const forbidden = ['rest/forbidden', '/invariants/data-without-permission'];
const hidden = ['rest/hidden-node', '/invariants/data-without-permission'];
const unknown = ['rest/unknown-account'];
const asJson = ['format/json-error'];
const notPublic = ['rest/not-public', '/rfc9111/3.5/authenticated'];
const badLogin = ['login/wrong', '/invariants/token-for-bad-credentials'];

const idIn = (request: WireRequest): number => Number(/\/user\/0*(\d+)/.exec(request.path)?.[1]);
const isShown = (request: WireRequest, response: WireResponse): boolean =>
  isUserRequest(request) && response.status === 200 && jsonOf(response)?.['uid'] !== undefined;
const isMain = (request: WireRequest, site: Site): boolean => idIn(request) === mainUser(site)?.id;
const isOwn = (request: WireRequest, response: WireResponse, site: Site): boolean => isShown(request, response) && isMain(request, site);
const isOthers = (request: WireRequest, response: WireResponse, site: Site): boolean =>
  isShown(request, response) && !isMain(request, site);
const isStranger = (request: WireRequest): boolean => !hasBearer(request);
const isJsonRefusal = (request: WireRequest, response: WireResponse): boolean =>
  request.path.includes('_format=json') && response.status >= 400 && jsonOf(response)?.['message'] !== undefined;

const field = (value: unknown): readonly Json[] => [{ value }];

/** An account shows fields that its viewer may not see. */
const showing = (fields: (site: Site, request: WireRequest) => Json, holds: typeof isOthers): Decorator =>
  bendWhen(holds, (response, request, site) => json((body) => ({ ...body, ...fields(site, request) }))(response));

const leaks: readonly (readonly [name: string, title: string, fields: Json])[] = [
  ['mail', 'the mail address', { mail: field('somebody@example.com') }],
  ['timezone', 'the time zone', { timezone: field('UTC') }],
  ['language', 'the preferred language', { preferred_langcode: field('en') }],
  ['roles', 'the roles', { roles: [{ target_id: 'api_user' }] }],
  ['status', 'whether it is active', { status: field(true) }],
  ['access', 'when its user was last seen', { access: field('2026-01-01T00:00:00+00:00') }],
  ['login', 'when its user logged in', { login: field('2026-01-01T00:00:00+00:00') }],
  ['init', 'the first mail address', { init: field('somebody@example.com') }],
];

const accounts = [
  ...leaks.map(([name, title, fields]) =>
    mutant(
      `others-show-${name}`,
      `The account of somebody else shows ${title}`,
      ['rest/private-fields'],
      showing(() => fields, isOthers),
    ),
  ),
  ...leaks.slice(3).map(([name, title, fields]) =>
    mutant(
      `own-shows-${name}`,
      `The own account shows ${title}, as to an administrator`,
      ['rest/private-fields', '/simple-oauth/rule/no-admin'],
      showing(() => fields, isOwn),
    ),
  ),
  mutant(
    'password-shown',
    'The own account shows the password',
    ['rest/no-password', '/invariants/password-in-answer'],
    showing((site) => ({ pass: field(mainUser(site)?.password) }), isOwn),
  ),
  mutant(
    'hash-of-others-shown',
    'The account of somebody else shows the hash of the password',
    ['rest/no-password', '/invariants/password-in-answer'],
    showing(() => ({ pass: field('$2y$10$abcdefghijklmnopqrstuuK9vJ5n3cQ0mW8xYzT7uHs4PqRfLdGke') }), isOthers),
  ),
  mutant(
    'hash-shown-to-administrators',
    'Administrators see the hash of the password',
    ['rest/no-password', '/invariants/password-in-answer'],
    showing(
      () => ({ pass: field('$2y$10$abcdefghijklmnopqrstuuK9vJ5n3cQ0mW8xYzT7uHs4PqRfLdGke') }),
      (_, response) => jsonOf(response)?.['roles'] !== undefined,
    ),
  ),
  ...['mail', 'timezone', 'preferred_langcode'].map((name) =>
    mutant(`own-hides-${name.replace('_', '-')}`, `The own account hides ${name}`, ['rest/own-account'], bendWhen(isOwn, without(name))),
  ),
  ...['uuid', 'langcode', 'name', 'created', 'changed', 'default_langcode'].map((name) =>
    mutant(
      `own-lacks-${name.replace('_', '-')}`,
      `The own account lacks ${name}`,
      ['rest/own-account', 'rest/user'],
      bendWhen(isOwn, without(name)),
    ),
  ),
  mutant('administrator-sees-less', 'Administrators do not see roles', ['rest/private-fields'], bendWhen(isShown, without('roles'))),
  mutant(
    'fields-flat',
    'Fields are plain values',
    own,
    bendWhen(
      isShown,
      json((body) =>
        Object.fromEntries(
          Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? (value[0] as Json | undefined)?.['value'] : value]),
        ),
      ),
    ),
  ),
  mutant(
    'id-as-text',
    'The id of an account is a text',
    ['rest/user'],
    bendWhen(isShown, (response, request) => json((body) => ({ ...body, uid: field(String(idIn(request))) }))(response)),
  ),
  mutant(
    'times-as-numbers',
    'Times are numbers',
    ['rest/times', 'rest/own-account'],
    bendWhen(
      isShown,
      json((body) => ({ ...body, created: field(1700000000) })),
    ),
  ),
  mutant(
    'own-id-wrong',
    'The own account has the id of somebody else',
    ['rest/user', ...own],
    bendWhen(
      isOwn,
      json((body) => ({ ...body, uid: field(1) })),
    ),
  ),
  mutant(
    'mail-wrong',
    'The own account shows the mail address of somebody else',
    ['rest/own-account'],
    bendWhen(
      isOwn,
      json((body) => ({ ...body, mail: field('bob@example.com') })),
    ),
  ),
  mutant(
    'others-are-own',
    'Every account is the own one',
    ['rest/other-account'],
    readAs((request, site) =>
      isUserRequest(request) && hasBearer(request) && site.users.has(idIn(request))
        ? { ...request, path: request.path.replace(/\/user\/\d+/, `/user/${mainUser(site)?.id}`) }
        : request,
    ),
  ),
  mutant(
    'others-hidden',
    'The permission to see profiles opens the own account only',
    ['rest/other-account'],
    bendWhen(isOthers, replaced(403, 'application/json', '{"message":"The \'administer users\' permission is required."}')),
  ),
  mutant(
    'account-as-html',
    'An account is sent as text/html',
    ['rest/user'],
    bendWhen(isShown, (response) => withHeader(response, 'Content-Type', 'text/html; charset=UTF-8')),
  ),
  ...spoilings.map(([name, title, change]) =>
    mutant(
      `account-${name}`,
      `The account ${title}`,
      [...own, '/invariants/server-error', '/invariants/stack-trace'],
      bendWhen(isShown, change),
    ),
  ),
  mutant(
    'every-fifth-refused',
    'One right request in five is refused',
    own,
    remembering(() => {
      const isFifth = nth(5, (request) => isUserRequest(request) && hasBearer(request));
      return bendWhen(
        (request) => isFifth(request),
        replaced(403, 'application/json', '{"message":"The \'access user profiles\' permission is required."}'),
      );
    }),
  ),
  mutant(
    'works-once',
    'A token opens the account once',
    own,
    remembering(() => {
      const seen = new Set<string>();
      return bendWhen(
        (request, response) => isShown(request, response),
        (response, request) => {
          const token = bearerOf(request) ?? '';
          if (!seen.has(token)) {
            seen.add(token);
            return response;
          }
          return replaced(
            401,
            'application/json',
            '{"message":"The resource owner or authorization server denied the request."}',
          )(response);
        },
      );
    }),
  ),
];

const accountText = (site: Site): string => {
  const { id, name, mail } = mainUser(site) ?? { id: 0, name: '', mail: '' };
  return JSON.stringify({ uid: field(id), name: field(name), mail: field(mail), timezone: field('UTC') });
};

const open = (name: string, title: string, holds: (request: WireRequest, site: Site) => boolean, breaks = privateFields): Mutant =>
  mutant(
    name,
    title,
    breaks,
    bendWhen(
      (request, _, site) => holds(request, site),
      (response, _, site) => replaced(200, 'application/json', accountText(site))(response),
    ),
  );

const viewers = [
  open(
    'strangers-let-in',
    'A stranger sees an account',
    (request) => isStranger(request) && request.method === 'GET' && /\/user\/\d+\?_format=json$/.test(request.path),
    [...forbidden, ...privateFields],
  ),
  open(
    'strangers-by-second-format',
    'A stranger gets past with _format in the second place',
    (request) => isStranger(request) && request.path.includes('?x=1&'),
  ),
  open(
    'strangers-by-encoded-name',
    'A stranger gets past with an encoded _format',
    (request) => isStranger(request) && request.path.includes('%5F'),
  ),
  open(
    'strangers-by-encoded-value',
    'A stranger gets past with an encoded json',
    (request) => isStranger(request) && request.path.includes('%6A'),
  ),
  open(
    'strangers-by-repeated-format',
    'A stranger gets past with _format twice',
    (request) => isStranger(request) && request.path.includes('xml&_format'),
  ),
  open(
    'strangers-by-slash',
    'A stranger gets past with a slash at the end',
    (request) => isStranger(request) && request.path.includes('/?_format') && request.path.startsWith('/user'),
  ),
  open(
    'strangers-by-accept',
    'A stranger gets past who asks for XML',
    (request) => isStranger(request) && requestHeader(request, 'accept') === 'application/xml' && isUserRequest(request),
  ),
  open(
    'strangers-by-other-format',
    'A stranger gets past in another format',
    (request) => isStranger(request) && /\/user\/\d+\?_format=(hal_json|foo|JSON|api_json|xml)$/.test(request.path),
  ),
  open('options-shows-account', 'OPTIONS shows an account', (request) => request.method === 'OPTIONS' && isUserRequest(request), [
    'method/options',
    ...privateFields,
  ]),
  mutant(
    'strangers-see-name',
    'A stranger sees the name of an account',
    ['rest/forbidden', '/simple-oauth/useful/no-public-access'],
    bendWhen(
      (request, response) => isStranger(request) && request.method === 'GET' && isUserRequest(request) && response.status === 403,
      replaced(200, 'application/json', '{"uid":[{"value":2}],"name":[{"value":"api_user"}]}'),
    ),
  ),
  mutant(
    'permission-ignored',
    'Who lacks the permission sees accounts all the same',
    forbidden,
    bendWhen(
      (request, response, site) =>
        hasBearer(request) && isUserRequest(request) && response.status === 403 && site.users.get(idIn(request))?.active === true,
      replaced(200, 'application/json', '{"uid":[{"value":4}],"name":[{"value":"bob"}]}'),
    ),
  ),
  mutant(
    'refusal-shows-account',
    'A refusal shows the account',
    ['/invariants/nothing-given', ...privateFields],
    bendWhen(
      (request, response) => isUserRequest(request) && response.status === 403,
      json((body) => ({ ...body, mail: field('bob@example.com') })),
    ),
  ),
  mutant(
    'blocked-shown',
    'The account of a blocked user is shown',
    ['rest/blocked-account'],
    bendWhen(
      (request, response, site) => hasBearer(request) && response.status === 403 && site.users.get(idIn(request))?.active === false,
      (response, request) =>
        replaced(200, 'application/json', JSON.stringify({ uid: field(idIn(request)), name: field('blocked_user') }))(response),
    ),
  ),
  mutant(
    'anonymous-account-shown',
    'The account 0 is shown',
    ['rest/anonymous-account'],
    bendWhen((request) => request.path.startsWith('/user/0?'), replaced(200, 'application/json', '{"uid":[{"value":0}],"name":[]}')),
  ),
  mutant(
    'forbidden-as-401',
    'An account that may not be seen is a 401',
    ['rest/forbidden'],
    bendWhen((request, response) => isUserRequest(request) && hasBearer(request) && response.status === 403, withStatus(401)),
  ),
  mutant(
    'forbidden-as-404',
    'An account that may not be seen does not exist',
    ['rest/forbidden', 'rest/blocked-account'],
    bendWhen((request, response) => isUserRequest(request) && hasBearer(request) && response.status === 403, withStatus(404)),
  ),
  ...(
    [
      ['large', /2147483646/],
      ['word', /\/user\/abc/],
      ['huge', /9{20}/],
      ['negative', /\/user\/-1/],
      ['fraction', /\/user\/1\.5/],
    ] as const
  ).flatMap(([name, path]) => [
    mutant(
      `unknown-${name}-as-403`,
      `An account that does not exist (${name}) is a 403`,
      unknown,
      bendWhen((request, response) => path.test(request.path) && response.status === 404, withStatus(403)),
    ),
    mutant(
      `unknown-${name}-is-own`,
      `An account that does not exist (${name}) is the own one`,
      unknown,
      bendWhen(
        (request, response) => path.test(request.path) && response.status === 404 && hasBearer(request),
        (response, _, site) => replaced(200, 'application/json', accountText(site))(response),
      ),
    ),
  ]),
  mutant(
    'unknown-told-to-strangers',
    'A stranger is shown an account in place of one that does not exist',
    [...unknown, ...privateFields],
    bendWhen(
      (request, response) =>
        isStranger(request) && request.path.includes('2147483646') && request.method === 'GET' && response.status >= 400,
      (response, _, site) => replaced(200, 'application/json', accountText(site))(response),
    ),
  ),
];

const signatures = [
  mutant(
    'any-token',
    'Any Bearer token is accepted',
    ['/invariants/data-without-permission', '/rfc6750/3.1/invalid-token'],
    tokenReadAs((given, site) => (given.length > 300 ? undefined : freshToken(site))),
  ),
  mutant(
    'signature-unchecked',
    'The signature of a token is not checked',
    ['/invariants/data-without-permission', '/rfc6750/3.1/invalid-token'],
    jwtCounts(() => true),
  ),
  mutant(
    'algorithm-none',
    'A token that says alg none is accepted',
    ['/invariants/data-without-permission', '/rfc6750/3.1/invalid-token'],
    jwtCounts(({ header }) => header['alg'] === 'none'),
  ),
  mutant(
    'invalid-token-is-anonymous',
    'An invalid token counts as none, and strangers may see names',
    ['/rfc6750/3.1/invalid-token'],
    bendWhen(
      (request, response) => hasBearer(request) && isUserRequest(request) && response.status === 401,
      replaced(200, 'application/json', '{"uid":[{"value":2}],"name":[{"value":"api_user"}]}'),
    ),
  ),
  mutant(
    'token-of-administrator',
    'A token acts as an administrator',
    ['rest/private-fields', '/simple-oauth/rule/no-admin', '/simple-oauth/use/processed-as-user'],
    tokenReadAs((_, site, request) => (isMain(request, site) ? freshToken(site, 'admin') : undefined)),
  ),
  mutant(
    'token-repeated',
    'A refusal repeats the token',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => response.status >= 400 && (bearerOf(request)?.length ?? 0) > 300,
      (response, request) => telling(bearerOf(request) ?? '')(response),
    ),
  ),
];

const isNode = (request: WireRequest): boolean => /^\/node\/\d/.test(request.path);

/** Content that may not be seen is shown. */
const unhidden = (name: string, title: string, holds: (request: WireRequest) => boolean): Mutant =>
  mutant(
    name,
    title,
    hidden,
    bendWhen(
      (request, response) => isNode(request) && response.status >= 400 && holds(request),
      (response, _, site) => {
        const node = [...site.nodes.values()].find(({ published, type }) => !published && type === 'article');
        return replaced(200, 'application/json', JSON.stringify({ nid: field(node?.id), title: field(node?.title) }))(response);
      },
    ),
  );

const content = [
  unhidden('hidden-shown', 'Hidden content is shown to a token', (request) => hasBearer(request) && request.path.endsWith('?_format=json')),
  unhidden('hidden-shown-as-page', 'Hidden content is shown as a page', (request) => hasBearer(request) && !request.path.includes('?')),
  unhidden('hidden-shown-as-xml', 'Hidden content is shown as XML', (request) => hasBearer(request) && request.path.endsWith('xml')),
  unhidden(
    'hidden-shown-encoded',
    'Hidden content is shown to an encoded _format',
    (request) => hasBearer(request) && request.path.includes('%5F'),
  ),
  unhidden(
    'hidden-shown-behind-slash',
    'Hidden content is shown behind a slash',
    (request) => hasBearer(request) && request.path.includes('/?'),
  ),
  unhidden(
    'hidden-shown-to-strangers',
    'Hidden content is shown to strangers',
    (request) => isStranger(request) && request.path.endsWith('?_format=json'),
  ),
  unhidden(
    'hidden-page-for-strangers',
    'Hidden content is shown to strangers as a page',
    (request) => isStranger(request) && !request.path.includes('?'),
  ),
  mutant(
    'title-in-refusal',
    'The refusal of hidden content names its title',
    hidden,
    bendWhen(
      (request, response) => isNode(request) && response.status === 403,
      (response, _, site) => telling([...site.nodes.values()].find(({ published }) => !published)?.title ?? '')(response),
    ),
  ),
  mutant(
    'other-content-shown',
    'Another article is shown than was asked for',
    ['rest/node'],
    bendWhen(
      (request, response) => isNode(request) && response.status === 200,
      json((body) => ({ ...body, nid: field(4711), title: field('Another') })),
    ),
  ),
  mutant(
    'unknown-content-as-403',
    'Content that does not exist is a 403',
    ['rest/unknown-account'],
    bendWhen((request, response) => request.path.includes('/node/2147483646') && response.status === 404, withStatus(403)),
  ),
  mutant(
    'unknown-content-shown',
    'Content that does not exist is an empty answer',
    ['rest/unknown-account', 'format/json-error'],
    bendWhen(
      (request, response) => request.path.includes('/node/2147483646') && response.status === 404,
      replaced(200, 'application/json', '{}'),
    ),
  ),
];

const formats = [
  mutant('refusal-without-message', 'Refusals have no message', asJson, bendWhen(isJsonRefusal, without('message'))),
  mutant(
    'refusal-as-list',
    'The message of a refusal is a list',
    asJson,
    bendWhen(
      isJsonRefusal,
      json(({ message, ...body }) => ({ ...body, message: [message] })),
    ),
  ),
  mutant(
    'refusal-as-page',
    'Refusals are pages',
    [...asJson, ...unknown],
    bendWhen(isJsonRefusal, (response) =>
      replaced(response.status, 'text/html; charset=UTF-8', '<!DOCTYPE html><title>No</title>')(response),
    ),
  ),
  mutant(
    'refusal-with-200',
    'Refusals have the status 200',
    ['/invariants/refusal-status', ...asJson],
    bendWhen(isJsonRefusal, withStatus(200)),
  ),
  mutant('refusal-crashes', 'Refusals are a 500', ['/invariants/server-error'], bendWhen(isJsonRefusal, crash)),
  mutant('refusal-with-trace', 'Refusals are a stack trace', ['/invariants/stack-trace'], bendWhen(isJsonRefusal, stackTrace)),
  mutant(
    'refusal-redirects',
    'Refusals send to the login page',
    ['/invariants/refusal-status', ...asJson],
    bendWhen(isJsonRefusal, (response) => withHeader(replaced(302, 'text/html', '')(response), 'Location', '/user/login')),
  ),
  mutant(
    'array-format-crashes-with-trace',
    'A _format that is an array shows a stack trace',
    ['/invariants/stack-trace', 'format/array-10'],
    bendWhen((request) => request.path.includes('_format[]') || request.path.includes('_format%5B'), stackTrace),
  ),
  mutant(
    'administration-open',
    'A page of the administration is open to a token',
    ['format/json-error', '/simple-oauth/rule/no-admin'],
    bendWhen((request) => request.path.startsWith('/admin') && hasBearer(request), replaced(200, 'application/json', '{}')),
  ),
];

const methods = [
  mutant(
    'head-refused',
    'HEAD is refused although GET is served',
    ['method/head', '/rfc9110/9.3.2/head'],
    bendWhen((request) => request.method === 'HEAD', withStatus(405)),
  ),
  mutant(
    'head-open-to-strangers',
    'HEAD is answered to strangers',
    ['method/head', '/rfc9110/9.3.2/head'],
    bendWhen((request) => request.method === 'HEAD' && isStranger(request), withStatus(200)),
  ),
  mutant(
    'every-origin-with-credentials',
    'Every origin may ask with credentials',
    ['method/options', '/invariants/data-without-permission'],
    bendWhen(
      (request) => requestHeader(request, 'origin') !== undefined,
      (response, request) =>
        withHeader(
          withHeader(response, 'Access-Control-Allow-Origin', requestHeader(request, 'origin')),
          'Access-Control-Allow-Credentials',
          'true',
        ),
    ),
  ),
  ...['PUT', 'PATCH', 'DELETE', 'POST'].flatMap((method) => [
    mutant(
      `${method.toLowerCase()}-taken`,
      `${method} on an account that does not exist succeeds`,
      ['method/not-allowed', '/rfc9110/15.5.6/allow'],
      bendWhen(
        (request) => request.method === method && isUserRequest(request) && hasBearer(request),
        replaced(200, 'application/json', '{}'),
      ),
    ),
    mutant(
      `${method.toLowerCase()}-of-strangers-taken`,
      `${method} of a stranger succeeds`,
      ['method/not-allowed', '/invariants/data-without-permission'],
      bendWhen(
        (request) => request.method === method && isUserRequest(request) && isStranger(request),
        replaced(200, 'application/json', '{}'),
      ),
    ),
  ]),
  mutant(
    'no-allow',
    'A 405 does not say what is allowed',
    ['method/not-allowed', '/rfc9110/15.5.6/allow'],
    bendWhen(
      (_, response) => response.status === 405,
      (response) => withHeader(response, 'Allow', undefined),
    ),
  ),
  mutant(
    'account-public',
    'What a token was shown may be kept by shared caches',
    notPublic,
    bendWhen(isShown, (response) => withHeader(response, 'Cache-Control', 'public, max-age=900')),
  ),
  mutant(
    'account-kept-for-strangers',
    'What a token was shown is shown to the next stranger',
    [...notPublic, ...privateFields],
    remembering(() => {
      const kept = new Map<string, WireResponse>();
      return bendWhen(
        (request) => isUserRequest(request) && request.method === 'GET',
        (response, request) => {
          if (response.status === 200) kept.set(request.path, response);
          return isStranger(request) ? (kept.get(request.path) ?? response) : response;
        },
      );
    }),
  ),
  mutant(
    'token-answered-with-cookie',
    'An answer to a token sets a session cookie',
    ['rest/headers'],
    bendWhen(isShown, (response) => withHeader(response, 'Set-Cookie', 'SESS0123456789abcdef0123456789abcdef=abc; path=/')),
  ),
];

const isLogin = (request: WireRequest): boolean => request.path.startsWith('/user/login?');
const loggedIn = (response: WireResponse): WireResponse =>
  withHeader(
    replaced(200, 'application/json', '{"current_user":{"uid":"2","name":"api_user"},"csrf_token":"x","logout_token":"y"}')(response),
    'Set-Cookie',
    'SESS0123456789abcdef0123456789abcdef=abc; path=/; HttpOnly',
  );

/** The login takes what it must not take. */
const logsIn = (name: string, title: string, breaks: readonly string[], holds: (body: Json, site: Site) => boolean): Mutant =>
  mutant(
    name,
    title,
    breaks,
    bendWhen((request, response, site) => {
      if (!isLogin(request) || response.status < 400) return false;
      try {
        return holds(JSON.parse(bodyOf(request)) as Json, site);
      } catch {
        return false;
      }
    }, loggedIn),
  );

const login = [
  logsIn(
    'anybody-logs-in',
    'Whoever nobody knows is logged in',
    badLogin,
    ({ name, pass }, site) => name !== undefined && pass !== undefined && findUser(site, String(name)) === undefined,
  ),
  logsIn('client-logs-in', 'A client logs in with its secret', badLogin, ({ name }, site) => stateOf(site).consumers.has(String(name))),
  logsIn(
    'no-name-needed',
    'A login needs no name',
    ['login/missing', '/invariants/token-for-bad-credentials'],
    ({ name, pass }) => name === undefined && pass !== undefined,
  ),
  logsIn(
    'no-password-needed',
    'A login needs no password',
    ['login/missing', '/invariants/token-for-bad-credentials'],
    ({ name, pass }) => name !== undefined && pass === undefined,
  ),
  logsIn(
    'nothing-needed',
    'A login needs nothing',
    ['login/missing', '/invariants/token-for-bad-credentials'],
    ({ name, pass }) => name === undefined && pass === undefined,
  ),
  mutant(
    'cookie-for-failed-login',
    'A failed login sets a session cookie',
    badLogin,
    bendWhen(
      (request, response) => isLogin(request) && response.status >= 400,
      (response) => withHeader(response, 'Set-Cookie', 'SESS0123456789abcdef0123456789abcdef=abc; path=/'),
    ),
  ),
  mutant(
    'failed-login-with-200',
    'A failed login has the status 200',
    [...badLogin, '/invariants/refusal-status'],
    bendWhen((request, response) => isLogin(request) && response.status >= 400, withStatus(200)),
  ),
  mutant(
    'failed-login-repeats-password',
    'A failed login repeats the password',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isLogin(request) && response.status >= 400,
      (response, request) => telling(/"pass":"([^"]+)"/.exec(bodyOf(request))?.[1] ?? '')(response),
    ),
  ),
  mutant(
    'session-token-repeated',
    'The token for forms is always the same',
    ['session/token'],
    bendWhen(
      (request, response) => request.path === '/session/token' && response.status === 200,
      text(() => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ'),
    ),
  ),
  mutant(
    'session-token-short',
    'The token for forms is short',
    ['session/token'],
    bendWhen(
      (request, response) => request.path === '/session/token' && response.status === 200,
      text((body) => body.slice(0, 8)),
    ),
  ),
  mutant(
    'session-token-as-page',
    'The token for forms is a page',
    ['session/token'],
    bendWhen((request) => request.path === '/session/token', replaced(200, 'text/html', '<!DOCTYPE html><title>Token</title>')),
  ),
  mutant(
    'token-is-session',
    'A token in a cookie counts as a session',
    ['login/status'],
    bendWhen(
      (request) => request.path.startsWith('/user/login_status') && /=eyJ/.test(requestHeader(request, 'cookie') ?? ''),
      text(() => '1'),
    ),
  ),
];

export const restMutants: readonly Mutant[] = [
  ...lostOnTheWay(mutant, { what: 'account', title: 'The account', breaks: own, holds: isUserRequest }),
  ...accounts,
  ...viewers,
  ...signatures,
  ...content,
  ...formats,
  ...methods,
  ...login,
];
