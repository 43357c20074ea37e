/**
 * What the module offers to people and tools around the mock: its part of a target file, fixtures, curl lines.
 *
 * @module
 */
import type { TargetFile } from '../../../src/model/target.ts';
import { encodeBase64 } from '../../bytes.ts';
import type { Site } from '../../site.ts';
import { mainUser } from '../../targets.ts';
import type { Example, MadeToken, TokenWish } from '../product.ts';
import { issueServerToken, issueToken, type Application, type MiniorangeState } from './state.ts';

type ClientEntry = NonNullable<TargetFile['clients']>[string];

/** Clients `main`, `other`, `short` by the applications of the profile's method, in the order of the site file. */
export function miniorangeTarget(state: MiniorangeState, site: Site, profile: string): Partial<TargetFile> {
  const method = profile.split('/')[1] ?? 'oauth';
  const applications = [...state.applications.values()].filter((application) => application.method === method);
  const roles = method === 'api-key' ? ['main', 'header'] : ['main', 'other', 'short'];
  const clients: NonNullable<TargetFile['clients']> = {};
  applications.forEach((application, index) => {
    const role = roles[index];
    if (role !== undefined) clients[role] = clientEntry(application, state);
  });
  // What an application of another method takes, and this one must not.
  const keyed = [...state.applications.values()].find((application) => application.method === 'api-key');
  if (method === 'basic' && keyed !== undefined) clients['other'] ??= clientEntry(keyed, state);
  if (applications.length === 0 && state.apiKey !== undefined && method === 'api-key') clients['main'] = { apiKey: state.apiKey };
  const [main] = applications;
  const user = mainUser(site);
  if (method !== 'oauth' || main === undefined || user === undefined) return { version: state.config.version, clients };
  const token = (wish: TokenWish['state']): string => (makeToken({ user, client: main.id, state: wish }, state, site) as MadeToken).token;
  return {
    version: state.config.version,
    clients,
    tokens: {
      expired: token('expired'),
      revoked: token('revoked'),
      ...(main.tokensFrom === 'module' ? {} : { oauthServer: issueServerToken(state, user.id, site).value }),
    },
    expiry: { lifetimeSeconds: main.tokenLifetimeSeconds },
  };
}

function clientEntry({ id, method, clientId, clientSecret, tokenLifetimeSeconds }: Application, { apiKey }: MiniorangeState): ClientEntry {
  return {
    applicationId: id,
    ...(method === 'oauth' ? { lifetimeSeconds: tokenLifetimeSeconds } : {}),
    ...(clientId === undefined ? {} : { id: clientId }),
    ...(clientSecret === undefined ? {} : { secret: clientSecret }),
    ...(method === 'api-key' && apiKey !== undefined ? { apiKey } : {}),
  };
}

export function miniorangeFixtures(state: MiniorangeState): Record<string, unknown> {
  return {
    applications: [...state.applications.values()],
    defaultApplication: state.defaultApplication ?? null,
    apiKey: state.apiKey ?? null,
    tokens: [...state.tokens.values()].slice(-100),
  };
}

export function makeToken({ user, client, state: wish }: TokenWish, state: MiniorangeState, site: Site): MadeToken | string {
  const oauth = [...state.applications.values()].filter(({ method }) => method === 'oauth');
  const application = client === undefined ? oauth[0] : oauth.find(({ id, clientId }) => id === client || clientId === client);
  if (application === undefined) {
    return `No OAuth application ${JSON.stringify(client ?? null)}. Known: ${oauth.map(({ id }) => id).join(', ') || 'none'}.`;
  }
  const token = issueToken(state, user.id, application, site);
  if (wish === 'expired') token.expiresAt = site.clock.now();
  if (wish === 'revoked') token.revoked = true;
  return { token: token.value, expiresAt: new Date(token.expiresAt).toISOString() };
}

export function miniorangeExamples(state: MiniorangeState, site: Site): readonly Example[] {
  const user = mainUser(site);
  if (user === undefined) return [];
  const examples: Example[] = [];
  for (const application of state.applications.values()) {
    const { id, method, clientId, clientSecret, apiKeyIn } = application;
    const own = `curl "${site.url}/user/${user.id}?_format=json" -H "AUTH-METHOD: ${id}"`;
    const pair = (secret: string): string => encodeBase64(`${user.name}:${secret}`);
    if (method === 'oauth' && clientId !== undefined && state.config.edition === 'paid') {
      const token = `curl "${site.url}/rest_api/access_token" --data-urlencode "client_id=${clientId}" --data-urlencode "username=${user.name}"`;
      examples.push({
        title: `Application ${id}: a token by password`,
        curl: `${token} --data-urlencode "password=${user.password}" -d grant_type=password`,
      });
      if (clientSecret !== undefined) {
        examples.push({
          title: `Application ${id}: a token by client credentials`,
          curl: `${token} --data-urlencode "client_secret=${clientSecret}" -d grant_type=client_credentials`,
        });
      }
      examples.push({ title: `Application ${id}: the user, with a token`, curl: `${own} -H "Authorization: Bearer $TOKEN"` });
    }
    if (method === 'basic') examples.push({ title: `Application ${id}: Basic`, curl: `${own} -u "${user.name}:${user.password}"` });
    if (method === 'api-key' && state.apiKey !== undefined) {
      const header = apiKeyIn === 'header' ? `api-key: ${pair(state.apiKey)}` : `Authorization: Basic ${pair(state.apiKey)}`;
      examples.push({ title: `Application ${id}: API key`, curl: `${own} -H "${header}"` });
    }
  }
  return examples;
}
