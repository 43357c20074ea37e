/**
 * Ways in which an OAuth server can be wrong: each with the check that must notice, and the clause that this check must cite.
 */
import type { Answer, Bend, Message } from './wrong-proxy.ts';

export interface Mistake extends Bend {
  readonly title: string;
  /** Address of the case that notices. */
  readonly case: string;
  readonly clause: string;
}

const isToken = ({ path }: Message) => path.split('?', 1)[0] === '/token';
const isResource = ({ path }: Message) => path.startsWith('/reports');
const isRead = (_: Answer, message: Message) => isResource(message);
const isIssued = (answer: Answer, message: Message) => isToken(message) && answer.status === 200;
const isRefusedToken = (answer: Answer, message: Message) => isToken(message) && answer.status >= 400;

const onAnswer =
  (
    holds: (answer: Answer, message: Message) => boolean,
    change: (answer: Answer, message: Message) => void,
  ): NonNullable<Bend['response']> =>
  (answer, message) => {
    if (holds(answer, message)) change(answer, message);
  };

const withJson =
  (change: (body: Record<string, unknown>) => void) =>
  (answer: Answer): void => {
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    change(body);
    answer.body = JSON.stringify(body);
  };

/** Rewrites the challenge of refusals of the resource. */
const challenge = (change: (challenge: string) => string | undefined) =>
  onAnswer(
    (answer, message) => isResource(message) && answer.headers['www-authenticate'] !== undefined,
    (answer) => {
      const changed = change(answer.headers['www-authenticate'] ?? '');
      if (changed === undefined) delete answer.headers['www-authenticate'];
      else answer.headers['www-authenticate'] = changed;
    },
  );

const formOf = ({ body }: Message) => new URLSearchParams(body);
const withForm =
  (change: (form: URLSearchParams, message: Message) => void): NonNullable<Bend['request']> =>
  (message) => {
    if (!isToken(message) || message.method !== 'POST') return undefined;
    const form = formOf(message);
    change(form, message);
    message.body = form.toString();
    return undefined;
  };

const refusal = (status: number, error: string): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify({ error }),
});

const basicOf = ({ headers }: Message): [id: string, secret: string] => {
  const [, encoded = ''] = /^basic (.*)$/i.exec(headers['authorization'] ?? '') ?? [];
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? ['', ''] : [pair.slice(0, colon), pair.slice(colon + 1)];
};
const encodeBasic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const formEncode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

const mainBasic = encodeBasic('reports-service', 'main-secret-7Yq2LrV0cZtB9eXs');

/** A token that works, for mistakes that take any token for a good one. */
function anyTokenIsGood(holds: (token: string, message: Message) => boolean): Bend {
  let good = '';
  return {
    prepare: async (send) => {
      const headers = { authorization: mainBasic, 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await send({ method: 'POST', path: '/token', headers, body: 'grant_type=client_credentials&scope=api:read' });
      good = (JSON.parse(answer.body) as { access_token: string }).access_token;
    },
    request: (message) => {
      const [, token] = /^bearer (.+)$/i.exec(message.headers['authorization'] ?? '') ?? [];
      if (isResource(message) && token !== undefined && holds(token, message)) message.headers['authorization'] = `Bearer ${good}`;
      return undefined;
    },
  };
}

/** Knows whom to refuse, and sends the content all the same. */
function refusingWithContent(): Bend {
  const issued = new Set<string>();
  const { prepare, request } = anyTokenIsGood((token) => !issued.has(token));
  return {
    ...(prepare === undefined ? {} : { prepare }),
    ...(request === undefined ? {} : { request }),
    response: (answer, message) => {
      if (isIssued(answer, message)) issued.add((JSON.parse(answer.body) as { access_token: string }).access_token);
      const [, token] = /^bearer (.+)$/i.exec(message.headers['authorization'] ?? '') ?? [];
      if (!isResource(message) || token === undefined || issued.has(token)) return;
      answer.status = 401;
      answer.headers['www-authenticate'] = 'Bearer realm="reports", error="invalid_token"';
    },
  };
}

export const mistakes: readonly Mistake[] = [
  // ── the token response ────────────────────────────────────────────────────────────────────────────────────────────────
  {
    title: 'lets caches keep tokens',
    case: 'oauth2/token-response/not-cached',
    clause: 'rfc6749/5.1/no-store',
    response: onAnswer(isIssued, (answer) => (answer.headers['cache-control'] = 'max-age=60')),
  },
  {
    title: 'writes the lifetime as a string',
    case: 'oauth2/token-response/document',
    clause: 'rfc6749/5.1/json-types',
    response: onAnswer(
      isIssued,
      withJson((body) => (body['expires_in'] = String(body['expires_in']))),
    ),
  },
  {
    title: 'tells no lifetime',
    case: 'oauth2/token-response/lifetime',
    clause: 'rfc6749/5.1/expires-in',
    response: onAnswer(
      isIssued,
      withJson((body) => delete body['expires_in']),
    ),
  },
  {
    title: 'issues tokens for a year',
    case: 'oauth2/token-response/lifetime',
    clause: 'rfc6750/5.3/short-lived',
    response: onAnswer(
      isIssued,
      withJson((body) => (body['expires_in'] = 31_536_000)),
    ),
  },
  {
    title: 'names no token type',
    case: 'oauth2/token-request/issues-token',
    clause: 'rfc6749/5.1/token-type',
    response: onAnswer(
      isIssued,
      withJson((body) => delete body['token_type']),
    ),
  },
  {
    title: 'calls a bearer token something else',
    case: 'oauth2/token-response/bearer-token',
    clause: 'rfc6749/5.1/token-type',
    response: onAnswer(
      isIssued,
      withJson((body) => (body['token_type'] = 'access_token')),
    ),
  },
  {
    title: 'names the token otherwise',
    case: 'oauth2/token-request/issues-token',
    clause: 'rfc6749/5.1/access-token',
    response: onAnswer(
      isIssued,
      withJson((body) => {
        body['accessToken'] = body['access_token'];
        delete body['access_token'];
      }),
    ),
  },
  {
    title: 'sends the token as text/html',
    case: 'oauth2/token-response/document',
    clause: 'rfc6749/5.1/json',
    response: onAnswer(isIssued, (answer) => (answer.headers['content-type'] = 'text/html; charset=utf-8')),
  },
  {
    title: 'answers 201 to a token request',
    case: 'oauth2/token-request/issues-token',
    clause: 'rfc6749/5.1/success-status',
    response: onAnswer(isIssued, (answer) => (answer.status = 201)),
  },
  {
    title: 'issues short tokens',
    case: 'oauth2/token-response/token-length',
    clause: 'rfc6749/10.10/entropy',
    response: onAnswer(
      isIssued,
      withJson((body) => (body['access_token'] = String(body['access_token']).slice(0, 12))),
    ),
  },
  {
    title: 'issues tokens that no header can carry',
    case: 'oauth2/token-response/token-characters',
    clause: 'rfc6750/2.1/token-syntax',
    response: onAnswer(
      isIssued,
      withJson((body) => (body['access_token'] = `{${String(body['access_token'])}}`)),
    ),
  },
  {
    title: 'adds a refresh token',
    case: 'oauth2/token-response/no-refresh-token',
    clause: 'rfc6749/4.4.3/no-refresh-token',
    response: onAnswer(
      isIssued,
      withJson((body) => (body['refresh_token'] = 'a-refresh-token-that-nobody-asked-for')),
    ),
  },

  // ── the error response ────────────────────────────────────────────────────────────────────────────────────────────────
  {
    title: 'refuses wrong Basic credentials without a challenge',
    case: 'oauth2/client-authentication/wrong-secret/generated',
    clause: 'rfc6749/5.2/challenge',
    response: onAnswer(isRefusedToken, (answer) => delete answer.headers['www-authenticate']),
  },
  {
    title: 'refuses wrong Basic credentials with 400',
    case: 'oauth2/client-authentication/wrong-secret/generated',
    clause: 'rfc6749/5.2/challenge',
    response: onAnswer(isRefusedToken, (answer) => (answer.status = 400)),
  },
  {
    title: 'challenges another scheme than the client used',
    case: 'oauth2/client-authentication/unknown-client/generated',
    clause: 'rfc6749/5.2/challenge',
    response: onAnswer(isRefusedToken, (answer) => (answer.headers['www-authenticate'] = 'Bearer realm="Basic, of course"')),
  },
  {
    title: 'writes error codes in capitals',
    case: 'oauth2/token-request/unsupported-grant-type/word',
    clause: 'rfc6749/5.2/error-codes',
    response: onAnswer(
      isRefusedToken,
      withJson((body) => (body['error'] = String(body['error']).toUpperCase())),
    ),
  },
  {
    title: 'gives every refusal the code invalid_grant',
    case: 'oauth2/client-authentication/wrong-secret-in-body/generated',
    clause: 'rfc6749/5.2/invalid-client',
    response: onAnswer(
      isRefusedToken,
      withJson((body) => (body['error'] = 'invalid_grant')),
    ),
  },
  {
    title: 'refuses with 200',
    case: 'oauth2/token-request/unsupported-grant-type/word',
    clause: 'rfc6749/5.2/status-400',
    response: onAnswer(isRefusedToken, (answer) => (answer.status = 200)),
  },
  {
    title: 'refuses with 403',
    case: 'oauth2/token-request/unusable-grant/refresh-token',
    clause: 'rfc6749/5.2/status-400',
    response: onAnswer(isRefusedToken, (answer) => (answer.status = 403)),
  },
  {
    title: 'refuses with a web page',
    case: 'oauth2/token-request/missing-grant-type/left-out',
    clause: 'rfc6749/5.2/json',
    response: onAnswer(isRefusedToken, (answer) => {
      answer.headers['content-type'] = 'text/html';
      answer.body = '<!doctype html><title>Bad request</title>';
    }),
  },
  {
    title: 'puts quotes into descriptions',
    case: 'oauth2/token-request/unsupported-grant-type/uri',
    clause: 'rfc6749/5.2/description-characters',
    response: onAnswer(
      isRefusedToken,
      withJson((body) => (body['error_description'] = 'the grant "x" is unknown')),
    ),
  },
  {
    title: 'refuses a method without naming the right one',
    case: 'oauth2/token-request/other-method/get',
    clause: 'rfc9110/15.5.6/allow',
    request: (message) => (isToken(message) && message.method !== 'POST' ? { ...refusal(405, 'invalid_request') } : undefined),
  },

  // ── reading the request ───────────────────────────────────────────────────────────────────────────────────────────────
  {
    title: 'knows the scheme Basic in one spelling',
    case: 'oauth2/token-request/scheme-in-any-case/lower',
    clause: 'rfc9110/11.1/scheme-case',
    request: (message) =>
      isToken(message) && /^(?!Basic )/.test(message.headers['authorization'] ?? 'Basic ') ? refusal(400, 'invalid_request') : undefined,
  },
  {
    title: 'takes Basic credentials as they stand',
    case: 'oauth2/token-request/form-encoded-credentials',
    clause: 'rfc6749/2.3.1/form-encoded',
    request: (message) => {
      const [id, secret] = basicOf(message);
      if (isToken(message) && id !== '') message.headers['authorization'] = encodeBasic(formEncode(id), formEncode(secret));
      return undefined;
    },
  },
  {
    title: 'minds an empty parameter',
    case: 'oauth2/token-request/empty-parameter-of-the-body',
    clause: 'rfc6749/3.2/empty-is-omitted',
    request: (message) => (isToken(message) && formOf(message).get('client_secret') === '' ? refusal(400, 'invalid_request') : undefined),
  },
  {
    title: 'minds a parameter that it does not know',
    case: 'oauth2/token-request/unknown-parameter/word',
    clause: 'rfc6749/3.2/unknown-ignored',
    request: (message) => (isToken(message) && formOf(message).has('dac_unknown') ? refusal(400, 'invalid_request') : undefined),
  },
  {
    title: 'takes the last of repeated parameters',
    case: 'oauth2/token-request/repeated-parameter/grant-type',
    clause: 'rfc6749/3.2/no-repetition',
    request: withForm((form) => {
      for (const name of new Set(form.keys())) form.set(name, form.getAll(name).at(-1) ?? '');
    }),
  },
  {
    title: 'supplies a missing grant type',
    case: 'oauth2/token-request/missing-grant-type/left-out',
    clause: 'rfc6749/5.2/invalid-request',
    request: withForm((form) => {
      if (!form.has('grant_type')) form.set('grant_type', 'client_credentials');
    }),
  },
  {
    title: 'takes every grant type for client credentials',
    case: 'oauth2/token-request/unsupported-grant-type/word',
    clause: 'rfc6749/5.2/unsupported-grant-type',
    request: withForm((form) => {
      if (form.has('grant_type')) form.set('grant_type', 'client_credentials');
    }),
  },
  {
    title: 'reads grant types in any case',
    case: 'oauth2/token-request/unsupported-grant-type/other-case',
    clause: 'rfc6749/1.1/case-sensitive',
    request: withForm((form) => form.set('grant_type', (form.get('grant_type') ?? '').toLowerCase())),
  },
  {
    title: 'takes client credentials out of the URI',
    case: 'oauth2/token-request/credentials-in-query/credentials-alone',
    clause: 'rfc6749/2.3.1/not-in-uri',
    request: withForm((form, message) => {
      for (const [name, value] of new URL(message.path, 'http://host').searchParams) form.set(name, value);
    }),
  },
  {
    title: 'issues more scope than it tells',
    case: 'oauth2/scope/known-and-unknown',
    clause: 'rfc6749/3.3/issued-scope',
    response: onAnswer(
      isIssued,
      withJson((body) => delete body['scope']),
    ),
  },
  {
    title: 'refuses a request without a scope as malformed',
    case: 'oauth2/scope/none-asked-for',
    clause: 'rfc6749/3.3/default-scope',
    request: (message) => (isToken(message) && !formOf(message).has('scope') ? refusal(400, 'invalid_request') : undefined),
  },

  // ── authentication of the client ──────────────────────────────────────────────────────────────────────────────────────
  {
    title: 'does not look at the secret in the body',
    case: 'oauth2/client-authentication/wrong-secret-in-body/generated',
    clause: 'rfc6749/5.2/invalid-client',
    request: withForm((form) => {
      if (form.has('client_secret')) form.set('client_secret', 'main-secret-7Yq2LrV0cZtB9eXs');
    }),
  },
  {
    title: 'does not look at the secret in Basic',
    case: 'oauth2/client-authentication/wrong-secret/other-case',
    clause: 'rfc6749/5.2/invalid-client',
    request: (message) => {
      if (isToken(message) && basicOf(message)[0] === 'reports-service') message.headers['authorization'] = mainBasic;
      return undefined;
    },
  },
  {
    title: 'issues tokens to public clients',
    case: 'oauth2/token-request/public-client/id-alone',
    clause: 'rfc6749/4.4/confidential-clients',
    request: withForm((form, message) => {
      if (form.get('client_id') !== 'browser-application') return;
      form.delete('client_id');
      form.delete('client_secret');
      message.headers['authorization'] = mainBasic;
    }),
  },
  {
    title: 'issues a token to whoever asks',
    case: 'oauth2/client-authentication/no-authentication/nothing',
    clause: 'invariants/nothing-given',
    request: withForm((form, message) => {
      if (!form.has('client_id')) message.headers['authorization'] ??= mainBasic;
    }),
  },
  {
    title: 'takes a token for the authentication of the client',
    case: 'oauth2/protected-request/token-endpoint-takes-no-token',
    clause: 'rfc6749/3.2.1/client-authentication',
    request: withForm((_, message) => {
      if (/^bearer /i.test(message.headers['authorization'] ?? '')) message.headers['authorization'] = mainBasic;
    }),
  },

  // ── the protected resource ────────────────────────────────────────────────────────────────────────────────────────────
  {
    title: 'does not challenge',
    case: 'oauth2/protected-request/no-credentials',
    clause: 'rfc6750/3/challenge',
    response: challenge(() => undefined),
  },
  {
    title: 'challenges another scheme than Bearer',
    case: 'oauth2/protected-request/garbage-token/generated',
    clause: 'rfc6750/3/challenge',
    response: challenge(() => 'DPoP algs="ES256", Basic realm="no, Bearer realm"'),
  },
  {
    title: 'challenges without a parameter',
    case: 'oauth2/protected-request/no-credentials',
    clause: 'rfc6750/3/parameters',
    response: challenge(() => 'DPoP algs="ES256", Bearer'),
  },
  {
    title: 'calls a bad token access_denied',
    case: 'oauth2/protected-request/garbage-token/generated',
    clause: 'rfc6750/3.1/invalid-token-code',
    response: challenge((text) => text.replace('invalid_token', 'access_denied')),
  },
  {
    title: 'answers 403 to a bad token',
    case: 'oauth2/protected-request/garbage-token/generated',
    clause: 'rfc6750/3.1/invalid-token',
    response: onAnswer(
      (answer, message) => isResource(message) && answer.status === 401,
      (answer) => (answer.status = 403),
    ),
  },
  {
    title: 'names an error although there were no credentials',
    case: 'oauth2/protected-request/no-credentials',
    clause: 'rfc6750/3/no-error-without-credentials',
    response: challenge((text) => (text.includes('error') ? text : `${text}, error="invalid_request"`)),
  },
  {
    title: 'quotes inside the description of a challenge',
    case: 'oauth2/protected-request/garbage-token/generated',
    clause: 'rfc6750/3/description-characters',
    response: challenge((text) => text.replace(/error_description="[^"]*"/, String.raw`error_description="the token \"x\" is unknown"`)),
  },
  {
    title: 'answers 401 to a token that does not reach far enough',
    case: 'oauth2/protected-request/insufficient-scope',
    clause: 'rfc6750/3.1/insufficient-scope',
    response: onAnswer(
      (answer, message) => isResource(message) && answer.status === 403,
      (answer) => (answer.status = 401),
    ),
  },
  {
    title: 'names no code for a token that does not reach far enough',
    case: 'oauth2/protected-request/insufficient-scope',
    clause: 'rfc6750/3.1/insufficient-scope-code',
    response: challenge((text) => text.replace('insufficient_scope', 'forbidden')),
  },
  {
    title: 'knows the scheme Bearer in one spelling',
    case: 'oauth2/protected-request/scheme-in-any-case/lower',
    clause: 'rfc9110/11.1/scheme-case',
    request: (message) => {
      if (isResource(message) && !(message.headers['authorization'] ?? 'Bearer ').startsWith('Bearer '))
        delete message.headers['authorization'];
      return undefined;
    },
  },
  {
    title: 'takes any token for a good one',
    case: 'oauth2/protected-request/garbage-token/generated',
    clause: 'invariants/refusal-status',
    ...anyTokenIsGood(() => true),
  },
  {
    title: 'compares tokens by their beginning',
    case: 'oauth2/protected-request/garbage-token/last-characters-missing',
    clause: 'invariants/refusal-status',
    ...anyTokenIsGood((token) => token.length >= 30 && token.length < 43),
  },
  {
    title: 'shows the resource along with the refusal',
    case: 'oauth2/protected-request/refusal-shows-nothing/garbage',
    clause: 'invariants/nothing-given',
    ...refusingWithContent(),
  },
  {
    title: 'lets tokens live for ever',
    case: 'oauth2/expiry/given-expired-token',
    clause: 'invariants/refusal-status',
    ...anyTokenIsGood(() => true),
  },
  {
    title: 'lets revoked tokens live',
    case: 'oauth2/protected-request/revoked-token',
    clause: 'invariants/refusal-status',
    ...anyTokenIsGood(() => true),
  },
  {
    title: 'keeps a token in the query in shared caches',
    case: 'oauth2/protected-request/token-in-query',
    clause: 'rfc6750/2.3/private',
    request: (message) => {
      const token = new URL(message.path, 'http://host').searchParams.get('access_token');
      if (isResource(message) && token !== null) message.headers['authorization'] ??= `Bearer ${token}`;
      return undefined;
    },
    response: onAnswer(isRead, (answer) => (answer.headers['cache-control'] = 'public, max-age=60')),
  },
];
