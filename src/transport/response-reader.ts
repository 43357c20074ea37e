/**
 * Reads one HTTP/1.x response (RFC 9112) from bytes as they come. Strict where leniency would hide a fault; holds no socket and no clock.
 *
 * @module
 */
import type { HeaderLine, WireResponse } from '../model/exchange.ts';
import { bodyTooLarge, bytesAfterAnswer, framingTooLarge, headersTooLarge, TransportError } from './failure.ts';
import { isFramingExcessive } from './limits.ts';

interface ReaderLimits {
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers' | 'until-close' | 'done';

const statusLine = /^HTTP\/(1\.\d) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*((?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[\t ]*$/;
// RFC 9112 7.1.1; a sender may put blanks before an extension.
const chunkSizeLine = /^([0-9A-Fa-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const blankLinesOnly = /^[\r\n]*$/;

/** The header section of an answer: everything but the content. */
export interface Head {
  readonly httpVersion: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderLine[];
}

/** Feed it with `push`, tell it about the end with `end`; `response` is set as soon as the answer is complete. */
export class ResponseReader {
  readonly #limits: ReaderLimits;
  readonly #isHead: boolean;
  #state: State = 'head';
  #pending: Buffer = Buffer.alloc(0);
  /** Up to where `#pending` is known not to hold the end of the current line or section. */
  #searched = 0;
  #head: Head | undefined;
  #content: Buffer[] = [];
  #contentBytes = 0;
  #framingBytes = 0;
  #remaining = 0;
  #response: WireResponse | undefined;

  /** @param method of the request: the answer to HEAD has no content. */
  constructor(method: string, limits: ReaderLimits) {
    this.#limits = limits;
    this.#isHead = method === 'HEAD';
  }

  get response(): WireResponse | undefined {
    return this.#response;
  }

  /** What has arrived so far, or undefined when not even one byte has. */
  get partial(): Partial<WireResponse> | undefined {
    if (this.#head === undefined) return this.#pending.length === 0 && this.#framingBytes === 0 ? undefined : {};
    return { ...this.#head, body: Buffer.concat(this.#content) };
  }

  /** @throws TransportError when the answer is not HTTP/1.x, its lengths lie, or a limit is passed. */
  push(chunk: Buffer): void {
    if (this.#state === 'done') return;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#step());
  }

  /** @throws TransportError when the answer was not complete. */
  end(): void {
    if (this.#state === 'until-close') return this.#finish();
    if (this.#state === 'done') return;
    if (this.#head !== undefined) {
      const announced = this.#state === 'length' ? ` (${this.#contentBytes} of ${this.#contentBytes + this.#remaining} bytes came)` : '';
      throw new TransportError('closed', `the connection was closed before the answer was complete${announced}`);
    }
    if (this.#pending.length === 0) throw new TransportError('closed', 'the connection was closed without an answer');
    const start = this.#pending.toString('latin1', 0, 7);
    if (!'HTTP/1.'.startsWith(start)) throw notHttp(start);
    throw new TransportError('closed', 'the connection was closed inside the header section');
  }

  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'length':
      case 'chunk-data':
        return this.#readContent();
      case 'until-close':
        this.#keep(this.#take());
        return false;
      case 'chunk-size':
        return this.#readChunkSize();
      case 'chunk-end':
        return this.#readChunkEnd();
      case 'trailers':
        return this.#readTrailers();
      case 'done':
        return false;
    }
  }

  #readHead(): boolean {
    const bytes = this.#pending;
    if (bytes.length >= 5 && bytes.toString('latin1', 0, 5) !== 'HTTP/') throw notHttp(bytes.toString('latin1', 0, 5));
    const end = bytes.indexOf('\r\n\r\n', Math.max(0, this.#searched - 3), 'latin1');
    const length = end === -1 ? bytes.length : end + 4;
    if (this.#framingBytes + length > this.#limits.maxHeaderBytes) throw headersTooLarge(this.#limits.maxHeaderBytes);
    if (end === -1) {
      const line = bytes.indexOf('\n', 0, 'latin1');
      if (line > 0 && bytes[line - 1] !== 13)
        throw new TransportError('malformed', 'the lines of the header section end in LF alone instead of CRLF');
      if (line > 0) parseStatusLine(bytes.toString('latin1', 0, line - 1));
      this.#searched = bytes.length;
      return false;
    }
    this.#consume(length);
    this.#framingBytes += length;
    const head = parseHead(bytes.toString('latin1', 0, end));
    // RFC 9110 15.2: interim answers may come unasked, and are not the answer.
    if (head.status < 200 && head.status !== 101) return true;
    if (head.status === 101) throw new TransportError('malformed', 'status 101 switches to a protocol that nobody asked for');
    this.#head = head;
    this.#framingBytes = 0;
    this.#chooseFraming(head);
    return true;
  }

  #chooseFraming(head: Head): void {
    const framing = framingOf(head, this.#isHead);
    switch (framing.kind) {
      case 'none':
        return this.#finish();
      case 'chunked':
        this.#state = 'chunk-size';
        return;
      case 'until-close':
        this.#state = 'until-close';
        return;
      case 'length':
        if (framing.bytes > this.#limits.maxBodyBytes) throw bodyTooLarge(this.#limits.maxBodyBytes);
        this.#remaining = framing.bytes;
        this.#state = 'length';
        if (framing.bytes === 0) this.#finish();
    }
  }

  #readContent(): boolean {
    if (this.#pending.length === 0) return false;
    const piece = this.#pending.subarray(0, this.#remaining);
    this.#consume(piece.length);
    this.#keep(piece);
    this.#remaining -= piece.length;
    if (this.#remaining > 0) return false;
    if (this.#state === 'length') this.#finish();
    else this.#state = 'chunk-end';
    return true;
  }

  #readChunkSize(): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    const size = chunkSizeLine.exec(line)?.[1];
    if (size === undefined) throw new TransportError('malformed', 'a chunk does not begin with its size');
    this.#remaining = Number.parseInt(size, 16);
    if (this.#contentBytes + this.#remaining > this.#limits.maxBodyBytes) throw bodyTooLarge(this.#limits.maxBodyBytes);
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk-data';
    return true;
  }

  #readChunkEnd(): boolean {
    if (this.#pending.length === 0 || (this.#pending.length === 1 && this.#pending[0] === 13)) return false;
    if (this.#pending[0] !== 13 || this.#pending[1] !== 10) throw new TransportError('malformed', 'a chunk is longer than its size says');
    this.#consume(2);
    this.#countFraming(2);
    this.#state = 'chunk-size';
    return true;
  }

  #readTrailers(): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    if (line === '') {
      this.#finish();
      return true;
    }
    if (!headerLine.test(line)) throw new TransportError('malformed', 'a line of the trailers is no header');
    return true;
  }

  /** The next line without its CRLF, or undefined when it has not come whole. */
  #line(): string | undefined {
    const end = this.#pending.indexOf('\r\n', Math.max(0, this.#searched - 1), 'latin1');
    if (end === -1) {
      this.#searched = this.#pending.length;
      this.#checkFraming(this.#pending.length);
      return undefined;
    }
    const line = this.#pending.toString('latin1', 0, end);
    this.#consume(end + 2);
    this.#countFraming(end + 2);
    return line;
  }

  #countFraming(bytes: number): void {
    this.#framingBytes += bytes;
    this.#checkFraming(0);
  }

  #checkFraming(more: number): void {
    if (isFramingExcessive(this.#framingBytes + more, this.#contentBytes, this.#limits.maxHeaderBytes)) throw framingTooLarge();
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#contentBytes += piece.length;
    if (this.#contentBytes > this.#limits.maxBodyBytes) {
      this.#content.push(piece.subarray(0, piece.length - (this.#contentBytes - this.#limits.maxBodyBytes)));
      throw bodyTooLarge(this.#limits.maxBodyBytes);
    }
    this.#content.push(piece);
  }

  #take(): Buffer {
    const all = this.#pending;
    this.#consume(all.length);
    return all;
  }

  #consume(bytes: number): void {
    this.#pending = this.#pending.subarray(bytes);
    this.#searched = 0;
  }

  #finish(): void {
    const framing = this.#state;
    this.#state = 'done';
    const rest = this.#take();
    // RFC 9112 9.3: bytes behind the announced end may belong to the content; an empty line more is harmless.
    if ((framing === 'length' || framing === 'trailers') && !blankLinesOnly.test(rest.toString('latin1'))) throw bytesAfterAnswer();
    this.#response = { ...(this.#head as Head), body: Buffer.concat(this.#content) };
  }
}

export type Framing = { readonly kind: 'none' | 'chunked' | 'until-close' } | { readonly kind: 'length'; readonly bytes: number };

/**
 * How the content of an answer is delimited (RFC 9112 6.3).
 *
 * @throws TransportError when its header fields contradict each other.
 */
export function framingOf(head: Head, isHead: boolean): Framing {
  const valuesOf = (wanted: string) =>
    head.headers.filter(([name]) => name.toLowerCase() === wanted).flatMap(([, value]) => value.split(','));
  if (isHead || head.status === 204 || head.status === 304) return { kind: 'none' };
  const lengths = valuesOf('content-length').map((value) => value.trim());
  const codings = valuesOf('transfer-encoding').map((value) => value.trim().toLowerCase());
  if (codings.length > 0) {
    if (lengths.length > 0) throw new TransportError('malformed', 'the answer has both Content-Length and Transfer-Encoding');
    return { kind: codings.at(-1) === 'chunked' ? 'chunked' : 'until-close' };
  }
  const [value, ...others] = new Set(lengths);
  if (value === undefined) return { kind: 'until-close' };
  if (others.length > 0) throw new TransportError('malformed', 'the answer has several lengths that differ');
  if (!/^\d{1,15}$/.test(value)) throw new TransportError('malformed', 'Content-Length is not a number');
  return { kind: 'length', bytes: Number(value) };
}

/** Parses a header section without its final empty line. */
export function parseHead(text: string): Head {
  const lines = text.split('\r\n');
  const { httpVersion, status, reason } = parseStatusLine(lines[0] ?? '');
  const headers: HeaderLine[] = [];
  for (const line of lines.slice(1)) {
    const match = headerLine.exec(line);
    if (match !== null) {
      headers.push([match[1] as string, match[2] as string]);
      continue;
    }
    // RFC 9112 5.2: a folded line is read as one, joined with blanks.
    const last = headers.at(-1);
    if (last !== undefined && /^[\t ]+[\t\x20-\x7e\x80-\xff]*$/.test(line)) {
      headers[headers.length - 1] = [last[0], `${last[1]} ${line.trim()}`.trim()];
      continue;
    }
    throw new TransportError('malformed', 'a line of the header section is no header');
  }
  return { httpVersion, status, reason, headers };
}

function parseStatusLine(line: string): Pick<Head, 'httpVersion' | 'status' | 'reason'> {
  const match = statusLine.exec(line);
  if (match === null) throw notHttp(line);
  return { httpVersion: match[1] as string, status: Number(match[2]), reason: match[3] ?? '' };
}

/** Only the first few characters are shown: what a target sends may hold a secret. */
function notHttp(start: string): TransportError {
  return new TransportError(
    'malformed',
    `the answer does not begin with an HTTP/1.x status line but with ${JSON.stringify(start.slice(0, 5))}`,
  );
}
