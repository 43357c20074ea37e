/**
 * miniOrange REST & JSON API Authentication: one authentication provider in front of everything it gates, and its endpoints.
 *
 * @module
 */
import type { Site } from '../../site.ts';
import type { Authentication, Product } from '../product.ts';
import { anonymous } from '../drupal/account.ts';
import type { Request } from '../drupal/request.ts';
import { makeToken, miniorangeExamples, miniorangeFixtures, miniorangeTarget } from './for-people.ts';
import { isGated } from './gate.ts';
import { authenticateBearer, tokenRoute } from './oauth-method.ts';
import { paidOauth } from './refusals.ts';
import { refuse } from './refuse.ts';
import { createMiniorangeState, type Application, type MiniorangeState } from './state.ts';

export const providerId = 'rest_api_authentication';

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
      routes: config.edition === 'paid' ? [tokenRoute(state)] : [],
      target: (_, profile) => miniorangeTarget(state, site, profile),
      fixtures: () => miniorangeFixtures(state),
      makeToken: (wish) => makeToken(wish, state, site),
      examples: () => miniorangeExamples(state, site),
      denyPageCache: (request) => state.dialect.uncached === 'all' || isGated(request, state),
    };
  },
};

function authenticate(request: Request, state: MiniorangeState, site: Site): Authentication {
  if (request.path === '/user/login') return { account: anonymous(site) };
  const application = findApplication(request, state);
  if (application === 'missing') return { exit: refuse(paidOauth.missingApplication, state) };
  if (application === 'unknown') return { exit: refuse(paidOauth.unknownApplication, state) };
  if (application.method === 'oauth' && state.config.edition === 'paid') return authenticateBearer(request, application, state, site);
  return { account: anonymous(site, providerId) };
}

/** AUTH-METHOD, trimmed; else the default application (facts A4). */
function findApplication(request: Request, state: MiniorangeState): Application | 'missing' | 'unknown' {
  const given = request.header('auth-method');
  if (given !== undefined) return state.applications.get(given.trim()) ?? 'unknown';
  const fallback = state.applications.get(state.defaultApplication ?? '');
  return fallback?.isDefault === true ? fallback : 'missing';
}
