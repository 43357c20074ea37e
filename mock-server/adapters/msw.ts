/**
 * The mock as MSW request handlers, for `setupServer` and `setupWorker` in other people's tests. The only file that imports msw.
 *
 * @module
 */
import { http, HttpResponse, type HttpHandler } from 'msw';
import { checkArgument, objectWith, type Rule } from '../../src/support/options.ts';
import type { DrupalMock } from '../index.ts';

const base: Rule = {
  expected: 'an http or https address such as "https://api.example.org", or "*" for all',
  holds: (value) => typeof value === 'string' && (value === '*' || /^https?:\/\/[^/]/.test(value)),
};

/**
 * Handlers for every request below a base URL, e.g. `https://api.example.org`; default: every request.
 *
 * @throws UsageError when one of the two is something else.
 */
export function mswHandlers(mock: Pick<DrupalMock, 'fetch'>, baseUrl = '*'): HttpHandler[] {
  checkArgument('mswHandlers', 'mock', mock, objectWith('a mock, made by createDrupalMock()', 'fetch'));
  checkArgument('mswHandlers', 'baseUrl', baseUrl, base);
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
