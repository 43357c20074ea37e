/**
 * Keeps a transport from burdening its target: so many requests at a time, so many a second, and a rest when the target asks for one.
 *
 * @module
 */
import { headerValue, type Exchange, type SendOptions, type Transport, type WireRequest, type WireResponse } from '../model/exchange.ts';
import type { Clock } from '../support/clock.ts';
import { abortedFailure } from './failure.ts';
import { Places } from './places.ts';

export interface TrafficLimits {
  /** Requests in flight at the same time. */
  readonly concurrency: number;
  /** Requests begun in a second, evenly spaced. Default: no limit. */
  readonly requestsPerSecond?: number;
  /** The longest that all rests asked for with Retry-After may last together. Default 60 s. */
  readonly maxWaitMs?: number;
  /** Requests in flight at the same time on all targets together, one for all transports of a run. Default: no limit. */
  readonly total?: Places;
  readonly clock: Clock;
}

/**
 * A transport that sends through another one within limits. Waiting for a turn does not count against `timeoutMs`; it ends with the signal. After a 429 or 503
 * with Retry-After every following request waits; the answer itself is handed on as it is, nothing is repeated.
 */
export function limited(transport: Transport, limits: TrafficLimits): Transport {
  const gate = new Gate(limits);
  return {
    async send(request: WireRequest, options: SendOptions): Promise<Omit<Exchange, 'request'>> {
      if (!(await gate.enter(options.signal))) {
        const now = limits.clock.nowMs();
        return { failure: abortedFailure, timing: { startedMs: now, endedMs: now } };
      }
      try {
        const outcome = await transport.send(request, options);
        if (outcome.response !== undefined) gate.rest(outcome.response);
        return outcome;
      } finally {
        gate.leave();
      }
    },
    close: () => transport.close(),
  };
}

class Gate {
  readonly #limits: TrafficLimits;
  readonly #intervalMs: number;
  readonly #own: Places;
  /** No request may begin before. */
  #nextMs = Number.NEGATIVE_INFINITY;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #restLeftMs: number;

  constructor(limits: TrafficLimits) {
    this.#limits = limits;
    this.#own = new Places(limits.concurrency);
    this.#intervalMs = limits.requestsPerSecond === undefined ? 0 : 1000 / limits.requestsPerSecond;
    this.#restLeftMs = limits.maxWaitMs ?? 60_000;
  }

  /** Resolves when it is the caller's turn; to false when the signal came first. */
  async enter(signal: AbortSignal | undefined): Promise<boolean> {
    if (!(await this.#own.take(signal))) return false;
    try {
      if (await this.#turn(signal)) return true;
      this.#own.leave();
      return false;
    } catch (error) {
      this.#own.leave();
      if (error !== signal?.reason) throw error;
      return false;
    }
  }

  leave(): void {
    this.#limits.total?.leave();
    this.#own.leave();
  }

  rest(response: WireResponse): void {
    if (response.status !== 429 && response.status !== 503) return;
    const askedMs = retryAfterMs(response);
    if (askedMs === undefined) return;
    const now = this.#limits.clock.nowMs();
    const moreMs = Math.min(now + askedMs - Math.max(now, this.#restUntilMs), this.#restLeftMs);
    if (moreMs <= 0) return;
    this.#restLeftMs -= moreMs;
    this.#restUntilMs = Math.max(now, this.#restUntilMs) + moreMs;
  }

  /** Ends with a place in the total, which nobody holds while the target's own rate or rest makes it wait. */
  async #turn(signal: AbortSignal | undefined): Promise<boolean> {
    const { clock, total } = this.#limits;
    let hasPlace = total === undefined;
    for (;;) {
      const now = clock.nowMs();
      const beginMs = Math.max(now, this.#nextMs, this.#restUntilMs);
      if (beginMs > now) {
        if (hasPlace) total?.leave();
        hasPlace = total === undefined;
        await clock.sleep(beginMs - now, signal);
      } else if (hasPlace || total?.tryTake() === true) {
        this.#nextMs = now + this.#intervalMs;
        return true;
      } else {
        // Time may pass while it waits, and another request of this target may begin.
        hasPlace = (await total?.take(signal)) === true;
        if (!hasPlace) return false;
      }
    }
  }
}

/** RFC 9110 10.2.3: seconds, or a date, which is compared with the Date of the same answer. */
function retryAfterMs(response: WireResponse): number | undefined {
  const value = headerValue(response.headers, 'retry-after')?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  const sent = Date.parse(headerValue(response.headers, 'date') ?? '');
  return Number.isNaN(until) || Number.isNaN(sent) ? undefined : until - sent;
}
