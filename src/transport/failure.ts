/**
 * Turns what goes wrong on a connection into a kind and a sentence for a person.
 *
 * @module
 */
import type { FailureKind, SendOptions, WireFailure, WireResponse } from '../model/exchange.ts';

/** Raised inside a sender only; `send()` turns it into a `WireFailure`. */
export class TransportError extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = 'TransportError';
    this.kind = kind;
  }
}

/** Where the exchange stood when it failed. */
export type Phase = 'connect' | 'handshake' | 'exchange';

export interface Circumstances {
  /** `host:port` that was connected to: the target, or the proxy in front of it. */
  readonly peer: string;
  readonly phase: Phase;
  readonly partial?: Partial<WireResponse> | undefined;
}

/** The failure that an error of node:net, node:tls or undici stands for. */
export function toFailure(error: unknown, where: Circumstances): WireFailure {
  const [kind, message] = error instanceof TransportError ? [error.kind, error.message] : describe(error, where);
  return where.partial === undefined ? { kind, message } : { kind, message, partial: where.partial };
}

export function timeoutFailure(options: SendOptions, partial?: Partial<WireResponse>): WireFailure {
  const seconds = Number((options.timeoutMs / 1000).toFixed(3));
  const message =
    partial === undefined
      ? `no answer within ${seconds} s`
      : partial.status === undefined
        ? `the answer had begun, but its header section was not complete within ${seconds} s`
        : `the answer had begun, but was not complete within ${seconds} s (${partial.body?.byteLength ?? 0} bytes of content came)`;
  return partial === undefined ? { kind: 'timeout', message } : { kind: 'timeout', message, partial };
}

export const abortedFailure: WireFailure = { kind: 'aborted', message: 'the run was interrupted before the answer was complete' };

export function headersTooLarge(limit: number): TransportError {
  return new TransportError('too-large', `the header section is longer than ${limit} bytes`);
}

export function bodyTooLarge(limit: number): TransportError {
  return new TransportError('too-large', `the content is longer than ${limit} bytes`);
}

export function framingTooLarge(): TransportError {
  return new TransportError('too-large', 'chunk sizes, chunk extensions or trailers outweigh the content they carry');
}

export function bytesAfterAnswer(): TransportError {
  return new TransportError('malformed', 'more bytes came than the answer announced (its Content-Length is too small)');
}

function describe(error: unknown, { peer, phase }: Circumstances): readonly [FailureKind, string] {
  const code = codeOf(error);
  if (phase === 'handshake' || isTlsCode(code)) return ['tls', describeTls(error, code, peer)];
  switch (code) {
    case 'ECONNREFUSED':
      return ['refused', `nothing listens on ${peer}`];
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EACCES':
    case 'EPERM':
      return ['refused', `${peer} cannot be reached from here (${code})`];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return ['dns', code === 'EAI_AGAIN' ? `the name of ${peer} could not be looked up just now` : `the name of ${peer} is unknown`];
    case 'ETIMEDOUT':
      return ['timeout', `${peer} did not answer the attempt to connect`];
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'UND_ERR_SOCKET':
      return ['closed', 'the connection was closed before the answer was complete'];
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return ['closed', 'the connection was closed before as many bytes came as Content-Length announced'];
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return ['aborted', abortedFailure.message];
    default:
      break;
  }
  // undici's parser, with or without a code.
  if (error instanceof Error && error.name === 'HTTPParserError') {
    const reason = /\(([^)]*)\)/.exec(error.message)?.[1] ?? '';
    if (/EOF/.test(reason)) return ['closed', 'the connection was closed before the answer was complete'];
    return ['malformed', reason === '' ? 'the answer is not valid HTTP/1.1' : `the answer is not valid HTTP/1.1 (${reason})`];
  }
  if (phase === 'connect') return ['refused', `no connection to ${peer} (${code ?? textOf(error)})`];
  return ['closed', `the connection broke (${code ?? textOf(error)})`];
}

function isTlsCode(code: string | undefined): boolean {
  return (
    code !== undefined &&
    (/^ERR_(?:TLS|SSL|OSSL)_/.test(code) ||
      code === 'EPROTO' ||
      /CERT|ISSUER|VERIFY_LEAF|UNABLE_TO_|CRL_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH/.test(code))
  );
}

function describeTls(error: unknown, code: string | undefined, peer: string): string {
  switch (code) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `the certificate of ${peer} is self-signed; give it as tls.ca if it is yours`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `the certificate of ${peer} was issued by an authority that is not trusted here; give that authority as tls.ca`;
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `the certificate of ${peer} comes without its chain, or its issuer is not trusted here; repair the chain on the server, or give the issuer as tls.ca`;
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${peer} has expired`;
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${peer} is not valid yet; compare the clocks of both machines`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate of ${peer} is for another name`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return /wrong version number|packet length too long|http request/i.test(textOf(error))
        ? `${peer} does not speak TLS on this port; baseUrl may have to begin with http://`
        : `the TLS handshake with ${peer} failed (${opensslReason(error)})`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNREFUSED':
      return `${peer} closed the connection during the TLS handshake`;
    default:
      return `the TLS handshake with ${peer} failed (${code ?? opensslReason(error)})`;
  }
}

/** The readable part of an OpenSSL error line, e.g. `sslv3 alert handshake failure`. */
function opensslReason(error: unknown): string {
  const reason = (error as { reason?: unknown } | null)?.reason;
  return typeof reason === 'string' ? reason : (codeOf(error) ?? 'no reason given');
}

function codeOf(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
