/**
 * Core's cors.config: preflights are answered before routing and authentication, and answers of Drupal get the origin, as it is configured. What a
 * module prints and exits with gets nothing, so that a browser cannot read it. As recorded on 10.5; off by default, as there.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { CorsSettings } from '../../site.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';

/** Answer to a preflight; undefined: the request is none. */
export function answerPreflight(request: Request, settings: CorsSettings): Reply | undefined {
  if (request.method !== 'OPTIONS' || request.header('access-control-request-method') === undefined) return undefined;
  const headers: HeaderLine[] = [
    ...originHeaders(request, settings),
    ['Access-Control-Allow-Methods', settings.allowedMethods.join(', ')],
    ['Access-Control-Allow-Headers', settings.allowedHeaders.join(', ')],
    ['Access-Control-Max-Age', '0'],
    ['Vary', 'Access-Control-Request-Method'],
  ];
  return { status: 204, headers: [['Cache-Control', 'no-cache, private'], ...headers], body: '', bare: true };
}

export function withCors(reply: Reply, request: Request, settings: CorsSettings): Reply {
  return reply.bare === true ? reply : { ...reply, headers: [...reply.headers, ...originHeaders(request, settings)] };
}

/** One origin, or all, is sent as configured, whoever asks; of several the one that asks. */
function originHeaders(request: Request, { allowedOrigins }: CorsSettings): HeaderLine[] {
  const [first = '*'] = allowedOrigins;
  if (allowedOrigins.includes('*')) return [['Access-Control-Allow-Origin', '*']];
  if (allowedOrigins.length === 1) return [['Access-Control-Allow-Origin', first]];
  const origin = request.header('origin');
  const vary: HeaderLine = ['Vary', 'Origin'];
  return origin !== undefined && allowedOrigins.includes(origin) ? [['Access-Control-Allow-Origin', origin], vary] : [vary];
}
