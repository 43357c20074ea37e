import { describe, expect, it } from 'vitest';
import { manualClock, realClock } from './clock.ts';

describe('a manual clock', () => {
  it('wakes sleepers in the order of their moments, those that lie down again included', async () => {
    const clock = manualClock();
    const woken: string[] = [];
    void clock.sleep(30).then(() => woken.push(`b at ${clock.nowMs()}`));
    void clock
      .sleep(10)
      .then(() => woken.push(`a at ${clock.nowMs()}`))
      .then(() => clock.sleep(10))
      .then(() => woken.push(`a again at ${clock.nowMs()}`));
    await clock.advance(25);
    expect(woken).toEqual(['a at 10', 'a again at 20']);
    expect(clock.sleepers).toBe(1);
    await clock.advance(5);
    expect(woken.at(-1)).toBe('b at 30');
    expect(clock.nowMs()).toBe(30);
  });

  it('rejects a sleeper with the reason of its signal', async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(clock.sleep(10, controller.signal)).rejects.toThrow('enough');
    expect(clock.sleepers).toBe(0);
  });
});

describe('the real clock', () => {
  it('begins at zero and never turns back', async () => {
    const clock = realClock();
    const first = clock.nowMs();
    await clock.sleep(1);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(first);
  });

  it('wakes at once when the signal comes', async () => {
    const controller = new AbortController();
    const sleeping = realClock().sleep(60_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
  });
});
