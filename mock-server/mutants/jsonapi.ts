/**
 * Wrong sites behind a right token: what core's JSON:API shows to whom.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import type { Site, User } from '../site.ts';
import { mainUser } from '../targets.ts';
import { crash, lostOnTheWay, spoilings, stackTrace, telling } from './mistakes.ts';
import {
  bendWhen,
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
  type Json,
  type Mutant,
} from './mutant.ts';
import { bearerOf, freshToken, hasBearer, jwtCounts, tokenReadAs } from './simple-oauth/make.ts';

const mutant = mutantsOf('jsonapi', 'drupal-observed');

const document = ['jsonapi/document', '/simple-oauth/use/api-requests', 'jsonapi/root', 'jsonapi/collection'];
const noData = '/invariants/data-without-permission';
const collection = ['jsonapi/collection', noData];
const hidden = ['jsonapi/hidden-item', noData];
const errors = ['jsonapi/error'];
const privateFields = ['rest/private-fields', 'jsonapi/users-anonymous', noData];
const listed = ['jsonapi/consumers', noData];
const invalid = ['/rfc6750/3.1/invalid-token', noData];
const notPublic = ['rest/not-public', '/rfc9111/3.5/authenticated'];

const type = 'application/vnd.api+json';
const isApi = (request: WireRequest): boolean => /^\/jsonapi(\/|\?|$)/.test(request.path);
const isAt =
  (path: RegExp) =>
  (request: WireRequest): boolean =>
    isApi(request) && path.test(request.path);
const isRoot = isAt(/^\/jsonapi(\?|$)/);
const isArticles = isAt(/^\/jsonapi\/node\/article(\?|$)/);
const isItem = isAt(/^\/jsonapi\/node\/article\/[^?]/);
const isUsers = isAt(/^\/jsonapi\/user\/user(\?|$)/);
const isStranger = (request: WireRequest): boolean => !hasBearer(request);
const isDocument = (request: WireRequest, response: WireResponse): boolean => isApi(request) && jsonOf(response)?.['data'] !== undefined;
const isRefusal = (request: WireRequest, response: WireResponse): boolean => isApi(request) && jsonOf(response)?.['errors'] !== undefined;
const isGood = (response: WireResponse): boolean => response.status === 200;

function hiddenArticle(site: Site): Json {
  const node = [...site.nodes.values()].find(({ published, type: kind }) => !published && kind === 'article');
  return { type: 'node--article', id: node?.uuid, attributes: { drupal_internal__nid: node?.id, status: true, title: node?.title } };
}

const documentOf = (data: unknown): string => JSON.stringify({ jsonapi: { version: '1.1' }, data, links: { self: { href: 'x' } } });

/** A collection lists what it must not list. */
const lists = (
  name: string,
  title: string,
  breaks: readonly string[],
  holds: (request: WireRequest) => boolean,
  item: (site: Site) => Json,
): Mutant =>
  mutant(
    name,
    title,
    breaks,
    bendWhen(
      (request, response) => holds(request) && isDocument(request, response) && isGood(response),
      (response, _, site) => json((body) => ({ ...body, data: [...((body['data'] ?? []) as Json[]), item(site)] }))(response),
    ),
  );

const documents = [
  ...spoilings.map(([name, title, change]) =>
    mutant(
      `document-${name}`,
      `The document ${title}`,
      [...document, '/invariants/server-error', '/invariants/stack-trace'],
      bendWhen((request, response) => isDocument(request, response) && hasBearer(request), change),
    ),
  ),
  mutant(
    'document-as-json',
    'Documents are sent as application/json',
    ['jsonapi/media-type'],
    bendWhen(isDocument, (response) => withHeader(response, 'Content-Type', 'application/json')),
  ),
  mutant('document-without-version', 'Documents do not say their version', ['jsonapi/document'], bendWhen(isDocument, without('jsonapi'))),
  mutant(
    'document-with-errors',
    'Documents have data and errors',
    ['jsonapi/document'],
    bendWhen(
      isDocument,
      json((body) => ({ ...body, errors: [] })),
    ),
  ),
  mutant(
    'document-without-data',
    'Documents have no data',
    ['jsonapi/document', 'jsonapi/collection'],
    bendWhen(isDocument, without('data')),
  ),
  mutant('root-without-links', 'The entry point has no links', ['jsonapi/root'], bendWhen(isRoot, without('links'))),
  mutant('root-knows-nobody', 'The entry point does not name the user', ['jsonapi/root'], bendWhen(isRoot, without('meta'))),
  mutant(
    'root-takes-strangers-for-users',
    'The entry point takes a stranger for the main user',
    ['jsonapi/root', '/invariants/foreign-identity'],
    bendWhen(
      (request, response) => isRoot(request) && isStranger(request) && isGood(response),
      (response, _, site) => json((body) => ({ ...body, meta: { links: { me: { meta: { id: mainUser(site)?.uuid } } } } }))(response),
    ),
  ),
  mutant(
    'collection-of-bare-items',
    'Items have no attributes',
    ['jsonapi/item'],
    bendWhen(
      (request, response) => isArticles(request) && isDocument(request, response),
      json((body) => ({ ...body, data: ((body['data'] ?? []) as Json[]).map(({ attributes: _, ...item }) => item) })),
    ),
  ),
  mutant(
    'collection-as-object',
    'A collection is an object',
    ['jsonapi/collection', 'jsonapi/item'],
    bendWhen(
      (request, response) => isArticles(request) && isDocument(request, response),
      json((body) => ({ ...body, data: (body['data'] as Json[])[0] ?? {} })),
    ),
  ),
  mutant(
    'collection-empty',
    'A collection is empty to a token',
    ['jsonapi/collection', 'jsonapi/item'],
    bendWhen(
      (request, response) => isArticles(request) && hasBearer(request) && isDocument(request, response),
      json((body) => ({ ...body, data: [] })),
    ),
  ),
  mutant(
    'item-of-another-id',
    'Another item comes than was asked for',
    ['jsonapi/item'],
    bendWhen(
      (request, response) => isItem(request) && isDocument(request, response),
      json((body) => ({ ...body, data: { ...(body['data'] as Json), id: '00000000-0000-4000-8000-000000000001' } })),
    ),
  ),
  mutant(
    'item-in-list',
    'An item comes in a list',
    ['jsonapi/item'],
    bendWhen(
      (request, response) => isItem(request) && isDocument(request, response),
      json((body) => ({ ...body, data: [body['data']] })),
    ),
  ),
  mutant(
    'item-without-title',
    'An item lacks its title',
    ['jsonapi/item'],
    bendWhen(
      (request, response) => isItem(request) && isDocument(request, response),
      json((body) => ({ ...body, data: { ...(body['data'] as Json), attributes: {} } })),
    ),
  ),
  mutant(
    'every-third-refused',
    'One right request in three is refused',
    document,
    remembering(() => {
      const isThird = nth(3, (request) => isApi(request) && hasBearer(request));
      return bendWhen(
        (request, response) => isGood(response) && isThird(request),
        replaced(403, type, '{"jsonapi":{"version":"1.1"},"errors":[{"title":"Forbidden","status":"403","detail":"x"}]}'),
      );
    }),
  ),
];

const content = [
  lists(
    'hidden-listed',
    'Hidden content is listed to a token',
    collection,
    (request) => isArticles(request) && hasBearer(request) && !request.path.includes('filter'),
    hiddenArticle,
  ),
  lists(
    'hidden-found-by-status',
    'Hidden content is found by its status',
    collection,
    (request) => isArticles(request) && hasBearer(request) && /filter.*status/.test(request.path),
    hiddenArticle,
  ),
  lists(
    'hidden-found-by-title',
    'Hidden content is found by its title',
    collection,
    (request) => isArticles(request) && hasBearer(request) && /filter.*title/.test(request.path),
    hiddenArticle,
  ),
  lists(
    'hidden-found-by-id',
    'Hidden content is found by its id',
    collection,
    (request) => isArticles(request) && hasBearer(request) && /filter.*nid/.test(request.path),
    hiddenArticle,
  ),
  lists(
    'hidden-listed-to-strangers',
    'Hidden content is listed to strangers',
    collection,
    (request) => isArticles(request) && isStranger(request),
    hiddenArticle,
  ),
  lists(
    'hidden-listed-as-it-is',
    'Content that is not published is listed as such',
    ['jsonapi/collection', '/simple-oauth/use/controlled-by-permissions'],
    (request) => isArticles(request) && hasBearer(request),
    () => ({ type: 'node--article', id: '00000000-0000-4000-8000-000000000001', attributes: { status: false, title: 'Another' } }),
  ),
  mutant(
    'hidden-item-shown',
    'A hidden item is shown to a token',
    hidden,
    bendWhen(
      (request, response) => isItem(request) && hasBearer(request) && response.status === 403,
      (response, _, site) => replaced(200, type, documentOf(hiddenArticle(site)))(response),
    ),
  ),
  mutant(
    'hidden-item-shown-to-strangers',
    'A hidden item is shown to strangers',
    hidden,
    bendWhen(
      (request, response) => isItem(request) && isStranger(request) && response.status >= 400,
      (response, _, site) => replaced(200, type, documentOf(hiddenArticle(site)))(response),
    ),
  ),
  mutant(
    'hidden-title-in-refusal',
    'The refusal of a hidden item names its title',
    hidden,
    bendWhen(
      (request, response) => isItem(request) && response.status === 403,
      (response, _, site) => telling(String((hiddenArticle(site)['attributes'] as Json)['title']))(response),
    ),
  ),
  mutant(
    'hidden-item-beside-refusal',
    'The refusal of a hidden item comes with its data',
    [...hidden, '/invariants/nothing-given'],
    bendWhen(
      (request, response) => isItem(request) && response.status === 403,
      (response, _, site) => json((body) => ({ ...body, data: hiddenArticle(site) }))(response),
    ),
  ),
  mutant(
    'hidden-item-as-401',
    'A hidden item is a 401',
    ['jsonapi/hidden-item'],
    bendWhen((request, response) => isItem(request) && hasBearer(request) && response.status === 403, withStatus(401)),
  ),
];

const account = (user: User | undefined, more: Json): Json => ({
  type: 'user--user',
  id: user?.uuid,
  attributes: { display_name: user?.name, ...more },
});
const bob = (site: Site): User | undefined => [...site.users.values()].find(({ name }) => name === 'bob');

const users = [
  lists(
    'users-show-password',
    'Accounts show the password',
    [...privateFields, '/invariants/password-in-answer'],
    (request) => isUsers(request) && hasBearer(request),
    (site) => account(bob(site), { pass: bob(site)?.password }),
  ),
  lists(
    'users-show-hash',
    'Accounts show the hash of the password',
    ['rest/no-password', '/invariants/password-in-answer'],
    isUsers,
    (site) => account(bob(site), { secret: '$2y$10$abcdefghijklmnopqrstuuK9vJ5n3cQ0mW8xYzT7uHs4PqRfLdGke' }),
  ),
  ...['init', 'access', 'login'].map((name) =>
    lists(
      `users-show-${name}`,
      `Accounts show ${name}`,
      ['rest/private-fields', '/simple-oauth/rule/no-admin'],
      (request) => isUsers(request) && hasBearer(request),
      (site) => account(bob(site), { [name]: 'x' }),
    ),
  ),
  lists(
    'users-show-mail',
    'Accounts show the mail address of others',
    ['rest/private-fields'],
    (request) => isUsers(request) && hasBearer(request),
    (site) => account(bob(site), { mail: bob(site)?.mail }),
  ),
  lists(
    'users-show-init-to-strangers',
    'Accounts show init to strangers',
    privateFields,
    (request) => isUsers(request) && isStranger(request),
    (site) => account(bob(site), { init: 'x' }),
  ),
  lists(
    'users-show-mail-to-strangers',
    'Accounts show the mail address to strangers',
    privateFields,
    (request) => isUsers(request) && isStranger(request),
    (site) => account(bob(site), { mail: bob(site)?.mail }),
  ),
  lists(
    'users-show-name-to-all',
    'Accounts show the name to whoever has a token',
    privateFields,
    (request) => isUsers(request) && hasBearer(request),
    (site) => account(bob(site), { name: bob(site)?.name }),
  ),
  mutant(
    'users-found-by-mail',
    'Strangers find accounts by the mail address',
    ['jsonapi/forbidden-filter', noData],
    bendWhen(
      (request) => isUsers(request) && isStranger(request) && /filter/.test(request.path) && /mail/.test(request.path),
      (response, _, site) => replaced(200, type, documentOf([account(bob(site), {})]))(response),
    ),
  ),
  mutant(
    'users-found-by-password',
    'Strangers find accounts by the hash of the password',
    ['jsonapi/forbidden-filter', noData],
    bendWhen(
      (request) => isUsers(request) && isStranger(request) && /pass/.test(request.path),
      (response, _, site) => replaced(200, type, documentOf([account(bob(site), {})]))(response),
    ),
  ),
  mutant(
    'users-sorted-by-mail',
    'Strangers sort accounts by the mail address',
    ['jsonapi/forbidden-filter', noData],
    bendWhen(
      (request) => isUsers(request) && isStranger(request) && /sort=mail/.test(request.path),
      (response, _, site) => replaced(200, type, documentOf([account(bob(site), {})]))(response),
    ),
  ),
];

const at = (resource: string): ((request: WireRequest) => boolean) => isAt(new RegExp(`^/jsonapi/${resource}(\\?|$)`));
const inList = (kind: string): string =>
  documentOf([{ type: kind, id: '00000000-0000-4000-8000-000000000001', attributes: { label: 'x' } }]);

const clients = [
  ...(
    [
      ['consumers', 'consumer/consumer', 'Clients are'],
      ['access-tokens', 'oauth2_token/access_token', 'Access tokens are'],
      ['refresh-tokens', 'oauth2_token/refresh_token', 'Refresh tokens are'],
    ] as const
  ).map(([name, resource, title]) =>
    mutant(
      `${name}-listed`,
      `${title} listed`,
      listed,
      bendWhen((request) => at(resource)(request) && hasBearer(request), replaced(200, type, inList(resource.replace('/', '--')))),
    ),
  ),
  ...(
    [
      ['consumers', 'consumer/consumer', 'Clients are'],
      ['access-tokens', 'oauth2_token/access_token', 'Access tokens are'],
    ] as const
  ).map(([name, resource, title]) =>
    mutant(
      `${name}-listed-to-strangers`,
      `${title} listed to strangers`,
      listed,
      bendWhen((request) => at(resource)(request) && isStranger(request), replaced(200, type, inList(resource.replace('/', '--')))),
    ),
  ),
  mutant(
    'secret-in-refusal',
    'The refusal to list clients shows a secret',
    listed,
    bendWhen(at('consumer/consumer'), replaced(403, type, '{"errors":[{"title":"Forbidden","status":"403"}],"meta":{"secret":"abc"}}')),
  ),
];

const tokens = [
  mutant(
    'any-token',
    'Any Bearer token opens hidden content',
    invalid,
    bendWhen(
      (request, response) => isItem(request) && response.status === 401 && (bearerOf(request)?.length ?? 0) < 300,
      (response, _, site) => replaced(200, type, documentOf(hiddenArticle(site)))(response),
    ),
  ),
  mutant(
    'signature-unchecked',
    'A forged token is let in as an administrator',
    invalid,
    bendWhen(
      (request, response) => isItem(request) && response.status === 401 && (bearerOf(request)?.length ?? 0) > 300,
      (response, _, site) => replaced(200, type, documentOf(hiddenArticle(site)))(response),
    ),
  ),
  mutant('algorithm-none', 'A token that says alg none acts as an administrator', invalid, (answer) =>
    tokenReadAs((given, site) => (given.endsWith('.') && given.length > 100 ? freshToken(site, 'admin') : undefined))(answer),
  ),
  mutant(
    'invalid-token-is-anonymous',
    'An invalid token counts as none, with 200 and nothing in it',
    ['/rfc6750/3.1/invalid-token'],
    bendWhen((request, response) => isItem(request) && response.status === 401, replaced(200, type, documentOf(null))),
  ),
  mutant('forged-token-counts', 'A token of another key is believed', ['/rfc6750/3.1/invalid-token', 'jsonapi/hidden-item'], (answer) => {
    const believed = jwtCounts(() => true)(answer);
    return (request, site) => {
      const response = believed(request, site);
      return isItem(request) && response.status === 403 && answer(request, site).status === 401
        ? replaced(200, type, documentOf(null))(response)
        : response;
    };
  }),
  mutant(
    'token-of-administrator',
    'A token acts as an administrator',
    [...hidden, ...privateFields, 'jsonapi/consumers', '/simple-oauth/rule/no-admin', '/simple-oauth/use/controlled-by-permissions'],
    readAs((request, site) => {
      if (!isApi(request) || (bearerOf(request)?.length ?? 0) < 300) return request;
      return {
        ...request,
        headers: request.headers.map(([name, value]) => [
          name,
          name.toLowerCase() === 'authorization' ? `Bearer ${freshToken(site, 'admin')}` : value,
        ]),
      };
    }),
  ),
  mutant(
    'token-in-link',
    'The links of a document repeat the token',
    ['/invariants/secret-echo'],
    bendWhen(
      (request) => isApi(request) && (bearerOf(request)?.length ?? 0) > 300,
      (response, request) => json((body) => ({ ...body, meta: { token: bearerOf(request) } }))(response),
    ),
  ),
];

const refusals = [
  mutant(
    'unknown-as-403',
    'An item that does not exist is a 403',
    ['jsonapi/unknown-item'],
    bendWhen((request, response) => isItem(request) && response.status === 404, withStatus(403)),
  ),
  mutant(
    'unknown-as-empty',
    'An item that does not exist is an empty document',
    ['jsonapi/unknown-item', '/invariants/refusal-status'],
    bendWhen((request, response) => isItem(request) && response.status === 404, replaced(200, type, documentOf(null))),
  ),
  mutant(
    'unknown-resource-empty',
    'A resource that does not exist is an empty document',
    ['jsonapi/unknown-path'],
    bendWhen(isAt(/no-such-resource/), replaced(200, type, documentOf([]))),
  ),
  mutant(
    'bad-query-ignored',
    'A query by a field that does not exist is ignored',
    ['jsonapi/bad-query'],
    bendWhen((request) => isArticles(request) && /nope/.test(request.path), replaced(200, type, documentOf([]))),
  ),
  mutant(
    'bad-query-as-403',
    'A query by a field that does not exist is a 403',
    ['jsonapi/bad-query'],
    bendWhen((request, response) => isArticles(request) && response.status === 400, withStatus(403)),
  ),
  mutant(
    'bad-query-crashes',
    'A query by a field that does not exist makes the site fail',
    ['/invariants/server-error', 'jsonapi/bad-query'],
    bendWhen((request) => isArticles(request) && /nope/.test(request.path), crash),
  ),
  mutant(
    'bad-page-crashes',
    'A page limit that is no number makes the site fail',
    ['/invariants/server-error', 'jsonapi/bad-page'],
    bendWhen((request) => isArticles(request) && /page/.test(request.path), crash),
  ),
  mutant(
    'bad-query-shows-database',
    'A query by a field that does not exist shows the database',
    ['/invariants/stack-trace'],
    bendWhen((request) => isArticles(request) && /nope/.test(request.path), stackTrace),
  ),
  mutant(
    'unknown-parameter-404',
    'A parameter that is not known is a 404',
    ['jsonapi/unknown-parameter-10'],
    bendWhen((request) => isArticles(request) && /[?&]foo=/.test(request.path), withStatus(404)),
  ),
  mutant(
    'errors-without-title',
    'Errors have no title',
    errors,
    changedErrors(({ title: _, ...error }) => error),
  ),
  mutant(
    'errors-without-status',
    'Errors have no status',
    errors,
    changedErrors(({ status: _, ...error }) => error),
  ),
  mutant(
    'errors-without-detail',
    'Errors have no detail',
    errors,
    changedErrors(({ detail: _, ...error }) => error),
  ),
  mutant(
    'errors-with-number',
    'The status of an error is a number',
    errors,
    changedErrors((error) => ({ ...error, status: Number(error['status']) })),
  ),
  mutant(
    'errors-as-object',
    'Errors are an object',
    errors,
    bendWhen(
      isRefusal,
      json((body) => ({ ...body, errors: (body['errors'] as Json[])[0] })),
    ),
  ),
  mutant(
    'refusal-as-json',
    'Refusals are sent as application/json',
    ['jsonapi/media-type'],
    bendWhen(isRefusal, (response) => withHeader(response, 'Content-Type', 'application/json')),
  ),
  mutant(
    'refusal-as-page',
    'Refusals are pages',
    [...errors, 'jsonapi/media-type'],
    bendWhen(isRefusal, (response) => replaced(response.status, 'text/html', '<!DOCTYPE html><title>No</title>')(response)),
  ),
  mutant(
    'refusal-with-200',
    'Refusals have the status 200',
    ['/invariants/refusal-status', 'jsonapi/hidden-item', 'jsonapi/unknown-item'],
    bendWhen(isRefusal, withStatus(200)),
  ),
  mutant(
    'refusal-redirects',
    'Refusals send to the login page',
    ['/invariants/refusal-status', ...errors],
    bendWhen(isRefusal, (response) => withHeader(replaced(302, 'text/html', '')(response), 'Location', '/user/login')),
  ),
  mutant('refusal-with-trace', 'Refusals show where in the code they were thrown', ['/invariants/stack-trace'], changedTrace()),
];

function changedErrors(change: (error: Json) => Json): Mutant['decorate'] {
  return bendWhen(
    isRefusal,
    json((body) => ({ ...body, errors: ((body['errors'] ?? []) as Json[]).map(change) })),
  );
}

function changedTrace(): Mutant['decorate'] {
  return changedErrors((error) => ({ ...error, meta: { trace: '#0 /var/www/core/lib/Drupal.php(12): Drupal->handle()' } }));
}

const isWrite = ({ method }: WireRequest): boolean => ['POST', 'PATCH', 'PUT', 'DELETE'].includes(method);

const methods = [
  ...['POST', 'PATCH', 'PUT', 'DELETE'].map((method) =>
    mutant(
      `${method.toLowerCase()}-taken`,
      `${method} succeeds although JSON:API is read-only`,
      ['jsonapi/read-only', '/rfc9110/15.5.6/allow'],
      bendWhen((request) => isApi(request) && request.method === method && hasBearer(request), replaced(200, type, documentOf({}))),
    ),
  ),
  mutant(
    'writes-of-strangers-taken',
    'A stranger writes',
    ['jsonapi/read-only', noData],
    bendWhen((request) => isApi(request) && isWrite(request) && isStranger(request), replaced(201, type, documentOf({}))),
  ),
  mutant(
    'writes-of-invalid-tokens-taken',
    'An invalid token writes',
    ['jsonapi/read-only', noData],
    bendWhen((request, response) => isApi(request) && isWrite(request) && response.status === 401, replaced(201, type, documentOf({}))),
  ),
  mutant(
    'no-allow',
    'A 405 does not say what is allowed',
    ['jsonapi/read-only', '/rfc9110/15.5.6/allow'],
    bendWhen(
      (request, response) => isApi(request) && response.status === 405,
      (response) => withHeader(response, 'Allow', undefined),
    ),
  ),
  mutant(
    'head-refused',
    'HEAD is refused although GET is served',
    ['method/head', '/rfc9110/9.3.2/head'],
    bendWhen((request) => isApi(request) && request.method === 'HEAD', withStatus(405)),
  ),
  mutant(
    'head-as-page',
    'HEAD is answered as a page',
    ['method/head', '/rfc9110/9.3.2/head'],
    bendWhen(
      (request) => isApi(request) && request.method === 'HEAD',
      (response) => withHeader(response, 'Content-Type', 'text/html'),
    ),
  ),
  mutant(
    'options-shows-data',
    'OPTIONS shows data',
    ['jsonapi/options'],
    bendWhen((request) => isApi(request) && request.method === 'OPTIONS', replaced(200, type, documentOf([]))),
  ),
  mutant(
    'document-public',
    'What a token was shown may be kept by shared caches',
    notPublic,
    bendWhen(
      (request, response) => hasBearer(request) && isDocument(request, response),
      (response) => withHeader(response, 'Cache-Control', 'public, max-age=900'),
    ),
  ),
  mutant(
    'users-kept-by-caches',
    'The list of accounts may be kept by shared caches',
    notPublic,
    bendWhen(
      (request, response) => isUsers(request) && hasBearer(request) && isGood(response),
      (response) => withHeader(response, 'Cache-Control', 's-maxage=60'),
    ),
  ),
  mutant(
    'page-for-accept',
    'The document is a page for who does not ask for it by name',
    document,
    bendWhen(
      (request, response) => isDocument(request, response) && requestHeader(request, 'accept') === type,
      text((body) => `<pre>${body}</pre>`),
    ),
  ),
];

export const jsonapiMutants: readonly Mutant[] = [
  ...lostOnTheWay(mutant, { what: 'document', title: 'The document', breaks: document, holds: isApi }),
  ...documents,
  ...content,
  ...users,
  ...clients,
  ...tokens,
  ...refusals,
  ...methods,
];
