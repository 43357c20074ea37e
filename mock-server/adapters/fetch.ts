/**
 * The mock as a function: `Request` in, `Response` out. For edge handlers, service workers and tests without a socket.
 *
 * @module
 */
import type { HeaderLine, WireRequest, WireResponse } from '../../src/model/exchange.ts';
import type { Delivery } from '../faults.ts';

export async function toWireRequest(request: Request): Promise<WireRequest> {
  const url = new URL(request.url);
  const headers: HeaderLine[] = [['Host', url.host]];
  request.headers.forEach((value, name) => {
    if (name !== 'host') headers.push([name, value]);
  });
  const wire = { method: request.method, path: url.pathname + url.search, headers };
  if (request.body === null) return wire;
  return { ...wire, body: new Uint8Array(await request.arrayBuffer()) };
}

/** Answers without a body whatever was sent: `Response` refuses one with these. */
const bodiless = new Set([101, 103, 204, 205, 304]);

export function toResponse({ status, reason, headers, body }: WireResponse): Response {
  const sent = new Headers();
  for (const [name, value] of headers) sent.append(name, value);
  return new Response(bodiless.has(status) ? null : new Uint8Array(body), { status, statusText: reason, headers: sent });
}

/** A network error is a rejected promise, as with the real `fetch`. */
export async function deliverResponse({ response, delayMs, drop, truncateBytes }: Delivery): Promise<Response> {
  if (delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, delayMs));
  if (drop === true) throw new TypeError('fetch failed: the mock closed the connection');
  if (truncateBytes === undefined) return toResponse(response);
  return toResponse({ ...response, body: response.body.subarray(0, truncateBytes) });
}
