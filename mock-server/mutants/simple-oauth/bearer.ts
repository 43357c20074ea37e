/**
 * Wrong resource servers: signatures not checked, identities confused, lifetimes wrong, doors open.
 *
 * @module
 */
import type { WireRequest, WireResponse } from '../../../src/model/exchange.ts';
import { nodeCrypto } from '../../products/simple-oauth/key.ts';
import { crash, spoilings, telling } from '../mistakes.ts';
import {
  allOf,
  bendWhen,
  issuing,
  isTokenRequest,
  json,
  jsonOf,
  readAs,
  remembering,
  replaced,
  requestHeader,
  text,
  withHeader,
  withRequestHeader,
  withStatus,
  type Decorator,
} from '../mutant.ts';
import {
  bearerOf,
  claimsOf,
  consumerOf,
  freshToken,
  hasBearer,
  jwtCounts,
  letIn,
  mutant,
  onceIssued,
  queryOf,
  stateOf,
  tokenReadAs,
} from './make.ts';

const invalid = ['bearer/invalid-token', '/rfc6750/3.1/invalid-token', '/invariants/data-without-permission'];
const forged = ['bearer/forged', '/rfc6750/3.1/invalid-token', '/rfc8725/3.3/every-operation', '/invariants/data-without-permission'];
const noAlgorithm = ['bearer/forged', '/rfc8725/3.2/appropriate-algorithms', '/invariants/data-without-permission'];
const works = ['bearer/success', '/simple-oauth/use/api-requests', '/simple-oauth/idea/any-token-behaves-as-user'];
const elsewhere = ['bearer/other-scheme', '/rfc9700/4.3.2/not-in-query', '/invariants/data-without-permission'];
const privateData = ['/invariants/data-without-permission'];
const identity = ['/simple-oauth/intro/fixed-user', 'acts-as/user', '/invariants/foreign-identity'];
const dies = ['expiry/dies', '/rfc6749/5.1/expires-in', '/rfc6750/3.1/invalid-token'];
const lives = ['expiry/lives', '/rfc6749/5.1/expires-in'];
const noAdmin = ['/simple-oauth/rule/no-admin', '/simple-oauth/idea/least-permissions', 'acts-as/permissions'];

const isAccount = (request: WireRequest): boolean => /\/user\/\d+\?_format=json/.test(request.path);
const isShown = (request: WireRequest, response: WireResponse): boolean =>
  isAccount(request) && response.status === 200 && jsonOf(response) !== undefined;
const isBearerRefusal = (request: WireRequest, response: WireResponse): boolean =>
  hasBearer(request) && !isTokenRequest(request) && response.status === 401;

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
    noAlgorithm,
    jwtCounts(({ header, signature }) => header['alg'] === 'none' && signature === ''),
  ),
  mutant(
    'algorithm-none-with-signature',
    'A token that says alg none is accepted, whatever its signature',
    noAlgorithm,
    jwtCounts(({ header, signature }) => header['alg'] === 'none' && signature !== ''),
  ),
  mutant(
    'signature-left-out',
    'A token without its signature is accepted',
    forged,
    jwtCounts(({ header, signature }) => header['alg'] === 'RS256' && signature === ''),
  ),
  mutant(
    'signature-begun',
    'The beginning of the right signature is enough',
    forged,
    jwtCounts(({ signed, signature }, site) => signature.length > 8 && stateOf(site).key.sign(signed).startsWith(signature)),
  ),
  mutant(
    'signature-last-ignored',
    'The end of the signature is not compared',
    ['bearer/forged', '/rfc6750/3.1/invalid-token'],
    jwtCounts(({ signed, signature }, site) => stateOf(site).key.sign(signed).slice(0, 340) === signature.slice(0, 340)),
  ),
  mutant(
    'key-confusion',
    'The token chooses the algorithm, so that HS256 with the public key is right',
    ['bearer/forged', '/rfc8725/3.1/algorithm-verification', '/invariants/data-without-permission'],
    jwtCounts(
      ({ header, signed, signature }, site) =>
        header['alg'] === 'HS256' &&
        nodeCrypto().createHmac('sha256', stateOf(site).key.publicPem).update(signed).digest('base64url') === signature,
    ),
  ),
  mutant(
    'key-in-token',
    'The key that a token brings along is trusted',
    ['bearer/forged', '/rfc8725/3.10/untrusted-claims', '/invariants/data-without-permission'],
    jwtCounts(({ header, signed, signature }) => {
      const { jwk } = header;
      if (typeof jwk !== 'object' || jwk === null) return false;
      const crypto = nodeCrypto();
      const key = crypto.createPublicKey({ key: jwk as Record<string, string>, format: 'jwk' });
      return crypto.verify('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64url'));
    }),
  ),
  mutant(
    'any-signature',
    'Any signature of the right length is right',
    forged,
    jwtCounts(({ header, signature }) => header['alg'] === 'RS256' && header['jwk'] === undefined && signature.length > 300),
  ),
  mutant(
    'claims-believed',
    'The claim sub decides who somebody is, and the signature is not checked',
    forged,
    jwtCounts(
      ({ claims }) => claims['sub'] !== undefined,
      ({ claims }) => ({ userId: Number(claims['sub']) }),
    ),
  ),
  mutant(
    'scope-believed',
    'The claim scope decides what somebody may, and the signature is not checked',
    forged,
    jwtCounts(
      ({ claims }) => JSON.stringify(claims['scope'] ?? '').includes('administrator'),
      () => ({ scopes: ['administrator'] }),
    ),
  ),
  mutant(
    'end-believed',
    'The end that a token claims is believed',
    ['bearer/forged', '/rfc8725/3.3/every-operation', '/invariants/data-without-permission', '/rfc6750/3.1/invalid-token'],
    jwtCounts(
      ({ claims, header, signature }) => header['alg'] === 'RS256' && signature.length > 300 && Number(claims['exp']) > 2_000_000_000,
      ({ claims }) => ({ expiresMs: Number(claims['exp']) * 1000 }),
    ),
  ),
  mutant(
    'unknown-jwt-accepted',
    'A JWT of another issuer is accepted',
    forged,
    jwtCounts(({ claims, header }, site) => !stateOf(site).tokens.has(String(claims['jti'])) && header['alg'] !== undefined),
  ),
];

const tokens = [
  mutant(
    'any-token',
    'Any Bearer token is accepted',
    invalid,
    tokenReadAs((given, site) => (given.split('.').length === 3 && given.length > 300 ? undefined : freshToken(site))),
  ),
  mutant(
    'three-part-token',
    'Whatever has three parts counts as a JWT that somebody else has checked',
    invalid,
    tokenReadAs((given, site) => (given.split('.').length === 3 && given.length < 300 ? freshToken(site) : undefined)),
  ),
  mutant(
    'client-id-as-token',
    'The client id is accepted as a token',
    invalid,
    tokenReadAs((given, site) => (given === Buffer.from(consumerOf(site).id).toString('base64url') ? freshToken(site) : undefined)),
  ),
  mutant(
    'client-secret-as-token',
    'The client secret is accepted as a token',
    invalid,
    tokenReadAs((given, site) =>
      given === Buffer.from(consumerOf(site).secret ?? '').toString('base64url') ? freshToken(site) : undefined,
    ),
  ),
  mutant(
    'token-null',
    'The word null is accepted as a token',
    invalid,
    tokenReadAs((given, site) => (given === 'null' ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-zero',
    'The digit 0 is accepted as a token',
    invalid,
    tokenReadAs((given, site) => (given === '0' ? freshToken(site) : undefined)),
  ),
  mutant(
    'token-case-folded',
    'A token is compared without case',
    forged,
    tokenReadAs((given, site) =>
      given === swapcase(given) ? undefined : livingLike(site, (value) => value.toLowerCase() === given.toLowerCase() && value !== given),
    ),
  ),
  mutant(
    'token-may-go-on',
    'A token with more behind it is accepted',
    forged,
    tokenReadAs((given, site) => livingLike(site, (value) => given.startsWith(value) && given !== value)),
  ),
  mutant(
    'token-may-begin-late',
    'A token without its first character is accepted',
    forged,
    tokenReadAs((given, site) => livingLike(site, (value) => value.slice(1) === given)),
  ),
  mutant(
    'token-encoded',
    'A token in base64 is decoded and accepted',
    forged,
    tokenReadAs((given, site) => {
      const plain = Buffer.from(given, 'base64url').toString('latin1');
      return livingLike(site, (value) => value === plain);
    }),
  ),
  mutant(
    'empty-token-opens',
    'Bearer without a token counts as checked',
    ['bearer/empty', '/rfc6750/3.1/invalid-request', '/invariants/data-without-permission'],
    letIn((request) => /^Bearer\s*$/.test(requestHeader(request, 'authorization') ?? '') && isAccount(request)),
  ),
  mutant(
    'invalid-token-is-anonymous',
    'An invalid token counts as none',
    ['bearer/invalid-token', '/rfc6750/3.1/invalid-token'],
    bendWhen(isBearerRefusal, replaced(403, 'application/json', '{"message":"The \'access user profiles\' permission is required."}')),
  ),
  mutant(
    'invalid-token-as-400',
    'An invalid token is answered with 400',
    ['bearer/invalid-token', '/rfc6750/3.1/invalid-token'],
    bendWhen(isBearerRefusal, withStatus(400)),
  ),
  mutant(
    'invalid-token-as-200',
    'An invalid token is answered with 200 and an error',
    ['bearer/invalid-token', '/invariants/refusal-status', '/rfc6750/3.1/invalid-token'],
    bendWhen(isBearerRefusal, withStatus(200)),
  ),
  mutant(
    'invalid-token-redirects',
    'An invalid token is answered with a redirect to the login page',
    ['bearer/invalid-token', '/invariants/refusal-status', '/rfc6750/3.1/invalid-token'],
    bendWhen(isBearerRefusal, (response) => withHeader(replaced(302, 'text/html', '')(response), 'Location', '/user/login')),
  ),
  mutant(
    'invalid-token-crashes',
    'An invalid token makes the server fail',
    ['/invariants/server-error', 'bearer/invalid-token'],
    bendWhen(isBearerRefusal, crash),
  ),
  mutant(
    'invalid-token-shows-data',
    'The refusal of an invalid token shows the account',
    ['/invariants/nothing-given', ...invalid],
    bendWhen(
      isBearerRefusal,
      json((body) => ({ ...body, mail: [{ value: 'api_user@example.com' }] })),
    ),
  ),
  mutant(
    'challenge-for-basic',
    'An invalid token is challenged for Basic',
    ['bearer/challenge-6', '/rfc6750/3/challenge', '/rfc9110/15.5.2/challenge'],
    bendWhen(isBearerRefusal, (response) => withHeader(response, 'WWW-Authenticate', 'Basic realm="Site"')),
  ),
  mutant(
    'token-repeated',
    'A refused request repeats its token',
    ['/invariants/secret-echo'],
    bendWhen(isBearerRefusal, (response, request) => telling(bearerOf(request) ?? '')(response)),
  ),
  mutant(
    'token-in-header',
    'The token of a request is sent back in a header',
    ['/invariants/secret-echo'],
    bendWhen(
      (request) => (bearerOf(request)?.length ?? 0) > 300,
      (response, request) => withHeader(response, 'X-Token', bearerOf(request) ?? ''),
    ),
  ),
  mutant(
    'bearer-refusal-as-page',
    'With _format=json an invalid token is refused by a page',
    ['bearer/format'],
    bendWhen(
      (request, response) => isBearerRefusal(request, response) && isAccount(request),
      (response) => withHeader(text(() => '<!DOCTYPE html><title>401</title>')(response), 'Content-Type', 'text/html'),
    ),
  ),
  mutant(
    'forged-token-ends-good-one',
    'A forged token ends the good one',
    ['bearer/forged', ...works],
    bendWhen(isBearerRefusal, (response, request, site) => {
      stateOf(site).tokens.delete(String(claimsOf(bearerOf(request) ?? '')['jti']));
      return response;
    }),
  ),
  mutant(
    'refused-request-ends-tokens',
    'A refused token request ends the tokens of the client',
    ['token/differs-each-time', '/rfc6749/5.1/expires-in'],
    bendWhen(
      (request, response) => isTokenRequest(request) && response.status >= 400,
      (response, _, site) => {
        stateOf(site).tokens.clear();
        return response;
      },
    ),
  ),
  mutant(
    'new-token-ends-old',
    'A new token ends the older ones of the client',
    ['token/differs-each-time', '/simple-oauth/idea/any-token-behaves-as-user'],
    onceIssued((token, { state }) => {
      for (const [jti, other] of state.tokens) if (other.clientId === token.clientId && jti !== token.jti) state.tokens.delete(jti);
      return undefined;
    }),
  ),
  mutant('token-works-once', 'A token works once', works, worksTimes(1)),
  mutant('token-works-five-times', 'A token works five times', works, worksTimes(5)),
  mutant(
    'revoked-token-accepted',
    'A revoked token goes on working',
    ['acts-as/revoked', '/rfc6750/3.1/invalid-token', '/invariants/data-without-permission'],
    tokenReadAs((given, site) => {
      const token = stateOf(site).tokens.get(String(claimsOf(given)['jti']));
      if (token !== undefined) token.revoked = false;
      return undefined;
    }),
  ),
  mutant(
    'second-credential-read',
    'Of two credentials the last one counts, unchecked',
    ['bearer/two-headers', '/invariants/data-without-permission'],
    letIn(
      (request) =>
        request.headers.filter(([name]) => name.toLowerCase() === 'authorization').length > 1 &&
        isAccount(request) &&
        !/eyJ/.test(JSON.stringify(request.headers)),
    ),
  ),
];

/** Tokens that the mock has seen are not kept as texts, so that they are noted here. */
const seen = new WeakMap<object, Set<string>>();

function livingLike(site: Parameters<typeof stateOf>[0], fits: (value: string) => boolean): string | undefined {
  return [...(seen.get(site) ?? [])].find(fits);
}

/** Notes every token that is issued. */
function noting(decorate: Decorator): Decorator {
  return (answer) => {
    const decorated = decorate(answer);
    return (request, site) => {
      const response = decorated(request, site);
      const token = jsonOf(response)?.['access_token'];
      if (typeof token === 'string') seen.set(site, (seen.get(site) ?? new Set()).add(token));
      return response;
    };
  };
}

function swapcase(value: string): string {
  return [...value]
    .map((character) => (character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase()))
    .join('');
}

function worksTimes(times: number): Decorator {
  return remembering(() => {
    const uses = new Map<string, number>();
    return tokenReadAs((given) => {
      const used = (uses.get(given) ?? 0) + 1;
      uses.set(given, used);
      return used > times ? 'used.up.now' : undefined;
    });
  });
}

/** Reads a token from somewhere else than the Authorization header. */
function tokenFrom(read: (request: WireRequest) => string | undefined | null): Decorator {
  return readAs((request) => {
    const token = bearerOf(request) === undefined ? read(request) : undefined;
    return token === undefined || token === null || token === '' ? request : withRequestHeader(request, 'Authorization', `Bearer ${token}`);
  });
}

const authorization = (request: WireRequest): string => requestHeader(request, 'authorization') ?? '';

const isPublic = (request: WireRequest): boolean => /^\/(jsonapi|oauth\/jwks)(\/|\?|$)/.test(request.path);

/** An invalid token counts as none at some paths. */
function ignoresInvalidTokens(holds: (request: WireRequest) => boolean): Decorator {
  return (answer) => (request, site) => {
    const response = answer(request, site);
    return isBearerRefusal(request, response) && holds(request)
      ? answer(withRequestHeader(request, 'Authorization', undefined), site)
      : response;
  };
}

const headers = [
  mutant(
    'invalid-token-ignored-where-public',
    'An invalid token counts as none where anonymous may read',
    ['bearer/every-path'],
    ignoresInvalidTokens(isPublic),
  ),
  mutant(
    'invalid-token-ignored-at-json-api',
    'An invalid token counts as none at JSON:API',
    ['bearer/every-path'],
    ignoresInvalidTokens((request) => request.path.startsWith('/jsonapi')),
  ),
  mutant(
    'invalid-token-ignored-at-user-info',
    'The userinfo endpoint answers an invalid token as it answers nobody',
    ['bearer/every-path'],
    ignoresInvalidTokens((request) => request.path.startsWith('/oauth/userinfo')),
  ),
  mutant(
    'route-before-token',
    'The page is looked for before the token is looked at',
    ['bearer/every-path'],
    ignoresInvalidTokens((request) => /\/user\/2147483646\?|\/no-such-path-here/.test(request.path)),
  ),
  mutant(
    'token-in-query',
    'A token in the query authenticates',
    elsewhere,
    tokenFrom((request) => queryOf(request).get('access_token')),
  ),
  mutant(
    'token-in-cookie',
    'A token in a cookie authenticates',
    elsewhere,
    tokenFrom((request) => /access_token=([\w.-]+)/.exec(requestHeader(request, 'cookie') ?? '')?.[1]),
  ),
  mutant(
    'token-without-scheme',
    'A token without a scheme authenticates',
    elsewhere,
    tokenFrom((request) => /^eyJ\S+$/.exec(authorization(request))?.[0]),
  ),
  mutant(
    'scheme-token',
    'The scheme Token authenticates',
    elsewhere,
    tokenFrom((request) => /^Token (\S+)/.exec(authorization(request))?.[1]),
  ),
  mutant(
    'scheme-basic',
    'A token under Basic authenticates',
    elsewhere,
    tokenFrom((request) => /^Basic (eyJ\S+\.\S+)/.exec(authorization(request))?.[1]),
  ),
  mutant(
    'scheme-begun',
    'A scheme that lacks a letter authenticates',
    elsewhere,
    tokenFrom((request) => /^Beare (\S+)/.exec(authorization(request))?.[1]),
  ),
  mutant(
    'x-authorization',
    'A token in X-Authorization authenticates',
    elsewhere,
    tokenFrom((request) => requestHeader(request, 'x-authorization')?.replace('Bearer ', '')),
  ),
  mutant(
    'x-access-token',
    'A token in X-Access-Token authenticates',
    elsewhere,
    tokenFrom((request) => requestHeader(request, 'x-access-token')),
  ),
  mutant(
    'secret-opens',
    'HTTP Basic with the credentials of the client opens the API',
    elsewhere,
    letIn((request, site) => {
      const { id, secret = '' } = consumerOf(site);
      return isAccount(request) && authorization(request) === `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    }),
  ),
  mutant(
    'authorization-with-case',
    'Only the name Authorization in this spelling is read',
    ['/rfc9110/5.1/field-names', '/simple-oauth/use/bearer'],
    readAs((request) => ({
      ...request,
      headers: request.headers.filter(([name]) => name === 'Authorization' || name.toLowerCase() !== 'authorization'),
    })),
  ),
  mutant(
    'accept-asked-for',
    'Without Accept nothing is shown',
    ['/simple-oauth/use/bearer', '/rfc9110/5.1/field-names', 'bearer/success'],
    bendWhen(
      (request) => isAccount(request) && requestHeader(request, 'accept') === undefined,
      replaced(406, 'application/json', '{"message":"Not acceptable"}'),
    ),
  ),
  mutant(
    'cookie-wins',
    'With a cookie, the Authorization header is not read',
    ['/simple-oauth/use/bearer', 'bearer/other-scheme', 'bearer/success'],
    readAs((request) =>
      requestHeader(request, 'cookie') === undefined ? request : withRequestHeader(request, 'Authorization', undefined),
    ),
  ),
  mutant(
    'no-token-opens',
    'Without a token the account is shown',
    ['bearer/anonymous', '/simple-oauth/intro/not-completely-open', '/simple-oauth/useful/no-public-access', ...privateData],
    letIn((request) => isAccount(request) && authorization(request) === ''),
  ),
  mutant(
    'forwarded-user-trusted',
    'X-Forwarded-User says who somebody is',
    privateData,
    letIn((request) => isAccount(request) && requestHeader(request, 'x-forwarded-user') === 'admin'),
  ),
  mutant(
    'remote-user-trusted',
    'Remote-User says who somebody is',
    privateData,
    letIn((request) => isAccount(request) && requestHeader(request, 'remote-user') === 'admin'),
  ),
  mutant(
    'localhost-trusted',
    'X-Forwarded-For 127.0.0.1 opens the API',
    privateData,
    letIn((request) => isAccount(request) && requestHeader(request, 'x-forwarded-for') === '127.0.0.1'),
  ),
  mutant(
    'consumer-header-trusted',
    'X-Consumer-ID says which client asks',
    privateData,
    letIn((request, site) => isAccount(request) && requestHeader(request, 'x-consumer-id') === consumerOf(site).id),
  ),
  mutant(
    'client-in-query-trusted',
    'The client id in the query says which client asks',
    privateData,
    letIn((request, site) => isAccount(request) && queryOf(request).get('client_id') === consumerOf(site).id),
  ),
  mutant(
    'lower-case-bearer-unchecked',
    'Under bearer in lower case the token is not checked',
    ['bearer/other-scheme', ...privateData],
    letIn((request) => isAccount(request) && authorization(request).startsWith('bearer ')),
  ),
  mutant(
    'userinfo-open',
    'The userinfo endpoint answers without a token',
    ['openid/userinfo', ...privateData],
    letIn((request) => request.path.startsWith('/oauth/userinfo') && !/eyJ/.test(authorization(request))),
  ),
  mutant(
    'userinfo-of-first-user',
    'The userinfo endpoint names the first user',
    ['openid/userinfo', '/simple-oauth/use/processed-as-user', '/invariants/foreign-identity'],
    bendWhen(
      (request, response) => request.path.startsWith('/oauth/userinfo') && response.status === 200,
      json((body) => ({ ...body, sub: '1' })),
    ),
  ),
  mutant(
    'private-key-published',
    'The published key holds its private part',
    ['/invariants/secret-echo', 'openid/jwks-6'],
    bendWhen(
      (request, response) => request.path.startsWith('/oauth/jwks') && response.status === 200,
      json((body) => ({ keys: (body['keys'] as object[]).map((key) => ({ ...key, d: 'c2VjcmV0' })) })),
    ),
  ),
];

const whom = [
  mutant(
    'token-acts-as-first-user',
    'A token acts as the first user',
    ['/simple-oauth/rule/no-admin', ...identity],
    bendWhen(isShown, (response, request) =>
      hasBearer(request) ? json((body) => ({ ...body, uid: [{ value: 1 }] }))(response) : response,
    ),
  ),
  mutant(
    'token-has-powers-of-administrator',
    'A token acts with the powers of an administrator',
    noAdmin,
    tokenReadAs((given, site) =>
      given.length > 300 &&
      stateOf(site).tokens.get(String(claimsOf(given)['jti']))?.clientId === consumerOf(site).id &&
      !isExpired(given, site)
        ? freshToken(site, 'admin')
        : undefined,
    ),
  ),
  mutant(
    'token-acts-as-last-client',
    'Every token acts for the client that asked last',
    identity,
    remembering(() => {
      let last: string | undefined;
      return allOf(
        bendWhen(issuing, (response) => {
          last = String(jsonOf(response)?.['access_token']);
          return response;
        }),
        tokenReadAs((given, site) => (stateOf(site).tokens.has(String(claimsOf(given)['jti'])) ? last : undefined)),
      );
    }),
  ),
  mutant(
    'user-swapped',
    'A token acts as another user with the same rights',
    identity,
    onceIssued((token, { site }) => (token.clientId === consumerOf(site, 'other').id ? { userId: 3 } : undefined)),
  ),
  mutant(
    'permission-ignored',
    'Every token may view every account',
    ['/simple-oauth/use/controlled-by-permissions', 'acts-as/permissions', '/invariants/data-without-permission'],
    onceIssued((token, { site }) => (token.clientId === consumerOf(site, 'unpermitted').id ? { scopes: ['api_user'] } : undefined)),
  ),
  mutant(
    'permission-not-given',
    'A token sees its own account only',
    ['/simple-oauth/rule/token-has-permissions', 'acts-as/permissions', '/simple-oauth/use/controlled-by-permissions'],
    bendWhen(
      (request, response) => isShown(request, response) && !request.path.includes('/user/2?') && !request.path.includes('/user/3?'),
      replaced(404, 'application/json', '{"message":"Not found"}'),
    ),
  ),
  mutant(
    'blocked-user-not-seen',
    'The token of a blocked user opens the site',
    ['acts-as/blocked', 'refusal/blocked-user', '/invariants/data-without-permission'],
    letIn(
      (request, site) =>
        stateOf(site).tokens.get(String(claimsOf(bearerOf(request) ?? '')['jti']))?.clientId === consumerOf(site, 'blocked').id &&
        isAccount(request),
    ),
  ),
  mutant(
    'administrative-page-opened',
    'A token opens an administrative page',
    noAdmin,
    bendWhen(
      (request) => request.path === '/admin/people' && hasBearer(request),
      replaced(200, 'text/html', '<!DOCTYPE html><title>People</title><table></table>'),
    ),
  ),
  mutant(
    'configuration-opened',
    'A token opens the settings of the module',
    noAdmin,
    bendWhen(
      (request) => request.path.startsWith('/admin/config/people/simple_oauth') && hasBearer(request),
      replaced(200, 'text/html', '<!DOCTYPE html><title>Settings</title>'),
    ),
  ),
  mutant(
    'administrative-fields-shown',
    'An account is shown with its roles and logins',
    noAdmin,
    bendWhen(
      isShown,
      json((body) => ({ ...body, status: [{ value: true }], roles: [{ target_id: 'api_user' }], access: [{ value: '2026' }] })),
    ),
  ),
  mutant(
    'password-shown',
    'The account shows the hash of the password',
    ['/invariants/password-in-answer'],
    bendWhen(
      isShown,
      json((body) => ({ ...body, pass: [{ value: '$2y$10$abcdefghijklmnopqrstuuK9vJ5n3cQ0mW8xYzT7uHs4PqRfLdGke' }] })),
    ),
  ),
  mutant(
    'mail-of-others-shown',
    'The mail address of every user is shown',
    ['/simple-oauth/intro/permission-system', 'acts-as/permissions'],
    bendWhen(
      isShown,
      json((body) => ({ ...body, mail: [{ value: 'somebody@example.com' }] })),
    ),
  ),
  mutant(
    'hidden-content-shown',
    'Unpublished content is shown',
    ['/simple-oauth/use/controlled-by-permissions', 'acts-as/permissions', '/invariants/data-without-permission'],
    bendWhen(
      (request) => /\/node\/4/.test(request.path) && hasBearer(request),
      replaced(200, 'application/json', '{"title":[{"value":"Unpublished article"}]}'),
    ),
  ),
  mutant(
    'hidden-content-named',
    'The refusal of unpublished content names its title',
    ['/simple-oauth/use/controlled-by-permissions', '/invariants/data-without-permission'],
    bendWhen(
      (request, response) => /\/node\/4|\/jsonapi\/node\/article\//.test(request.path) && response.status === 403,
      telling('"Unpublished article"'),
    ),
  ),
  mutant(
    'blocked-account-shown',
    'The account of a blocked user is shown',
    ['/simple-oauth/intro/permission-system', 'acts-as/permissions', '/simple-oauth/rule/no-admin'],
    bendWhen(
      (request) => request.path.includes('/user/5?') && hasBearer(request),
      replaced(200, 'application/json', '{"uid":[{"value":5}],"name":[{"value":"blocked_user"}]}'),
    ),
  ),
  mutant(
    'account-cached-for-all',
    'An account is kept by its URL and shown to whoever asks',
    [
      '/simple-oauth/intro/not-completely-open',
      'bearer/anonymous',
      'bearer/not-cached',
      'acts-as/permissions',
      '/invariants/data-without-permission',
    ],
    remembering(() => {
      const kept = new Map<string, WireResponse>();
      return bendWhen(isAccount, (response, request) => {
        if (response.status === 200) kept.set(request.path, response);
        return kept.get(request.path) ?? response;
      });
    }),
  ),
  ...spoilings.map(([name, title, change]) =>
    mutant(
      `account-${name}`,
      `The answer to a token ${title}`,
      [
        ...works,
        ...(name === 'after-notice' ? ['/invariants/stack-trace'] : []),
        ...(name === 'unavailable' ? ['/invariants/server-error'] : []),
      ],
      bendWhen((request, response) => isShown(request, response) && hasBearer(request), change),
    ),
  ),
];

function isExpired(token: string, site: Parameters<typeof stateOf>[0]): boolean {
  return Number(claimsOf(token)['exp']) * 1000 <= site.clock.now();
}

/** An expired token is accepted under some condition. */
function revives(holds: (token: string, site: Parameters<typeof stateOf>[0]) => boolean): Decorator {
  return tokenReadAs((given, site) =>
    isExpired(given, site) &&
    stateOf(site).key.verify(given.split('.').slice(0, 2).join('.'), Buffer.from(given.split('.')[2] ?? '', 'base64url')) &&
    holds(given, site)
      ? freshToken(site)
      : undefined,
  );
}

const lifetimes = [
  mutant(
    'tokens-never-expire',
    'A token works for ever',
    dies,
    revives(() => true),
  ),
  mutant(
    'tokens-live-longer',
    'A token lives five minutes longer than it says',
    dies,
    revives((token, site) => site.clock.now() < Number(claimsOf(token)['exp']) * 1000 + 300_000),
  ),
  mutant(
    'tokens-die-early',
    'A token dies a minute before its end',
    lives,
    bendWhen(
      (request, _, site) => isAccount(request) && Number(claimsOf(bearerOf(request) ?? '')['exp']) * 1000 < site.clock.now() + 60_000,
      replaced(401, 'application/json', '{"message":"x"}'),
    ),
  ),
  mutant(
    'tokens-die-half-way',
    'A token dies after half its lifetime',
    lives,
    bendWhen(
      (request, _, site) => {
        const { exp, iat } = claimsOf(bearerOf(request) ?? '');
        return isAccount(request) && site.clock.now() > ((Number(exp) + Number(iat)) / 2 - 1) * 1000;
      },
      replaced(401, 'application/json', '{"message":"x"}'),
    ),
  ),
  mutant(
    'use-prolongs',
    'Each use of a token prolongs its life',
    dies,
    remembering(() => {
      const used = new Map<string, number>();
      return allOf(
        revives((token, site) => (used.get(token) ?? 0) > site.clock.now()),
        bendWhen(isShown, (response, request, site) => {
          used.set(bearerOf(request) ?? '', site.clock.now() + 300_000);
          return response;
        }),
      );
    }),
  ),
  mutant(
    'expired-token-works-again',
    'An expired token is refused once and then accepted',
    dies,
    remembering(() => {
      const refused = new Set<string>();
      return revives((token) => refused.has(token) || (refused.add(token), false));
    }),
  ),
  mutant(
    'expired-token-revived',
    'A new token gives an expired one a new life',
    dies,
    remembering(() => {
      let issuedMs = 0;
      return allOf(
        bendWhen(issuing, (response, _, site) => {
          issuedMs = site.clock.now();
          return response;
        }),
        revives((token) => Number(claimsOf(token)['exp']) * 1000 < issuedMs),
      );
    }),
  ),
  mutant(
    'expired-as-403',
    'An expired token is answered with 403',
    dies,
    bendWhen((request, response, site) => isBearerRefusal(request, response) && isExpired(bearerOf(request) ?? '', site), withStatus(403)),
  ),
  mutant(
    'setting-ignored',
    'A token announces an hour whatever is configured',
    ['token/lifetime', '/rfc6749/5.1/expires-in'],
    bendWhen(
      issuing,
      json((body) => ({ ...body, expires_in: 3600 })),
    ),
  ),
  mutant(
    'short-client-lives-long',
    'The lifetime of the client is not looked at',
    ['token/lifetime', '/rfc6749/5.1/expires-in'],
    bendWhen(
      (request, response) => issuing(request, response) && (jsonOf(response)?.['expires_in'] as number) < 60,
      json((body) => ({ ...body, expires_in: 300 })),
    ),
  ),
  mutant(
    'clients-die-together',
    'A token ends with the first expired one of anybody',
    lives,
    bendWhen(
      (request, response, site) => isBearerRefusal(request, response) && isExpired(bearerOf(request) ?? '', site),
      (response, _, site) => {
        stateOf(site).tokens.clear();
        return response;
      },
    ),
  ),
];

const isGraphql = (request: WireRequest): boolean => request.path.startsWith('/graphql');

const graphql = [
  mutant(
    'graphql-off',
    'There is no GraphQL endpoint',
    ['graphql/success', '/simple-oauth/use/graphql-post'],
    bendWhen(isGraphql, replaced(404, 'application/json', '{"message":"No route found"}')),
  ),
  mutant(
    'graphql-no-json',
    'The GraphQL endpoint reads no JSON',
    ['graphql/success', '/simple-oauth/use/graphql-json', '/simple-oauth/use/graphql-post'],
    bendWhen(
      isGraphql,
      replaced(
        400,
        'application/json',
        '{"errors":[{"message":"GraphQL Request must include at least one of those two parameters: \\"query\\" or \\"queryId\\""}]}',
      ),
    ),
  ),
  mutant(
    'graphql-errors',
    'The GraphQL endpoint answers with errors',
    ['graphql/success', '/simple-oauth/use/graphql-json'],
    bendWhen(isGraphql, (response) =>
      response.status === 200 ? replaced(200, 'application/json', '{"errors":[{"message":"Internal server error"}]}')(response) : response,
    ),
  ),
  mutant(
    'graphql-other-data',
    'The GraphQL endpoint answers with other data',
    ['/simple-oauth/use/graphql-post', '/simple-oauth/use/controlled-by-permissions'],
    bendWhen(isGraphql, (response) =>
      response.status === 200 ? replaced(200, 'application/json', '{"data":{"other":true}}')(response) : response,
    ),
  ),
  mutant(
    'graphql-open',
    'The GraphQL endpoint answers without a token',
    ['graphql/anonymous', '/simple-oauth/useful/no-public-access', '/simple-oauth/intro/not-completely-open'],
    letIn((request) => isGraphql(request) && !hasBearer(request)),
  ),
  mutant(
    'graphql-any-token',
    'The GraphQL endpoint takes any token',
    ['graphql/invalid-token', '/rfc6750/3.1/invalid-token', '/invariants/data-without-permission'],
    letIn((request) => isGraphql(request) && hasBearer(request)),
  ),
];

export const bearerMutants = [
  ...signatures,
  ...tokens.map((one) => ({ ...one, decorate: noting(one.decorate) })),
  ...headers,
  ...whom,
  ...lifetimes,
  ...graphql,
];
