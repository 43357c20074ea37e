/**
 * The module's part of a site: applications and the tokens they issued.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import type { Method, MiniorangeConfig } from './config.ts';
import { dialectOf, type Dialect } from './versions.ts';

/** Id of the authentication provider, as REST resources name it. */
export const providerId = 'rest_api_authentication';

export interface Application {
  readonly id: string;
  method: Method;
  isDefault: boolean;
  apiKeyIn: 'authorization' | 'header';
  clientId: string | undefined;
  clientSecret: string | undefined;
  tokenLifetimeSeconds: number;
  tokensFrom: 'module' | 'oauth-server';
}

export interface Token {
  readonly value: string;
  readonly userId: number;
  /** Application that issued it; undefined: the OAuth Server module. */
  readonly applicationId: string | undefined;
  /** Epoch milliseconds; expired from this instant on. */
  expiresAt: number;
  revoked: boolean;
}

export interface MiniorangeState {
  readonly config: MiniorangeConfig;
  readonly dialect: Dialect;
  enabled: boolean;
  /** Method of the whole site, before applications; never chosen counts as Basic. */
  method: Method | undefined;
  applications: Map<string, Application>;
  applicationsByClient: Map<string, Application>;
  defaultApplication: string | undefined;
  apiKey: string | undefined;
  tokens: Map<string, Token>;
}

export function createMiniorangeState(config: MiniorangeConfig): MiniorangeState {
  const applications = new Map<string, Application>();
  const applicationsByClient = new Map<string, Application>();
  for (const entry of config.applications ?? []) {
    const application: Application = {
      id: entry.id,
      method: entry.method,
      isDefault: entry.isDefault ?? false,
      apiKeyIn: entry.apiKeyIn ?? 'authorization',
      clientId: entry.clientId,
      clientSecret: entry.clientSecret,
      tokenLifetimeSeconds: (entry.tokenLifetimeMinutes ?? 60) * 60,
      tokensFrom: entry.tokensFrom ?? 'module',
    };
    applications.set(application.id, application);
    if (application.clientId !== undefined) applicationsByClient.set(application.clientId, application);
  }
  return {
    config,
    dialect: dialectOf(config),
    enabled: config.enabled ?? true,
    method: config.method,
    applications,
    applicationsByClient,
    defaultApplication: config.defaultApplication,
    apiKey: config.apiKey,
    tokens: new Map(),
  };
}

/** State of the module on this site; undefined when it is not installed. */
export function miniorangeState(site: Site): MiniorangeState | undefined {
  return site.products.get('miniorange') as MiniorangeState | undefined;
}

/** Issues a token as the token endpoint does. */
export function issueToken(state: MiniorangeState, userId: number, application: Application, site: Site): Token {
  const token: Token = {
    value: site.random.text(tokenLength),
    userId,
    applicationId: application.id,
    expiresAt: site.clock.now() + application.tokenLifetimeSeconds * 1000,
    revoked: false,
  };
  if (state.tokens.size >= keptTokens.most) forgetSome(state.tokens);
  state.tokens.set(token.value, token);
  return token;
}

/** Many at once: a map is slow to forget its first entry again and again. */
function forgetSome(tokens: Map<string, Token>): void {
  let position = 0;
  for (const value of tokens.keys()) {
    position += 1;
    if (position > keptTokens.first) tokens.delete(value);
    if (position === keptTokens.most / 2) return;
  }
}

/** A token as the OAuth Server module leaves it after single sign-on: 255 letters and digits, 900 s (facts B-7). */
export function issueServerToken(state: MiniorangeState, userId: number, site: Site): Token {
  const value = site.random.text(255);
  const token: Token = { value, userId, applicationId: undefined, expiresAt: site.clock.now() + 900_000, revoked: false };
  state.tokens.set(value, token);
  return token;
}

// Opaque; format and length are not published.
const tokenLength = 64;

/**
 * A load test must not fill the memory: when there are as many, the older half goes, except for the first ones, with which somebody
 * may still be working.
 */
const keptTokens = { first: 1000, most: 20_000 } as const;
