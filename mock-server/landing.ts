/**
 * `GET /` for a person: who and what is here, and curl lines that work. Programs that ask for neither HTML nor JSON by name, and do
 * not call themselves curl, get Drupal's front page instead.
 *
 * @module
 */
import { headerValue, type WireRequest, type WireResponse } from '../src/model/exchange.ts';
import { encodeUtf8 } from './bytes.ts';
import { readFixtures } from './fixtures.ts';
import { escapeHtml } from './php/text.ts';
import type { Example, Route } from './products/product.ts';
import type { Site } from './site.ts';
import { httpDate } from './web-server.ts';

export function answerLanding(request: WireRequest, site: Site): WireResponse | undefined {
  const accept = headerValue(request.headers, 'accept') ?? '';
  const agent = headerValue(request.headers, 'user-agent') ?? '';
  if (accept.includes('application/json')) return respond('application/json', `${JSON.stringify(summary(site), null, 2)}\n`, site);
  if (accept.includes('text/html') || /^(curl|Wget)\//.test(agent)) return respond('text/html; charset=UTF-8', page(site), site);
  return undefined;
}

function respond(type: string, text: string, site: Site): WireResponse {
  const body = encodeUtf8(text);
  return {
    httpVersion: '1.1',
    status: 200,
    reason: 'OK',
    headers: [
      ['Date', httpDate(site.clock.now())],
      ['Content-Type', type],
      ['Cache-Control', 'no-store'],
      ['Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'"],
      ['Content-Length', String(body.length)],
    ],
    body,
  };
}

interface PathLine {
  readonly path: string;
  readonly methods: string;
  readonly route: string;
}

function summary(site: Site): Record<string, unknown> {
  return { ...(readFixtures(site) as object), paths: paths(site), examples: examples(site), control: `${site.url}/__control` };
}

function paths({ runtime, drupal }: Site): PathLine[] {
  const line = (route: Route): PathLine => ({
    path: drupal.basePath + route.path + (route.formats === undefined ? '' : `?_format=${route.formats.join('|')}`),
    methods: (route.methods ?? ['GET', 'POST']).join(' '),
    route: route.name,
  });
  return runtime.hooks
    .flatMap((hook) => hook.routes ?? [])
    .map(line)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function examples(site: Site): Example[] {
  return site.runtime.hooks.flatMap((hook) => hook.examples?.(site) ?? []);
}

function page(site: Site): string {
  const rows = (cells: readonly (readonly string[])[]): string =>
    cells.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`).join('\n');
  const table = (heads: readonly string[], cells: readonly (readonly string[])[]): string =>
    `<table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>\n${rows(cells)}\n</tbody></table>`;
  const users = [...site.users.values()].map(({ id, name, password, roles, active }) => [
    String(id),
    name,
    password,
    roles.join(', '),
    active ? '' : 'blocked',
  ]);
  const commands = examples(site).map(({ title, curl }) => `<h3>${escapeHtml(title)}</h3>\n<pre><code>${escapeHtml(curl)}</code></pre>`);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>${escapeHtml(site.name)}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escapeHtml(site.name)}</h1>
<p>A mock of Drupal ${escapeHtml(site.drupal.version)} at <code>${escapeHtml(site.url)}</code>. Nothing here is real; every password may be used.</p></header>
<main>
<section><h2>Try it</h2>
${commands.join('\n')}
</section>
<section><h2>Users</h2>
${table(['Id', 'Name', 'Password', 'Roles', ''], users)}
</section>
<section><h2>Content</h2>
${table(
  ['Id', 'Type', 'Title', 'UUID', ''],
  [...site.nodes.values()].map(({ id, type, title, uuid, published }) => [String(id), type, title, uuid, published ? '' : 'not published']),
)}
</section>
<section><h2>Paths</h2>
${table(
  ['Path', 'Methods', 'Route'],
  paths(site).map(({ path, methods, route }) => [path, methods, route]),
)}
</section>
<section><h2>Control</h2>
<p>Move the clock, make an expired token, let the next answer fail, read what was sent: <code>${escapeHtml(site.url)}/__control</code></p>
<pre><code>${escapeHtml(`curl "${site.url}/__control/clock" -d '{"advanceSeconds": 3600}'`)}</code></pre>
</section>
</main>
</body>
</html>
`;
}

const style = `:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { margin: 0; } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
code { font: .9rem/1.5 ui-monospace, monospace; } pre { background: var(--soft); padding: .75rem; border-radius: .4rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
section { overflow-x: auto; }`;
