/**
 * The products that a site may have installed, and how they are put together.
 *
 * @module
 */
import type { Site } from '../site.ts';
import { drupal } from './drupal/drupal.ts';
import { compileRoutes } from './drupal/routing.ts';
import { graphql } from './graphql/graphql.ts';
import { miniorange } from './miniorange/miniorange.ts';
import { oauthServer } from './oauth-server/oauth-server.ts';
import { oauth2 } from './oauth2/oauth2.ts';
import { simpleOauth } from './simple-oauth/simple-oauth.ts';
import type { Installed, Product, Route, Runtime } from './product.ts';

const products: readonly Product[] = [miniorange, simpleOauth, oauth2, oauthServer, graphql, drupal];

export function installProducts(site: Site): Runtime {
  const hooks = products.map((product) => product.install(site)).filter((installed): installed is Installed => installed !== undefined);
  const providers = hooks.flatMap((hook) => hook.providers ?? []).sort((a, b) => b.priority - a.priority);
  const alter = (route: Route): Route => hooks.reduce((altered, hook) => hook.alterRoute?.(altered) ?? altered, route);
  return {
    providers,
    globalProviders: new Set(providers.filter((provider) => provider.global).map((provider) => provider.id)),
    routes: compileRoutes(hooks.flatMap((hook) => [...(hook.routes ?? []), ...(hook.lateRoutes?.(hooks) ?? [])]).map(alter)),
    hooks,
  };
}
