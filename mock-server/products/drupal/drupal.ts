/**
 * Drupal core as a product: always installed.
 *
 * @module
 */
import type { Product, Route } from '../product.ts';
import { loginRoutes } from './login.ts';
import { htmlPage } from './page.ts';
import { nodeRoutes } from './rest-node.ts';
import { userRoutes } from './rest-user.ts';
import { cookieProvider } from './session.ts';

export const drupal: Product = {
  name: 'drupal',
  install: (site) => ({ providers: [cookieProvider], routes: [frontPage, ...loginRoutes, ...userRoutes(site), ...nodeRoutes(site)] }),
};

const frontPage: Route = {
  name: 'view.frontpage.page_1',
  path: '/',
  controller: (context) => htmlPage(context, 'Welcome!', '<p>You haven’t created any frontpage content yet.</p>'),
};
