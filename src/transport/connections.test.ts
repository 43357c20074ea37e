import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect, createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bodyText, type SendOptions, type WireRequest } from '../model/exchange.ts';
import { manualClock } from '../support/clock.ts';
import { proxyFor } from './connect.ts';
import { createRawTransport } from './raw.ts';
import { createUndiciTransport, isWritableByUndici } from './undici.ts';

vi.setConfig({ testTimeout: 30_000 });

const limits: SendOptions = { timeoutMs: 20_000, maxHeaderBytes: 8192, maxBodyBytes: 65_536 };
const get: WireRequest = { method: 'GET', path: '/x', headers: [] };
const post: WireRequest = { method: 'POST', path: '/x', headers: [], body: Buffer.from('a=1') };
const closers: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function transportTo(baseUrl: string, options: Partial<Parameters<typeof createUndiciTransport>[0]> = {}) {
  const transport = createUndiciTransport({ baseUrl, ...options });
  closers.push(() => transport.close());
  return transport;
}

async function listen<S extends Server | TlsServer | TcpServer>(server: S): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A web server that counts its connections. */
async function web(answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end('ok')) {
  const seen = { connections: 0, requests: 0 };
  const server = createHttpServer((request, response) => {
    seen.requests += 1;
    answer(request, response);
  });
  server.on('connection', () => (seen.connections += 1));
  const port = await listen(server);
  return { baseUrl: `http://127.0.0.1:${port}`, port, seen };
}

describe('connections of the undici transport', () => {
  it('are used again', async () => {
    const { baseUrl, seen } = await web();
    const transport = transportTo(baseUrl, { clock: manualClock() });
    for (let count = 0; count < 20; count += 1)
      expect((await transport.send(count % 2 === 0 ? get : post, limits)).response?.status).toBe(200);
    expect(seen).toEqual({ connections: 1, requests: 20 });
  });

  it('are never more than the requests in flight', async () => {
    const { baseUrl, seen } = await web((_request, response) => setTimeout(() => response.end('ok'), 5));
    const transport = transportTo(baseUrl);
    for (let round = 0; round < 5; round += 1) {
      const all = await Promise.all(Array.from({ length: 4 }, () => transport.send(get, limits)));
      expect(all.every(({ response }) => response?.status === 200)).toBe(true);
    }
    expect(seen).toEqual({ connections: 4, requests: 20 });
  });

  it('are never more than allowed, whatever is in flight', async () => {
    const { baseUrl, seen } = await web((_request, response) => setTimeout(() => response.end('ok'), 5));
    const transport = transportTo(baseUrl, { connections: 2 });
    const all = await Promise.all(Array.from({ length: 10 }, () => transport.send(get, limits)));
    expect(all.every(({ response }) => response?.status === 200)).toBe(true);
    expect(seen).toEqual({ connections: 2, requests: 10 });
  });

  it('keep a request waiting no longer than its own limit when none is free', async () => {
    const { baseUrl } = await web(() => undefined);
    const transport = transportTo(baseUrl, { connections: 1 });
    const first = transport.send(get, limits);
    expect((await transport.send(get, { ...limits, timeoutMs: 50 })).failure).toMatchObject({ kind: 'timeout' });
    await transport.close();
    expect((await first).failure?.kind).toBe('aborted');
  });

  it('are made afresh on demand and closed afterwards', async () => {
    const headers: (string | undefined)[] = [];
    const { baseUrl, seen } = await web((request, response) => {
      headers.push(request.headers.connection);
      response.end('ok');
    });
    const transport = transportTo(baseUrl);
    for (let count = 0; count < 3; count += 1) await transport.send(get, { ...limits, freshConnection: true });
    expect(seen).toEqual({ connections: 3, requests: 3 });
    expect(headers).toEqual(['close', 'close', 'close']);
  });

  it('are not kept without keep-alive', async () => {
    const { baseUrl, seen } = await web();
    const transport = transportTo(baseUrl, { keepAlive: false });
    for (let count = 0; count < 3; count += 1) await transport.send(get, limits);
    expect(seen.connections).toBe(3);
  });

  it('survive a 304 that names a length', async () => {
    const { baseUrl } = await web((_request, response) => response.writeHead(304, { 'content-length': '5' }).end());
    const transport = transportTo(baseUrl);
    for (let count = 0; count < 3; count += 1) expect((await transport.send(get, limits)).response?.status).toBe(304);
  });

  it('are made again when the server comes back after a restart', async () => {
    const start = async (port: number) => {
      const server = createHttpServer((_request, response) => response.end('ok'));
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      const stop = () => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      };
      return { port: (server.address() as AddressInfo).port, stop };
    };
    const first = await start(0);
    const transport = transportTo(`http://127.0.0.1:${first.port}`);
    expect((await transport.send(post, limits)).response?.status).toBe(200);
    await first.stop();
    expect((await transport.send(get, limits)).failure?.kind).toBe('refused');
    const second = await start(first.port);
    closers.push(second.stop);
    expect((await transport.send(post, limits)).response?.status).toBe(200);
  });

  it('send nothing more once closed', async () => {
    const { baseUrl, seen } = await web();
    const transport = transportTo(baseUrl);
    await transport.close();
    expect((await transport.send(get, limits)).failure?.kind).toBe('unsendable');
    expect(seen.requests).toBe(0);
  });
});

describe('a connection that the server closes between two requests', () => {
  /** Answers the first request of a connection; closes it without a word on the second one. */
  async function impatient() {
    const seen = { connections: 0, requests: 0 };
    const server = createTcpServer((socket) => {
      seen.connections += 1;
      let requests = 0;
      socket.on('data', () => {
        seen.requests += 1;
        requests += 1;
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        else socket.destroy();
      });
    });
    const port = await listen(server);
    return { baseUrl: `http://127.0.0.1:${port}`, seen };
  }

  it('makes a GET go out once more', async () => {
    const { baseUrl, seen } = await impatient();
    const transport = transportTo(baseUrl);
    expect((await transport.send(get, limits)).response?.status).toBe(200);
    expect((await transport.send(get, limits)).response?.status).toBe(200);
    expect(seen).toEqual({ connections: 2, requests: 3 });
  });

  it('fails a POST, which may have been carried out', async () => {
    const { baseUrl, seen } = await impatient();
    const transport = transportTo(baseUrl);
    await transport.send(get, limits);
    expect((await transport.send(post, limits)).failure?.kind).toBe('closed');
    expect(seen.requests).toBe(2);
  });

  it('is not used for a POST after a second of rest', async () => {
    const { baseUrl, seen } = await impatient();
    const clock = manualClock();
    const transport = transportTo(baseUrl, { clock });
    await transport.send(get, limits);
    await clock.advance(1001);
    expect((await transport.send(post, limits)).response?.status).toBe(200);
    expect(seen).toEqual({ connections: 2, requests: 2 });
  });

  it('is not tried again when an answer had begun', async () => {
    let requests = 0;
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('data', () => {
          requests += 1;
          socket.write(requests === 1 ? 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' : 'HTTP/1.1 200 OK\r\n');
          if (requests > 1) socket.end();
        });
      }),
    );
    const transport = transportTo(`http://127.0.0.1:${port}`);
    await transport.send(get, limits);
    expect((await transport.send(get, limits)).failure?.kind).toBe('closed');
    expect(requests).toBe(2);
  });

  it('does not disturb the next request when it was closed at rest', async () => {
    const sockets: Socket[] = [];
    const server = createHttpServer((_request, response) => response.end('ok'));
    server.on('connection', (socket: Socket) => sockets.push(socket));
    const port = await listen(server);
    const transport = transportTo(`http://127.0.0.1:${port}`);
    for (let round = 0; round < 3; round += 1) {
      expect((await transport.send(post, limits)).response?.status).toBe(200);
      // Closed on this side only when the other side has closed too, and so has seen it.
      const closed = new Promise((resolve) => sockets.at(-1)?.once('close', resolve));
      sockets.at(-1)?.end();
      await closed;
    }
    expect(sockets).toHaveLength(3);
  });
});

describe('what undici cannot send', () => {
  it.each<[string, Partial<WireRequest>]>([
    ['a NUL in a header value', { headers: [['X', 'a\0b']] }],
    ['a header name that is no token', { headers: [['X Y', '1']] }],
    [
      'two Host headers',
      {
        headers: [
          ['Host', 'a'],
          ['Host', 'b'],
        ],
      },
    ],
    ['a Content-Length of its own', { headers: [['Content-Length', '3']], body: Buffer.from('abc') }],
    ['chunks of its own', { headers: [['Transfer-Encoding', 'chunked']], body: Buffer.from('0\r\n\r\n') }],
    ['an Expect header', { headers: [['Expect', '100-continue']] }],
    ['a Connection header', { headers: [['Connection', 'close']] }],
    ['a space in the path', { path: '/a b' }],
    ['a path without slash', { path: 'x' }],
    ['an empty path', { path: '' }],
    ['a method that is no token', { method: 'GE T' }],
    ['CONNECT', { method: 'CONNECT' }],
    ['a character beyond latin1', { headers: [['X', '\u20ac']] }],
    ['raw bytes', { raw: Buffer.from('x') }],
  ])('is left to the raw sender: %s', (_what, change) => {
    expect(isWritableByUndici({ ...get, ...change })).toBe(false);
  });

  it('is everything else', () => {
    expect(
      isWritableByUndici({
        method: 'PROPFIND',
        path: '/?q=[]{}|\u00fc',
        headers: [
          ['X-A', 'b\t\u00fc '],
          ['x-a', ''],
        ],
      }),
    ).toBe(true);
  });

  it('goes out byte by byte as it stands', async () => {
    let received = '';
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('data', (chunk) => {
          received += chunk.toString('latin1');
          if (received.endsWith('END')) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
        });
      }),
    );
    const { response } = await transportTo(`http://127.0.0.1:${port}`).send(
      {
        method: 'PO ST',
        path: '/a b?\u00fc',
        headers: [
          ['HOST', 'one'],
          ['host', 'two'],
          ['X-Nul', 'a\0b'],
          ['X-Euro', '\u20ac'],
          ['Content-Length', '99'],
        ],
        body: Buffer.from('END'),
      },
      limits,
    );
    expect(response?.status).toBe(400);
    expect(received).toBe(
      'PO ST /a b?\u00fc HTTP/1.1\r\nHOST: one\r\nhost: two\r\nX-Nul: a\0b\r\nX-Euro: \u00e2\u0082\u00ac\r\nContent-Length: 99\r\nConnection: close\r\n\r\nEND',
    );
  });

  it('may be a message that is nothing but bytes', async () => {
    let received = Buffer.alloc(0);
    const raw = Buffer.from([71, 69, 84, 32, 0xff, 0, 13, 10, 13, 10]);
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('data', (chunk) => {
          received = Buffer.concat([received, chunk]);
          if (received.length === raw.length) socket.end('HTTP/1.0 400 Bad\r\n\r\nno');
        });
      }),
    );
    const { response } = await transportTo(`http://127.0.0.1:${port}`).send({ ...get, raw }, limits);
    expect(received).toEqual(raw);
    expect(bodyText(response?.body as Uint8Array)).toBe('no');
  });
});

describe('TLS', () => {
  const secured = async (key: string, cert: string) => {
    const names: unknown[] = [];
    const server = createTlsServer({ key, cert }, (request, response) => response.end(`${request.method} over TLS`));
    server.on('secureConnection', (socket) => names.push(socket.servername));
    return { port: await listen(server), names };
  };
  const senders = [
    ['undici', (baseUrl: string, tls: object) => transportTo(baseUrl, { tls })] as const,
    ['raw', (baseUrl: string, tls: object) => createRawTransport({ origin: new URL(baseUrl), tls })] as const,
  ];

  it.each(senders)('refuses a certificate that nobody vouches for (%s)', async (_name, create) => {
    const { port } = await secured(localhostKey, localhostCertificate);
    const { failure } = await create(`https://localhost:${port}`, {}).send(get, limits);
    expect(failure).toEqual({
      kind: 'tls',
      message: `the certificate of localhost:${port} is self-signed; give it as tls.ca if it is yours`,
    });
  });

  it.each(senders)('accepts it when it is given (%s)', async (_name, create) => {
    const { port, names } = await secured(localhostKey, localhostCertificate);
    const { response } = await create(`https://localhost:${port}`, { ca: localhostCertificate }).send(get, limits);
    expect(bodyText(response?.body as Uint8Array)).toBe('GET over TLS');
    expect(names).toEqual(['localhost']);
  });

  it.each(senders)('refuses a certificate for another name (%s)', async (_name, create) => {
    const { port } = await secured(elsewhereKey, elsewhereCertificate);
    const { failure } = await create(`https://localhost:${port}`, { ca: elsewhereCertificate }).send(get, limits);
    expect(failure).toEqual({ kind: 'tls', message: `the certificate of localhost:${port} is for another name` });
  });

  it.each(senders)('accepts anything when told to (%s)', async (_name, create) => {
    const { port } = await secured(elsewhereKey, elsewhereCertificate);
    expect((await create(`https://127.0.0.1:${port}`, { insecure: true }).send(get, limits)).response?.status).toBe(200);
  });

  it.each(senders)('reports settings that cannot be used (%s)', async (_name, create) => {
    const { port } = await secured(localhostKey, localhostCertificate);
    const { failure } = await create(`https://localhost:${port}`, { cert: 'no certificate', key: 'no key' }).send(get, limits);
    expect(failure?.kind).toBe('tls');
  });

  it.each(senders)('reports a server that hangs up during the handshake (%s)', async (_name, create) => {
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.destroy())));
    const { failure } = await create(`https://localhost:${port}`, {}).send(get, limits);
    expect(failure?.kind).toBe('tls');
  });

  it.each(senders)('waits for a handshake no longer than the limit (%s)', async (_name, create) => {
    const port = await listen(createTcpServer(() => undefined));
    const { failure } = await create(`https://localhost:${port}`, {}).send(get, { ...limits, timeoutMs: 60 });
    expect(failure?.kind).toBe('timeout');
  });
});

describe('proxies', () => {
  /** A forward proxy: absolute-form requests are answered by itself, CONNECT leads to a local port. */
  async function proxy(answer = 'HTTP/1.1 200 OK\r\n\r\n') {
    const seen: string[] = [];
    let tunnelTo = 0;
    const server = createHttpServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers['proxy-authorization'] ?? '-'}`);
      response.end('from the proxy');
    });
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
      socket.write(answer);
      if (!answer.startsWith('HTTP/1.1 200')) return socket.end();
      const through = connect(tunnelTo, '127.0.0.1');
      through.on('error', () => socket.destroy());
      socket.pipe(through).pipe(socket);
      return undefined;
    });
    const port = await listen(server);
    return { port, seen, leadTo: (to: number) => (tunnelTo = to) };
  }

  it('are asked with the absolute URL for plain http, headers unchanged', async () => {
    const { port, seen } = await proxy();
    const transport = transportTo('http://site.example:8080', { env: { HTTP_PROXY: `http://me:pa%20ss@127.0.0.1:${port}` } });
    const { response } = await transport.send({ ...get, path: '/drupal/x?y' }, limits);
    expect(bodyText(response?.body as Uint8Array)).toBe('from the proxy');
    expect(seen).toEqual([`GET http://site.example:8080/drupal/x?y site.example:8080 Basic ${Buffer.from('me:pa ss').toString('base64')}`]);
  });

  it('are asked for a tunnel for https', async () => {
    const gate = await proxy();
    const server = createTlsServer({ key: elsewhereKey, cert: elsewhereCertificate }, (_request, response) => response.end('through'));
    gate.leadTo(await listen(server));
    const transport = transportTo('https://elsewhere.example', {
      env: { https_proxy: `127.0.0.1:${gate.port}` },
      tls: { ca: elsewhereCertificate },
    });
    for (let count = 0; count < 2; count += 1)
      expect(bodyText((await transport.send(get, limits)).response?.body as Uint8Array)).toBe('through');
    expect(gate.seen).toEqual(['CONNECT elsewhere.example:443 -']);
  });

  it('are asked for a tunnel for raw bytes', async () => {
    const gate = await proxy();
    gate.leadTo(await listen(createTcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nraw')))));
    const transport = transportTo('http://site.example', { env: { http_proxy: `http://127.0.0.1:${gate.port}` } });
    expect(bodyText((await transport.send({ ...get, raw: Buffer.from('x\r\n\r\n') }, limits)).response?.body as Uint8Array)).toBe('raw');
    expect(gate.seen).toEqual(['CONNECT site.example:80 -']);
  });

  it.each([
    ['refused', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'wants other credentials'],
    ['refused', 'HTTP/1.1 403 Forbidden\r\n\r\n', 'refused to connect to site.example:443'],
    ['malformed', 'SSH-2.0\r\n\r\n', 'does not answer in HTTP'],
    ['closed', '', 'closed the connection'],
  ])('report what goes wrong with them as %s: %j', async (kind, answer, says) => {
    const { port } = await proxy(answer);
    const { failure } = await transportTo('https://site.example', { env: { https_proxy: `http://user:hidden@127.0.0.1:${port}` } }).send(
      get,
      limits,
    );
    expect(failure?.kind).toBe(kind);
    expect(failure?.message).toContain(says);
    expect(failure?.message).not.toContain('hidden');
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['http://site.example', { HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
    ['http://site.example', { HTTPS_PROXY: 'http://p:1' }, undefined],
    ['https://site.example', { https_proxy: 'p:1' }, 'http://p:1/'],
    ['https://site.example', { HTTPS_PROXY: 'http://p:1', no_proxy: 'example' }, undefined],
    ['https://site.example', { HTTPS_PROXY: 'http://p:1', no_proxy: 'te.example' }, 'http://p:1/'],
    ['https://site.example', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a, *.example ,b' }, undefined],
    ['https://site.example:8443', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'site.example:443' }, 'http://p:1/'],
    ['https://site.example:8443', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'site.example:8443' }, undefined],
    ['https://site.example', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
    ['https://site.example', { HTTPS_PROXY: '' }, undefined],
    ['https://site.example', { HTTPS_PROXY: 'socks5://p:1' }, undefined],
    ['http://127.0.0.1:8080', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://localhost:8080', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['http://[::1]:8080', { HTTP_PROXY: 'http://p:1' }, undefined],
  ])('for %s with %j: %s', (origin, env, proxyUrl) => {
    expect(proxyFor(new URL(origin), env)?.href).toBe(proxyUrl);
  });
});

/** Test keys; valid for a hundred years, trusted by nobody. */
const localhostKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFw5Rf2+F1LVeyolVeo/Zo0mVcNEgxR+P7D93JgLiYZyoAoGCCqGSM49
AwEHoUQDQgAEKvN5RfdAg/XkAflZxySdZdsFPOefhHL0QgIHYTPYM2fX+yeZAgb4
9302PtFD58/+i/xhGH6zSBc+7CjnzbGPOg==
-----END EC PRIVATE KEY-----
`;
const localhostCertificate = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUEc9BOMPUJJS0bhCm6EqMEgkapdEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAyNTMyNVoYDzIxMjYxMDMw
MDI1MzI1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQq83lF90CD9eQB+VnHJJ1l2wU855+EcvRCAgdhM9gzZ9f7J5kCBvj3
fTY+0UPnz/6L/GEYfrNIFz7sKOfNsY86o28wbTAdBgNVHQ4EFgQUVmIyPjEmwEAN
G/Bsk+fTrruoN7cwHwYDVR0jBBgwFoAUVmIyPjEmwEANG/Bsk+fTrruoN7cwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIfREOb5Ayo4piZAVjJYs5GLq+lLNypgBrL9TRdY2E6YAIhAIKZ
CAxSmT0FUkRTW5yxoBetmSatW/HGsv5qoxUmKjfr
-----END CERTIFICATE-----
`;
const elsewhereKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIBSV2JATr5Ik/626DSRbJOxIAnvEX9qBOrd7fPwA1b0zoAoGCCqGSM49
AwEHoUQDQgAEzyRxMGO43ArsZnKgsv8UWVlo9oaZ6/htfiK7DKA1qeDqdUPx6gsq
++k7yd51bcg9dXz2armCtU3n8xdHAx2gVw==
-----END EC PRIVATE KEY-----
`;
const elsewhereCertificate = `-----BEGIN CERTIFICATE-----
MIIBrTCCAVOgAwIBAgIUTlNKUHhxzVfzQmb7p/oMQp3rs6AwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRZWxzZXdoZXJlLmV4YW1wbGUwIBcNMjYxMTIzMDI1MzI1WhgP
MjEyNjEwMzAwMjUzMjVaMBwxGjAYBgNVBAMMEWVsc2V3aGVyZS5leGFtcGxlMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzyRxMGO43ArsZnKgsv8UWVlo9oaZ6/ht
fiK7DKA1qeDqdUPx6gsq++k7yd51bcg9dXz2armCtU3n8xdHAx2gV6NxMG8wHQYD
VR0OBBYEFF4xY4GZNy/RJUUlrLhUBPYFC9MNMB8GA1UdIwQYMBaAFF4xY4GZNy/R
JUUlrLhUBPYFC9MNMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRZWxzZXdo
ZXJlLmV4YW1wbGUwCgYIKoZIzj0EAwIDSAAwRQIhANInsx+JD0Ns1G8rB/O4N342
+QHMv5xufnHzinDFLMdFAiAd1zjlUIXDeOj7KqtHgbEQUdNOmw9q7+FQ0CWwwhK+
Ug==
-----END CERTIFICATE-----
`;
