/**
 * The mock on a port: `node:http` in front of `serve`. The fast path; no framework, headers written as one array.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HeaderLine, WireRequest } from '../../src/model/exchange.ts';
import { TargetError } from '../../src/support/error.ts';
import type { Delivery } from '../faults.ts';

export interface ListenOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface Listening {
  readonly url: string;
  readonly port: number;
  readonly host: string;
  close(): Promise<void>;
}

const maximumBodyBytes = 8 * 1024 * 1024;

export async function listen(serve: (request: WireRequest) => Delivery, options: ListenOptions = {}): Promise<Listening> {
  const { port = 0, host = '127.0.0.1' } = options;
  const server = createServer({ keepAliveTimeout: 60_000 }, (message, response) => receive(serve, message, response));
  await start(server, port, host);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    port: actual,
    host,
    close: () => stop(server),
  };
}

function start(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, port, host)));
    server.listen(port, host, () => resolve());
  });
}

function listenError(cause: NodeJS.ErrnoException, port: number, host: string): TargetError {
  const place = `${host}:${port}`;
  if (cause.code === 'EADDRINUSE') {
    return new TargetError(`Port ${port} on ${host} is in use.`, { cause, remedy: 'choose another with --port, or 0 for any free port.' });
  }
  if (cause.code === 'EACCES') {
    return new TargetError(`Listening on ${place} is not permitted.`, { cause, remedy: 'choose a port above 1023.' });
  }
  return new TargetError(`The mock cannot listen on ${place}: ${cause.message}.`, { cause, remedy: 'check --host and --port.' });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function receive(serve: (request: WireRequest) => Delivery, message: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', url = '/' } = message;
  const headers = pairs(message.rawHeaders);
  // Without content there is nothing to wait for, which spares a GET a tenth of its time.
  if (!headers.some(announcesContent)) return deliver(serveSafely(serve, { method, path: url, headers }), response);
  const chunks: Buffer[] = [];
  let size = 0;
  message.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maximumBodyBytes) chunks.push(chunk);
    else message.destroy();
  });
  message.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : chunks.length === 0 ? undefined : Buffer.concat(chunks);
    deliver(serveSafely(serve, body === undefined ? { method, path: url, headers } : { method, path: url, headers, body }), response);
  });
  message.on('error', () => response.destroy());
}

/** RFC 9112 6.3: a request without these fields has no content. */
function announcesContent([name]: HeaderLine): boolean {
  return (
    (name.length === 14 && name.toLowerCase() === 'content-length') || (name.length === 17 && name.toLowerCase() === 'transfer-encoding')
  );
}

/** A fault of ours must neither end the server nor pass for an answer of the product: it is shown with its stack. */
function serveSafely(serve: (request: WireRequest) => Delivery, request: WireRequest): Delivery {
  try {
    return serve(request);
  } catch (error) {
    const body = Buffer.from(`The mock failed, which is its own fault:\n${error instanceof Error ? error.stack : String(error)}\n`);
    const headers: HeaderLine[] = [
      ['Content-Type', 'text/plain; charset=UTF-8'],
      ['Content-Length', String(body.length)],
    ];
    return { response: { httpVersion: '1.1', status: 500, reason: 'Mock Failure', headers, body } };
  }
}

function pairs(raw: readonly string[]): HeaderLine[] {
  const lines: HeaderLine[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) lines.push([raw[i] as string, raw[i + 1] as string]);
  return lines;
}

function deliver(delivery: Delivery, response: ServerResponse): void {
  // All answers of a turn leave together: each one that wakes a waiting client costs as much as a third of an answer.
  if (delivery.delayMs === undefined) setImmediate(write, delivery, response);
  else setTimeout(() => write(delivery, response), delivery.delayMs);
}

function write({ response: answer, drop, truncateBytes, dripMs }: Delivery, response: ServerResponse): void {
  if (drop === true) {
    response.socket?.destroy();
    return;
  }
  response.sendDate = false;
  response.writeHead(answer.status, answer.reason, flatten(answer.headers));
  if (truncateBytes !== undefined) {
    response.write(answer.body.subarray(0, truncateBytes), () => response.socket?.destroy());
  } else if (dripMs !== undefined) drip(answer.body, dripMs, response);
  else endAtOnce(answer.body, response);
}

/**
 * A string leaves together with the head in one write, bytes in a second one, which costs a third of the whole answer. Latin-1 keeps
 * every byte as it is.
 */
function endAtOnce(body: Uint8Array, response: ServerResponse): void {
  if (body.length > 65_536) response.end(body);
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'), 'latin1');
}

function flatten(headers: readonly HeaderLine[]): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) flat.push(name, value);
  return flat;
}

function drip(body: Uint8Array, everyMs: number, response: ServerResponse): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent >= body.length || response.destroyed) {
      clearInterval(timer);
      response.end();
    } else response.write(body.subarray(sent, ++sent));
  }, everyMs);
}
