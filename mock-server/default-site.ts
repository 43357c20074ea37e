/**
 * The sites that come with the mock: a small fixed cast, the same on every machine, one site per product.
 *
 * @module
 */
import type { SiteFile } from './site-file.ts';

const cast: NonNullable<SiteFile['users']> = [
  { id: 1, name: 'admin', password: 'admin-pass-1' },
  { id: 2, name: 'api_user', password: 'api_user-pass-1', roles: ['api_user'] },
  { id: 3, name: 'alice', password: 'alice-pass-1' },
  { id: 4, name: 'bob', password: 'bob-pass-1', roles: ['api_user'] },
  { id: 5, name: 'blocked_user', password: 'blocked_user-pass-1', roles: ['api_user'], active: false },
  { id: 6, name: 'api_admin', password: 'api_admin-pass-1', roles: ['administrator'] },
  { id: 7, name: 'ünï user', mail: 'uni.user@example.com', password: 'Ω-pass-word-1', roles: ['api_user'] },
];

const content: NonNullable<SiteFile['nodes']> = [
  { id: 1, type: 'article', title: 'First article', owner: 1 },
  { id: 2, type: 'article', title: 'Second article', owner: 2 },
  { id: 3, type: 'page', title: 'A page', owner: 1 },
  { id: 4, type: 'article', title: 'Unpublished article', owner: 1, published: false },
];

/** What every default site shares; `provider` is the authentication provider of its REST resources. */
function common(name: string, provider: string): SiteFile {
  const read = { formats: ['json'], auth: [provider] };
  return {
    name,
    seed: 1,
    drupal: {
      version: '10.5.5',
      rest: {
        'entity:user': { GET: read },
        'entity:node': { GET: read, POST: read, PATCH: read, DELETE: read },
      },
    },
    server: { kind: 'php-s', outputBuffering: 4096 },
    roles: {
      api_user: { label: 'API user', permissions: ['access content', 'access user profiles'] },
      administrator: { label: 'Administrator', isAdmin: true },
    },
    users: cast,
    nodes: content,
  };
}

function miniorangePaid(): SiteFile {
  return {
    ...common('miniOrange OAuth mock', 'rest_api_authentication'),
    products: {
      miniorange: {
        version: '2.1.0',
        edition: 'paid',
        applications: [
          {
            id: '0a070001',
            name: 'Main',
            method: 'oauth',
            clientId: 'main-client-4f1c9a7be2d0',
            clientSecret: 'main-secret-81d5e0b3c6f2a947',
            tokenLifetimeMinutes: 60,
            tokensFrom: 'oauth-server',
          },
          {
            id: '0a070002',
            name: 'Other',
            method: 'oauth',
            clientId: 'other-client-77ab03c5d19e',
            clientSecret: 'other-secret-5c2f9e6a1b8d4073',
            tokenLifetimeMinutes: 60,
          },
          {
            id: '0a070003',
            name: 'Short',
            method: 'oauth',
            clientId: 'short-client-c3e8140f6b95',
            clientSecret: 'short-secret-e94a7d2b60f8135c',
            tokenLifetimeMinutes: 1,
          },
          { id: '0a070004', name: 'JWT', method: 'jwt', tokenLifetimeMinutes: 60 },
        ],
      },
    },
  };
}

function miniorangeFree(): SiteFile {
  return {
    ...common('miniOrange mock', 'rest_api_authentication'),
    products: {
      miniorange: {
        version: '2.1.0',
        edition: 'free',
        apiKey: 'k7Qd2sVx9LbN4mRtY8wFhJ3pZc6uEgA1TnXo5iKvBq0DyWrSlCMe7UjHfPzG2aO9',
        applications: [
          { id: 'ba51c0a1', name: 'Basic', method: 'basic' },
          { id: 'a9140001', name: 'Key', method: 'api-key', apiKeyIn: 'authorization' },
          { id: 'a9140002', name: 'Key header', method: 'api-key', apiKeyIn: 'header' },
        ],
      },
    },
  };
}

/** Consumers are named after the role that they have in a target file. */
function simpleOauth(version: string): SiteFile {
  const isSix = !version.startsWith('5.');
  const site = common('Simple OAuth mock', 'oauth2');
  return {
    ...site,
    ...(isSix ? {} : { drupal: { ...site.drupal, version: '9.4.8' } }),
    roles: {
      ...site.roles,
      api_user: {
        label: 'API user',
        permissions: ['access content', 'access user profiles', 'execute demo arbitrary graphql requests', 'execute graphql requests'],
      },
    },
    products: {
      simpleOauth: {
        version,
        ...(isSix
          ? {
              scopes: {
                api_user: { role: 'api_user' },
                authenticated: { role: 'authenticated' },
                administrator: { role: 'administrator' },
                'content:read': { permission: 'access content' },
                'profiles:read': { permission: 'access user profiles' },
              },
            }
          : {}),
        consumers: [
          { id: 'demo-main', secret: 'main-secret-2f9c6b1e7a4d8035', user: 2, scopes: ['api_user'] },
          { id: 'demo-other', secret: 'other-secret-b07e4d92c5a1f386', user: 4, scopes: ['api_user'] },
          { id: 'demo-short', secret: 'short-secret-6d18f3a9e27c4b50', user: 2, scopes: ['api_user'], lifetimeSeconds: 5 },
          { id: 'demo-public', confidential: false, user: 2, scopes: ['api_user'] },
          { id: 'demo-noScope', secret: 'no-scope-secret-94ab7e3c1d60', user: 2 },
          { id: 'demo-noUser', secret: 'no-user-secret-c83f5d2079be', scopes: ['api_user'] },
          { id: 'demo-unpermitted', secret: 'unpermitted-secret-e1b6409fa7', user: 3, scopes: ['authenticated'] },
          { id: 'demo-blocked', secret: 'blocked-secret-35d7c0a8e49b1f62', user: 5, scopes: ['api_user'] },
          { id: 'demo-admin', secret: 'admin-secret-a92e6f04d7b3c158', user: 6, scopes: ['administrator'] },
          {
            id: 'demo-codeOnly',
            secret: 'code-only-secret-7b50e8f2c6d9',
            user: 2,
            scopes: ['api_user'],
            grants: ['authorization_code'],
            redirectUris: ['https://client.example/callback'],
          },
        ],
      },
      graphql: { version: isSix ? '8.x-4.7' : '8.x-3.4', server: 'demo' },
    },
  };
}

/** The OAuth Server module beside the REST API that takes its tokens. */
function oauthServer(version: string): SiteFile {
  const site = miniorangePaid();
  return {
    ...site,
    name: 'miniOrange OAuth Server mock',
    products: {
      ...site.products,
      oauthServer: {
        version,
        clients: [
          { id: 'sso-client-5b1d7e90c4a2', secret: 'sso-secret-60e8f3a1d97b2c45', redirectUri: 'https://client.example/callback' },
          { id: 'sso-other-client-83fa', secret: 'sso-other-secret-1c9d5e7f2a40', redirectUri: 'https://other.example/callback' },
        ],
      },
    },
  };
}

/** An OAuth server that keeps to the RFCs, with the roles of its clients as their names in a target file. */
function oauthByTheBook(): SiteFile {
  const read = ['reports:read'];
  return {
    ...common('OAuth server by the book', 'cookie'),
    products: {
      oauth2: {
        clients: [
          { role: 'main', id: 'reports-service', secret: 'main-secret-7Yq2LrV0cZtB9eXs', scopes: read },
          { role: 'other', id: 'other-service', secret: 'other-secret-Kp4WnD8uJf3MhQa6', scopes: read },
          { role: 'special', id: 'service:50%+1', secret: 'a%2Bb+c:d&e=f/~Hx5Rj', scopes: read },
          { role: 'codeOnly', id: 'web-application', secret: 'code-secret-Gt6XvC1oSi9ZkEb2', grants: ['authorization_code'] },
          { role: 'public', id: 'browser-application', scopes: read },
        ],
        resources: { '/reports': 'reports:read', '/reports/write': 'reports:write' },
      },
    },
  };
}

/** Surfaces and advisories are shown on a site with Simple OAuth. */
const onSimpleOauth = new Set(['simple-oauth', 'rest', 'jsonapi', 'graphql', 'advisories']);

/** The site that imitates the product of a profile; undefined: no product of ours has it. */
export function defaultSite(profile: string): SiteFile | undefined {
  const [product = '', method] = profile.split('/');
  if (product === 'miniorange') return method === 'oauth' || method === 'jwt' ? miniorangePaid() : miniorangeFree();
  if (product === 'oauth-server') return oauthServer('2.0');
  if (product === 'oauth2') return oauthByTheBook();
  return onSimpleOauth.has(product) ? simpleOauth('6.0.9') : undefined;
}
