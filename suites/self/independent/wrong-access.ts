/**
 * Wrong behaviours of the protected resource: which header, which scheme, which token, for how long, and what it opens.
 *
 * @module
 */
import { literal } from './dialects.ts';
import {
  headerOf,
  valuesOf,
  type AccessTokenServer,
  type Account,
  type Grant,
  type Incoming,
  type Presented,
  type Reply,
} from './server.ts';
import { bend, Family, isApiRequest, replace, withHeader, withJson, withStatus, withText } from './wrong.ts';

const jwt = { ...literal, token: 'jwt' } as const;
const hex = { ...literal, token: 'hex' } as const;

const account = (server: AccessTokenServer, role: string): Account => server.accounts.find((one) => one.role === role)!;
/** A grant of the main user, as a server makes it up that lets a request pass. */
const free = (server: AccessTokenServer, role = 'main'): Grant => ({ ...server.seedToken(0), user: account(server, role) });

const presentAs =
  (change: (presented: Presented, incoming: Incoming, server: AccessTokenServer) => Presented) => (server: AccessTokenServer) =>
    replace(server, 'readPresented', (right) => (viewed) => change(right(viewed), viewed.incoming, server));

const uniqueHeader = new Family(
  'unique-header',
  [
    'missing-header/',
    'setup/unique-header',
    'protected-request/auth-method',
    'invariants/data-without-permission',
    'invariants/nothing-given',
    'invariants/either-outcome',
    'protected-request/',
    'rfc9110/',
  ],
  ['access-errors/', 'application-header/', 'several-faults/', 'protected-request/'],
);
const applicationAs = (change: (value: string | undefined, incoming: Incoming, server: AccessTokenServer) => string | undefined) =>
  presentAs((presented, incoming, server) => ({ ...presented, application: change(presented.application, incoming, server) }));
const mainId = (server: AccessTokenServer): string => server.applications[0]!.applicationId;
const knownAs = (isKnown: (given: string, id: string) => boolean) => (server: AccessTokenServer) =>
  replace(
    server,
    'findApplication',
    (right) => (given) => right(given) ?? server.applications.find(({ applicationId }) => isKnown(given, applicationId)),
  );
uniqueHeader
  .add(
    'not-needed',
    'does not need the unique header',
    applicationAs((value, _incoming, server) => value ?? mainId(server)),
  )
  .add(
    'ignored',
    'does not look at the unique header',
    applicationAs((_value, _incoming, server) => mainId(server)),
  )
  .add(
    'any-value',
    'takes any value of the unique header',
    knownAs(() => true),
  )
  .add(
    'any-eight',
    'takes any eight characters',
    knownAs((given) => given.length === 8),
  )
  .add(
    'beginning',
    'takes what begins with the application ID',
    knownAs((given, id) => given.startsWith(id)),
  )
  .add(
    'beginning-of-id',
    'takes the beginning of the application ID',
    knownAs((given, id) => id.startsWith(given)),
  )
  .add(
    'first-character',
    'looks at the first character of the application ID',
    knownAs((given, id) => given[0] === id[0]),
  )
  .add(
    'contained',
    'takes what is contained in the application ID',
    knownAs((given, id) => id.includes(given)),
  )
  .add(
    'set-of-characters',
    'compares the characters of the application ID in any order',
    knownAs((given, id) => [...given].sort().join('') === [...id].sort().join('')),
  )
  .add('client-id', 'takes the client ID for the application ID', (server) =>
    replace(server, 'findApplication', (right) => (given) => right(given) ?? server.findClient(given)),
  )
  .add(
    'method-name',
    'takes the name of the method',
    knownAs((given) => /^(oauth|basic|bearer)/i.test(given)),
  )
  .add(
    'wildcard',
    'takes % and *',
    knownAs((given) => /^[%*]$/.test(given)),
  )
  .add(
    'number',
    'takes any number',
    knownAs((given) => /^\d+$/.test(given)),
  )
  .add(
    'empty',
    'takes an empty unique header',
    applicationAs((value, incoming, server) => value ?? (valuesOf(incoming, 'auth-method').length > 0 ? mainId(server) : undefined)),
  )
  .add(
    'last-character',
    'does not look at the last character',
    knownAs((given, id) => given.slice(0, -1) === id.slice(0, -1)),
  )
  .add('not-with-a-token', 'does not need the unique header with a good token', (server) => {
    let token = '';
    presentAs((presented) => {
      token = presented.token;
      return presented;
    })(server);
    replace(
      server,
      'checkPresented',
      (right) => (check, presented) =>
        check === 'application' && server.findToken(token) !== undefined ? undefined : right(check, presented),
    );
  })
  .add(
    'not-without-a-token',
    'does not speak of the unique header if no token is sent',
    (server) =>
      replace(
        server,
        'checkPresented',
        (right) => (check, presented) =>
          check === 'application' && presented.authorization === undefined ? undefined : right(check, presented),
      ),
    { firm: false },
  )
  .add('not-on-other-accounts', 'does not need the unique header on other accounts', (server) =>
    replace(
      server,
      'userResource',
      (right) => (viewed, id) =>
        id === 14
          ? right(viewed, id)
          : right(
              {
                ...viewed,
                incoming: {
                  ...viewed.incoming,
                  headers: [['AUTH-METHOD', mainId(server)], ...viewed.incoming.headers.filter(([name]) => name !== 'AUTH-METHOD')],
                },
              },
              id,
            ),
    ),
  )
  .add(
    'from-the-query',
    'takes the application ID from the query',
    (server) =>
      replace(server, 'userResource', (right) => (viewed, id) => {
        const found = [...viewed.query].find(([name]) => /auth.?method/i.test(name))?.[1][0];
        return right(
          found === undefined
            ? viewed
            : { ...viewed, incoming: { ...viewed.incoming, headers: [...viewed.incoming.headers, ['AUTH-METHOD', found]] } },
          id,
        );
      }),
    { firm: false },
  )
  .add(
    'upper-case-name-only',
    'knows the unique header in upper case only',
    (server) => applicationAs((value, { headers }) => (headers.some(([name]) => name === 'AUTH-METHOD') ? value : undefined))(server),
    { firm: false },
  )
  .add('lower-case-name-only', 'knows the unique header in lower case only', (server) =>
    applicationAs((value, { headers }) => (headers.some(([name]) => name === 'auth-method') ? value : undefined))(server),
  )
  .add(
    'other-name',
    'calls the unique header X-Auth-Method',
    applicationAs((_value, incoming) => headerOf(incoming, 'x-auth-method')),
  )
  .add('unknown-is-missing-authorization', 'answers an unknown application ID with data of the default application', (server) =>
    replace(
      server,
      'checkPresented',
      (right) => (check, presented) =>
        check === 'application' && presented.application !== undefined ? undefined : right(check, presented),
    ),
  )
  .add('other-application-only', 'knows the other application only', (server) =>
    replace(server, 'findApplication', () => (given) => server.applications.slice(1).find(({ applicationId }) => applicationId === given)),
  )
  .add('opens-everything', 'shows an account to whoever sends a right unique header', (server) =>
    replace(
      server,
      'gate',
      (right) => (viewed) =>
        server.findApplication(server.applicationHeader(viewed.incoming) ?? '') === undefined ? right(viewed) : free(server),
    ),
  )
  .add('opens-without-authorization', 'shows an account if the unique header is right and no Authorization is sent', (server) =>
    replace(server, 'gate', (right) => (viewed) => {
      const { application, authorization } = server.readPresented(viewed);
      return server.findApplication(application ?? '') !== undefined && authorization === undefined ? free(server) : right(viewed);
    }),
  );

const schemes = new Family(
  'scheme',
  [
    'invalid-token-type/',
    'missing-authorization-header/',
    'protected-request/',
    'invariants/data-without-permission',
    'invariants/nothing-given',
    'invariants/either-outcome',
    'intro/access-only-with-valid-token',
    'rfc9110/',
    'rfc6750/',
  ],
  ['access-errors/', 'authorization-header/', 'protected-request/', 'several-faults/'],
);
const schemeAs = (isBearer: (scheme: string) => boolean) => (server: AccessTokenServer) => replace(server, 'schemeMatches', () => isBearer);
schemes
  .add(
    'any',
    'takes any scheme',
    schemeAs(() => true),
  )
  .add(
    'any-capital',
    'takes any scheme that begins with a capital',
    schemeAs((scheme) => /^[A-Z]/.test(scheme)),
  )
  .add(
    'beginning',
    'takes what begins with Bearer',
    schemeAs((scheme) => /^bearer/i.test(scheme)),
  )
  .add(
    'beginning-of-bearer',
    'takes the beginning of Bearer',
    schemeAs((scheme) => scheme !== '' && 'bearer'.startsWith(scheme.toLowerCase())),
  )
  .add(
    'end',
    'takes what ends with Bearer',
    schemeAs((scheme) => /bearer$/i.test(scheme)),
  )
  .add(
    'contained',
    'takes what contains Bearer',
    schemeAs((scheme) => /bearer/i.test(scheme)),
  )
  .add(
    'six-letters',
    'takes any six letters',
    schemeAs((scheme) => scheme.length === 6),
  )
  .add(
    'basic',
    'takes Basic for Bearer',
    schemeAs((scheme) => /^(bearer|basic)$/i.test(scheme)),
  )
  .add(
    'token',
    'takes Token for Bearer',
    schemeAs((scheme) => /^(bearer|token)$/i.test(scheme)),
  )
  .add(
    'dpop',
    'takes DPoP for Bearer',
    schemeAs((scheme) => /^(bearer|dpop)$/i.test(scheme)),
  )
  .add(
    'oauth',
    'takes OAuth for Bearer',
    schemeAs((scheme) => /^(bearer|oauth)$/i.test(scheme)),
  )
  .add(
    'lower-case-only',
    'takes bearer in lower case only',
    schemeAs((scheme) => scheme === 'bearer'),
  )
  .add(
    'upper-case-only',
    'takes BEARER in upper case only',
    schemeAs((scheme) => scheme === 'BEARER'),
  )
  .add(
    'token-only',
    'knows Token, not Bearer',
    schemeAs((scheme) => scheme === 'Token'),
  )
  .add('wrong-scheme-is-invalid-token', 'answers a wrong scheme with INVALID_ACCESS_TOKEN', (server) =>
    replace(server, 'wrongScheme', () => () => server.refuse('INVALID_ACCESS_TOKEN', 401)),
  )
  .add('wrong-scheme-is-missing', 'answers a wrong scheme with MISSING_AUTHORIZATION_HEADER', (server) =>
    replace(server, 'wrongScheme', () => () => server.refuse('MISSING_AUTHORIZATION_HEADER', 401)),
  )
  .add('basic-is-missing', 'answers Basic credentials with MISSING_AUTHORIZATION_HEADER', (server) =>
    replace(
      server,
      'checkPresented',
      (right) => (check, presented) =>
        check === 'scheme' && presented.scheme === 'Basic' ? server.refuse('MISSING_AUTHORIZATION_HEADER', 401) : right(check, presented),
    ),
  )
  .add('wrong-scheme-is-anonymous', 'lets a wrong scheme pass to Drupal, which answers 403', (server) =>
    replace(server, 'wrongScheme', () => () => server.core(403, "The 'access user profiles' permission is required.")),
  )
  .add('wrong-scheme-401', 'answers a wrong scheme with 401', (server) =>
    replace(server, 'wrongScheme', () => () => server.refuse('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', 401)),
  )
  .add('missing-is-wrong-scheme', 'answers a missing Authorization with INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', (server) =>
    replace(
      server,
      'checkPresented',
      (right) => (check, presented) =>
        check === 'authorization' && presented.authorization === undefined ? server.wrongScheme() : right(check, presented),
    ),
  )
  .add('missing-is-invalid-token', 'answers a missing Authorization with INVALID_ACCESS_TOKEN', (server) =>
    replace(
      server,
      'checkPresented',
      (right) => (check, presented) =>
        check === 'authorization' && presented.authorization === undefined
          ? server.refuse('INVALID_ACCESS_TOKEN', 401)
          : right(check, presented),
    ),
  )
  .add('missing-is-anonymous', 'lets a request without Authorization pass to Drupal, which answers 403', (server) =>
    replace(
      server,
      'checkPresented',
      (right) => (check, presented) =>
        check === 'authorization' && presented.authorization === undefined
          ? server.core(403, "The 'access user profiles' permission is required.")
          : right(check, presented),
    ),
  )
  .add('missing-passes', 'shows an account if Authorization is missing', (server) =>
    replace(
      server,
      'checkPresented',
      (right) => (check, presented) =>
        check === 'authorization' && presented.authorization === undefined ? free(server) : right(check, presented),
    ),
  )
  .add('basic-credentials', 'takes the Basic credentials of the user', (server) =>
    replace(server, 'checkPresented', (right) => (check, presented) => {
      if (check !== 'scheme' || presented.scheme !== 'Basic') return right(check, presented);
      const [name = '', password = ''] = Buffer.from(presented.token, 'base64').toString().split(/:(.*)/s);
      const user = server.findUser(name);
      return server.passwordMatches(password, user) ? free(server, user?.role) : right(check, presented);
    }),
  )
  .add('client-basic-credentials', 'takes the Basic credentials of the client', (server) =>
    replace(server, 'checkPresented', (right) => (check, presented) => {
      if (check !== 'scheme' || presented.scheme !== 'Basic') return right(check, presented);
      const [id = '', secret = ''] = Buffer.from(presented.token, 'base64').toString().split(':');
      const client = server.findClient(id);
      return client !== undefined && server.secretMatches(secret, client) ? free(server) : right(check, presented);
    }),
  )
  .add('empty-token-passes', 'shows an account if the token is empty', (server) =>
    replace(server, 'emptyToken', () => () => free(server) as unknown as Reply),
  )
  .add(
    'name-in-other-case',
    'knows Authorization in this spelling only',
    (server) =>
      presentAs((presented, { headers }) =>
        headers.some(([name]) => name === 'Authorization') ? presented : { ...presented, authorization: undefined },
      )(server),
    { firm: false },
  )
  .add(
    'x-authorization',
    'takes X-Authorization',
    presentAs((presented, incoming) => {
      const other = headerOf(incoming, 'x-authorization');
      return presented.authorization !== undefined || other === undefined
        ? presented
        : { ...presented, authorization: other, scheme: 'Bearer', token: other.replace(/^Bearer /, '') };
    }),
    { firm: false },
  )
  .add(
    'bare-token',
    'takes a token without a scheme',
    presentAs((presented) =>
      presented.token === '' && presented.authorization !== undefined
        ? { ...presented, scheme: 'Bearer', token: presented.scheme }
        : presented,
    ),
    { firm: false },
  );

const tokens = new Family(
  'token',
  [
    'invalid-access-token/',
    'intro/',
    'invariants/data-without-permission',
    'invariants/nothing-given',
    'invariants/either-outcome',
    'invariants/foreign-identity',
    'protected-request/',
    'token-response/',
    'setup/',
    'rfc6750/',
    'rfc7519/',
    'rfc8725/',
  ],
  [
    'access-errors/',
    'authorization-header/',
    'token-lifecycle/',
    'protected-request/',
    'oauth-server-token/',
    'users/',
    'token-form/',
    'expiry/given',
  ],
);
const acceptToken = (isAccepted: (given: string, right: string) => boolean) => (server: AccessTokenServer) =>
  replace(
    server,
    'findToken',
    (right) => (given) => right(given) ?? [...server.tokens.values()].findLast(({ value }) => isAccepted(given, value)),
  );
const acceptAnything = (isAccepted: (given: string, server: AccessTokenServer) => boolean) => (server: AccessTokenServer) =>
  replace(server, 'findToken', (right) => (given) => right(given) ?? (isAccepted(given, server) ? free(server) : undefined));
tokens
  .add(
    'any',
    'takes any token',
    acceptAnything(() => true),
  )
  .add(
    'any-long',
    'takes any token of more than twenty characters',
    acceptAnything((given) => given.length > 20),
  )
  .add(
    'right-length',
    'takes any token of the right length',
    acceptToken((given, right) => given.length === right.length),
  )
  .add(
    'beginning',
    'takes what begins with a token',
    acceptToken((given, right) => given.startsWith(right)),
  )
  .add(
    'beginning-of-token',
    'takes the beginning of a token',
    acceptToken((given, right) => right.startsWith(given)),
  )
  .add(
    'end',
    'takes what ends with a token',
    acceptToken((given, right) => given.endsWith(right)),
  )
  .add(
    'end-of-token',
    'takes the end of a token',
    acceptToken((given, right) => right.endsWith(given)),
  )
  .add(
    'contained',
    'takes what contains a token',
    acceptToken((given, right) => given.includes(right)),
  )
  .add(
    'contained-in-token',
    'takes what a token contains',
    acceptToken((given, right) => right.includes(given)),
  )
  .add(
    'without-case',
    'compares tokens without case',
    acceptToken((given, right) => given.toLowerCase() === right.toLowerCase()),
  )
  .add(
    'first-eight',
    'compares the first eight characters',
    acceptToken((given, right) => given.slice(0, 8) === right.slice(0, 8)),
  )
  .add(
    'last-eight',
    'compares the last eight characters',
    acceptToken((given, right) => given.slice(-8) === right.slice(-8)),
  )
  .add(
    'one-difference',
    'forgives one wrong character',
    acceptToken((given, right) => given.length === right.length && [...given].filter((one, index) => one !== right[index]).length <= 1),
  )
  .add(
    'set-of-characters',
    'compares the characters in any order',
    acceptToken((given, right) => [...given].sort().join('') === [...right].sort().join('')),
  )
  .add(
    'backwards',
    'takes a token backwards',
    acceptToken((given, right) => [...given].reverse().join('') === right),
  )
  .add(
    'base64',
    'takes a token in base64',
    acceptToken((given, right) => Buffer.from(given, 'base64').toString() === right),
  )
  .add(
    'doubled',
    'takes a doubled token',
    acceptToken((given, right) => given === right + right),
  )
  .add(
    'up-to-comma',
    'reads a token up to a comma or space',
    acceptToken((given, right) => given.split(/[ ,]/)[0] === right),
    { firm: false },
  )
  .add(
    'second-word',
    'reads the last word for the token',
    acceptToken((given, right) => given.split(/[ ,]+/).at(-1) === right),
    { firm: false },
  )
  .add(
    'client-id',
    'takes a client ID for a token',
    acceptAnything((given, server) => server.findClient(given) !== undefined),
  )
  .add(
    'client-secret',
    'takes a client secret for a token',
    acceptAnything((given, server) => server.applications.some(({ secret }) => secret === given)),
  )
  .add(
    'application-id',
    'takes an application ID for a token',
    acceptAnything((given, server) => server.findApplication(given) !== undefined),
  )
  .add(
    'user-name',
    'takes a user name for a token',
    acceptAnything((given, server) => server.accounts.some(({ name }) => name === given)),
  )
  .add(
    'user-id',
    'takes a user id for a token',
    acceptAnything((given, server) => server.accounts.some(({ id }) => String(id) === given)),
  )
  .add(
    'basic-credentials',
    'takes base64 of name and password for a token',
    acceptAnything((given, server) => {
      const text = Buffer.from(given, 'base64').toString();
      return server.accounts.some(({ name, password }) => `${name}:${password}` === text);
    }),
  )
  .add(
    'client-credentials',
    'takes base64 of client ID and secret for a token',
    acceptAnything((given, server) => {
      const text = Buffer.from(given, 'base64').toString();
      return server.applications.some(({ id, secret }) => `${id}:${secret}` === text);
    }),
  )
  .add(
    'query',
    'lets a quote in a token change the query',
    acceptAnything((given) => /'/.test(given)),
    { firm: false },
  )
  .add(
    'wildcard',
    'takes % and * for a token',
    acceptAnything((given) => /^[%*]+$/.test(given)),
  )
  .add(
    'json',
    'decodes JSON tokens without checking them',
    acceptAnything((given) => given.startsWith('{')),
  )
  .add('after-a-success', 'lets everything pass after a good token (it keeps a session)', (server) => {
    let isOpen = false;
    replace(server, 'findToken', (right) => (given) => {
      const grant = right(given);
      isOpen ||= grant !== undefined;
      return grant ?? (isOpen ? free(server) : undefined);
    });
  })
  .add('just-after-a-success', 'lets the request after a good token pass with any token', (server) => {
    let isOpen = false;
    replace(server, 'findToken', (right) => (given) => {
      const grant = right(given);
      const passes = isOpen;
      isOpen = grant !== undefined;
      return grant ?? (passes ? free(server) : undefined);
    });
  })
  .add('works-once', 'takes a token once', (server) => {
    const used = new Set<string>();
    replace(server, 'findToken', (right) => (given) => (used.has(given) ? undefined : (used.add(given), right(given))));
  })
  .add('works-twice', 'takes a token twice', (server) => {
    const used = new Map<string, number>();
    replace(server, 'findToken', (right) => (given) => {
      used.set(given, (used.get(given) ?? 0) + 1);
      return used.get(given)! > 2 ? undefined : right(given);
    });
  })
  .add('never-works', 'takes no token', (server) => replace(server, 'findToken', () => () => undefined))
  .add('password-grant-only', 'takes tokens of the password grant only', (server) =>
    replace(server, 'findToken', (right) => (given) => {
      const grant = right(given);
      return grant?.grantType === 'client_credentials' ? undefined : grant;
    }),
  )
  .add('client-credentials-only', 'takes tokens of the client credentials grant only', (server) =>
    replace(server, 'findToken', (right) => (given) => {
      const grant = right(given);
      return grant?.grantType === 'password' ? undefined : grant;
    }),
  )
  .add('revoked', 'takes revoked tokens', (server) =>
    replace(server, 'findToken', (right) => (given) => right(given) ?? server.revoked.get(given)),
  )
  .add('foreign-refused', 'refuses tokens of the OAuth Server module', (server) =>
    replace(server, 'findToken', (right) => (given) => (server.foreignTokens.has(given) ? undefined : right(given))),
  )
  .add(
    'foreign-altered',
    'takes any token that looks like one of the OAuth Server module',
    acceptAnything((given) => /^[0-9a-f]{60,70}$/i.test(given)),
  )
  .add('foreign-expired', 'takes expired tokens of the OAuth Server module', (server) =>
    replace(server, 'isExpired', (right) => (grant) => !server.foreignTokens.has(grant.value) && right(grant)),
  )
  .add('as-first-user', 'lets every token act for the first user', (server) =>
    replace(server, 'findToken', (right) => (given) => withUser(right(given), server.accounts[0]!)),
  )
  .add('as-last-user', 'lets every token act for the user of the newest token', (server) =>
    replace(
      server,
      'findToken',
      (right) => (given) => withUser(right(given), [...server.tokens.values()].at(-1)?.user ?? server.accounts[0]!),
    ),
  )
  .add('as-asked-for', 'lets every token act for the account in the path', (server) =>
    replace(server, 'userResource', (right) => (viewed, id) => {
      const reply = right(viewed, id);
      const subject = server.accounts.find((one) => one.id === id);
      return reply.status === 403 && subject !== undefined ? server.json(200, server.userDocument(subject, subject)) : reply;
    }),
  )
  .add(
    'unsigned-jwt',
    'takes a JWT without a signature',
    (server) =>
      replace(server, 'readJwt', (right) => (given) => {
        const [head = '', body = '', signature] = given.split('.');
        if (signature !== '') return right(given);
        try {
          const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg?: string };
          if (alg !== 'none') return right(given);
          const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as { sub?: unknown };
          const user = server.accounts.find(({ id, name }) => String(id) === String(claims.sub) || name === claims.sub);
          return free(server, user?.role ?? 'main');
        } catch {
          return right(given);
        }
      }),
    { dialect: jwt },
  )
  .add(
    'jwt-signature-not-checked',
    'does not check the signature of a JWT',
    (server) => replace(server, 'readJwt', () => (given) => readUnchecked(server, given)),
    { dialect: jwt },
  )
  .add(
    'jwt-signature-length',
    'checks only the length of the signature of a JWT',
    (server) =>
      replace(server, 'readJwt', () => (given) => (given.split('.')[2]?.length === 43 ? readUnchecked(server, given) : undefined)),
    { dialect: jwt },
  )
  .add(
    'jwt-beginning-of-signature',
    'checks the beginning of the signature of a JWT',
    (server) =>
      replace(server, 'readJwt', () => (given) => {
        const [head = '', body = '', signature = ''] = given.split('.');
        return server.signature(`${head}.${body}`).toString('base64url').startsWith(signature.slice(0, 8)) && signature.length >= 8
          ? readUnchecked(server, given)
          : undefined;
      }),
    { dialect: jwt },
  )
  .add(
    'jwt-expiry-not-checked',
    'does not check the expiry of a JWT',
    (server) => replace(server, 'isExpired', (right) => (grant) => server.foreignTokens.has(grant.value) && right(grant)),
    { dialect: jwt },
  )
  .add(
    'hex-only-first-half',
    'compares the first half of a token',
    acceptToken((given, right) => given.slice(0, 20) === right.slice(0, 20)),
    { dialect: hex },
  )
  .add('ended-by-refusal', 'ends all tokens of an application if one request is refused', (server) =>
    replace(server, 'refuse', (right) => (error, status, headers) => {
      if (error === 'INVALID_CLIENT_ID') for (const grant of server.tokens.values()) server.revoke(grant);
      return right(error, status, headers);
    }),
  )
  .add('ended-by-another-user', 'ends the tokens of all users when one gets a new one', (server) =>
    replace(server, 'issue', (right) => (user, client, grantType) => {
      for (const grant of server.tokens.values()) if (grant.user !== user) server.revoke(grant);
      return right(user, client, grantType);
    }),
  )
  .add(
    'ended-by-another-grant',
    'ends the token of one grant when the other is used',
    (server) =>
      replace(server, 'issue', (right) => (user, client, grantType) => {
        for (const grant of server.tokens.values()) if (grant.user === user && grant.grantType !== grantType) server.revoke(grant);
        return right(user, client, grantType);
      }),
    { firm: false },
  )
  .add('bound-to-connection', 'takes a token in the first three requests after it was issued only', (server) => {
    const lives = new Map<string, number>();
    replace(server, 'findToken', (right) => (given) => {
      lives.set(given, (lives.get(given) ?? 0) + 1);
      return lives.get(given)! > 3 ? undefined : right(given);
    });
  });

function withUser(grant: Grant | undefined, user: Account): Grant | undefined {
  return grant === undefined ? undefined : { ...grant, user };
}

function readUnchecked(server: AccessTokenServer, token: string): Grant | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
    const user = server.accounts.find(({ id }) => String(id) === claims['sub']);
    return user === undefined ? undefined : { ...free(server), user, expiresMs: Number(claims['exp']) * 1000 };
  } catch {
    return undefined;
  }
}

const made = new Family(
  'made-token',
  [
    'intro/secure-token',
    'rfc6749/10.10/',
    'invariants/foreign-identity',
    'invariants/secret-echo',
    'intro/password-not-exposed',
    'contradictions/expired-token',
    'setup/token-expiry',
    'token-response/',
  ],
  ['token-lifecycle/', 'token-response/', 'expiry/new-token-works', 'token-form/', 'password-grant/', 'client-credentials-grant/'],
);
const makeToken =
  (make: (server: AccessTokenServer, count: number, user: Account, issuedMs: number) => string) => (server: AccessTokenServer) => {
    let count = 0;
    replace(server, 'newToken', () => (user, _client, issuedMs) => make(server, ++count, user, issuedMs));
  };
made
  .add(
    'number',
    'counts its tokens',
    makeToken((_server, count) => String(1000 + count)),
  )
  .add(
    'padded-number',
    'counts its tokens, with zeros before',
    makeToken((_server, count) => String(count).padStart(32, '0')),
  )
  .add(
    'constant-and-number',
    'counts its tokens behind a constant',
    makeToken((_server, count) => `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c${String(count).padStart(6, '0')}`),
  )
  .add(
    'counted-hex',
    'counts its tokens in hexadecimal',
    makeToken((_server, count) => (0xabcdef0000 + count).toString(16).padStart(40, '7')),
  )
  .add(
    'short',
    'makes tokens of eight characters',
    makeToken((server) => server.random(6).toString('base64url')),
  )
  .add(
    'four-digits',
    'makes tokens of four digits',
    makeToken((server) => String(1000 + (server.random(2).readUInt16BE() % 9000))),
  )
  .add(
    'twelve',
    'makes tokens of twelve characters',
    makeToken((server) => server.random(9).toString('base64url')),
  )
  .add(
    'digits',
    'makes tokens of twenty digits',
    makeToken((server) =>
      BigInt(`0x${server.random(9).toString('hex')}`)
        .toString()
        .padStart(20, '1')
        .slice(0, 20),
    ),
  )
  .add(
    'same-for-all',
    'gives one token to everybody',
    makeToken(() => '7d793037a0760186574b0282f2f435e7c0ffee00'),
  )
  .add(
    'same-for-a-user',
    'gives a user the same token for ever',
    makeToken((_server, _count, user) =>
      Buffer.from(`${user.uuid}${user.uuid}`.replaceAll('-', '').slice(8, 56), 'hex').toString('base64url'),
    ),
  )
  .add(
    'user-name',
    'begins a token with the user name',
    makeToken((server, _count, user) => `${user.name.replace(/\W/g, '')}${server.random(24).toString('base64url')}`),
    { firm: false },
  )
  .add(
    'time',
    'makes tokens of the time',
    makeToken((_server, _count, _user, issuedMs) =>
      Math.floor(issuedMs / 1000)
        .toString(16)
        .padStart(32, '0'),
    ),
  )
  .add(
    'password',
    'puts the password into the token',
    makeToken(
      (server, _count, user) =>
        `${Buffer.from(`${user.name}:${user.password}`).toString('base64url')}.${server.random(16).toString('base64url')}`,
    ),
  )
  .add(
    'client-secret',
    'gives the client secret for a token',
    makeToken((server) => server.applications[0]!.secret),
  )
  .add(
    'unsigned-jwt',
    'makes JWTs that nobody has signed',
    (server) =>
      replace(
        server,
        'sign',
        () => (claims) =>
          `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
      ),
    { dialect: jwt },
  );

const expiry = new Family(
  'expiry',
  [
    'token-response/expiry-time',
    'setup/token-expiry',
    'contradictions/expired-token',
    'token-expired/',
    'invalid-access-token/',
    'rfc6749/5.1/expires-in',
    'invariants/data-without-permission',
    'rfc6750/',
    'protected-request/success',
  ],
  ['expiry/', 'token-response/', 'oauth-server-token/'],
);
const expireAs = (isExpired: (grant: Grant, nowMs: number, server: AccessTokenServer) => boolean) => (server: AccessTokenServer) =>
  replace(
    server,
    'isExpired',
    (right) => (grant) => (server.foreignTokens.has(grant.value) ? right(grant) : isExpired(grant, server.nowMs(), server)),
  );
const lifeOf = ({ issuedMs, expiresMs }: Grant): number => expiresMs - issuedMs;
expiry
  .add(
    'never',
    'never lets a token expire',
    expireAs(() => false),
  )
  .add(
    'twice-as-late',
    'lets a token live twice as long as it says',
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs + lifeOf(grant)),
  )
  .add(
    'minutes-for-seconds',
    'lets a token live sixty times as long as it says',
    expireAs((grant, nowMs) => nowMs >= grant.issuedMs + 60 * lifeOf(grant)),
  )
  .add(
    'minute-late',
    'lets a token live a minute too long',
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs + 60_000),
  )
  .add(
    'five-seconds-late',
    'lets a token live five seconds too long',
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs + 5_000),
  )
  .add(
    'half',
    'ends a token at half of its life',
    expireAs((grant, nowMs) => nowMs >= grant.issuedMs + lifeOf(grant) / 2),
  )
  .add(
    'tenth-early',
    'ends a token a tenth early',
    expireAs((grant, nowMs) => nowMs >= grant.issuedMs + lifeOf(grant) * 0.9),
  )
  .add(
    'minute-early',
    'ends a token a minute early',
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs - 60_000),
  )
  .add(
    'seconds-for-minutes',
    'ends a token after a sixtieth of its life',
    expireAs((grant, nowMs) => nowMs >= grant.issuedMs + lifeOf(grant) / 60),
  )
  .add(
    'five-seconds-early',
    'ends a token five seconds early',
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs - 5_000),
  )
  .add('sliding', 'prolongs a token with every use', (server) => {
    const used = new Map<string, number>();
    expireAs((grant, nowMs) => {
      const since = used.get(grant.value) ?? grant.issuedMs;
      if (nowMs >= since + lifeOf(grant)) return true;
      used.set(grant.value, nowMs);
      return false;
    })(server);
  })
  .add('used-tokens-live', 'does not let a token expire that was used', (server) => {
    const used = new Set<string>();
    expireAs((grant, nowMs) => {
      if (nowMs < grant.expiresMs) used.add(grant.value);
      return !used.has(grant.value) && nowMs >= grant.expiresMs;
    })(server);
  })
  .add('unused-tokens-live', 'does not let a token expire that was never used', (server) => {
    const used = new Set<string>();
    expireAs((grant, nowMs) => {
      const isFirst = !used.has(grant.value);
      used.add(grant.value);
      return !isFirst && nowMs >= grant.expiresMs;
    })(server);
  })
  .add(
    'client-credentials-never',
    'never lets a token of the client credentials grant expire',
    expireAs((grant, nowMs) => grant.grantType !== 'client_credentials' && nowMs >= grant.expiresMs),
  )
  .add(
    'password-never',
    'never lets a token of the password grant expire',
    expireAs((grant, nowMs) => grant.grantType !== 'password' && nowMs >= grant.expiresMs),
  )
  .add('one-more-use', 'takes an expired token once more', (server) => {
    const late = new Set<string>();
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs && (late.has(grant.value) || !late.add(grant.value)))(server);
  })
  .add('revived', 'revives an expired token when a new one is issued', (server) => {
    const revived = new Set<string>();
    replace(server, 'issue', (right) => (user, client, grantType) => {
      for (const old of server.tokens.values()) if (old.user === user) revived.add(old.value);
      return right(user, client, grantType);
    });
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs && !revived.has(grant.value))(server);
  })
  .add('ends-all', 'ends the tokens of everybody with the first that expires', (server) => {
    expireAs((grant, nowMs) => {
      const isLate = nowMs >= grant.expiresMs;
      if (isLate) for (const other of server.tokens.values()) server.revoke(other);
      return isLate;
    })(server);
  })
  .add('inherited', 'gives a new token what is left of the life of the one before', (server) =>
    replace(server, 'newGrant', (right) => (user, client, grantType, issuedMs) => {
      const grant = right(user, client, grantType, issuedMs);
      const old = [...server.tokens.values()].find((one) => one.user === user && one.client === client && one.expiresMs > issuedMs);
      return old === undefined ? grant : { ...grant, issuedMs: old.issuedMs, expiresMs: old.expiresMs };
    }),
  )
  .add('reused-with-full-life', 'returns a token again, and says that it has all its life before it', () => {}, {
    dialect: { ...literal, reuseToken: true },
    firm: false,
  })
  .add(
    'seeded-expired-works',
    'takes tokens that have been expired for a day',
    expireAs((grant, nowMs) => nowMs >= grant.expiresMs && nowMs < grant.expiresMs + 86_000_000),
  )
  .add(
    'no-new-token',
    'issues no new token after one has expired',
    (server) =>
      replace(
        server,
        'issue',
        (right) => (user, client, grantType) =>
          [...server.tokens.values()].some(
            (old) => old.user === user && server.isExpired(old) && old.issuedMs > server.nowMs() - 90_000_000,
          )
            ? server.refuse('TOKEN_EXPIRED', 401)
            : right(user, client, grantType),
      ),
    { blocks: true },
  )
  .add('expired-is-403', 'answers an expired token with 403', (server) =>
    replace(server, 'checkToken', (right) => (token) => {
      const grant = server.findToken(token);
      return grant !== undefined && server.isExpired(grant) ? server.core(403, 'Access denied.') : right(token);
    }),
  )
  .add('expired-is-anonymous', 'shows an expired token what strangers may see: an account', (server) =>
    replace(server, 'checkToken', (right) => (token) => {
      const outcome = right(token);
      return 'status' in outcome && server.findToken(token) !== undefined ? free(server) : outcome;
    }),
  )
  .add('expired-own-error', 'answers an expired token with INVALID_TOKEN', (server) =>
    replace(
      server,
      'refuse',
      (right) => (error, status, headers) => right(error === 'TOKEN_EXPIRED' ? 'INVALID_TOKEN' : error, status, headers),
    ),
  );
const advertise = (expiresIn: (seconds: number, server: AccessTokenServer) => unknown) => (server: AccessTokenServer) =>
  replace(server, 'tokenAnswer', (right) => (grant) => ({ ...right(grant), expires_in: expiresIn(lifeOf(grant) / 1000, server) }));
expiry
  .add(
    'advertised-in-minutes',
    'says the lifetime in minutes',
    advertise((seconds) => seconds / 60),
    { firm: false },
  )
  .add(
    'advertised-in-milliseconds',
    'says the lifetime in milliseconds',
    advertise((seconds) => seconds * 1000),
  )
  .add(
    'advertised-as-moment',
    'says the moment of expiry for the lifetime',
    advertise((seconds, server) => Math.floor(server.nowMs() / 1000 + seconds)),
    { firm: false },
  )
  .add(
    'advertised-twice',
    'says twice the lifetime',
    advertise((seconds) => seconds * 2),
  )
  .add(
    'advertised-half',
    'says half the lifetime',
    advertise((seconds) => seconds / 2),
  )
  .add(
    'advertised-a-day',
    'says a day whatever the lifetime',
    advertise(() => 86_400),
  )
  .add(
    'advertised-a-minute',
    'says a minute whatever the lifetime',
    advertise(() => 60),
    { firm: false },
  )
  .add('configured-not-kept', 'does not keep to the configured lifetime', (server) => replace(server, 'lifetimeSeconds', () => () => 1_000))
  .add(
    'short-is-long',
    'gives a client with short-lived tokens the lifetime of the others',
    (server) => replace(server, 'lifetimeSeconds', () => () => 3_600),
    { firm: false },
  );

const gate = new Family(
  'gate',
  [
    'intro/access-only-with-valid-token',
    'invariants/data-without-permission',
    'invariants/nothing-given',
    'missing-authorization-header/',
    'missing-header/',
    'invalid-access-token/',
    'invariants/either-outcome',
    'setup/',
  ],
  ['format/', 'paths/', 'methods/', 'authorization-header/', 'access-errors/', 'users/', 'several-faults/'],
);
/** Serves the account without a look at the credentials if the request has some trait. */
const bypass =
  (has: (incoming: Incoming, path: string, query: string) => boolean, find?: (path: string) => number | undefined) =>
  (server: AccessTokenServer) =>
    replace(server, 'answer', (right) => (incoming) => {
      const [path = '', query = ''] = incoming.target.split(/\?(.*)/s);
      if (!has(incoming, path, query)) return right(incoming);
      const id = find === undefined ? Number(/user[^\d]*0*(\d+)/i.exec(safely(path))?.[1]) : find(path);
      const subject = server.accounts.find((one) => one.id === id);
      return subject === undefined ? right(incoming) : server.json(200, server.userDocument(subject, subject));
    });
const safely = (path: string): string => {
  try {
    return decodeURIComponent(decodeURIComponent(path));
  } catch {
    return path;
  }
};
const isPlain = (path: string): boolean => /^\/user\/\d+$/.test(path);
gate
  .add(
    'format-not-first',
    'looks for _format in the first place of the query only',
    bypass((_incoming, path, query) => isPlain(path) && query.includes('_format=json') && !query.startsWith('_format=')),
  )
  .add(
    'format-not-last',
    'looks for _format in the last place of the query only',
    bypass((_incoming, path, query) => isPlain(path) && query.includes('_format=json') && !query.endsWith('_format=json')),
  )
  .add(
    'format-name-encoded',
    'does not know _format if its name is encoded',
    bypass((_incoming, path, query) => isPlain(path) && !query.includes('_format=') && /_format=json/.test(safely(query))),
  )
  .add(
    'format-value-encoded',
    'does not know json if it is encoded',
    bypass(
      (_incoming, path, query) => isPlain(path) && query.includes('_format=') && !query.includes('json') && /json/.test(safely(query)),
    ),
  )
  .add(
    'format-missing',
    'does not look at the credentials if _format is missing',
    bypass((_incoming, path, query) => isPlain(path) && !/_format/i.test(safely(query))),
  )
  .add(
    'format-empty',
    'does not look at the credentials if _format is empty',
    bypass((_incoming, path, query) => isPlain(path) && /_format=(&|$)/.test(query)),
  )
  .add(
    'format-xml',
    'does not look at the credentials if _format is xml',
    bypass((_incoming, path, query) => isPlain(path) && query === '_format=xml'),
  )
  .add(
    'format-hal',
    'does not look at the credentials if _format is hal_json',
    bypass((_incoming, path, query) => isPlain(path) && query === '_format=hal_json'),
  )
  .add(
    'format-upper-case',
    'does not look at the credentials if _format is JSON',
    bypass((_incoming, path, query) => isPlain(path) && /_format=JSON/.test(query)),
  )
  .add(
    'format-repeated',
    'does not look at the credentials if _format is repeated',
    bypass((_incoming, path, query) => isPlain(path) && query.split('_format').length > 2),
  )
  .add(
    'admin-in-query',
    'lets administration paths pass, even in the query',
    bypass((_incoming, path, query) => isPlain(path) && query.includes('/admin')),
  )
  .add(
    'login-in-query',
    'lets the login path pass, even in the query',
    bypass((_incoming, path, query) => isPlain(path) && query.includes('/user/login')),
  )
  .add(
    'upper-case-path',
    'does not know a path in upper case',
    bypass((_incoming, path) => /\/USER\/\d+$/.test(path)),
  )
  .add(
    'capital-path',
    'does not know a path with a capital',
    bypass((_incoming, path) => /\/User\/\d+$/.test(path)),
  )
  .add(
    'slash-after',
    'does not know a path with a slash behind',
    bypass((_incoming, path) => /^\/user\/\d+\/$/.test(path)),
  )
  .add(
    'slash-before',
    'does not know a path with two slashes before',
    bypass((_incoming, path) => /^\/\/user\/\d+$/.test(path)),
  )
  .add(
    'slash-doubled',
    'does not know a path with two slashes within',
    bypass((_incoming, path) => /^\/user\/\/\d+$/.test(path)),
  )
  .add(
    'dot',
    'does not know a path with a dot',
    bypass((_incoming, path) => path.includes('/./')),
  )
  .add(
    'dot-dot',
    'does not know a path with two dots',
    bypass((_incoming, path) => path.includes('/../')),
  )
  .add(
    'letter-encoded',
    'does not know a path with an encoded letter',
    bypass((_incoming, path) => /%[57][0-9a-f]/i.test(path) && /\/user\//.test(safely(path))),
  )
  .add(
    'slash-encoded',
    'does not know a path with an encoded slash',
    bypass((_incoming, path) => /%2f/i.test(path) && /user/.test(path)),
  )
  .add(
    'backslash',
    'does not know a path with a backslash',
    bypass((_incoming, path) => /\\|%5c/i.test(path)),
  )
  .add(
    'matrix',
    'does not know a path with a semicolon',
    bypass((_incoming, path) => path.includes(';')),
  )
  .add(
    'extension',
    'does not know a path with an extension',
    bypass((_incoming, path) => /\/user\/\d+\.json$/.test(path)),
  )
  .add(
    'index-php',
    'does not know a path behind index.php',
    bypass((_incoming, path) => path.includes('index.php')),
  )
  .add(
    'entity-path',
    'does not know /entity/user',
    bypass((_incoming, path) => path.includes('/entity/user/')),
  )
  .add(
    'leading-zero',
    'does not know an id with a leading zero',
    bypass((_incoming, path) => /\/user\/0\d+$/.test(path)),
  )
  .add(
    'id-encoded',
    'does not know an encoded id',
    bypass((_incoming, path) => /\/user\/%3\d/.test(path)),
  )
  .add(
    'user-name',
    'does not know a user name in the path',
    bypass(
      (_incoming, path) => /\/user\/[a-z]/.test(path),
      () => 14,
    ),
  )
  .add(
    'forwarded-for',
    'lets a request pass that says it comes from the same machine',
    bypass((incoming, path) => isPlain(path) && /127\.0\.0\.1|localhost/.test(headerOf(incoming, 'x-forwarded-for') ?? '')),
  )
  .add(
    'original-url',
    'looks at X-Original-URL for the path',
    bypass((incoming, path) => isPlain(path) && headerOf(incoming, 'x-original-url') !== undefined),
  )
  .add(
    'referer',
    'lets a request pass that comes from a page of the site',
    bypass((incoming, path) => isPlain(path) && headerOf(incoming, 'referer') !== undefined),
  )
  .add(
    'origin',
    'lets a request pass with an Origin',
    bypass((incoming, path) => isPlain(path) && headerOf(incoming, 'origin') !== undefined && incoming.method === 'GET'),
  )
  .add(
    'cookie',
    'lets a request pass with any session cookie',
    bypass((incoming, path) => isPlain(path) && /SESS/.test(headerOf(incoming, 'cookie') ?? '')),
  )
  .add(
    'remote-user',
    'believes X-Remote-User',
    bypass((incoming, path) => isPlain(path) && incoming.headers.some(([name]) => /^x-(remote|forwarded)-user$|^remote-user$/i.test(name))),
  )
  .add(
    'api-key',
    'takes anything for an API key',
    bypass((incoming, path) => isPlain(path) && incoming.headers.some(([name]) => /api-?key/i.test(name))),
  )
  .add(
    'british',
    'takes Authorisation, with any value',
    bypass((incoming, path) => isPlain(path) && headerOf(incoming, 'authorisation') !== undefined),
  )
  .add(
    'token-in-query',
    'takes any token in the query',
    bypass((_incoming, path, query) => isPlain(path) && /access_token=/.test(query)),
  )
  .add(
    'accept-missing',
    'does not look at the credentials if Accept is missing',
    bypass(
      (incoming, path) =>
        isPlain(path) &&
        headerOf(incoming, 'accept') === undefined &&
        headerOf(incoming, 'auth-method') !== undefined &&
        incoming.method === 'GET',
    ),
  )
  .add(
    'accept-html',
    'does not look at the credentials if Accept is text/html',
    bypass((incoming, path) => isPlain(path) && /html/.test(headerOf(incoming, 'accept') ?? '')),
  )
  .add(
    'content-type-missing',
    'does not look at the credentials if Content-Type is missing',
    bypass((incoming, path) => isPlain(path) && headerOf(incoming, 'content-type') === undefined && incoming.method === 'GET'),
  )
  .add(
    'ajax',
    'lets a request pass that says it is of a script',
    bypass((incoming, path) => isPlain(path) && headerOf(incoming, 'x-requested-with') !== undefined),
  )
  .add(
    'two-authorizations',
    'does not look at the credentials if there are two Authorization headers',
    bypass((incoming, path) => isPlain(path) && valuesOf(incoming, 'authorization').length > 1),
  )
  .add(
    'two-unique-headers',
    'does not look at the credentials if there are two unique headers',
    bypass((incoming, path) => isPlain(path) && valuesOf(incoming, 'auth-method').length > 1),
    { firm: false },
  )
  .add(
    'other-accounts',
    'does not look at the credentials for other accounts',
    bypass(
      (_incoming, path) => isPlain(path),
      (path) => (path.endsWith('/15') ? 15 : undefined),
    ),
  )
  .add(
    'administrator',
    'does not look at the credentials for the account of the administrator',
    bypass(
      (_incoming, path) => path === '/user/1',
      () => 1,
    ),
  );
for (const method of ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
  gate.add(
    `method-${method.toLowerCase()}`,
    `does not look at the credentials of ${method}`,
    bypass(({ method: given }, path) => given === method && isPlain(path)),
  );
}
for (const [name, header] of [
  ['override-header', 'x-http-method-override'],
  ['override-other-header', 'x-http-method'],
] as const) {
  gate.add(
    name,
    `does not look at the credentials if ${header} is there`,
    bypass((incoming, path) => isPlain(path) && headerOf(incoming, header) !== undefined),
  );
}
gate.add(
  'override-parameter',
  'does not look at the credentials if _method is in the query',
  bypass((_incoming, path, query) => isPlain(path) && query.includes('_method=')),
);

const permissions = new Family(
  'permission',
  [
    'setup/permission',
    'invariants/data-without-permission',
    'invariants/foreign-identity',
    'protected-request/',
    'setup/',
    'invariants/nothing-given',
    'invariants/server-error',
    'rfc9110/',
    'intro/',
  ],
  ['users/', 'protected-request/', 'authorization-header/', 'access-errors/'],
);
permissions
  .add('not-checked', 'shows every account to everybody with a token', (server) => replace(server, 'mayView', () => () => true))
  .add('reversed', 'shows accounts to those only who may not view them', (server) =>
    replace(server, 'mayView', () => (viewer, subject) => viewer === subject || !viewer.permissions.includes('access user profiles')),
  )
  .add('not-for-client-credentials', 'does not look at permissions in the client credentials grant', (server) => {
    let grantType = '';
    replace(server, 'checkToken', (right) => (token) => {
      const outcome = right(token);
      if (!('status' in outcome)) ({ grantType } = outcome);
      return outcome;
    });
    replace(server, 'mayView', (right) => (viewer, subject) => grantType === 'client_credentials' || right(viewer, subject));
  })
  .add('own-account-only', 'shows nobody an account but the own one', (server) =>
    replace(server, 'mayView', () => (viewer, subject) => viewer === subject),
  )
  .add('cached-by-path', 'answers from a cache that knows the path only', (server) => {
    const cache = new Map<string, Reply>();
    replace(server, 'answer', (right) => (incoming) => {
      const known = isApiRequest(incoming) ? cache.get(incoming.target) : undefined;
      const reply = known ?? right(incoming);
      if (reply.status === 200 && isApiRequest(incoming) && incoming.method === 'GET') cache.set(incoming.target, reply);
      return reply;
    });
  })
  .add('cached-with-permission', 'answers from a cache that knows path and application only, for good tokens', (server) => {
    const cache = new Map<number, Reply>();
    replace(server, 'userResource', (right) => (viewed, id) => {
      const reply = right(viewed, id);
      if (reply.status === 200) cache.set(id, reply);
      return reply.status === 403 ? (cache.get(id) ?? reply) : reply;
    });
  })
  .add('refusal-with-account', 'sends the account with its refusal', (server) =>
    replace(server, 'userResource', (right) => (viewed, id) => {
      const reply = right(viewed, id);
      const subject = server.accounts.find((one) => one.id === id);
      return reply.status === 403 && subject !== undefined
        ? withJson(reply, (document) => ({ ...document, ...server.userDocument(subject, subject) }))
        : reply;
    }),
  )
  .add('refusal-200', 'answers 200 to a user who may not see the account', (server) =>
    replace(server, 'forbid', (right) => () => withStatus(right(), 200)),
  )
  .add('refusal-500', 'answers 500 to a user who may not see the account', (server) =>
    replace(server, 'forbid', (right) => () => withStatus(right(), 500)),
  )
  .add(
    'refusal-redirected',
    'sends a user who may not see the account to the login page',
    (server) => replace(server, 'forbid', (right) => () => withHeader(withStatus(right(), 302), 'Location', '/user/login')),
    { firm: false },
  )
  .add('refusal-empty-account', 'shows an account without fields to a user who may not see it', (server) =>
    replace(server, 'forbid', () => () => server.json(200, { uid: [], name: [] })),
  )
  .add('unknown-account-500', 'answers 500 for an account that does not exist', (server) =>
    replace(server, 'userResource', (right) => (viewed, id) => {
      const reply = right(viewed, id);
      return reply.status === 404 ? withStatus(reply, 500) : reply;
    }),
  )
  .add(
    'unknown-account-200',
    'answers 200 for an account that does not exist',
    (server) =>
      replace(server, 'userResource', (right) => (viewed, id) => {
        const reply = right(viewed, id);
        return reply.status === 404 ? withText(withStatus(reply, 200), '[]') : reply;
      }),
    { firm: false },
  )
  .add(
    'unknown-account-own',
    'shows the own account for one that does not exist',
    (server) =>
      replace(server, 'userResource', (right) => (viewed, id) => {
        const reply = right(viewed, id);
        return reply.status === 404 ? right(viewed, 14) : reply;
      }),
    { firm: false },
  )
  .add(
    'refusal-401',
    'answers 401 to a user who may not see the account',
    (server) => replace(server, 'forbid', () => () => server.refuse('INVALID_ACCESS_TOKEN', 401)),
    { firm: false },
  )
  .add(
    'refusal-as-missing',
    'says that an account does not exist to a user who may not see it',
    (server) => replace(server, 'forbid', () => () => server.core(404, 'Not found.')),
    { firm: false },
  )
  .add(
    'blocked-accounts',
    'shows blocked accounts to everybody with a token',
    (server) =>
      replace(server, 'mayView', () => (viewer, subject) => viewer === subject || viewer.permissions.includes('access user profiles')),
    { firm: false },
  )
  .add(
    'as-administrator',
    'shows everybody what an administrator may see',
    (server) =>
      replace(server, 'userDocument', (right) => (viewer, subject) => right({ ...viewer, permissions: ['administer users'] }, subject)),
    { firm: false },
  );

const faults = new Family(
  'several-faults',
  [
    'missing-header/',
    'missing-authorization-header/',
    'invalid-token-type/',
    'invariants/',
    'intro/access-only-with-valid-token',
    'invalid-access-token/',
  ],
  ['several-faults/', 'access-errors/', 'application-header/', 'authorization-header/'],
);
faults
  .add('two-faults-pass', 'lets a request pass that has two faults', (server) =>
    replace(server, 'gate', (right) => (viewed) => {
      const { application, authorization } = server.readPresented(viewed);
      return application === undefined && authorization === undefined ? free(server) : right(viewed);
    }),
  )
  .add('unknown-application-and-scheme', 'lets a request pass with an unknown application and a wrong scheme', (server) =>
    replace(server, 'gate', (right) => (viewed) => {
      const { application, scheme } = server.readPresented(viewed);
      return application !== undefined && server.findApplication(application) === undefined && !server.schemeMatches(scheme)
        ? free(server)
        : right(viewed);
    }),
  )
  .add('500-with-two-faults', 'fails if a request has two faults', (server) =>
    replace(server, 'gate', (right) => (viewed) => {
      const { application, authorization } = server.readPresented(viewed);
      return application === undefined && authorization === undefined ? server.html(500, 'Internal server error') : right(viewed);
    }),
  );

const challenge = new Family('headers', ['rfc', 'invariants/', 'setup/'], ['access-errors/', 'methods/', 'token-methods/'], {
  firm: false,
});
challenge.add('no-allow', 'has no Allow with 405', (server) =>
  bend(
    server,
    (_incoming, { status }) => status === 405,
    (reply) => ({ ...reply, headers: reply.headers.filter(([name]) => name !== 'Allow') }),
  ),
);

export const wrongAccess = [uniqueHeader, schemes, tokens, made, expiry, gate, permissions, faults, challenge].flatMap(({ all }) => all);
