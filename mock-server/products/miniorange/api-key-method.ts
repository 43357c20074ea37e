/**
 * The API key method: one key of the site, with any user name (facts A6).
 *
 * @module
 */
import { phpBase64, phpBase64Strict } from '../../bytes.ts';
import { findUser, type Site, type User } from '../../site.ts';
import type { Authentication } from '../product.ts';
import { escapeHtml, isEmpty } from '../../php/text.ts';
import { accountOf } from '../drupal/account.ts';
import type { Request } from '../drupal/request.ts';
import { authorizationOf, isBasicScheme } from './authorization.ts';
import type { ApiKeyKey } from './refusals.ts';
import { refuse } from './refuse.ts';
import { providerId, type Application, type MiniorangeState } from './state.ts';

interface Credential {
  readonly name: string;
  readonly key: string;
}

export function authenticateApiKey(
  request: Request,
  application: Pick<Application, 'apiKeyIn'>,
  state: MiniorangeState,
  site: Site,
): Authentication {
  const { refusals, key: manners, refusesBlocked } = state.dialect;
  const table = application.apiKeyIn === 'header' ? refusals.keyHeader : refusals.key;
  const exit = (key: ApiKeyKey, name?: string): Authentication => ({ exit: refuse(table[key], state, name) });

  const credential = application.apiKeyIn === 'header' ? fromKeyHeader(request) : fromAuthorization(request, state);
  if (typeof credential === 'string') return exit(credential);
  const isRight = keyMatches(credential.key, state);
  if (manners.beforeUser && !isRight) return exit('invalidKey');
  const user = findByName(credential.name, state, site);
  if (user === undefined) return exit('unknownUser');
  if (refusesBlocked && (user === 'anonymous' || !user.active)) return exit('userBlocked', user === 'anonymous' ? '' : user.name);
  if (user === 'anonymous' || !isRight) return exit('invalidKey');
  return { account: accountOf(user, providerId, site) };
}

function fromKeyHeader(request: Request): Credential | ApiKeyKey {
  const header = request.header('api-key');
  if (isEmpty(header)) return 'missing';
  return splitPair(phpBase64Strict(header)) ?? 'malformed';
}

function fromAuthorization(request: Request, state: MiniorangeState): Credential | ApiKeyKey {
  const header = authorizationOf(request, state);
  if (isEmpty(header)) return 'missing';
  if (state.dialect.key.reads === 'rest') {
    if (header.slice(0, 6).toLowerCase() !== 'basic ') return 'wrongScheme';
    return splitPair(phpBase64Strict(header.slice(6))) ?? 'malformed';
  }
  if (!isBasicScheme(header)) return 'wrongScheme';
  const escaped = escapeHtml(header);
  if (escaped.toLowerCase() === 'basic') return 'nothingAfterScheme';
  const [name, key] = (phpBase64(escaped.split(' ')[1] ?? '') ?? '').split(':');
  return name === undefined || key === undefined ? 'malformed' : { name, key };
}

/** Split at the first colon. */
function splitPair(decoded: string | undefined): Credential | undefined {
  const colon = decoded?.indexOf(':') ?? -1;
  return decoded === undefined || colon < 0 ? undefined : { name: decoded.slice(0, colon), key: decoded.slice(colon + 1) };
}

/** From 2.1.0 an empty name finds the anonymous account, which has none. */
function findByName(name: string, { dialect }: MiniorangeState, site: Site): User | 'anonymous' | undefined {
  if (name === '') return dialect.key.reads === 'rest' ? 'anonymous' : undefined;
  return findUser(site, name);
}

function keyMatches(given: string, { apiKey, dialect }: MiniorangeState): boolean {
  return dialect.key.loose ? looselyEqual(apiKey, given) : apiKey !== undefined && given === apiKey;
}

/** PHP's `==` between null or a string, and a string: numeric strings are compared as numbers. */
export function looselyEqual(stored: string | undefined, given: string): boolean {
  if (stored === undefined) return given === '';
  if (stored === given) return true;
  return isNumeric(stored) && isNumeric(given) && Number(stored) === Number(given);
}

function isNumeric(text: string): boolean {
  return /^[ \t\n\r\v\f]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t\n\r\v\f]*$/.test(text);
}
