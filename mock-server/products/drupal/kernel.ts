/**
 * Drupal's request handling in its real order: trusted host, page cache, OPTIONS, authentication, routing, allowed provider,
 * maintenance, parameters, access, controller, response headers. Products plug in through `Runtime`.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Site } from '../../site.ts';
import type { Authentication, RouteMatch } from '../product.ts';
import { anonymous, type Account } from './account.ts';
import { renderException } from './errors.ts';
import { HttpException } from './exception.ts';
import { cacheKey, lookUpPage, storePage } from './page-cache.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';
import { allowedMethods, convertParams, selectRoute } from './routing.ts';

/** What is known about a request while it is handled; errors are rendered with what was known when they happened. */
export interface Progress {
  /** Format of an error: `_format`, else the only format of the matched path, else html. */
  format: string | undefined;
  account: Account;
  authenticated: boolean;
  match: RouteMatch | undefined;
}

export function handle(request: Request, site: Site): Reply {
  const { drupal } = site;
  if (drupal.trustedHosts !== undefined && !isTrusted(request.host, drupal.trustedHosts)) return untrustedHost();
  const key = request.isSafe && drupal.pageCache ? cacheKey(request, site) : undefined;
  if (key !== undefined) {
    const hit = lookUpPage(key, site);
    if (hit !== undefined) return hit;
  }
  const reply = answerRequest(request, site);
  if (reply.bare !== true && request.isSafe && drupal.pageCache) storePage(key, reply, site);
  return reply;
}

function answerRequest(request: Request, site: Site): Reply {
  const progress: Progress = { format: request.format, account: anonymous(site), authenticated: false, match: undefined };
  let reply: Reply;
  try {
    reply = dispatch(request, site, progress);
  } catch (error) {
    reply = renderException(error, site, progress);
  }
  if (reply.bare === true) return reply;
  finish(reply, request, site);
  for (const hook of site.runtime.hooks) hook.onReply?.(reply, request, progress.account, site);
  return reply;
}

function dispatch(request: Request, site: Site, progress: Progress): Reply {
  if (request.queryString !== '' && typeof request.query['_format'] === 'object') return formatIsArray();
  const redirect = redirectDoubleSlash(request);
  if (redirect !== undefined) return redirect;

  const matches = site.runtime.routes.match(request.path);
  if (request.method === 'OPTIONS' && matches.length > 0) {
    return { status: 200, headers: [['Allow', allowedMethods(matches, false).join(', ')]], body: '' };
  }

  const provider = site.runtime.providers.find((candidate) => candidate.applies(request, site));
  const authentication: Authentication = provider?.authenticate(request, site);
  if (authentication !== undefined) {
    if ('exit' in authentication) return authentication.exit;
    progress.account = authentication.account;
    progress.authenticated = true;
  }

  const match = selectRoute(matches, request);
  const { route } = match;
  progress.match = match;
  if (progress.format === undefined && route.formats?.length === 1) progress.format = route.formats[0];
  const params = convertParams(match, site);

  const context = { request, site, account: progress.account, params, route };
  const access = route.access?.(context) ?? true;
  if (provider !== undefined) {
    const allowed = route.auth === undefined ? provider.global : route.auth.includes(provider.id);
    if (!allowed) throw new HttpException(403, 'The used authentication method is not allowed on this route.');
  }
  if (access !== true) throw new HttpException(403, access.reason);
  if (site.drupal.maintenance && route.allowInMaintenance !== true) throw new HttpException(503, maintenanceText(site));
  return route.controller(context);
}

/** Headers of FinishResponseSubscriber and the page cache's verdict. */
function finish(reply: Reply, request: Request, site: Site): void {
  reply.headers.unshift(['Cache-Control', reply.cacheControl ?? 'must-revalidate, no-cache, private']);
  if (reply.dynamicCache !== undefined && request.isSafe) reply.headers.push(['X-Drupal-Dynamic-Cache', reply.dynamicCache]);
  reply.headers.push(contentLanguage, noSniff, sameOrigin, expired, generator(site.drupal.major));
}

const contentLanguage: HeaderLine = ['Content-language', 'en'];
const noSniff: HeaderLine = ['X-Content-Type-Options', 'nosniff'];
const sameOrigin: HeaderLine = ['X-Frame-Options', 'SAMEORIGIN'];
const expired: HeaderLine = ['Expires', 'Sun, 19 Nov 1978 05:00:00 GMT'];
const generators = new Map<number, HeaderLine>();

function generator(major: number): HeaderLine {
  const known = generators.get(major);
  if (known !== undefined) return known;
  const line: HeaderLine = ['X-Generator', `Drupal ${major} (https://www.drupal.org)`];
  generators.set(major, line);
  return line;
}

function isTrusted(host: string, trusted: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return trusted.includes(name);
}

function untrustedHost(): Reply {
  return {
    status: 400,
    headers: [
      ['Cache-Control', 'no-cache, private'],
      ['Content-Type', 'text/plain; charset=UTF-8'],
    ],
    body: 'The provided host name is not valid for this server.',
  };
}

/** PHP fails before Drupal can render anything. */
function formatIsArray(): Reply {
  return {
    status: 500,
    reason: '500 Service unavailable (with message)',
    headers: [
      ['Cache-Control', 'no-cache, private'],
      ['Content-type', 'text/html; charset=UTF-8'],
    ],
    body: 'The website encountered an unexpected error. Try again later.<br />',
    bare: true,
  };
}

function redirectDoubleSlash(request: Request): Reply | undefined {
  if (!request.path.startsWith('//')) return undefined;
  const query = request.queryString === '' ? '' : `?${request.queryString}`;
  return {
    status: 302,
    headers: [
      ['Location', `${request.basePath}/${request.path.replace(/^\/+/, '')}${query}`],
      ['Content-Type', 'text/html; charset=UTF-8'],
    ],
    body: '',
  };
}

function maintenanceText(site: Site): string {
  return `${site.name} is currently under maintenance. We should be back shortly. Thank you for your patience.`;
}
