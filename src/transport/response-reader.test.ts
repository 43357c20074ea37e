import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireResponse } from '../model/exchange.ts';
import { TransportError } from './failure.ts';
import { ResponseReader } from './response-reader.ts';

const limits = { maxHeaderBytes: 2000, maxBodyBytes: 5000 };

/** What a reader makes of bytes that come in pieces and then end. */
function read(pieces: readonly Buffer[], method = 'GET'): { response?: WireResponse; kind?: string } {
  const reader = new ResponseReader(method, limits);
  try {
    for (const piece of pieces) {
      reader.push(piece);
      if (reader.response !== undefined) return { response: reader.response };
    }
    reader.end();
    return reader.response === undefined ? { kind: 'none' } : { response: reader.response };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    void reader.partial;
    return { kind: error.kind };
  }
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
const name = fc.stringMatching(/^[A-Za-z-]{1,12}$/).map((text) => `X-${text}`);
const value = fc.stringMatching(/^(?:[!-~\x80-\xff](?:[ -~\x80-\xff]{0,20}[!-~\x80-\xff])?)?$/);

function chunked(content: Buffer, chunkSizes: readonly number[], extension: string, trailer: string): Buffer {
  const parts = split(content, chunkSizes).map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from('\r\n')]),
  );
  return Buffer.concat([...parts, Buffer.from(`0${extension}\r\n${trailer}\r\n`)]);
}

describe('the response reader', () => {
  it('gives back what was written, however it is framed and wherever the pieces end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
        fc.array(fc.tuple(name, value), { maxLength: 6 }),
        body,
        fc.constantFrom('length', 'chunked', 'close', 'interim'),
        sizes,
        sizes,
        (status, headers, content, framing, chunkSizes, pieceSizes) => {
          const lines = headers.map(([key, text]) => `${key}: ${text}\r\n`).join('');
          const head = `${framing === 'interim' ? 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n' : ''}HTTP/1.1 ${status} Some reason\r\n${lines}`;
          const rest =
            framing === 'chunked'
              ? Buffer.concat([Buffer.from('Transfer-Encoding: chunked\r\n\r\n'), chunked(content, chunkSizes, ';a="b"', 'X-T: 1\r\n')])
              : Buffer.concat([Buffer.from(framing === 'close' ? '\r\n' : `Content-Length: ${content.length}\r\n\r\n`), content]);
          const { response } = read(split(Buffer.concat([Buffer.from(head, 'latin1'), rest]), pieceSizes));
          expect(response).toMatchObject({ status, reason: 'Some reason', httpVersion: '1.1' });
          expect(response?.headers.slice(0, headers.length)).toEqual(headers);
          expect(Buffer.from(response?.body as Uint8Array)).toEqual(content);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  it('calls an answer that is cut anywhere closed, unless only its end was announced by the closing', () => {
    fc.assert(
      fc.property(body, fc.boolean(), fc.nat(), sizes, (content, isChunked, at, pieceSizes) => {
        const rest = isChunked
          ? Buffer.concat([Buffer.from('Transfer-Encoding: chunked\r\n\r\n'), chunked(content, [7], '', '')])
          : Buffer.concat([Buffer.from(`Content-Length: ${content.length}\r\n\r\n`), content]);
        const whole = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), rest]);
        expect(read(split(whole.subarray(0, at % whole.length), pieceSizes))).toEqual({ kind: 'closed' });
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('ends with an answer or a failure for any bytes, the same for any pieces', () => {
    const fragments = fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.0 404\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: gzip\r\n',
      'Content-Length: 5\r\n',
      'Content-Length: 5, 5\r\n',
      ' folded\r\n',
      'X: y\r\n',
      'X : y\r\n',
      '\r\n',
      '\n',
      '5\r\nhello\r\n',
      '0\r\n\r\n',
      'ffffffffffffff\r\n',
      'hello',
      '\0',
      '\x1b[31m',
      '\u00ff',
    );
    const kinds = ['closed', 'malformed', 'too-large'];
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 10 }), fc.constantFrom('GET', 'HEAD'), sizes, (parts, method, pieceSizes) => {
        const bytes = Buffer.from(parts.join(''), 'latin1');
        const whole = read([bytes], method);
        const pieces = read(split(bytes, pieceSizes), method);
        if (whole.response === undefined) expect(kinds).toContain(whole.kind);
        // Bytes behind the end are only noticed when they come in one piece with it.
        if (whole.kind !== 'malformed') expect(pieces).toEqual(whole);
        else expect(pieces.response !== undefined || kinds.includes(String(pieces.kind))).toBe(true);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it.each([
    ['a folded line', 'HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 0\r\n\r\n', ['X', 'a b']],
    ['blanks around a value', 'HTTP/1.1 200 OK\r\nX:\t a \t\r\nContent-Length: 0\r\n\r\n', ['X', 'a']],
    ['an equal length twice', 'HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n', ['X', '1']],
  ])('reads %s', (_what, text, header) => {
    expect(read([Buffer.from(text)]).response?.headers[0]).toEqual(header);
  });

  it.each([
    ['lines that end in LF alone', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a terminal escape in a header', 'HTTP/1.1 200 OK\r\nX: \x1b[31m\r\nContent-Length: 0\r\n\r\n'],
    ['HTTP/0.9', 'hello'],
    ['a folded first line', 'HTTP/1.1 200 OK\r\n X: y\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 X\r\n\r\n'],
  ])('calls %s malformed', (_what, text) => {
    expect(read([Buffer.from(text)]).kind).toBe('malformed');
  });

  it('shows no more than five characters of what came instead of HTTP', () => {
    const reader = new ResponseReader('GET', limits);
    expect(() => reader.push(Buffer.from('secret-0123456789 and more'))).toThrow(/with "secre"$/);
  });
});
