/**
 * Core's internal page cache: whole answers for anonymous visitors, by host, URI and format.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Site } from '../../site.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';

const caches = new WeakMap<Site, Map<string, Reply>>();

/** Undefined when the request policy denies the cache: a session, or a product's rule. */
export function cacheKey(request: Request, site: Site): string | undefined {
  if (request.header('cookie')?.includes('SESS') === true) return undefined;
  for (const hook of site.runtime.hooks) if (hook.denyPageCache?.(request, site) === true) return undefined;
  return `${request.host} ${request.uri}`;
}

export function lookUpPage(key: string, site: Site): Reply | undefined {
  const stored = caches.get(site)?.get(key);
  return stored === undefined ? undefined : withCacheHeader(stored, 'HIT');
}

export function storePage(key: string | undefined, reply: Reply, site: Site): void {
  const verdict = key === undefined ? 'UNCACHEABLE (request policy)' : reply.cacheable === true ? 'MISS' : 'UNCACHEABLE (no cacheability)';
  if (verdict === 'MISS' && key !== undefined) {
    let cache = caches.get(site);
    if (cache === undefined) caches.set(site, (cache = new Map()));
    cache.set(key, { ...reply, headers: [...reply.headers] });
  }
  reply.headers.push(['X-Drupal-Cache', verdict]);
}

/** Every change of content or users empties it: coarser than Drupal's cache tags, never staler. */
export function clearPages(site: Site): void {
  caches.get(site)?.clear();
}

function withCacheHeader(reply: Reply, value: string): Reply {
  const line: HeaderLine = ['X-Drupal-Cache', value];
  return { ...reply, headers: [...reply.headers, line] };
}
