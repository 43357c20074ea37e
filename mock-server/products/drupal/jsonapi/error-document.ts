/**
 * JSON:API error documents, and what every JSON:API document begins with.
 *
 * @module
 */
import { headerValue, type HeaderLine } from '../../../../src/model/exchange.ts';
import { phpJsonHex } from '../../../php/json.ts';
import { normalizedQuery } from '../../../php/query.ts';
import type { Site } from '../../../site.ts';
import { coreEdition } from '../core-edition.ts';
import type { HttpException } from '../exception.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';

export const mediaType = 'application/vnd.api+json';
const contentType: HeaderLine = ['Content-Type', mediaType];

const version = { version: '1.0', meta: { links: { self: { href: 'http://jsonapi.org/format/1.0/' } } } };

/** A document: `jsonapi` first, then the members in the order given. */
export function documentReply(status: number, members: object, headers: readonly HeaderLine[] = []): Reply {
  return { status, headers: [...headers, contentType], body: phpJsonHex({ jsonapi: version, ...members }), cacheability: 'good' };
}

export function errorDocument(error: HttpException, request: Request, site: Site): Reply {
  const { status, message, headers, pointer, isViolation } = error;
  const edition = coreEdition(site.drupal.major);
  const link = headerValue(headers, 'link');
  const section = sections[status];
  const info = link ?? (section === undefined ? undefined : `${edition.statusInfo}#${section}`);
  const object = {
    title: status === 422 ? edition.unprocessable : (titles[status] ?? 'Error'),
    status: String(status),
    detail: message,
    ...(!isViolation && { links: { via: { href: requestUrl(request) }, ...(info !== undefined && { info: { href: info } }) } }),
    ...(pointer !== undefined && { source: { pointer } }),
  };
  const retry: HeaderLine[] = status === 503 ? [['Retry-After', String(5 + site.random.int(6))]] : [];
  const reply = documentReply(status, { errors: [object] }, [...headers, ...retry]);
  if (status === 503) return { ...reply, cacheability: 'none' };
  return {
    ...reply,
    cacheability: error.cacheability === 'none' && (edition.explainsCaches || status === 401) ? 'poor' : error.cacheability,
  };
}

/** The URL of the request with its query normalised, as links in documents carry it. */
export function requestUrl(request: Request): string {
  const query = normalizedQuery(request.queryString);
  return request.url(request.rawPath) + (query === '' ? '' : `?${query}`);
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Sections of RFC 2616; a status that it does not know has no explanation. */
const sections: Readonly<Record<number, string>> = {
  400: 'sec10.4.1',
  401: 'sec10.4.2',
  403: 'sec10.4.4',
  404: 'sec10.4.5',
  405: 'sec10.4.6',
  406: 'sec10.4.7',
  409: 'sec10.4.10',
  415: 'sec10.4.16',
  500: 'sec10.5.1',
  503: 'sec10.5.4',
};
