/**
 * Login sessions: the cookie, its provider, and the tokens derived from a session.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Site } from '../../site.ts';
import type { AuthenticationProvider } from '../product.ts';
import { accountOf, anonymous } from './account.ts';
import type { Reply } from './reply.ts';
import type { Request } from './request.ts';

const lifetimeSeconds = 2_000_000;

export const cookieProvider: AuthenticationProvider = {
  id: 'cookie',
  priority: 0,
  global: true,
  applies: (request) => sessionId(request) !== undefined,
  authenticate: (request, site) => {
    const session = site.sessions.get(sessionId(request) ?? '');
    const user = session === undefined ? undefined : site.users.get(session.userId);
    return { account: user?.active === true ? accountOf(user, 'cookie', site) : anonymous(site, 'cookie') };
  },
};

/** `SESS` and a digest of host and base path. */
export function sessionCookieName(request: Request): string {
  return `SESS${digest(request.host.replace(/:\d+$/, '') + request.basePath)}`;
}

/** The value of the session cookie; undefined: none was sent. */
export function sessionId(request: Request): string | undefined {
  return request.header('cookie') === undefined ? undefined : request.cookies[sessionCookieName(request)];
}

/** Opens a session for a user, 0 for a visitor, and returns the header that tells the browser. */
export function startSession(request: Request, site: Site, userId = 0): HeaderLine {
  const id = site.random.text(43);
  site.sessions.set(id, { userId, csrfSeed: site.random.text(43), awaitsRedirect: userId !== 0 });
  return sessionCookie(id, request, site);
}

/** The header that prolongs an open session; none where there is none. */
export function prolongSession(request: Request, site: Site): readonly HeaderLine[] {
  const id = sessionId(request);
  return id !== undefined && site.sessions.has(id) ? [sessionCookie(id, request, site)] : [];
}

function sessionCookie(id: string, request: Request, site: Site): HeaderLine {
  const expires = cookieDate(site.clock.now() + lifetimeSeconds * 1000);
  const sameSite = site.drupal.major >= 10 ? '; SameSite=Lax' : '';
  return ['Set-Cookie', `${sessionCookieName(request)}=${id}; expires=${expires}; Max-Age=${lifetimeSeconds}; path=/; HttpOnly${sameSite}`];
}

/** True once for each login: at its first redirect. */
export function isFirstRedirect(request: Request, site: Site): boolean {
  const session = site.sessions.get(sessionId(request) ?? '');
  if (session?.awaitsRedirect !== true) return false;
  session.awaitsRedirect = false;
  return true;
}

/** The header with which a session that holds nothing is taken back. */
export function endSession(request: Request): HeaderLine {
  return ['Set-Cookie', `${sessionCookieName(request)}=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly`];
}

/** A cookie whose session is gone is taken back with the answer. */
export function dropStaleSession(reply: Reply, request: Request, site: Site): void {
  const id = sessionId(request);
  if (id === undefined || site.sessions.has(id) || reply.headers.some(([name]) => name === 'Set-Cookie')) return;
  reply.headers.unshift(endSession(request));
}

/** 43 characters, as Drupal derives them from the session and a name. */
export function sessionToken(id: string | undefined, name: string, site: Site): string {
  const seed = id === undefined ? undefined : site.sessions.get(id)?.csrfSeed;
  return seed === undefined ? site.random.text(43) : (digest(`${seed} ${name}`) + digest(`${name} ${seed}`)).slice(0, 43);
}

function cookieDate(epochMs: number): string {
  return new Date(epochMs).toUTCString();
}

/** 32 hexadecimal digits. Where there is no SHA-256, any digest will do: nobody compares it with another site's. */
function digest(text: string): string {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (crypto !== undefined) return crypto.createHash('sha256').update(text).digest('hex').slice(0, 32);
  let hash = 0x811c9dc5;
  let hex = '';
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    hex += hash.toString(16).padStart(8, '0');
  }
  return hex;
}
