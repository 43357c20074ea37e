/**
 * The usual transport: undici's HTTP/1.1 client, one instance a connection, connections kept and used again.
 *
 * What goes out is what was asked for, header by header, in order and spelling. undici itself writes `host`, `connection` and `content-length`; a request that
 * brings one of these along, or anything else that undici would refuse or change, is sent by the raw sender instead, on a connection of its own.
 * A body is sent with any method, with its length; without a body POST, PUT and PATCH say `content-length: 0` and other methods nothing (RFC 9110 8.6).
 * No redirect is followed, nothing is decompressed.
 *
 * The one repetition: a GET, HEAD or OPTIONS that was written to a used connection which the server closed before the first byte of an answer
 * is sent again on a fresh one (RFC 9110 9.2.2). Other methods never are; so that they hardly meet a closing connection, they only use one
 * that was in use within the last second.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import UndiciClient from 'undici/lib/dispatcher/client.js';
import type { Exchange, SendOptions, Transport, WireFailure, WireRequest, WireResponse } from '../model/exchange.ts';
import { realClock, type Clock } from '../support/clock.ts';
import { openSocket, peerOf, proxyCredentials, proxyFor, type Opening, type Route, type TlsSettings } from './connect.ts';
import { abortedFailure, bodyTooLarge, bytesAfterAnswer, timeoutFailure, toFailure, TransportError } from './failure.ts';
import { createRawTransport } from './raw.ts';
import { Tap } from './tap.ts';

export interface UndiciTransportOptions {
  /** Only scheme, host and port are used. */
  readonly baseUrl: string;
  readonly tls?: TlsSettings;
  /** Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked up. Default: none is used. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Connections open at the same time. Default 64; requests beyond wait for a free one, within their time limit. */
  readonly connections?: number;
  /** Use connections again. Default true. */
  readonly keepAlive?: boolean;
  readonly clock?: Clock;
}

/** Creates the transport for one target. */
export function createUndiciTransport(options: UndiciTransportOptions): Transport {
  return new UndiciTransport(options);
}

type Outcome = Omit<Exchange, 'request'>;

const maxIdleForUnsafeMs = 1000;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

class UndiciTransport implements Transport {
  readonly #route: Route;
  readonly #clock: Clock;
  readonly #connections: number;
  readonly #keepAlive: boolean;
  readonly #raw: Transport;
  /** Least recently used first. */
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #running = new Set<UndiciExchange>();
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: UndiciTransportOptions) {
    const origin = new URL(options.baseUrl);
    this.#route = { origin, tls: options.tls, proxy: proxyFor(origin, options.env ?? {}) };
    this.#clock = options.clock ?? realClock();
    this.#connections = options.connections ?? 64;
    this.#keepAlive = options.keepAlive ?? true;
    this.#raw = createRawTransport(this.#route, this.#clock);
  }

  async send(request: WireRequest, options: SendOptions): Promise<Outcome> {
    if (this.#isClosed) return this.#unsent({ kind: 'unsendable', message: 'the transport has been closed' });
    if (!isWritableByUndici(request)) return this.#raw.send(request, options);
    const startedMs = this.#clock.nowMs();
    const deadlineMs = startedMs + options.timeoutMs;
    const first = await this.#sendOnce(request, options, deadlineMs, options.freshConnection === true);
    if (!first.isStale || !safeMethods.has(request.method)) return first.outcome;
    const second = await this.#sendOnce(request, options, deadlineMs, true);
    return { ...second.outcome, timing: { ...second.outcome.timing, startedMs } };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#raw.close();
    for (const wake of this.#waiting.splice(0)) wake();
    for (const exchange of this.#running) exchange.abort();
    await Promise.all([...this.#all].map((connection) => connection.destroy()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  async #sendOnce(
    request: WireRequest,
    options: SendOptions,
    deadlineMs: number,
    isFresh: boolean,
  ): Promise<{ outcome: Outcome; isStale: boolean }> {
    const connection = await this.#acquire(request.method, isFresh, deadlineMs, options.signal);
    if (!(connection instanceof Connection)) return { outcome: this.#unsent(connection), isStale: false };
    const exchange = new UndiciExchange(connection, request, options, deadlineMs, this.#clock);
    this.#running.add(exchange);
    const outcome = await exchange.result;
    this.#running.delete(exchange);
    this.#release(connection, isFresh || exchange.isSpent || outcome.response === undefined);
    return { outcome, isStale: exchange.isStale };
  }

  /** A connection to use alone, or why there is none. */
  async #acquire(method: string, isFresh: boolean, deadlineMs: number, signal: AbortSignal | undefined): Promise<Connection | WireFailure> {
    for (;;) {
      if (isAborted(signal) || this.#isClosed) return abortedFailure;
      const idle = isFresh ? undefined : this.#takeIdle(method);
      if (idle !== undefined) return idle;
      if (this.#all.size >= this.#connections) this.#discard(this.#idle.shift());
      if (this.#all.size < this.#connections) {
        const connection = new Connection(this.#route, this.#keepAlive && !isFresh);
        this.#all.add(connection);
        return connection;
      }
      const remainingMs = deadlineMs - this.#clock.nowMs();
      if (remainingMs <= 0 || !(await this.#freed(remainingMs, signal))) {
        return isAborted(signal)
          ? abortedFailure
          : { kind: 'timeout', message: `none of ${this.#connections} connections became free in time` };
      }
    }
  }

  #takeIdle(method: string): Connection | undefined {
    const connection = this.#idle.pop();
    if (connection === undefined || safeMethods.has(method)) return connection;
    if (this.#clock.nowMs() - connection.idleSinceMs <= maxIdleForUnsafeMs) return connection;
    this.#discard(connection);
    return undefined;
  }

  #freed(timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (isFree: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        const at = this.#waiting.indexOf(wake);
        if (at !== -1) this.#waiting.splice(at, 1);
        resolve(isFree);
      };
      const wake = () => finish(true);
      const onAbort = () => finish(false);
      const timer = setTimeout(() => finish(false), timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(wake);
    });
  }

  #release(connection: Connection, isSpent: boolean): void {
    if (isSpent || this.#isClosed) this.#discard(connection);
    else {
      connection.idleSinceMs = this.#clock.nowMs();
      this.#idle.push(connection);
    }
    this.#waiting.shift()?.();
  }

  #discard(connection: Connection | undefined): void {
    if (connection === undefined) return;
    this.#all.delete(connection);
    void connection.destroy();
  }

  #unsent(failure: WireFailure): Outcome {
    const now = this.#clock.nowMs();
    return { failure, timing: { startedMs: now, endedMs: now } };
  }
}

/** One undici client, which holds one socket at a time. */
class Connection {
  readonly client: Client;
  readonly peer: string;
  /** Request target in absolute form, as a proxy wants it for plain http (RFC 9112 3.2.2). */
  readonly pathPrefix: string;
  readonly extraHeaders: readonly string[];
  tap: Tap | undefined;
  idleSinceMs = 0;
  #opening: Opening | undefined;

  constructor(route: Route, keepAlive: boolean) {
    const { origin, proxy } = route;
    const isForwarded = proxy !== undefined && origin.protocol === 'http:';
    const credentials = isForwarded ? proxyCredentials(proxy) : undefined;
    this.peer = peerOf(proxy ?? origin);
    this.pathPrefix = isForwarded ? origin.origin : '';
    this.extraHeaders = credentials === undefined ? [] : ['Proxy-Authorization', credentials];
    this.client = new UndiciClient(origin.origin, {
      pipelining: keepAlive ? 1 : 0,
      // Limits are kept by the exchange and the tap, so that each request may have its own.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: Number.MAX_SAFE_INTEGER,
      connect: (_options, callback) => {
        this.#opening = openSocket(
          route,
          { tunnel: false },
          (socket: Socket) => {
            this.tap = new Tap(socket);
            callback(null, socket);
          },
          (error, { peer, phase }) => {
            const { kind, message } = toFailure(error, { peer, phase });
            callback(new TransportError(kind, message), null);
          },
        );
      },
    });
  }

  async destroy(): Promise<void> {
    this.#opening?.cancel();
    await this.client.destroy();
  }
}

class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly result: Promise<Outcome>;
  /** Nothing of an answer came over a connection that had been used before. */
  isStale = false;
  /** The connection cannot be used again. */
  isSpent = false;
  readonly #connection: Connection;
  readonly #options: SendOptions;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #isHead: boolean;
  readonly #content: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #tap: Tap | undefined;
  #firstByteMs: number | undefined;
  #isSettled = false;
  #resolve: (outcome: Outcome) => void = () => undefined;

  constructor(connection: Connection, request: WireRequest, options: SendOptions, deadlineMs: number, clock: Clock) {
    this.#connection = connection;
    this.#options = options;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.#isHead = request.method === 'HEAD';
    this.result = new Promise((resolve) => (this.#resolve = resolve));
    this.#timer = setTimeout(() => this.#fail(timeoutFailure(options, this.#partial())), Math.max(0, deadlineMs - this.#startedMs));
    options.signal?.addEventListener('abort', this.abort, { once: true });
    const headers: string[] = [];
    for (const [name, value] of request.headers) headers.push(name, value);
    headers.push(...connection.extraHeaders);
    connection.client.dispatch(
      {
        method: request.method as Dispatcher.HttpMethod,
        path: connection.pathPrefix + request.path,
        headers,
        body: request.body === undefined ? null : Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength),
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#tap = this.#connection.tap;
    if (this.#isSettled) return controller.abort(new Error('settled'));
    this.#tap?.begin({
      maxHeaderBytes: this.#options.maxHeaderBytes,
      isHead: this.#isHead,
      onFirstByte: () => (this.#firstByteMs = this.#clock.nowMs()),
      onFault: (fault) => this.#break(fault),
    });
  }

  onResponseStart(): void {
    const tap = this.#tap;
    if (tap?.head === undefined) return;
    if (tap.framing?.kind === 'length' && tap.framing.bytes > this.#options.maxBodyBytes)
      return this.#break(bodyTooLarge(this.#options.maxBodyBytes));
    // undici waits in vain for the length that a 204 or 304 may name (RFC 9110 8.6).
    const namesLength = tap.head.headers.some(([name]) => name.toLowerCase() === 'content-length');
    if (tap.framing?.kind === 'none' && !this.#isHead && namesLength) {
      this.isSpent = true;
      this.#settle({ response: { ...tap.head, body: new Uint8Array() } });
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const tap = this.#tap as Tap;
    tap.contentBytes += chunk.length;
    const excess = tap.contentBytes - this.#options.maxBodyBytes;
    this.#content.push(excess > 0 ? chunk.subarray(0, Math.max(0, chunk.length - excess)) : chunk);
    if (excess > 0) this.#break(bodyTooLarge(this.#options.maxBodyBytes));
  }

  onResponseEnd(): void {
    const head = this.#tap?.head;
    if (head === undefined) return this.#break(new TransportError('malformed', 'the answer has no header section'));
    if (this.#tap?.hasBytesBeyond === true) return this.#break(bytesAfterAnswer());
    this.#settle({ response: { ...head, body: Buffer.concat(this.#content) } });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const hasBegun = this.#tap?.hasBegun === true;
    const failure = toFailure(error, { peer: this.#connection.peer, phase: 'exchange', partial: this.#partial() });
    this.isStale = !this.#isSettled && failure.kind === 'closed' && this.#tap !== undefined && this.#tap.requests > 1 && !hasBegun;
    this.#fail(failure);
  }

  #partial(): Partial<WireResponse> | undefined {
    const tap = this.#tap;
    if (tap === undefined || !tap.hasBegun) return undefined;
    return tap.head === undefined ? {} : { ...tap.head, body: Buffer.concat(this.#content) };
  }

  readonly abort = (): void => {
    const partial = this.#partial();
    this.#fail(partial === undefined ? abortedFailure : { ...abortedFailure, partial });
  };

  #break(error: unknown): void {
    this.#fail(toFailure(error, { peer: this.#connection.peer, phase: 'exchange', partial: this.#partial() }));
  }

  #fail(failure: WireFailure): void {
    if (this.#isSettled) return;
    this.#settle({ failure });
    this.#controller?.abort(new Error(failure.kind));
  }

  #settle(outcome: { response: WireResponse } | { failure: WireFailure }): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.abort);
    this.#tap?.end();
    const first = this.#firstByteMs;
    const timing = { startedMs: this.#startedMs, ...(first === undefined ? {} : { firstByteMs: first }), endedMs: this.#clock.nowMs() };
    this.#resolve({ ...outcome, timing });
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const writtenOrRefused = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
  'proxy-connection',
]);

/** Whether undici sends this request without changing or refusing anything. */
export function isWritableByUndici(request: WireRequest): boolean {
  if (request.raw !== undefined || request.method === 'CONNECT' || !token.test(request.method)) return false;
  if (!/^\/[\x21-\xff]*$/.test(request.path)) return false;
  return request.headers.every(
    ([name, value]) => token.test(name) && !writtenOrRefused.has(name.toLowerCase()) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value),
  );
}
