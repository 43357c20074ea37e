/**
 * The mock as MSW request handlers, for `setupServer` and `setupWorker` in other people's tests. The only file that imports msw.
 *
 * @module
 */
import { http, HttpResponse, type HttpHandler } from 'msw';
import type { DrupalMock } from '../index.ts';

/** Handlers for every request below a base URL, e.g. `https://api.example.org`; default: every request. */
export function mswHandlers(mock: Pick<DrupalMock, 'fetch'>, baseUrl = '*'): HttpHandler[] {
  const below = `${baseUrl.replace(/\/+$/, '')}/*`;
  return [
    http.all(below, async ({ request }) => {
      try {
        return await mock.fetch(request);
      } catch {
        return HttpResponse.error();
      }
    }),
  ];
}
