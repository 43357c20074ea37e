/** Runs in a browser page with MSW's service worker: the application calls `fetch` as it does in production, and the mock answers. */
import { setupWorker } from 'msw/browser';
import { mswHandlers } from '../../mock-server/adapters/msw.ts';
import { createDrupalMock } from '../../mock-server/index.ts';

const site = 'https://drupal.example';

export async function logInThroughMsw(): Promise<number[]> {
  const mock = createDrupalMock({ profile: 'miniorange/oauth' });
  const worker = setupWorker(...mswHandlers(mock, site));
  await worker.start({ quiet: true, onUnhandledRequest: 'bypass' });
  try {
    const { clients, users } = mock.target();
    const [client, user] = [clients?.['main'], users?.['main']];
    const logIn = async (): Promise<string> => {
      const form = { grant_type: 'password', client_id: client?.id ?? '', username: user?.name ?? '', password: user?.password ?? '' };
      const answer = await fetch(`${site}/rest_api/access_token`, { method: 'POST', body: new URLSearchParams(form) });
      return ((await answer.json()) as { access_token: string }).access_token;
    };
    const ask = async (token: string): Promise<number> => {
      const headers = { 'AUTH-METHOD': client?.applicationId ?? '', Authorization: `Bearer ${token}` };
      return (await fetch(`${site}/user/${user?.id}?_format=json`, { headers })).status;
    };
    const token = await logIn();
    const fresh = await ask(token);
    mock.clock.advance(3601);
    return [fresh, await ask(token), await ask(await logIn())];
  } finally {
    worker.stop();
  }
}
