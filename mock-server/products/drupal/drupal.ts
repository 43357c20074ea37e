/**
 * Drupal core as a product: always installed.
 *
 * @module
 */
import type { Product, Route } from '../product.ts';
import { pageReply } from './page.ts';
import { userRoutes } from './rest-user.ts';

export const drupal: Product = {
  name: 'drupal',
  install: (site) => ({ routes: [frontPage, ...userRoutes(site)] }),
};

const frontPage: Route = {
  name: 'view.frontpage.page_1',
  path: '/',
  controller: ({ site }) => pageReply(200, 'Welcome!', '<p>You haven’t created any frontpage content yet.</p>', site),
};
