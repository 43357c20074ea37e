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

/** The first redirect after a login carries a mark by which core notices a browser that keeps no cookies. */
export function withLoginCheck(reply: Reply, site: Site): Reply {
  const location = reply.headers.find(([name]) => name === 'Location')?.[1] ?? '';
  const marked = `${location}${location.includes('?') ? '&' : '?'}check_logged_in=1`;
  const headers = reply.headers.map(([name, value]): HeaderLine => [name, name === 'Location' ? marked : value]);
  return { ...reply, headers, body: redirectReply(reply.status, marked, site).body };
}
