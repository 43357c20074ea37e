/**
 * `/oauth/authorize` up to the point where a person would log in or consent; no code is ever handed out.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Site } from '../../site.ts';
import { isAnonymous } from '../drupal/account.ts';
import { pageReply } from '../drupal/page.ts';
import { redirectReply } from '../drupal/redirect.ts';
import { startSession } from '../drupal/session.ts';
import type { Reply } from '../drupal/reply.ts';
import type { Request } from '../drupal/request.ts';
import type { Route, RouteContext } from '../product.ts';
import { errorReply, invalidClient, invalidRequest, OAuthError, unsupportedGrantType } from './oauth-error.ts';
import { simpleOauthOf } from './state.ts';

export const authorizeRoute: Route = {
  name: 'oauth2_token.authorize',
  path: '/oauth/authorize',
  keptFromPageCache: true,
  controller: (context) => authorize(context),
};

function authorize({ account, request, site }: RouteContext): Reply {
  const { edition } = simpleOauthOf(site);
  try {
    checkClient(request, site);
  } catch (error) {
    if (error instanceof OAuthError) return errorReply(error, request, edition);
    throw error;
  }
  if (isAnonymous(account)) return toLogin(request, site);
  return pageReply(200, 'Grant Access to Client', '<p>Consent is not imitated.</p>', site);
}

function checkClient(request: Request, site: Site): void {
  const { consumers, edition } = simpleOauthOf(site);
  const id = request.query['client_id'] ?? request.form['client_id'];
  if (id === undefined || id === '' || id === '0') throw edition.major === 6 ? invalidRequest('client_id') : invalidClient();
  const consumer = typeof id === 'string' ? consumers.get(id.toLowerCase()) : undefined;
  if (consumer === undefined) throw invalidClient();
  if (edition.major === 5) return;
  // The library looks into the query alone.
  if (
    request.query['client_id'] === undefined ||
    request.query['response_type'] !== 'code' ||
    !consumer.grants.includes('authorization_code')
  )
    throw unsupportedGrantType();
}

/** The query of the destination is sorted by name, as Symfony normalises it. */
function toLogin(request: Request, site: Site): Reply {
  const names = Object.keys(request.query).sort();
  const pairs = names
    .map((name) => [name, request.query[name]] as const)
    .filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  const query = pairs.map(([name, value]) => `${encodeQuery(name)}=${encodeQuery(value)}`).join('&');
  const destination = `${request.basePath}/oauth/authorize${query === '' ? '' : `?${query}`}`;
  const target = `${request.basePath}/user/login?destination=${encodeQuery(destination)}`;
  const redirect = redirectReply(302, target, site, [startSession(request, site)]);
  return simpleOauthOf(site).edition.major === 5 ? withRequestHeaders(redirect, request) : redirect;
}

/** Version 5 makes the redirect with the headers of the request: what was sent comes back. */
function withRequestHeaders(redirect: Reply, request: Request): Reply {
  const echoed = request.wire.headers.filter(
    ([name]) => !['host', 'connection', 'content-length', 'content-type', 'transfer-encoding'].includes(name.toLowerCase()),
  );
  const { contentType } = request;
  const kept = redirect.headers.filter(([name]) => name !== 'Content-Type' || contentType === undefined);
  const sent: HeaderLine[] = contentType === undefined ? [] : [['content-type', contentType]];
  return { ...redirect, headers: [...kept, ...sent, ['x-php-ob-level', '1'], ...echoed] };
}

/** Drupal leaves slashes readable in queries. */
function encodeQuery(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/');
}
