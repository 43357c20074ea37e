/**
 * Core's account routes for programs: `/user/login`, `/user/login_status`, `/user/logout`, `/user/password`, `/session/token`, and
 * the pages that share their paths.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { phpJsonHex } from '../../php/json.ts';
import { textParam } from '../../php/params.ts';
import { isPassword } from '../../php/password.ts';
import { findUser, type Site, type User } from '../../site.ts';
import type { Access, Route, RouteContext } from '../product.ts';
import { isAnonymous, may, accountOf } from './account.ts';
import { coreEdition } from './core-edition.ts';
import { FatalError, HttpException, UnexpectedError } from './exception.ts';
import { failedLoginPerAddress, failedLoginPerUser, forgetFailures, isAllowed, registerFailure } from './flood.ts';
import { htmlPage } from './page.ts';
import { redirectReply } from './redirect.ts';
import { jsonType, textReply, type Reply } from './reply.ts';
import { endSession, sessionId, sessionToken, startSession } from './session.ts';

/** The mock does not know who calls; everybody shares one address, as behind one proxy. */
const address = '127.0.0.1';

const anonymousOnly = ({ account }: RouteContext): Access =>
  isAnonymous(account) ? true : { reason: 'This route can only be accessed by anonymous users.' };

/** What core's serialiser writes; its module says so for these routes. */
const formats = ['json', 'xml'];

export const loginRoutes: readonly Route[] = [
  { name: 'user.login.http', path: '/user/login', methods: ['POST'], formats, access: anonymousOnly, controller: logIn },
  {
    name: 'user.login',
    path: '/user/login',
    allowInMaintenance: true,
    access: anonymousOnly,
    controller: (context) => htmlPage(context, 'Log in', loginForm, { cacheability: 'good' }),
  },
  { name: 'user.login_status.http', path: '/user/login_status', methods: ['GET'], formats, controller: loginStatus },
  { name: 'user.logout.http', path: '/user/logout', methods: ['POST'], formats, access: logoutAccess, controller: logOut },
  { name: 'user.logout', path: '/user/logout', access: logoutPageAccess, controller: logOutPage },
  { name: 'user.pass.http', path: '/user/password', methods: ['POST'], formats, controller: resetPassword },
  {
    name: 'user.pass',
    path: '/user/password',
    allowInMaintenance: true,
    controller: (context) => htmlPage(context, 'Reset your password', passwordForm, { cacheability: 'good' }),
  },
  { name: 'system.csrftoken', path: '/session/token', controller: csrfToken },
];

const loginForm = '<form method="post"><input name="name" /><input name="pass" type="password" /><button>Log in</button></form>';
const passwordForm = '<form method="post"><input name="name" /><button>Submit</button></form>';

interface Credentials {
  readonly name?: unknown;
  readonly pass?: unknown;
}

/** UserAuthenticationController::login: missing parts, flood, blocked, credentials, in this order. Content-Type is not looked at. */
function logIn({ request, site }: RouteContext): Reply {
  const { name, pass } = decodeCredentials(request.bodyText);
  if (name === undefined && pass === undefined) throw new HttpException(400, 'Missing credentials.');
  if (name === undefined) throw new HttpException(400, 'Missing credentials.name.');
  if (pass === undefined) throw new HttpException(400, 'Missing credentials.pass.');
  const { findsNobodyByEmptyName, passwordListIsFatal } = coreEdition(site.drupal.major);
  const user = findUser(site, firstText(name));
  checkFlood(user, site);
  // The account of visitors has no name, and is never active.
  const isVisitor = name === '' && !findsNobodyByEmptyName;
  if (isVisitor || user?.active === false) throw new HttpException(400, 'The user has not been activated or is blocked.');
  if (typeof pass === 'object')
    throw passwordListIsFatal ? new FatalError('the password is no text') : new UnexpectedError('the password is no text');
  if (user === undefined || !isPassword(String(pass), user.password, site.drupal.major)) {
    if (user !== undefined) registerFailure(failedLoginPerUser, identifier(user), site);
    registerFailure(failedLoginPerAddress, address, site);
    throw new HttpException(400, 'Sorry, unrecognized username or password.');
  }
  forgetFailures(failedLoginPerUser, identifier(user), site);
  if (request.format === 'xml') throw new UnexpectedError('the answer cannot be written as XML');
  return loggedIn(user, startSession(request, site, user.id), site);
}

/** What is not a JSON object or array breaks core's deserialiser. */
function decodeCredentials(body: string): Credentials {
  let decoded: unknown;
  try {
    decoded = JSON.parse(body);
  } catch {
    throw new UnexpectedError('Syntax error');
  }
  if (typeof decoded !== 'object' || decoded === null) return {};
  return Object.fromEntries(Object.entries(decoded).filter(([, value]) => value !== null));
}

/** An array or object is loaded as a list of values: the first one finds the user. */
function firstText(name: unknown): string {
  const value: unknown = typeof name === 'object' && name !== null ? Object.values(name)[0] : name;
  return typeof value === 'string' ? value : String(value);
}

function checkFlood(user: User | undefined, site: Site): void {
  if (!isAllowed(failedLoginPerAddress, address, site)) {
    throw new HttpException(403, 'Access is blocked because of IP based flood prevention.');
  }
  if (user !== undefined && !isAllowed(failedLoginPerUser, identifier(user), site)) {
    throw new HttpException(403, 'Too many failed login attempts from your IP address. This IP address is temporarily blocked.');
  }
}

function identifier(user: User): string {
  return `${user.id}-${address}`;
}

function loggedIn(user: User, cookie: HeaderLine, site: Site): Reply {
  user.login = user.access = Math.floor(site.clock.now() / 1000);
  const id = /=([^;]*)/.exec(cookie[1])?.[1];
  const account = accountOf(user, 'cookie', site);
  const seesRoles = may(account, 'administer users');
  const body = {
    current_user: { uid: String(user.id), ...(seesRoles ? { roles: ['authenticated', ...user.roles] } : {}), name: user.name },
    csrf_token: sessionToken(id, 'rest', site),
    logout_token: sessionToken(id, 'user/logout', site),
  };
  return { status: 200, headers: [cookie, jsonType], body: phpJsonHex(body) };
}

function loginStatus({ account }: RouteContext): Reply {
  return textReply(200, isAnonymous(account) ? '0' : '1');
}

/** Both checks are made; only the one of the token explains itself. */
function logoutAccess({ account, request, site }: RouteContext): Access {
  const token = textParam(request.query, 'token');
  if (token === undefined) return { reason: "'csrf_token' URL query argument is missing." };
  if (token !== sessionToken(sessionId(request), 'user/logout', site)) return { reason: "'csrf_token' URL query argument is invalid." };
  return isAnonymous(account) ? { reason: '' } : true;
}

function logoutPageAccess(context: RouteContext): Access {
  if (isAnonymous(context.account)) return { reason: '' };
  return coreEdition(context.site.drupal.major).asksTokenToLogOut ? logoutAccess(context) : true;
}

/** The page that logs out; before core 10.3 it asks for no token. */
function logOutPage({ request, site }: RouteContext): Reply {
  site.sessions.delete(sessionId(request) ?? '');
  return redirectReply(302, request.url('/'), site, [endSession(request)]);
}

function logOut({ request, site }: RouteContext): Reply {
  site.sessions.delete(sessionId(request) ?? '');
  return { status: 204, headers: [endSession(request)], body: '' };
}

/** Since core 10 it never tells whether the account exists. */
function resetPassword({ request, site }: RouteContext): Reply {
  const decoded = decodeCredentials(request.bodyText) as { name?: unknown; mail?: unknown };
  if (decoded.name === undefined && decoded.mail === undefined)
    throw new HttpException(400, 'Missing credentials.name or credentials.mail');
  if (!coreEdition(site.drupal.major).hidesAccounts) {
    const user = findAccount(decoded, site);
    if (user === undefined) throw new HttpException(400, 'Unrecognized username or email address.');
    if (!user.active) throw new HttpException(400, 'The user has not been activated or is blocked.');
  }
  return { status: 200, headers: [jsonType], body: '' };
}

function findAccount({ name, mail }: { name?: unknown; mail?: unknown }, site: Site): User | undefined {
  return [...site.users.values()].find((user) => (name === undefined ? user.mail === mail : user.name === name));
}

function csrfToken({ request, site }: RouteContext): Reply {
  return textReply(200, sessionToken(sessionId(request), 'rest', site));
}
