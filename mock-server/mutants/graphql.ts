/**
 * Wrong implementations of the GraphQL module.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { bendWhen, jsonOf, mutantsOf, readAs, replaced, requestHeader, withRequestHeader, withStatus, type Mutant } from './mutant.ts';

const mutant = mutantsOf('graphql', 'graphql-observed');

const isQuery = (request: WireRequest): boolean => request.path.startsWith('/graphql');
const answering = (request: WireRequest, response: WireResponse): boolean => isQuery(request) && jsonOf(response)?.['data'] !== undefined;
const failing = (request: WireRequest, response: WireResponse): boolean => isQuery(request) && jsonOf(response)?.['errors'] !== undefined;

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
];
