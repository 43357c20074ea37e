/** Runs in a browser page: logs in at the mock, lets the token expire by its clock, and logs in again. No server behind it. */
import { createDrupalMock } from '../../mock-server/index.ts';

export async function logInAndRefresh(): Promise<number[]> {
  const mock = createDrupalMock({ profile: 'miniorange/oauth' });
  const { clients, users } = mock.target();
  const [client, user] = [clients?.['main'], users?.['main']];

  const logIn = async (): Promise<string> => {
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: client?.id ?? '',
      username: user?.name ?? '',
      password: user?.password ?? '',
    });
    const answer = await mock.fetch(`${mock.url}/rest_api/access_token`, { method: 'POST', body: form });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  const ask = async (token: string): Promise<number> => {
    const headers = { 'AUTH-METHOD': client?.applicationId ?? '', Authorization: `Bearer ${token}` };
    return (await mock.fetch(`${mock.url}/user/${user?.id}?_format=json`, { headers })).status;
  };

  const token = await logIn();
  const fresh = await ask(token);
  mock.clock.advance(3601);
  return [fresh, await ask(token), await ask(await logIn())];
}
