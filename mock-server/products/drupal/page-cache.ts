/**
 * Core's two caches. The internal page cache keeps whole answers for anonymous visitors by host and URI. The dynamic one keeps what
 * controllers made, by URI and by the permissions that core sees in the account, which are not always those that decide (OBSERVED:
 * a token narrowed by scopes may be shown what an administrator was shown before).
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Site } from '../../site.ts';
import type { RouteMatch } from '../product.ts';
import type { Account } from './account.ts';
import { buildQuery, normalizedQuery } from '../../php/query.ts';
import { coreEdition } from './core-edition.ts';
import { reserved } from './jsonapi/query.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';
import { sessionId } from './session.ts';

interface Caches {
  readonly pages: Map<string, Reply>;
  readonly dynamic: Map<string, Reply>;
}

const caches = new WeakMap<Site, Caches>();
const manyEntries = 1000;

function cachesOf(site: Site): Caches {
  let found = caches.get(site);
  if (found === undefined) caches.set(site, (found = { pages: new Map(), dynamic: new Map() }));
  return found;
}

/** Undefined when the request policy denies the cache: a session, or a product's rule. */
export function cacheKey(request: Request, site: Site): string | undefined {
  if (sessionId(request) !== undefined) return undefined;
  for (const hook of site.runtime.hooks) if (hook.denyPageCache?.(request, site) === true) return undefined;
  return `${request.host} ${request.basePath} ${request.uri}`;
}

export function lookUpPage(key: string, site: Site): Reply | undefined {
  const stored = caches.get(site)?.pages.get(key);
  return stored === undefined ? undefined : { ...stored, headers: [...stored.headers, pageCacheHeader('HIT')] };
}

/** Keeps an answer if it may be kept, and says what became of it. `key` undefined: the request policy denied. */
export function storePage(key: string | undefined, reply: Reply, site: Site): void {
  const { explainsCaches } = coreEdition(site.drupal.major);
  const verdict = pageCacheVerdict(key, reply);
  if (verdict === 'MISS' && key !== undefined) keep(cachesOf(site).pages, key, reply);
  if (explainsCaches || verdict === 'MISS') reply.headers.push(pageCacheHeader(verdict));
}

function keep(cache: Map<string, Reply>, key: string, reply: Reply): void {
  if (cache.size >= manyEntries) cache.clear();
  cache.set(key, { ...reply, headers: [...reply.headers] });
}

function pageCacheHeader(verdict: string): HeaderLine {
  return ['X-Drupal-Cache', verdict];
}

function pageCacheVerdict(key: string | undefined, { cacheability = 'none', isLocalRedirect, keptFromPageCache }: Reply): string {
  if (key === undefined) return 'UNCACHEABLE (request policy)';
  if (cacheability === 'none' && isLocalRedirect !== true) return 'UNCACHEABLE (no cacheability)';
  return keptFromPageCache === true ? 'UNCACHEABLE (response policy)' : 'MISS';
}

/** What the dynamic cache has for a request that was granted access. */
export function lookUpDynamic(request: Request, match: RouteMatch, account: Account, site: Site): Reply | undefined {
  if (!request.isSafe) return undefined;
  const stored = caches.get(site)?.dynamic.get(dynamicKey(request, match, account, site));
  return stored === undefined ? undefined : { ...stored, headers: [...stored.headers], fromDynamicCache: true };
}

export function storeDynamic(request: Request, match: RouteMatch, account: Account, reply: Reply, site: Site): void {
  if (request.isSafe && reply.cacheability === 'good' && reply.themed !== true)
    keep(cachesOf(site).dynamic, dynamicKey(request, match, account, site), reply);
}

/** By what was routed, not by how the path was written: one answer may show the URL of another spelling. */
function dynamicKey(request: Request, { route, raw }: RouteMatch, account: Account, site: Site): string {
  const { host, basePath } = request;
  return `${account.cacheContext} ${host} ${basePath} ${route.name} ${Object.values(raw).join(' ')}?${variedQuery(request, site)}`;
}

/** Core 9 keeps one answer for JSON:API requests that differ only in parameters it does not know. */
function variedQuery({ path, query, queryString }: Request, site: Site): string {
  if (queryString === '' || !path.startsWith('/jsonapi') || coreEdition(site.drupal.major).cachesByEveryParameter)
    return normalizedQuery(queryString);
  const known = Object.entries(query).filter(([name]) => reserved.has(name));
  return buildQuery(Object.fromEntries(known));
}

/**
 * X-Drupal-Dynamic-Cache; undefined: the header is absent. `reachedController`: the cache had been asked before the answer was
 * made; `isDenied`: a policy keeps the answer out of it.
 */
export function dynamicCacheVerdict(
  reply: Reply,
  request: Request,
  reachedController: boolean,
  isDenied: boolean,
  site: Site,
): string | undefined {
  const { cacheability = 'none', themed } = reply;
  if (reply.fromDynamicCache === true) return 'HIT';
  const isAsked = reachedController || themed === true;
  if (!coreEdition(site.drupal.major).explainsCaches) {
    if (cacheability === 'poor') return 'UNCACHEABLE';
    return cacheability === 'good' && isAsked && request.isSafe ? 'MISS' : undefined;
  }
  if (!request.isSafe) return undefined;
  if (cacheability !== 'good') return `UNCACHEABLE (${cacheability === 'poor' ? 'poor' : 'no'} cacheability)`;
  if (isDenied) return 'UNCACHEABLE (response policy)';
  return isAsked ? 'MISS' : undefined;
}

/** Drops what shows one of these things, e.g. `user:2`, `node_list`; an answer without tags goes with everything. */
export function invalidate(site: Site, tags: readonly string[]): void {
  const found = caches.get(site);
  if (found === undefined) return;
  for (const cache of [found.pages, found.dynamic]) {
    for (const [key, reply] of cache) if (reply.tags === undefined || tags.some((tag) => reply.tags?.includes(tag))) cache.delete(key);
  }
}

/** Everything, as after a change of settings. */
export function clearPages(site: Site): void {
  caches.delete(site);
}
