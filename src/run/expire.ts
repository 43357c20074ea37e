/**
 * Bringing about the moments of a token's life: by the mock's clock, or by waiting.
 *
 * @module
 */
import type { WaitStep } from '../model/catalogue.ts';
import type { Target } from '../model/target.ts';
import { unitSlip } from '../judge/lifetime.ts';
import type { Issue } from './scope.ts';

export type Moved =
  | { readonly ok: true; readonly note: string; readonly atSeconds: number }
  | { readonly ok: false; readonly skip: boolean; readonly reason: string };

export interface ExpiryDriver {
  readonly method: 'clock' | 'wait' | 'none';
  /** Time on the site: the run's monotonic clock plus every move of the mock's. Milliseconds. */
  nowMs(): number;
  /** Lets the life of a token go on to a moment. `skip: true` when the target file rules it out, else it is a fault of the target. */
  moveTo(until: WaitStep['until'], issue: Issue): Promise<Moved>;
}

export interface ExpiryEffects {
  readonly elapsedMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Moves the clock of the mock; resolves to an error text when that fails. */
  readonly advanceClock: (control: string, seconds: number) => Promise<string | undefined>;
  readonly onWaiting?: (untilMs: number) => void;
  readonly signal: AbortSignal;
}

/** Distance from the end of the lifetime that a probe keeps: clear of latency and of whole-second rounding on the site. */
const marginSeconds = 2;

/** Chooses the method that the target declares; without one, `clock` only if it names a control API, `wait` only if it names a lifetime. */
export function createExpiryDriver(target: Target, maxWaitSeconds: number, effects: ExpiryEffects): ExpiryDriver {
  const declared = target.expiry?.method;
  const method =
    declared ?? (target.expiry?.control !== undefined ? 'clock' : target.expiry?.lifetimeSeconds !== undefined ? 'wait' : 'none');
  if (method === 'fixture' || method === 'none') {
    const reason =
      method === 'fixture'
        ? 'expiry.method is fixture, so no token is followed to its end; set expiry.method: wait (short lifetime) or clock (mock)'
        : 'the target does not say how a token can be made to expire; set expiry.method and expiry.lifetimeSeconds';
    return { method: 'none', nowMs: effects.elapsedMs, moveTo: () => Promise.resolve({ ok: false, skip: true, reason }) };
  }
  let movedMs = 0;
  const tooLong = (seconds: number, lifetimeSeconds: number): string => {
    const hasOwn = Object.values(target.clients ?? {}).some((client) => client.lifetimeSeconds !== undefined);
    const configured = hasOwn ? undefined : target.expiry?.lifetimeSeconds;
    const slip = configured === undefined ? undefined : unitSlip(lifetimeSeconds, configured);
    const remedy = slip ?? 'give the client a shorter lifetime, or raise it';
    return `waiting ${seconds} s is more than --max-wait ${maxWaitSeconds}; ${remedy}`;
  };
  const nowMs = () => effects.elapsedMs() + movedMs;
  return {
    method,
    nowMs,
    async moveTo(until, issue) {
      const lifetimeSeconds = issue.lifetimeSeconds ?? target.expiry?.lifetimeSeconds;
      if (lifetimeSeconds === undefined) {
        return {
          ok: false,
          skip: true,
          reason: 'the token says no lifetime; set expiry.lifetimeSeconds to what the site is configured to',
        };
      }
      const livedMs = nowMs() - issue.issuedMs;
      // A slow site issues the token long after it was asked for, and it is surely over only when counted from there.
      const underWayMs = until === 'after-expiry' ? (issue.answeredMs ?? issue.issuedMs) - issue.issuedMs : 0;
      const atSeconds = momentSeconds(until, lifetimeSeconds) + underWayMs / 1000;
      const aheadMs = Math.ceil(atSeconds * 1000 - livedMs);
      if (aheadMs <= 0) {
        if (until === 'after-expiry') return { ok: true, note: 'already past it', atSeconds: livedMs / 1000 };
        return { ok: false, skip: true, reason: `the lifetime of ${lifetimeSeconds} s is too short to probe ${until.replace('-', ' ')}` };
      }
      if (method === 'clock') {
        const control = target.expiry?.control ?? `${target.baseUrl.replace(/\/$/, '')}/__control`;
        const error = await effects.advanceClock(control, aheadMs / 1000);
        if (error !== undefined) return { ok: false, skip: false, reason: `the clock could not be moved: ${error}` };
        movedMs += aheadMs;
        return { ok: true, note: `clock moved ${round(aheadMs / 1000)} s`, atSeconds };
      }
      if (aheadMs > maxWaitSeconds * 1000) {
        return {
          ok: false,
          skip: true,
          reason: tooLong(Math.ceil(aheadMs / 1000), lifetimeSeconds),
        };
      }
      effects.onWaiting?.(effects.elapsedMs() + aheadMs);
      await effects.sleep(aheadMs, effects.signal);
      return { ok: true, note: `waited ${round(aheadMs / 1000)} s`, atSeconds };
    },
  };
}

/** For recorded exchanges: time has passed when they were recorded. */
export function replayedExpiry(elapsedMs: () => number): ExpiryDriver {
  return {
    method: 'none',
    nowMs: elapsedMs,
    moveTo: () =>
      Promise.resolve({ ok: false, skip: true, reason: 'a recorded exchange cannot show that time passes; run it against the target' }),
  };
}

function momentSeconds(until: WaitStep['until'], lifetimeSeconds: number): number {
  const margin = Math.min(marginSeconds, lifetimeSeconds / 3);
  if (until === 'half-life') return lifetimeSeconds / 2;
  return until === 'before-expiry' ? lifetimeSeconds - margin : lifetimeSeconds + marginSeconds;
}

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
