/**
 * Wrong implementations of the OAuth Server.
 *
 * @module
 */
import { bendWhen, deciding, json, jsonOf, mutantsOf, readAs, withHeader, type Mutant } from './mutant.ts';

const mutant = mutantsOf('oauth-server', 'oauth-server');

export const oauthServerMutants: readonly Mutant[] = [
  mutant(
    'secret-ignored',
    'The client secret is not looked at',
    ['/invariants/token-for-bad-credentials'],
    deciding('oauthServer.ignoreSecret'),
  ),
  mutant(
    'redirect-ignored',
    'The redirect URI of the token request is not looked at',
    ['/rfc6749/4.1.3/redirect-uri'],
    deciding('oauthServer.ignoreRedirect'),
  ),
  mutant('codes-reusable', 'A code works again and again', ['/rfc6749/4.1.2/single-use'], deciding('oauthServer.reuseCodes')),
  mutant(
    'tokens-never-expire',
    'A token shows its user for ever',
    ['/invariants/data-without-permission'],
    deciding('oauthServer.ignoreExpiry'),
  ),
  mutant(
    'state-lost',
    'The state does not come back',
    ['/rfc6749/4.1.2/state'],
    readAs((request) => ({ ...request, path: request.path.replace(/([?&])state=[^&]*/, '$1') })),
  ),
  mutant(
    'somebody-else',
    'The user information is that of another user',
    ['endpoints/userinfo'],
    bendWhen(
      (request, response) => request.path.startsWith('/mo/oauth2/userinfo') && jsonOf(response)?.['uid'] !== undefined,
      json((body) => ({ ...body, uid: '4', id: '4', name: 'bob', mail: 'bob@example.com' })),
    ),
  ),
  mutant(
    'open-redirect',
    'A code is sent wherever the request says',
    ['/rfc6749/4.1.3/redirect-uri', '/invariants/token-for-bad-credentials'],
    bendWhen(
      (request) => request.path.startsWith('/mo/oauth2/authorize') && request.path.includes('attacker.example'),
      (response) =>
        withHeader({ ...response, status: 302, reason: 'Found' }, 'Location', 'https://attacker.example/?code=abcdefgh12345678'),
    ),
  ),
];
