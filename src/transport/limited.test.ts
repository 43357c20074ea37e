import { describe, expect, it } from 'vitest';
import type { SendOptions, Transport, WireRequest, WireResponse } from '../model/exchange.ts';
import { manualClock } from '../support/clock.ts';
import { limited, type TrafficLimits } from './limited.ts';

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
