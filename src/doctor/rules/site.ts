/**
 * The state of the Drupal site as a whole, and what spoils each of its answers on the way out.
 *
 * @module
 */
import type { ProbeAnswer } from '../observation.ts';
import { parseShallowJson } from '../../support/json-depth.ts';
import { isOutside, isPreflight, type Family, type Rule, type Sightings } from '../rule.ts';

/** What stands before the JSON of an answer that should be nothing but JSON. */
function prefixOf(answer: ProbeAnswer): string | undefined {
  const isJson = answer.type === 'application/json' || answer.type === 'application/vnd.api+json';
  const found = /^(\uFEFF\s*|\s+|<br \/>[\s\S]{0,1500}?<br \/>\s*)(?=$|[[{]["\s\]}])/.exec(answer.text)?.[1];
  if (found !== undefined && found.length < answer.text.length) return found;
  // The end is cut to the length of the clean body, so a short one vanishes entirely.
  return isJson && /^(\uFEFF|\s|<br \/>\s*<b>)/.test(answer.text) ? answer.text : undefined;
}

const spoilt = (seen: Sightings) => seen.where((answer) => prefixOf(answer) !== undefined);

/** Unbuffered output sends the status line with its first byte, and PHP's default is 200. */
const isUnbuffered = (seen: Sightings) => seen.every((answer) => answer.status === 200, { preflights: false }) !== undefined;

function namePrefix(seen: Sightings): string {
  const [probe] = spoilt(seen);
  const prefix = probe === undefined ? '' : (prefixOf(seen.answer(probe) as ProbeAnswer) ?? '');
  if (prefix.startsWith('\uFEFF')) return 'a byte order mark';
  if (prefix.startsWith('<br')) return `a PHP message (${/<b>([\w ]+)<\/b>/.exec(prefix)?.[1] ?? 'warning'})`;
  return 'a blank line';
}

/** What stands behind the JSON of an answer that should be nothing but JSON. */
function suffixOf({ type, text }: ProbeAnswer): string | undefined {
  if (type !== 'application/json' && type !== 'application/vnd.api+json') return undefined;
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  // A script or a comment may hold brackets of its own.
  const markup = text.search(/[}\]]\s*<(?=[!\w])/) + 1;
  const behind = [end, markup].map((at) => ({ json: text.slice(0, at), rest: text.slice(at).trim() }));
  return behind.find(({ json, rest }) => json !== '' && rest !== '' && isJson(json))?.rest;
}

function isJson(text: string): boolean {
  try {
    parseShallowJson(text);
    return true;
  } catch {
    return false;
  }
}

const appended = (seen: Sightings) => seen.where((answer) => suffixOf(answer) !== undefined);

/** Errors of Drupal, told by their words, that arrive as a success; miniOrange prints its own refusals, which is another matter. */
const succeedingErrors = (seen: Sightings) =>
  seen.where(
    ({ status, layer, object }, { probe }) =>
      status === 200 &&
      layer === 'drupal' &&
      (probe === 'unknown-json' || probe === 'resource-none') &&
      typeof object?.['message'] === 'string' &&
      Object.keys(object).length === 1,
  );

const isOwnPage = (answer: ProbeAnswer) => isOutside(answer) && answer.type === 'text/html' && answer.object === undefined;

/** Refusals in a page of somebody else, successes as Drupal wrote them, and both at the same path. */
function replacedErrors(seen: Sightings): string[] | undefined {
  const gets = reads(seen).filter(({ probe }) => probe !== 'front');
  const errors = gets.filter(({ answer }) => answer.status >= 400);
  const isError = (probe: string) => (seen.status(probe) ?? 0) >= 400;
  const isReplaced =
    errors.length >= 3 && errors.every(({ answer }) => isOwnPage(answer)) && isError('unknown-json') && isError('resource-none');
  return isReplaced && seen.status('resource') === 200 && seen.layer('resource') === 'drupal'
    ? ['resource-none', 'unknown-json', 'resource']
    : undefined;
}

const brokenOff = (seen: Sightings) =>
  seen.all.filter(({ failure }) => failure !== undefined && ['closed', 'malformed', 'too-large', 'timeout'].includes(failure.kind));

const siteRules: readonly Rule[] = [
  {
    id: 'maintenance',
    when: (seen) => {
      const closed = seen.where((answer) => answer.status === 503 && answer.layer === 'drupal');
      return closed.length >= 2 ? closed.slice(0, 2) : undefined;
    },
    title: 'The site is in maintenance mode: Drupal answers 503',
    remedy:
      '`drush state:set system.maintenance_mode 0 --input-format=integer && drush cache:rebuild`, or /admin/config/development/maintenance.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'language-prefix',
    when: (seen) => {
      const folder = new URL(seen.target.baseUrl).pathname.replace(/\/$/, '');
      const isUnknown = (probe: string) => seen.status(probe) === 404 && seen.layer(probe) === 'drupal';
      return folder !== '' && isUnknown('front') && isUnknown('login-page') ? ['front', 'login-page', 'login-page-at-root'] : undefined;
    },
    title: (seen) =>
      `Drupal answers, but does not know the prefix ${new URL(seen.target.baseUrl).pathname.replace(/\/$/, '')}: no such language (or folder)`,
    remedy: (seen) =>
      `Write baseUrl: ${new URL(seen.target.baseUrl).origin}; the language prefixes that exist stand under /admin/config/regional/language/detection/url.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'database-read-only',
    when: (seen) => {
      const broken = seen.where((answer) => answer.status === 500 && answer.layer === 'kernel');
      const isServed = seen.status('front') === 200 && seen.layer('front') === 'drupal';
      return isServed && broken.some((probe) => probe.startsWith('unknown-')) ? ['front', broken[0] as string] : undefined;
    },
    title: 'Cached pages work, every request that has to write fails with 500: Drupal cannot write to its database',
    remedy:
      'SQLite: the PHP user must own the database file and its folder. MySQL, PostgreSQL: look for a read-only replica, a full disk or a revoked right. The PHP error log names it.',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'output-before-body',
    when: (seen) => {
      const found = spoilt(seen);
      return found.length > 0 ? found.slice(0, 2) : undefined;
    },
    title: (seen) => {
      const what = namePrefix(seen);
      const cost = isUnbuffered(seen)
        ? 'and since output_buffering is off, every status became 200 and every type text/html'
        : 'so that the length that Drupal announces is wrong and the end of the JSON is lost';
      return `Something prints ${what} before every answer, ${cost}`;
    },
    remedy: (seen) => {
      const what = namePrefix(seen);
      const cause = what.startsWith('a PHP message')
        ? 'Set display_errors = Off (php.ini, or the pool of PHP-FPM) and mend what the message names.'
        : 'Remove what stands before `<?php` in settings.php, services files included by it, index.php or a custom module: `grep -rlPz "\\A(\\xEF\\xBB\\xBF|\\s+<\\?php)" --include=*.php --include=*.module index.php sites modules` finds it.';
      return isUnbuffered(seen) ? `${cause} Also set output_buffering = 4096.` : cause;
    },
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'output-after-body',
    when: (seen) => {
      const found = appended(seen);
      return found.length > 0 ? found.slice(0, 2) : undefined;
    },
    title: (seen) => {
      const rest = suffixOf(seen.answer(appended(seen)[0] ?? '') as ProbeAnswer) ?? '';
      return `Something is appended to JSON answers, so that they are no JSON any more: ${rest.length > 60 ? `${rest.slice(0, 59)}…` : rest}`;
    },
    remedy:
      'Exempt application/json from what adds text to answers: a CDN or proxy that inserts scripts or comments (nginx: sub_filter_types), a debugging toolbar, or code behind `?>` in settings.php or a module.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'status-lost',
    when: (seen) => {
      const found = succeedingErrors(seen);
      return found.length > 0 && seen.every(({ status }) => status < 400, { preflights: false }) !== undefined ? found : undefined;
    },
    title: 'Every answer has status 200: errors of Drupal arrive with their words and the status of a success',
    remedy:
      'Look for a proxy or CDN rule that rewrites the status (nginx: error_page … =200; Varnish: set beresp.status), or for a module or settings.php that prints before the headers are sent (then also set output_buffering = 4096).',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'errors-replaced',
    when: replacedErrors,
    title: 'Something in front of Drupal replaces every error answer by a page of its own, so that no program can read why it was refused',
    remedy:
      'nginx: proxy_intercept_errors off; and fastcgi_intercept_errors off; (at least for the API paths). CDN: no custom error pages for them. Apache: ProxyErrorOverride Off.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_intercept_errors',
  },
  {
    id: 'query-string-lost',
    when: (seen) => {
      const asPage = (probe: string) => seen.layer(probe) === 'drupal' && seen.answer(probe)?.type === 'text/html';
      if (asPage('unknown-json') && seen.status('unknown-json') === 404)
        return ['unknown-json', ...(asPage('resource') ? ['resource'] : [])];
      return seen.product.kind === 'miniorange' && asPage('resource') ? ['resource', 'resource-none'] : undefined;
    },
    title: 'The query string does not reach Drupal: ?_format=json is answered with HTML',
    remedy:
      'nginx: try_files $uri /index.php?$query_string; (not /index.php alone). Apache: use the rewrite rules of Drupal core, which carry [QSA] by themselves.',
    confidence: 'certain',
    verdict: 'blocked',
  },
];

export const site: Family = { name: 'site', isFinal: true, rules: siteRules };

const posts = (seen: Sightings) => seen.answered.filter(({ exchange }) => exchange.request.method === 'POST');
const reads = (seen: Sightings) => seen.answered.filter(({ exchange }) => exchange.request.method === 'GET');
const served = (seen: Sightings) => reads(seen).find(({ answer }) => !isOutside(answer))?.probe;

const filterRules: readonly Rule[] = [
  {
    id: 'header-too-large',
    when: (seen) => {
      const long = seen.answer('resource');
      const short = seen.answer('resource-garbage');
      if (long === undefined || short === undefined || !isOutside(long) || isOutside(short)) return undefined;
      return long.status === 400 || long.status === 431 || long.status === 413 ? ['resource', 'resource-garbage'] : undefined;
    },
    title: 'The web server refuses the header that carries the token as too large; a short one passes',
    remedy:
      'nginx: large_client_header_buffers 4 8k; (http or server block of the default server). Apache: LimitRequestFieldSize 8190. A load balancer has a limit of its own.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers',
  },
  {
    id: 'body-too-large',
    when: (seen) => {
      const refused = posts(seen).filter(({ answer }) => answer.status === 413 && isOutside(answer));
      return refused.length > 0 ? refused.map(({ probe }) => probe).slice(0, 2) : undefined;
    },
    title: 'The web server refuses the body of a token request as too large (413)',
    remedy: 'nginx: client_max_body_size 1m; Apache: LimitRequestBody 0 for the site.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size',
  },
  {
    id: 'password-grant-filtered',
    when: (seen) => {
      const outside = (probe: string) => {
        const answer = seen.answer(probe);
        return answer !== undefined && isOutside(answer) && [403, 405, 406, 418].includes(answer.status);
      };
      const others = posts(seen).filter(({ answer }) => !isOutside(answer));
      const asked = ['token-by-password', ...(seen.product.kind === 'miniorange' ? ['token'] : [])].find(outside);
      return asked !== undefined && others.length > 0 ? [asked, others[0]?.probe as string] : undefined;
    },
    title: 'A firewall refuses the token request that carries a password; other POST requests pass',
    remedy: (seen) =>
      `Exempt POST ${seen.product.paths.token} from the rule that looks for passwords in bodies (ModSecurity: SecRuleRemoveById in a Location for that path).`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'post-refused',
    when: (seen) => {
      const all = posts(seen);
      const read = served(seen);
      const isRefused = all.length > 0 && all.every(({ answer }) => isOutside(answer) && [403, 405, 501].includes(answer.status));
      return isRefused && read !== undefined ? [all[0]?.probe as string, read] : undefined;
    },
    title: 'The web server or firewall lets only GET and HEAD through: every POST is refused before Drupal',
    remedy: (seen) =>
      `Allow POST and OPTIONS (nginx: limit_except; Apache: <LimitExcept>; CDN: allowed methods) at least for ${seen.product.paths.token}.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
];

/** Filters that let some requests of a healthy site through and not others. */
export const filters: Family = { name: 'filters', isFinal: true, rules: filterRules };

/** Several answers never came whole, and nothing else explains it. */
const incompleteAnswers: Rule = {
  id: 'incomplete-answers',
  when: (seen) => {
    const broken = brokenOff(seen).map(({ probe }) => probe);
    return broken.length >= 2 && seen.answered.length > 0 ? broken.slice(0, 2) : undefined;
  },
  title: (seen) =>
    `${brokenOff(seen).length} of ${seen.all.length} answers did not come whole: ${brokenOff(seen)[0]?.failure?.message ?? ''}`,
  remedy:
    'Look at the web server and PHP logs of that moment (a crashed worker, a time limit of a proxy, a database that hangs); raise limits.timeoutSeconds in the target file if the site is only slow.',
  confidence: 'possible',
  verdict: 'blocked',
};

export const answers: Family = { name: 'answers', isFinal: false, rules: [incompleteAnswers] };

/** Drupal answers other paths, so these were stopped on the way. */
const stopped = (seen: Sightings) =>
  seen.where(
    (answer, { probe }) =>
      probe !== 'front' &&
      !isPreflight(probe) &&
      isOutside(answer) &&
      answer.object === undefined &&
      [403, 406, 418, 503].includes(answer.status),
  );

const tokenPath = (seen: Sightings) => seen.product.paths.token;

const pathRules: readonly Rule[] = [
  {
    id: 'token-redirected',
    when: (seen) => {
      const token = seen.answer('token');
      const isRedirect = token !== undefined && token.status >= 300 && token.status < 400 && token.header('location') !== undefined;
      return isRedirect ? ['token', 'token-get'] : undefined;
    },
    title: (seen) =>
      `A POST to ${tokenPath(seen)} is redirected (${seen.status('token')}) to ${seen.answer('token')?.header('location') ?? ''}: no client may follow with its credentials`,
    remedy:
      'Exempt the token path from the redirect (a module such as redirect or r4032login, a rule for slashes or languages, a log-in gateway), or write the final path as paths: { token: … } in the target file.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'token-upstream',
    when: (seen) => {
      const token = seen.answer('token');
      const through = served(seen);
      return token !== undefined && isOutside(token) && [502, 503, 504].includes(token.status) && through !== undefined
        ? ['token', through]
        : undefined;
    },
    title: (seen) => `The web server gets no answer of PHP for a token request (${seen.status('token')}), while it does for other paths`,
    remedy:
      'Look at the log of PHP-FPM of that moment: a worker that crashes while it signs (an extension, memory_limit), or one that takes longer than the time limit of the proxy (fastcgi_read_timeout, proxy_read_timeout).',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'path-filtered',
    when: (seen) => {
      const found = stopped(seen);
      const through = served(seen);
      return found.length > 0 && through !== undefined ? [...found.slice(0, 2), through] : undefined;
    },
    title: (seen) => {
      const paths = [...new Set(stopped(seen).map((probe) => seen.get(probe)?.exchange.request.path.split('?', 1)[0] ?? ''))];
      return `Something in front of Drupal refuses ${paths.join(', ')} while other paths pass: a firewall rule, or a location block of the web server`;
    },
    remedy: 'Exempt these paths from the rule; the log of the firewall (ModSecurity: its audit log) names it.',
    confidence: 'likely',
    verdict: 'blocked',
  },
];

/** Paths that are stopped on the way, whatever is sent to them. */
export const paths: Family = { name: 'paths', isFinal: true, rules: pathRules };
