/**
 * Drupal core as a product: always installed.
 *
 * @module
 */
import type { Product, Route } from '../product.ts';
import { jsonapiRoutes, refuseWrites } from './jsonapi/jsonapi.ts';
import { loginRoutes } from './login.ts';
import { may } from './account.ts';
import { htmlPage } from './page.ts';
import { pageRoutes } from './pages.ts';
import { nodeRoutes } from './rest-node.ts';
import { userRoutes } from './rest-user.ts';
import { cookieProvider } from './session.ts';

export const drupal: Product = {
  name: 'drupal',
  install: (site) => ({
    providers: [cookieProvider],
    routes: [nodeListing, ...loginRoutes, ...pageRoutes(site), ...userRoutes(site), ...nodeRoutes(site)],
    lateRoutes: (all) => jsonapiRoutes(site, all),
    filterRoutes: refuseWrites,
  }),
};

/** The front page. */
const nodeListing: Route = {
  name: 'view.frontpage.page_1',
  path: '/node',
  formats: ['html'],
  access: ({ account }) => may(account, 'access content') || { reason: "The 'access content' permission is required." },
  controller: (context) => {
    const isShown = [...context.site.nodes.values()].some(({ published, type }) => published && type === 'article');
    return isShown ? htmlPage(context, 'Home', '') : htmlPage(context, 'Welcome!', '<p>You haven’t created any frontpage content yet.</p>');
  },
};
