import { describe, expect, it } from 'vitest';
import type { CaseRecord, FooterRecord, HeaderRecord } from '../model/record.ts';
import { multiplex } from './multiplex.ts';
import type { Reporter } from './reporter.ts';

const header = {} as HeaderRecord;
const record = { address: 'a' } as CaseRecord;
const footer = {} as FooterRecord;

function witness(seen: string[]): Reporter {
  return {
    onHeader: () => void seen.push('header'),
    onCase: async (one) => {
      await Promise.resolve();
      seen.push(one.address);
    },
    onFooter: () => void seen.push('footer'),
    onStatus: (line) => void seen.push(`status ${line ?? 'cleared'}`),
    close: () => void seen.push('close'),
  };
}

async function play(reporters: Readonly<Record<string, Reporter>>, patienceMs?: number) {
  const all = multiplex(
    Object.entries(reporters).map(([name, reporter]) => ({ name, reporter })),
    patienceMs === undefined ? {} : { patienceMs },
  );
  await all.onHeader(header);
  await all.onCase(record);
  await all.onFooter(footer);
  await all.close();
  return all;
}

describe('multiplex', () => {
  it('calls every hook of every reporter in order', async () => {
    const seen: string[] = [];
    const all = await play({ one: witness(seen), quiet: {} });
    expect(seen).toEqual(['header', 'a', 'footer', 'close']);
    expect(all.failures).toEqual([]);
  });

  it('never overlaps two hooks of one reporter, even when the caller does not wait', async () => {
    const seen: string[] = [];
    const all = multiplex([{ name: 'one', reporter: witness(seen) }]);
    void all.onHeader(header);
    void all.onCase({ ...record, address: 'first' });
    void all.onCase({ ...record, address: 'second' });
    await all.close();
    expect(seen).toEqual(['header', 'first', 'second', 'close']);
  });

  it.each<[string, Reporter, string]>([
    [
      'throws',
      {
        onCase() {
          throw new Error('disk full');
        },
      },
      'reporter bad failed in onCase and was left out from there on: disk full',
    ],
    [
      'rejects',
      { onFooter: () => Promise.reject(new Error('no room')) },
      'reporter bad failed in onFooter and was left out from there on: no room',
    ],
    [
      'throws something that is no error',
      {
        onHeader() {
          // oxlint-disable-next-line no-throw-literal
          throw 'nonsense';
        },
      },
      'reporter bad failed in onHeader and was left out from there on: nonsense',
    ],
    [
      'never answers',
      { onCase: () => new Promise<void>(() => {}) },
      'reporter bad failed in onCase and was left out from there on: no answer within 5 ms',
    ],
  ])('goes on with the others when one %s, and remembers it', async (_, bad, message) => {
    const seen: string[] = [];
    const all = await play({ bad, good: witness(seen) }, 5);
    expect(seen).toEqual(['header', 'a', 'footer', 'close']);
    expect(all.failures.map((failure) => failure.message)).toEqual([message]);
  });

  it('does not call a reporter again after it failed', async () => {
    let calls = 0;
    const all = await play({
      bad: {
        onHeader() {
          throw new Error('once');
        },
        onCase: () => void (calls += 1),
        close: () => void (calls += 1),
      },
    });
    expect(calls).toBe(0);
    expect(all.failures).toHaveLength(1);
  });

  it('passes the status line on at once, and survives a reporter that throws on it', () => {
    const seen: string[] = [];
    const all = multiplex([
      {
        name: 'bad',
        reporter: {
          onStatus() {
            throw new Error('no');
          },
        },
      },
      { name: 'good', reporter: witness(seen) },
    ]);
    all.onStatus('waiting');
    all.onStatus(undefined);
    expect(seen).toEqual(['status waiting', 'status cleared']);
    expect(all.failures).toHaveLength(1);
  });
});
