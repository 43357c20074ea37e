/**
 * What the module offers to people and tools around the mock: its part of a target file, fixtures, tokens made to order, curl lines.
 *
 * @module
 */
import type { TargetFile } from '../../../src/model/target.ts';
import { decodeUtf8, encodeUtf8 } from '../../bytes.ts';
import type { Site } from '../../site.ts';
import { mainUser } from '../../targets.ts';
import { foldHeaders, Request } from '../drupal/request.ts';
import type { Example, MadeToken, TokenWish } from '../product.ts';
import { parseJwt } from './jwt.ts';
import type { Consumer, SimpleOauth } from './state.ts';
import { tokenEndpoint } from './token-endpoint.ts';

type ClientEntry = NonNullable<TargetFile['clients']>[string];

/** The consumers of the site by the last part of their id: `demo-main` is `main`. */
export function simpleOauthTarget(state: SimpleOauth, site: Site): Partial<TargetFile> {
  const clients: NonNullable<TargetFile['clients']> = {};
  for (const consumer of state.consumers.values()) clients[roleOf(consumer)] = clientEntry(consumer, state);
  const user = mainUser(site);
  const main = [...state.consumers.values()].find((consumer) => roleOf(consumer) === 'main');
  if (user === undefined || main === undefined) return { version: state.version, clients };
  const token = (wish: TokenWish['state']): string => {
    const made = makeToken({ user, client: main.id, state: wish }, state, site);
    return typeof made === 'string' ? '' : made.token;
  };
  return {
    version: state.version,
    clients,
    tokens: { expired: token('expired'), revoked: token('revoked') },
    expiry: { lifetimeSeconds: lifetimeOf(main, state) },
  };
}

function roleOf({ id }: Consumer): string {
  return id.slice(id.lastIndexOf('-') + 1);
}

function lifetimeOf(consumer: Consumer, { edition, lifetimeSeconds }: SimpleOauth): number {
  return edition.grantsPerConsumer ? consumer.lifetimeSeconds : lifetimeSeconds;
}

function clientEntry(consumer: Consumer, state: SimpleOauth): ClientEntry {
  const { id, secret, userId, scopes, grants, redirectUris } = consumer;
  return {
    id,
    ...(secret === undefined ? {} : { secret }),
    ...(userId === undefined ? {} : { actsAs: userId }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    grants: [...grants],
    lifetimeSeconds: lifetimeOf(consumer, state),
    ...(redirectUris[0] === undefined ? {} : { redirectUri: redirectUris[0] }),
  };
}

export function simpleOauthFixtures(state: SimpleOauth): Record<string, unknown> {
  return {
    consumers: [...state.consumers.values()],
    scopes: [...state.scopes.values()],
    tokens: [...state.tokens.values()].slice(-100),
    publicKey: state.key.publicPem,
  };
}

/** Asks the token endpoint; an expired token is asked for in the past. */
export function makeToken({ user, client, state: wish }: TokenWish, state: SimpleOauth, site: Site): MadeToken | string {
  const consumers = [...state.consumers.values()].filter(
    ({ secret, grants }) => secret !== undefined && grants.includes('client_credentials'),
  );
  const consumer = client === undefined ? consumers.find(({ userId }) => userId === user.id) : state.consumers.get(client.toLowerCase());
  if (consumer === undefined || consumer.userId !== user.id) {
    return `No consumer ${client === undefined ? '' : `"${client}" `}acts as ${user.name}. Known: ${consumers.map(({ id }) => id).join(', ')}.`;
  }
  const ageSeconds = wish === 'expired' ? lifetimeOf(consumer, state) + 1 : 0;
  site.clock.advance(-ageSeconds);
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: consumer.id, client_secret: consumer.secret ?? '' });
  const reply = tokenEndpoint(formRequest('/oauth/token', form, site), site);
  site.clock.advance(ageSeconds);
  const text = typeof reply.body === 'string' ? reply.body : decodeUtf8(reply.body);
  if (reply.status !== 200) return `The token endpoint refuses: ${text}`;
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  const { claims } = parseJwt(token, true);
  const stored = state.tokens.get(String(claims['jti']));
  if (stored !== undefined && wish === 'revoked') stored.revoked = true;
  return { token, expiresAt: new Date(Number(claims['exp']) * 1000).toISOString() };
}

function formRequest(path: string, form: URLSearchParams, site: Site): Request {
  const host = site.url === '' ? 'localhost' : new URL(site.url).host;
  const wire = {
    method: 'POST',
    path: site.drupal.basePath + path,
    headers: [
      ['Host', host],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ],
    body: encodeUtf8(form.toString()),
  } as const;
  return new Request(wire, foldHeaders(wire, site.server.kind), site);
}

export function simpleOauthExamples(state: SimpleOauth, site: Site): readonly Example[] {
  const main = [...state.consumers.values()].find((consumer) => roleOf(consumer) === 'main') ?? [...state.consumers.values()][0];
  if (main === undefined) return [];
  const examples: Example[] = [
    {
      title: 'A token by client credentials',
      curl: `curl "${site.url}/oauth/token" -d grant_type=client_credentials --data-urlencode "client_id=${main.id}" --data-urlencode "client_secret=${main.secret ?? ''}"`,
    },
  ];
  if (main.userId !== undefined) {
    examples.push({
      title: 'The user that it acts as',
      curl: `curl "${site.url}/user/${main.userId}?_format=json" -H "Authorization: Bearer $TOKEN"`,
    });
  }
  return examples;
}
