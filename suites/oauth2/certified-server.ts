/**
 * An OAuth server that nobody here wrote (oidc-provider, certified), with a small protected resource behind it that asks the server about every token.
 * All on one address of the loopback interface.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import OidcProvider, { type Configuration } from 'oidc-provider';
import type { TargetFile } from '../../src/index.ts';

export interface CertifiedServer extends AsyncDisposable {
  readonly url: string;
  readonly target: TargetFile;
}

const clients = {
  main: { id: 'reports-service', secret: 'main-secret-7Yq2LrV0cZtB9eXs', scope: 'api:read' },
  other: { id: 'other-service', secret: 'other-secret-Kp4WnD8uJf3MhQa6', scope: 'api:read' },
  special: { id: 'service:50%+1', secret: 'a%2Bb+c:d&e=f/~Hx5Rj', scope: 'api:read' },
  codeOnly: { id: 'web-application', secret: 'code-secret-Gt6XvC1oSi9ZkEb2', redirectUri: 'https://client.example/callback' },
  public: { id: 'browser-application', redirectUri: 'https://client.example/public' },
  short: { id: 'short-lived-service', secret: 'short-secret-Ud3PyN7wTa5RmHl8', scope: 'api:read' },
} as const;

/** Account of the resource server at the introspection endpoint. */
const resourceServer = { id: 'resource-server', secret: 'resource-secret-Ob1FzI4gVq7CjWx9' } as const;

const service = (client: { id: string; secret: string; scope?: string }) => ({
  client_id: client.id,
  client_secret: client.secret,
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  ...(client.scope === undefined ? {} : { scope: client.scope }),
});

function configuration(lifetimeSeconds: number): Configuration {
  return {
    clients: [
      ...[clients.main, clients.other, clients.special, clients.short, resourceServer].map(service),
      {
        client_id: clients.codeOnly.id,
        client_secret: clients.codeOnly.secret,
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [clients.codeOnly.redirectUri],
      },
      {
        client_id: clients.public.id,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [clients.public.redirectUri],
      },
    ],
    scopes: ['api:read', 'api:write'],
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      devInteractions: { enabled: false },
    },
    ttl: { ClientCredentials: (_, __, client) => (client.clientId === clients.short.id ? 1 : lifetimeSeconds) },
  };
}

/** Starts the server on a free port. */
export async function startCertifiedServer(lifetimeSeconds = 600): Promise<CertifiedServer> {
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown = (_, response) => response.end();
  const server = createServer((request, response) => void answer(request, response));
  const url = await listen(server);
  const provider = quietly(() => new OidcProvider(url, configuration(lifetimeSeconds)));
  const oauth = provider.callback();
  answer = (request, response) =>
    request.url?.startsWith('/reports') === true ? protect(url, request, response) : oauth(request, response);

  const [expired, revoked] = await Promise.all([requestToken(url, clients.short), requestToken(url, clients.main)]);
  await fetch(`${url}/token/revocation`, { method: 'POST', headers: basic(clients.main), body: new URLSearchParams({ token: revoked }) });
  await untilInactive(url, expired);
  return {
    url,
    target: {
      name: 'certified server',
      profile: 'oauth2',
      baseUrl: url,
      clients: { main: clients.main, other: clients.other, special: clients.special, codeOnly: clients.codeOnly, public: clients.public },
      paths: { token: '/token', resource: '/reports', outOfScope: '/reports/write' },
      tokens: { expired, revoked },
      expiry: { lifetimeSeconds, method: lifetimeSeconds < 60 ? 'wait' : 'fixture' },
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The protected resource: RFC 6750 3 by the letter, beside a challenge of another scheme. */
async function protect(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (status: number, parameters: string) => {
    response.writeHead(status, {
      'WWW-Authenticate': `DPoP algs="ES256 PS256", Bearer realm="reports"${parameters}`,
      'Content-Length': '0',
    });
    response.end();
  };
  request.resume();
  const token = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return refuse(401, '');
  const { active, scope = '' } = await introspect(url, token);
  if (!active) return refuse(401, ', error="invalid_token", error_description="The token is unknown, expired or revoked"');
  const wanted = request.url?.startsWith('/reports/write') === true ? 'api:write' : 'api:read';
  if (!scope.split(' ').includes(wanted)) return refuse(403, `, error="insufficient_scope", scope="${wanted}"`);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'private' });
  response.end(JSON.stringify({ reports: [{ id: 1, title: 'Quarterly figures' }] }));
}

async function introspect(url: string, token: string): Promise<{ active: boolean; scope?: string }> {
  const body = new URLSearchParams({ token });
  const answer = await fetch(`${url}/token/introspection`, { method: 'POST', headers: basic(resourceServer), body });
  return (await answer.json()) as { active: boolean; scope?: string };
}

async function requestToken(url: string, client: { id: string; secret: string }): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'api:read' });
  const answer = await fetch(`${url}/token`, { method: 'POST', headers: basic(client), body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function untilInactive(url: string, token: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while ((await introspect(url, token)).active && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
}

function basic({ id, secret }: { id: string; secret: string }): Record<string, string> {
  const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  return { Authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}` };
}

/** The library writes advice for production to the console, once. */
function quietly<T>(make: () => T): T {
  const { warn, info } = console;
  console.warn = console.info = () => {};
  try {
    return make();
  } finally {
    Object.assign(console, { warn, info });
  }
}
