/**
 * Passwords, client IDs and client secrets that are not looked at, or not closely enough.
 *
 * @module
 */
import { encodeBase64 } from '../../bytes.ts';
import { findUser } from '../../site.ts';
import {
  allOf,
  asForm,
  asking,
  bendWhen,
  deciding,
  formOf,
  isTokenRequest,
  issuing,
  onlyFor,
  readAs,
  remembering,
  requestHeader,
  withForm,
} from '../mutant.ts';
import { clientCounts, firstApplication, grantAll, mutant, passwordCounts, secretCounts, stateOf, userNameCounts } from './make.ts';

const password = ['invalid-credentials/when', 'password-grant/password', '/invariants/token-for-bad-credentials'];
const userName = ['invalid-credentials/when', 'password-grant/username', '/invariants/token-for-bad-credentials'];
const userNamed = ['client-credentials-grant/username', '/invariants/token-for-bad-credentials'];
const clientId = ['invalid-client-id/when', 'password-grant/client-id', '/invariants/token-for-bad-credentials'];
const secret = ['invalid-client-secret/when', 'client-credentials-grant/client-secret', '/invariants/token-for-bad-credentials'];
const leftOut = ['missing-username/any-parameter', '/invariants/token-for-bad-credentials'];

const sum = (text: string): number => [...text].reduce((total, character) => total + character.charCodeAt(0), 0);

/** SQL's LIKE, as a query without bound parameters would compare. */
function like(pattern: string, value: string): boolean {
  const escaped = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return pattern.includes('%') && new RegExp(`^${escaped}$`, 'is').test(value);
}

const passwords = [
  mutant('wrong-password-accepted', 'The password grant does not look at the password', password, deciding('miniorange.ignorePassword')),
  mutant(
    'password-case-folded',
    'Passwords are compared without case',
    password,
    passwordCounts((given, right) => given?.toLowerCase() === right.toLowerCase()),
  ),
  mutant(
    'password-may-go-on',
    'A password that begins with the right one is accepted',
    password,
    passwordCounts((given, right) => given?.startsWith(right) === true),
  ),
  mutant(
    'password-may-end-early',
    'A password without its last character is accepted',
    password,
    passwordCounts((given, right) => given === right.slice(0, -1)),
  ),
  mutant(
    'password-may-begin-late',
    'A password without its first character is accepted',
    password,
    passwordCounts((given, right) => given === right.slice(1)),
  ),
  mutant(
    'password-by-length',
    'A password of the right length is accepted',
    password,
    passwordCounts((given, right) => given?.length === right.length),
  ),
  mutant(
    'password-first-eight',
    'Only the first eight characters of a password count, as with the old crypt',
    password,
    passwordCounts((given, right) => given?.slice(0, 8) === right.slice(0, 8)),
  ),
  mutant(
    'password-by-checksum',
    'Passwords are compared by the sum of their characters',
    password,
    passwordCounts((given, right) => given !== undefined && sum(given) === sum(right)),
  ),
  mutant(
    'password-of-anybody',
    'The password of any user opens every account',
    password,
    passwordCounts((given, _, { site }) => [...site.users.values()].some((user) => user.password === given)),
  ),
  mutant(
    'password-is-user-name',
    'The name of a user is accepted as the password',
    password,
    passwordCounts((given, _, { user }) => given === user.name),
  ),
  mutant(
    'password-wildcard',
    'Passwords are compared with LIKE, so that % is every password',
    password,
    passwordCounts((given, right) => given !== undefined && like(given, right)),
  ),
  mutant(
    'client-secret-as-password',
    'The client secret of the application is accepted as the password',
    password,
    passwordCounts((given, _, { site }) => given === firstApplication(site).clientSecret),
  ),
  mutant(
    'password-empty',
    'An empty password is accepted',
    leftOut,
    passwordCounts((given) => given === ''),
  ),
  mutant(
    'password-left-out',
    'Without a password nothing is compared',
    leftOut,
    passwordCounts((given) => given === undefined),
  ),
  mutant(
    'password-blank',
    'A password of blanks is accepted',
    leftOut,
    passwordCounts((given) => given !== undefined && given !== '' && given.trim() === ''),
  ),
  mutant(
    'password-as-array',
    'A password that is an array makes the comparison fail and counts as right',
    password,
    passwordCounts((_, __, { form }) => [...form.keys()].some((name) => name.startsWith('password['))),
  ),
  mutant(
    'password-not-with-secret',
    'With the right client secret, the password is not looked at',
    ['invalid-credentials/when', 'password-grant/no-client-secret'],
    passwordCounts((_, __, { form, site }) => form.get('client_secret') === firstApplication(site).clientSecret),
  ),
  mutant('password-once-right', 'After one right login of a user, any password of that user is accepted', password, passwordOnceRight()),
  mutant(
    'password-by-query',
    'The password is put into an SQL query as it stands',
    ['invalid-credentials/when', '/invariants/token-for-bad-credentials'],
    withForm((form, site) => {
      if (!/' OR '1'='1/.test(form.get('password') ?? '') && !/'.*--/.test(form.get('username') ?? '')) return;
      for (const [name, value] of grantAll(form, site)) form.set(name, value);
    }),
  ),
];

function passwordOnceRight() {
  return remembering(() => {
    const known = new Set<string>();
    return allOf(
      passwordCounts((_, __, { user }) => known.has(user.name)),
      bendWhen(issuing, (response, request, site) => {
        const form = formOf(request);
        const user = findUser(site, form?.get('username') ?? '');
        if (form?.get('grant_type') === 'password' && user !== undefined) known.add(user.name);
        return response;
      }),
    );
  });
}

const userNames = [
  mutant(
    'unknown-user-is-first',
    'A user name that nobody has counts as the administrator',
    userName,
    withForm((form, site) => {
      if (form.get('grant_type') !== 'password' || findUser(site, form.get('username') ?? '') !== undefined || !form.has('username'))
        return;
      const first = site.users.get(1);
      form.set('username', first?.name ?? '');
      form.set('password', first?.password ?? '');
    }),
  ),
  mutant(
    'user-name-begun',
    'The beginning of a user name is enough',
    userName,
    userNameCounts((given, { name }) => given.length > 2 && name.startsWith(given)),
  ),
  mutant(
    'user-name-with-more',
    'A user name with more behind it is accepted',
    userName,
    userNameCounts((given, { name }) => given.startsWith(name)),
  ),
  mutant(
    'user-name-wildcard',
    'User names are compared with LIKE, so that % is everybody',
    userName,
    userNameCounts((given, { name }) => like(given, name)),
  ),
  mutant(
    'user-name-pattern',
    'User names are patterns, so that * is everybody',
    userName,
    userNameCounts((given) => given === '*'),
  ),
  mutant(
    'user-by-password',
    'With a right password the user name is not looked at',
    userName,
    userNameCounts(() => true),
  ),
  mutant(
    'named-user-unknown',
    'The client_credentials grant gives a token for a user who does not exist',
    userNamed,
    onlyFor(
      asking('client_credentials'),
      userNameCounts((_, { id }) => id === 2),
    ),
  ),
  mutant(
    'named-user-begun',
    'In the client_credentials grant the beginning of a user name is enough',
    userNamed,
    onlyFor(
      asking('client_credentials'),
      userNameCounts((given, { name }) => given.length > 2 && name.startsWith(given)),
    ),
  ),
  mutant(
    'named-user-wildcard',
    'In the client_credentials grant user names are compared with LIKE',
    userNamed,
    onlyFor(
      asking('client_credentials'),
      userNameCounts((given, { name }) => like(given, name)),
    ),
  ),
  mutant(
    'user-name-empty',
    'An empty user name counts as the owner of the application',
    leftOut,
    withForm((form, site) => {
      if (form.get('username') === '') for (const [name, value] of grantAll(form, site)) form.set(name, value);
    }),
  ),
  mutant(
    'user-name-left-out',
    'Without a user name the client gets a token of its owner',
    ['missing-username/when', 'client-credentials-grant/username'],
    withForm((form, site) => {
      if (!form.has('username') && form.get('grant_type') === 'client_credentials') form.set('username', site.users.get(2)?.name ?? '');
    }),
  ),
  mutant(
    'user-name-left-out-with-password',
    'Without a user name the password grant gives a token to whoever has the password',
    ['missing-username/when', 'password-grant/username'],
    withForm((form, site) => {
      if (form.has('username') || form.get('grant_type') !== 'password') return;
      const user = [...site.users.values()].find((one) => one.password === form.get('password'));
      if (user !== undefined) form.set('username', user.name);
    }),
  ),
];

const clientIds = [
  mutant(
    'any-client-with-password',
    'The password grant does not look at the client ID',
    clientId,
    clientCounts(() => true, 'password'),
  ),
  mutant(
    'any-client-with-secret',
    'The client_credentials grant finds the application by its secret alone',
    ['invalid-client-id/when', 'client-credentials-grant/client-id'],
    withForm((form, site) => {
      const application = [...stateOf(site).applicationsByClient.values()].find(
        ({ clientSecret }) => clientSecret === form.get('client_secret'),
      );
      if (form.get('grant_type') === 'client_credentials' && application?.clientId !== undefined)
        form.set('client_id', application.clientId);
    }),
  ),
  mutant(
    'client-id-case-folded',
    'Client IDs are compared without case',
    ['invalid-client-id/when', '/rfc6749/1.1/case-sensitive'],
    clientCounts((given, { clientId: right }) => given?.toLowerCase() === right?.toLowerCase()),
  ),
  mutant(
    'client-id-may-go-on',
    'A client ID that begins with the right one is accepted',
    clientId,
    clientCounts((given, { clientId: right = ' ' }) => given?.startsWith(right) === true),
  ),
  mutant(
    'client-id-may-end-early',
    'A client ID without its last character is accepted',
    clientId,
    clientCounts((given, { clientId: right }) => given === right?.slice(0, -1)),
  ),
  mutant(
    'client-id-may-begin-late',
    'A client ID is searched anywhere in the stored one',
    clientId,
    clientCounts((given, { clientId: right }) => given !== undefined && given.length > 3 && right?.includes(given) === true),
  ),
  mutant(
    'client-id-last-ignored',
    'The last character of a client ID is not compared',
    clientId,
    clientCounts((given, { clientId: right }) => given?.slice(0, -1) === right?.slice(0, -1)),
  ),
  mutant(
    'client-id-wildcard',
    'Client IDs are compared with LIKE',
    clientId,
    clientCounts((given = '', { clientId: right = '' }) => like(given, right)),
  ),
  mutant(
    'client-id-cut-at-nul',
    'A client ID is read up to NUL',
    clientId,
    clientCounts((given, { clientId: right }) => given?.split('\0', 1)[0] === right),
  ),
  mutant(
    'application-id-as-client-id',
    'The application id of the unique header is accepted as the client ID',
    clientId,
    clientCounts((given, { id }) => given === id),
  ),
  mutant(
    'client-secret-as-client-id',
    'The client secret is accepted as the client ID',
    clientId,
    clientCounts((given, { clientSecret: right }) => given === right),
  ),
  mutant(
    'client-id-empty',
    'An empty client ID counts as the default application',
    leftOut,
    clientCounts((given) => given === ''),
  ),
  mutant(
    'client-id-left-out',
    'Without a client ID the default application answers',
    leftOut,
    clientCounts((given) => given === undefined),
  ),
  mutant(
    'client-id-blank',
    'A client ID of blanks counts as the default application',
    leftOut,
    clientCounts((given) => given !== undefined && given !== '' && given.trim() === ''),
  ),
  mutant(
    'client-id-by-query',
    'The client ID is put into an SQL query as it stands',
    ['invalid-client-id/when', '/invariants/token-for-bad-credentials'],
    clientCounts((given) => /' OR 1=1/.test(given ?? '')),
  ),
  mutant(
    'client-id-as-array',
    'A client ID that is an array is not compared',
    ['invalid-client-id/when', '/invariants/token-for-bad-credentials'],
    withForm((form, site) => {
      if ([...form.keys()].some((name) => name.startsWith('client_id['))) form.set('client_id', firstApplication(site).clientId ?? '');
    }),
  ),
];

const secrets = [
  mutant(
    'client-secret-ignored',
    'The client_credentials grant does not look at the secret',
    secret,
    deciding('miniorange.ignoreClientSecret'),
  ),
  mutant(
    'secret-may-go-on',
    'A secret that begins with the right one is accepted',
    secret,
    secretCounts((given, right) => given?.startsWith(right) === true),
  ),
  mutant(
    'secret-may-end-early',
    'The beginning of the secret is accepted',
    secret,
    secretCounts((given = '', right) => given.length > 3 && right.startsWith(given)),
  ),
  mutant(
    'secret-may-begin-late',
    'The end of the secret is accepted',
    secret,
    secretCounts((given = '', right) => given.length > 3 && right.endsWith(given)),
  ),
  mutant(
    'secret-case-folded',
    'Secrets are compared without case',
    secret,
    secretCounts((given, right) => given?.toLowerCase() === right.toLowerCase()),
  ),
  mutant(
    'secret-upper-cased',
    'Secrets are stored in upper case',
    secret,
    secretCounts((given, right) => given === right.toUpperCase()),
  ),
  mutant(
    'secret-by-length',
    'A secret of the right length is accepted',
    secret,
    secretCounts((given, right) => given?.length === right.length),
  ),
  mutant(
    'secret-first-eight',
    'Only the first eight characters of the secret count',
    secret,
    secretCounts((given, right) => given?.slice(0, 8) === right.slice(0, 8)),
  ),
  mutant(
    'secret-first-ignored',
    'The first character of the secret is not compared',
    secret,
    secretCounts((given, right) => given?.slice(1) === right.slice(1)),
  ),
  mutant(
    'secret-last-ignored',
    'The last character of the secret is not compared',
    secret,
    secretCounts((given, right) => given?.slice(0, -1) === right.slice(0, -1)),
  ),
  mutant(
    'secret-ends-compared',
    'Only both ends of the secret are compared',
    secret,
    secretCounts((given, right) => given?.slice(0, 4) === right.slice(0, 4) && given.slice(-4) === right.slice(-4)),
  ),
  mutant(
    'secret-by-checksum',
    'Secrets are compared by the sum of their characters',
    secret,
    secretCounts((given, right) => given !== undefined && sum(given) === sum(right)),
  ),
  mutant(
    'secret-repeated',
    'A secret is right if it holds the right one anywhere',
    secret,
    secretCounts((given, right) => given?.includes(right) === true),
  ),
  mutant(
    'secret-of-other-application',
    'The secret of any application opens every one',
    secret,
    secretCounts((given, _, { site }) => [...stateOf(site).applications.values()].some(({ clientSecret }) => clientSecret === given)),
  ),
  mutant(
    'secret-is-client-id',
    'The client ID is accepted as the secret',
    secret,
    secretCounts((given, _, { application }) => given === application.clientId),
  ),
  mutant(
    'secret-is-application-id',
    'The application id is accepted as the secret',
    secret,
    secretCounts((given, _, { application }) => given === application.id),
  ),
  mutant(
    'secret-is-password',
    'The password of the user is accepted as the secret',
    secret,
    secretCounts((given, _, { form, site }) => given === findUser(site, form.get('username') ?? '')?.password),
  ),
  mutant(
    'secret-wildcard',
    'Secrets are compared with LIKE',
    secret,
    secretCounts((given = '', right) => like(given, right)),
  ),
  mutant(
    'secret-one-character',
    'A secret of one character is accepted',
    secret,
    secretCounts((given) => given?.length === 1 && given.trim() !== ''),
  ),
  mutant(
    'secret-cut-at-nul',
    'A secret is read up to NUL',
    secret,
    secretCounts((given, right) => given?.split('\0', 1)[0] === right && given !== right),
  ),
  mutant(
    'secret-by-query',
    'The secret is put into an SQL query as it stands',
    secret,
    secretCounts((given) => /' OR '1'='1/.test(given ?? '')),
  ),
  mutant(
    'secret-not-with-password',
    'With the right password of the user, the secret is not looked at',
    ['invalid-client-secret/when', 'client-credentials-grant/client-secret'],
    secretCounts(
      (_, __, { form, site }) => form.has('password') && form.get('password') === findUser(site, form.get('username') ?? '')?.password,
    ),
  ),
  mutant(
    'secret-empty',
    'An empty secret is accepted',
    [...leftOut, 'client-credentials-grant/client-secret'],
    secretCounts((given) => given === ''),
  ),
  mutant(
    'secret-left-out',
    'Without a secret nothing is compared',
    [...leftOut, 'client-credentials-grant/client-secret'],
    secretCounts((given) => given === undefined),
  ),
  mutant(
    'secret-blank',
    'A secret of blanks is accepted',
    [...leftOut, 'invalid-client-secret/when'],
    secretCounts((given) => given !== undefined && given !== '' && given.trim() === ''),
  ),
  mutant(
    'secret-as-array',
    'A secret that is an array is not compared',
    secret,
    secretCounts((_, __, { form }) => [...form.keys()].some((name) => name.startsWith('client_secret['))),
  ),
  mutant('secret-once-right', 'After one right secret, any secret of that client is accepted', secret, secretOnceRight()),
  mutant(
    'secret-in-query-unchecked',
    'A secret in the query is not compared',
    ['/invariants/token-for-bad-credentials'],
    readAs((request, site) => {
      const query = new URLSearchParams(request.path.split('?')[1] ?? '');
      return isTokenRequest(request) && request.method === 'POST' && query.has('client_secret') && !formOf(request)?.has('client_secret')
        ? asForm(request, grantAll(query, site))
        : request;
    }),
  ),
  mutant(
    'secret-in-json-unchecked',
    'A secret in a JSON body is compared loosely, so that true is equal',
    ['/invariants/token-for-bad-credentials'],
    readAs((request, site) => {
      const body = isTokenRequest(request) ? jsonBody(request) : undefined;
      return body?.['client_secret'] === true ? asForm(request, grantAll(new URLSearchParams(), site)) : request;
    }),
  ),
  mutant(
    'password-in-json-unchecked',
    'A password in a JSON body is compared loosely, so that 0 is equal',
    ['/invariants/token-for-bad-credentials'],
    readAs((request, site) => {
      const body = isTokenRequest(request) ? jsonBody(request) : undefined;
      return body?.['password'] === 0 ? asForm(request, grantAll(new URLSearchParams({ grant_type: 'password' }), site)) : request;
    }),
  ),
  mutant(
    'secret-in-multipart-unchecked',
    'Credentials in a multipart body are not compared',
    ['/invariants/token-for-bad-credentials'],
    readAs((request, site) =>
      isTokenRequest(request) && /^multipart\/form-data; *boundary/i.test(requestHeader(request, 'content-type') ?? '')
        ? asForm(request, grantAll(new URLSearchParams(), site))
        : request,
    ),
  ),
  mutant(
    'basic-client-unchecked',
    'A client that authenticates by Basic needs no right secret',
    ['/invariants/token-for-bad-credentials'],
    readAs((request, site) => {
      const form = formOf(request);
      const [, pair] = /^Basic (\S+)$/.exec(requestHeader(request, 'authorization') ?? '') ?? [];
      const isKnown =
        pair !== undefined &&
        pair.startsWith(
          encodeBase64(`${firstApplication(site).clientId ?? ''}:`)
            .replace(/=+$/, '')
            .slice(0, -2),
        );
      return form !== undefined && isKnown && !form.has('client_secret') ? asForm(request, grantAll(form, site)) : request;
    }),
  ),
  mutant(
    'token-instead-of-credentials',
    'A caller with a good token gets a new one without credentials',
    ['/invariants/token-for-bad-credentials'],
    readAs((request, site) => {
      const form = formOf(request);
      const bearer = /^Bearer (\S+)$/.exec(requestHeader(request, 'authorization') ?? '')?.[1];
      return form !== undefined && stateOf(site).tokens.has(bearer ?? '') ? asForm(request, grantAll(form, site)) : request;
    }),
  ),
];

function secretOnceRight() {
  return remembering(() => {
    const known = new Set<string>();
    return allOf(
      secretCounts((_, __, { application }) => known.has(application.id)),
      bendWhen(issuing, (response, request, site) => {
        const form = formOf(request);
        const application = stateOf(site).applicationsByClient.get(form?.get('client_id') ?? '');
        if (form?.get('grant_type') === 'client_credentials' && application !== undefined) known.add(application.id);
        return response;
      }),
    );
  });
}

function jsonBody({ body }: { readonly body?: Uint8Array }): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

export const credentialMutants = [...passwords, ...userNames, ...clientIds, ...secrets];
