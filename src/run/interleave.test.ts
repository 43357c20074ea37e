import { describe, expect, it } from 'vitest';
import { interleave } from './interleave.ts';

const nothing = () => undefined;

/** A source that gives a value whenever it is pushed. */
function source(name: string, log: string[] = []) {
  const steps: ((value: string | undefined) => void)[] = [];
  const wanted: (string | undefined)[] = [];
  const push = (value: string | undefined) => {
    const step = steps.shift();
    if (step === undefined) wanted.push(value);
    else step(value);
  };
  async function* values() {
    log.push(`${name} begins`);
    try {
      for (;;) {
        const value = wanted.length > 0 ? wanted.shift() : await new Promise<string | undefined>((resolve) => steps.push(resolve));
        if (value === undefined) return;
        yield value;
      }
    } finally {
      log.push(`${name} ends`);
    }
  }
  return { values: values(), push };
}

describe('sources that are read side by side', () => {
  it('give their values as they come, in whatever order', async () => {
    const [a, b] = [source('a'), source('b')];
    const all = interleave([a.values, b.values], 2, nothing);
    b.push('b1');
    expect((await all.next()).value).toBe('b1');
    a.push('a1');
    expect((await all.next()).value).toBe('a1');
    a.push(undefined);
    b.push('b2');
    expect((await all.next()).value).toBe('b2');
    b.push(undefined);
    expect((await all.next()).done).toBe(true);
  });

  it('are begun in order, never more than the width at a time', async () => {
    const log: string[] = [];
    const three = ['a', 'b', 'c'].map((name) => source(name, log));
    const all = interleave(
      three.map(({ values }) => values),
      2,
      nothing,
    );
    three[1]?.push('b1');
    await all.next();
    expect(log).toEqual(['a begins', 'b begins']);
    three[1]?.push(undefined);
    three[2]?.push('c1');
    expect((await all.next()).value).toBe('c1');
    expect(log).toEqual(['a begins', 'b begins', 'b ends', 'c begins']);
  });

  it('are all closed when the reader stops, after what they wait for was broken off', async () => {
    const log: string[] = [];
    const [a, b] = [source('a', log), source('b', log)];
    const all = interleave([a.values, b.values], 2, () => {
      log.push('broken off');
      b.push(undefined);
    });
    a.push('a1');
    await all.next();
    await all.return();
    expect(log.indexOf('broken off')).toBe(2);
    expect(log.slice(3).sort()).toEqual(['a ends', 'b ends']);
  });

  it('fail together when one of them fails', async () => {
    const log: string[] = [];
    const a = source('a', log);
    async function* broken(): AsyncGenerator<string, void, undefined> {
      yield 'x';
      throw new Error('broken');
    }
    const all = interleave([a.values, broken()], 2, () => a.push(undefined));
    expect((await all.next()).value).toBe('x');
    await expect(all.next()).rejects.toThrow('broken');
    expect(log).toEqual(['a begins', 'a ends']);
  });
});
