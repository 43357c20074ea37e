/**
 * Why nothing can be tested for now: limits and locks of the target, told by its answers. Pure.
 *
 * @module
 */
import { headerValue } from '../model/exchange.ts';
import type { Answer } from './answer.ts';

export interface LockOut {
  readonly id: string;
  readonly title: string;
  readonly remedy: string;
  readonly confidence: 'certain' | 'likely';
}

const rateLimit: LockOut = {
  id: 'rate-limit',
  title: 'the target limits the rate of requests (429)',
  remedy: 'lower limits.requestsPerSecond, or ask for an exception',
  confidence: 'certain',
};

const restAskedFor: LockOut = {
  id: 'rest-asked-for',
  title: 'the target asks for a rest (503 with Retry-After)',
  remedy: 'look whether it is in maintenance or overloaded, and run again with a lower limits.concurrency',
  confidence: 'certain',
};

const floodControl: LockOut = {
  id: 'flood-control',
  title: 'the flood control of the site has locked this account or address out',
  remedy: 'wait, clear the flood table (`drush sql:query "DELETE FROM flood"`), or lower limits.loginBudget',
  confidence: 'certain',
};

/** The right credentials worked, wrong ones were tried, and now the right ones are refused. */
export const credentialsLost: LockOut = {
  id: 'credentials-lost',
  title:
    'the right credentials, which the target took before the cases began, are refused now: it has locked the client or the account after the wrong ones, or something else has changed there',
  remedy: 'unlock it or wait, then run again with a lower limits.loginBudget in the target file',
  confidence: 'likely',
};

const all: readonly LockOut[] = [rateLimit, restAskedFor, floodControl, credentialsLost];

/** The words of Drupal's flood control (user module), and of rate limits in front of it. */
const lockOutText = /Too many failed login attempts|Access is blocked because of IP based flood prevention|temporarily blocked/i;

/** A rate limit (RFC 6585 4), a rest asked for, or Drupal's flood control. */
export function lockOutOf({ response, text }: Answer): LockOut | undefined {
  if (response.status === 429) return rateLimit;
  if (response.status === 503 && headerValue(response.headers, 'retry-after') !== undefined) return restAskedFor;
  return response.status === 403 && lockOutText.test(text) ? floodControl : undefined;
}

/** The reason of what it blocks: the same for every case, so that they can be told together. */
export function reasonOf({ title, remedy }: LockOut): string {
  return `${title}; ${remedy}`;
}

/** The lock-out behind the reason of a blocked case. */
export function lockOutBehind(reason: string | undefined): LockOut | undefined {
  return all.find((one) => reasonOf(one) === reason);
}
