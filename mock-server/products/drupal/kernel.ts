/**
 * Drupal's request handling in its real order: trusted host, page cache, OPTIONS, authentication, routing, allowed provider,
 * maintenance, parameters, access, controller, response headers. Products plug in through `Runtime`.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { normalizedQuery } from '../../php/query.ts';
import type { Site } from '../../site.ts';
import type { Authentication, RouteMatch } from '../product.ts';
import { anonymous, isAnonymous, may, type Account } from './account.ts';
import { coreEdition } from './core-edition.ts';
import { fatal, redirectInstead, renderException } from './errors.ts';
import { HttpException } from './exception.ts';
import { checkParameters } from './jsonapi/query.ts';
import { redirectReply, withLoginCheck } from './redirect.ts';
import { cacheKey, dynamicCacheVerdict, lookUpDynamic, lookUpPage, storeDynamic, storePage } from './page-cache.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';
import { dropStaleSession, isFirstRedirect, prolongSession, sessionId } from './session.ts';
import { allowedMethods, convertParams, NoMatchingRoute, selectRoute } from './routing.ts';

/** What is known about a request while it is handled; errors are rendered with what was known when they happened. */
export interface Progress {
  /** Format of an error: `_format`, else the only format of the matched path, else html. */
  format: string | undefined;
  account: Account;
  authenticated: boolean;
  match: RouteMatch | undefined;
  /** Access was granted: what follows can be kept by the dynamic cache. */
  reachedController: boolean;
}

export function handle(request: Request, site: Site): Reply {
  const { drupal } = site;
  if (drupal.trustedHosts !== undefined && !isTrusted(request.host, drupal.trustedHosts)) return untrustedHost(site);
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
  const progress: Progress = {
    format: request.format,
    account: anonymous(site),
    authenticated: false,
    match: undefined,
    reachedController: false,
  };
  let reply: Reply;
  try {
    reply = dispatch(request, site, progress);
  } catch (error) {
    if (error instanceof NoMatchingRoute) progress.format ??= error.format;
    const isClosed = site.drupal.maintenance && !isExempt(progress);
    const elsewhere = (isClosed ? leadOut(request, site, progress) : undefined) ?? redirectInstead(error, request, site, progress);
    reply = elsewhere ?? renderException(isClosed ? closed(site, error) : error, request, site, progress);
  }
  noteAccess(progress.account, site);
  if (reply.bare === true) return reply;
  if (reply.isLocalRedirect === true && isFirstRedirect(request, site)) reply = withLoginCheck(reply, site);
  dropStaleSession(reply, request, site);
  finish(reply, request, site, progress);
  for (const hook of site.runtime.hooks) hook.onReply?.(reply, request, progress.account, site);
  return reply;
}

function dispatch(request: Request, site: Site, progress: Progress): Reply {
  if (request.queryString !== '' && typeof request.query['_format'] === 'object') {
    if (coreEdition(site.drupal.major).formatArrayIsFatal) return fatal(site);
  }
  const redirect = redirectSlashes(request, site);
  if (redirect !== undefined) return redirect;

  // The front page is an alias of the listing.
  const matches = site.runtime.routes.match(request.path === '/' ? '/node' : request.path);
  if (request.method === 'OPTIONS' && matches.length > 0) {
    return { status: 200, headers: [['Allow', allowedMethods(matches).join(', ')]], body: '' };
  }

  for (const hook of site.runtime.hooks) hook.onRequest?.(request, site);
  const provider = site.runtime.providers.find((candidate) => candidate.applies(request, site));
  const authentication: Authentication = provider?.authenticate(request, site);
  if (authentication !== undefined) {
    if ('exit' in authentication) return authentication.exit;
    progress.account = authentication.account;
    progress.authenticated = true;
  }

  if (progress.format === undefined && isJsonapi(matches)) progress.format = 'api_json';
  const { match, format } = selectRoute(matches, request, site);
  const { route } = match;
  progress.match = match;
  progress.format ??= format;
  const params = convertParams(match, site);

  const context = { request, site, account: progress.account, params, route };
  const access = route.access?.(context) ?? true;
  if (provider !== undefined) {
    const allowed = route.auth === undefined ? provider.global : route.auth.includes(provider.id);
    if (!allowed) throw new HttpException(403, 'The used authentication method is not allowed on this route.');
  }
  if (access !== true) {
    const { reason, cacheability = 'good' } = access;
    throw new HttpException(403, reason, [], { cacheability, keptFromPageCache: route.keptFromPageCache === true });
  }
  if (site.drupal.maintenance && !isExempt(progress)) throw closed(site);
  progress.reachedController = true;
  const kept = lookUpDynamic(request, match, progress.account, site);
  if (kept !== undefined) return kept;
  if (progress.format === 'api_json') checkParameters(request);
  const reply = route.controller(context);
  storeDynamic(request, match, progress.account, reply, site);
  return route.keptFromPageCache === true ? { ...reply, keptFromPageCache: true } : reply;
}

function isExempt({ account, match }: Progress): boolean {
  return match?.route.allowInMaintenance === true || may(account, 'access site in maintenance mode');
}

function isJsonapi(matches: readonly RouteMatch[]): boolean {
  return matches.length > 0 && matches.every(({ route }) => route.formats?.[0] === 'api_json');
}

/** The last access of a user is written after each answer. */
function noteAccess({ user, provider }: Account, site: Site): void {
  if (user !== undefined && provider !== undefined) user.access = Math.floor(site.clock.now() / 1000);
}

/** Headers of FinishResponseSubscriber and the page cache's verdict. */
function finish(reply: Reply, request: Request, site: Site, { format, match, reachedController }: Progress): void {
  const { major } = site.drupal;
  reply.headers.unshift(['Cache-Control', reply.cacheControl ?? 'must-revalidate, no-cache, private']);
  const isDenied = match?.route.isAdministrative === true && reply.status < 400;
  const verdict = dynamicCacheVerdict(reply, request, reachedController, isDenied, site);
  if (verdict !== undefined) reply.headers.push(['X-Drupal-Dynamic-Cache', verdict]);
  if (reply.themed === true && sessionId(request) !== undefined) {
    reply.headers.push(...streamed, ...(coreEdition(major).reopensSession ? prolongSession(request, site) : []));
  }
  reply.headers.push(contentLanguage, noSniff, sameOrigin, expired, generator(major), ...coreEdition(major).headers);
  if (reply.status !== 204 && !reply.headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    reply.headers.push(['Content-Type', formatTypes[format ?? 'html'] ?? 'text/html; charset=UTF-8']);
  }
}

/** What Symfony fills in for an answer without a content type. */
const formatTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  api_json: 'application/vnd.api+json',
  xml: 'text/xml; charset=UTF-8',
};

/** BigPipe sends a page to whoever has a session piece by piece. */
const streamed: readonly HeaderLine[] = [
  ['Surrogate-Control', 'no-store, content="BigPipe/1.0"'],
  ['X-Accel-Buffering', 'no'],
];
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

function untrustedHost(site: Site): Reply {
  return {
    status: 400,
    headers: [
      ['Cache-Control', 'no-cache, private'],
      ['Content-Type', coreEdition(site.drupal.major).untrustedHostType],
    ],
    body: 'The provided host name is not valid for this server.',
  };
}

/** RedirectLeadingSlashesSubscriber. */
function redirectSlashes(request: Request, site: Site): Reply | undefined {
  const { redirectsInnerSlashes } = coreEdition(site.drupal.major);
  if (redirectsInnerSlashes ? !request.rawPath.includes('//') : !request.rawPath.startsWith('//')) return undefined;
  const path = redirectsInnerSlashes ? request.rawPath.replace(/\/+/g, '/') : `/${request.rawPath.replace(/^\/+/, '')}`;
  const query = normalizedQuery(request.queryString);
  return { ...redirectReply(302, request.url(`${path}${query === '' ? '' : `?${query}`}`), site), cacheability: 'good' };
}

/** MaintenanceModeSubscriber of the user module: whoever is authenticated is logged out and, before core 10, sent to the front page. */
function leadOut(request: Request, site: Site, { account, format }: Progress): Reply | undefined {
  if (isAnonymous(account) || format === 'api_json' || !coreEdition(site.drupal.major).leadsOutOfClosedSite) return undefined;
  return redirectReply(302, `${request.basePath}/`, site);
}

/** Whatever would be refused is closed too; a page keeps what the refusal depended on. */
function closed(site: Site, instead?: unknown): HttpException {
  const isPoor = instead instanceof HttpException && instead.cacheability === 'poor';
  return new HttpException(503, maintenanceText(site), [], isPoor ? { cacheability: 'poor' } : {});
}

function maintenanceText(site: Site): string {
  return `${site.name} is currently under maintenance. We should be back shortly. Thank you for your patience.`;
}
