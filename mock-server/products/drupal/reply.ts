/**
 * What a controller returns, before the kernel and the web server add their headers.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { phpJsonHex } from '../../php/json.ts';

/** What core's caches can make of an answer: nothing; only the page cache, since it varies by user; both. */
export type Cacheability = 'none' | 'poor' | 'good';

export interface Reply {
  status: number;
  /** Reason phrase, where it is not the usual one. */
  reason?: string;
  /** Headers of the controller; Content-Type included. */
  headers: HeaderLine[];
  body: string | Uint8Array;
  /** Cache-Control; undefined: core's `must-revalidate, no-cache, private`. */
  cacheControl?: string;
  /** Default none. */
  cacheability?: Cacheability;
  /** Things whose change makes it stale, e.g. `user:2`, `node_list`. */
  tags?: readonly string[];
  fromDynamicCache?: true;
  /** Made cacheable after the dynamic cache looked at it. */
  isLocalRedirect?: true;
  /** A policy keeps it out of the page cache all the same. */
  keptFromPageCache?: true;
  /** A themed page: put together by a request of its own, which reaches the dynamic cache even when the first one did not. */
  themed?: true;
  /** Printed and exited: only the web server's headers are added. */
  bare?: true;
  /** The status was set after the body was printed: without output buffering it is lost, and 200 is sent. */
  statusAfterOutput?: true;
}

/** A JsonResponse (or serialised REST answer) with hex escapes. */
export function jsonReply(status: number, value: unknown, headers: HeaderLine[] = []): Reply {
  return { status, headers: [...headers, jsonType], body: phpJsonHex(value) };
}

export function textReply(status: number, body: string, headers: HeaderLine[] = []): Reply {
  return { status, headers: [...headers, ['Content-Type', 'text/plain; charset=UTF-8']], body };
}

export const jsonType: HeaderLine = ['Content-Type', 'application/json'];
