/**
 * HTML pages: enough of Drupal's markup to be recognised as a page of the site (kind, title, language).
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { escapeHtml } from '../../php/text.ts';
import type { Site } from '../../site.ts';
import type { RouteContext } from '../product.ts';
import { coreEdition } from './core-edition.ts';
import { HttpException } from './exception.ts';
import type { Reply } from './reply.ts';

const htmlType: HeaderLine = ['Content-Type', 'text/html; charset=UTF-8'];

export function pageReply(status: number, title: string, content: string, site: Site, headers: HeaderLine[] = []): Reply {
  const name = escapeHtml(site.name);
  const heading = escapeHtml(title);
  const body = `<!DOCTYPE html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8" />
    <meta name="Generator" content="Drupal ${site.drupal.major} (https://www.drupal.org)" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <title>${heading} | ${name}</title>
  </head>
  <body>
    <header><a href="${site.drupal.basePath}/" rel="home">${name}</a></header>
    <main role="main">
      <h1>${heading}</h1>
      ${content}
    </main>
  </body>
</html>
`;
  return { status, headers: [...headers, htmlType], body, cacheability: 'poor', themed: true };
}

/** The page of a controller that renders only HTML; any other format that was asked for is not acceptable. */
export function htmlPage({ request, site }: RouteContext, title: string, content: string, extra: Partial<Reply> = {}): Reply {
  if (request.format !== undefined && request.format !== 'html') throw new HttpException(406, `Not acceptable format: ${request.format}`);
  const page = pageReply(200, title, content, site);
  return { ...page, ...extra, headers: [...(extra.headers ?? []), ...page.headers] };
}

/** Headers of the page of an entity, as core 9 sends them. */
export function entityPageLinks({ request, site }: RouteContext, path: string): HeaderLine[] {
  if (!coreEdition(site.drupal.major).linksPages) return [];
  return ['canonical', 'shortlink'].map((rel): HeaderLine => ['Link', `<${request.url(path)}>; rel="${rel}"`]);
}
