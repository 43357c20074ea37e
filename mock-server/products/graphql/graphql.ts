/**
 * The GraphQL module at `/graphql`: who may ask, what counts as a request, and one or many answers.
 *
 * @module
 */
import type { GraphQLSchema } from 'graphql';
import type { TargetFile } from '../../../src/model/target.ts';
import type { PhpArray } from '../../php/params.ts';
import type { Site } from '../../site.ts';
import { may } from '../drupal/account.ts';
import { HttpException, UnexpectedError } from '../drupal/exception.ts';
import { emptyType } from '../drupal/jsonapi/resource-type.ts';
import { jsonReply, type Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import type { Access, Product, RouteContext } from '../product.ts';
import { requestError, runOperation, type Operation, type Result } from './engine.ts';
import { coreSchema, exampleSchema } from './schemas.ts';

const path = '/graphql';

/** What differs between the two lines of the module. */
interface Edition {
  /** Built on first use: the library is heavy. */
  readonly schema: () => GraphQLSchema;
  readonly permissions: readonly string[];
  readonly isLazy: boolean;
  /** Refusals are JSON, whatever the request names. */
  readonly format: string | undefined;
}

export const graphql: Product = {
  name: 'graphql',
  install: (site) => {
    const config = site.file.products?.graphql;
    if (config === undefined) return undefined;
    const isThree = /^(8\.x-)?3\./.test(config.version);
    const server = config.server ?? 'default';
    const edition: Edition = isThree
      ? { schema: once(coreSchema), permissions: ['execute graphql requests'], isLazy: false, format: undefined }
      : {
          schema: once(exampleSchema),
          permissions: [`execute ${server} arbitrary graphql requests`, 'bypass graphql access'],
          isLazy: true,
          format: 'json',
        };
    return {
      // Every provider of the site is allowed, also those that are not global.
      lateRoutes: (all) => [
        {
          name: isThree ? 'graphql.query.default' : `graphql.query.${server}`,
          path,
          ...(edition.format !== undefined && { formats: [edition.format] }),
          auth: all.flatMap(({ providers = [] }) => providers.map(({ id }) => id)),
          access: (context) => mayAsk(context, edition),
          controller: (context) => answerQuery(context, edition),
        },
      ],
      resourceTypes: () => (isThree ? [] : [emptyType('graphql_server--graphql_server')]),
      onRequest: (request) => breakOn(request, isThree),
      target: () => ({ graphql: sampleOf(site, isThree) }),
    };
  },
};

/** A query of what is published and of what is not, in the words of the schema; the example schema writes titles in capitals. */
function sampleOf(site: Site, isThree: boolean): NonNullable<TargetFile['graphql']> {
  const articles = [...site.nodes.values()].filter(({ type }) => type === 'article');
  const shown = articles.find(({ published }) => published);
  const hidden = articles.find(({ published }) => !published);
  const [shownId, hiddenId] = [shown?.id ?? 0, hidden?.id ?? 0];
  const written = (title: string): string => (isThree ? title : title.toUpperCase());
  const title = shown === undefined ? null : { title: written(shown.title) };
  return {
    query: isThree
      ? `{ shown: nodeById(id: "${shownId}") { ... on NodeArticle { title } } hidden: nodeById(id: "${hiddenId}") { ... on NodeArticle { title } } }`
      : `{ shown: article(id: ${shownId}) { title } hidden: article(id: ${hiddenId}) { title } }`,
    expect: { shown: title, hidden: null },
    ...(hidden === undefined ? {} : { forbidden: written(hidden.title) }),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** What the module fails on before anybody is authenticated. */
function breakOn(request: Request, isThree: boolean): void {
  if (request.path.replace(/\/$/, '').toLowerCase() !== path) return;
  if (isThree && ['PUT', 'PATCH', 'DELETE'].includes(request.method)) throw new UnexpectedError('no such method');
  if (request.method !== 'POST' || !isJson(request)) return;
  const body = decodeJson(request.bodyText);
  if (body !== undefined && body !== null && typeof body !== 'object') throw new UnexpectedError('the body is no object');
}

/** The content type is looked at before the permission. */
function mayAsk({ account, request }: RouteContext, { isLazy, permissions }: Edition): Access {
  if (request.method === 'POST') checkContentType(request);
  if (isLazy && request.method === 'HEAD') throw new UnexpectedError('HEAD is not supported');
  const [arbitrary = ''] = permissions;
  // Without a query only a kept one could be meant.
  const asksNothing =
    isLazy && (request.method === 'POST' ? isJson(request) && namesKeptQuery(request) : request.query['query'] === undefined);
  const first = asksNothing ? arbitrary.replace(' arbitrary ', ' persisted ') : arbitrary;
  return permissions.some((permission) => may(account, permission)) ? true : { reason: `The '${first}' permission is required.` };
}

function namesKeptQuery(request: Request): boolean {
  const body = decodeJson(request.bodyText);
  return typeof body === 'object' && body !== null && 'queryId' in body && !('query' in body);
}

const mediaTypes = [
  'application/json',
  'application/x-json',
  'application/graphql',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
];

const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data'];
/** Any of these makes a browser ask before it sends a form for a foreign page (facts D5-7). */
const preflightHeaders = ['apollo-require-preflight', 'x-apollo-operation-name', 'x-graphql-yoga-csrf'];

function isForeign(request: Request): boolean {
  const origin = request.header('origin');
  return origin !== undefined && origin !== request.origin;
}

function checkContentType(request: Request): void {
  const { contentType } = request;
  if (contentType === undefined || contentType === '')
    throw new HttpException(400, 'GraphQL requests must specify a valid content type header.');
  const media = contentType.split(';', 1)[0]?.trim() ?? '';
  if (!mediaTypes.includes(media)) throw new HttpException(400, `The content type '${contentType}' is not supported.`);
  if (formTypes.includes(media) && isForeign(request) && !preflightHeaders.some((name) => request.header(name) !== undefined)) {
    throw new HttpException(400, 'Form requests must include a Apollo-Require-Preflight HTTP header.');
  }
}

function answerQuery({ account, request, site }: RouteContext, { isLazy, schema }: Edition): Reply {
  if (request.method === 'HEAD') throw new UnexpectedError('HEAD is not supported');
  const run = (operation: Operation | undefined): Result =>
    operation === undefined ? requestError(nothingAsked) : runOperation(operation, schema(), { account, site }, isLazy);
  const operations = readOperations(request);
  const result = Array.isArray(operations) ? operations.map(run) : run(operations);
  const failed = [result].flat().some(({ errors }) => errors !== undefined);
  return { ...jsonReply(200, result), cacheability: failed || isLazy ? 'poor' : 'good' };
}

const nothingAsked = 'GraphQL Request must include at least one of those two parameters: "query" or "queryId"';

/** A list is a batch; an empty one is nothing at all. */
function readOperations(request: Request): Operation | undefined | (Operation | undefined)[] {
  const readOnly = request.method !== 'POST';
  const fromQuery = (): Operation | undefined => readOperation(request.query, true);
  if (readOnly) return fromQuery();
  if (!isJson(request)) return undefined;
  const body = decodeJson(request.bodyText);
  if (Array.isArray(body)) return body.length === 0 ? undefined : body.map((one) => readOperation(one, false));
  return readOperation(body, false) ?? fromQuery();
}

function readOperation(value: unknown, readOnly: boolean): Operation | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { query, variables, operationName } = value as PhpArray & { variables?: unknown };
  if (typeof query !== 'string' || query === '') return undefined;
  const given: unknown = typeof variables === 'string' ? decodeJson(variables) : variables;
  return {
    query,
    variables: typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {},
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : undefined,
    readOnly,
  };
}

function isJson({ contentType = '' }: Request): boolean {
  return ['application/json', 'application/x-json'].includes(contentType.split(';', 1)[0]?.trim() ?? '');
}

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
