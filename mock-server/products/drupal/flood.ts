/**
 * Core's flood control: failures are counted per event and identifier, and each is forgotten after its window.
 *
 * @module
 */
import type { Site } from '../../site.ts';

export interface FloodLimit {
  readonly event: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Defaults of user.flood. */
export const failedLoginPerUser: FloodLimit = { event: 'user.http_login', limit: 5, windowSeconds: 21_600 };
export const failedLoginPerAddress: FloodLimit = { event: 'user.failed_login_ip', limit: 50, windowSeconds: 3600 };

export function isAllowed({ event, limit }: FloodLimit, identifier: string, site: Site): boolean {
  const key = `${event}:${identifier}`;
  const failures = site.flood.get(key)?.filter((forgottenAt) => forgottenAt > site.clock.now()) ?? [];
  if (failures.length === 0) site.flood.delete(key);
  else site.flood.set(key, failures);
  return failures.length < limit;
}

export function registerFailure({ event, windowSeconds }: FloodLimit, identifier: string, site: Site): void {
  const key = `${event}:${identifier}`;
  const failures = site.flood.get(key) ?? [];
  failures.push(site.clock.now() + windowSeconds * 1000);
  site.flood.set(key, failures);
}

export function forgetFailures({ event }: FloodLimit, identifier: string, site: Site): void {
  site.flood.delete(`${event}:${identifier}`);
}
