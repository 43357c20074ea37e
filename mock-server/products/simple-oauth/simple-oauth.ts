/**
 * Simple OAuth: token endpoint, Bearer provider, OpenID Connect routes, and what saving users and consumers does to tokens.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import type { Site } from '../../site.ts';
import type { Account } from '../drupal/account.ts';
import { guardedPage } from '../drupal/pages.ts';
import type { Request } from '../drupal/request.ts';
import type { Installed, Product, Route } from '../product.ts';
import { authorizeRoute } from './authorize.ts';
import { bearerProvider, hasBearer } from './bearer.ts';
import { makeToken, simpleOauthExamples, simpleOauthFixtures, simpleOauthTarget } from './for-people.ts';
import { openidRoutes } from './openid.ts';
import { oauthResourceTypes } from './resources.ts';
import { createState, dropTokensOfUser, simpleOauthOf } from './state.ts';
import { tokenEndpoint } from './token-endpoint.ts';

export const simpleOauth: Product = {
  name: 'simpleOauth',
  install: (site) => {
    const config = site.file.products?.simpleOauth;
    if (config === undefined) return undefined;
    const state = createState(config, site);
    site.products.set('simpleOauth', state);
    const installed: Installed = {
      providers: [bearerProvider],
      routes: [tokenRoute, authorizeRoute, ...openidRoutes(site), ...settingsPages],
      resourceTypes: oauthResourceTypes,
      denyPageCache: hasBearer,
      onUserSaved: (user) => dropTokensOfUser(state, user.id),
      target: () => simpleOauthTarget(state, site),
      fixtures: () => simpleOauthFixtures(state),
      makeToken: (wish) => makeToken(wish, state, site),
      examples: () => simpleOauthExamples(state, site),
    };
    return state.edition.consumerHeader ? { ...installed, onReply: nameConsumer } : installed;
  },
};

const tokenRoute: Route = {
  name: 'oauth2_token.token',
  path: '/oauth/token',
  methods: ['POST'],
  controller: ({ request, site }) => tokenEndpoint(request, site),
};

const settingsPages: readonly Route[] = [
  guardedPage('/admin/config/people/simple_oauth', 'Simple OAuth Settings', 'administer simple_oauth entities'),
  guardedPage('/admin/config/people/simple_oauth/oauth2_token', 'Access Token list', 'administer simple_oauth entities'),
  guardedPage('/admin/config/people/simple_oauth/openid-connect', 'OpenID Connect', 'administer simple_oauth entities'),
  guardedPage('/admin/config/services/consumer', 'Consumers', 'administer consumer entities'),
];

const vary: HeaderLine = ['Vary', 'X-Consumer-ID'];

/** The consumers module tells for which consumer it answered: the token's, the one asked for, or its default one. */
function nameConsumer(reply: { headers: HeaderLine[] }, request: Request, account: Account, site: Site): void {
  reply.headers.push(['X-Consumer-ID', account.consumer ?? askedFor(request, site) ?? 'default_consumer'], vary);
}

function askedFor(request: Request, site: Site): string | undefined {
  const asked = request.header('x-consumer-id') ?? (request.queryString.includes('consumerId') ? request.query['consumerId'] : undefined);
  return typeof asked === 'string' ? simpleOauthOf(site).consumers.get(asked.toLowerCase())?.id : undefined;
}
