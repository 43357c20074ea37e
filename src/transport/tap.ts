/**
 * Stands between a socket and the HTTP parser of undici and sees what undici does not tell: the HTTP version, the header lines as they came, how
 * many bytes there were. It also keeps interim (1xx) answers away, since undici drops the connection when a server sends an unasked `100 Continue`.
 *
 * @module
 */
import type { Socket } from 'node:net';
import { framingTooLarge, headersTooLarge, TransportError } from './failure.ts';
import { isFramingExcessive } from './limits.ts';
import { framingOf, parseHead, type Framing, type Head } from './response-reader.ts';

const empty: Buffer = Buffer.alloc(0);

/** Who is told about the answer that is being read. */
export interface TapListener {
  readonly maxHeaderBytes: number;
  /** The answer to HEAD has no content. */
  readonly isHead: boolean;
  onFirstByte(): void;
  /** The limits are passed or the head is unreadable; nothing more is read. */
  onFault(fault: unknown): void;
}

/** One per socket. */
export class Tap {
  /** Requests that were written to this socket so far. */
  requests = 0;
  /** Head of the current answer, once it is complete. */
  head: Head | undefined;
  framing: Framing | undefined;
  /** Bytes behind the head of the current answer. */
  bytesAfterHead = 0;
  /** Content bytes that undici made of them; counted by the owner. */
  contentBytes = 0;
  #listener: TapListener | undefined;
  #isInHead = false;
  #hasBegun = false;
  #isFaulty = false;
  #pending = empty;
  #passed = 0;
  #interimBytes = 0;
  #lastChunk = empty;

  /** Puts the tap into the socket. */
  constructor(socket: Socket) {
    const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
    socket.read = ((size?: number): Buffer | null => {
      for (;;) {
        const chunk = this.#isFaulty ? null : read(size);
        if (chunk === null) return null;
        const passed = this.#see(chunk);
        if (passed.length > 0) return passed;
      }
    }) as Socket['read'];
  }

  /** True when at least one byte of the current answer has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** A request is being written. */
  begin(listener: TapListener): void {
    this.requests += 1;
    this.#listener = listener;
    this.head = undefined;
    this.framing = undefined;
    this.bytesAfterHead = 0;
    this.contentBytes = 0;
    this.#isInHead = true;
    this.#hasBegun = false;
    this.#pending = empty;
    this.#passed = 0;
    this.#interimBytes = 0;
    this.#lastChunk = empty;
  }

  /** The answer is over; what comes now belongs to nobody. */
  end(): void {
    this.#listener = undefined;
    this.#isInHead = false;
    this.#lastChunk = empty;
  }

  /** Whether more than blank lines came behind the announced content. */
  get hasBytesBeyond(): boolean {
    if (this.framing?.kind !== 'length') return false;
    const excess = this.bytesAfterHead - this.framing.bytes;
    if (excess <= 0) return false;
    return this.#lastChunk.subarray(Math.max(0, this.#lastChunk.length - excess)).some((byte) => byte !== 13 && byte !== 10);
  }

  /** Returns what undici may read of a chunk. */
  #see(chunk: Buffer): Buffer {
    const listener = this.#listener;
    if (listener === undefined) return chunk;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      listener.onFirstByte();
    }
    this.#lastChunk = chunk;
    if (this.#isInHead) return this.#seeHead(chunk, listener);
    if (isFramingExcessive(this.bytesAfterHead - this.contentBytes, this.contentBytes, listener.maxHeaderBytes))
      return this.#fault(framingTooLarge(), listener);
    this.bytesAfterHead += chunk.length;
    return chunk;
  }

  #seeHead(chunk: Buffer, listener: TapListener): Buffer {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const bytes = this.#pending;
      const end = bytes.indexOf('\r\n\r\n', Math.max(0, this.#passed - 3), 'latin1');
      const length = end === -1 ? bytes.length : end + 4;
      if (this.#interimBytes + length > listener.maxHeaderBytes) return this.#fault(headersTooLarge(listener.maxHeaderBytes), listener);
      if (mayBeInterim(bytes)) {
        if (end === -1) return empty;
        this.#interimBytes += length;
        this.#pending = bytes.subarray(length);
        if (this.#pending.length === 0) return empty;
        continue;
      }
      const passed = bytes.subarray(this.#passed);
      this.#passed = bytes.length;
      if (end === -1) return passed;
      try {
        this.head = parseHead(bytes.toString('latin1', 0, end));
        this.framing = framingOf(this.head, listener.isHead);
      } catch (error) {
        return this.#fault(error, listener);
      }
      if (this.head.status === 101)
        return this.#fault(new TransportError('malformed', 'status 101 switches to a protocol that nobody asked for'), listener);
      this.#isInHead = false;
      this.#pending = empty;
      this.bytesAfterHead = bytes.length - length;
      return passed;
    }
  }

  #fault(fault: unknown, listener: TapListener): Buffer {
    this.#isFaulty = true;
    listener.onFault(fault);
    return empty;
  }
}

/** Whether the bytes are, or may still become, the head of a 1xx answer other than 101. */
function mayBeInterim(bytes: Buffer): boolean {
  const pattern = 'HTTP/1.? 1??';
  const length = Math.min(bytes.length, pattern.length);
  for (let index = 0; index < length; index += 1) {
    const wanted = pattern.charCodeAt(index);
    if (wanted !== 63 && bytes[index] !== wanted) return false;
  }
  return length < pattern.length || bytes[10] !== 48 || bytes[11] !== 49;
}
