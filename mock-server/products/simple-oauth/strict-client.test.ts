import * as oauth from 'oauth4webapi';
import { describe, expect, it } from 'vitest';
import { defaultSite } from '../../default-site.ts';
import { createDrupalMock, type SiteFile } from '../../index.ts';

describe('a strict OAuth client', () => {
  // Simple OAuth does not undo the form encoding that RFC 6749 2.3.1 asks for inside Basic: only plain characters arrive as they are.
  const plain = (file: SiteFile): SiteFile => ({
    ...file,
    products: {
      ...file.products,
      simpleOauth: {
        version: '6.0.9',
        scopes: { api_user: { role: 'api_user' } },
        consumers: [{ id: 'plain', secret: 'secret1', user: 2, scopes: ['api_user'] }],
      },
    },
  });

  it.each([
    ['in the body', oauth.ClientSecretPost],
    ['in the header', oauth.ClientSecretBasic],
  ])('gets and uses a token with credentials %s', async (_, authenticate) => {
    const mock = createDrupalMock({ site: plain(defaultSite('simple-oauth') ?? {}) });
    const origin = 'https://mock.example';
    const options = { [oauth.customFetch]: (url: string, init: unknown) => mock.fetch(url, init as RequestInit) };
    const server: oauth.AuthorizationServer = { issuer: origin, token_endpoint: `${origin}/oauth/token` };
    const client: oauth.Client = { client_id: 'plain' };
    const parameters = new URLSearchParams({ scope: 'api_user' });
    const response = await oauth.clientCredentialsGrantRequest(server, client, authenticate('secret1'), parameters, options);
    const { access_token: token, expires_in: lifetime } = await oauth.processClientCredentialsResponse(server, client, response);
    expect(lifetime).toBe(300);
    const user = await oauth.protectedResourceRequest(
      token,
      'GET',
      new URL(`${origin}/user/2?_format=json`),
      undefined,
      undefined,
      options,
    );
    expect(user.status).toBe(200);
  });

  it('understands the refusals', async () => {
    const mock = createDrupalMock({ profile: 'simple-oauth' });
    const origin = 'https://mock.example';
    const options = { [oauth.customFetch]: (url: string, init: unknown) => mock.fetch(url, init as RequestInit) };
    const server: oauth.AuthorizationServer = { issuer: origin, token_endpoint: `${origin}/oauth/token` };
    const client: oauth.Client = { client_id: 'demo-main' };
    const response = await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretPost('wrong'), {}, options);
    await expect(oauth.processClientCredentialsResponse(server, client, response)).rejects.toMatchObject({
      error: 'invalid_client',
      status: 401,
    });
  });
});
