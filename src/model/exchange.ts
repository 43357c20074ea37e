/**
 * What goes over the wire, as plain data: the one shape that transports, mock, judge and recorder share.
 *
 * @module
 */

/** A header as sent or received: name in its original case, value as text (latin1 for bytes above 0x7f). */
export type HeaderLine = readonly [name: string, value: string];

/** A request, exactly as it is to be sent. */
export interface WireRequest {
  readonly method: string;
  /** Origin-form: path and query as they stand on the request line, with the target's sub-folder. */
  readonly path: string;
  /** In sending order, repetitions kept. `Host` and `Content-Length` are added by the transport unless present. */
  readonly headers: readonly HeaderLine[];
  readonly body?: Uint8Array;
  /** The whole message as bytes, for what no client library sends. Then every other field is only a description. */
  readonly raw?: Uint8Array;
}

/** A response, exactly as it was received. */
export interface WireResponse {
  readonly httpVersion: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderLine[];
  /** Undecoded content (after transfer-coding, before content-coding). */
  readonly body: Uint8Array;
}

/**
 * Why no complete response came. `refused`: nothing listens; `dns`: name unknown; `tls`: handshake or certificate;
 * `timeout`: the limit passed; `closed`: the connection ended early (reset, cut, restart); `too-large`: headers or body over the
 * limit; `malformed`: not HTTP, or lengths that lie; `aborted`: we were interrupted; `unsendable`: this transport cannot send it.
 */
export const failureKinds = ['refused', 'dns', 'tls', 'timeout', 'closed', 'too-large', 'malformed', 'aborted', 'unsendable'] as const;
export type FailureKind = (typeof failureKinds)[number];

export interface WireFailure {
  readonly kind: FailureKind;
  /** One sentence for a person, without secrets. */
  readonly message: string;
  /** What arrived before it failed, if anything. */
  readonly partial?: Partial<WireResponse>;
}

/** Milliseconds of a monotonic clock, relative to the start of the run. */
export interface Timing {
  readonly startedMs: number;
  readonly firstByteMs?: number;
  readonly endedMs: number;
}

/** A request and what came back. Exactly one of `response` and `failure` is present. */
export interface Exchange {
  readonly request: WireRequest;
  readonly response?: WireResponse;
  readonly failure?: WireFailure;
  readonly timing: Timing;
}

export interface SendOptions {
  /** Whole exchange, from connect to last byte. */
  readonly timeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
  /** A connection of its own, closed afterwards. */
  readonly freshConnection?: boolean;
  readonly signal?: AbortSignal;
  /** The step that sends it: a recording knows its answers by it. */
  readonly step?: string;
}

/**
 * Sends one request. Implementations never throw for anything the target does, follow no redirect, retry nothing, and
 * always settle within `timeoutMs`.
 */
export interface Transport {
  send(request: WireRequest, options: SendOptions): Promise<Omit<Exchange, 'request'>>;
  close(): Promise<void>;
}

/** All values of a header, in order; the name is compared without case (RFC 9110 5.1). */
export function headerValues(headers: readonly HeaderLine[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

/** The values joined with a comma (RFC 9110 5.3), or undefined when the header is absent. */
export function headerValue(headers: readonly HeaderLine[], name: string): string | undefined {
  const values = headerValues(headers, name);
  return values.length === 0 ? undefined : values.join(', ');
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Body as text; invalid UTF-8 becomes U+FFFD. A byte order mark is kept, since RFC 8259 8.1 forbids it. */
export function bodyText(body: Uint8Array): string {
  return utf8.decode(body);
}
