/**
 * How the free methods read the Authorization header.
 *
 * @module
 */
import type { Request } from '../drupal/request.ts';
import type { MiniorangeState } from './state.ts';

/** Authorization wins over the British spelling, and both over the configured header. */
export function authorizationOf(request: Request, { config }: MiniorangeState): string | undefined {
  const custom = config.customHeader === undefined ? undefined : request.header(config.customHeader.toLowerCase());
  return given(request, 'authorization') ?? given(request, 'authorisation') ?? custom;
}

/** An empty header counts as none. */
function given(request: Request, name: string): string | undefined {
  const value = request.header(name);
  return value === '' ? undefined : value;
}

/** The module's test for "Basic": any word that ends in "asic", anywhere; `BASIC` is none. */
export function isBasicScheme(header: string): boolean {
  return /\Basic\b/.test(header);
}
