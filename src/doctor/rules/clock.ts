/**
 * Clocks: of PHP against the web server's, and of the server against ours.
 *
 * @module
 */
import { decodeJwt } from '../../judge/expectation.ts';
import type { Family, Rule, Sightings } from '../rule.ts';

/** Beyond what a slow answer and whole seconds explain. */
const toleranceSeconds = 10;

interface Skew {
  readonly seconds: number;
  /** Whose clock is off. */
  readonly of: 'php' | 'server';
}

/** `iat` of the fresh token against the Date of the same answer, and that against our own clock. Positive: ahead. */
function skewOf(seen: Sightings): Skew | undefined {
  const token = seen.answer('token');
  const claims = decodeJwt(token?.object?.['access_token'])?.claims as { iat?: unknown } | undefined;
  const dateMs = Date.parse(token?.header('date') ?? '');
  const clientMs = seen.tokenReceivedAtMs;
  if (typeof claims?.iat === 'number') {
    const referenceMs = Number.isNaN(dateMs) ? clientMs : dateMs;
    const seconds = referenceMs === undefined ? 0 : claims.iat - referenceMs / 1000;
    if (Math.abs(seconds) > toleranceSeconds) return { seconds: Math.round(seconds), of: 'php' };
  }
  if (Number.isNaN(dateMs) || clientMs === undefined) return undefined;
  const seconds = Math.round((dateMs - clientMs) / 1000);
  return Math.abs(seconds) > toleranceSeconds ? { seconds, of: 'server' } : undefined;
}

const sayOffset = ({ seconds }: Skew) => `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'}`;

const rules: readonly Rule[] = [
  {
    id: 'clock-skew',
    when: (seen) => (skewOf(seen) === undefined ? undefined : ['token']),
    title: (seen) => {
      const skew = skewOf(seen);
      if (skew === undefined) return '';
      return skew.of === 'php'
        ? `The clock by which tokens are issued is ${sayOffset(skew)} the web server's (iat against the Date of the same answer); another server refuses such a token until its time has come, or too early`
        : `The server's clock is ${sayOffset(skew)} this machine's: one of them is wrong, and other servers may refuse its tokens as not yet valid or as expired`;
    },
    remedy: 'Run NTP on every web server, and on this machine (`timedatectl set-ntp true`); `date -u` on each must agree within a second.',
    confidence: (seen) => (skewOf(seen)?.of === 'php' ? 'certain' : 'likely'),
    verdict: 'warn',
  },
];

export const clock: Family = { name: 'clock', isFinal: false, rules };
