/**
 * The OAuth/Access Token method, written a second time from the vendor's page alone, as a gateway author would write it: no line is shared with the
 * mock or the specs. What the page leaves open is a choice of the dialect. Every step is a method, so that a wrong behaviour can replace exactly one.
 *
 * @module
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { TargetFile } from '../../../src/model/target.ts';

type HeaderPair = readonly [name: string, value: string];

export interface Incoming {
  readonly method: string;
  /** Request target as it stood on the request line. */
  readonly target: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** How the bytes misbehave on the wire; only wrong servers set it. */
  readonly wire?: { readonly delayMs?: number; readonly cutAfterBytes?: number; readonly claimLength?: number; readonly drop?: boolean };
}

/** What the page does not say, or says in two ways. Every combination is a legitimate reading of it. */
export interface Dialect {
  readonly name: string;
  /** Sub-folder that the site lives in, without a slash at the end. */
  readonly base: string;
  /** JSON type of `http_code`; `printed` is what each example shows. */
  readonly httpCode: 'printed' | 'string' | 'number';
  readonly missingAuthorization: { readonly status: 400 | 401 | 403; readonly httpCode: 'absent' | 'equal' };
  readonly expiredError: 'TOKEN_EXPIRED' | 'INVALID_ACCESS_TOKEN';
  readonly wrongSchemeAllow: boolean;
  readonly token: 'base64url' | 'hex' | 'base64' | 'jwt' | 'uuid' | 'long';
  /** Whether upper and lower case of a token are the same; only where its letters are hexadecimal digits. */
  readonly tokenCase: 'exact' | 'ignored';
  readonly tokenType: 'Bearer' | 'bearer';
  readonly expiresIn: 'number' | 'string' | 'remaining' | 'minutes';
  readonly reuseToken: boolean;
  readonly revokePrevious: boolean;
  /** Faults are looked for in this order; the ones that a grant does not know are passed over. */
  readonly tokenOrder: readonly TokenCheck[];
  readonly resourceOrder: readonly ResourceCheck[];
  /** Accepted names of the user name parameter in client credentials. */
  readonly usernameKeys: readonly string[];
  readonly ignoreKeyCase: boolean;
  readonly missingParameter: 'own-code' | 'as-wrong' | 'missing-username';
  readonly unknownGrant: { readonly status: 400 | 401 | 403 | 422; readonly error: string };
  readonly unknownUser: { readonly status: 400 | 401 | 403 | 404; readonly error: string };
  readonly blockedUser: { readonly status: 400 | 401 | 403; readonly error: string };
  readonly unknownApplication: { readonly status: 400 | 401 | 403 | 404; readonly error: string };
  readonly trimApplication: boolean;
  readonly json: 'accepted' | 'ignored' | 'refused';
  readonly multipart: 'accepted' | 'ignored' | 'refused';
  readonly query: 'ignored' | 'merged' | 'refused';
  readonly untypedBody: 'parsed' | 'ignored';
  readonly basicClient: boolean;
  readonly repeated: 'first' | 'last' | 'refused';
  readonly arrays: 'php' | 'ignored' | 'refused';
  readonly wrongMethod: 'html-405' | 'core-405' | 'envelope-405' | 'html-404' | 'envelope-400';
  readonly trailingSlash: 'accepted' | 'not-found' | 'redirected';
  readonly pathCase: 'exact' | 'ignored';
  readonly doubleSlash: 'collapsed' | 'not-found';
  readonly escapedPath: 'decoded' | 'not-found';
  readonly userNames: 'exact' | 'ignore-case' | 'database' | 'trimmed';
  readonly nulEndsPassword: boolean;
  readonly schemeCase: 'exact' | 'ignored';
  readonly emptyToken: 'INVALID_ACCESS_TOKEN' | 'MISSING_AUTHORIZATION_HEADER' | 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE';
  readonly looseSpaces: boolean;
  readonly twoAuthorizations: 'first' | 'last' | 'refused';
  readonly tokenElsewhere: boolean;
  /** Refuses a token that was issued to another application than the one in AUTH-METHOD. */
  readonly tokenBoundToApplication: boolean;
  readonly userDocument: 'drupal' | 'plain';
  /** Roles may view the mail addresses of others. */
  readonly mailForAll: boolean;
  readonly forbidden: 'core' | 'envelope';
  /** Credentials are looked at before method, format and account. */
  readonly gateFirst: boolean;
  readonly noFormat: 'json' | 'core-406' | 'html-403';
  readonly unknownPath: 'html' | 'core';
  readonly head: boolean;
  readonly options: 'cors' | 'allow' | 'refused';
  readonly challenge: boolean;
  readonly noStore: boolean;
  readonly contentType: string;
  readonly refusalContentType: string;
  readonly words: 'printed' | 'own';
  readonly extraMembers: boolean;
  readonly pretty: boolean;
  readonly poweredBy?: string;
  /** Failed logins after which a name is locked. */
  readonly flood?: number;
  /** Failed logins, whatever the name, after which the address is locked. */
  readonly floodOfAddress?: number;
  readonly maxBodyBytes: number;
  /** Password of the main user: with every character that encoders get wrong, or plain. */
  readonly awkwardSecrets: boolean;
}

export type TokenCheck = 'username' | 'password' | 'client' | 'client-known' | 'secret' | 'secret-right' | 'user';
export type ResourceCheck = 'application' | 'authorization' | 'scheme' | 'token';

export interface Account {
  readonly role: string;
  readonly id: number;
  readonly name: string;
  readonly password: string;
  readonly mail: string;
  readonly uuid: string;
  readonly isActive: boolean;
  readonly permissions: readonly ('access user profiles' | 'administer users')[];
}

export interface Application {
  readonly role: string;
  readonly id: string;
  readonly secret: string;
  readonly applicationId: string;
  readonly lifetimeSeconds: number;
}

export interface Grant {
  readonly value: string;
  readonly user: Account;
  readonly client: Application;
  readonly grantType: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
}

export type Parameters = ReadonlyMap<string, readonly string[]>;

interface Viewed {
  readonly incoming: Incoming;
  readonly path: string;
  readonly query: Parameters;
}

const messages: Readonly<Record<string, string>> = {
  INVALID_CREDENTIALS: 'Invalid username or password.',
  INVALID_CLIENT_ID: 'Invalid Client ID.',
  INVALID_CLIENT_SECRET: 'Invalid Client Secret.',
  MISSING_USERNAME: 'No Username found in request.',
  MISSING_HEADER: 'Missing required unique header. It should contain the application ID.',
  INVALID_ACCESS_TOKEN: 'Invalid Access Token.',
  MISSING_AUTHORIZATION_HEADER: 'Authorization header not received.',
  INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE: 'Authorization header must be the type of Bearer Token.',
  TOKEN_EXPIRED: 'Invalid request: Token Expired.',
};

/** The site: its people, its two applications and one with short-lived tokens, its clock. */
export class AccessTokenServer {
  readonly dialect: Dialect;
  readonly accounts: readonly Account[];
  readonly applications: readonly Application[];
  readonly tokens = new Map<string, Grant>();
  /** Tokens that were taken back; only needed where a token speaks for itself. */
  readonly revoked = new Map<string, Grant>();
  /** Tokens of the OAuth Server module, which the page accepts as well. */
  readonly foreignTokens = new Map<string, Grant>();
  readonly failures = new Map<string, number>();
  failedLogins = 0;
  /** Requests that were answered so far. */
  served = 0;
  movedMs = 0;
  readonly #nowMs: () => number;
  readonly #seed: string | undefined;
  #drawn = 0;

  /** @param options `seed` makes tokens repeatable; `nowMs` is the clock that `advance` is added to. */
  constructor(dialect: Dialect, options: { readonly seed?: string; readonly nowMs?: () => number } = {}) {
    this.dialect = dialect;
    this.#seed = options.seed;
    this.#nowMs = options.nowMs ?? (() => performance.timeOrigin + performance.now());
    this.accounts = accountsOf(dialect);
    this.applications = applicationsOf();
  }

  nowMs(): number {
    return this.#nowMs() + this.movedMs;
  }

  advance(seconds: number): void {
    this.movedMs += seconds * 1000;
  }

  random(bytes: number): Buffer {
    if (this.#seed === undefined) return randomBytes(bytes);
    const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, block) =>
      createHash('sha256').update(`${this.#seed}/${this.#drawn}/${block}`).digest(),
    );
    this.#drawn++;
    return Buffer.concat(blocks).subarray(0, bytes);
  }

  // Routing

  answer(incoming: Incoming): Reply {
    this.served++;
    const [rawPath = '', rawQuery = ''] = splitOnce(originForm(incoming.target), '?');
    const path = this.normalPath(rawPath);
    if (path === undefined) return this.notFound();
    if (this.dialect.trailingSlash === 'redirected' && /^\/(user|rest_api)\/\w+\/$/.test(path)) {
      const location = `${this.dialect.base}${path.slice(0, -1)}${rawQuery === '' ? '' : `?${rawQuery}`}`;
      return this.html(301, 'Moved permanently', [['Location', location]]);
    }
    const viewed: Viewed = { incoming, path, query: parseForm(Buffer.from(rawQuery)) };
    if (path === '/rest_api/access_token') return this.tokenEndpoint(viewed);
    const user = /^\/user\/(\d{1,9})$/.exec(path);
    if (user !== null) return this.userResource(viewed, Number(user[1]));
    return this.notFound();
  }

  normalPath(raw: string): string | undefined {
    const { base, escapedPath, doubleSlash, trailingSlash, pathCase } = this.dialect;
    let path = raw;
    if (path.includes('%')) {
      if (escapedPath === 'not-found') return undefined;
      try {
        path = decodeURIComponent(path);
      } catch {
        return undefined;
      }
    }
    if (doubleSlash === 'collapsed') path = path.replace(/\/{2,}/g, '/');
    if (!path.startsWith(`${base}/`)) return undefined;
    path = path.slice(base.length);
    if (trailingSlash === 'accepted' && path.length > 1) path = path.replace(/\/$/, '');
    return pathCase === 'ignored' ? path.toLowerCase() : path;
  }

  notFound(): Reply {
    if (this.dialect.unknownPath === 'core') return this.core(404, 'The requested page could not be found.');
    return this.html(404, 'Page not found');
  }

  // Token endpoint

  tokenEndpoint(viewed: Viewed): Reply {
    const { incoming } = viewed;
    if (incoming.method === 'OPTIONS') return this.optionsReply('POST, OPTIONS');
    if (incoming.method !== 'POST') return this.wrongMethod('POST');
    if (incoming.body.byteLength > this.dialect.maxBodyBytes) return this.refuse('REQUEST_TOO_LARGE', 413);
    const parameters = this.readParameters(viewed);
    if ('status' in parameters) return parameters;
    return this.grant(parameters, incoming);
  }

  readParameters({ incoming, query }: Viewed): Parameters | Reply {
    const { json, multipart, untypedBody } = this.dialect;
    const type = headerOf(incoming, 'content-type')?.toLowerCase() ?? '';
    let parameters: Parameters = new Map();
    if (type.startsWith('application/x-www-form-urlencoded')) parameters = parseForm(incoming.body);
    else if (type.startsWith('application/json')) {
      if (json === 'refused') return this.refuse('UNSUPPORTED_MEDIA_TYPE', 415);
      if (json === 'accepted') {
        const read = readJsonParameters(incoming.body);
        if (read === undefined) return this.refuse('INVALID_REQUEST', 400);
        parameters = read;
      }
    } else if (type.startsWith('multipart/form-data')) {
      if (multipart === 'refused') return this.refuse('UNSUPPORTED_MEDIA_TYPE', 415);
      if (multipart === 'accepted') parameters = readMultipart(incoming.body, type, headerOf(incoming, 'content-type') ?? '');
    } else if (untypedBody === 'parsed') parameters = parseForm(incoming.body);
    if (this.dialect.query === 'refused' && [...query.keys()].some((name) => /^(password|client_secret)$/i.test(name))) {
      return this.refuse('INVALID_REQUEST', 400);
    }
    if (this.dialect.query === 'merged') parameters = new Map([...query, ...parameters]);
    return this.settleNames(parameters);
  }

  /** Repetitions, PHP arrays and names in another case, as the dialect has them. */
  settleNames(parameters: Parameters): Parameters | Reply {
    const { repeated, arrays, ignoreKeyCase } = this.dialect;
    const settled = new Map<string, readonly string[]>();
    for (const [given, values] of parameters) {
      const array = /^([^[]+)\[/.exec(given);
      if (array !== null) {
        if (arrays === 'refused') return this.refuse('INVALID_REQUEST', 400);
        if (arrays === 'php') settled.delete(array[1]!);
        continue;
      }
      if (values.length > 1 && repeated === 'refused') return this.refuse('INVALID_REQUEST', 400);
      const name = ignoreKeyCase ? given.toLowerCase() : given;
      if (settled.has(name) && repeated === 'refused') return this.refuse('INVALID_REQUEST', 400);
      const value = repeated === 'first' ? values[0] : values.at(-1);
      settled.set(name, [value ?? '']);
    }
    return settled;
  }

  grant(parameters: Parameters, incoming: Incoming): Reply {
    const grantType = this.value(parameters, 'grant_type');
    if (grantType !== 'password' && grantType !== 'client_credentials') return this.unknownGrant(grantType);
    const asked = this.readAsk(parameters, grantType, incoming);
    for (const check of this.dialect.tokenOrder) {
      const refusal = this.checkAsk(check, asked);
      if (refusal !== undefined) return refusal;
    }
    const client = this.findClient(asked.clientId ?? '');
    const user = this.findUser(asked.username ?? '');
    if (client === undefined || user === undefined) return this.refuse('INVALID_CREDENTIALS', 401);
    return this.issue(user, client, grantType);
  }

  readAsk(parameters: Parameters, grantType: string, incoming: Incoming): Ask {
    const basic = this.dialect.basicClient ? readBasic(headerOf(incoming, 'authorization')) : undefined;
    const keys = grantType === 'password' ? ['username'] : this.dialect.usernameKeys;
    return {
      grantType,
      username: keys.map((key) => this.value(parameters, key)).find((value) => value !== undefined),
      password: this.value(parameters, 'password'),
      clientId: this.value(parameters, 'client_id') ?? basic?.name,
      clientSecret: this.value(parameters, 'client_secret') ?? basic?.password,
    };
  }

  /** A parameter without a value counts as left out (RFC 6749 3.2). */
  value(parameters: Parameters, name: string): string | undefined {
    const value = parameters.get(name)?.[0];
    return value === undefined || value === '' ? undefined : value;
  }

  checkAsk(check: TokenCheck, ask: Ask): Reply | undefined {
    const isPassword = ask.grantType === 'password';
    switch (check) {
      case 'username':
        return ask.username === undefined ? this.refuse('MISSING_USERNAME', 400) : undefined;
      case 'password':
        return isPassword && ask.password === undefined ? this.missing('MISSING_PASSWORD', 'INVALID_CREDENTIALS') : undefined;
      case 'client':
        return ask.clientId === undefined ? this.missing('MISSING_CLIENT_ID', 'INVALID_CLIENT_ID') : undefined;
      case 'client-known':
        return ask.clientId !== undefined && this.findClient(ask.clientId) === undefined
          ? this.refuse('INVALID_CLIENT_ID', 401)
          : undefined;
      case 'secret':
        return !isPassword && ask.clientSecret === undefined ? this.missing('MISSING_CLIENT_SECRET', 'INVALID_CLIENT_SECRET') : undefined;
      case 'secret-right': {
        if (isPassword || ask.clientSecret === undefined) return undefined;
        const client = this.findClient(ask.clientId ?? '');
        return client !== undefined && !this.secretMatches(ask.clientSecret, client)
          ? this.refuse('INVALID_CLIENT_SECRET', 401)
          : undefined;
      }
      case 'user':
        return ask.username === undefined
          ? undefined
          : isPassword
            ? this.checkPassword(ask.username, ask.password)
            : this.checkNamedUser(ask.username);
    }
  }

  missing(ownCode: string, asWrong: string): Reply {
    const { missingParameter } = this.dialect;
    if (missingParameter === 'missing-username') return this.refuse('MISSING_USERNAME', 400);
    return missingParameter === 'own-code' ? this.refuse(ownCode, 400) : this.refuse(asWrong, 401);
  }

  checkPassword(username: string, password: string | undefined): Reply | undefined {
    const { flood = Number.POSITIVE_INFINITY, floodOfAddress = Number.POSITIVE_INFINITY, blockedUser } = this.dialect;
    const name = username.toLowerCase();
    if ((this.failures.get(name) ?? 0) >= flood || this.failedLogins >= floodOfAddress)
      return this.refuse('TOO_MANY_ATTEMPTS', 429, [['Retry-After', '3600']]);
    const user = this.findUser(username);
    const isRight = this.passwordMatches(password ?? '', user);
    if (user === undefined || !isRight) {
      this.failedLogins++;
      this.failures.set(name, (this.failures.get(name) ?? 0) + 1);
      return this.refuse('INVALID_CREDENTIALS', 401);
    }
    return user.isActive ? undefined : this.refuse(blockedUser.error, blockedUser.status);
  }

  checkNamedUser(username: string): Reply | undefined {
    const { unknownUser, blockedUser } = this.dialect;
    const user = this.findUser(username);
    if (user === undefined) return this.refuse(unknownUser.error, unknownUser.status);
    return user.isActive ? undefined : this.refuse(blockedUser.error, blockedUser.status);
  }

  unknownGrant(_grantType: string | undefined): Reply {
    return this.refuse(this.dialect.unknownGrant.error, this.dialect.unknownGrant.status);
  }

  findUser(name: string): Account | undefined {
    const { userNames } = this.dialect;
    const wanted = comparable(name, userNames);
    return this.accounts.find((account) => comparable(account.name, userNames) === wanted);
  }

  findClient(id: string): Application | undefined {
    return this.applications.find((application) => sameSecret(application.id, id));
  }

  passwordMatches(given: string, user: Account | undefined): boolean {
    const spelt = this.dialect.nulEndsPassword ? (given.split('\0')[0] ?? '') : given;
    return sameSecret(user?.password ?? 'nobody has this password', spelt) && user !== undefined;
  }

  secretMatches(given: string, client: Application): boolean {
    return sameSecret(client.secret, given);
  }

  issue(user: Account, client: Application, grantType: string): Reply {
    const nowMs = this.nowMs();
    const grant = (this.dialect.reuseToken ? this.liveGrant(user, client) : undefined) ?? this.newGrant(user, client, grantType, nowMs);
    if (this.dialect.revokePrevious) {
      for (const old of this.tokens.values()) if (old.user === user && old.client === client && old !== grant) this.revoke(old);
    }
    this.tokens.set(grant.value, grant);
    return this.json(200, this.tokenAnswer(grant), this.tokenHeaders());
  }

  liveGrant(user: Account, client: Application): Grant | undefined {
    return [...this.tokens.values()].find((old) => old.user === user && old.client === client && old.expiresMs - this.nowMs() > 5_000);
  }

  newGrant(user: Account, client: Application, grantType: string, issuedMs: number): Grant {
    const expiresMs = issuedMs + this.lifetimeSeconds(client) * 1000;
    return { value: this.newToken(user, client, issuedMs, expiresMs), user, client, grantType, issuedMs, expiresMs };
  }

  lifetimeSeconds(client: Application): number {
    return client.lifetimeSeconds;
  }

  newToken(user: Account, client: Application, issuedMs: number, expiresMs: number): string {
    switch (this.dialect.token) {
      case 'base64url':
        return this.random(32).toString('base64url');
      case 'hex':
        return this.random(20).toString('hex');
      case 'base64':
        return this.random(40).toString('base64');
      case 'uuid':
        return this.random(16)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      case 'long':
        return this.random(400).toString('base64url');
      case 'jwt': {
        const claims = {
          sub: String(user.id),
          aud: client.id,
          jti: this.random(12).toString('hex'),
          iat: Math.floor(issuedMs / 1000),
          exp: Math.ceil(expiresMs / 1000),
        };
        return this.sign(claims);
      }
    }
  }

  sign(claims: Readonly<Record<string, unknown>>): string {
    const head = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT' })).toString('base64url');
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${head}.${body}.${this.signature(`${head}.${body}`).toString('base64url')}`;
  }

  signature(text: string): Buffer {
    return createHmac('sha256', 'a signing key that only this server knows').update(text).digest();
  }

  tokenAnswer(grant: Grant): Record<string, unknown> {
    const { expiresIn, tokenType, extraMembers } = this.dialect;
    const lifetime = Math.round((grant.expiresMs - grant.issuedMs) / 1000);
    const left = Math.floor((grant.expiresMs - this.nowMs()) / 1000);
    return {
      access_token: grant.value,
      expires_in: { number: lifetime, string: String(lifetime), remaining: left, minutes: lifetime / 60 }[expiresIn],
      token_type: tokenType,
      ...(extraMembers ? { scope: '', created_at: Math.floor(grant.issuedMs / 1000), status: 'success', http_code: 200 } : {}),
    };
  }

  tokenHeaders(): HeaderPair[] {
    return this.dialect.noStore
      ? [
          ['Cache-Control', 'no-store'],
          ['Pragma', 'no-cache'],
        ]
      : [];
  }

  // Protected resource

  userResource(viewed: Viewed, id: number): Reply {
    const { incoming, query } = viewed;
    const isHead = incoming.method === 'HEAD' && this.dialect.head;
    if (incoming.method === 'OPTIONS') return this.optionsReply('GET, HEAD, OPTIONS');
    const gated = this.dialect.gateFirst ? this.gate(viewed) : undefined;
    if (gated !== undefined && 'status' in gated) return gated;
    if (incoming.method !== 'GET' && !isHead) return this.wrongMethod('GET');
    const formats = query.get('_format') ?? [];
    if (formats.length === 0) {
      if (this.dialect.noFormat === 'html-403') return this.html(403, 'Access denied');
      if (this.dialect.noFormat === 'core-406')
        return this.core(406, 'No route found for the specified format html. Supported formats: json.');
    } else if (formats.some((format) => format !== 'json')) {
      return this.core(406, 'No route found for the requested format. Supported formats: json.');
    }
    const gate = gated ?? this.gate(viewed);
    if ('status' in gate) return gate;
    const subject = this.accounts.find((account) => account.id === id);
    if (subject === undefined) return this.core(404, 'The "user" parameter was not converted for the path "/user/{user}".');
    if (!this.mayView(gate.user, subject)) return this.forbid();
    return this.json(200, this.userDocument(gate.user, subject), [['Cache-Control', 'must-revalidate, no-cache, private']]);
  }

  /** The checks of the page, in the dialect's order; the grant when all are passed. */
  gate(viewed: Viewed): Grant | Reply {
    const presented = this.readPresented(viewed);
    let grant: Grant | undefined;
    for (const check of this.dialect.resourceOrder) {
      const outcome = this.checkPresented(check, presented);
      if (outcome === undefined) continue;
      if ('status' in outcome) return outcome;
      grant = outcome;
    }
    if (grant === undefined) return this.refuse('INVALID_ACCESS_TOKEN', 401);
    const application = this.findApplication(presented.application ?? '');
    if (this.dialect.tokenBoundToApplication && application !== grant.client) return this.refuse('INVALID_ACCESS_TOKEN', 401);
    return grant;
  }

  readPresented({ incoming, query }: Viewed): Presented {
    const { twoAuthorizations, looseSpaces, tokenElsewhere } = this.dialect;
    const lines = valuesOf(incoming, 'authorization');
    const authorization = twoAuthorizations === 'first' ? lines[0] : lines.at(-1);
    const spoilt = lines.length > 1 && twoAuthorizations === 'refused';
    const match = /^(\S+)( *)(.*)$/.exec((authorization ?? '').trim());
    const elsewhere = tokenElsewhere ? query.get('access_token')?.[0] : undefined;
    if (authorization === undefined && elsewhere !== undefined) {
      return { application: this.applicationHeader(incoming), authorization: `Bearer ${elsewhere}`, scheme: 'Bearer', token: elsewhere };
    }
    const token = match?.[3] ?? '';
    return {
      application: this.applicationHeader(incoming),
      authorization: authorization?.trim() === '' ? undefined : authorization,
      scheme: spoilt ? 'Repeated' : (match?.[1] ?? ''),
      token: !looseSpaces && (match?.[2] ?? '').length > 1 ? ` ${token}` : token,
    };
  }

  applicationHeader(incoming: Incoming): string | undefined {
    const value = valuesOf(incoming, 'auth-method').join(', ');
    const spelt = this.dialect.trimApplication ? value.trim() : value;
    return spelt === '' ? undefined : spelt;
  }

  checkPresented(check: ResourceCheck, presented: Presented): Grant | Reply | undefined {
    const { missingAuthorization, unknownApplication } = this.dialect;
    switch (check) {
      case 'application':
        if (presented.application === undefined) return this.refuse('MISSING_HEADER', 400);
        return this.findApplication(presented.application) === undefined
          ? this.refuse(unknownApplication.error, unknownApplication.status)
          : undefined;
      case 'authorization':
        return presented.authorization === undefined ? this.refuse('MISSING_AUTHORIZATION_HEADER', missingAuthorization.status) : undefined;
      case 'scheme':
        return presented.authorization === undefined || this.schemeMatches(presented.scheme) ? undefined : this.wrongScheme();
      case 'token':
        if (presented.authorization === undefined || !this.schemeMatches(presented.scheme)) return undefined;
        return presented.token === '' ? this.emptyToken() : this.checkToken(presented.token);
    }
  }

  findApplication(applicationId: string): Application | undefined {
    return this.applications.find((application) => sameSecret(application.applicationId, applicationId));
  }

  schemeMatches(scheme: string): boolean {
    return this.dialect.schemeCase === 'ignored' ? scheme.toLowerCase() === 'bearer' : scheme === 'Bearer';
  }

  wrongScheme(): Reply {
    return this.refuse('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', 405, this.dialect.wrongSchemeAllow ? [['Allow', 'GET, HEAD']] : []);
  }

  emptyToken(): Reply {
    const { emptyToken, missingAuthorization } = this.dialect;
    if (emptyToken === 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE') return this.wrongScheme();
    return this.refuse(emptyToken, emptyToken === 'INVALID_ACCESS_TOKEN' ? 401 : missingAuthorization.status);
  }

  checkToken(token: string): Grant | Reply {
    const grant = this.findToken(token);
    if (grant === undefined || !grant.user.isActive) return this.refuse('INVALID_ACCESS_TOKEN', 401);
    return this.isExpired(grant) ? this.refuse(this.dialect.expiredError, 401) : grant;
  }

  findToken(token: string): Grant | undefined {
    const foreign = this.foreignTokens.get(token);
    if (foreign !== undefined) return foreign;
    if (this.dialect.token !== 'jwt') return this.tokens.get(this.dialect.tokenCase === 'ignored' ? token.toLowerCase() : token);
    const grant = this.readJwt(token);
    return grant === undefined || this.revoked.has(grant.value) ? undefined : grant;
  }

  revoke(grant: Grant): void {
    this.tokens.delete(grant.value);
    this.revoked.set(grant.value, grant);
  }

  /** Decodes as most libraries do: padding and unused bits of the last character are passed over. */
  readJwt(token: string): Grant | undefined {
    const [head = '', body = '', signature = '', ...more] = token.split('.');
    if (more.length > 0) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const right = this.signature(`${head}.${body}`);
    if (given.byteLength !== right.byteLength || !timingSafeEqual(given, right)) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const user = this.accounts.find(({ id }) => String(id) === claims['sub']);
    const client = this.applications.find(({ id }) => id === claims['aud']);
    if (user === undefined || client === undefined) return undefined;
    return { value: token, user, client, grantType: '', issuedMs: Number(claims['iat']) * 1000, expiresMs: Number(claims['exp']) * 1000 };
  }

  isExpired(grant: Grant): boolean {
    return grant.expiresMs <= this.nowMs();
  }

  mayView(viewer: Account, subject: Account): boolean {
    if (viewer === subject || viewer.permissions.includes('administer users')) return true;
    return subject.isActive && viewer.permissions.includes('access user profiles');
  }

  forbid(): Reply {
    const reason = "The 'access user profiles' permission is required.";
    return this.dialect.forbidden === 'core' ? this.core(403, reason) : this.refuse('ACCESS_DENIED', 403);
  }

  userDocument(viewer: Account, subject: Account): Record<string, unknown> {
    const isOwn = viewer === subject;
    const isAdmin = viewer.permissions.includes('administer users');
    const created = new Date(Date.UTC(2025, 0, 1 + (subject.id % 28))).toISOString().replace('.000Z', '+00:00');
    const fields: Record<string, unknown> = {
      uid: subject.id,
      uuid: subject.uuid,
      langcode: 'en',
      name: subject.name,
      created,
      ...(isOwn || isAdmin || this.dialect.mailForAll ? { mail: subject.mail } : {}),
      ...(isOwn || isAdmin ? { timezone: 'UTC' } : {}),
      ...(isAdmin ? { status: subject.isActive } : {}),
    };
    if (this.dialect.userDocument === 'plain') return fields;
    const items = (name: string, value: unknown) => [name === 'created' ? { value, format: 'Y-m-d\\TH:i:sP' } : { value }];
    return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, items(name, value)]));
  }

  // Answers

  /** A refusal in the shape of the page. */
  refuse(error: string, status: number, headers: readonly HeaderPair[] = []): Reply {
    const challenge: HeaderPair[] = status === 401 && this.dialect.challenge ? [['WWW-Authenticate', 'Bearer realm="api"']] : [];
    return this.json(
      status,
      this.errorDocument(error, status),
      [...challenge, ...headers, ...this.tokenHeaders()],
      this.dialect.refusalContentType,
    );
  }

  errorDocument(error: string, status: number): Record<string, unknown> {
    const { httpCode, missingAuthorization, extraMembers } = this.dialect;
    const asNumber = httpCode === 'number' || (httpCode === 'printed' && error === 'MISSING_HEADER');
    const isLeftOut = error === 'MISSING_AUTHORIZATION_HEADER' && missingAuthorization.httpCode === 'absent';
    return {
      status: 'error',
      ...(isLeftOut ? {} : { http_code: asNumber ? status : String(status) }),
      error,
      error_description:
        (this.dialect.words === 'printed' ? messages[error] : undefined) ??
        `${error
          .toLowerCase()
          .replaceAll('_', ' ')
          .replace(/^./, (first) => first.toUpperCase())}.`,
      ...(extraMembers ? { request_id: `r${this.served}` } : {}),
    };
  }

  core(status: number, message: string, headers: readonly HeaderPair[] = []): Reply {
    return this.json(status, { message }, headers);
  }

  json(status: number, value: unknown, headers: readonly HeaderPair[] = [], contentType = this.dialect.contentType): Reply {
    const text = this.dialect.pretty ? JSON.stringify(value, null, 4) : JSON.stringify(value);
    return { status, headers: [['Content-Type', contentType], ...headers, ...this.ownHeaders()], body: Buffer.from(text) };
  }

  html(status: number, title: string, headers: readonly HeaderPair[] = []): Reply {
    const page = `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
    return { status, headers: [['Content-Type', 'text/html; charset=UTF-8'], ...headers, ...this.ownHeaders()], body: Buffer.from(page) };
  }

  ownHeaders(): HeaderPair[] {
    const { poweredBy } = this.dialect;
    return poweredBy === undefined ? [] : [['X-Powered-By', poweredBy]];
  }

  wrongMethod(allowed: string): Reply {
    const allow: HeaderPair = ['Allow', allowed];
    switch (this.dialect.wrongMethod) {
      case 'html-405':
        return this.html(405, 'Method not allowed', [allow]);
      case 'core-405':
        return this.core(405, `No route found: Method Not Allowed (Allow: ${allowed})`, [allow]);
      case 'envelope-405':
        return this.refuse('METHOD_NOT_ALLOWED', 405, [allow]);
      case 'envelope-400':
        return this.refuse('INVALID_REQUEST', 400);
      case 'html-404':
        return this.html(404, 'Page not found');
    }
  }

  optionsReply(allowed: string): Reply {
    if (this.dialect.options === 'refused') return this.wrongMethod(allowed);
    const cors: HeaderPair[] =
      this.dialect.options === 'cors'
        ? [
            ['Access-Control-Allow-Origin', '*'],
            ['Access-Control-Allow-Methods', allowed],
            ['Access-Control-Allow-Headers', 'authorization, auth-method, content-type'],
          ]
        : [];
    return { status: 204, headers: [['Allow', allowed], ...cors], body: Buffer.alloc(0) };
  }

  // For the suite

  /** A token of the main user that was issued long enough ago to have lived `livedSeconds`. */
  seedToken(livedSeconds: number): Grant {
    const client = this.applications.find(({ role }) => role === 'main')!;
    const user = this.accounts.find(({ role }) => role === 'main')!;
    return this.newGrant(user, client, 'password', this.nowMs() - livedSeconds * 1000);
  }

  /** The tokens of the target file: expired, revoked, and two of the OAuth Server module. */
  seedTokens(): Record<'expired' | 'revoked' | 'oauthServer' | 'oauthServerExpired', string> {
    const expired = this.seedToken(100_000);
    this.tokens.set(expired.value, expired);
    const revoked = this.seedToken(60);
    this.revoke(revoked);
    const foreign = (livedSeconds: number) => {
      const value = this.random(32).toString('hex');
      // The other module has lifetimes of its own; this one outlives every move of the clock.
      const grant = { ...this.seedToken(livedSeconds), value };
      this.foreignTokens.set(value, livedSeconds === 0 ? { ...grant, expiresMs: Number.POSITIVE_INFINITY } : grant);
      return value;
    };
    return { expired: expired.value, revoked: revoked.value, oauthServer: foreign(0), oauthServerExpired: foreign(100_000) };
  }

  target(baseUrl: string): TargetFile {
    const account = (role: string) => {
      const { id, name, password, mail } = this.accounts.find((one) => one.role === role)!;
      return { id, name, password, mail };
    };
    const application = (role: string) => {
      const { id, secret, applicationId, lifetimeSeconds } = this.applications.find((one) => one.role === role)!;
      return { id, secret, applicationId, lifetimeSeconds };
    };
    return {
      name: this.dialect.name,
      profile: 'miniorange/oauth',
      baseUrl: `${baseUrl}${this.dialect.base}`,
      clients: { main: application('main'), other: application('other'), short: application('short') },
      users: Object.fromEntries(this.accounts.map(({ role }) => [role, account(role)])),
      tokens: this.seedTokens(),
      expiry: { method: 'clock', lifetimeSeconds: application('main').lifetimeSeconds },
      limits: { timeoutSeconds: 5, ...(this.dialect.flood === undefined ? {} : { loginBudget: this.dialect.flood - 1 }) },
    };
  }
}

export interface Ask {
  readonly grantType: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

export interface Presented {
  readonly application: string | undefined;
  readonly authorization: string | undefined;
  readonly scheme: string;
  readonly token: string;
}

/** Starts it on a free port of the loopback. `POST <base>/__control/clock {"advanceSeconds": N}` moves its clock. */
export async function listen(
  server: AccessTokenServer,
): Promise<{ readonly target: TargetFile; readonly origin: string } & AsyncDisposable> {
  const http = createServer((request, response) => {
    void serve(server, request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    origin,
    target: server.target(origin),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function serve(server: AccessTokenServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return;
  }
  const body = Buffer.concat(chunks);
  const target = request.url ?? '/';
  if (target === `${server.dialect.base}/__control/clock` && request.method === 'POST') {
    const { advanceSeconds } = JSON.parse(body.toString()) as { advanceSeconds: number };
    server.advance(advanceSeconds);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  const headers = pairs(request.rawHeaders);
  let reply: Reply;
  try {
    reply = server.answer({ method: request.method ?? 'GET', target, headers, body });
  } catch {
    reply = { status: 500, headers: [['Content-Type', 'text/plain']], body: Buffer.from('Internal error') };
  }
  const { wire = {} } = reply;
  if (wire.drop === true) {
    request.socket.destroy();
    return;
  }
  if (wire.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, wire.delayMs));
  const length = wire.claimLength ?? reply.body.byteLength;
  response.strictContentLength = false;
  response.writeHead(reply.status, [...reply.headers.flat(), ...(reply.status === 204 ? [] : ['Content-Length', String(length)])]);
  if (request.method === 'HEAD') response.end();
  else if (wire.cutAfterBytes === undefined) response.end(reply.body);
  else response.write(reply.body.subarray(0, wire.cutAfterBytes), () => request.socket.destroy());
}

function pairs(flat: readonly string[]): HeaderPair[] {
  return Array.from({ length: flat.length / 2 }, (_, index): HeaderPair => [flat[2 * index] ?? '', flat[2 * index + 1] ?? '']);
}

export function valuesOf({ headers }: Incoming, name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

export function headerOf(incoming: Incoming, name: string): string | undefined {
  return valuesOf(incoming, name)[0];
}

function originForm(target: string): string {
  return target.replace(/^https?:\/\/[^/]*/i, '') || '/';
}

function splitOnce(text: string, mark: string): readonly string[] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export function parseForm(body: Buffer): Parameters {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) parameters.set(name, [...(parameters.get(name) ?? []), value]);
  return parameters;
}

function readJsonParameters(body: Buffer): Parameters | undefined {
  try {
    const value = JSON.parse(body.toString()) as unknown;
    if (typeof value !== 'object' || value === null) return undefined;
    return new Map(Object.entries(value).flatMap(([name, one]) => (typeof one === 'string' ? [[name, [one]] as const] : [])));
  } catch {
    return undefined;
  }
}

function readMultipart(body: Buffer, type: string, spelt: string): Parameters {
  const parameters = new Map<string, string[]>();
  const boundary = type.includes('boundary=') ? (/boundary="?([^";]+)"?/i.exec(spelt)?.[1] ?? '') : '';
  if (boundary === '') return parameters;
  for (const part of body.toString('utf8').split(`--${boundary}`).slice(1, -1)) {
    const match = /^\r\n[\s\S]*?name="([^"]*)"[\s\S]*?\r\n\r\n([\s\S]*)\r\n$/.exec(part);
    if (match !== null) parameters.set(match[1]!, [...(parameters.get(match[1]!) ?? []), match[2]!]);
  }
  return parameters;
}

function readBasic(header: string | undefined): { name: string; password: string } | undefined {
  const match = /^basic +([\w+/]+=*)$/i.exec(header ?? '');
  if (match === null) return undefined;
  const [name = '', password = ''] = splitOnce(Buffer.from(match[1]!, 'base64').toString(), ':');
  return { name, password };
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
function sameSecret(right: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(right), digest(given));
}

function comparable(name: string, mode: Dialect['userNames']): string {
  switch (mode) {
    case 'exact':
      return name;
    case 'ignore-case':
      return name.toLowerCase();
    case 'trimmed':
      return name.trim();
    case 'database':
      // As utf8mb4_general_ci compares: neither case, nor accents, nor spaces at the end.
      return name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/ +$/, '');
  }
}

function accountsOf({ awkwardSecrets }: Dialect): Account[] {
  const uuid = (id: number) => `5f1c9a1e-0000-4000-8000-${String(id).padStart(12, '0')}`;
  const account = (id: number, role: string, name: string, password: string, rest: Partial<Account> = {}): Account => ({
    role,
    id,
    name,
    password,
    mail: `${role}@people.example.org`,
    uuid: uuid(id),
    isActive: true,
    permissions: ['access user profiles'],
    ...rest,
  });
  return [
    account(1, 'admin', 'site-keeper', 'keeper-Kq72-Zt91', { permissions: ['access user profiles', 'administer users'] }),
    account(14, 'main', 'gateway_user', awkwardSecrets ? 'p+q 100% &=;ü"\\/?#-Kx7' : 'gateway-Pw38-Xc55'),
    account(15, 'other', 'reader_two', 'reader-Hj44-Mn08'),
    account(16, 'unpermitted', 'lonely_one', 'lonely-Bv93-Ty27', { permissions: [] }),
    account(17, 'blocked', 'gone_away', 'gone-Wd61-Rs19', { isActive: false }),
    account(18, 'unicode', 'Zoë Müller 北', 'зима-Ff20-ñandú'),
  ];
}

function applicationsOf(): Application[] {
  return [
    { role: 'main', id: 'app-4c1f77d2e0', secret: 'sec-9a0B1c2D3e4F5g6H7i8J', applicationId: '3fe1a90b', lifetimeSeconds: 3600 },
    { role: 'other', id: 'app-e81b5500aa', secret: 'sec-Qw3Er5Ty7Ui9Op1As2Df', applicationId: 'b7720c4d', lifetimeSeconds: 3600 },
    { role: 'short', id: 'app-0d6e9f3c21', secret: 'sec-Zx8Cv6Bn4Mq2Wl0Kj5Hg', applicationId: '90aa31fe', lifetimeSeconds: 60 },
  ];
}
