/**
 * `/rest_api/revoke` of the free 2.1.0: asks for a user's Basic credentials, judges the method last, and ends in the notice that
 * revoking is paid for (facts A11). The paid edition revokes the token of the form.
 *
 * @module
 */
import { phpBase64Strict } from '../../bytes.ts';
import { phpJsonPretty } from '../../php/json.ts';
import { textParam } from '../../php/params.ts';
import { isPassword } from '../../php/password.ts';
import { isEmpty } from '../../php/text.ts';
import { findUser, type Site } from '../../site.ts';
import type { Route } from '../product.ts';
import type { Request } from '../drupal/request.ts';
import { authorizationOf } from './authorization.ts';
import { refuse } from './refuse.ts';
import { revoke, type RevokeKey } from './refusals.ts';
import type { MiniorangeState } from './state.ts';

export function revokeRoute(state: MiniorangeState): Route {
  return {
    name: 'rest_api_authentication.revoke',
    path: '/rest_api/revoke',
    controller: ({ request, site }) => {
      const key = decide(request, state, site);
      if (key !== 'premium' || state.config.edition !== 'paid') return refuse(revoke[key], state);
      const token = state.tokens.get(textParam(request.form, 'token') ?? '');
      if (token !== undefined) token.revoked = true;
      // Success as the settings page of 2.1.0 shows it; how the paid edition answers an unknown token is unpublished.
      const body = { status: 'success', message: 'Token revoked successfully' };
      return { status: 200, headers: [['Content-Type', 'application/json']], body: phpJsonPretty(body) };
    },
  };
}

function decide(request: Request, state: MiniorangeState, site: Site): RevokeKey {
  const header = authorizationOf(request, state) ?? '';
  if (header.slice(0, 6).toLowerCase() !== 'basic ') return 'missingBasic';
  const decoded = phpBase64Strict(header.slice(6)) ?? '';
  const colon = decoded.indexOf(':');
  if (colon < 0) return 'malformedBasic';
  const [name, password] = [decoded.slice(0, colon), decoded.slice(colon + 1)];
  if (isEmpty(name) || isEmpty(password)) return 'missingCredentials';
  const user = findUser(site, name);
  if (user === undefined || !isPassword(password, user.password, site.drupal.major)) return 'invalidCredentials';
  if (!user.active) return 'userBlocked';
  return request.method === 'POST' ? 'premium' : 'notPost';
}
