import { describe, expect, it } from 'vitest';
import type { Fixture } from '../model/catalogue.ts';
import { FixtureStore, type FixtureResult } from './fixture.ts';

const fixture: Fixture = { name: 'token', given: [], steps: [] };
const given = { fixture: 'token', fresh: false };

function bench(lifetimeSeconds: number | undefined) {
  let nowMs = 0;
  let made = 0;
  const store = new FixtureStore(true, () => nowMs);
  const prepare = (): Promise<FixtureResult> => {
    made++;
    const captures = new Map([['token', made]]);
    return Promise.resolve({ captures, answer: undefined, issue: { issuedMs: nowMs, lifetimeSeconds }, steps: [] });
  };
  return {
    take: async () => (await store.obtain(given, fixture, prepare)).result.captures.get('token'),
    passSeconds: (seconds: number) => (nowMs += seconds * 1000),
  };
}

describe('a shared fixture', () => {
  it('is done once while its token has more than half of its life before it', async () => {
    const { take, passSeconds } = bench(300);
    expect(await Promise.all([take(), take()])).toEqual([1, 1]);
    passSeconds(150);
    expect(await take()).toBe(1);
  });

  it('is done again, once for all who ask, when half of the lifetime has gone', async () => {
    const { take, passSeconds } = bench(300);
    await take();
    passSeconds(151);
    expect(await Promise.all([take(), take(), take()])).toEqual([2, 2, 2]);
  });

  it('is kept where the token says no lifetime', async () => {
    const { take, passSeconds } = bench(undefined);
    await take();
    passSeconds(100_000);
    expect(await take()).toBe(1);
  });
});
