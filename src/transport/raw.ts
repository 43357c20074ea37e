/**
 * Sends exactly the bytes it is given, over a connection of their own: for what no HTTP library sends (a header twice, a wrong Content-Length,
 * a broken request line), and reads the answer strictly.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { Exchange, HeaderLine, SendOptions, Transport, WireFailure, WireRequest, WireResponse } from '../model/exchange.ts';
import { realClock, type Clock } from '../support/clock.ts';
import { openSocket, peerOf, type Opening, type Route } from './connect.ts';
import { abortedFailure, timeoutFailure, toFailure } from './failure.ts';
import { ResponseReader } from './response-reader.ts';

/** A transport that sends `request.raw`, or the request as it stands. Through a proxy it asks for a tunnel, so that the bytes arrive unchanged. */
export function createRawTransport(route: Route, clock: Clock = realClock()): Transport {
  const open = new Set<{ abort(): void }>();
  return {
    send(request, options) {
      const exchange = new RawExchange(route, request, options, clock);
      open.add(exchange);
      return exchange.result.finally(() => open.delete(exchange));
    },
    async close() {
      for (const exchange of open) exchange.abort();
    },
  };
}

class RawExchange {
  readonly result: Promise<Omit<Exchange, 'request'>>;
  readonly #options: SendOptions;
  readonly #clock: Clock;
  readonly #reader: ResponseReader;
  readonly #startedMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.abort();
  readonly #peer: string;
  #opening: Opening | undefined;
  #socket: Socket | undefined;
  #firstByteMs: number | undefined;
  #resolve: (outcome: Omit<Exchange, 'request'>) => void = () => undefined;
  #isSettled = false;

  constructor(route: Route, request: WireRequest, options: SendOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#peer = peerOf(route.origin);
    const bytes = request.raw ?? serialiseRequest(request, route.origin);
    this.#reader = new ResponseReader(methodOf(bytes), options);
    this.result = new Promise((resolve) => (this.#resolve = resolve));
    this.#timer = setTimeout(() => this.#fail(timeoutFailure(options, this.#reader.partial)), options.timeoutMs);
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted === true) return this.abort() as never;
    this.#opening = openSocket(
      route,
      { tunnel: true },
      (socket) => this.#talk(socket, bytes),
      (error, { peer, phase }) => this.#fail(toFailure(error, { peer, phase })),
    );
  }

  abort(): void {
    const { partial } = this.#reader;
    this.#fail(partial === undefined ? abortedFailure : { ...abortedFailure, partial });
  }

  #talk(socket: Socket, bytes: Uint8Array): void {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(() => this.#reader.push(chunk), true));
    socket.on('end', () => this.#read(() => this.#reader.end()));
    socket.on('error', (error) => this.#broken(error));
    socket.on('close', () => this.#broken(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    socket.resume();
    socket.write(bytes);
  }

  #read(step: () => void, isData = false): void {
    if (this.#isSettled) return;
    if (isData) this.#firstByteMs ??= this.#clock.nowMs();
    try {
      step();
    } catch (error) {
      return this.#broken(error);
    }
    if (this.#reader.response !== undefined) this.#settle({ response: this.#reader.response });
  }

  #broken(error: unknown): void {
    this.#fail(toFailure(error, { peer: this.#peer, phase: 'exchange', partial: this.#reader.partial }));
  }

  #fail(failure: WireFailure): void {
    this.#settle({ failure });
  }

  #settle(outcome: { response: WireResponse } | { failure: WireFailure }): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#opening?.cancel();
    this.#socket?.destroy();
    const first = this.#firstByteMs;
    const timing = { startedMs: this.#startedMs, ...(first === undefined ? {} : { firstByteMs: first }), endedMs: this.#clock.nowMs() };
    this.#resolve({ ...outcome, timing });
  }
}

/**
 * The message of a request as bytes. Added unless present: `Host` first, `Connection: close`, and `Content-Length` when there is a body and no
 * Transfer-Encoding. Text is written in latin1; a line with a character above U+00FF, which has no such byte, is written in UTF-8.
 */
export function serialiseRequest(request: WireRequest, origin: URL): Uint8Array {
  const names = new Set(request.headers.map(([name]) => name.trim().toLowerCase()));
  const headers: HeaderLine[] = [...request.headers];
  if (!names.has('host')) headers.unshift(['Host', origin.host]);
  if (!names.has('connection')) headers.push(['Connection', 'close']);
  const needsLength = request.body === undefined ? /^(?:POST|PUT|PATCH)$/.test(request.method) : true;
  if (needsLength && !names.has('content-length') && !names.has('transfer-encoding')) {
    headers.push(['Content-Length', String(request.body?.byteLength ?? 0)]);
  }
  const lines = [`${request.method} ${request.path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''];
  const end = Buffer.from('\r\n');
  const head = lines.flatMap((line, index) => (index === 0 ? [encodeLine(line)] : [end, encodeLine(line)]));
  return Buffer.concat(request.body === undefined ? head : [...head, request.body]);
}

function encodeLine(line: string): Buffer {
  return Buffer.from(line, /^[\0-\xff]*$/.test(line) ? 'latin1' : 'utf8');
}

function methodOf(bytes: Uint8Array): string {
  return /^[\r\n]*([^\s]*)/.exec(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 64)).toString('latin1'))?.[1] ?? '';
}
