/**
 * The Basic method: user and password in the Authorization header (facts A5).
 *
 * @module
 */
import { phpBase64 } from '../../bytes.ts';
import { isPassword } from '../../php/password.ts';
import { escapeHtml, isEmpty } from '../../php/text.ts';
import { findUser, type Site } from '../../site.ts';
import type { Authentication } from '../product.ts';
import { accountOf } from '../drupal/account.ts';
import type { Request } from '../drupal/request.ts';
import { authorizationOf, isBasicScheme } from './authorization.ts';
import type { BasicKey } from './refusals.ts';
import { refuse } from './refuse.ts';
import { providerId, type MiniorangeState } from './state.ts';

export function authenticateBasic(request: Request, state: MiniorangeState, site: Site): Authentication {
  const exit = (key: BasicKey, name?: string): Authentication => ({ exit: refuse(state.dialect.refusals.basic[key], state, name) });
  const header = authorizationOf(request, state);
  if (isEmpty(header)) return exit('missingAuthorization');
  // The module escapes the header first: a quoted value is not what it was any more.
  const escaped = escapeHtml(header);
  if (!isBasicScheme(escaped)) return exit('wrongScheme');
  // Split without a limit: what follows a second colon is lost, and such a password never works (RFC 7617 allows it).
  const [name, password] = (phpBase64(escaped.split(' ')[1] ?? '') ?? '').split(':');
  if (password === undefined) return exit('incomplete');
  if (isEmpty(name)) return exit('missingUsername');
  const user = findUser(site, name);
  if (user === undefined || password === '' || !isPassword(password, user.password, site.drupal.major)) return exit('invalidCredentials');
  if (state.dialect.refusesBlocked && !user.active) return exit('userBlocked', user.name);
  return { account: accountOf(user, providerId, site) };
}
