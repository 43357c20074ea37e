/**
 * Wrong implementations of the GraphQL module.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { decodeUtf8 } from '../bytes.ts';
import { bodyOf, crash, lostOnTheWay, spoilings, stackTrace, telling } from './mistakes.ts';
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
  withHeader,
  withRequestHeader,
  withStatus,
  without,
  type Json,
  type Mutant,
} from './mutant.ts';
import { bearerOf, freshToken, hasBearer } from './simple-oauth/make.ts';

const mutant = mutantsOf('graphql', 'graphql-observed');

const isQuery = (request: WireRequest): boolean => request.path.startsWith('/graphql');
const answering = (request: WireRequest, response: WireResponse): boolean => isQuery(request) && jsonOf(response)?.['data'] !== undefined;
const failing = (request: WireRequest, response: WireResponse): boolean => isQuery(request) && jsonOf(response)?.['errors'] !== undefined;

const data = ['/invariants/data-without-permission'];
const success = ['success', '/simple-oauth/use/graphql-post', '/simple-oauth/use/graphql-json'];
const errors = ['errors/member'];
const shown = '{"data":{"shown":{"title":"FIRST ARTICLE"},"hidden":{"title":"UNPUBLISHED ARTICLE"}}}';
const nothing = '{"data":{"__typename":"Query"}}';
const isPost = (request: WireRequest): boolean => isQuery(request) && request.method === 'POST';
const isRefused =
  (status: number) =>
  (request: WireRequest, response: WireResponse): boolean =>
    isQuery(request) && response.status === status;
const isSent =
  (pattern: RegExp) =>
  (request: WireRequest): boolean =>
    isPost(request) && hasBearer(request) && pattern.test(bodyOf(request));

/** Answers with data what must be refused. */
const answersAnyway = (
  name: string,
  title: string,
  breaks: readonly string[],
  holds: (request: WireRequest, response: WireResponse) => boolean,
): Mutant =>
  mutant(
    name,
    title,
    breaks,
    bendWhen((request, response) => isQuery(request) && holds(request, response), replaced(200, 'application/json', nothing)),
  );

/** What cannot be executed is answered with data. */
const executes = (name: string, title: string, pattern: RegExp): Mutant =>
  mutant(
    name,
    title,
    errors,
    bendWhen((request, response) => isSent(pattern)(request) && failing(request, response), replaced(200, 'application/json', nothing)),
  );

const answers = [
  ...spoilings.map(([name, title, change]) =>
    mutant(
      `answer-${name}`,
      `The answer ${title}`,
      [...success, '/invariants/server-error', '/invariants/stack-trace'],
      bendWhen(answering, change),
    ),
  ),
  mutant(
    'answer-as-html',
    'Answers are sent as text/html',
    ['success'],
    bendWhen(answering, (response) => withHeader(response, 'Content-Type', 'text/html')),
  ),
  mutant(
    'data-beside-errors',
    'Data comes with errors',
    ['success'],
    bendWhen(
      answering,
      json((body) => ({ ...body, errors: [{ message: 'x' }] })),
    ),
  ),
  mutant(
    'data-as-list',
    'Data is a list',
    ['success', '/simple-oauth/use/graphql-json'],
    bendWhen(
      answering,
      json((body) => ({ ...body, data: [body['data']] })),
    ),
  ),
  mutant(
    'other-data',
    'Other data comes than was asked for',
    ['success', '/simple-oauth/use/graphql-post'],
    bendWhen(
      answering,
      json((body) => ({ ...body, data: { other: 1 } })),
    ),
  ),
  mutant('answer-created', 'A query is answered with 201', ['success'], bendWhen(answering, withStatus(201))),
  mutant(
    'get-refused',
    'GET is refused',
    ['get'],
    bendWhen((request) => isQuery(request) && request.method === 'GET', replaced(405, 'text/html', '')),
  ),
  mutant(
    'batch-answered-once',
    'A list of queries gets one answer',
    ['batch'],
    bendWhen((request) => isSent(/^\[/)(request), replaced(200, 'application/json', nothing)),
  ),
  mutant(
    'format-json-refused',
    '_format=json is refused',
    ['format-json'],
    bendWhen((request) => isQuery(request) && request.path.includes('_format=json'), withStatus(406)),
  ),
  mutant(
    'every-fifth-refused',
    'One right query in five is refused',
    success,
    remembering(() => {
      const isFifth = nth(5, isPost);
      return bendWhen(
        (request, response) => answering(request, response) && isFifth(request),
        replaced(403, 'application/json', '{"message":"x"}'),
      );
    }),
  ),
];

const failures = [
  executes('syntax-unchecked', 'A syntax error is answered with data', /\{ nope"/),
  executes('fields-unchecked', 'An unknown field is answered with data', /dacNoSuchField/),
  executes('arguments-unchecked', 'An unknown argument is answered with data', /dac: 1/),
  executes('types-unchecked', 'An unknown type is answered with data', /DacNoSuchType \{/),
  executes('variables-unchecked', 'A missing variable is answered with data', /\$dac/),
  executes('no-query-answered', 'A request without a query is answered with data', /^\{"dac"/),
  executes('empty-query-answered', 'An empty query is answered with data', /"query":""/),
  executes('number-answered', 'A number as the query is answered with data', /"query":1/),
  executes('comment-answered', 'A comment as the query is answered with data', /# nothing/),
  mutant(
    'errors-without-message',
    'Errors have no message',
    errors,
    changedErrors(({ message: _, ...error }) => error),
  ),
  mutant(
    'errors-with-empty-message',
    'Errors have an empty message',
    errors,
    changedErrors((error) => ({ ...error, message: '' })),
  ),
  mutant(
    'errors-as-object',
    'Errors are an object',
    errors,
    bendWhen(
      failing,
      json((body) => ({ ...body, errors: (body['errors'] as Json[])[0] })),
    ),
  ),
  mutant('errors-left-out', 'Errors are left out', errors, bendWhen(failing, without('errors'))),
  mutant('errors-as-400', 'Errors have the status 400', ['errors/status'], bendWhen(failing, withStatus(400))),
  mutant('errors-crash', 'Errors make the site fail', ['/invariants/server-error'], bendWhen(failing, crash)),
  mutant('errors-with-trace', 'Errors show where in the code they were thrown', ['/invariants/stack-trace'], bendWhen(failing, stackTrace)),
  mutant(
    'mutation-by-get',
    'A mutation by GET is executed',
    ['errors/get-mutation'],
    bendWhen(
      (request) => isQuery(request) && request.method === 'GET' && /mutation/.test(request.path),
      replaced(200, 'application/json', nothing),
    ),
  ),
  mutant(
    'text-answered',
    'A body that is a text is answered with data',
    errors,
    bendWhen((request) => isSent(/^"query"$/)(request), replaced(200, 'application/json', nothing)),
  ),
];

function changedErrors(change: (error: Json) => Json): Mutant['decorate'] {
  return bendWhen(
    failing,
    json((body) => ({ ...body, errors: ((body['errors'] ?? []) as Json[]).map(change) })),
  );
}

const permission = [
  answersAnyway(
    'strangers-query',
    'A stranger may query',
    ['permission/anonymous', '/simple-oauth/use/graphql-post'],
    (request, response) => !hasBearer(request) && response.status >= 400,
  ),
  answersAnyway(
    'other-scheme-queries',
    'Another scheme may query',
    ['permission/anonymous', 'permission/other-scheme'],
    (request) => requestHeader(request, 'authorization')?.startsWith('Basic') === true,
  ),
  answersAnyway('token-in-query', 'A token in the query may query', ['permission/other-scheme', 'permission/anonymous'], (request) =>
    request.path.includes('access_token='),
  ),
  answersAnyway(
    'unpermitted-query',
    'Who lacks the permission may query',
    ['permission/refused', ...data],
    (request, response) => hasBearer(request) && response.status === 403 && request.method === 'POST',
  ),
  answersAnyway(
    'unpermitted-by-get',
    'Who lacks the permission may query by GET',
    ['permission/refused', ...data],
    (request, response) => hasBearer(request) && response.status === 403 && request.method === 'GET',
  ),
  answersAnyway(
    'unpermitted-by-batch',
    'Who lacks the permission may query by a list',
    ['permission/refused', ...data],
    (request, response) => response.status === 403 && bodyOf(request).startsWith('['),
  ),
  answersAnyway(
    'unpermitted-introspect',
    'Who lacks the permission may ask for the schema',
    ['permission/refused', ...data],
    (request, response) => response.status === 403 && bodyOf(request).includes('__schema'),
  ),
  answersAnyway(
    'unpermitted-by-slash',
    'Who lacks the permission may query behind a slash',
    ['permission/refused', ...data],
    (request) => request.path.startsWith('/graphql/') && hasBearer(request),
  ),
  answersAnyway(
    'any-token',
    'Any Bearer token may query',
    ['permission/invalid-token', ...data],
    (request, response) => response.status === 401 && (bearerOf(request)?.length ?? 0) < 300,
  ),
  answersAnyway(
    'signature-unchecked',
    'A forged token may query',
    ['permission/invalid-token', ...data],
    (request, response) => response.status === 401 && (bearerOf(request)?.length ?? 0) > 300,
  ),
  answersAnyway('algorithm-none', 'A token that says alg none may query', ['permission/invalid-token', ...data], (request) =>
    (bearerOf(request) ?? '').endsWith('.'),
  ),
  mutant(
    'invalid-token-as-200',
    'An invalid token gets 200 and errors',
    ['permission/invalid-token', '/invariants/refusal-status'],
    bendWhen(isRefused(401), replaced(200, 'application/json', '{"errors":[{"message":"denied"}]}')),
  ),
  mutant(
    'unpermitted-as-200',
    'Who may not query gets 200 and errors',
    ['permission/refused', '/invariants/refusal-status'],
    bendWhen(isRefused(403), replaced(200, 'application/json', '{"errors":[{"message":"denied"}]}')),
  ),
  mutant('unpermitted-crashes', 'Who may not query makes the site fail', ['/invariants/server-error'], bendWhen(isRefused(403), crash)),
  mutant(
    'token-repeated',
    'The refusal of a token repeats it',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isQuery(request) && response.status === 401 && (bearerOf(request)?.length ?? 0) > 300,
      (response, request) => telling(bearerOf(request) ?? '')(response),
    ),
  ),
  mutant(
    'token-of-administrator',
    'A token queries as an administrator',
    data,
    readAs((request, site) =>
      isQuery(request) && (bearerOf(request)?.length ?? 0) > 300
        ? withRequestHeader(request, 'Authorization', `Bearer ${freshToken(site, 'admin')}`)
        : request,
    ),
  ),
  ...(
    [
      [
        'strangers',
        'Strangers see',
        (request: WireRequest) => !hasBearer(request) && requestHeader(request, 'authorization') === undefined,
      ],
      ['made-up-token', 'A made-up token sees', (request: WireRequest) => hasBearer(request) && (bearerOf(request)?.length ?? 0) < 300],
      ['batch', 'A list of queries sees', (request: WireRequest) => bodyOf(request).startsWith('[')],
      ['get', 'GET sees', (request: WireRequest) => request.method === 'GET'],
      ['cache-buster', 'A further parameter sees', (request: WireRequest) => request.path.includes('dac=1')],
    ] as const
  ).map(([name, title, holds]) =>
    mutant(
      `hidden-by-${name}`,
      `${title} unpublished content`,
      data,
      bendWhen((request) => isQuery(request) && holds(request), replaced(200, 'application/json', shown)),
    ),
  ),
  mutant(
    'hidden-in-refusal',
    'The refusal of who may not query holds unpublished content',
    data,
    bendWhen(isRefused(403), (response) =>
      replaced(
        403,
        'application/json',
        JSON.stringify({ message: `No. ${decodeUtf8(response.body).length > 0 ? 'UNPUBLISHED ARTICLE' : ''}` }),
      )(response),
    ),
  ),
];

const foreign = (request: WireRequest): boolean => requestHeader(request, 'origin') === 'https://attacker.example';

const contentTypes = [
  answersAnyway(
    'untyped-query',
    'A query without a content type is answered',
    ['content-type/refused', '/graphql/sa-contrib-2023-051/content-type'],
    (request) => isPost(request) && requestHeader(request, 'content-type') === undefined && hasBearer(request),
  ),
  answersAnyway(
    'text-query',
    'A query as text/plain is answered',
    ['content-type/refused', '/graphql/sa-contrib-2023-051/content-type'],
    (request) => requestHeader(request, 'content-type') === 'text/plain',
  ),
  answersAnyway(
    'multipart-of-foreign-pages',
    'A multipart query of a foreign page is answered',
    ['/graphql/sa-contrib-2023-051/form'],
    (request) => foreign(request) && /multipart/.test(requestHeader(request, 'content-type') ?? ''),
  ),
  answersAnyway(
    'form-with-charset-of-foreign-pages',
    'A form with a charset of a foreign page is a query',
    ['/graphql/sa-contrib-2023-051/form'],
    (request) => foreign(request) && /charset/.test(requestHeader(request, 'content-type') ?? ''),
  ),
  ...['PUT', 'PATCH', 'DELETE'].map((method) =>
    answersAnyway(`${method.toLowerCase()}-queries`, `${method} is a query`, ['methods/other'], (request) => request.method === method),
  ),
  answersAnyway(
    'options-queries',
    'OPTIONS is answered with data',
    ['methods/options', ...data],
    (request) => request.method === 'OPTIONS',
  ),
];

export const graphqlMutants: readonly Mutant[] = [
  mutant('data-lost', 'A query is answered without data', ['success'], bendWhen(answering, replaced(200, 'application/json', '{}'))),
  mutant(
    'errors-hidden',
    'What cannot be executed is answered as if nothing were wrong',
    ['errors/member'],
    bendWhen(failing, replaced(200, 'application/json', '{"data":{}}')),
  ),
  mutant(
    'unpermitted-shown-as-401',
    'A user who may not query gets 401',
    ['permission/refused'],
    bendWhen((request, response) => isQuery(request) && response.status === 403, withStatus(401)),
  ),
  mutant(
    'invalid-token-as-403',
    'An invalid token gets 403',
    ['permission/invalid-token'],
    bendWhen((request, response) => isQuery(request) && response.status === 401, withStatus(403)),
  ),
  mutant(
    'any-content-type',
    'The content type is not looked at',
    ['content-type/refused', '/graphql/sa-contrib-2023-051/content-type'],
    readAs((request) =>
      isQuery(request) && request.method === 'POST' ? withRequestHeader(request, 'Content-Type', 'application/json') : request,
    ),
  ),
  mutant(
    'forms-of-foreign-pages',
    'A form of a foreign page is a query',
    ['/graphql/sa-contrib-2023-051/form'],
    readAs((request) =>
      isQuery(request) && requestHeader(request, 'origin') !== undefined ? withRequestHeader(request, 'Origin', undefined) : request,
    ),
  ),
  mutant(
    'hidden-shown',
    'Unpublished content is shown',
    ['/invariants/data-without-permission'],
    bendWhen(
      answering,
      replaced(200, 'application/json', '{"data":{"shown":{"title":"FIRST ARTICLE"},"hidden":{"title":"UNPUBLISHED ARTICLE"}}}'),
    ),
  ),
  ...answers,
  ...lostOnTheWay(mutant, { what: 'answer', title: 'The answer', breaks: success, holds: isQuery }),
  ...failures,
  ...permission,
  ...contentTypes,
];
