/**
 * Wrong behaviours of the token endpoint: who gets a token, and whose.
 *
 * @module
 */
import { literal } from './dialects.ts';
import type { AccessTokenServer, Account, Application, Ask } from './server.ts';
import { bend, Family, isTokenRequest, replace } from './wrong.ts';

const php = { ...literal, arrays: 'php', repeated: 'last', multipart: 'accepted' } as const;
const withJson = { ...literal, json: 'accepted' } as const;

const account = (server: AccessTokenServer, role: string): Account => server.accounts.find((one) => one.role === role)!;
const application = (server: AccessTokenServer, role: string): Application => server.applications.find((one) => one.role === role)!;
const lettersOf = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '');

/** Ways to compare two secrets wrongly, each of which accepts the right one. */
const comparisons: Readonly<Record<string, (given: string, right: string) => boolean>> = {
  never: () => true,
  'beginning-of-given': (given, right) => given.startsWith(right),
  'beginning-of-right': (given, right) => right.startsWith(given),
  'end-of-given': (given, right) => given.endsWith(right),
  'end-of-right': (given, right) => right.endsWith(given),
  contained: (given, right) => given.includes(right),
  'without-case': (given, right) => given.toLowerCase() === right.toLowerCase(),
  length: (given, right) => given.length === right.length,
  'first-character': (given, right) => given[0] === right[0],
  'first-eight': (given, right) => given.slice(0, 8) === right.slice(0, 8),
  'all-but-first': (given, right) => given.slice(1) === right.slice(1),
  'all-but-last': (given, right) => given.slice(0, -1) === right.slice(0, -1),
  'set-of-characters': (given, right) => [...given].sort().join('') === [...right].sort().join(''),
  'either-direction': (given, right) => given === right || [...given].reverse().join('') === right,
  wildcard: (given, right) => given === right || given === '*' || given === '%',
  'query-true': (given, right) => given === right || /' *or *'?1/i.test(given),
  'not-empty': (given) => given !== '',
  'one-difference': (given, right) => given.length === right.length && [...given].filter((one, index) => one !== right[index]).length <= 1,
  'at-least-as-long': (given, right) => given.length >= right.length,
};

const passwords = new Family(
  'password',
  ['invalid-credentials/', 'invariants/token-for-bad-credentials'],
  ['token-errors/', 'token-parameters/', 'enumeration/'],
);
for (const [name, matches] of Object.entries(comparisons)) {
  passwords.add(name, `compares the password by: ${name}`, (server) =>
    replace(server, 'passwordMatches', () => (given, user) => user !== undefined && matches(given, user.password)),
  );
}
const acceptPassword = (isAccepted: (given: string, user: Account, server: AccessTokenServer) => boolean) => (server: AccessTokenServer) =>
  replace(
    server,
    'passwordMatches',
    (right) => (given, user) => right(given, user) || (user !== undefined && isAccepted(given, user, server)),
  );
passwords
  .add(
    'user-name',
    'takes the user name for a password',
    acceptPassword((given, user) => given === user.name),
  )
  .add(
    'of-anybody',
    'takes the password of any user',
    acceptPassword((given, _user, server) => server.accounts.some(({ password }) => password === given)),
  )
  .add(
    'client-secret',
    'takes a client secret for a password',
    acceptPassword((given, _user, server) => server.applications.some(({ secret }) => secret === given)),
  )
  .add(
    'client-id',
    'takes a client ID for a password',
    acceptPassword((given, _user, server) => server.applications.some(({ id }) => id === given)),
  )
  .add(
    'application-id',
    'takes an application ID for a password',
    acceptPassword((given, _user, server) => server.applications.some(({ applicationId }) => applicationId === given)),
  )
  .add(
    'letters-only',
    'compares only the letters and digits of a password',
    acceptPassword((given, user) => lettersOf(given) === lettersOf(user.password)),
    { firm: false },
  )
  .add(
    'doubled',
    'takes the doubled password',
    acceptPassword((given, user) => given === user.password + user.password),
  )
  .add('second-try', 'lets a wrong password pass at the second failure', (server) => {
    let failures = 0;
    replace(server, 'passwordMatches', (right) => (given, user) => right(given, user) || (user !== undefined && ++failures % 2 === 0));
  })
  .add('after-a-success', 'takes any password of a user who has logged in before', (server) => {
    const known = new Set<Account>();
    replace(server, 'passwordMatches', (right) => (given, user) => {
      if (user === undefined) return right(given, user);
      if (right(given, user)) known.add(user);
      return known.has(user);
    });
  });

const passwordGaps = new Family(
  'password-gap',
  [
    'invalid-credentials/',
    'missing-username/any-parameter',
    'invariants/token-for-bad-credentials',
    'invariants/nothing-given',
    'invariants/either-outcome',
  ],
  ['token-errors/', 'token-parameters/', 'enumeration/'],
);
const dropCheck = (server: AccessTokenServer, drops: (check: string, ask: Ask) => boolean): void =>
  replace(server, 'checkAsk', (right) => (check, ask) => (drops(check, ask) ? undefined : right(check, ask)));
const isPassword = (check: string): boolean => check === 'password' || check === 'user';
passwordGaps
  .add('missing', 'issues a token if the password is missing', (server) =>
    dropCheck(server, (check, ask) => isPassword(check) && ask.password === undefined),
  )
  .add('with-client-secret', 'does not look at the password if the client secret is right', (server) =>
    dropCheck(server, (check, ask) => isPassword(check) && ask.clientSecret === application(server, 'main').secret),
  )
  .add('with-any-client-secret', 'does not look at the password if there is a client secret', (server) =>
    dropCheck(server, (check, ask) => isPassword(check) && ask.clientSecret !== undefined),
  )
  .add(
    'blank',
    'takes a blank password',
    acceptPassword((given) => given.trim() === ''),
  )
  .add(
    'zero',
    'takes the password "0"',
    acceptPassword((given) => given === '0'),
    { dialect: withJson, firm: false },
  )
  .add(
    'array',
    'takes any array for a password',
    (server) =>
      replace(server, 'settleNames', (right) => (parameters) => {
        const settled = right(parameters);
        const found = [...parameters.keys()].some((key) => key.startsWith('password['));
        return found && !('status' in settled) ? new Map([...settled, ['password', [account(server, 'main').password]]]) : settled;
      }),
    { dialect: php },
  )
  .add(
    'json',
    'does not look at the password of a JSON body',
    (server) => {
      let isJson = false;
      replace(server, 'tokenEndpoint', (right) => (viewed) => {
        isJson = viewed.incoming.headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value.includes('json'));
        return right(viewed);
      });
      replace(server, 'passwordMatches', (right) => (given, user) => right(given, user) || (isJson && user !== undefined));
    },
    { dialect: withJson },
  )
  .add(
    'json-true',
    'takes true in a JSON body for any password',
    (server) =>
      replace(server, 'readParameters', (right) => (viewed) => {
        const text = viewed.incoming.body.toString();
        if (!/"password":true/.test(text)) return right(viewed);
        const body = Buffer.from(text.replace('"password":true', `"password":${JSON.stringify(account(server, 'main').password)}`));
        return right({ ...viewed, incoming: { ...viewed.incoming, body } });
      }),
    { dialect: withJson },
  )
  .add(
    'multipart',
    'does not look at the password of a multipart body',
    (server) => {
      let isMultipart = false;
      replace(server, 'tokenEndpoint', (right) => (viewed) => {
        isMultipart = viewed.incoming.headers.some(([name, value]) => name.toLowerCase() === 'content-type' && value.includes('multipart'));
        return right(viewed);
      });
      replace(server, 'passwordMatches', (right) => (given, user) => right(given, user) || (isMultipart && user !== undefined));
    },
    { dialect: php },
  )
  .add(
    'administrator',
    'does not look at the password of an administrator',
    acceptPassword((_given, user) => user.role === 'admin'),
  )
  .add(
    'any-of-several',
    'takes the request if any of several passwords is right',
    (server) =>
      replace(server, 'readParameters', (right) => (viewed) => {
        const read = new URLSearchParams(viewed.incoming.body.toString()).getAll('password');
        const settled = right(viewed);
        const found = read.find((one) => server.accounts.some(({ password }) => password === one));
        return 'status' in settled || found === undefined ? settled : new Map([...settled, ['password', [found]]]);
      }),
    { dialect: php, firm: false },
  );

const clientIds = new Family(
  'client-id',
  ['invalid-client-id/', 'invariants/token-for-bad-credentials', 'missing-username/any-parameter'],
  ['token-errors/', 'token-parameters/'],
);
for (const [name, matches] of Object.entries(comparisons)) {
  if (name === 'end-of-right' || name === 'beginning-of-right') continue;
  clientIds.add(name, `compares the client ID by: ${name}`, (server) =>
    replace(
      server,
      'findClient',
      (right) => (id) => right(id) ?? (id === '' ? undefined : server.applications.find((one) => matches(id, one.id))),
    ),
  );
}
clientIds
  .add('missing-password-grant', 'does not need a client ID in the password grant', (server) => {
    dropCheck(server, (check, ask) => check === 'client' && ask.grantType === 'password');
    replace(server, 'findClient', (right) => (id) => (id === '' ? application(server, 'main') : right(id)));
  })
  .add('missing-client-credentials', 'finds the client by its secret if the client ID is missing', (server) => {
    dropCheck(server, (check, ask) => check === 'client' && ask.grantType !== 'password');
    replace(server, 'findClient', (right) => (id) => (id === '' ? application(server, 'main') : right(id)));
  })
  .add('ignored-in-password-grant', 'ignores the client ID in the password grant', (server) => {
    dropCheck(server, (check, ask) => check.startsWith('client') && ask.grantType === 'password');
    replace(server, 'findClient', (right) => (id) => right(id) ?? application(server, 'main'));
  })
  .add('ignored-in-client-credentials', 'ignores the client ID in the client credentials grant', (server) => {
    dropCheck(server, (check, ask) => check.startsWith('client') && ask.grantType !== 'password');
    let isPasswordGrant = false;
    replace(server, 'readAsk', (right) => (parameters, grantType, incoming) => {
      isPasswordGrant = grantType === 'password';
      return right(parameters, grantType, incoming);
    });
    replace(server, 'findClient', (right) => (id) => right(id) ?? (isPasswordGrant ? undefined : application(server, 'main')));
  })
  .add('application-id', 'takes an application ID for a client ID', (server) =>
    replace(server, 'findClient', (right) => (id) => right(id) ?? server.applications.find(({ applicationId }) => applicationId === id)),
  )
  .add('client-secret', 'takes a client secret for a client ID', (server) =>
    replace(server, 'findClient', (right) => (id) => right(id) ?? server.applications.find(({ secret }) => secret === id)),
  )
  .add('user-name', 'takes a user name for a client ID', (server) =>
    replace(
      server,
      'findClient',
      (right) => (id) => right(id) ?? (server.accounts.some(({ name }) => name === id) ? application(server, 'main') : undefined),
    ),
  )
  .add('zero', 'takes any client ID that begins with a digit', (server) =>
    replace(server, 'findClient', (right) => (id) => right(id) ?? (/^\d/.test(id) ? application(server, 'main') : undefined)),
  );

const secrets = new Family(
  'client-secret',
  ['invalid-client-secret/', 'invariants/token-for-bad-credentials', 'missing-username/any-parameter', 'invariants/nothing-given'],
  ['token-errors/', 'token-parameters/', 'enumeration/'],
);
for (const [name, matches] of Object.entries(comparisons)) {
  secrets.add(name, `compares the client secret by: ${name}`, (server) =>
    replace(server, 'secretMatches', () => (given, client) => matches(given, client.secret)),
  );
}
const acceptSecret =
  (isAccepted: (given: string, client: Application, server: AccessTokenServer) => boolean) => (server: AccessTokenServer) =>
    replace(server, 'secretMatches', (right) => (given, client) => right(given, client) || isAccepted(given, client, server));
secrets
  .add('missing', 'issues a token if the client secret is missing', (server) =>
    dropCheck(server, (check, ask) => check.startsWith('secret') && ask.clientSecret === undefined),
  )
  .add(
    'blank',
    'takes a blank client secret',
    acceptSecret((given) => given.trim() === ''),
  )
  .add(
    'of-other-application',
    'takes the secret of another application',
    acceptSecret((given, _client, server) => server.applications.some(({ secret }) => secret === given)),
  )
  .add(
    'client-id',
    'takes the client ID for the secret',
    acceptSecret((given, client) => given === client.id),
  )
  .add(
    'application-id',
    'takes the application ID for the secret',
    acceptSecret((given, client) => given === client.applicationId),
  )
  .add(
    'password',
    'takes the password of the user for the secret',
    acceptSecret((given, _client, server) => server.accounts.some(({ password }) => password === given)),
  )
  .add('with-password', 'does not look at the secret if there is a password', (server) =>
    dropCheck(server, (check, ask) => check.startsWith('secret') && ask.password !== undefined),
  )
  .add(
    'array',
    'takes any array for a secret',
    (server) =>
      replace(server, 'settleNames', (right) => (parameters) => {
        const settled = right(parameters);
        const found = [...parameters.keys()].some((key) => key.startsWith('client_secret['));
        return found && !('status' in settled) ? new Map([...settled, ['client_secret', [application(server, 'main').secret]]]) : settled;
      }),
    { dialect: php },
  )
  .add(
    'json-true',
    'takes true in a JSON body for any secret',
    (server) =>
      replace(server, 'readParameters', (right) => (viewed) => {
        const text = viewed.incoming.body.toString();
        if (!/"client_secret":true/.test(text)) return right(viewed);
        const body = Buffer.from(
          text.replace('"client_secret":true', `"client_secret":${JSON.stringify(application(server, 'main').secret)}`),
        );
        return right({ ...viewed, incoming: { ...viewed.incoming, body } });
      }),
    { dialect: withJson },
  )
  .add(
    'basic',
    'does not look at the secret of Basic credentials',
    (server) => {
      replace(server, 'readAsk', (right) => (parameters, grantType, incoming) => {
        const ask = right(parameters, grantType, incoming);
        const isBasic = incoming.headers.some(([name, value]) => name.toLowerCase() === 'authorization' && value.startsWith('Basic '));
        return isBasic && ask.clientSecret !== undefined && !parameters.has('client_secret')
          ? { ...ask, clientSecret: application(server, 'main').secret }
          : ask;
      });
    },
    { dialect: { ...literal, basicClient: true } },
  );

const identities = new Family(
  'identity',
  [
    'client-credentials-grant/',
    'password-grant/',
    'invariants/foreign-identity',
    'invalid-credentials/',
    'invariants/token-for-bad-credentials',
    'protected-request/',
    'intro/',
  ],
  ['password-grant/', 'client-credentials-grant/', 'token-errors/', 'users/', 'token-parameters/', 'token-lifecycle/'],
);
const actAs = (choose: (user: Account, grantType: string, server: AccessTokenServer) => Account) => (server: AccessTokenServer) =>
  replace(server, 'issue', (right) => (user, client, grantType) => right(choose(user, grantType, server), client, grantType));
let lastUser: Account | undefined;
for (const grant of ['password', 'client_credentials', 'any']) {
  const when = (one: string): boolean => grant === 'any' || one === grant;
  for (const role of ['admin', 'main', 'other']) {
    identities.add(
      `${grant}-acts-as-${role}`,
      `issues every token of the grant (${grant}) for the user ${role}`,
      actAs((user, one, server) => (when(one) ? account(server, role) : user)),
    );
  }
}
identities
  .add(
    'next-user',
    'issues the token for the user after the named one',
    actAs((user, _grant, server) => server.accounts[(server.accounts.indexOf(user) + 1) % server.accounts.length] as Account),
  )
  .add('previous-request', 'issues the token for the user of the request before', (server) => {
    lastUser = undefined;
    replace(server, 'issue', (right) => (user, client, grantType) => {
      const subject = lastUser ?? user;
      lastUser = user;
      return right(subject, client, grantType);
    });
  })
  .add('administrator-rights', 'gives tokens of the client credentials grant the rights of an administrator', (server) => {
    replace(
      server,
      'issue',
      (right) => (user, client, grantType) =>
        right(grantType === 'password' ? user : { ...user, permissions: ['access user profiles', 'administer users'] }, client, grantType),
    );
    replace(
      server,
      'userDocument',
      (right) => (viewer, subject) => right(viewer.id === subject.id ? { ...subject, permissions: viewer.permissions } : viewer, subject),
    );
  })
  .add(
    'owner-of-the-application',
    'lets an application act as its owner, whoever is named',
    actAs((user, grant, server) => (grant === 'client_credentials' ? account(server, 'admin') : user)),
  )
  .add('chosen-by-uid', 'lets the parameter uid choose the user', (server) => {
    let uid: string | undefined;
    replace(server, 'grant', (right) => (parameters, incoming) => {
      uid = (parameters.get('uid') ?? parameters.get('user_id'))?.[0];
      return right(parameters, incoming);
    });
    actAs((user, _grant, one) => one.accounts.find(({ id }) => String(id) === uid) ?? user)(server);
  });
for (const name of ['uid', 'user_id', 'user', 'name', 'admin', 'role']) {
  identities.add(`asked-for-by-${name}`, `gives a token of the administrator to whoever sends the parameter ${name}`, (server) => {
    let found = false;
    replace(server, 'grant', (right) => (parameters, incoming) => {
      found = parameters.has(name);
      return right(parameters, incoming);
    });
    actAs((user, _grant, one) => (found ? account(one, 'admin') : user))(server);
  });
}

const unknownUsers = new Family(
  'unknown-user',
  ['invalid-credentials/', 'invariants/token-for-bad-credentials', 'client-credentials-grant/', 'invariants/nothing-given'],
  ['token-errors/', 'token-parameters/', 'users/', 'enumeration/'],
);
for (const role of ['admin', 'main']) {
  unknownUsers
    .add(
      `client-credentials-${role}`,
      `issues a token of the user ${role} if the client credentials grant names nobody it knows`,
      (server) => {
        let grant = '';
        replace(server, 'readAsk', (right) => (parameters, grantType, incoming) => {
          grant = grantType;
          return right(parameters, grantType, incoming);
        });
        replace(
          server,
          'findUser',
          (right) => (name) => right(name) ?? (grant === 'client_credentials' ? account(server, role) : undefined),
        );
      },
    )
    .add(`password-${role}`, `issues a token of the user ${role} if the password grant names nobody it knows`, (server) => {
      replace(
        server,
        'checkPassword',
        (right) => (username, password) => (server.findUser(username)?.role === role ? undefined : right(username, password)),
      );
      replace(server, 'findUser', (right) => (name) => right(name) ?? account(server, role));
    });
}
unknownUsers
  .add('created', 'makes an account for a user name that it does not know', (server) => {
    const stranger = { ...account(server, 'other'), id: 99, role: 'stranger' };
    let grant = '';
    replace(server, 'readAsk', (right) => (parameters, grantType, incoming) => {
      grant = grantType;
      return right(parameters, grantType, incoming);
    });
    replace(server, 'findUser', (right) => (name) => right(name) ?? (grant === 'client_credentials' ? { ...stranger, name } : undefined));
  })
  .add('beginning', 'finds a user by the beginning of the name', (server) =>
    replace(
      server,
      'findUser',
      (right) => (name) => right(name) ?? server.accounts.find((one) => name.length > 2 && one.name.startsWith(name)),
    ),
  )
  .add('beginning-of-given', 'finds a user if the given name begins with it', (server) =>
    replace(server, 'findUser', (right) => (name) => right(name) ?? server.accounts.find((one) => name.startsWith(one.name))),
  )
  .add('wildcard', 'takes % and * in a user name for anything', (server) =>
    replace(server, 'findUser', (right) => (name) => right(name) ?? (/[%*]/.test(name) ? server.accounts[0] : undefined)),
  )
  .add('query', 'lets a quote in a user name change the query', (server) =>
    replace(server, 'findUser', (right) => (name) => right(name) ?? (/' *or|'--|\)\(/i.test(name) ? account(server, 'main') : undefined)),
  )
  .add('query-password', 'lets a quote in a user name change the query, and looks at no password then', (server) => {
    replace(server, 'checkPassword', (right) => (username, password) => (/' *or/i.test(username) ? undefined : right(username, password)));
    replace(server, 'findUser', (right) => (name) => right(name) ?? (/' *or/i.test(name) ? server.accounts[0] : undefined));
  })
  .add('same-length', 'finds a user by the length of the name', (server) =>
    replace(server, 'findUser', (right) => (name) => right(name) ?? server.accounts.find((one) => one.name.length === name.length)),
  )
  .add('one-difference', 'finds a user by a name that differs in one character', (server) =>
    replace(
      server,
      'findUser',
      (right) => (name) => right(name) ?? server.accounts.find((one) => comparisons['one-difference']!(name, one.name)),
    ),
  )
  .add(
    'blocked',
    'issues tokens that work to blocked users',
    (server) => {
      replace(
        server,
        'checkPassword',
        (right) => (username, password) =>
          server.findUser(username)?.role === 'blocked' && server.passwordMatches(password ?? '', server.findUser(username))
            ? undefined
            : right(username, password),
      );
      replace(
        server,
        'checkNamedUser',
        (right) => (username) => (server.findUser(username)?.role === 'blocked' ? undefined : right(username)),
      );
      replace(server, 'checkToken', (right) => (token) => server.findToken(token) ?? right(token));
    },
    { firm: false },
  );

const grants = new Family(
  'grant',
  [
    'token-request/',
    'password-grant/',
    'client-credentials-grant/',
    'invariants/',
    'invalid-credentials/',
    'missing-username/',
    'intro/',
    'token-response/',
    'setup/',
  ],
  ['password-grant/', 'client-credentials-grant/', 'token-parameters/', 'token-response/', 'token-errors/'],
);
const readGrantAs = (choose: (grantType: string | undefined) => string | undefined) => (server: AccessTokenServer) =>
  replace(
    server,
    'value',
    (right) => (parameters, name) => (name === 'grant_type' ? choose(right(parameters, name)) : right(parameters, name)),
  );
const known = (grantType: string | undefined): boolean => grantType === 'password' || grantType === 'client_credentials';
grants
  .add(
    'unknown-is-password',
    'takes an unknown grant type for password',
    readGrantAs((one) => (one === undefined || known(one) ? one : 'password')),
  )
  .add(
    'unknown-is-client-credentials',
    'takes an unknown grant type for client_credentials',
    readGrantAs((one) => (one === undefined || known(one) ? one : 'client_credentials')),
  )
  .add(
    'missing-is-password',
    'takes a missing grant type for password',
    readGrantAs((one) => one ?? 'password'),
  )
  .add(
    'missing-is-client-credentials',
    'takes a missing grant type for client_credentials',
    readGrantAs((one) => one ?? 'client_credentials'),
  )
  .add(
    'beginning',
    'looks at the beginning of the grant type only',
    readGrantAs((one) => (one?.startsWith('passw') ? 'password' : one)),
  )
  .add(
    'contained',
    'looks for the grant type within the value',
    readGrantAs((one) => (one?.includes('password') ? 'password' : one)),
  )
  .add(
    'refresh',
    'takes refresh_token for client_credentials',
    readGrantAs((one) => (one === 'refresh_token' ? 'client_credentials' : one)),
  )
  .add(
    'code',
    'takes authorization_code for password',
    readGrantAs((one) => (one === 'authorization_code' ? 'password' : one)),
  )
  .add(
    'no-password',
    'knows no password grant',
    readGrantAs((one) => (one === 'password' ? 'none' : one)),
  )
  .add(
    'no-client-credentials',
    'knows no client credentials grant',
    readGrantAs((one) => (one === 'client_credentials' ? 'none' : one)),
  )
  .add('secret-for-password', 'takes a client secret instead of the password in the password grant', (server) =>
    dropCheck(
      server,
      (check, ask) => isPassword(check) && ask.password === undefined && ask.clientSecret === application(server, 'main').secret,
    ),
  )
  .add('password-for-secret', 'takes the password instead of the client secret in the client credentials grant', (server) =>
    dropCheck(
      server,
      (check, ask) => check.startsWith('secret') && ask.clientSecret === undefined && ask.password === account(server, 'main').password,
    ),
  )
  .add('password-needs-secret', 'asks for a client secret in the password grant', (server) =>
    replace(
      server,
      'checkAsk',
      (right) => (check, ask) =>
        check === 'client' && ask.grantType === 'password' && ask.clientSecret === undefined
          ? server.refuse('INVALID_CLIENT_SECRET', 401)
          : right(check, ask),
    ),
  )
  .add('client-credentials-need-password', 'asks for a password in the client credentials grant', (server) =>
    replace(
      server,
      'checkAsk',
      (right) => (check, ask) =>
        check === 'client' && ask.password === undefined ? server.refuse('INVALID_CREDENTIALS', 401) : right(check, ask),
    ),
  )
  .add('needs-scope', 'asks for a scope', (server) =>
    replace(
      server,
      'grant',
      (right) => (parameters, incoming) => (parameters.has('scope') ? right(parameters, incoming) : server.refuse('MISSING_SCOPE', 400)),
    ),
  )
  .add('needs-unique-header', 'asks for the unique header at the token endpoint', (server) =>
    replace(
      server,
      'tokenEndpoint',
      (right) => (viewed) =>
        server.applicationHeader(viewed.incoming) === undefined ? server.refuse('MISSING_HEADER', 400) : right(viewed),
    ),
  )
  .add('capital-username-only', 'knows only Username in the client credentials grant', () => {}, {
    dialect: { ...literal, usernameKeys: ['Username'] },
  })
  .add('capital-username-only-with-password', 'knows only Username in the password grant', (server) =>
    replace(server, 'readAsk', (right) => (parameters, grantType, incoming) => ({
      ...right(parameters, grantType, incoming),
      username: server.value(parameters, 'Username'),
    })),
  )
  .add('order', 'looks for the grant type in the first place only', (server) =>
    replace(
      server,
      'tokenEndpoint',
      (right) => (viewed) => (viewed.incoming.body.toString().startsWith('grant_type=') ? right(viewed) : server.unknownGrant(undefined)),
    ),
  )
  .add('order-of-the-rest', 'wants the client ID in the second place', (server) =>
    replace(
      server,
      'tokenEndpoint',
      (right) => (viewed) => (/^[^&]*&client_id=/.test(viewed.incoming.body.toString()) ? right(viewed) : server.unknownGrant(undefined)),
    ),
  )
  .add('other-application', 'knows the main application only', (server) =>
    replace(server, 'findClient', (right) => (id) => (id === application(server, 'main').id ? right(id) : undefined)),
  )
  .add('other-user', 'issues tokens to the main user only', (server) =>
    replace(server, 'findUser', (right) => (name) => (name === account(server, 'main').name ? right(name) : undefined)),
  )
  .add('refuses-everything', 'refuses every token request', (server) =>
    replace(server, 'grant', () => () => server.refuse('INVALID_CREDENTIALS', 401)),
  )
  .add('plus-not-decoded', 'does not decode + in a form', (server) =>
    replace(
      server,
      'tokenEndpoint',
      (right) => (viewed) =>
        right({ ...viewed, incoming: { ...viewed.incoming, body: Buffer.from(viewed.incoming.body.toString().replaceAll('+', '%2B')) } }),
    ),
  )
  .add('percent-not-decoded', 'does not decode % in a form', (server) =>
    replace(
      server,
      'tokenEndpoint',
      (right) => (viewed) =>
        right({ ...viewed, incoming: { ...viewed.incoming, body: Buffer.from(viewed.incoming.body.toString().replaceAll('%', '%25')) } }),
    ),
  )
  .add('decoded-twice', 'decodes a form twice', (server) =>
    replace(server, 'value', (right) => (parameters, name) => {
      const value = right(parameters, name);
      try {
        return value === undefined ? undefined : decodeURIComponent(value.replaceAll('+', ' '));
      } catch {
        return value;
      }
    }),
  )
  .add('latin-1', 'reads a form as Latin-1', (server) =>
    replace(server, 'value', (right) => (parameters, name) => {
      const value = right(parameters, name);
      return value === undefined ? undefined : Buffer.from(value).toString('latin1');
    }),
  )
  .add('ascii', 'drops what is not ASCII from a form', (server) =>
    replace(server, 'value', (right) => (parameters, name) => right(parameters, name)?.replace(/[^\x20-\x7e]/g, '')),
  );

const methods = new Family(
  'token-method',
  ['password-grant/post', 'rfc6749/', 'password-grant/', 'invariants/'],
  ['token-methods/', 'token-parameters/', 'password-grant/'],
  { firm: false },
);
for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
  methods.add(`body-of-${method.toLowerCase()}`, `issues tokens to ${method}, with a body`, (server) =>
    replace(
      server,
      'tokenEndpoint',
      (right) => (viewed) =>
        right(viewed.incoming.method === method ? { ...viewed, incoming: { ...viewed.incoming, method: 'POST' } } : viewed),
    ),
  );
}
methods
  .add('get-query', 'issues tokens to GET with the credentials in the query', (server) =>
    replace(server, 'tokenEndpoint', (right) => (viewed) => {
      if (viewed.incoming.method !== 'GET') return right(viewed);
      const settled = server.settleNames(viewed.query);
      return 'status' in settled ? settled : server.grant(settled, viewed.incoming);
    }),
  )
  .add(
    'get-unchecked',
    'issues tokens to GET without looking at the credentials',
    (server) =>
      replace(
        server,
        'tokenEndpoint',
        (right) => (viewed) =>
          viewed.incoming.method === 'GET' ? server.issue(account(server, 'main'), application(server, 'main'), 'password') : right(viewed),
      ),
    { firm: true },
  )
  .add(
    'put-unchecked',
    'issues tokens to PUT without looking at the credentials',
    (server) =>
      replace(
        server,
        'tokenEndpoint',
        (right) => (viewed) =>
          viewed.incoming.method === 'PUT' ? server.issue(account(server, 'main'), application(server, 'main'), 'password') : right(viewed),
      ),
    { firm: true },
  )
  .add(
    'options-unchecked',
    'issues tokens to OPTIONS',
    (server) =>
      replace(
        server,
        'tokenEndpoint',
        (right) => (viewed) =>
          viewed.incoming.method === 'OPTIONS'
            ? server.issue(account(server, 'main'), application(server, 'main'), 'password')
            : right(viewed),
      ),
    { firm: true },
  )
  .add(
    'post-refused',
    'wants PUT instead of POST',
    (server) =>
      replace(
        server,
        'tokenEndpoint',
        (right) => (viewed) => (viewed.incoming.method === 'POST' ? server.wrongMethod('PUT') : right(viewed)),
      ),
    { firm: true },
  )
  .add(
    'elsewhere',
    'has its token endpoint at /oauth/token',
    (server) =>
      replace(
        server,
        'normalPath',
        (right) => (raw) => right(raw.replace('/rest_api/access_token', '/nowhere').replace('/oauth/token', '/rest_api/access_token')),
      ),
    { firm: true },
  );

const enumeration = new Family(
  'enumeration',
  ['invalid-credentials/', 'owasp/authentication/same-answer'],
  ['enumeration/', 'token-errors/'],
);
const forUnknown = (change: (server: AccessTokenServer) => ReturnType<AccessTokenServer['refuse']>) => (server: AccessTokenServer) =>
  replace(
    server,
    'checkPassword',
    (right) => (username, password) => (server.findUser(username) === undefined ? change(server) : right(username, password)),
  );
enumeration
  .add(
    'status',
    'answers 404 if the user is unknown',
    forUnknown((server) => server.refuse('INVALID_CREDENTIALS', 404)),
  )
  .add(
    'error',
    'answers USER_NOT_FOUND if the user is unknown',
    forUnknown((server) => server.refuse('USER_NOT_FOUND', 401)),
  )
  .add('error-of-wrong-password', 'answers INVALID_PASSWORD if only the password is wrong', (server) =>
    replace(server, 'checkPassword', (right) => (username, password) => {
      const refusal = right(username, password);
      return refusal !== undefined && server.findUser(username) !== undefined ? server.refuse('INVALID_PASSWORD', 401) : refusal;
    }),
  )
  .add('description', 'says which of the two was wrong', (server) => {
    forUnknown((one) => {
      const reply = one.refuse('INVALID_CREDENTIALS', 401);
      return { ...reply, body: Buffer.from(reply.body.toString().replace('Invalid username or password.', 'Unknown user.')) };
    })(server);
  })
  .add(
    'length',
    'adds a space to the answer if the user is unknown',
    forUnknown((server) => {
      const reply = server.refuse('INVALID_CREDENTIALS', 401);
      return { ...reply, body: Buffer.concat([reply.body, Buffer.from(' ')]) };
    }),
    { firm: false },
  )
  .add(
    'missing-username',
    'answers MISSING_USERNAME if the user is unknown',
    forUnknown((server) => server.refuse('MISSING_USERNAME', 400)),
  )
  .add(
    'forbidden',
    'answers 403 if the user is unknown',
    forUnknown((server) => server.refuse('INVALID_CREDENTIALS', 403)),
  )
  .add(
    'blocked',
    'says that an account is blocked, whatever the password',
    (server) =>
      replace(
        server,
        'checkPassword',
        (right) => (username, password) =>
          server.findUser(username)?.isActive === false ? server.refuse('USER_BLOCKED', 403) : right(username, password),
      ),
    { firm: false },
  )
  .add(
    'administrator',
    'says that administrators may not log in here, whatever the password',
    (server) =>
      replace(
        server,
        'checkPassword',
        (right) => (username, password) =>
          server.findUser(username)?.role === 'admin' ? server.refuse('ADMINISTRATOR', 403) : right(username, password),
      ),
    { firm: false },
  )
  .add(
    'cookie',
    'sets a cookie only if the user exists',
    (server) =>
      bend(
        server,
        (incoming) => isTokenRequest(incoming) && incoming.body.toString().includes('gateway_user'),
        (reply) => ({ ...reply, headers: [...reply.headers, ['Set-Cookie', 'seen=1']] }),
      ),
    { firm: false },
  );

export const wrongCredentials = [
  passwords,
  passwordGaps,
  clientIds,
  secrets,
  identities,
  unknownUsers,
  grants,
  methods,
  enumeration,
].flatMap(({ all }) => all);
