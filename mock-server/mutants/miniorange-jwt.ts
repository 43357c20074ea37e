/**
 * Wrong implementations of the miniOrange JWT method: the endpoint that hands out tokens, the tokens, and what they open.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../src/model/exchange.ts';
import { decodeUtf8, encodeBase64, phpBase64 } from '../bytes.ts';
import { miniorangeState } from '../products/miniorange/state.ts';
import { signJwt } from '../products/simple-oauth/jwt.ts';
import { signingKey } from '../products/simple-oauth/key.ts';
import { findUser, type Site, type User } from '../site.ts';
import { mainUser } from '../targets.ts';
import { bodyOf, comparisons, crash, lostOnTheWay, oddComparisons, spoilings, stackTrace, telling, type Comparison } from './mistakes.ts';
import {
  bendWhen,
  isUserRequest,
  json,
  jsonOf,
  mutantsOf,
  nth,
  readAs,
  reading,
  refusing,
  remembering,
  replaced,
  requestHeader,
  text,
  withHeader,
  withRequestHeader,
  withStatus,
  without,
  type Decorator,
  type Mutant,
} from './mutant.ts';

const mutant = mutantsOf('miniorange/jwt', 'miniorange-jwt');

const badCredentials = ['token-errors/invalid-credentials', '/invariants/token-for-bad-credentials'];
const issued = ['token-response/token', 'token-request/credentials'];
const opens = ['protected-request/bearer'];
const missing = ['missing-authorization-header/error', '/invariants/data-without-permission'];
const wrongType = ['invalid-token-type/error', '/invariants/data-without-permission'];
const invalid = ['protected-request/bearer', '/invariants/data-without-permission'];
const forged = ['invalid-signature/error', '/rfc8725/3.1/algorithm-verification', '/invariants/data-without-permission'];
const expired = ['token-expired/error', '/invariants/data-without-permission'];
const identity = ['/invariants/foreign-identity', 'protected-request/bearer'];

// The token endpoint

const isIssue = (request: WireRequest): boolean => /\/rest_api\/id_token(\?|$)/.test(request.path);
const isIssued = (request: WireRequest, response: WireResponse): boolean =>
  isIssue(request) && jsonOf(response)?.['id_token'] !== undefined;
const isIssueRefusal = (request: WireRequest, response: WireResponse): boolean => isIssue(request) && response.status >= 400;

interface Pair {
  readonly name: string;
  readonly secret: string | undefined;
}

/** User and password of the Basic header; undefined: it holds none. */
function pairOf(request: WireRequest): Pair | undefined {
  const encoded = /^basic (\S+)$/i.exec(requestHeader(request, 'authorization') ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [name = '', ...secret] = (phpBase64(encoded) ?? '').split(':');
  return { name, secret: secret.length === 0 ? undefined : secret.join(':') };
}

function asUser(request: WireRequest, user: User | undefined): WireRequest {
  if (user === undefined) return request;
  return withRequestHeader({ ...request, method: 'POST' }, 'Authorization', `Basic ${encodeBase64(`${user.name}:${user.password}`)}`);
}

/** A password counts that is not the right one. */
function passwordCounts(holds: (given: string | undefined, right: string, user: User, site: Site) => boolean): Decorator {
  return readAs((request, site) => {
    const pair = isIssue(request) ? pairOf(request) : undefined;
    const user = pair === undefined ? undefined : findUser(site, pair.name);
    if (pair === undefined || user === undefined || pair.secret === user.password) return request;
    return holds(pair.secret, user.password, user, site) ? asUser(request, user) : request;
  });
}

/** A name counts that is not that of the user; the password must be the user's. */
function nameCounts(holds: (given: string, user: User) => boolean): Decorator {
  return readAs((request, site) => {
    const pair = isIssue(request) ? pairOf(request) : undefined;
    if (pair === undefined || findUser(site, pair.name) !== undefined) return request;
    return asUser(
      request,
      [...site.users.values()].find((user) => user.password === pair.secret && holds(pair.name, user)),
    );
  });
}

/** A token for the main user comes without a look at the credentials. */
const grants = (holds: (request: WireRequest, site: Site) => boolean): Decorator =>
  readAs((request, site) => (isIssue(request) && holds(request, site) ? asUser(request, mainUser(site)) : request));

const careless = (name: string, title: string, holds: Comparison): Mutant =>
  mutant(`password-${name}`, `A password ${title}`, badCredentials, passwordCounts(holds));

const credentials = [
  ...comparisons.map(([name, title, holds]) => careless(name, title, holds)),
  ...oddComparisons.filter(([name]) => name === 'empty').map(([name, title, holds]) => careless(name, title, holds)),
  mutant(
    'password-last-ignored',
    'A password is compared without its last character',
    badCredentials,
    passwordCounts((given, right) => given?.slice(0, -1) === right.slice(0, -1)),
  ),
  mutant(
    'password-is-name',
    'The user name counts as the password',
    badCredentials,
    passwordCounts((given, _, { name }) => given === name),
  ),
  mutant(
    'password-backwards',
    'The password counts backwards',
    badCredentials,
    passwordCounts((given, right) => given === [...right].reverse().join('')),
  ),
  mutant(
    'password-encoded',
    'The password counts in base64',
    badCredentials,
    passwordCounts((given, right) => given === encodeBase64(right)),
  ),
  mutant(
    'password-of-anybody',
    'The password of any user counts',
    badCredentials,
    passwordCounts((given, _, __, site) => [...site.users.values()].some(({ password }) => password === given)),
  ),
  mutant(
    'password-not-needed',
    'A name without a password is enough',
    ['token-request/credentials', '/invariants/token-for-bad-credentials'],
    passwordCounts((given) => given === undefined),
  ),
  mutant(
    'unknown-user-is-main',
    'An unknown user becomes the main one',
    badCredentials,
    grants((request, site) => {
      const name = pairOf(request)?.name;
      return name !== undefined && name !== '' && findUser(site, name) === undefined;
    }),
  ),
  mutant(
    'unknown-user-with-right-password',
    'Whose password is right needs no name',
    badCredentials,
    nameCounts(() => true),
  ),
  mutant(
    'name-begun',
    'The beginning of a name is enough',
    badCredentials,
    nameCounts((given, { name }) => given !== '' && name.startsWith(given)),
  ),
  mutant(
    'name-anywhere',
    'A name counts that holds the right one',
    badCredentials,
    nameCounts((given, { name }) => given.includes(name)),
  ),
  mutant(
    'name-cut-in-front',
    'A name counts without its first character',
    badCredentials,
    nameCounts((given, { name }) => given !== '' && name.slice(1) === given),
  ),
  mutant(
    'name-is-id',
    'The id of a user counts as the name',
    badCredentials,
    nameCounts((given, { id }) => given === String(id)),
  ),
  mutant(
    'name-empty',
    'The empty name counts as the main user',
    badCredentials,
    grants((request) => pairOf(request)?.name === ''),
  ),
  mutant(
    'no-credentials-needed',
    'A token comes without credentials',
    ['token-request/credentials', '/invariants/token-for-bad-credentials'],
    grants((request) => requestHeader(request, 'authorization') === undefined && bodyOf(request) === ''),
  ),
  mutant(
    'empty-credentials',
    'A token comes for an empty header',
    ['token-request/credentials', '/invariants/token-for-bad-credentials'],
    grants((request) => requestHeader(request, 'authorization') === ''),
  ),
  mutant(
    'scheme-enough',
    'A token comes for the word Basic',
    ['token-request/credentials', '/invariants/token-for-bad-credentials'],
    grants((request) => requestHeader(request, 'authorization')?.trim() === 'Basic'),
  ),
  mutant(
    'unreadable-credentials',
    'A token comes for credentials that cannot be read',
    ['token-request/credentials', '/invariants/token-for-bad-credentials'],
    grants((request) => requestHeader(request, 'authorization') === 'Basic %%%'),
  ),
  mutant(
    'any-bearer-buys-a-token',
    'A token comes for any token',
    ['token-request/credentials', '/invariants/token-for-bad-credentials'],
    grants((request) => requestHeader(request, 'authorization')?.startsWith('Bearer ') === true),
  ),
  mutant(
    'body-unchecked',
    'Credentials in the body are not checked',
    ['/invariants/token-for-bad-credentials'],
    grants((request) => requestHeader(request, 'authorization') === undefined && /username/.test(bodyOf(request))),
  ),
  mutant(
    'json-unchecked',
    'Credentials in a JSON body are not checked',
    ['/invariants/token-for-bad-credentials'],
    grants((request) => bodyOf(request).startsWith('{"username"')),
  ),
  ...['GET', 'PUT', 'DELETE'].map((method) =>
    mutant(
      `unchecked-by-${method.toLowerCase()}`,
      `${method} asks for no right password`,
      ['token-request/post', '/invariants/token-for-bad-credentials'],
      grants((request) => request.method === method && pairOf(request) !== undefined),
    ),
  ),
  mutant(
    'token-by-get',
    'A token is handed out by GET',
    ['token-request/post'],
    readAs((request) => (isIssue(request) && request.method === 'GET' ? { ...request, method: 'POST' } : request)),
  ),
  mutant(
    'first-password-remembered',
    'Who was right once needs no password any more',
    badCredentials,
    remembering(() => {
      const known = new Set<string>();
      return readAs((request, site) => {
        const pair = isIssue(request) ? pairOf(request) : undefined;
        const user = pair === undefined ? undefined : findUser(site, pair.name);
        if (pair === undefined || user === undefined) return request;
        if (pair.secret === user.password) known.add(user.name);
        return known.has(user.name) ? asUser(request, user) : request;
      });
    }),
  ),
  mutant(
    'wrong-password-now-and-then',
    'One wrong password in five is accepted',
    badCredentials,
    remembering(() => {
      let count = 0;
      return passwordCounts(() => ++count % 5 === 0);
    }),
  ),
];

const renamedError = (error: string, name: string, breaks: readonly string[], to = 'ACCESS_DENIED'): Mutant =>
  mutant(
    `${name}-renamed`,
    `${error} has another name`,
    breaks,
    bendWhen(
      refusing(error),
      json((body) => ({ ...body, error: to })),
    ),
  );

const issueRefusals = [
  renamedError('INVALID_CREDENTIALS', 'invalid-credentials', ['token-errors/invalid-credentials']),
  mutant(
    'refusal-with-200',
    'Wrong credentials are answered with 200',
    ['/invariants/refusal-status', 'token-errors/invalid-credentials'],
    bendWhen(isIssueRefusal, withStatus(200)),
  ),
  mutant(
    'refusal-crashes',
    'Wrong credentials make the server fail',
    ['/invariants/server-error', 'token-errors/invalid-credentials'],
    bendWhen(isIssueRefusal, crash),
  ),
  mutant(
    'refusal-with-trace',
    'Wrong credentials bring up a stack trace',
    ['/invariants/stack-trace', 'token-errors/invalid-credentials'],
    bendWhen(isIssueRefusal, stackTrace),
  ),
  mutant(
    'refusal-repeats-password',
    'A refusal repeats the password',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isIssueRefusal(request, response) && (pairOf(request)?.secret?.length ?? 0) > 7,
      (response, request) => telling(pairOf(request)?.secret ?? '')(response),
    ),
  ),
  mutant(
    'refusal-repeats-credentials',
    'A refusal repeats the Authorization header',
    ['/invariants/secret-echo'],
    bendWhen(isIssueRefusal, (response, request) => withHeader(response, 'X-Received', requestHeader(request, 'authorization') ?? 'none')),
  ),
  mutant(
    'refusal-with-token',
    'A refusal holds a token all the same',
    ['/invariants/token-for-bad-credentials', '/invariants/nothing-given'],
    bendWhen(isIssueRefusal, (response, _, site) => json((body) => ({ ...body, id_token: freshToken(site) }))(response)),
  ),
  mutant(
    'unknown-user-told',
    'An unknown user has an error of its own',
    ['token-errors/invalid-credentials', '/owasp/authentication/same-answer'],
    bendWhen(
      (request, response, site) => isIssueRefusal(request, response) && findUser(site, pairOf(request)?.name ?? '') === undefined,
      json((body) => ({ ...body, error: 'USER_NOT_FOUND' })),
    ),
  ),
  mutant(
    'unknown-user-status',
    'An unknown user has a status of its own',
    ['token-errors/invalid-credentials', '/owasp/authentication/same-answer'],
    bendWhen(
      (request, response, site) => isIssueRefusal(request, response) && findUser(site, pairOf(request)?.name ?? '') === undefined,
      withStatus(404),
    ),
  ),
  ...spoilings
    .filter(([name]) =>
      ['as-page', 'empty', 'redirected', 'unavailable', 'cut', 'in-list', 'nested', 'as-text', 'after-notice'].includes(name),
    )
    .map(([name, title, change]) =>
      mutant(
        `refusal-${name}`,
        `The refusal of wrong credentials ${title}`,
        ['token-errors/invalid-credentials', '/invariants/refusal-status', '/invariants/server-error', '/invariants/stack-trace'],
        bendWhen(isIssueRefusal, change),
      ),
    ),
];

const answers = [
  mutant('token-left-out', 'The answer holds no token', ['token-response/token'], bendWhen(isIssued, without('id_token'))),
  mutant('expiry-left-out', 'The answer holds no expiry', ['token-response/expiry'], bendWhen(isIssued, without('expires_in'))),
  mutant('token-created', 'A token comes with 201', ['token-response/token'], bendWhen(isIssued, withStatus(201))),
  mutant(
    'token-opaque',
    'The token is no JWT',
    ['token-response/token'],
    bendWhen(
      isIssued,
      json((body) => ({ ...body, id_token: 'b1946ac92492d2347c6235b4d2611184' })),
    ),
  ),
  mutant(
    'token-reversed',
    'The token that is shown is not the one that opens',
    [...issued, ...opens],
    bendWhen(isIssued, (response) =>
      json((body) => {
        const [header = '', claims = '', signature = ''] = String(body['id_token']).split('.');
        return { ...body, id_token: `${header}.${claims}.${[...signature].reverse().join('')}` };
      })(response),
    ),
  ),
  mutant(
    'token-unsigned',
    'The token is not signed',
    ['token-response/token', 'setup/algorithms'],
    bendWhen(isIssued, (response) =>
      json((body) => {
        const claims = String(body['id_token']).split('.')[1] ?? '';
        return { ...body, id_token: `${Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url')}.${claims}.` };
      })(response),
    ),
  ),
  mutant(
    'token-of-other-algorithm',
    'The token says an algorithm that is no signature of the documented kind',
    ['setup/algorithms'],
    withHeaderOfToken((header) => ({ ...header, alg: 'XX1' })),
  ),
  mutant(
    'password-in-token-answer',
    'The token answer shows the password',
    ['/invariants/password-in-answer', '/invariants/secret-echo'],
    bendWhen(isIssued, (response, request) => json((body) => ({ ...body, password: pairOf(request)?.secret }))(response)),
  ),
  // What the members are called, and where they stand, is published nowhere.
  ...spoilings
    .filter(([name]) => name !== 'nested')
    .map(([name, title, change]) =>
      mutant(
        `token-${name}`,
        `The token answer ${title}`,
        [
          ...issued,
          'token-request/accept',
          '/rfc8259/2/one-text',
          '/rfc8259/8.1/utf-8',
          '/invariants/server-error',
          '/invariants/stack-trace',
        ],
        bendWhen(isIssued, change),
      ),
    ),
  mutant(
    'every-fifth-token-refused',
    'One right request in five for a token is refused',
    issued,
    remembering(() => {
      const isFifth = nth(5, isIssue);
      return bendWhen((request) => isFifth(request), replaced(401, 'application/json', '{"status":"error","error":"INVALID_CREDENTIALS"}'));
    }),
  ),
];

// Tokens

function freshToken(site: Site, user: User | undefined = mainUser(site), claims: Record<string, unknown> = {}): string {
  const now = Math.floor(site.clock.now() / 1000);
  return signJwt(
    { typ: 'JWT', alg: 'RS256' },
    { iat: now, nbf: now, exp: now + 3600, sub: String(user?.id ?? 0), name: user?.name, ...claims },
    signingKey(),
  );
}

function partOf(token: string, index: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decodeUtf8(Buffer.from(token.split('.')[index] ?? '', 'base64url')));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Other claims in the tokens that it hands out, rightly signed. */
function withClaims(change: (claims: Record<string, unknown>, site: Site) => Record<string, unknown>): Decorator {
  return bendWhen(isIssued, (response, _, site) =>
    json((body) => {
      const token = String(body['id_token']);
      return { ...body, id_token: signJwt(partOf(token, 0), change(partOf(token, 1), site), signingKey()) };
    })(response),
  );
}

function withHeaderOfToken(change: (header: Record<string, unknown>) => Record<string, unknown>): Decorator {
  return bendWhen(isIssued, (response) =>
    json((body) => {
      const token = String(body['id_token']);
      return { ...body, id_token: signJwt(change(partOf(token, 0)), partOf(token, 1), signingKey()) };
    })(response),
  );
}

const bearerOf = (request: WireRequest): string | undefined => /^Bearer +(\S+)$/i.exec(requestHeader(request, 'authorization') ?? '')?.[1];

function isGood(token: string): boolean {
  const [header = '', claims = '', signature = ''] = token.split('.');
  return partOf(token, 0)['alg'] === 'RS256' && signingKey().verify(`${header}.${claims}`, Buffer.from(signature, 'base64url'));
}

/** Takes another token for the one that was sent; undefined leaves it. */
function tokenReadAs(meant: (given: string, site: Site, request: WireRequest) => string | undefined): Decorator {
  return readAs((request, site) => {
    const given = isIssue(request) ? undefined : bearerOf(request);
    const token = given === undefined ? undefined : meant(given, site, request);
    return token === undefined ? request : withRequestHeader(request, 'Authorization', `Bearer ${token}`);
  });
}

interface ReadJwt {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  readonly signed: string;
  readonly signature: string;
}

/** Takes a JWT for rightly signed that is not, and believes what it says. */
function jwtCounts(holds: (jwt: ReadJwt) => boolean): Decorator {
  return tokenReadAs((given) => {
    const [header = '', payload = '', signature = ''] = given.split('.');
    const claims = partOf(given, 1);
    if (isGood(given) || claims['sub'] === undefined) return undefined;
    const counts = holds({ header: partOf(given, 0), claims, signed: `${header}.${payload}`, signature });
    return counts ? signJwt({ typ: 'JWT', alg: 'RS256' }, claims, signingKey()) : undefined;
  });
}

/** Notes the tokens that it hands out, and takes for one of them what fits it. */
function tokenLike(fits: (given: string, good: string) => boolean): Decorator {
  return remembering(() => {
    const known = new Set<string>();
    return (answer) => {
      const reads = tokenReadAs((given) => (known.has(given) ? undefined : [...known].find((good) => fits(given, good))))(answer);
      return (request, site) => {
        const response = reads(request, site);
        const token = jsonOf(response)?.['id_token'];
        if (typeof token === 'string') known.add(token);
        return response;
      };
    };
  });
}

const signatures = [
  mutant(
    'signature-unchecked',
    'The signature of a token is not checked',
    forged,
    jwtCounts(() => true),
  ),
  mutant(
    'algorithm-none',
    'A token that says alg none is accepted',
    forged,
    jwtCounts(({ header, signature }) => header['alg'] === 'none' && signature === ''),
  ),
  mutant(
    'algorithm-none-with-signature',
    'A token that says alg none is accepted, whatever its signature',
    forged,
    jwtCounts(({ header, signature }) => header['alg'] === 'none' && signature !== ''),
  ),
  mutant(
    'signature-left-out',
    'A token without its signature is accepted',
    forged,
    jwtCounts(({ header, signature }) => header['alg'] === 'RS256' && signature === ''),
  ),
  mutant(
    'key-of-stranger',
    'A signature of any key is right',
    forged,
    jwtCounts(({ header, signature }) => header['alg'] === 'RS256' && header['jwk'] === undefined && signature.length > 300),
  ),
  mutant(
    'key-in-token',
    'The key that a token brings along is trusted',
    forged,
    jwtCounts(({ header }) => header['jwk'] !== undefined),
  ),
  mutant(
    'subject-believed',
    'Who claims to be user 1 is believed',
    forged,
    jwtCounts(({ claims }) => claims['sub'] === '1'),
  ),
  mutant(
    'prolonged-believed',
    'The end that a token claims is believed',
    [...forged, ...expired],
    jwtCounts(({ claims }) => Number(claims['exp']) > Date.UTC(2030, 0) / 1000),
  ),
  mutant(
    'signature-last-ignored',
    'The end of the token is not compared',
    forged,
    tokenLike((given, good) => given.length === good.length && given.slice(0, good.length >> 1) === good.slice(0, good.length >> 1)),
  ),
];

const tokens = [
  mutant(
    'any-token',
    'Any Bearer token is accepted',
    invalid,
    tokenReadAs((given, site) => (isGood(given) ? undefined : freshToken(site))),
  ),
  mutant(
    'any-word',
    'Any word is accepted as a token',
    invalid,
    tokenReadAs((given, site) => (given.includes('.') ? undefined : freshToken(site))),
  ),
  mutant(
    'three-parts',
    'Whatever has three parts is accepted as a JWT',
    invalid,
    tokenReadAs((given, site) => (given.split('.').length === 3 && given.length < 50 ? freshToken(site) : undefined)),
  ),
  mutant(
    'credentials-as-token',
    'Basic credentials are accepted after Bearer',
    invalid,
    tokenReadAs((given, site) => ((phpBase64(given) ?? '').includes(':') && !given.includes('.') ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-begun',
    'A token with more behind it is accepted',
    [...forged, ...invalid],
    tokenLike((given, good) => given.startsWith(good)),
  ),
  mutant(
    'token-behind-first',
    'A token without its first character is accepted',
    [...forged, ...invalid],
    tokenLike((given, good) => given === good.slice(1)),
  ),
  mutant(
    'token-backwards',
    'A token is accepted backwards',
    [...forged, ...invalid],
    tokenLike((given, good) => given === [...good].reverse().join('')),
  ),
  mutant(
    'token-without-case',
    'A token is compared without case',
    [...forged, ...invalid],
    tokenLike((given, good) => given.toLowerCase() === good.toLowerCase()),
  ),
  mutant(
    'wrong-token-after-good',
    'After a good token every other one is accepted',
    invalid,
    remembering(() => {
      let opened = false;
      return tokenReadAs((given, site) => {
        if (isGood(given)) {
          opened = true;
          return undefined;
        }
        return opened ? freshToken(site) : undefined;
      });
    }),
  ),
  mutant(
    'good-token-once',
    'A token works once',
    opens,
    remembering(() => {
      const seen = new Set<string>();
      return tokenReadAs((given) => {
        if (seen.has(given)) return 'a.b.c';
        seen.add(given);
        return undefined;
      });
    }),
  ),
  mutant(
    'token-five-times',
    'A token works five times',
    opens,
    remembering(() => {
      const uses = new Map<string, number>();
      return tokenReadAs((given) => {
        const used = (uses.get(given) ?? 0) + 1;
        uses.set(given, used);
        return used > 5 ? 'a.b.c' : undefined;
      });
    }),
  ),
  mutant(
    'wrong-token-ends-good-one',
    'A wrong token ends the good ones',
    opens,
    remembering(() => {
      let ended = 0;
      return tokenReadAs((given, site) => {
        if (!isGood(given)) ended = site.clock.now();
        return isGood(given) && site.clock.now() - ended < 60_000 ? 'a.b.c' : undefined;
      });
    }),
  ),
  mutant(
    'never-expires',
    'The end of a token is not looked at',
    expired,
    tokenReadAs((given, site) => (isGood(given) ? prolonged(given, site) : undefined)),
  ),
  mutant(
    'expires-late',
    'A token works five minutes longer than it says',
    expired,
    tokenReadAs((given, site) => {
      const late = site.clock.now() / 1000 - Number(partOf(given, 1)['exp']);
      return isGood(given) && late >= 0 && late < 300 ? prolonged(given, site) : undefined;
    }),
  ),
  mutant(
    'expires-early',
    'A token ends five minutes before it says',
    [...opens, 'token-response/expiry'],
    tokenReadAs((given, site) =>
      isGood(given) && Number(partOf(given, 1)['exp']) - site.clock.now() / 1000 < 300
        ? freshToken(site, undefined, { exp: Math.floor(site.clock.now() / 1000) - 1 })
        : undefined,
    ),
  ),
  mutant(
    'expires-by-minutes',
    'The lifetime is minutes where it says seconds',
    [...opens, 'token-response/expiry'],
    withClaims((claims) => ({ ...claims, exp: Number(claims['iat']) + 60 })),
  ),
  mutant(
    'expiry-in-milliseconds',
    'The end of a token is written in milliseconds, so that it never comes',
    expired,
    withClaims((claims) => ({ ...claims, exp: Number(claims['exp']) * 1000 })),
  ),
  mutant(
    'lifetime-slides',
    'Every use prolongs a token',
    expired,
    remembering(() => {
      const used = new Map<string, number>();
      return tokenReadAs((given, site) => {
        if (!isGood(given)) return undefined;
        const last = used.get(given);
        used.set(given, site.clock.now());
        return last !== undefined && site.clock.now() - last < 3_700_000 ? prolonged(given, site) : undefined;
      });
    }),
  ),
  mutant(
    'token-of-administrator',
    'Every token acts as an administrator',
    identity,
    withClaims((claims, site) => ({ ...claims, sub: String(findUser(site, 'api_admin')?.id) })),
  ),
  mutant(
    'token-with-power-of-administrator',
    'A token shows its user what administrators see',
    identity,
    bendWhen(
      reading,
      json((body) => ({
        ...body,
        roles: [{ target_id: 'api_user' }],
        access: [{ value: 0 }],
        login: [{ value: 0 }],
        init: [{ value: 'x@example.com' }],
      })),
    ),
  ),
  mutant(
    'token-of-first-user',
    'Every token acts as the user who asked for the first one',
    identity,
    remembering(() => {
      let first: unknown;
      return withClaims((claims) => {
        first ??= claims['sub'];
        return { ...claims, sub: first };
      });
    }),
  ),
  mutant(
    'token-of-main',
    'Every token acts as the main user',
    identity,
    withClaims((claims, site) => ({ ...claims, sub: String(mainUser(site)?.id) })),
  ),
  mutant(
    'token-of-last-user',
    'A token acts as the user who asked last',
    identity,
    remembering(() => {
      let last: User | undefined;
      return (answer) => {
        const reads = tokenReadAs((given, site) => (isGood(given) && last !== undefined ? freshToken(site, last) : undefined))(answer);
        return (request, site) => {
          const response = reads(request, site);
          if (isIssued(request, response)) last = findUser(site, pairOf(request)?.name ?? '');
          return response;
        };
      };
    }),
  ),
  mutant(
    'token-of-nobody',
    'A token acts as the anonymous visitor',
    opens,
    withClaims((claims) => ({ ...claims, sub: '0' })),
  ),
];

function prolonged(given: string, site: Site): string {
  return signJwt(partOf(given, 0), { ...partOf(given, 1), exp: Math.floor(site.clock.now() / 1000) + 3600 }, signingKey());
}

// The gate

const hasNoToken = (request: WireRequest): boolean => (requestHeader(request, 'authorization') ?? '').trim() === '';
const isAccount = (request: WireRequest): boolean => /user|%75ser/i.test(request.path) && !isIssue(request);

/** Answers a request for an account, however it is spelled, as if a good token had come with it. */
function letIn(holds: (request: WireRequest, site: Site) => boolean): Decorator {
  return readAs((request, site) => {
    if (!isAccount(request) || !holds(request, site)) return request;
    const id = [...(miniorangeState(site)?.applications.values() ?? [])].find(({ method }) => method === 'jwt')?.id ?? '';
    const { body: _, ...bare } = withRequestHeader(
      withRequestHeader(request, 'Authorization', `Bearer ${freshToken(site)}`),
      'AUTH-METHOD',
      id,
    );
    return { ...bare, method: 'GET', path: `${site.drupal.basePath}/user/${mainUser(site)?.id}?_format=json` };
  });
}

const past = (name: string, title: string, fits: (path: string) => boolean): Mutant =>
  mutant(
    `past-by-${name}`,
    `${title} goes past the gate`,
    missing,
    letIn((request) => hasNoToken(request) && request.method === 'GET' && fits(request.path)),
  );

const isPlain = (path: string): boolean => /^\/user\/[1-9]\d*\?_format=json$/.test(path);

const gate = [
  mutant(
    'no-token-needed',
    'An account needs no token',
    missing,
    letIn((request) => request.method === 'GET' && hasNoToken(request) && isPlain(request.path)),
  ),
  mutant(
    'type-unchecked',
    'The type of the token is not looked at',
    wrongType,
    readAs((request) => {
      const [, token] = /^\S+ (eyJ\S+)$/.exec(requestHeader(request, 'authorization') ?? '') ?? [];
      return token === undefined ? request : withRequestHeader(request, 'Authorization', `Bearer ${token}`);
    }),
  ),
  mutant(
    'type-begun',
    'A type that begins like Bearer is taken for it',
    wrongType,
    readAs((request) => {
      const header = requestHeader(request, 'authorization') ?? '';
      return /^Beare\w* /.test(header) ? withRequestHeader(request, 'Authorization', header.replace(/^\w+/, 'Bearer')) : request;
    }),
  ),
  mutant(
    'basic-opens',
    'User name and password open the API without a token',
    wrongType,
    letIn((request, site) => {
      const pair = pairOf(request);
      return pair !== undefined && findUser(site, pair.name)?.password === pair.secret;
    }),
  ),
  mutant(
    'bare-token-opens',
    'A token needs no type',
    wrongType,
    letIn((request) => isGood(requestHeader(request, 'authorization') ?? '')),
  ),
  mutant(
    'bearer-alone-opens',
    'Bearer without a token is let in',
    invalid,
    letIn((request) => requestHeader(request, 'authorization')?.trim() === 'Bearer'),
  ),
  mutant(
    'token-in-query',
    'A token in the query authenticates',
    ['missing-authorization-header/error', '/rfc9700/4.3.2/not-in-query'],
    letIn((request) => hasNoToken(request) && /[?&](access_)?token=eyJ/.test(request.path)),
  ),
  mutant(
    'any-token-in-query',
    'Whatever stands in the query as a token is let in',
    missing,
    letIn((request) => hasNoToken(request) && /[?&]access_token=/.test(request.path)),
  ),
  mutant(
    'any-cookie',
    'Whatever stands in a cookie as a token is let in',
    missing,
    letIn((request) => hasNoToken(request) && /access_token=/.test(requestHeader(request, 'cookie') ?? '')),
  ),
  ...(
    [
      ['authorisation', 'Authorisation'],
      ['x-user', 'X-User'],
      ['remote-user', 'Remote-User'],
      ['x-forwarded-for', 'X-Forwarded-For'],
      ['x-original-url', 'X-Original-URL'],
    ] as const
  ).map(([header, title]) =>
    mutant(
      `${header}-believed`,
      `The header ${title} is believed`,
      missing,
      letIn((request) => hasNoToken(request) && requestHeader(request, header) !== undefined),
    ),
  ),
  mutant(
    'browser-let-in',
    'Who asks for a page is let in',
    missing,
    letIn((request) => hasNoToken(request) && requestHeader(request, 'accept') === 'text/html'),
  ),
  mutant(
    'second-header-unchecked',
    'Of two Authorization headers none is checked',
    invalid,
    letIn((request) => request.headers.filter(([name]) => name.toLowerCase() === 'authorization').length > 1),
  ),
  mutant(
    'unknown-application-opens',
    'An application that nobody knows is not asked for a good token',
    invalid,
    letIn((request, site) => {
      const named = requestHeader(request, 'auth-method');
      return named !== undefined && named !== '' && miniorangeState(site)?.applications.has(named) === false;
    }),
  ),
  mutant(
    'no-application-opens',
    'Without an application every token is good',
    invalid,
    letIn((request) => bearerOf(request) !== undefined && requestHeader(request, 'auth-method') === undefined),
  ),
  past('upper-case', 'A path in upper case', (path) => path.startsWith('/USER/')),
  past('capital', 'A capital letter', (path) => path.startsWith('/User/')),
  past('slash-after', 'A slash at the end', (path) => /\/\?_format/.test(path)),
  past('slash-before', 'A slash in front', (path) => path.startsWith('//')),
  past('slash-doubled', 'A doubled slash', (path) => path.startsWith('/user//')),
  past('encoded-letter', 'An encoded letter', (path) => path.startsWith('/%75ser')),
  past('encoded-slash', 'An encoded slash', (path) => /%2f/i.test(path)),
  past('matrix', 'A parameter in the path', (path) => path.includes(';a=1')),
  past('extension', 'The extension .json', (path) => path.includes('.json?')),
  past('index-php', '/index.php', (path) => path.startsWith('/index.php')),
  past('entity', '/entity/user', (path) => path.startsWith('/entity/')),
  past('leading-zero', 'An id with a leading zero', (path) => /\/user\/0\d/.test(path)),
  past('encoded-id', 'An encoded id', (path) => /\/user\/%3/i.test(path)),
  past('format-second', '_format in the second place', (path) => path.includes('?x=1&_format')),
  past('format-encoded', 'An encoded _format', (path) => path.includes('%5Fformat')),
  past('format-value-encoded', 'An encoded value of _format', (path) => path.includes('%6Ason')),
  past('format-upper-case', '_FORMAT', (path) => path.includes('_FORMAT')),
  past('admin-path', 'A path of the administration in the query', (path) => path.includes('/admin/')),
  mutant(
    'head-open',
    'HEAD is answered without a look at the token',
    ['missing-authorization-header/error', '/rfc9110/9.3.2/head', '/invariants/data-without-permission'],
    letIn((request) => request.method === 'HEAD'),
  ),
  mutant(
    'options-shows-account',
    'OPTIONS shows the account',
    missing,
    letIn((request) => request.method === 'OPTIONS'),
  ),
  mutant(
    'override-options',
    'A request that asks to be taken for OPTIONS goes past the gate',
    missing,
    letIn((request) => hasNoToken(request) && requestHeader(request, 'x-http-method-override') === 'OPTIONS'),
  ),
  mutant(
    'override-post',
    'A POST that asks to be taken for a GET goes past the gate',
    missing,
    letIn((request) => request.method === 'POST' && hasNoToken(request) && requestHeader(request, 'x-http-method-override') === 'GET'),
  ),
  mutant(
    'override-parameter',
    'The parameter _method goes past the gate',
    missing,
    letIn((request) => hasNoToken(request) && request.path.includes('_method=')),
  ),
  ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) =>
    mutant(
      `${method.toLowerCase()}-open`,
      `${method} asks for no token`,
      missing,
      bendWhen(
        (request) => request.method === method && isUserRequest(request) && hasNoToken(request),
        replaced(200, 'application/json', '{}'),
      ),
    ),
  ),
  mutant(
    'patch-with-any-token',
    'PATCH takes any token',
    missing,
    bendWhen(
      (request) => request.method === 'PATCH' && isUserRequest(request) && !hasNoToken(request),
      replaced(200, 'application/json', '{}'),
    ),
  ),
  mutant(
    'account-kept-for-strangers',
    'An account that was shown once is shown to anybody',
    invalid,
    remembering(() => {
      const kept = new Map<string, WireResponse>();
      return bendWhen(
        (request) => request.method === 'GET' && isPlain(request.path),
        (response, request) => {
          if (response.status === 200) kept.set(request.path, response);
          return kept.get(request.path) ?? response;
        },
      );
    }),
  ),
  mutant(
    'account-kept-for-all',
    'An account that was shown once is shown to whoever has a token',
    identity,
    remembering(() => {
      const kept = new Map<string, WireResponse>();
      return bendWhen(
        (request, response) => isPlain(request.path) && response.status === 200,
        (response, request) => {
          const known = kept.get(request.path) ?? response;
          kept.set(request.path, known);
          return known;
        },
      );
    }),
  ),
  mutant(
    'permission-ignored',
    'Every user may view every account',
    invalid,
    bendWhen(
      (request, response) => isUserRequest(request) && response.status === 403,
      replaced(200, 'application/json', '{"uid":[{"value":4}],"name":[{"value":"bob"}]}'),
    ),
  ),
  mutant(
    'refusal-shows-account',
    'A refusal shows the account',
    ['/invariants/nothing-given', '/invariants/data-without-permission'],
    bendWhen(
      (request, response) => isUserRequest(request) && response.status === 401,
      json((body) => ({ ...body, mail: [{ value: 'api_user@example.com' }] })),
    ),
  ),
];

const isGateRefusal = (request: WireRequest, response: WireResponse): boolean => isUserRequest(request) && response.status === 401;

const refusals = [
  renamedError('MISSING_AUTHORIZATION_HEADER', 'missing-authorization-header', ['missing-authorization-header/error']),
  renamedError('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', 'token-type', ['invalid-token-type/error']),
  renamedError('INVALID_SIGNATURE', 'invalid-signature', ['invalid-signature/error']),
  renamedError('TOKEN_EXPIRED', 'token-expired', ['token-expired/error']),
  mutant(
    'expired-told-as-signature',
    'An expired token is told as one with a wrong signature',
    ['token-expired/error'],
    bendWhen(
      refusing('TOKEN_EXPIRED'),
      json((body) => ({ ...body, error: 'INVALID_SIGNATURE' })),
    ),
  ),
  mutant(
    'type-told-as-missing',
    'A wrong type is told as a missing header',
    ['invalid-token-type/error'],
    bendWhen(
      refusing('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE'),
      json((body) => ({ ...body, error: 'MISSING_AUTHORIZATION_HEADER' })),
    ),
  ),
  mutant(
    'signature-in-other-words',
    'INVALID_SIGNATURE has other words',
    ['invalid-signature/description'],
    bendWhen(
      refusing('INVALID_SIGNATURE'),
      json((body) => ({ ...body, message: 'Denied', error_description: 'Denied' })),
    ),
  ),
  mutant('gate-with-200', 'The gate refuses with 200', ['/invariants/refusal-status'], bendWhen(isGateRefusal, withStatus(200))),
  mutant('gate-crashes', 'A refusal of the gate is a 500', ['/invariants/server-error'], bendWhen(isGateRefusal, crash)),
  mutant('gate-with-trace', 'A refusal of the gate is a stack trace', ['/invariants/stack-trace'], bendWhen(isGateRefusal, stackTrace)),
  mutant(
    'gate-redirects',
    'The gate sends to the login page',
    ['/invariants/refusal-status', 'missing-authorization-header/error'],
    bendWhen(isGateRefusal, (response) => withHeader(replaced(302, 'text/html', '')(response), 'Location', '/user/login')),
  ),
  mutant(
    'gate-as-page',
    'The gate refuses with a page',
    ['missing-authorization-header/error', 'invalid-token-type/error', 'invalid-signature/error'],
    bendWhen(isGateRefusal, replaced(401, 'text/html; charset=UTF-8', '<!DOCTYPE html><title>Log in</title>')),
  ),
  mutant(
    'token-repeated',
    'A refusal repeats the token',
    ['/invariants/secret-echo'],
    bendWhen(
      (request, response) => isGateRefusal(request, response) && (bearerOf(request)?.length ?? 0) > 300,
      (response, request) => telling(bearerOf(request) ?? '')(response),
    ),
  ),
  mutant(
    'token-sent-back',
    'The token comes back in a header',
    ['/invariants/secret-echo'],
    bendWhen(
      (request) => (bearerOf(request)?.length ?? 0) > 300,
      (response, request) => withHeader(response, 'X-Token', bearerOf(request) ?? ''),
    ),
  ),
];

const accounts = [
  mutant(
    'password-shown',
    'The account shows the password',
    ['/invariants/password-in-answer'],
    bendWhen(reading, (response, _, site) => json((body) => ({ ...body, pass: [{ value: mainUser(site)?.password }] }))(response)),
  ),
  mutant(
    'mail-of-others-shown',
    'The mail address of every user is shown',
    ['/invariants/data-without-permission', '/invariants/foreign-identity'],
    bendWhen(
      reading,
      json((body) => ({ mail: [{ value: 'x@example.com' }], ...body })),
    ),
  ),
  mutant(
    'other-id-shown',
    'The account shows the id of somebody else',
    opens,
    bendWhen(
      reading,
      json((body) => ({ ...body, uid: [{ value: 1 }] })),
    ),
  ),
  mutant(
    'account-as-html',
    'The account is sent as text/html',
    ['/rfc9110/8.3/content-type'],
    bendWhen(reading, (response) => withHeader(response, 'Content-Type', 'text/html; charset=UTF-8')),
  ),
  ...spoilings
    .filter(([name]) => name !== 'with-mark' && name !== 'after-notice')
    .map(([name, title, change]) =>
      mutant(`account-${name}`, `The account ${title}`, [...opens, '/invariants/server-error'], bendWhen(reading, change)),
    ),
  mutant(
    'account-after-notice',
    'The account comes after a PHP warning',
    [...opens, '/invariants/stack-trace'],
    bendWhen(
      reading,
      text((body) => `<b>Warning</b>: Undefined array key "x" in <b>/var/www/html/rest.module</b> on line <b>42</b><br />\n${body}`),
    ),
  ),
  mutant(
    'every-fifth-refused',
    'One request in five with a good token is refused',
    opens,
    remembering(() => {
      const isFifth = nth(5, (request) => isUserRequest(request) && isGood(bearerOf(request) ?? ''));
      return bendWhen(
        (request) => isFifth(request),
        replaced(401, 'application/json', '{"status":"error","http_code":"401","error":"INVALID_SIGNATURE"}'),
      );
    }),
  ),
];

const deliveries = [
  ...lostOnTheWay(mutant, { what: 'token', title: 'The token', breaks: issued, holds: isIssue }),
  ...lostOnTheWay(mutant, { what: 'account', title: 'The account', breaks: opens, holds: isUserRequest }),
];

export const miniorangeJwt: readonly Mutant[] = [
  ...credentials,
  ...issueRefusals,
  ...answers,
  ...signatures,
  ...tokens,
  ...gate,
  ...refusals,
  ...accounts,
  ...deliveries,
];
