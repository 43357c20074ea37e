import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Exchange, FailureKind, HeaderLine, SendOptions, WireRequest, WireResponse } from '../model/exchange.ts';
import { bodyText } from '../model/exchange.ts';
import { createRawTransport } from './raw.ts';
import { createUndiciTransport } from './undici.ts';

vi.setConfig({ testTimeout: 30_000 });

const limits: SendOptions = { timeoutMs: 20_000, maxHeaderBytes: 8192, maxBodyBytes: 65_536 };
const get: WireRequest = { method: 'GET', path: '/x', headers: [['Accept', '*/*']] };

/** What a server does with its connections; `received` is what came over this one so far. */
type Script = (socket: Socket, received: string, connection: number) => void;

interface Scripted {
  readonly baseUrl: string;
  /** Text received, one entry a connection. */
  readonly received: string[];
  readonly sockets: Socket[];
}

const servers: Server[] = [];
const closers: (() => Promise<void> | void)[] = [];

async function serve(script: Script): Promise<Scripted> {
  const received: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = received.push('') - 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      received[connection] += chunk.toString('latin1');
      script(socket, received[connection] as string, connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  closers.push(() => sockets.forEach((socket) => socket.destroy()));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, sockets };
}

/** Answers every complete request without body with these bytes. */
const answering =
  (...parts: (string | Buffer)[]): Script =>
  (socket, received) => {
    if (!received.endsWith('\r\n\r\n')) return;
    for (const part of parts) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  };

const closing =
  (...parts: (string | Buffer)[]): Script =>
  (socket, received) => {
    if (!received.endsWith('\r\n\r\n')) return;
    for (const part of parts) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    socket.end();
  };

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const senders = {
  undici: (baseUrl: string) => createUndiciTransport({ baseUrl }),
  raw: (baseUrl: string) => createRawTransport({ origin: new URL(baseUrl) }),
};

for (const [name, create] of Object.entries(senders)) {
  const open = (baseUrl: string) => {
    const transport = create(baseUrl);
    closers.push(() => transport.close());
    return transport;
  };
  const exchange = async (script: Script, request: WireRequest = get, options: Partial<SendOptions> = {}) => {
    const { baseUrl } = await serve(script);
    return open(baseUrl).send(request, { ...limits, ...options });
  };

  describe(`reading answers with the ${name} sender`, () => {
    const ok = async (script: Script, request?: WireRequest): Promise<WireResponse> => {
      const { response, failure } = await exchange(script, request);
      expect(failure).toBeUndefined();
      return response as WireResponse;
    };

    it('keeps version, reason, and header lines in order, spelling and repetition', async () => {
      const response = await ok(
        answering(
          'HTTP/1.1 203 Not quite\r\nX-B: 1\r\nset-cookie: a=1\r\nX-b:  2 \r\nSet-Cookie: b=2\r\nContent-Length: 2\r\nX-Empty:\r\n\r\nhi',
        ),
      );
      expect(response).toMatchObject({ httpVersion: '1.1', status: 203, reason: 'Not quite' });
      expect(response.headers).toEqual<HeaderLine[]>([
        ['X-B', '1'],
        ['set-cookie', 'a=1'],
        ['X-b', '2'],
        ['Set-Cookie', 'b=2'],
        ['Content-Length', '2'],
        ['X-Empty', ''],
      ]);
      expect(bodyText(response.body)).toBe('hi');
    });

    it('reads HTTP/1.0 until the connection closes', async () => {
      const response = await ok(closing('HTTP/1.0 200 OK\r\nX: 1\r\n\r\n', 'part one,', ' part two'));
      expect(response.httpVersion).toBe('1.0');
      expect(bodyText(response.body)).toBe('part one, part two');
    });

    it('reads a status line without reason', async () => {
      expect(await ok(answering('HTTP/1.1 401\r\nContent-Length: 0\r\n\r\n'))).toMatchObject({ status: 401, reason: '' });
    });

    it('joins chunks and drops extensions and trailers', async () => {
      const response = await ok(
        answering(
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
          '3;a=b;c="d"\r\nabc\r\n',
          '2\r\nde\r\n0\r\nX-Trailer: 1\r\nX-Other: 2\r\n\r\n',
        ),
      );
      expect(bodyText(response.body)).toBe('abcde');
      expect(response.headers).toEqual([['Transfer-Encoding', 'chunked']]);
    });

    it('reads an answer that comes one byte at a time', async () => {
      const bytes = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
      const script: Script = (socket, received) => {
        if (!received.endsWith('\r\n\r\n')) return;
        socket.setNoDelay(true);
        let at = 0;
        const next = () => {
          if (at < bytes.length) socket.write(bytes[at++] as string, () => setImmediate(next));
        };
        next();
      };
      expect(bodyText((await ok(script)).body)).toBe('hello');
    });

    it('passes over interim answers, asked for or not', async () => {
      const response = await ok(
        answering(
          'HTTP/1.1 100 Continue\r\n\r\n',
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n',
          'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
        ),
      );
      expect(response.status).toBe(200);
      expect(response.headers).toEqual([['Content-Length', '2']]);
    });

    it.each([204, 304])('expects no content after %i', async (status) => {
      expect((await ok(answering(`HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\n`))).body.byteLength).toBe(0);
    });

    it('expects no content after HEAD, whatever the length says', async () => {
      const response = await ok(answering('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'), { ...get, method: 'HEAD' });
      expect(response.body.byteLength).toBe(0);
    });

    it('keeps bytes above 0x7f of a header as latin1 text', async () => {
      const response = await ok(
        answering(
          Buffer.concat([
            Buffer.from('HTTP/1.1 200 OK\r\nX: '),
            Buffer.from([0xff, 0xfe, 0x80]),
            Buffer.from('\r\nContent-Length: 0\r\n\r\n'),
          ]),
        ),
      );
      expect(response.headers[0]).toEqual(['X', '\u00ff\u00fe\u0080']);
    });

    it('leaves a compressed body compressed', async () => {
      const body = Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]);
      const response = await ok(answering(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`, body));
      expect(Buffer.from(response.body)).toEqual(body);
    });

    it('follows no redirect', async () => {
      expect((await ok(answering('HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n'))).status).toBe(302);
    });

    it('forgives an empty line behind the announced content', async () => {
      expect(bodyText((await ok(answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi\r\n'))).body)).toBe('hi');
    });

    it('says when the answer began and ended', async () => {
      const { timing } = await exchange(answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
      expect(timing.firstByteMs).toBeGreaterThanOrEqual(timing.startedMs);
      expect(timing.endedMs).toBeGreaterThanOrEqual(timing.firstByteMs as number);
    });
  });

  describe(`what goes wrong with the ${name} sender`, () => {
    const fails = async (kind: FailureKind, script: Script, options?: Partial<SendOptions>, request?: WireRequest) => {
      const result = await exchange(script, request, options);
      expect(result.response).toBeUndefined();
      expect(result.failure?.kind).toBe(kind);
      expect(result.failure?.message).toMatch(/^\S.*[^.\n]$/);
      return result.failure as NonNullable<Exchange['failure']>;
    };
    const head = 'HTTP/1.1 200 OK\r\n';

    it.each<[FailureKind, string, Script]>([
      ['closed', 'a connection closed without a word', closing()],
      ['closed', 'a connection closed inside the status line', closing('HTTP/1.1 2')],
      ['closed', 'a connection closed inside the headers', closing(`${head}Content-Le`)],
      ['closed', 'content that is shorter than announced', closing(`${head}Content-Length: 10\r\n\r\nhalf`)],
      ['closed', 'chunks without an end', closing(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)],
      ['closed', 'a chunk cut in the middle', closing(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhe`)],
      ['malformed', 'a greeting that is no HTTP', answering('SSH-2.0-OpenSSH_9.2\r\n')],
      ['malformed', 'a page without any headers', closing('<!DOCTYPE html><p>hello')],
      ['malformed', 'a status that is no number', answering('HTTP/1.1 abc OK\r\n\r\n')],
      ['malformed', 'HTTP/2 on the wire', answering('HTTP/2.0 200 OK\r\n\r\n')],
      ['malformed', 'a header line without a colon', answering(`${head}no colon here\r\n\r\n`)],
      ['malformed', 'a header name with a space', answering(`${head}Bad Name: 1\r\n\r\n`)],
      ['malformed', 'a NUL in a header', answering(`${head}X: a\0b\r\nContent-Length: 0\r\n\r\n`)],
      ['malformed', 'content that is longer than announced', answering(`${head}Content-Length: 2\r\n\r\nhello`)],
      ['malformed', 'two different lengths', answering(`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`)],
      ['malformed', 'a negative length', answering(`${head}Content-Length: -1\r\n\r\n`)],
      ['malformed', 'a length together with chunks', answering(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)],
      ['malformed', 'a chunk size that is no number', answering(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`)],
      ['malformed', 'a chunk longer than its size', answering(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n`)],
      ['malformed', 'a switch of protocols', answering('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')],
    ])('reports as %s: %s', async (kind, _what, script) => {
      await fails(kind, script);
    });

    it('reports a reset as closed', async () => {
      await fails('closed', (socket) => socket.resetAndDestroy());
    });

    it('keeps what came of a cut answer', async () => {
      const failure = await fails('closed', closing(`${head}Content-Length: 10\r\nX: 1\r\n\r\nhalf`));
      expect(failure.partial).toMatchObject({
        status: 200,
        headers: [
          ['Content-Length', '10'],
          ['X', '1'],
        ],
      });
      expect(bodyText(failure.partial?.body as Uint8Array)).toBe('half');
    });

    it('ends at the time limit when nothing comes', async () => {
      expect((await fails('timeout', () => undefined, { timeoutMs: 50 })).partial).toBeUndefined();
    });

    it('ends at the time limit although bytes keep dripping', async () => {
      const drip: Script = (socket) => {
        socket.write(`${head}Content-Length: 1000\r\n\r\n`);
        const timer = setInterval(() => socket.write('x'), 5);
        socket.on('close', () => clearInterval(timer));
      };
      await fails('timeout', drip, { timeoutMs: 100 });
    });

    it('stops at headers without end', async () => {
      await fails('too-large', (socket) => {
        socket.write(head);
        const more = () => {
          while (!socket.destroyed && socket.write(`X-Pad: ${'p'.repeat(1000)}\r\n`));
        };
        socket.on('drain', more);
        more();
      });
    });

    it('stops at interim answers without end', async () => {
      await fails('too-large', (socket) => {
        const more = () => {
          while (!socket.destroyed && socket.write('HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n'));
        };
        socket.on('drain', more);
        more();
      });
    });

    it('refuses an announced length over the limit without waiting for it', async () => {
      await fails('too-large', answering(`${head}Content-Length: 70000\r\n\r\nx`));
    });

    it.each([
      ['until the connection closes', `${head}\r\n`, 'x'.repeat(4096)],
      ['in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n`, `1000\r\n${'x'.repeat(4096)}\r\n`],
    ])('stops at content without end %s and keeps its beginning', async (_how, begin, piece) => {
      const failure = await fails('too-large', (socket) => {
        socket.write(begin);
        const more = () => {
          while (!socket.destroyed && socket.write(piece));
        };
        socket.on('drain', more);
        more();
      });
      expect(failure.partial?.body?.byteLength).toBeLessThanOrEqual(65_536);
      expect(failure.partial?.body?.byteLength).toBeGreaterThan(60_000);
    });

    it.each([
      ['a chunk extension', `1;${'e'.repeat(1000)}`, 'e'.repeat(1000)],
      ['trailers', '0\r\n', `X-T: ${'t'.repeat(1000)}\r\n`],
    ])('stops at %s without end', async (_what, begin, piece) => {
      await fails('too-large', (socket) => {
        socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${begin}`);
        const more = () => {
          while (!socket.destroyed && socket.write(piece));
        };
        socket.on('drain', more);
        more();
      });
    });

    it('is interrupted by the signal', async () => {
      const controller = new AbortController();
      const script: Script = () => controller.abort();
      await fails('aborted', script, { signal: controller.signal });
    });

    it('sends nothing when the signal has come before', async () => {
      const server = await serve(answering(`${head}Content-Length: 0\r\n\r\n`));
      const { failure } = await open(server.baseUrl).send(get, { ...limits, signal: AbortSignal.abort() });
      expect(failure?.kind).toBe('aborted');
      expect(server.received.join('')).toBe('');
    });

    it('reports a port where nothing listens as refused', async () => {
      const { baseUrl } = await serve(() => undefined);
      await new Promise((resolve) => servers.pop()?.close(resolve));
      const { failure } = await open(baseUrl).send(get, limits);
      expect(failure).toMatchObject({ kind: 'refused', message: `nothing listens on ${new URL(baseUrl).host}` });
    });

    it('reports an unknown name as dns', async () => {
      const { failure } = await open('http://no-such-host.invalid').send(get, limits);
      expect(failure?.kind).toBe('dns');
    });

    it('reports a port that does not speak TLS as tls', async () => {
      const { baseUrl } = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
      const { failure } = await open(baseUrl.replace('http:', 'https:')).send(get, limits);
      expect(failure?.kind).toBe('tls');
      expect(failure?.message).toContain('does not speak TLS');
    });
  });

  describe(`what the ${name} sender writes`, () => {
    const written = async (request: WireRequest) => {
      const server = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
      const { failure } = await open(server.baseUrl).send(request, limits);
      expect(failure).toBeUndefined();
      return (server.received[0] as string).replace(new URL(server.baseUrl).host, 'HOST');
    };
    /** Header lines without those that the senders add. */
    const own = (message: string) =>
      message
        .split('\r\n\r\n')[0]
        ?.split('\r\n')
        .slice(1)
        .filter((line) => !/^(?:host|connection|content-length):/i.test(line));

    it('keeps header order, spelling and repetition, and adds nothing else', async () => {
      const message = await written({
        method: 'GET',
        path: '/drupal/user/2?_format=json&x=%7e',
        headers: [
          ['X-A', '1'],
          ['auth-METHOD', 'abc'],
          ['x-a', ' 2'],
          ['X-Latin', '\u00e9'],
          ['Authorization', 'Bearer t'],
          ['Authorization', 'Bearer u'],
        ],
      });
      expect(message.split('\r\n')[0]).toBe('GET /drupal/user/2?_format=json&x=%7e HTTP/1.1');
      expect(own(message)).toEqual([
        'X-A: 1',
        'auth-METHOD: abc',
        'x-a:  2',
        'X-Latin: \u00e9',
        'Authorization: Bearer t',
        'Authorization: Bearer u',
      ]);
      expect(message).toMatch(/\r\nhost: HOST\r\n/i);
    });

    it('says content-length: 0 for an empty POST', async () => {
      expect(await written({ method: 'POST', path: '/', headers: [] })).toMatch(/\r\ncontent-length: 0\r\n/i);
    });

    it('says no length for a GET without body', async () => {
      expect(await written(get)).not.toMatch(/content-length/i);
    });

    it.each(['GET', 'POST', 'DELETE', 'PATCH', 'REPORT'])('sends the body of a %s with its length', async (method) => {
      const message = await written({ method, path: '/', headers: [['Content-Type', 'text/plain']], body: Buffer.from('a=1&b=\u00fc') });
      expect(message).toMatch(/\r\ncontent-length: 8\r\n/i);
    });
  });
}
