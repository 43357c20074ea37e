import { describe, expect, it } from 'vitest';
import type { Exchange, SendOptions, Transport, WireRequest } from '../model/exchange.ts';
import { LoneTransport } from './lone.ts';

const options: SendOptions = { timeoutMs: 10_000, maxHeaderBytes: 100, maxBodyBytes: 100 };
const ask = (path: string): WireRequest => ({ method: 'GET', path, headers: [] });
const timing = { startedMs: 0, endedMs: 0 };
const timedOut: Omit<Exchange, 'request'> = { failure: { kind: 'timeout', message: 'no answer within 10 s' }, timing };
const ok: Omit<Exchange, 'request'> = {
  response: { httpVersion: '1.1', status: 200, reason: '', headers: [], body: Buffer.from('') },
  timing,
};

/** A site whose answers the test hands out, one request at a time. */
function site() {
  const open: { path: string; answer: (outcome: Omit<Exchange, 'request'>) => void }[] = [];
  const sent: string[] = [];
  const transport: Transport = {
    send: ({ path }) => {
      sent.push(path);
      return new Promise((resolve) => open.push({ path, answer: resolve }));
    },
    close: () => Promise.resolve(),
  };
  const answer = async (path: string, outcome: Omit<Exchange, 'request'>) => {
    const index = open.findIndex((one) => one.path === path);
    open.splice(index, 1)[0]?.answer(outcome);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { lone: new LoneTransport(transport), sent, answer, open };
}

describe('a request that times out', () => {
  it('beside others is asked again when they are through, and nothing else starts meanwhile', async () => {
    const { lone, sent, answer, open } = site();
    const slow = lone.sendTwice(ask('/slow'), options, true);
    const other = lone.send(ask('/other'), options);
    await answer('/slow', timedOut);
    const later = lone.send(ask('/later'), options);
    expect(sent).toEqual(['/slow', '/other']);
    await answer('/other', ok);
    expect(open.map(({ path }) => path)).toEqual(['/slow']);
    await answer('/slow', ok);
    await expect(slow).resolves.toEqual({ outcome: ok, second: 'no answer within 10 s, beside 1 other request' });
    await expect(other).resolves.toBe(ok);
    await answer('/later', ok);
    await expect(later).resolves.toBe(ok);
  });

  it('alone is not asked again', async () => {
    const { lone, sent, answer } = site();
    const slow = lone.sendTwice(ask('/slow'), options, true);
    await answer('/slow', timedOut);
    await expect(slow).resolves.toEqual({ outcome: timedOut });
    expect(sent).toEqual(['/slow']);
  });

  it('beside others is undecided where it may be sent only once', async () => {
    const { lone, answer } = site();
    void lone.send(ask('/other'), options);
    const slow = lone.sendTwice(ask('/slow'), options, false);
    await answer('/slow', timedOut);
    await expect(slow).resolves.toEqual({ outcome: timedOut, isUndecided: true });
  });

  it('is asked again only so often where the site hangs, and the rest is undecided', async () => {
    const { lone, sent, answer } = site();
    const told: unknown[] = [];
    for (let round = 0; round < 5; round++) {
      const other = lone.send(ask('/other'), options);
      const slow = lone.sendTwice(ask('/slow'), options, true);
      await answer('/slow', timedOut);
      await answer('/other', ok);
      await answer('/slow', timedOut);
      await other;
      told.push(await slow);
    }
    expect(sent.filter((path) => path === '/slow')).toHaveLength(8);
    expect(told.at(2)).toEqual({ outcome: timedOut, second: expect.any(String) as string });
    expect(told.at(3)).toEqual({ outcome: timedOut, isUndecided: true });
  });

  it('gets more time when it is asked again', async () => {
    const times: number[] = [];
    const lone = new LoneTransport({
      send: (_, { timeoutMs }) => {
        times.push(timeoutMs);
        return Promise.resolve(timedOut);
      },
      close: () => Promise.resolve(),
    });
    await Promise.all([lone.sendTwice(ask('/a'), options, true), lone.send(ask('/b'), options)]);
    expect(times).toEqual([10_000, 10_000, 30_000]);
  });

  it('on a site that has shown to be slow says nothing, not even alone', async () => {
    const { lone, answer } = site();
    const first = lone.sendTwice(ask('/first'), options, true);
    const other = lone.send(ask('/other'), options);
    await answer('/first', timedOut);
    await answer('/other', ok);
    await answer('/first', ok);
    await Promise.all([first, other]);
    const slow = lone.sendTwice(ask('/slow'), options, true);
    await answer('/slow', timedOut);
    await answer('/slow', timedOut);
    await expect(slow).resolves.toMatchObject({ outcome: timedOut, isUndecided: true });
  });
});

describe('a site that has shown to be slow', () => {
  it('is sent half as many requests at a time', async () => {
    const { lone, answer, open } = site();
    const all = ['/a', '/b', '/c', '/d'].map((path) => lone.sendTwice(ask(path), options, true));
    expect(open).toHaveLength(4);
    await answer('/a', timedOut);
    for (const path of ['/b', '/c', '/d']) await answer(path, ok);
    await answer('/a', ok);
    await Promise.all(all);
    const more = ['/e', '/f', '/g'].map((path) => lone.sendTwice(ask(path), options, true));
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(open.map(({ path }) => path)).toEqual(['/e', '/f']);
    await answer('/e', ok);
    expect(open.map(({ path }) => path)).toEqual(['/f', '/g']);
    await answer('/f', ok);
    await answer('/g', ok);
    await Promise.all(more);
  });
});

describe('an answer', () => {
  it('that comes is handed on at once, whatever it is', async () => {
    const { lone, answer } = site();
    void lone.send(ask('/other'), options);
    const refused = lone.sendTwice(ask('/slow'), options, true);
    const closed: Omit<Exchange, 'request'> = { failure: { kind: 'closed', message: 'gone' }, timing };
    await answer('/slow', closed);
    await expect(refused).resolves.toEqual({ outcome: closed });
  });
});
