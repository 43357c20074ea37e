/**
 * Core's two caches as far as they show: the internal page cache keeps whole answers for anonymous visitors by host and URI; of the
 * dynamic one only its header is imitated.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import { coreEdition } from './core-edition.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';

const caches = new WeakMap<Site, Map<string, Reply>>();

/** Undefined when the request policy denies the cache: a session, or a product's rule. */
export function cacheKey(request: Request, site: Site): string | undefined {
  if (request.header('cookie')?.includes('SESS') === true) return undefined;
  for (const hook of site.runtime.hooks) if (hook.denyPageCache?.(request, site) === true) return undefined;
  return `${request.host} ${request.basePath} ${request.uri}`;
}

export function lookUpPage(key: string, site: Site): Reply | undefined {
  const stored = caches.get(site)?.get(key);
  return stored === undefined ? undefined : withPageCacheHeader(stored, 'HIT');
}

/** Keeps an answer if it may be kept, and says what became of it. `key` undefined: the request policy denied. */
export function storePage(key: string | undefined, reply: Reply, site: Site): void {
  const { explainsCaches } = coreEdition(site.drupal.major);
  const verdict = pageCacheVerdict(key, reply);
  if (verdict === 'MISS' && key !== undefined) {
    let cache = caches.get(site);
    if (cache === undefined) caches.set(site, (cache = new Map()));
    cache.set(key, { ...reply, headers: [...reply.headers] });
  }
  if (explainsCaches || verdict === 'MISS') reply.headers.push(['X-Drupal-Cache', verdict]);
}

function pageCacheVerdict(key: string | undefined, { cacheability = 'none', keptFromPageCache }: Reply): string {
  if (key === undefined) return 'UNCACHEABLE (request policy)';
  if (keptFromPageCache === true) return 'UNCACHEABLE (response policy)';
  return cacheability === 'none' ? 'UNCACHEABLE (no cacheability)' : 'MISS';
}

/** Every change of content or users empties it: coarser than Drupal's cache tags, never staler. */
export function clearPages(site: Site): void {
  caches.get(site)?.clear();
}

function withPageCacheHeader(reply: Reply, value: string): Reply {
  return { ...reply, headers: [...reply.headers, ['X-Drupal-Cache', value]] };
}

/** X-Drupal-Dynamic-Cache; undefined: the header is absent. `reachedController`: the cache had been asked before the answer was made. */
export function dynamicCacheVerdict(reply: Reply, request: Request, reachedController: boolean, site: Site): string | undefined {
  const { cacheability = 'none', themed } = reply;
  const isAsked = reachedController || themed === true;
  if (!coreEdition(site.drupal.major).explainsCaches) {
    if (cacheability === 'poor') return 'UNCACHEABLE';
    return cacheability === 'good' && isAsked && request.isSafe ? 'MISS' : undefined;
  }
  if (!request.isSafe) return undefined;
  if (cacheability !== 'good') return `UNCACHEABLE (${cacheability === 'poor' ? 'poor' : 'no'} cacheability)`;
  return isAsked ? 'MISS' : undefined;
}
