import { describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from '../../index.ts';
import { noon } from '../../testing.ts';

const mock = (): DrupalMock => createDrupalMock({ profile: 'simple-oauth', now: () => noon });

async function own(on: DrupalMock, token: string): Promise<number> {
  const response = await on.fetch('http://localhost/user/2?_format=json', { headers: { Authorization: `Bearer ${token}` } });
  return response.status;
}

describe('target of Simple OAuth', () => {
  it('names a client for every role', () => {
    const { clients, expiry, version } = mock().target();
    expect(Object.keys(clients ?? {})).toEqual(
      expect.arrayContaining(['main', 'other', 'short', 'public', 'noScope', 'noUser', 'unpermitted', 'blocked', 'admin', 'codeOnly']),
    );
    expect(clients?.['main']).toMatchObject({ actsAs: 2, scope: 'api_user', lifetimeSeconds: 300 });
    expect([expiry?.lifetimeSeconds, version]).toEqual([300, '6.0.9']);
  });

  it('gives tokens that are expired and revoked already, and leaves the clock alone', async () => {
    const on = mock();
    const { tokens } = on.target();
    expect(on.clock.now()).toBe(noon);
    expect([await own(on, tokens?.['expired'] ?? ''), await own(on, tokens?.['revoked'] ?? '')]).toEqual([401, 401]);
  });
});

describe('fixtures of Simple OAuth', () => {
  const make = async (
    on: DrupalMock,
    token: object,
  ): Promise<{ status: number; json: { token: string; expiresAt: string; error?: string } }> => {
    const response = await on.fetch('http://localhost/__control/fixtures', { method: 'POST', body: JSON.stringify({ token }) });
    return { status: response.status, json: (await response.json()) as { token: string; expiresAt: string } };
  };

  it('makes a token for the user of a consumer', async () => {
    const on = mock();
    const { status, json } = await make(on, { user: 'api_user' });
    expect([status, await own(on, json.token)]).toEqual([201, 200]);
    expect(json.expiresAt).toMatch(/^2026-11-23T12:05:00/);
  });

  it('says whose consumer is missing', async () => {
    expect(await make(mock(), { user: 'api_admin', client: 'demo-main' })).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('No consumer "demo-main" acts as api_admin.') },
    });
  });
});
