/**
 * Consumers, scopes and tokens of a site, and what happens to tokens when something is saved.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import type { ConsumerConfig, ScopeConfig, SimpleOauthConfig } from './config.ts';
import { editionOf, type Edition } from './edition.ts';
import { signingKey, type SigningKey } from './key.ts';

export interface Consumer {
  readonly id: string;
  uuid: string;
  label: string;
  secret: string | undefined;
  confidential: boolean;
  userId: number | undefined;
  scopes: string[];
  grants: string[];
  lifetimeSeconds: number;
  redirectUris: string[];
}

export interface Scope extends ScopeConfig {
  readonly name: string;
}

export interface Token {
  readonly jti: string;
  readonly uuid: string;
  readonly clientId: string;
  /** Undefined: issued to a client that acts for itself through its default user. */
  readonly userId: number | undefined;
  readonly scopes: readonly string[];
  /** Epoch milliseconds, fraction included. */
  readonly expiresMs: number;
  readonly grant: string;
  revoked: boolean;
}

export type KeyState = NonNullable<SimpleOauthConfig['publicKey']>;

export interface SimpleOauth {
  readonly version: string;
  readonly edition: Edition;
  /** By client id in lower case: the collation of the site's database does not tell cases apart. */
  readonly consumers: Map<string, Consumer>;
  /** By name in lower case, for the same reason. */
  readonly scopes: Map<string, Scope>;
  /** Made by the consumers module when it was installed; it may do nothing. */
  readonly defaultConsumer: Consumer;
  /** By jti. */
  readonly tokens: Map<string, Token>;
  /** So many tokens are looked through for expired ones; twice what was left the last time, so that issuing stays as fast as it was. */
  sweepAt: number;
  readonly refreshTokens: Map<string, Token>;
  key: SigningKey;
  privateKey: KeyState;
  publicKey: KeyState;
  openid: boolean;
  lifetimeSeconds: number;
}

export function createState(config: SimpleOauthConfig, site: Site): SimpleOauth {
  const scopes = Object.entries(config.scopes ?? {}).map(([name, scope]): [string, Scope] => [name.toLowerCase(), { name, ...scope }]);
  return {
    version: config.version,
    edition: editionOf(config.version),
    consumers: new Map((config.consumers ?? []).map((consumer) => [consumer.id.toLowerCase(), createConsumer(consumer, site)])),
    scopes: new Map(scopes),
    defaultConsumer: createConsumer({ id: 'default_consumer', label: 'Default Consumer', grants: [] }, site),
    tokens: new Map(),
    sweepAt: manyTokens,
    refreshTokens: new Map(),
    key: signingKey(config.key),
    privateKey: config.privateKey ?? 'present',
    publicKey: config.publicKey ?? 'present',
    openid: config.openid ?? true,
    lifetimeSeconds: config.lifetimeSeconds ?? 300,
  };
}

/** The state of a site where the module is installed. */
export function simpleOauthOf(site: Site): SimpleOauth {
  return site.products.get('simpleOauth') as SimpleOauth;
}

/** By client id, in any case. */
export function consumerOf({ consumers, defaultConsumer }: SimpleOauth, id: string): Consumer | undefined {
  const key = id.toLowerCase();
  return consumers.get(key) ?? (key === defaultConsumer.id ? defaultConsumer : undefined);
}

export function createConsumer(config: ConsumerConfig, site: Site): Consumer {
  return {
    id: config.id,
    uuid: config.uuid ?? site.random.uuid(),
    label: config.label ?? config.id,
    secret: config.secret,
    confidential: config.confidential ?? true,
    userId: config.user,
    scopes: [...(config.scopes ?? [])],
    grants: [...(config.grants ?? ['client_credentials'])],
    lifetimeSeconds: config.lifetimeSeconds ?? 300,
    redirectUris: [...(config.redirectUris ?? [])],
  };
}

/** Expired tokens beyond this many are forgotten; an expired one is refused before anybody looks it up. */
const manyTokens = 5000;

export function addToken(state: SimpleOauth, token: Token, nowMs: number): void {
  if (state.tokens.size >= state.sweepAt) {
    deleteExpiredTokens(state, nowMs);
    state.sweepAt = Math.max(manyTokens, state.tokens.size * 2);
  }
  state.tokens.set(token.jti, token);
}

/** What the module's cron job does. */
export function deleteExpiredTokens(state: SimpleOauth, nowMs: number): void {
  for (const [jti, token] of state.tokens) if (token.expiresMs <= nowMs) state.tokens.delete(jti);
}

/** Saving a user, changed or not, ends the tokens that act as this user. */
export function dropTokensOfUser(state: SimpleOauth, userId: number): void {
  dropTokens(state, (token) => actsAs(state, token) === userId);
}

/** Saving or deleting a consumer ends its tokens. */
export function dropTokensOfConsumer(state: SimpleOauth, clientId: string): void {
  dropTokens(state, (token) => token.clientId === clientId);
}

function dropTokens(state: SimpleOauth, isConcerned: (token: Token) => boolean): void {
  for (const tokens of [state.tokens, state.refreshTokens]) {
    for (const [key, token] of tokens) if (isConcerned(token)) tokens.delete(key);
  }
}

/** Id of the user whom a token stands for. */
export function actsAs(state: SimpleOauth, token: Token): number | undefined {
  return token.userId ?? state.consumers.get(token.clientId.toLowerCase())?.userId;
}
