/**
 * The web server in front of PHP: its own headers, and what it answers or drops by itself.
 *
 * @module
 */
import type { HeaderLine, WireRequest, WireResponse } from '../src/model/exchange.ts';
import { encodeUtf8 } from './bytes.ts';
import type { ServerKind, Site } from './site.ts';

const phpMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** The answer that PHP never gets to give; undefined: the request is passed on. */
export function answerByServer(request: WireRequest, site: Site): WireResponse | undefined {
  const { kind } = site.server;
  if (kind === 'php-s') {
    return phpMethods.has(request.method) ? (codeFile(request, site) ?? outsideFolder(request, site)) : plain(501, 'Not Implemented', site);
  }
  if (kind !== 'nginx' && isMalformed(request)) return apachePage(400, 'Bad Request', site);
  if (request.method === 'TRACE') return kind === 'nginx' ? plain(405, 'Not Allowed', site) : trace(request, site);
  return codeFile(request, site) ?? outsideFolder(request, site);
}

/** Apache refuses control characters in a header, and HTTP/1.1 without Host. */
function isMalformed({ headers }: WireRequest): boolean {
  return !headers.some(([name]) => name.toLowerCase() === 'host') || headers.some(([, value]) => /[\0-\x08\x0a-\x1f\x7f]/.test(value));
}

/** Files of Drupal's code base beside its front controller: `.htaccess` protects itself where Apache reads it. */
function codeFile(request: WireRequest, site: Site): WireResponse | undefined {
  const path = request.path.slice(site.drupal.basePath.length);
  const isBare = site.server.kind === 'php-s';
  if (path === '/.htaccess') {
    return isBare ? respond(200, 'OK', [], '# Settings of Apache for Drupal.\n', site) : apachePage(403, 'Forbidden', site, [noSniff]);
  }
  if (path === '/core/install.php') return installer(site);
  if (path === '/favicon.ico' && !isBare) return apachePage(404, 'Not Found', site, [noSniff]);
  return undefined;
}

/** The installer of a site that is installed: PHP, but not the kernel of the site. */
function installer(site: Site): WireResponse {
  const now = Math.floor(site.clock.now() / 1000);
  const title = 'Drupal already installed | Drupal';
  const page = `<!DOCTYPE html>\n<html lang="en" dir="ltr">\n<head><title>${title}</title></head>\n<body><h1>Drupal already installed</h1></body>\n</html>\n`;
  const headers: HeaderLine[] = [
    ['Cache-Control', 'must-revalidate, no-cache, private'],
    ['Expires', 'Sun, 19 Nov 1978 05:00:00 GMT'],
    ['Last-Modified', httpDate(now * 1000).replace('GMT', '+0000')],
    ['ETag', `"${now}"`],
    ['Content-type', 'text/html; charset=UTF-8'],
  ];
  return respond(200, 'OK', [...bareHeaders(site), ...headers], page, site);
}

/** What Drupal's .htaccess adds to every answer of Apache. */
const noSniff: HeaderLine = ['X-Content-Type-Options', 'nosniff'];

/** Headers that the web server adds to an answer that PHP gave without Drupal's. */
export function bareHeaders(site: Site): readonly HeaderLine[] {
  return site.server.kind.startsWith('apache') ? [noSniff] : nothing;
}

/** FPM hands repeated headers over as one line. */
export function foldRepeated(headers: readonly HeaderLine[]): HeaderLine[] {
  const folded: [string, string][] = [];
  for (const [name, value] of headers) {
    const before = name === 'Set-Cookie' ? undefined : folded.find(([other]) => other === name);
    if (before === undefined) folded.push([name, value]);
    else before[1] += `, ${value}`;
  }
  return folded;
}

function outsideFolder(request: WireRequest, site: Site): WireResponse | undefined {
  const { basePath } = site.drupal;
  if (basePath === '' || request.path === basePath) return undefined;
  const next = request.path[basePath.length];
  return request.path.startsWith(basePath) && (next === '/' || next === '?') ? undefined : plain(404, 'Not Found', site);
}

/** Apache sends the request back, credentials included. */
function trace(request: WireRequest, site: Site): WireResponse {
  const lines = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const body = encodeUtf8(`TRACE ${request.path} HTTP/1.1\r\n${lines}\r\n`);
  return {
    httpVersion: '1.1',
    status: 200,
    reason: 'OK',
    headers: [['Date', httpDate(site.clock.now())], ...serverLine(site.server.kind), ['Content-Type', 'message/http']],
    body,
  };
}

function plain(status: number, title: string, site: Site): WireResponse {
  const page = `<!DOCTYPE html>\n<html><head><title>${status} ${title}</title></head>\n<body><h1>${title}</h1></body></html>\n`;
  return respond(status, title, [['Content-Type', 'text/html; charset=UTF-8']], page, site);
}

function apachePage(status: number, title: string, site: Site, headers: readonly HeaderLine[] = []): WireResponse {
  const page = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html><head>
<title>${status} ${title}</title>
</head><body>
<h1>${title}</h1>
</body></html>
`;
  return respond(status, title, [...headers, ['Content-Type', 'text/html; charset=iso-8859-1']], page, site);
}

function respond(status: number, reason: string, headers: readonly HeaderLine[], text: string, site: Site): WireResponse {
  const body = encodeUtf8(text);
  const lines: HeaderLine[] = [['Date', httpDate(site.clock.now())], ...serverLine(site.server.kind), ...headers];
  return { httpVersion: '1.1', status, reason, headers: [...lines, ['Content-Length', String(body.length)]], body };
}

const apache: readonly HeaderLine[] = [['Server', 'Apache/2.4']];
const nginx: readonly HeaderLine[] = [['Server', 'nginx']];
const nothing: readonly HeaderLine[] = [];

function serverLine(kind: ServerKind): readonly HeaderLine[] {
  if (kind === 'php-s') return nothing;
  return kind === 'nginx' ? nginx : apache;
}

const lines = new Map<string, readonly HeaderLine[]>();

/** Headers that every answer of PHP behind this server carries. */
export function serverHeaders(site: Site): readonly HeaderLine[] {
  const { kind, phpVersion } = site.server;
  const key = `${kind} ${phpVersion}`;
  const known = lines.get(key);
  if (known !== undefined) return known;
  const made: readonly HeaderLine[] = [...serverLine(kind), ['X-Powered-By', `PHP/${phpVersion}`]];
  lines.set(key, made);
  return made;
}

let dateSecond = -1;
let dateText = '';

export function httpDate(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export function reasonOf(status: number): string {
  return reasons[status] ?? 'Unknown';
}
