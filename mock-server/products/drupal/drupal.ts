/**
 * Drupal core as a product: always installed.
 *
 * @module
 */
import type { Product, Route } from '../product.ts';
import { jsonapiRoutes, refuseWrites } from './jsonapi/jsonapi.ts';
import { loginRoutes } from './login.ts';
import { htmlPage } from './page.ts';
import { pageRoutes } from './pages.ts';
import { nodeRoutes } from './rest-node.ts';
import { userRoutes } from './rest-user.ts';
import { cookieProvider } from './session.ts';

export const drupal: Product = {
  name: 'drupal',
  install: (site) => ({
    providers: [cookieProvider],
    routes: [frontPage, nodeListing, ...loginRoutes, ...pageRoutes, ...userRoutes(site), ...nodeRoutes(site)],
    lateRoutes: (all) => jsonapiRoutes(site, all),
    filterRoutes: refuseWrites,
  }),
};

const nodeListing: Route = {
  name: 'view.frontpage.page_1',
  path: '/node',
  formats: ['html'],
  controller: (context) => htmlPage(context, 'Welcome!', ''),
};

const frontPage: Route = {
  name: 'view.frontpage.page_1',
  path: '/',
  controller: (context) => htmlPage(context, 'Welcome!', '<p>You haven’t created any frontpage content yet.</p>'),
};
