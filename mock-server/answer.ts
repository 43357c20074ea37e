/**
 * The pure core: a request and a site in, a response out. The site may change (a token is issued, a failure counted); nothing
 * else does, and nothing outside is read.
 *
 * @module
 */
import type { HeaderLine, WireRequest, WireResponse } from '../src/model/exchange.ts';
import { encodeUtf8, noBytes } from './bytes.ts';
import { answerPreflight, withCors } from './products/drupal/cors.ts';
import { handle } from './products/drupal/kernel.ts';
import { Request, foldHeaders } from './products/drupal/request.ts';
import type { Reply } from './products/drupal/reply.ts';
import type { Site } from './site.ts';
import { answerByServer, bareHeaders, foldRepeated, httpDate, reasonOf, serverHeaders } from './web-server.ts';

export function answer(request: WireRequest, site: Site): WireResponse {
  const refused = answerByServer(request, site);
  if (refused !== undefined) return refused;
  const incoming = new Request(request, foldHeaders(request, site.server.kind), site);
  const { cors } = site.drupal;
  if (cors === undefined) return send(handle(incoming, site), incoming, site);
  const preflight = answerPreflight(incoming, cors);
  return send(preflight ?? withCors(handle(incoming, site), incoming, cors), incoming, site);
}

/** The web server's share: date, its own headers, the length; and the status that was set too late. */
function send(reply: Reply, request: Request, site: Site): WireResponse {
  const body = typeof reply.body === 'string' ? encodeUtf8(reply.body) : reply.body;
  const status = reply.statusAfterOutput === true && site.server.outputBuffering === 0 ? 200 : reply.status;
  const added = reply.bare === true ? bareHeaders(site) : [];
  const own = site.server.kind === 'apache-fpm' ? foldRepeated(reply.headers) : reply.headers;
  const headers: HeaderLine[] = [['Date', httpDate(site.clock.now())], ...serverHeaders(site), ...added, ...own];
  if (status !== 204) headers.push(['Content-Length', String(body.length)]);
  return {
    httpVersion: '1.1',
    status,
    reason: reply.reason ?? reasonOf(status),
    headers,
    body: request.method === 'HEAD' ? noBytes : body,
  };
}
