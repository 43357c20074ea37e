import { describe, expect, it } from 'vitest';
import type { Transport, WireRequest } from '../model/exchange.ts';
import { realClock } from '../support/clock.ts';
import { guarded, harmOf } from './guarded.ts';

const get = (path: string): WireRequest => ({ method: 'GET', path, headers: [] });
const raw = (message: string): WireRequest => ({ method: 'GET', path: '/', headers: [], raw: Buffer.from(message) });

describe('a path that does harm', () => {
  it.each([
    '/feedback',
    '/feedback/',
    '/Feedback',
    '/drupal/feedback',
    '/drupal/en/feedback?a=b',
    '/index.php/feedback',
    '//feedback',
    '/./feedback',
    '/x/../feedback',
    '/feedback/.',
    '/feedback/x/..',
    '/%66eedback',
    '/%2566eedback',
    '/x%2f..%2ffeedback',
    '/feedback;a=b',
    '/feedback%20',
    '/feedback#x',
    'http://site.example/feedback',
    'HTTP://site.example/feedback?x',
  ])('is known as %s', (path) => {
    expect(harmOf(get(path))).toContain('uninstalling');
  });

  it.each([
    'GET /feedback HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST http://site.example/feedback HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /feedback HTTP/1.1\r\nHost: x\r\n\r\n',
  ])('is known in the raw message %j', (message) => {
    expect(harmOf(raw(message))).toContain('uninstalling');
  });

  it.each(['/', '/feedback-form', '/feedback/thanks', '/jsonapi/node/feedback', '/user/2?destination=/feedback', '/oauth/token'])(
    'is not %s',
    (path) => {
      expect(harmOf(get(path))).toBeUndefined();
    },
  );
});

describe('a guarded transport', () => {
  const sent: string[] = [];
  const inner: Transport = {
    send: ({ path }) => {
      sent.push(path);
      return Promise.resolve({ timing: { startedMs: 0, endedMs: 0 }, failure: { kind: 'refused', message: 'nobody there' } });
    },
    close: () => Promise.resolve(),
  };
  const options = { timeoutMs: 1, maxBodyBytes: 1, maxHeaderBytes: 1 };

  it('sends nothing to such a path and everything else', async () => {
    const transport = guarded(inner, realClock());
    const refused = await transport.send(get('/feedback'), options);
    expect(refused.failure).toMatchObject({ kind: 'unsendable', message: expect.stringContaining('never requested') });
    await transport.send(get('/user/2'), options);
    expect(sent).toEqual(['/user/2']);
  });
});
