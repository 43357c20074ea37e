/**
 * Redirects with the small page that Symfony puts below them.
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';
import { escapeHtml } from '../../php/text.ts';
import type { Site } from '../../site.ts';
import type { Reply } from './reply.ts';

const htmlType: HeaderLine = ['Content-Type', 'text/html; charset=utf-8'];

export function redirectReply(status: number, location: string, site: Site, headers: HeaderLine[] = []): Reply {
  const target = escapeHtml(location);
  const gap = site.drupal.major >= 10 ? '' : '\n';
  return {
    status,
    isLocalRedirect: true,
    // Before Symfony 6 the format of the request decides its type.
    headers: [...headers, ['Location', location], ...(site.drupal.major >= 10 ? [htmlType] : [])],
    body: `<!DOCTYPE html>
<html>
    <head>
        <meta charset="UTF-8" />
        <meta http-equiv="refresh" content="0;url='${target}'" />
${gap}        <title>Redirecting to ${target}</title>
    </head>
    <body>
        Redirecting to <a href="${target}">${target}</a>.
    </body>
</html>`,
  };
}
