import { describe, expect, it } from 'vitest';
import type { Target } from '../model/target.ts';
import { createExpiryDriver, type ExpiryEffects } from './expire.ts';

function driver(expiry: Target['expiry'], maxWaitSeconds = 120) {
  const world = { nowMs: 0, advanced: [] as number[], slept: [] as number[], error: undefined as string | undefined };
  const effects: ExpiryEffects = {
    elapsedMs: () => world.nowMs,
    sleep: (ms) => {
      world.slept.push(ms);
      world.nowMs += ms;
      return Promise.resolve();
    },
    advanceClock: (_, seconds) => {
      world.advanced.push(seconds);
      return Promise.resolve(world.error);
    },
    signal: new AbortController().signal,
  };
  const target: Target = { name: 't', profiles: [], baseUrl: 'http://127.0.0.1', ...(expiry === undefined ? {} : { expiry }) };
  return { world, expiry: createExpiryDriver(target, maxWaitSeconds, effects) };
}

describe('moving the clock', () => {
  it('goes to both sides of the end, counting what has been moved already', async () => {
    const { world, expiry } = driver({ method: 'clock' });
    const issue = { issuedMs: 0, lifetimeSeconds: 300 };
    expect(await expiry.moveTo('before-expiry', issue)).toMatchObject({ ok: true, atSeconds: 298 });
    world.nowMs += 1000;
    expect(await expiry.moveTo('after-expiry', issue)).toMatchObject({ ok: true, atSeconds: 302 });
    expect(world.advanced).toEqual([298, 3]);
  });

  it('gives a token issued after a move its whole life', async () => {
    const { world, expiry } = driver({ method: 'clock' });
    await expiry.moveTo('after-expiry', { issuedMs: expiry.nowMs(), lifetimeSeconds: 300 });
    await expiry.moveTo('before-expiry', { issuedMs: expiry.nowMs(), lifetimeSeconds: 300 });
    expect(world.advanced).toEqual([302, 298]);
  });

  it('is a fault of the target when the control API refuses', async () => {
    const { world, expiry } = driver({ method: 'clock' });
    world.error = 'POST /clock answered 404';
    expect(await expiry.moveTo('after-expiry', { issuedMs: 0, lifetimeSeconds: 60 })).toMatchObject({ ok: false, skip: false });
  });
});

describe('waiting', () => {
  it('sleeps up to the moment', async () => {
    const { world, expiry } = driver({ method: 'wait', lifetimeSeconds: 60 });
    world.nowMs = 10_000;
    expect(await expiry.moveTo('after-expiry', { issuedMs: 10_000, lifetimeSeconds: 60 })).toMatchObject({ ok: true });
    expect(world.slept).toEqual([62_000]);
  });

  it('skips what would take longer than allowed, and says what to change', async () => {
    const { expiry } = driver({ method: 'wait' }, 30);
    const moved = await expiry.moveTo('after-expiry', { issuedMs: 0, lifetimeSeconds: 3600 });
    expect(moved).toMatchObject({ ok: false, skip: true });
    expect(moved.ok ? '' : moved.reason).toContain('--max-wait 30');
  });

  it('cannot probe before the end of a life that is over', async () => {
    const { world, expiry } = driver({ method: 'wait' });
    world.nowMs = 5000;
    expect(await expiry.moveTo('before-expiry', { issuedMs: 0, lifetimeSeconds: 3 })).toMatchObject({ ok: false, skip: true });
  });
});

describe('without a way', () => {
  it.each([[undefined], [{ method: 'fixture' as const }]])('%j skips, naming the key to set', async (given) => {
    const moved = await driver(given).expiry.moveTo('after-expiry', { issuedMs: 0, lifetimeSeconds: 60 });
    expect(moved).toMatchObject({ ok: false, skip: true });
    expect(moved.ok ? '' : moved.reason).toContain('expiry.method');
  });

  it('asks for the lifetime when the token says none', async () => {
    const moved = await driver({ method: 'clock' }).expiry.moveTo('after-expiry', { issuedMs: 0, lifetimeSeconds: undefined });
    expect(moved.ok ? '' : moved.reason).toContain('expiry.lifetimeSeconds');
  });
});
