/**
 * The examples, run: what they show must work.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setupServer } from 'msw/node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { mswHandlers } from '../../mock-server/adapters/msw.ts';
import { createDrupalMock, findMutant, type DrupalMock } from '../../mock-server/index.ts';
import { run } from '../../src/index.ts';
import { changesBetween } from './compare-runs.ts';
import { failuresOf } from './run-cases.ts';
import { createClient } from './server-token.ts';

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function clientOf(mock: DrupalMock, url = mock.url, fetchFrom?: typeof fetch) {
  const { clients, users } = mock.target();
  const { id = '', secret = '', applicationId = '' } = clients?.['main'] ?? {};
  const site = { url, clientId: id, clientSecret: secret, applicationId, user: users?.['main']?.name ?? '' };
  return createClient(site, fetchFrom, () => mock.clock.now());
}

describe('the examples', () => {
  it('run cases and find no failure on the mock', async () => {
    await using mock = createDrupalMock();
    await mock.listen();
    expect(await failuresOf(mock.target(), ['miniorange/oauth/password-grant'])).toEqual([]);
  });

  it('keep a token on the server and renew it only when its time is over', async () => {
    await using mock = createDrupalMock({ journal: true });
    const { url } = await mock.listen();
    const client = clientOf(mock, url);
    const issued = () => mock.journal.entries.filter(({ path }) => path.startsWith('/rest_api/access_token')).length;
    await client.get('/user/2?_format=json');
    await client.get('/user/2?_format=json');
    expect(issued()).toBe(1);
    mock.clock.advance(3600);
    await client.get('/user/2?_format=json');
    expect(issued()).toBe(2);
  });

  it('renew a token once when the site has forgotten it', async () => {
    await using mock = createDrupalMock();
    const client = clientOf(mock, mock.url, ((input: Request | string | URL, init?: RequestInit) =>
      mock.fetch(input, init)) as typeof fetch);
    await client.get('/user/2?_format=json');
    mock.reset();
    expect(await client.get('/user/2?_format=json')).toMatchObject({ uid: [{ value: 2 }] });
  });

  it('answer the requests of a program through MSW', async () => {
    const mock = createDrupalMock();
    const server = setupServer(...mswHandlers(mock, 'https://drupal.example'));
    server.listen({ onUnhandledRequest: 'error' });
    servers.push(server);
    expect(await clientOf(mock, 'https://drupal.example').get('/user/2?_format=json')).toMatchObject({ uid: [{ value: 2 }] });
  });

  it('compare two runs, the later one with a mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dac-examples-'));
    try {
      const report = async (name: string, mutant?: string): Promise<string> => {
        await using mock = createDrupalMock(mutant === undefined ? {} : { mutant: await findMutant(mutant) });
        await mock.listen();
        let text = '';
        for await (const record of run({ target: mock.target(), select: ['miniorange/oauth/token-errors/wrong-password'] }))
          text += `${JSON.stringify(record)}\n`;
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      const { broken } = await changesBetween(await report('base'), await report('head', 'miniorange/oauth/wrong-password-accepted'));
      expect(broken).toContain('miniorange/oauth/token-errors/wrong-password/generated');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('serve a page of an application from a route that keeps the token to itself', async () => {
    await using mock = createDrupalMock();
    const { url } = await mock.listen();
    const { clients, users } = mock.target();
    const { id = '', secret = '', applicationId = '' } = clients?.['main'] ?? {};
    const env = { URL: url, CLIENT_ID: id, CLIENT_SECRET: secret, APPLICATION_ID: applicationId, USER: users?.['main']?.name ?? '' };
    for (const [name, value] of Object.entries(env)) vi.stubEnv(`DRUPAL_${name}`, value);
    const { GET } = await import('./next-route.ts');
    const answer = await GET(new Request('http://localhost:3000/api/profile?id=2'));
    expect([answer.status, await answer.json()]).toMatchObject([200, { uid: [{ value: 2 }] }]);
    expect((await GET(new Request('http://localhost:3000/api/profile?id=../admin'))).status).toBe(400);
    mock.faults.add({ path: '/user/', status: 500, count: 2 });
    expect((await GET(new Request('http://localhost:3000/api/profile'))).status).toBe(502);
  });

  it.skipIf(spawnSync('curl', ['--version']).status !== 0)('log in by curl, before and after the end of a token', async () => {
    await using mock = createDrupalMock();
    const { url } = await mock.listen();
    const { clients, users } = mock.target();
    const [client, user] = [clients?.['main'], users?.['main']];
    const script = fileURLToPath(new URL('with-curl.sh', import.meta.url));
    const args = [url, client?.id ?? '', user?.name ?? '', user?.password ?? '', client?.applicationId ?? ''];
    const { stdout } = await promisify(execFile)('sh', [script, ...args]);
    expect(stdout).toBe('200\n401\n200\n');
  });
});
