/**
 * The examples, run: what they show must work.
 */
import { setupServer } from 'msw/node';
import { afterEach, describe, expect, it } from 'vitest';
import { mswHandlers } from '../../mock-server/adapters/msw.ts';
import { createDrupalMock, type DrupalMock } from '../../mock-server/index.ts';
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
});
