import { describe, expect, it } from 'vitest';
import type { SendOptions, Transport, WireRequest, WireResponse } from '../model/exchange.ts';
import { manualClock } from '../support/clock.ts';
import { limited, type TrafficLimits } from './limited.ts';
import { Places } from './places.ts';

const options: SendOptions = { timeoutMs: 1000, maxHeaderBytes: 1000, maxBodyBytes: 1000 };
const get: WireRequest = { method: 'GET', path: '/', headers: [] };

function setUp(limits: Omit<TrafficLimits, 'clock'>, respond: (index: number) => Partial<WireResponse> = () => ({}), durationMs = 0) {
  const clock = manualClock();
  const begun: number[] = [];
  let inFlight = 0;
  const seen = { most: 0 };
  const inner: Transport = {
    async send() {
      const startedMs = clock.nowMs();
      const index = begun.push(startedMs) - 1;
      seen.most = Math.max(seen.most, ++inFlight);
      await clock.sleep(durationMs);
      inFlight -= 1;
      const response = { httpVersion: '1.1', status: 200, reason: '', headers: [], body: new Uint8Array(), ...respond(index) };
      return { response, timing: { startedMs, endedMs: clock.nowMs() } };
    },
    close: () => Promise.resolve(),
  };
  return { transport: limited(inner, { ...limits, clock }), clock, begun, seen };
}

describe('a limited transport', () => {
  it('has no more requests in flight than allowed', async () => {
    const { transport, clock, begun, seen } = setUp({ concurrency: 2 }, undefined, 10);
    const all = Array.from({ length: 5 }, () => transport.send(get, options));
    await clock.advance(100);
    await Promise.all(all);
    expect(seen.most).toBe(2);
    expect(begun).toEqual([0, 0, 10, 10, 20]);
  });

  it('spaces requests evenly, without a burst at the beginning', async () => {
    const { transport, clock, begun } = setUp({ concurrency: 8, requestsPerSecond: 5 });
    const all = Array.from({ length: 4 }, () => transport.send(get, options));
    await clock.advance(1000);
    await Promise.all(all);
    expect(begun).toEqual([0, 200, 400, 600]);
  });

  it('does not save up what was not used', async () => {
    const { transport, clock, begun } = setUp({ concurrency: 8, requestsPerSecond: 5 });
    await transport.send(get, options);
    await clock.advance(5000);
    const all = [transport.send(get, options), transport.send(get, options)];
    await clock.advance(1000);
    await Promise.all(all);
    expect(begun).toEqual([0, 5000, 5200]);
  });

  it.each([429, 503])('rests as long as a %i asks, and hands the answer on', async (status) => {
    const { transport, clock, begun } = setUp({ concurrency: 1 }, (index) =>
      index === 0 ? { status, headers: [['Retry-After', '7']] } : {},
    );
    expect((await transport.send(get, options)).response?.status).toBe(status);
    const next = transport.send(get, options);
    await clock.advance(10_000);
    await next;
    expect(begun).toEqual([0, 7000]);
  });

  it('reads a date in Retry-After by the Date of the same answer', async () => {
    const headers = [
      ['Date', 'Sun, 22 Nov 2026 10:00:00 GMT'],
      ['retry-after', 'Sun, 22 Nov 2026 10:00:03 GMT'],
    ] as const;
    const { transport, clock, begun } = setUp({ concurrency: 1 }, (index) => (index === 0 ? { status: 503, headers } : {}));
    await transport.send(get, options);
    const next = transport.send(get, options);
    await clock.advance(10_000);
    await next;
    expect(begun).toEqual([0, 3000]);
  });

  it.each([
    ['another status', { status: 200, headers: [['Retry-After', '7']] as const }],
    ['no time', { status: 429 }],
    ['an unreadable time', { status: 429, headers: [['Retry-After', 'soon']] as const }],
    [
      'a time in the past',
      {
        status: 429,
        headers: [
          ['Retry-After', 'Sun, 22 Nov 2020 10:00:03 GMT'],
          ['Date', 'Sun, 22 Nov 2026 10:00:00 GMT'],
        ] as const,
      },
    ],
  ])('does not rest for %s', async (_what, answer) => {
    const { transport, begun } = setUp({ concurrency: 1 }, (index) => (index === 0 ? answer : {}));
    await transport.send(get, options);
    await transport.send(get, options);
    expect(begun).toEqual([0, 0]);
  });

  it('never rests longer than the limit, all rests together', async () => {
    const { transport, clock, begun } = setUp({ concurrency: 1, maxWaitMs: 5000 }, () => ({
      status: 503,
      headers: [['Retry-After', '3']],
    }));
    const all = Array.from({ length: 4 }, () => transport.send(get, options));
    await clock.advance(60_000);
    await Promise.all(all);
    expect(begun).toEqual([0, 3000, 5000, 5000]);
  });

  it('lets a waiting request go when it is interrupted, and keeps its place for others', async () => {
    const { transport, clock, begun } = setUp({ concurrency: 1 }, undefined, 10);
    const controller = new AbortController();
    const first = transport.send(get, options);
    const second = transport.send(get, { ...options, signal: controller.signal });
    const third = transport.send(get, options);
    await clock.advance(5);
    controller.abort();
    expect((await second).failure?.kind).toBe('aborted');
    await clock.advance(100);
    await Promise.all([first, third]);
    expect(begun).toEqual([0, 10]);
  });

  it('ends a rest when it is interrupted', async () => {
    const { transport, clock, begun } = setUp({ concurrency: 1 }, () => ({ status: 429, headers: [['Retry-After', '50']] }));
    await transport.send(get, options);
    const controller = new AbortController();
    const second = transport.send(get, { ...options, signal: controller.signal });
    await clock.advance(10);
    controller.abort();
    expect((await second).failure?.kind).toBe('aborted');
    const third = transport.send(get, options);
    await clock.advance(60_000);
    expect((await third).response?.status).toBe(429);
    expect(begun).toEqual([0, 50_000]);
  });
});

describe('several targets with one total', () => {
  /** Targets of which every request lasts 10 ms; `begun` holds target and time of each. */
  function setUpMany(total: number, targets: readonly Omit<TrafficLimits, 'clock' | 'total'>[]) {
    const clock = manualClock();
    const places = new Places(total);
    const begun: [target: number, ms: number][] = [];
    const seen = { now: 0, most: 0 };
    const transports = targets.map((limits, index) => {
      const inner: Transport = {
        async send() {
          const startedMs = clock.nowMs();
          begun.push([index, startedMs]);
          seen.most = Math.max(seen.most, ++seen.now);
          await clock.sleep(10);
          seen.now -= 1;
          const response = { httpVersion: '1.1', status: 200, reason: '', headers: [], body: new Uint8Array() };
          return { response, timing: { startedMs, endedMs: clock.nowMs() } };
        },
        close: () => Promise.resolve(),
      };
      return limited(inner, { ...limits, clock, total: places });
    });
    return { clock, begun, seen, transports };
  }

  it('have together no more requests in flight than the total, each target its turn', async () => {
    const { clock, begun, seen, transports } = setUpMany(3, [{ concurrency: 4 }, { concurrency: 4 }]);
    const all = transports.flatMap((transport) => Array.from({ length: 4 }, () => transport.send(get, options)));
    await clock.advance(100);
    await Promise.all(all);
    expect(seen.most).toBe(3);
    expect(begun.map(([, ms]) => ms)).toEqual([0, 0, 0, 10, 10, 10, 20, 20]);
    expect(begun.filter(([target]) => target === 1)).toHaveLength(4);
  });

  it('keep their own rate, also when the total lets several of them go at once', async () => {
    const { clock, begun, transports } = setUpMany(1, [{ concurrency: 4, requestsPerSecond: 20 }, { concurrency: 4 }]);
    const all = transports.flatMap((transport) => Array.from({ length: 4 }, () => transport.send(get, options)));
    await clock.advance(1000);
    await Promise.all(all);
    const slow = begun.filter(([target]) => target === 0).map(([, ms]) => ms);
    expect(slow.slice(1).every((ms, index) => ms - (slow[index] as number) >= 50)).toBe(true);
    expect(slow).toHaveLength(4);
  });

  it('hold no place of the total while one of them rests', async () => {
    const { clock, begun, transports } = setUpMany(1, [{ concurrency: 1, requestsPerSecond: 1 }, { concurrency: 1 }]);
    const [slow, fast] = transports as [Transport, Transport];
    const all = [slow.send(get, options), slow.send(get, options), fast.send(get, options), fast.send(get, options)];
    await clock.advance(2000);
    await Promise.all(all);
    expect(begun).toEqual([
      [0, 0],
      [1, 10],
      [1, 20],
      [0, 1000],
    ]);
  });

  it('lose no place to a request that is interrupted while it waits for one', async () => {
    const { clock, begun, transports } = setUpMany(1, [{ concurrency: 2 }, { concurrency: 2 }]);
    const [one, two] = transports as [Transport, Transport];
    const controller = new AbortController();
    const first = one.send(get, options);
    const dropped = two.send(get, { ...options, signal: controller.signal });
    controller.abort();
    expect((await dropped).failure?.kind).toBe('aborted');
    const last = two.send(get, options);
    await clock.advance(100);
    await Promise.all([first, last]);
    expect(begun).toEqual([
      [0, 0],
      [1, 10],
    ]);
  });
});
