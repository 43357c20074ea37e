import { describe, expect, it } from 'vitest';
import { bodyText, type SendOptions, type WireRequest, type WireResponse } from '../model/exchange.ts';
import { manualClock } from '../support/clock.ts';
import { createInProcessTransport } from './in-process.ts';

const options: SendOptions = { timeoutMs: 1000, maxHeaderBytes: 100, maxBodyBytes: 10 };
const get: WireRequest = { method: 'GET', path: '/x', headers: [['A', 'b']] };
const ok: WireResponse = { httpVersion: '1.1', status: 200, reason: 'OK', headers: [['X', '1']], body: Buffer.from('hello') };

describe('the in-process transport', () => {
  it('hands the request over as it is, and the answer back', async () => {
    const seen: WireRequest[] = [];
    const clock = manualClock(40);
    const transport = createInProcessTransport(async (request) => {
      seen.push(request);
      await clock.advance(2);
      return ok;
    }, clock);
    expect(await transport.send(get, options)).toEqual({ response: ok, timing: { startedMs: 40, firstByteMs: 42, endedMs: 42 } });
    expect(seen).toEqual([get]);
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('drops the content of an answer to %s with status %i', async (method, status) => {
    const { response } = await createInProcessTransport(() => ({ ...ok, status })).send({ ...get, method }, options);
    expect(bodyText(response?.body as Uint8Array)).toBe('');
  });

  it('turns an error of the target into a closed connection, without its text', async () => {
    const transport = createInProcessTransport(() => {
      throw new TypeError('secret inside');
    });
    expect((await transport.send(get, options)).failure).toEqual({
      kind: 'closed',
      message: 'the target broke down on this request (TypeError)',
    });
  });

  it('keeps to the limits', async () => {
    const tooLong = { ...ok, body: Buffer.from('more than ten bytes') };
    const tooWide = { ...ok, headers: [['X', 'y'.repeat(200)]] as const };
    expect((await createInProcessTransport(() => tooLong).send(get, options)).failure?.kind).toBe('too-large');
    expect((await createInProcessTransport(() => tooWide).send(get, options)).failure?.kind).toBe('too-large');
    const never = createInProcessTransport(() => new Promise<WireResponse>(() => undefined));
    expect((await never.send(get, { ...options, timeoutMs: 20 })).failure?.kind).toBe('timeout');
  });

  it('is interrupted by the signal', async () => {
    const controller = new AbortController();
    const transport = createInProcessTransport(() => {
      queueMicrotask(() => controller.abort());
      return new Promise<WireResponse>(() => undefined);
    });
    expect((await transport.send(get, { ...options, signal: controller.signal })).failure?.kind).toBe('aborted');
    expect((await transport.send(get, { ...options, signal: controller.signal })).failure?.kind).toBe('aborted');
  });

  it('cannot send raw bytes', async () => {
    const transport = createInProcessTransport(() => ok);
    expect((await transport.send({ ...get, raw: Buffer.from('x') }, options)).failure?.kind).toBe('unsendable');
  });
});
