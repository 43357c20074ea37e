/**
 * Which requests the module's authentication provider claims (facts A2): it runs before routing and looks at the URI alone.
 *
 * @module
 */
import type { Request } from '../drupal/request.ts';
import type { MiniorangeState } from './state.ts';

const adminPath = '/admin/config/services/jsonapi/';

export function isGated(request: Request, state: MiniorangeState): boolean {
  if (state.dialect.canBeDisabled && !state.enabled) return false;
  return state.dialect.gate === 'raw' ? isGatedByUri(request.uri) : isGatedByRoute(request);
}

/** Up to 2.1.0: substrings of the undecoded URI, path and query alike. */
export function isGatedByUri(uri: string): boolean {
  if (uri.includes(adminPath)) return false;
  return uri.includes('/jsonapi/') || uri.includes('?_format=');
}

/** From 3.2.0: the routed path, and `_format` wherever it stands in the query. */
function isGatedByRoute(request: Request): boolean {
  const path = request.path.toLowerCase();
  if (path === '/jsonapi' || path.startsWith('/jsonapi/')) return true;
  return request.queryString !== '' && request.query['_format'] !== undefined;
}

/** What the module keeps from the page cache (from 2.0.13): whatever looks gated, even while it is switched off. */
export function isKeptFromPageCache(request: Request, { dialect }: MiniorangeState): boolean {
  if (dialect.uncached === 'all') return true;
  if (dialect.gate === 'routed' && isGatedByRoute(request)) return true;
  return request.uri.includes('/jsonapi/') || request.uri.includes('?_format=');
}
