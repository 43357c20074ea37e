/**
 * `drupal-auth-conformance/msw` in Node: the handlers, or a word on what to install. Bundlers for the browser take `msw.ts` itself, which awaits
 * nothing while it loads.
 *
 * @module
 */
import { withPeer } from '../../src/support/peer.ts';
import type * as handlers from './msw.ts';

const loaded: typeof handlers = await withPeer(import('./msw.ts'), 'msw', 'drupal-auth-conformance/msw', '2');

/** Handlers for every request below a base URL, e.g. `https://api.example.org`; default: every request. */
export const mswHandlers: typeof handlers.mswHandlers = loaded.mswHandlers;
