/**
 * Wrong behaviours of answers: each documented error, the token response and the account, bent in every way that somebody has shipped.
 *
 * @module
 */
import type { AccessTokenServer, Reply } from './server.ts';
import {
  bend,
  brokenBodies,
  Family,
  isApiRequest,
  renamed,
  replace,
  withHeader,
  withJson,
  without,
  withStatus,
  withText,
  type Json,
  type WrongBehaviour,
} from './wrong.ts';

interface DocumentedError {
  readonly error: string;
  readonly clause: string;
  readonly status: number;
  readonly cases: readonly string[];
}

const documented: readonly DocumentedError[] = [
  { error: 'INVALID_CREDENTIALS', clause: 'invalid-credentials', status: 401, cases: ['token-errors/'] },
  { error: 'INVALID_CLIENT_ID', clause: 'invalid-client-id', status: 401, cases: ['token-errors/'] },
  { error: 'INVALID_CLIENT_SECRET', clause: 'invalid-client-secret', status: 401, cases: ['token-errors/'] },
  { error: 'MISSING_USERNAME', clause: 'missing-username', status: 400, cases: ['token-errors/'] },
  { error: 'MISSING_HEADER', clause: 'missing-header', status: 400, cases: ['access-errors/'] },
  { error: 'INVALID_ACCESS_TOKEN', clause: 'invalid-access-token', status: 401, cases: ['access-errors/'] },
  { error: 'MISSING_AUTHORIZATION_HEADER', clause: 'missing-authorization-header', status: 401, cases: ['access-errors/'] },
  { error: 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE', clause: 'invalid-token-type', status: 405, cases: ['access-errors/'] },
  { error: 'TOKEN_EXPIRED', clause: 'token-expired', status: 401, cases: ['expiry/'] },
];

function bendError(error: string, change: (reply: Reply) => Reply) {
  return (server: AccessTokenServer) =>
    replace(server, 'refuse', (right) => (given, status, headers) => {
      const reply = right(given, status, headers);
      return given === error ? change(reply) : reply;
    });
}

const changed = (change: (document: Json) => unknown) => (reply: Reply) => withJson(reply, change);

const errors: WrongBehaviour[] = documented.flatMap(({ error, clause, status, cases }, index) => {
  const form = [
    `${clause}/`,
    'error-response/',
    'invalid-access-token/when-expired',
    'contradictions/',
    'invariants/refusal-status',
    'invariants/nothing-given',
    'invariants/server-error',
    'rfc8259/',
    'rfc6749/5.2/json',
    'rfc9110/8.3/',
  ];
  const family = new Family(`error-${clause}`, form, cases);
  const add = (variant: string, does: string, change: (reply: Reply) => Reply, firm = true, blocks = false) =>
    family.add(variant, `${does} in ${error}`, bendError(error, change), { firm, blocks });
  const hasHttpCode = error !== 'MISSING_AUTHORIZATION_HEADER';

  for (const other of [200, 201, 302, 400, 401, 403, 404, 405, 422, 429, 500, 503].filter((one) => one !== status)) {
    const isOpen = !hasHttpCode && other >= 400 && other < 500;
    // A site that says 429 or 503 asks for patience: the case is blocked.
    const isBusy = other === 429 || other === 503;
    if (!isOpen || isBusy) add(`status-${other}`, `has the status ${other}`, (reply) => withStatus(reply, other), true, isBusy);
    if (hasHttpCode && other < 500) {
      const say = (reply: Reply) =>
        withStatus(
          withJson(reply, (document) => ({ ...document, http_code: String(other) })),
          other,
        );
      add(`status-and-http-code-${other}`, `says ${other} in status and http_code`, say, true, isBusy);
    }
  }
  if (hasHttpCode) {
    add(
      'http-code-missing',
      'leaves http_code out',
      changed((document) => without(document, 'http_code')),
    );
    add(
      'http-code-null',
      'has null for http_code',
      changed((document) => ({ ...document, http_code: null })),
    );
    add(
      'http-code-words',
      'has words for http_code',
      changed((document) => ({ ...document, http_code: 'Unauthorized' })),
    );
    add(
      'http-code-renamed',
      'calls http_code code',
      changed((document) => renamed(document, 'http_code', 'code')),
    );
    add(
      'http-code-camel-case',
      'calls http_code httpCode',
      changed((document) => renamed(document, 'http_code', 'httpCode')),
    );
    add(
      'http-code-200',
      'says 200 in http_code',
      changed((document) => ({ ...document, http_code: '200' })),
    );
    add(
      'http-code-off-by-one',
      'is off by one in http_code',
      changed((document) => ({ ...document, http_code: String(Number(document['http_code']) + 1) })),
    );
    add(
      'http-code-with-words',
      'has more than a number in http_code',
      changed((document) => ({ ...document, http_code: `${String(document['http_code'])} error` })),
    );
    add(
      'http-code-fraction',
      'has a fraction in http_code',
      changed((document) => ({ ...document, http_code: Number(document['http_code']) + 0.5 })),
    );
    add(
      'http-code-list',
      'has a list for http_code',
      changed((document) => ({ ...document, http_code: [document['http_code']] })),
    );
    add(
      'http-code-other-type',
      'has http_code of the other type',
      changed((document) => ({
        ...document,
        http_code: typeof document['http_code'] === 'string' ? Number(document['http_code']) : String(document['http_code']),
      })),
      false,
    );
  } else {
    add(
      'http-code-contradicts',
      'has an http_code other than its status',
      changed((document) => ({ ...document, http_code: '403' })),
    );
    add(
      'http-code-200',
      'says 200 in http_code',
      changed((document) => ({ ...document, http_code: '200' })),
    );
  }
  for (const distance of [1, 2, 3, 4]) {
    const other = documented[(index + distance) % documented.length]!.error;
    if (error === 'TOKEN_EXPIRED' && other === 'INVALID_ACCESS_TOKEN') continue;
    add(
      `error-${other.toLowerCase().replaceAll('_', '-')}`,
      `has the error ${other}`,
      changed((document) => ({ ...document, error: other })),
    );
  }
  add(
    'error-missing',
    'leaves error out',
    changed((document) => without(document, 'error')),
  );
  add(
    'error-null',
    'has null for error',
    changed((document) => ({ ...document, error: null })),
  );
  add(
    'error-number',
    'has a number for error',
    changed((document) => ({ ...document, error: 17 })),
  );
  add(
    'error-true',
    'has true for error',
    changed((document) => ({ ...document, error: true })),
  );
  add(
    'error-lower-case',
    'writes error in lower case',
    changed((document) => ({ ...document, error: error.toLowerCase() })),
  );
  add(
    'error-with-spaces',
    'writes error with spaces',
    changed((document) => ({ ...document, error: error.replaceAll('_', ' ') })),
  );
  add(
    'error-padded',
    'has a space behind error',
    changed((document) => ({ ...document, error: `${error} ` })),
  );
  add(
    'error-of-rfc',
    'has an error of RFC 6749',
    changed((document) => ({ ...document, error: 'invalid_request' })),
  );
  add(
    'error-renamed',
    'calls error code',
    changed((document) => renamed(document, 'error', 'code')),
  );
  add(
    'error-in-an-object',
    'has an object for error',
    changed((document) => ({ ...document, error: { code: error } })),
  );
  add(
    'error-without-underscores',
    'writes error without underscores',
    changed((document) => ({ ...document, error: error.replaceAll('_', '') })),
  );
  add(
    'status-member-missing',
    'leaves status out',
    changed((document) => without(document, 'status')),
  );
  add(
    'status-member-fail',
    'says "fail" in status',
    changed((document) => ({ ...document, status: 'fail' })),
  );
  add(
    'status-member-success',
    'says "success" in status',
    changed((document) => ({ ...document, status: 'success' })),
  );
  add(
    'status-member-capital',
    'says "Error" in status',
    changed((document) => ({ ...document, status: 'Error' })),
  );
  add(
    'status-member-number',
    'has a number in status',
    changed((document) => ({ ...document, status })),
  );
  add(
    'status-member-false',
    'has false in status',
    changed((document) => ({ ...document, status: false })),
  );
  add(
    'status-member-renamed',
    'calls status result',
    changed((document) => renamed(document, 'status', 'result')),
  );
  add(
    'description-missing',
    'leaves error_description out',
    changed((document) => without(document, 'error_description')),
  );
  add(
    'description-null',
    'has null for error_description',
    changed((document) => ({ ...document, error_description: null })),
  );
  add(
    'description-empty',
    'has no words in error_description',
    changed((document) => ({ ...document, error_description: '' })),
  );
  add(
    'description-renamed',
    'calls error_description message',
    changed((document) => renamed(document, 'error_description', 'message')),
  );
  add(
    'description-list',
    'has a list for error_description',
    changed((document) => ({ ...document, error_description: [document['error_description']] })),
  );
  add(
    'description-other-words',
    'has other words in error_description',
    changed((document) => ({ ...document, error_description: 'Something went wrong.' })),
    false,
  );
  add(
    'description-without-full-stop',
    'has no full stop in error_description',
    changed((document) => ({ ...document, error_description: String(document['error_description']).replace(/\.$/, '') })),
    false,
  );
  for (const [name, breakUp] of Object.entries(brokenBodies))
    add(`body-${name}`, `sends a broken body (${name})`, (reply) => withText(reply, breakUp(reply.body)));
  add('content-type-html', 'is said to be HTML', (reply) => withText(reply, reply.body, 'text/html; charset=UTF-8'), false);
  add('with-location', 'sends the caller to the login page', (reply) =>
    withStatus(withHeader(withText(reply, ''), 'Location', '/user/login'), 302),
  );
  return family.all;
});

const responseClauses = [
  'token-response/',
  'rfc6749/5.1/',
  'rfc6749/4.4.3/',
  'intro/',
  'protected-request/',
  'password-grant/',
  'client-credentials-grant/',
  'rfc8259/',
  'invariants/complete-answer',
  'invariants/server-error',
];
const responses = new Family('token-response', responseClauses, ['token-response/', 'password-grant/', 'client-credentials-grant/']);
const bendResponse = (change: (reply: Reply) => Reply, grantType?: string) => (server: AccessTokenServer) =>
  replace(server, 'issue', (right) => (user, client, grant) => {
    const reply = right(user, client, grant);
    return grantType === undefined || grant === grantType ? change(reply) : reply;
  });
const member = (name: string, value: unknown) => (document: Json) => ({ ...document, [name]: value });
const tokenMembers: Readonly<Record<string, (document: Json) => unknown>> = {
  'access-token-missing': (document) => without(document, 'access_token'),
  'access-token-null': member('access_token', null),
  'access-token-empty': member('access_token', ''),
  'access-token-number': member('access_token', 12345678901234),
  'access-token-list': (document) => ({ ...document, access_token: [document['access_token']] }),
  'access-token-object': (document) => ({ ...document, access_token: { value: document['access_token'] } }),
  'access-token-renamed': (document) => renamed(document, 'access_token', 'token'),
  'access-token-camel-case': (document) => renamed(document, 'access_token', 'accessToken'),
  'access-token-undefined': member('access_token', 'undefined'),
  'access-token-with-type': (document) => ({ ...document, access_token: `Bearer ${String(document['access_token'])}` }),
  'access-token-cut': (document) => ({ ...document, access_token: String(document['access_token']).slice(0, -1) }),
  'access-token-with-line-end': (document) => ({ ...document, access_token: `${String(document['access_token'])}\n` }),
  'access-token-of-nothing': member('access_token', 'b7b5f1f0c4d94f6a8f52f5c0a8d1e7aa31'),
  'token-type-missing': (document) => without(document, 'token_type'),
  'token-type-null': member('token_type', null),
  'token-type-mac': member('token_type', 'mac'),
  'token-type-empty': member('token_type', ''),
  'token-type-number': member('token_type', 1),
  'token-type-basic': member('token_type', 'Basic'),
  'token-type-list': member('token_type', ['Bearer']),
  'token-type-renamed': (document) => renamed(document, 'token_type', 'type'),
  'token-type-with-space': member('token_type', 'Bearer '),
  'expires-in-null': member('expires_in', null),
  'expires-in-zero': member('expires_in', 0),
  'expires-in-negative': member('expires_in', -3600),
  'expires-in-words': member('expires_in', 'one hour'),
  'expires-in-empty': member('expires_in', ''),
  'expires-in-true': member('expires_in', true),
  'expires-in-list': member('expires_in', [3600]),
  'in-data': (document) => ({ data: document }),
  'in-status-success': (document) => ({ status: 'success', result: document }),
  'in-a-list': (document) => [document],
  'with-error-beside': (document) => ({ ...document, status: 'error', error: 'INVALID_CREDENTIALS' }),
};
for (const [name, change] of Object.entries(tokenMembers)) {
  responses.add(
    name,
    `bends the token response: ${name}`,
    bendResponse((reply) => withJson(reply, change)),
    { firm: name !== 'with-error-beside' },
  );
}
responses.add(
  'expires-in-missing',
  'leaves the expiry time out',
  bendResponse((reply) => withJson(reply, (document) => without(document, 'expires_in'))),
);
for (const grantType of ['password', 'client_credentials']) {
  for (const name of ['access-token-missing', 'access-token-empty', 'token-type-missing', 'token-type-mac', 'in-data']) {
    responses.add(
      `${name}-of-${grantType}`,
      `bends the token response of ${grantType}: ${name}`,
      bendResponse((reply) => withJson(reply, tokenMembers[name]!), grantType),
    );
  }
}
for (const status of [201, 202, 204, 302, 400, 401, 500]) {
  responses.add(
    `status-${status}`,
    `has the status ${status} in the token response`,
    bendResponse((reply) => withStatus(reply, status)),
    { firm: status !== 201 && status !== 202 },
  );
}
for (const [name, breakUp] of Object.entries(brokenBodies)) {
  responses.add(
    `body-${name}`,
    `breaks the body of the token response (${name})`,
    bendResponse((reply) => withText(reply, breakUp(reply.body))),
  );
}
responses
  .add(
    'content-type-html',
    'says that the token response is HTML',
    bendResponse((reply) => withText(reply, reply.body, 'text/html; charset=UTF-8')),
    { firm: false },
  )
  .add(
    'content-type-text',
    'says that the token response is plain text',
    bendResponse((reply) => withText(reply, reply.body, 'text/plain')),
    { firm: false },
  )
  .add(
    'cacheable',
    'lets the token response be cached',
    bendResponse((reply) => ({
      ...reply,
      headers: [
        ['Content-Type', 'application/json'],
        ['Cache-Control', 'public, max-age=600'],
      ],
    })),
    { firm: false },
  )
  .add(
    'refresh-token',
    'gives a refresh token in the client credentials grant',
    bendResponse((reply) => withJson(reply, member('refresh_token', 'r-3f9a0c17b2')), 'client_credentials'),
    { firm: false },
  )
  .add('password', 'repeats the password in the token response', (server) =>
    replace(server, 'tokenAnswer', (right) => (grant) => ({ ...right(grant), password: grant.user.password })),
  )
  .add('client-secret', 'repeats the client secret in the token response', (server) =>
    replace(server, 'tokenAnswer', (right) => (grant) => ({
      ...right(grant),
      client: { id: grant.client.id, secret: grant.client.secret },
    })),
  );

const accounts = new Family(
  'account',
  [
    'protected-request/',
    'setup/',
    'intro/',
    'invariants/foreign-identity',
    'invariants/data-without-permission',
    'invariants/password-in-answer',
    'invariants/secret-echo',
    'rfc8259/',
    'invariants/complete-answer',
    'invariants/server-error',
  ],
  ['protected-request/', 'users/', 'password-grant/', 'client-credentials-grant/'],
);
const bendAccount = (change: (reply: Reply) => Reply) => (server: AccessTokenServer) =>
  bend(server, (incoming, reply) => isApiRequest(incoming) && reply.status === 200, change);
const bendFields = (change: (document: Json, server: AccessTokenServer) => unknown) => (server: AccessTokenServer) =>
  bendAccount((reply) => withJson(reply, (document) => change(document, server)))(server);
for (const [name, breakUp] of Object.entries(brokenBodies))
  accounts.add(
    `body-${name}`,
    `breaks the body of an account (${name})`,
    bendAccount((reply) => withText(reply, breakUp(reply.body))),
  );
for (const status of [201, 202, 204, 206, 301, 304, 400, 401, 403, 404, 406, 415, 500, 503]) {
  accounts.add(
    `status-${status}`,
    `has the status ${status} with an account`,
    bendAccount((reply) => withStatus(reply, status)),
  );
}
for (const role of ['main', 'other', 'admin']) {
  accounts.add(`always-${role}`, `shows the account of ${role} whatever was asked for`, (server) =>
    replace(
      server,
      'userDocument',
      (right) => (viewer) =>
        right(
          viewer,
          server.accounts.find((one) => one.role === role)!,
        ),
    ),
  );
}
accounts
  .add('own-account-always', 'shows the caller the own account whatever was asked for', (server) =>
    replace(server, 'userDocument', (right) => (viewer) => right(viewer, viewer)),
  )
  .add('next-account', 'shows the account with the next id', (server) =>
    replace(
      server,
      'userDocument',
      (right) => (viewer, subject) => right(viewer, server.accounts[(server.accounts.indexOf(subject) + 1) % server.accounts.length]!),
    ),
  )
  .add(
    'empty-object',
    'shows an empty object',
    bendFields(() => ({})),
  )
  .add(
    'without-id',
    'leaves the id out',
    bendFields((document) => without(document, 'uid')),
  )
  .add('id-null', 'has null for the id', bendFields(member('uid', null)))
  .add('id-empty', 'has an empty list for the id', bendFields(member('uid', [])))
  .add('id-zero', 'shows the id 0', bendFields(member('uid', [{ value: 0 }])))
  .add(
    'message-only',
    'says only that all went well',
    bendFields(() => ({ status: 'success', message: 'Authenticated.' })),
  )
  .add('list-of-all', 'shows all accounts', (server) =>
    bendAccount((reply) => withText(reply, JSON.stringify(server.accounts.map((one) => server.userDocument(one, one)))))(server),
  )
  .add('password', 'shows the password', (server) =>
    replace(server, 'userDocument', (right) => (viewer, subject) => ({ ...right(viewer, subject), pass: [{ value: subject.password }] })),
  )
  .add(
    'password-hash',
    'shows the hash of the password',
    bendFields(member('pass', [{ value: '$2y$10$Tq1mC0u9VqR3dE5sL7xXeuWkZb1N8yH6pJ4fG2aD0cB5nM3vK9iQe' }])),
  )
  .add(
    'password-hash-plain',
    'shows the hash of the password as a plain value',
    bendFields(member('pass', '$S$E9KwRpVbTzqYyQGBL8mK0v1r2h3W4x5Y6z7A8b9C0d1E2f3G4h5I')),
  )
  .add(
    'password-renamed',
    'shows the hash of the password by another name',
    bendFields(member('password', '$2y$10$Tq1mC0u9VqR3dE5sL7xXeuWkZb1N8yH6pJ4fG2aD0cB5nM3vK9iQe')),
  )
  .add(
    'mail-of-others',
    'shows the mail address of others',
    (server) =>
      replace(server, 'userDocument', (right) => (viewer, subject) => ({ ...right(viewer, subject), mail: [{ value: subject.mail }] })),
    { firm: false },
  )
  .add('token', 'shows the token that was sent', (server) =>
    bend(
      server,
      (incoming, reply) => isApiRequest(incoming) && reply.status === 200,
      (reply, { headers }) => withJson(reply, member('token', headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1])),
    ),
  )
  .add('client-secret', 'shows the secret of the application', (server) =>
    bendFields(member('application', { secret: server.applications[0]!.secret }))(server),
  )
  .add(
    'xml',
    'answers in XML',
    bendAccount((reply) => withText(reply, '<response><uid><value>14</value></uid></response>', 'text/xml; charset=UTF-8')),
  )
  .add(
    'login-page',
    'shows the login page',
    bendAccount((reply) =>
      withText(reply, '<!DOCTYPE html><html><body><form action="/user/login"></form></body></html>', 'text/html; charset=UTF-8'),
    ),
  )
  .add(
    'content-type-html',
    'says that an account is HTML',
    bendAccount((reply) => withText(reply, reply.body, 'text/html; charset=UTF-8')),
    { firm: false },
  )
  .add('other-path', 'has accounts at /entity/user', (server) =>
    replace(server, 'normalPath', (right) => (raw) => right(raw.replace('/user/', '/nobody/').replace('/entity/nobody/', '/user/'))),
  )
  .add('content-type-refused', 'refuses a GET with a Content-Type', (server) =>
    replace(
      server,
      'userResource',
      (right) => (viewed, id) =>
        viewed.incoming.headers.some(([name]) => name.toLowerCase() === 'content-type')
          ? server.core(415, 'No route found that matches "Content-Type: application/json"')
          : right(viewed, id),
    ),
  )
  .add('every-second', 'serves every second request only', (server) => {
    let count = 0;
    bendAccount((reply) => (++count % 2 === 0 ? withStatus(withText(reply, '{"message":"Busy"}'), 403) : reply))(server);
  })
  .add('own-account-refused', 'refuses the own account to whoever may not view others', (server) =>
    replace(server, 'mayView', () => (viewer, subject) => viewer !== subject && viewer.permissions.includes('access user profiles')),
  );

export const wrongAnswers = [...errors, ...responses.all, ...accounts.all];
