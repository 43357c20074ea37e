/**
 * Wrong implementations of the miniOrange OAuth method.
 *
 * @module
 */
import { findUser } from '../site.ts';
import {
  bendWhen,
  deciding,
  issuing,
  json,
  mutantsOf,
  readAs,
  reading,
  refusing,
  requestHeader,
  withForm,
  withHeader,
  without,
  withRequestHeader,
  withStatus,
} from './mutant.ts';

const mutant = mutantsOf('miniorange/oauth', 'miniorange-oauth');

export const miniorangeOauth = [
  mutant('no-token-type', 'The token answer lacks token_type', ['token-response/token-type'], bendWhen(issuing, without('token_type'))),
  mutant('no-expiry', 'The token answer lacks expires_in', ['token-response/expiry-time'], bendWhen(issuing, without('expires_in'))),
  mutant('token-created', 'A token is answered with 201', ['token-response/success'], bendWhen(issuing, withStatus(201))),
  mutant(
    'wrong-password-accepted',
    'The password grant does not look at the password',
    ['invalid-credentials/when', 'password-grant/password'],
    deciding('miniorange.ignorePassword'),
  ),
  mutant(
    'password-case-folded',
    'Passwords are compared without case',
    ['invalid-credentials/when'],
    withForm((form, site) => {
      const user = findUser(site, form.get('username') ?? '');
      if (user !== undefined && form.get('password')?.toLowerCase() === user.password.toLowerCase()) form.set('password', user.password);
    }),
  ),
  mutant(
    'client-secret-ignored',
    'The client_credentials grant does not look at the secret',
    ['invalid-client-secret/when', 'client-credentials-grant/client-secret'],
    deciding('miniorange.ignoreClientSecret'),
  ),
  mutant(
    'wrong-secret-as-wrong-client',
    'A wrong secret is reported as a wrong client',
    ['invalid-client-secret/error'],
    bendWhen(
      refusing('INVALID_CLIENT_SECRET'),
      json((body) => ({ ...body, error: 'INVALID_CLIENT_ID' })),
    ),
  ),
  mutant(
    'credentials-forbidden',
    'Wrong credentials are answered with 403',
    ['invalid-credentials/status-line'],
    bendWhen(refusing('INVALID_CREDENTIALS'), withStatus(403)),
  ),
  mutant(
    'http-code-missing',
    'INVALID_CREDENTIALS carries no http_code',
    ['invalid-credentials/http-code'],
    bendWhen(refusing('INVALID_CREDENTIALS'), without('http_code')),
  ),
  mutant(
    'application-header-ignored',
    'A request without AUTH-METHOD is answered as if it had one',
    ['missing-header/when'],
    readAs((request, site) => {
      if (requestHeader(request, 'auth-method') !== undefined || !request.path.includes('_format=')) return request;
      const [first] = site.file.products?.miniorange?.applications ?? [];
      return withRequestHeader(request, 'AUTH-METHOD', first?.id);
    }),
  ),
  mutant(
    'tokens-never-expire',
    'A token works for ever',
    ['token-expired/when', 'setup/token-expiry'],
    deciding('miniorange.ignoreExpiry'),
  ),
  mutant(
    'any-scheme',
    'The scheme of the Authorization header is not looked at',
    ['invalid-token-type/when'],
    readAs((request) => {
      const header = requestHeader(request, 'authorization');
      return header === undefined ? request : withRequestHeader(request, 'Authorization', header.replace(/^\S+ /, 'Bearer '));
    }),
  ),
  mutant(
    'scheme-refused-as-401',
    'A wrong scheme is answered with 401',
    ['invalid-token-type/status-line'],
    bendWhen(refusing('INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE'), withStatus(401)),
  ),
  mutant(
    'missing-header-code-as-text',
    'MISSING_HEADER carries http_code as a string',
    ['missing-header/http-code-type'],
    bendWhen(
      refusing('MISSING_HEADER'),
      json((body) => ({ ...body, http_code: String(body['http_code']) })),
    ),
  ),
  mutant(
    'password-shown',
    'The user resource shows the password',
    ['/invariants/password-in-answer', 'intro/password-not-exposed'],
    bendWhen(reading, (response, _, site) => json((body) => ({ ...body, pass: [{ value: passwordOf(body, site) }] }))(response)),
  ),
  mutant(
    'html-type',
    'The user resource is sent as text/html',
    ['/rfc9110/8.3/content-type'],
    bendWhen(reading, (response) => withHeader(response, 'Content-Type', 'text/html; charset=UTF-8')),
  ),
];

function passwordOf(body: Record<string, unknown>, site: Parameters<typeof findUser>[0]): string | undefined {
  const [item] = (body['name'] ?? []) as { value?: string }[];
  return findUser(site, item?.value ?? '')?.password;
}
