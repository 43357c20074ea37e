/**
 * Tokens that can be guessed, are read carelessly, act for somebody else, or live too long or too short.
 *
 * @module
 */
import { encodeBase64, phpBase64 } from '../../bytes.ts';
import type { Token } from '../../products/miniorange/state.ts';
import { nodeCrypto } from '../../products/simple-oauth/key.ts';
import {
  allOf,
  asking,
  bendWhen,
  deciding,
  formOf,
  isTokenRequest,
  issuing,
  json,
  jsonOf,
  onlyFor,
  refusing,
  remembering,
  requestHeader,
  withRequestHeader,
  withStatus,
  type Decorator,
} from '../mutant.ts';
import { bearerOf, freshToken, mutant, onceIssued, stateOf, tokenLike, tokenReadAs } from './make.ts';

const secure = ['intro/secure-token', '/rfc6749/10.10/entropy'];
const invalid = ['invalid-access-token/when', 'intro/access-only-with-valid-token', '/invariants/data-without-permission'];
const lifetime = ['setup/token-expiry', 'token-response/expiry-time'];
const expired = ['token-expired/when', 'contradictions/expired-token', ...lifetime];

function counted(write: (count: number, token: Token) => string): Decorator {
  return remembering(() => {
    let count = 1000;
    return onceIssued((token) => ({ value: write(++count, token) }));
  });
}

const base64url = (text: string): string => encodeBase64(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

const guessable = [
  mutant(
    'token-counted',
    'Tokens are counted up',
    secure,
    counted((count) => `tok-0123456789abcdefghijklmnop-${String(count).padStart(6, '0')}`),
  ),
  mutant(
    'token-is-number',
    'A token is a number',
    secure,
    counted((count, { userId }) => `${Date.UTC(2026, 0, userId)}0000000${count * 7919}`),
  ),
  mutant(
    'token-short',
    'A token has eight characters',
    secure,
    onceIssued(({ value }) => ({ value: value.slice(0, 8) })),
  ),
  mutant(
    'token-of-sixty-bits',
    'A token has far less than 128 bits',
    ['/rfc6749/10.10/entropy'],
    onceIssued(({ value }) => ({ value: value.slice(0, 17) })),
  ),
  mutant(
    'token-begins-with-name',
    'A token begins with the name of its user',
    ['intro/secure-token'],
    onceIssued(({ value }, { request }) => ({
      value: `${(formOf(request)?.get('username') ?? '').replace(/\W/g, '')}-${value.slice(0, 30)}`,
    })),
  ),
  mutant(
    'token-begins-with-digest-of-name',
    'A token is the MD5 sum of the user name, and a random tail',
    ['intro/secure-token'],
    onceIssued(({ value }, { request }) => ({
      value: `${nodeCrypto()
        .createHash('md5')
        .update(formOf(request)?.get('username') ?? '')
        .digest('hex')}${value.slice(0, 12)}`,
    })),
  ),
  mutant(
    'token-is-unsigned-jwt',
    'A token is a JWT without a signature',
    ['intro/secure-token'],
    onceIssued(({ value, userId }) => ({
      value: `${base64url('{"alg":"none","typ":"JWT"}')}.${base64url(JSON.stringify({ sub: userId, jti: value.slice(0, 20) }))}.`,
    })),
  ),
  mutant(
    'token-shared',
    'Whoever asks gets the same token, which acts as the last one who asked',
    ['password-grant/credentials', '/invariants/foreign-identity', 'intro/secure-token'],
    remembering(() => {
      let shared: string | undefined;
      return onceIssued(({ value }) => ({ value: (shared ??= value) }));
    }),
  ),
];

const careless = [
  mutant(
    'any-token',
    'Any token is accepted',
    invalid,
    tokenReadAs((given, { tokens }, site) => (tokens.has(given) ? undefined : freshToken(site))),
  ),
  mutant(
    'token-case-folded',
    'Tokens are compared without case',
    invalid,
    tokenReadAs((given, state, site) =>
      state.tokens.has(given) ? undefined : tokenLike(state, site, (value) => value.toLowerCase() === given.toLowerCase()),
    ),
  ),
  mutant(
    'token-may-go-on',
    'A token that begins with a good one is accepted',
    invalid,
    tokenReadAs((given, state, site) => (state.tokens.has(given) ? undefined : tokenLike(state, site, (value) => given.startsWith(value)))),
  ),
  mutant(
    'token-may-end-early',
    'A token without its last character is accepted',
    invalid,
    tokenReadAs((given, state, site) => tokenLike(state, site, (value) => value.slice(0, -1) === given)),
  ),
  mutant(
    'token-may-begin-late',
    'A token without its first character is accepted',
    invalid,
    tokenReadAs((given, state, site) => tokenLike(state, site, (value) => value.slice(1) === given)),
  ),
  mutant(
    'token-last-ignored',
    'The last character of a token is not compared',
    invalid,
    tokenReadAs((given, state, site) =>
      state.tokens.has(given) ? undefined : tokenLike(state, site, (value) => value.slice(0, -1) === given.slice(0, -1)),
    ),
  ),
  mutant(
    'token-first-ignored',
    'The first character of a token is not compared',
    invalid,
    tokenReadAs((given, state, site) =>
      state.tokens.has(given) ? undefined : tokenLike(state, site, (value) => value.slice(1) === given.slice(1)),
    ),
  ),
  mutant(
    'token-first-sixteen',
    'Only the first sixteen characters of a token count',
    invalid,
    tokenReadAs((given, state, site) =>
      state.tokens.has(given) || given.length < 17
        ? undefined
        : tokenLike(state, site, (value) => value.slice(0, 16) === given.slice(0, 16)),
    ),
  ),
  mutant(
    'token-by-length',
    'A token of the right length is accepted',
    invalid,
    tokenReadAs((given, { tokens }, site) => (!tokens.has(given) && given.length === 64 ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-searched',
    'A token is searched anywhere in what was sent',
    invalid,
    tokenReadAs((given, state, site) => (state.tokens.has(given) ? undefined : tokenLike(state, site, (value) => given.includes(value)))),
  ),
  mutant(
    'token-by-checksum',
    'Tokens are compared by their characters, whatever the order',
    invalid,
    tokenReadAs((given, state, site) => {
      const sorted = [...given].sort().join('');
      return state.tokens.has(given) ? undefined : tokenLike(state, site, (value) => [...value].sort().join('') === sorted);
    }),
  ),
  mutant(
    'token-one-character',
    'A token of one character is accepted',
    invalid,
    tokenReadAs((given, _, site) => (given.length === 1 ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-null',
    'The word null is accepted as a token',
    invalid,
    tokenReadAs((given, _, site) => (given === 'null' || given === 'undefined' ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-true',
    'The word true is accepted as a token',
    invalid,
    tokenReadAs((given, _, site) => (given === 'true' ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-wildcard',
    'Tokens are compared with LIKE, so that % is every token',
    invalid,
    tokenReadAs((given, _, site) => (given === '%' ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-by-query',
    'The token is put into an SQL query as it stands',
    invalid,
    tokenReadAs((given, _, site) => (given.includes("'OR'1'='1") ? freshToken(site) : undefined)),
  ),
  mutant(
    'unsigned-jwt-accepted',
    'A JWT whose header says alg none is accepted for whom it names',
    invalid,
    tokenReadAs((given, _, site) => {
      const [header = '', claims = ''] = given.split('.');
      if (!/"alg":\s*"none"/i.test(phpBase64(header.replaceAll('-', '+').replaceAll('_', '/')) ?? '')) return undefined;
      const uid = /"uid":(\d+)/.exec(phpBase64(claims.replaceAll('-', '+').replaceAll('_', '/')) ?? '')?.[1];
      return freshToken(site, site.users.get(Number(uid)));
    }),
  ),
  mutant(
    'hexadecimal-accepted',
    'Whatever looks like a digest counts as a token',
    invalid,
    tokenReadAs((given, _, site) => (/^[0-9a-f]{64}$/.test(given) ? freshToken(site) : undefined)),
  ),
  mutant(
    'three-part-token',
    'Whatever has three parts counts as a JWT that somebody else has checked',
    invalid,
    tokenReadAs((given, _, site) => (given.split('.').length === 3 ? freshToken(site) : undefined)),
  ),
  mutant(
    'client-id-as-token',
    'The client ID is accepted as a token',
    invalid,
    tokenReadAs((given, { applicationsByClient }, site) => (applicationsByClient.has(given) ? freshToken(site) : undefined)),
  ),
  mutant(
    'client-secret-as-token',
    'The client secret is accepted as a token',
    invalid,
    tokenReadAs((given, { applications }, site) =>
      [...applications.values()].some(({ clientSecret }) => clientSecret === given) ? freshToken(site) : undefined,
    ),
  ),
  mutant(
    'application-id-as-token',
    'The application id is accepted as a token',
    invalid,
    tokenReadAs((given, { applications }, site) => (applications.has(given) ? freshToken(site) : undefined)),
  ),
  mutant(
    'user-id-as-token',
    'The id of a user is accepted as a token',
    invalid,
    tokenReadAs((given, _, site) =>
      /^\d+$/.test(given) && site.users.has(Number(given)) ? freshToken(site, site.users.get(Number(given))) : undefined,
    ),
  ),
  mutant(
    'user-name-as-token',
    'The name of a user in base64 is accepted as a token',
    invalid,
    tokenReadAs((given, _, site) => {
      const user = [...site.users.values()].find(({ name }) => base64url(name) === given);
      return user === undefined ? undefined : freshToken(site, user);
    }),
  ),
  mutant(
    'credentials-as-token',
    'Name and password in base64 are accepted as a token',
    invalid,
    tokenReadAs((given, _, site) => {
      const user = [...site.users.values()].find(({ name, password }) => encodeBase64(`${name}:${password}`) === given);
      return user === undefined ? undefined : freshToken(site, user);
    }),
  ),
  mutant(
    'encoded-token-accepted',
    'A token in base64 is decoded and accepted',
    invalid,
    tokenReadAs((given, { tokens }) => {
      const plain = phpBase64(given.replaceAll('-', '+').replaceAll('_', '/'));
      return !tokens.has(given) && plain !== undefined && tokens.has(plain) ? plain : undefined;
    }),
  ),
  mutant('token-cut-at-nul', 'A token is decoded and read up to NUL', invalid, (answer) => (request, site) => {
    const header = requestHeader(request, 'authorization')?.replace(/%00|\\0/, '\0');
    return answer(header?.includes('\0') ? withRequestHeader(request, 'Authorization', header.split('\0', 1)[0]) : request, site);
  }),
  mutant(
    'revoked-token-accepted',
    'A revoked token goes on working',
    ['invalid-access-token/when', '/invariants/data-without-permission', '/rfc6750/3.1/invalid-token'],
    tokenReadAs((given, { tokens }) => {
      const token = tokens.get(given);
      if (token !== undefined) token.revoked = false;
      return undefined;
    }),
  ),
  mutant(
    'server-token-refused',
    'A token of the OAuth Server module is refused',
    ['protected-request/any-token-source', 'setup/token-source-oauth-server'],
    tokenReadAs((given, { tokens }) => (tokens.get(given)?.applicationId === undefined && tokens.has(given) ? 'none' : undefined)),
  ),
  mutant(
    'server-token-once',
    'A token of the OAuth Server module works once',
    ['protected-request/any-token-source'],
    worksTimes(1, (token) => token.applicationId === undefined),
  ),
  mutant(
    'server-token-not-compared',
    'A token of the OAuth Server module is known by its beginning',
    ['invalid-access-token/when', 'setup/token-source-oauth-server', '/invariants/data-without-permission'],
    tokenReadAs((given, state, site) =>
      given.length < 200 ? undefined : tokenLike(state, site, (value) => value.length > 200 && value.slice(0, 40) === given.slice(0, 40)),
    ),
  ),
  mutant(
    'server-token-without-unique-header',
    'A token of the OAuth Server module needs no unique header',
    ['missing-header/when', 'setup/unique-header'],
    (answer) => (request, site) => {
      const token = stateOf(site).tokens.get(bearerOf(request) ?? '');
      const isBare = token !== undefined && token.applicationId === undefined && requestHeader(request, 'auth-method') === undefined;
      return answer(isBare ? withRequestHeader(request, 'AUTH-METHOD', [...stateOf(site).applications.keys()][0]) : request, site);
    },
  ),
];

/** A token stops working after so many uses. */
function worksTimes(times: number, which: (token: Token) => boolean = () => true): Decorator {
  return remembering(() => {
    const uses = new Map<string, number>();
    return tokenReadAs((given, { tokens }) => {
      const token = tokens.get(given);
      if (token === undefined || !which(token)) return undefined;
      const used = (uses.get(given) ?? 0) + 1;
      uses.set(given, used);
      return used > times ? 'used-up' : undefined;
    });
  });
}

const identity = [
  mutant('token-works-once', 'A token works once', ['intro/token-opens-api', 'protected-request/success'], worksTimes(1)),
  mutant('token-works-ten-times', 'A token works ten times', ['intro/token-opens-api', 'protected-request/success'], worksTimes(10)),
  mutant(
    'new-token-ends-old',
    'A new token of a user ends the older ones',
    ['token-response/expiry-time'],
    onceIssued((token, { state }) => {
      for (const [value, other] of state.tokens) if (other.userId === token.userId && value !== token.value) state.tokens.delete(value);
      return undefined;
    }),
  ),
  mutant(
    'new-token-ends-all',
    'A new token of anybody ends all tokens of the application',
    ['token-response/expiry-time', 'password-grant/credentials', 'protected-request/success'],
    onceIssued((token, { state }) => {
      for (const [value, other] of state.tokens)
        if (other.applicationId === token.applicationId && value !== token.value) state.tokens.delete(value);
      return undefined;
    }),
  ),
  mutant(
    'grants-end-each-other',
    'A token of one grant ends those of the other',
    ['token-response/expiry-time', 'token-request/two-grants'],
    remembering(() => {
      const grants = new Map<string, string>();
      return onceIssued((token, { request, state }) => {
        const grant = formOf(request)?.get('grant_type') ?? '';
        for (const [value, other] of grants) if (other !== grant) state.tokens.delete(value);
        grants.set(token.value, grant);
        return undefined;
      });
    }),
  ),
  mutant(
    'refused-request-ends-tokens',
    'A refused token request ends the tokens of the user',
    ['token-response/expiry-time'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status >= 400,
      (response, request, site) => {
        const { tokens } = stateOf(site);
        const name = formOf(request)?.get('username');
        for (const [value, token] of tokens) if (site.users.get(token.userId)?.name === name) tokens.delete(value);
        return response;
      },
    ),
  ),
  mutant(
    'token-acts-as-administrator',
    'Every token acts as the administrator',
    ['setup/permission', '/invariants/foreign-identity', '/invariants/data-without-permission'],
    tokenReadAs((given, { tokens }, site) => (tokens.has(given) ? freshToken(site, site.users.get(1)) : undefined)),
  ),
  mutant(
    'token-acts-as-last-user',
    'Every token acts as the user who asked last',
    ['/invariants/foreign-identity', '/invariants/data-without-permission', 'setup/permission', 'password-grant/credentials'],
    remembering(() => {
      let last: string | undefined;
      return allOf(
        bendWhen(issuing, (response) => {
          last = String(jsonOf(response)?.['access_token']);
          return response;
        }),
        tokenReadAs((given, { tokens }) => (tokens.has(given) ? last : undefined)),
      );
    }),
  ),
  mutant(
    'token-acts-as-named-user',
    'A token acts as the user whose account is asked for',
    ['setup/permission', '/invariants/foreign-identity', '/invariants/data-without-permission'],
    tokenReadAs((given, { tokens }, site, request) => {
      const id = Number(/\/user\/(\d+)/.exec(request.path)?.[1]);
      return tokens.has(given) && site.users.has(id) ? freshToken(site, site.users.get(id)) : undefined;
    }),
  ),
  mutant(
    'blocked-user-not-seen',
    'A blocked user gets a token that opens the site',
    ['password-grant/credentials', '/invariants/data-without-permission'],
    deciding('miniorange.ignoreBlocked'),
  ),
  mutant(
    'token-of-client-refused',
    'A token of the client_credentials grant opens nothing',
    ['client-credentials-grant/credentials', 'intro/token-opens-api', 'protected-request/success'],
    onlyFor(
      asking('client_credentials'),
      onceIssued(() => ({ revoked: true })),
    ),
  ),
  mutant(
    'token-of-password-refused',
    'A token of the password grant opens nothing',
    ['password-grant/credentials', 'intro/token-opens-api', 'protected-request/success'],
    onlyFor(
      asking('password'),
      onceIssued(() => ({ revoked: true })),
    ),
  ),
];

const seconds = (token: Token, more: number): Partial<Token> => ({ expiresAt: token.expiresAt + more * 1000 });

const lives = [
  mutant('tokens-never-expire', 'A token works for ever', expired, deciding('miniorange.ignoreExpiry')),
  mutant(
    'tokens-live-longer',
    'A token lives ten minutes longer than it says',
    expired,
    onceIssued((token) => seconds(token, 600)),
  ),
  mutant(
    'tokens-die-early',
    'A token dies five minutes before its expiry time',
    lifetime,
    onceIssued((token) => seconds(token, -300)),
  ),
  mutant(
    'tokens-die-half-way',
    'A token dies after half its lifetime',
    lifetime,
    onceIssued((token) => seconds(token, -1800)),
  ),
  mutant(
    'minutes-taken-for-seconds',
    'The minutes of the setting are counted as seconds',
    lifetime,
    onceIssued((token) => seconds(token, 60 - 3600)),
  ),
  mutant(
    'seconds-taken-for-minutes',
    'The lifetime is counted in minutes once too often',
    expired,
    onceIssued((token) => seconds(token, 59 * 3600)),
  ),
  mutant(
    'client-tokens-never-expire',
    'A token of the client_credentials grant works for ever',
    expired,
    onlyFor(
      asking('client_credentials'),
      onceIssued((token) => seconds(token, 1e9)),
    ),
  ),
  mutant(
    'client-tokens-die-early',
    'A token of the client_credentials grant lives half as long as it says',
    lifetime,
    onlyFor(
      asking('client_credentials'),
      onceIssued((token) => seconds(token, -1800)),
    ),
  ),
  mutant(
    'use-prolongs',
    'Each use of a token prolongs its life',
    ['setup/token-expiry', 'contradictions/expired-token'],
    tokenReadAs((given, { tokens }, site) => {
      const token = tokens.get(given);
      if (token !== undefined && token.expiresAt > site.clock.now())
        token.expiresAt = Math.max(token.expiresAt, site.clock.now() + 3_600_000);
      return undefined;
    }),
  ),
  mutant(
    'lifetime-from-first-use',
    'The lifetime counts from the first use',
    expired,
    allOf(
      onceIssued(() => ({ expiresAt: Number.MAX_SAFE_INTEGER })),
      tokenReadAs((given, { tokens }, site) => {
        const token = tokens.get(given);
        if (token?.expiresAt === Number.MAX_SAFE_INTEGER) token.expiresAt = site.clock.now() + 3_600_000;
        return undefined;
      }),
    ),
  ),
  mutant(
    'expired-token-revived',
    'A new token gives an expired one a new life',
    ['contradictions/expired-token', 'setup/token-expiry', 'token-expired/when'],
    onceIssued((token, { state }) => {
      for (const other of state.tokens.values()) if (other.userId === token.userId) other.expiresAt = token.expiresAt;
      return undefined;
    }),
  ),
  mutant(
    'expired-token-works-again',
    'An expired token is refused once and then accepted',
    ['contradictions/expired-token', 'setup/token-expiry'],
    remembering(() => {
      const refused = new Set<string>();
      return tokenReadAs((given, { tokens }, site) => {
        const token = tokens.get(given);
        if (token === undefined || token.revoked || token.expiresAt > site.clock.now()) return undefined;
        if (refused.has(given)) token.expiresAt = site.clock.now() + 60_000;
        refused.add(given);
        return undefined;
      });
    }),
  ),
  mutant(
    'tokens-die-together',
    'The tokens of a user die with the first one',
    lifetime,
    onceIssued((token, { site, state }) => {
      const ends = [...state.tokens.values()]
        .filter(({ userId, applicationId }) => userId === token.userId && applicationId !== undefined)
        .map(({ expiresAt }) => expiresAt);
      return { expiresAt: Math.min(token.expiresAt, ...ends.filter((end) => end > site.clock.now())) };
    }),
  ),
  mutant(
    'tokens-of-all-die-together',
    'An expired token takes the tokens of everybody with it',
    lifetime,
    bendWhen(refusing('TOKEN_EXPIRED'), (response, _, site) => {
      for (const token of stateOf(site).tokens.values())
        if (token.applicationId !== undefined && token.expiresAt > site.clock.now()) token.revoked = true;
      return response;
    }),
  ),
  mutant(
    'setting-ignored',
    'A token lives and announces two hours whatever is configured',
    ['setup/token-expiry', 'token-response/expiry-time'],
    allOf(
      bendWhen(
        issuing,
        json((body) => ({ ...body, expires_in: 7200 })),
      ),
      onceIssued((token) => seconds(token, 3600)),
    ),
  ),
  mutant(
    'lifetime-as-minutes',
    'expires_in is told in minutes',
    [...lifetime, '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: Number(body['expires_in']) / 60 })),
    ),
  ),
  mutant(
    'lifetime-as-milliseconds',
    'expires_in is told in milliseconds',
    lifetime,
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: Number(body['expires_in']) * 1000 })),
    ),
  ),
  mutant(
    'lifetime-as-date',
    'expires_in is the instant of the end, not a lifetime',
    lifetime,
    bendWhen(issuing, (response, _, site) =>
      json((body) => ({ ...body, expires_in: Math.floor(site.clock.now() / 1000) + Number(body['expires_in']) }))(response),
    ),
  ),
  mutant(
    'lifetime-zero',
    'expires_in is 0',
    ['token-response/expiry-time'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: 0 })),
    ),
  ),
  mutant(
    'lifetime-negative',
    'expires_in is negative',
    ['token-response/expiry-time'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: -3600 })),
    ),
  ),
  mutant(
    'lifetime-as-text',
    'expires_in is a string',
    ['/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: String(body['expires_in']) })),
    ),
  ),
  mutant(
    'lifetime-as-words',
    'expires_in is told in words',
    ['token-response/expiry-time', '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: '1 hour' })),
    ),
  ),
  mutant(
    'lifetime-null',
    'expires_in is null',
    ['token-response/expiry-time', '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: null })),
    ),
  ),
  mutant(
    'expired-as-forbidden',
    'An expired token is answered with 403',
    ['token-expired/status-line'],
    bendWhen(refusing('TOKEN_EXPIRED'), withStatus(403)),
  ),
  mutant(
    'expired-as-missing',
    'An expired token is answered as if none had been sent',
    ['token-expired/error', 'token-expired/when', 'contradictions/expired-token'],
    bendWhen(
      refusing('TOKEN_EXPIRED'),
      json((body) => ({ ...body, error: 'MISSING_AUTHORIZATION_HEADER' })),
    ),
  ),
  mutant(
    'expired-error-misspelt',
    'The error of an expired token is misspelt',
    ['token-expired/error'],
    bendWhen(
      refusing('TOKEN_EXPIRED'),
      json((body) => ({ ...body, error: 'EXPIRED_TOKEN' })),
    ),
  ),
  mutant(
    'expired-code-missing',
    'TOKEN_EXPIRED carries no http_code',
    ['token-expired/http-code'],
    bendWhen(
      refusing('TOKEN_EXPIRED'),
      json(({ http_code: _, ...body }) => body),
    ),
  ),
  mutant(
    'expired-code-as-number',
    'TOKEN_EXPIRED carries http_code as a number',
    ['token-expired/http-code-type'],
    bendWhen(
      refusing('TOKEN_EXPIRED'),
      json((body) => ({ ...body, http_code: 401 })),
    ),
  ),
  mutant(
    'expired-words-changed',
    'TOKEN_EXPIRED is described in other words',
    ['token-expired/description'],
    bendWhen(
      refusing('TOKEN_EXPIRED'),
      json((body) => ({ ...body, error_description: 'The access token has expired.' })),
    ),
  ),
  mutant(
    'expired-token-shows-account',
    'An expired token is refused with the account in the body',
    ['/invariants/nothing-given', '/invariants/data-without-permission', 'intro/access-only-with-valid-token'],
    bendWhen(
      refusing('TOKEN_EXPIRED'),
      json((body) => ({ ...body, uid: [{ value: 2 }] })),
    ),
  ),
];

export const tokenMutants = [...guessable, ...careless, ...identity, ...lives];
