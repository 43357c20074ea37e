/**
 * Wrong behaviours that may strike anywhere: secrets repeated, faults of the program shown, answers that fail, come late, or come cut.
 *
 * @module
 */
import { literal } from './dialects.ts';
import { headerOf, type AccessTokenServer, type Incoming, type Reply } from './server.ts';
import { bend, Family, isApiRequest, isTokenRequest, replace, withHeader, withJson, withStatus, withText } from './wrong.ts';

const formOf = ({ body }: Incoming): URLSearchParams => new URLSearchParams(body.toString());
const isRefusal = ({ status }: Reply): boolean => status >= 400;

const echoes = new Family(
  'echo',
  ['invariants/secret-echo', 'intro/password-not-exposed', 'invariants/input-as-code', 'token-response/'],
  ['token-errors/', 'token-parameters/', 'access-errors/', 'token-response/', 'password-grant/', 'users/', 'several-faults/'],
);
const echo =
  (matches: (incoming: Incoming, reply: Reply) => boolean, add: (reply: Reply, incoming: Incoming) => Reply) =>
  (server: AccessTokenServer) =>
    bend(server, matches, add);
const say = (text: (incoming: Incoming) => string | null | undefined) => (reply: Reply, incoming: Incoming) =>
  withJson(reply, (document) => ({ ...document, error_description: `${String(document['error_description'])} (${text(incoming) ?? ''})` }));
echoes
  .add(
    'password-in-refusal',
    'repeats the password in a refusal',
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply) && formOf(incoming).has('password'),
      say((incoming) => formOf(incoming).get('password')),
    ),
  )
  .add(
    'password-in-base64',
    'repeats the password in a refusal, in base64',
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply) && formOf(incoming).has('password'),
      say((incoming) => Buffer.from(formOf(incoming).get('password') ?? '').toString('base64')),
    ),
  )
  .add(
    'client-secret-in-refusal',
    'repeats the client secret in a refusal',
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply) && formOf(incoming).has('client_secret'),
      say((incoming) => formOf(incoming).get('client_secret')),
    ),
  )
  .add(
    'form-in-refusal',
    'repeats the whole form in a refusal',
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply),
      say((incoming) => incoming.body.toString()),
    ),
  )
  .add('right-secret-in-refusal', 'says what the right client secret would have been', (server) =>
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply),
      say(() => server.applications[0]!.secret),
    )(server),
  )
  .add('right-password-in-refusal', 'says what the right password would have been', (server) =>
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply),
      say(() => server.accounts.find(({ role }) => role === 'main')!.password),
    )(server),
  )
  .add(
    'password-in-header',
    'repeats the password in a header',
    echo(
      (incoming) => isTokenRequest(incoming) && formOf(incoming).has('password'),
      (reply, incoming) => withHeader(reply, 'X-Debug', encodeURIComponent(formOf(incoming).get('password') ?? '')),
    ),
  )
  .add(
    'client-secret-in-header',
    'repeats the client secret in a header',
    echo(
      (incoming) => isTokenRequest(incoming) && formOf(incoming).has('client_secret'),
      (reply, incoming) => withHeader(reply, 'X-Client', encodeURIComponent(formOf(incoming).get('client_secret') ?? '')),
    ),
  )
  .add(
    'token-in-refusal',
    'repeats a good token in a refusal',
    echo(
      (incoming, reply) => isApiRequest(incoming) && isRefusal(reply) && headerOf(incoming, 'authorization') !== undefined,
      (reply, incoming) =>
        withJson(reply, (document) => ({
          ...document,
          error_description: headerOf(incoming, 'authorization'),
          message: headerOf(incoming, 'authorization'),
        })),
    ),
  )
  .add(
    'token-in-header',
    'repeats the token in a header',
    echo(
      (incoming) => isApiRequest(incoming) && headerOf(incoming, 'authorization') !== undefined,
      (reply, incoming) => withHeader(reply, 'X-Token', (headerOf(incoming, 'authorization') ?? '').replace(/[^\x20-\x7e]/g, '')),
    ),
  )
  .add(
    'token-in-cookie',
    'sets the token as a cookie',
    echo(
      (incoming, reply) => isApiRequest(incoming) && reply.status === 200,
      (reply, incoming) => withHeader(reply, 'Set-Cookie', `token=${(headerOf(incoming, 'authorization') ?? '').replace(/^Bearer /, '')}`),
    ),
  )
  .add('passwords-of-others', 'lists the users with their passwords in a refusal', (server) =>
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply),
      (reply) => withJson(reply, (document) => ({ ...document, debug: server.accounts.map(({ name, password }) => ({ name, password })) })),
    )(server),
  )
  .add(
    'user-name-as-markup',
    'repeats the user name as HTML in a refusal',
    echo(
      (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply),
      (reply, incoming) =>
        withText(reply, `<html><body>No user ${formOf(incoming).get('username') ?? ''}</body></html>`, 'text/html; charset=UTF-8'),
    ),
  );

const traces: Readonly<Record<string, string>> = {
  php: '<br />\n<b>Warning</b>: Undefined array key "client_secret" in <b>/var/www/html/modules/contrib/rest_api_authentication/src/Controller/Token.php</b> on line <b>87</b><br />\n',
  'php-exception':
    'Drupal\\Core\\Database\\DatabaseExceptionWrapper: failed in /var/www/html/core/lib/Drupal/Core/Database/StatementPrefetch.php:120\nStack trace:\n#0 /var/www/html/core/lib/Drupal.php(12): call()\n#1 {main}',
  sql: 'SQLSTATE[42000]: Syntax error or access violation: 1064 You have an error in your SQL syntax',
  node: 'TypeError: Cannot read properties of undefined\n    at readForm (/srv/api/token.js:41:17)\n    at Layer.handle [as handle_request] (/srv/api/node_modules/express/lib/router/layer.js:95:5)',
  python: 'Traceback (most recent call last):\n  File "/srv/app.py", line 12, in token\nKeyError: \'username\'',
  java: 'java.lang.NullPointerException\n\tat org.example.Token.issue(Token.java:48)',
};
const shown = new Family(
  'trace',
  ['invariants/stack-trace'],
  ['token-errors/', 'token-parameters/', 'access-errors/', 'protected-request/'],
);
for (const [name, text] of Object.entries(traces)) {
  shown
    .add(`${name}-at-token-endpoint`, `shows a trace (${name}) in a refusal of the token endpoint`, (server) =>
      bend(
        server,
        (incoming, reply) => isTokenRequest(incoming) && isRefusal(reply),
        (reply) => withJson(reply, (document) => ({ ...document, trace: text })),
      ),
    )
    .add(`${name}-before-account`, `shows a trace (${name}) in a refusal of the API`, (server) =>
      bend(
        server,
        (incoming, reply) => isApiRequest(incoming) && isRefusal(reply),
        (reply) => withJson(reply, (document) => ({ ...document, exception: text })),
      ),
    );
}

const failures = new Family(
  'failure',
  ['invariants/server-error', 'invariants/', 'token-response/', 'protected-request/', 'missing-username/', 'invalid-', 'missing-'],
  [
    'token-parameters/',
    'token-errors/',
    'access-errors/',
    'authorization-header/',
    'application-header/',
    'users/',
    'methods/',
    'token-methods/',
    'format/',
    'paths/',
    'several-faults/',
  ],
);
const failIf =
  (has: (incoming: Incoming, text: string) => boolean, status = 500) =>
  (server: AccessTokenServer) =>
    bend(
      server,
      (incoming) => has(incoming, incoming.body.toString()),
      () => server.html(status, 'The website encountered an unexpected error.'),
    );
const inForm = (has: (value: string, name: string) => boolean) => (incoming: Incoming) =>
  isTokenRequest(incoming) && [...formOf(incoming)].some(([name, value]) => has(value, name));
failures
  .add(
    'array',
    'fails on an array parameter',
    failIf((incoming) => inForm((_value, name) => name.includes('['))(incoming)),
  )
  .add(
    'nul',
    'fails on NUL in a parameter',
    failIf((incoming) => inForm((value) => value.includes('\0'))(incoming)),
  )
  .add(
    'control-characters',
    'fails on control characters in a parameter',
    failIf((incoming) => inForm((value) => /[\x01-\x1f]/.test(value))(incoming)),
  )
  .add(
    'long',
    'fails on a parameter of more than 500 characters',
    failIf((incoming) => inForm((value) => value.length > 500)(incoming)),
  )
  .add(
    'very-long',
    'fails on a form of more than 5000 bytes',
    failIf((incoming) => isTokenRequest(incoming) && incoming.body.byteLength > 5000),
  )
  .add(
    'invalid-utf-8',
    'fails on bytes that are no UTF-8',
    failIf((incoming) => isTokenRequest(incoming) && formOf(incoming).toString().includes('%EF%BF%BD')),
  )
  .add(
    'unicode',
    'fails on a user name that is not ASCII',
    failIf((incoming) => inForm((value, name) => name === 'username' && /[^\x20-\x7e]/.test(value))(incoming)),
  )
  .add(
    'emoji',
    'fails on a character beyond the basic plane',
    failIf((incoming) => inForm((value) => /\p{Emoji_Presentation}/u.test(value))(incoming)),
  )
  .add(
    'quote',
    'fails on a quote',
    failIf((incoming) => inForm((value, name) => name === 'username' && value.includes("'"))(incoming)),
  )
  .add(
    'backslash',
    'fails on a backslash in the user name',
    failIf((incoming) => inForm((value, name) => name === 'username' && value.includes('\\'))(incoming)),
  )
  .add(
    'malformed-json',
    'fails on JSON that is cut',
    failIf((incoming, text) => isTokenRequest(incoming) && /json/.test(headerOf(incoming, 'content-type') ?? '') && !isJson(text)),
  )
  .add(
    'json-list',
    'fails on JSON that is no object',
    failIf((incoming, text) => isTokenRequest(incoming) && /^(\[|null|\d|")/.test(text)),
  )
  .add(
    'json',
    'fails on JSON',
    failIf((incoming) => isTokenRequest(incoming) && /json/.test(headerOf(incoming, 'content-type') ?? '')),
  )
  .add(
    'multipart',
    'fails on multipart forms',
    failIf((incoming) => /multipart/.test(headerOf(incoming, 'content-type') ?? '')),
  )
  .add(
    'no-content-type',
    'fails without a Content-Type',
    failIf((incoming) => isTokenRequest(incoming) && incoming.method === 'POST' && headerOf(incoming, 'content-type') === undefined),
  )
  .add(
    'unknown-content-type',
    'fails on an unknown Content-Type',
    failIf((incoming) => isTokenRequest(incoming) && !/form|json|^$/.test(headerOf(incoming, 'content-type') ?? '')),
  )
  .add(
    'empty-body',
    'fails on an empty body',
    failIf((incoming, text) => isTokenRequest(incoming) && incoming.method === 'POST' && text === ''),
  )
  .add(
    'missing-grant-type',
    'fails without grant_type',
    failIf((incoming) => isTokenRequest(incoming) && incoming.method === 'POST' && !formOf(incoming).has('grant_type')),
  )
  .add(
    'missing-username',
    'fails without username',
    failIf((incoming) => isTokenRequest(incoming) && incoming.method === 'POST' && !formOf(incoming).has('username')),
  )
  .add(
    'missing-password',
    'fails without password',
    failIf(
      (incoming) => isTokenRequest(incoming) && formOf(incoming).get('grant_type') === 'password' && !formOf(incoming).has('password'),
    ),
  )
  .add(
    'missing-client-id',
    'fails without client_id',
    failIf((incoming) => isTokenRequest(incoming) && incoming.method === 'POST' && !formOf(incoming).has('client_id')),
  )
  .add(
    'missing-client-secret',
    'fails without client_secret',
    failIf(
      (incoming) =>
        isTokenRequest(incoming) && formOf(incoming).get('grant_type') === 'client_credentials' && !formOf(incoming).has('client_secret'),
    ),
  )
  .add(
    'unknown-grant-type',
    'fails on an unknown grant type',
    failIf(
      (incoming) => isTokenRequest(incoming) && !['password', 'client_credentials', null].includes(formOf(incoming).get('grant_type')),
    ),
  )
  .add('unknown-user', 'fails if the user is unknown', (server) =>
    failIf((incoming) => inForm((value, name) => name === 'username' && server.findUser(value) === undefined)(incoming))(server),
  )
  .add(
    'repeated',
    'fails on a repeated parameter',
    failIf((incoming) => isTokenRequest(incoming) && new Set(formOf(incoming).keys()).size < [...formOf(incoming)].length),
  )
  .add(
    'broken-percent',
    'fails on a broken percent sign',
    failIf((incoming, text) => isTokenRequest(incoming) && /%(?![0-9a-f]{2})/i.test(text)),
  )
  .add(
    'get',
    'fails on GET at the token endpoint',
    failIf((incoming) => isTokenRequest(incoming) && incoming.method === 'GET'),
  )
  .add(
    'options',
    'fails on OPTIONS',
    failIf((incoming) => incoming.method === 'OPTIONS'),
  )
  .add(
    'put',
    'fails on PUT',
    failIf((incoming) => incoming.method === 'PUT'),
  )
  .add(
    'delete',
    'fails on DELETE',
    failIf((incoming) => incoming.method === 'DELETE'),
  )
  .add(
    'head',
    'fails on HEAD',
    failIf((incoming) => incoming.method === 'HEAD'),
  )
  .add(
    'post-on-account',
    'fails on POST on an account',
    failIf((incoming) => isApiRequest(incoming) && incoming.method === 'POST'),
  )
  .add(
    'empty-token',
    'fails on an empty token',
    failIf((incoming) => isApiRequest(incoming) && /^bearer *$/i.test(headerOf(incoming, 'authorization') ?? '')),
  )
  .add(
    'bare-token',
    'fails on a token without a scheme',
    failIf((incoming) => isApiRequest(incoming) && /^[^ ]+$/.test(headerOf(incoming, 'authorization') ?? '')),
  )
  .add(
    'dots',
    'fails on a token with dots',
    failIf((incoming) => isApiRequest(incoming) && /\.\./.test(headerOf(incoming, 'authorization') ?? '')),
  )
  .add(
    'long-token',
    'fails on a long token',
    failIf((incoming) => isApiRequest(incoming) && (headerOf(incoming, 'authorization') ?? '').length > 1000),
  )
  .add(
    'latin-1-token',
    'fails on a token that is not ASCII',
    failIf((incoming) => isApiRequest(incoming) && /[^\x00-\x7f]/.test(headerOf(incoming, 'authorization') ?? '')),
  )
  .add(
    'invalid-token',
    'fails on an invalid token',
    failIf((incoming) => isApiRequest(incoming) && /^Bearer \w{3,10}$/.test(headerOf(incoming, 'authorization') ?? '')),
  )
  .add(
    'basic',
    'fails on Basic credentials',
    failIf((incoming) => isApiRequest(incoming) && (headerOf(incoming, 'authorization') ?? '').startsWith('Basic')),
  )
  .add(
    'two-authorizations',
    'fails on two Authorization headers',
    failIf(({ headers }) => headers.filter(([name]) => name.toLowerCase() === 'authorization').length > 1),
  )
  .add('unknown-application', 'fails on an unknown application', (server) =>
    failIf(
      (incoming) =>
        isApiRequest(incoming) &&
        headerOf(incoming, 'auth-method') !== undefined &&
        server.findApplication(server.applicationHeader(incoming) ?? '') === undefined,
    )(server),
  )
  .add(
    'missing-unique-header',
    'fails without the unique header',
    failIf((incoming) => isApiRequest(incoming) && headerOf(incoming, 'auth-method') === undefined),
  )
  .add(
    'missing-authorization',
    'fails without Authorization',
    failIf((incoming) => isApiRequest(incoming) && headerOf(incoming, 'authorization') === undefined),
  )
  .add(
    'no-format',
    'fails without _format',
    failIf(({ target }) => /\/user\/\d+$/.test(target)),
  )
  .add(
    'unknown-format',
    'fails on an unknown format',
    failIf(({ target }) => /_format=(?!json)[a-z]+/i.test(target)),
  )
  .add(
    'huge-id',
    'fails on a huge id',
    failIf(({ target }) => /\/user\/\d{9,}/.test(target)),
  )
  .add(
    'id-that-is-no-number',
    'fails on an id that is no number',
    failIf(({ target }) => /\/user\/[a-z-]+\?/i.test(target)),
  )
  .add(
    'negative-id',
    'fails on a negative id',
    failIf(({ target }) => target.includes('/user/-')),
  )
  .add(
    'broken-path',
    'fails on a path with a broken escape',
    failIf(({ target }) => /%(?![0-9a-f]{2})/i.test(target.split('?')[0] ?? '')),
    { firm: false },
  );

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const everything = new Family(
  'outage',
  ['token-response/', 'protected-request/', 'invariants/', 'intro/', 'password-grant/', 'client-credentials-grant/'],
  ['password-grant/', 'client-credentials-grant/', 'protected-request/', 'token-response/', 'token-lifecycle/'],
);
const sometimes =
  (every: number, change: (reply: Reply, incoming: Incoming, server: AccessTokenServer) => Reply) => (server: AccessTokenServer) => {
    let count = 0;
    bend(
      server,
      () => ++count % every === 0,
      (reply, incoming) => change(reply, incoming, server),
    );
  };
for (const every of [1, 2, 5, 10]) {
  const often = every === 1 ? 'always' : `one time in ${every}`;
  for (const status of [500, 502, 503, 429]) {
    everything.add(
      `${status}-${every}`,
      `answers ${status} ${often}`,
      sometimes(every, (_reply, _incoming, server) => server.html(status, 'Try again later', [['Retry-After', '0']])),
      { blocks: status === 503 || status === 429 },
    );
  }
  everything
    .add(
      `html-${every}`,
      `answers with a page ${often}`,
      sometimes(every, (_reply, _incoming, server) => server.html(200, 'Welcome')),
    )
    .add(
      `login-${every}`,
      `sends the caller to the login page ${often}`,
      sometimes(every, (reply) => withStatus(withHeader(withText(reply, ''), 'Location', '/user/login'), 302)),
    )
    .add(
      `refused-${every}`,
      `refuses a good request ${often}`,
      sometimes(every, (reply, incoming, server) =>
        reply.status !== 200
          ? reply
          : isTokenRequest(incoming)
            ? server.refuse('INVALID_CREDENTIALS', 401)
            : server.refuse('INVALID_ACCESS_TOKEN', 401),
      ),
    );
}

const wire = new Family(
  'wire',
  ['invariants/complete-answer', 'invariants/', 'token-response/', 'protected-request/', 'rfc8259/', 'intro/'],
  ['password-grant/issues', 'client-credentials-grant/issues', 'protected-request/own', 'access-errors/missing', 'token-errors/'],
  { needsSocket: true },
);
const onWire =
  (matches: (incoming: Incoming, reply: Reply) => boolean, misbehave: (reply: Reply) => NonNullable<Reply['wire']>) =>
  (server: AccessTokenServer) =>
    bend(server, matches, (reply) => ({ ...reply, wire: misbehave(reply) }));
const places: Readonly<Record<string, (incoming: Incoming, reply: Reply) => boolean>> = {
  'token-response': (incoming, { status }) => isTokenRequest(incoming) && status === 200,
  account: (incoming, { status }) => isApiRequest(incoming) && status === 200,
  'token-refusal': (incoming, { status }) => isTokenRequest(incoming) && status === 401,
  'api-refusal': (incoming, { status }) => isApiRequest(incoming) && status >= 400,
};
for (const [place, matches] of Object.entries(places)) {
  wire
    .add(
      `drop-${place}`,
      `drops the connection instead of an answer (${place})`,
      onWire(matches, () => ({ drop: true })),
    )
    .add(
      `cut-${place}`,
      `cuts the connection in the middle of an answer (${place})`,
      onWire(matches, ({ body }) => ({ cutAfterBytes: Math.floor(body.byteLength / 2) })),
    )
    .add(
      `long-length-${place}`,
      `announces more bytes than it sends (${place})`,
      onWire(matches, ({ body }) => ({ claimLength: body.byteLength + 40, cutAfterBytes: body.byteLength })),
    )
    .add(
      `short-length-${place}`,
      `announces fewer bytes than it sends (${place})`,
      onWire(matches, ({ body }) => ({ claimLength: body.byteLength - 5 })),
    )
    .add(
      `slow-${place}`,
      `takes longer than the time limit (${place})`,
      onWire(matches, () => ({ delayMs: 700 })),
    );
}
wire.add('drop-every-third', 'drops every third connection', (server) => {
  let count = 0;
  onWire(
    () => ++count % 3 === 0,
    () => ({ drop: true }),
  )(server);
});

const subfolder = new Family(
  'base',
  ['password-grant/path', 'protected-request/', 'token-response/', 'intro/', 'password-grant/'],
  ['password-grant/issues', 'protected-request/own'],
);
subfolder.add('ignored', 'does not know the folder it lives in', (server) => replace(server, 'normalPath', () => (raw) => raw), {
  dialect: { ...literal, base: '/drupal' },
});

export const wrongOnTheWire = [echoes, shown, failures, everything, wire, subfolder].flatMap(({ all }) => all);
