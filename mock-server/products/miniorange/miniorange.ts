/**
 * miniOrange REST & JSON API Authentication: one authentication provider in front of everything it gates, and its endpoints.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import type { Authentication, Product, Route } from '../product.ts';
import { anonymous } from '../drupal/account.ts';
import { guardedPage } from '../drupal/pages.ts';
import type { Request } from '../drupal/request.ts';
import { authenticateApiKey } from './api-key-method.ts';
import { authenticateBasic } from './basic-method.ts';
import { makeToken, miniorangeExamples, miniorangeFixtures, miniorangeTarget } from './for-people.ts';
import { isGated, isKeptFromPageCache } from './gate.ts';
import { authenticateJwt, idTokenRoute } from './jwt-method.ts';
import { authenticateBearer, tokenRoute } from './oauth-method.ts';
import type { ApplicationKey } from './refusals.ts';
import { refuse } from './refuse.ts';
import { revokeRoute } from './revoke.ts';
import { createMiniorangeState, providerId, type Application, type MiniorangeState } from './state.ts';

const settingsPath = '/admin/config/people/rest_api_authentication/auth_settings';

export const miniorange: Product = {
  name: 'miniorange',
  install(site) {
    const config = site.file.products?.miniorange;
    if (config === undefined) return undefined;
    const state = createMiniorangeState(config);
    site.products.set('miniorange', state);
    return {
      providers: [
        {
          id: providerId,
          priority: 150,
          global: false,
          applies: (request) => isGated(request, state),
          authenticate: (request) => authenticate(request, state, site),
        },
      ],
      routes: [
        ...(config.edition === 'paid' ? [tokenRoute(state), idTokenRoute(state)] : []),
        ...(state.dialect.revoke ? [revokeRoute(state)] : []),
        guardedPage(settingsPath, 'miniOrange API Authentication', 'administer site configuration'),
      ],
      alterRoute: openLogin,
      target: (_, profile) => miniorangeTarget(state, site, profile),
      fixtures: () => miniorangeFixtures(state),
      makeToken: (wish) => makeToken(wish, state, site),
      examples: () => miniorangeExamples(state, site),
      denyPageCache: (request) => isKeptFromPageCache(request, state),
    };
  },
};

/** Logging in over HTTP is open to this provider, and to no other (facts A2-4). */
function openLogin(route: Route): Route {
  return route.name === 'user.login.http' ? { ...route, auth: [providerId] } : route;
}

function authenticate(request: Request, state: MiniorangeState, site: Site): Authentication {
  if (request.path === '/user/login') return { account: anonymous(site, providerId) };
  const application = state.dialect.applications
    ? findApplication(request, state)
    : { method: state.method ?? 'basic', apiKeyIn: 'authorization' as const };
  if (typeof application === 'string') return { exit: refuse(state.dialect.refusals.application[application], state) };
  if (application.method === 'basic') return authenticateBasic(request, state, site);
  if (application.method === 'api-key') return authenticateApiKey(request, application, state, site);
  if (application.method === 'oauth' && state.config.edition === 'paid' && 'id' in application) {
    return authenticateBearer(request, application, state, site);
  }
  if (application.method === 'jwt' && state.config.edition === 'paid') return authenticateJwt(request, state, site);
  // Paid methods chosen in the free edition authenticate nobody and refuse nobody.
  return { account: anonymous(site, providerId) };
}

/** AUTH-METHOD, trimmed; else the default application (facts A4). */
function findApplication(request: Request, state: MiniorangeState): Application | ApplicationKey {
  const given = request.header('auth-method');
  if (given !== undefined) return state.applications.get(given.trim()) ?? 'unknownApplication';
  const fallback = state.applications.get(state.defaultApplication ?? '');
  return fallback?.isDefault === true ? fallback : 'missingApplication';
}
