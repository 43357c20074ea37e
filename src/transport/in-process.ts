/**
 * A transport without a network: hands the request to a function, such as the core of the mock server.
 *
 * @module
 */
import type { SendOptions, Transport, WireFailure, WireRequest, WireResponse } from '../model/exchange.ts';
import { realClock, type Clock } from '../support/clock.ts';
import { abortedFailure, bodyTooLarge, headersTooLarge, timeoutFailure, toFailure, type TransportError } from './failure.ts';

export type Answer = (request: WireRequest) => WireResponse | Promise<WireResponse>;

/**
 * Sends requests to `answer`. The answer goes out as a server would write it: none to HEAD, 204 and 304 has content. The limits of the options hold; an
 * error that `answer` throws becomes a failure of kind `closed`, as when a server breaks down on a request. `raw` messages are not taken apart: `unsendable`.
 */
export function createInProcessTransport(answer: Answer, clock: Clock = realClock()): Transport {
  return {
    async send(request, options) {
      const startedMs = clock.nowMs();
      const outcome = await ask(answer, request, options);
      const endedMs = clock.nowMs();
      return { ...outcome, timing: { startedMs, ...('response' in outcome ? { firstByteMs: endedMs } : {}), endedMs } };
    },
    async close() {},
  };
}

type Outcome = { readonly response: WireResponse } | { readonly failure: WireFailure };

async function ask(answer: Answer, request: WireRequest, options: SendOptions): Promise<Outcome> {
  if (request.raw !== undefined) {
    return { failure: { kind: 'unsendable', message: 'a raw message needs a real connection, and this target is answered in process' } };
  }
  if (options.signal?.aborted === true) return { failure: abortedFailure };
  let pending: WireResponse | Promise<WireResponse>;
  try {
    pending = answer(request);
    if (pending instanceof Promise) pending = await orLimit(pending, options);
  } catch (error) {
    if (error instanceof Limit) return { failure: error.failure };
    return {
      failure: { kind: 'closed', message: `the target broke down on this request (${error instanceof Error ? error.name : typeof error})` },
    };
  }
  const response = asServed(request, pending);
  const fault = overLimit(response, options);
  return fault === undefined
    ? { response }
    : { failure: toFailure(fault, { peer: '', phase: 'exchange', partial: { ...response, body: new Uint8Array() } }) };
}

class Limit extends Error {
  readonly failure: WireFailure;

  constructor(failure: WireFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

function orLimit(pending: Promise<WireResponse>, options: SendOptions): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    const stop = (failure: WireFailure) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      reject(new Limit(failure));
    };
    const onAbort = () => stop(abortedFailure);
    const timer = setTimeout(() => stop(timeoutFailure(options)), options.timeoutMs);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
    pending.then(
      (response) => {
        settle();
        resolve(response);
      },
      (error: unknown) => {
        settle();
        reject(error as Error);
      },
    );
  });
}

function asServed(request: WireRequest, response: WireResponse): WireResponse {
  const isEmpty = request.method === 'HEAD' || response.status === 204 || response.status === 304;
  return isEmpty && response.body.byteLength > 0 ? { ...response, body: new Uint8Array() } : response;
}

function overLimit(response: WireResponse, options: SendOptions): TransportError | undefined {
  const headerBytes = response.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, response.reason.length + 17);
  if (headerBytes > options.maxHeaderBytes) return headersTooLarge(options.maxHeaderBytes);
  if (response.body.byteLength > options.maxBodyBytes) return bodyTooLarge(options.maxBodyBytes);
  return undefined;
}
