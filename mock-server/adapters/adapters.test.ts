import { createConnection } from 'node:net';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from '../index.ts';
import { noon } from '../testing.ts';
import { listen } from './node-http.ts';
import { mswHandlers } from './msw.ts';

const form = { grant_type: 'password', username: 'api_user', password: 'api_user-pass-1', client_id: 'main-client-4f1c9a7be2d0' };
const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };

const requests: [string, string, RequestInit?][] = [
  ['a token', '/rest_api/access_token', { method: 'POST', body: new URLSearchParams(form).toString(), headers: formType }],
  ['a refusal', '/user/2?_format=json'],
  ['an unknown path', '/nope'],
  ['a head', '/user/2?_format=json', { method: 'HEAD' }],
  ['options', '/user/2?_format=json', { method: 'OPTIONS' }],
  ['a broken query', '/user/2?_format[]=json'],
  ['a path that is not ASCII', '/ünï?x=Ω'],
];

/** What a client sees, without the headers that a connection adds. */
async function seen(response: Response): Promise<unknown> {
  const own = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length']);
  return { status: response.status, headers: [...response.headers].filter(([name]) => !own.has(name)), body: await response.text() };
}

describe('adapters', () => {
  let mock: DrupalMock;
  let url: string;
  beforeAll(async () => {
    mock = createDrupalMock({ now: () => noon });
    ({ url } = await mock.listen());
  });
  afterAll(() => mock.close());

  it.each(requests)('give the same answer over a socket, as fetch and through msw: %s', async (_, path, init?: RequestInit) => {
    mock.reset();
    const overSocket = await seen(await fetch(url + path, init));
    mock.reset();
    const asFunction = await seen(await mock.fetch(url + path, init));
    mock.reset();
    const server = setupServer(...mswHandlers(mock, 'http://drupal.example'));
    server.listen({ onUnhandledRequest: 'bypass' });
    const host = new URL(url).host;
    const throughMsw = await seen(await fetch(`http://drupal.example${path}`, init)).finally(() => server.close());
    expect(asFunction).toEqual(overSocket);
    expect(JSON.parse(JSON.stringify(throughMsw).replaceAll('drupal.example', host))).toEqual(overSocket);
  });

  it('pass on repeated headers', async () => {
    const twice = new Headers({ 'AUTH-METHOD': '0a070001' });
    twice.append('Authorization', 'Bearer a');
    twice.append('Authorization', 'Bearer b');
    expect(await (await fetch(`${url}/user/2?_format=json`, { headers: twice })).json()).toMatchObject({ error: 'INVALID_ACCESS_TOKEN' });
  });

  it('close the connection where a fault says so', async () => {
    mock.faults.add({ drop: true });
    await expect(fetch(url)).rejects.toThrow();
    mock.faults.add({ drop: true });
    await expect(mock.fetch(url)).rejects.toThrow('closed the connection');
  });

  it('cut a body and keep the announced length', async () => {
    mock.faults.add({ truncateBytes: 10 });
    const response = await fetch(`${url}/user/2?_format=json`);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(10);
    await expect(response.text()).rejects.toThrow();
  });

  it('send a body byte by byte', async () => {
    mock.faults.add({ dripMs: 1, body: 'slow' });
    expect(await (await fetch(url)).text()).toBe('slow');
  });

  it('answer requests that no client library sends', async () => {
    const answer = await raw(url, 'GET /user/2?_format=json HTTP/1.1\r\nHost: x\r\nAUTH_METHOD: 0a070001\r\nConnection: close\r\n\r\n');
    expect(answer).toContain('MISSING_AUTHORIZATION_HEADER');
  });

  it('show a fault of the mock as such, and go on', async () => {
    let broken = true;
    const server = await listen((request) => {
      if (broken) throw new Error('lost');
      return mock.serve(request);
    });
    const response = await fetch(server.url);
    expect([response.status, response.statusText]).toEqual([500, 'Mock Failure']);
    expect(await response.text()).toContain('Error: lost');
    broken = false;
    expect((await fetch(server.url)).status).toBe(200);
    await server.close();
  });

  it('listen on a free port by default, and say when a port is taken', async () => {
    const { port } = new URL(url);
    const other = createDrupalMock();
    await expect(other.listen({ port: Number(port) })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use.`);
  });

  it('serve no control API beyond loopback unless asked to', async () => {
    for (const [control, status] of [
      [undefined, 404],
      [true, 200],
    ] as const) {
      await using open = createDrupalMock(control === undefined ? {} : { control });
      const { port } = await open.listen({ host: '0.0.0.0' });
      expect((await fetch(`http://127.0.0.1:${port}/__control/clock`)).status).toBe(status);
    }
  });
});

function raw(url: string, message: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = createConnection(Number(port), hostname, () => socket.write(message));
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}
