/**
 * Whether anything answers, and whether what answers is Drupal: faults of network, web server and proxy that spoil every answer.
 *
 * @module
 */
import { installerPath, kernelTexts, type ProbeAnswer } from '../observation.ts';
import { isOutside, type Family, type Rule, type Sightings } from '../rule.ts';

const failed = (seen: Sightings, ...kinds: readonly string[]) => {
  const front = seen.get('front');
  return front?.failure !== undefined && front.answer === undefined && kinds.includes(front.failure.kind) ? ['front'] : undefined;
};

const host = (seen: Sightings) => new URL(seen.target.baseUrl).host;

const isRedirect = (answer: ProbeAnswer) => [301, 302, 303, 307, 308].includes(answer.status) && answer.header('location') !== undefined;
const toInstaller = (answer: ProbeAnswer) => isRedirect(answer) && answer.header('location')?.includes(installerPath) === true;

/** Where a redirect of a probe leads, relative to what was asked for. */
function redirectOf(seen: Sightings, probe: string): { asked: URL; to: URL } | undefined {
  const answer = seen.answer(probe);
  const request = seen.get(probe)?.exchange.request;
  if (answer === undefined || request === undefined || !isRedirect(answer)) return undefined;
  const asked = new URL(request.path, seen.target.baseUrl);
  try {
    return { asked, to: new URL(answer.header('location') ?? '', asked) };
  } catch {
    return undefined;
  }
}

/** The same host and path with a slash at its end. */
const isSlashed = ({ asked, to }: { asked: URL; to: URL }) => to.hostname === asked.hostname && to.pathname === `${asked.pathname}/`;

/** Answers that redirect to the same path elsewhere or to the same path with a slash: a rule in front, not a page's own decision. */
function redirectsInFront(seen: Sightings): string[] | undefined {
  const moved = seen.where((_, { probe }) => {
    const redirect = redirectOf(seen, probe);
    if (redirect === undefined) return false;
    const { asked, to } = redirect;
    return to.href === asked.href || isSlashed(redirect) || (to.origin !== asked.origin && to.pathname.endsWith(asked.pathname));
  });
  const others = seen.where((answer, { probe }) => probe !== 'front' && !isRedirect(answer));
  return moved.length >= 2 && others.length === 0 ? moved : undefined;
}

const firstRedirect = (seen: Sightings) => {
  const [probe] = redirectsInFront(seen) ?? [];
  return probe === undefined ? undefined : redirectOf(seen, probe);
};

/** The base URL that a redirect points to. */
function movedBase(seen: Sightings): string {
  const redirect = firstRedirect(seen);
  if (redirect === undefined) return 'the address that the redirect names';
  const base = new URL(seen.target.baseUrl).pathname.replace(/\/$/, '');
  return redirect.to.origin + base;
}

const samePage = (seen: Sightings): string[] | undefined => {
  const gets = seen.answered.filter(({ exchange, probe }) => exchange.request.method === 'GET' && probe !== 'front');
  const front = seen.answer('front');
  if (front === undefined || front.status !== 200 || !isOutside(front) || gets.length < 3) return undefined;
  const same = gets.every(({ answer }) => answer.status === 200 && isOutside(answer) && answer.text === front.text);
  return same ? ['unknown-json', 'front'] : undefined;
};

const allButFrontMissing = (seen: Sightings): string[] | undefined => {
  const rest = seen.answered.filter(({ probe, exchange }) => probe !== 'front' && exchange.request.method !== 'OPTIONS');
  const isMissing = (answer: ProbeAnswer, method: string) =>
    isOutside(answer) && (answer.status === 404 || (method !== 'GET' && answer.status === 405));
  return rest.length >= 2 && rest.every(({ answer, exchange }) => isMissing(answer, exchange.request.method))
    ? rest.map(({ probe }) => probe)
    : undefined;
};

const limited = (seen: Sightings): string[] | undefined => {
  const refused = seen.where((answer) => (answer.status === 429 || answer.status === 503) && isOutside(answer));
  const served = seen.where((answer) => answer.layer === 'drupal' || answer.layer === 'module');
  const tooMany = seen.where((answer) => answer.status === 429 && isOutside(answer));
  if (tooMany.length > 0) return [tooMany[0] as string, ...served.slice(0, 1)];
  return refused.length > 0 && served.length > 0 ? [refused[0] as string, served[0] as string] : undefined;
};

const retryAfter = (seen: Sightings) =>
  seen.answered.map(({ answer }) => answer.header('retry-after')).find((value) => value !== undefined);

/** Every answer has the status and the words, or the status and no body at all. */
function allSay(seen: Sightings, status: number, words: string): string[] | undefined {
  const every = seen.every((answer) => answer.status === status && (answer.text === '' || answer.text.includes(words)));
  return every?.filter((probe) => seen.says(probe, words)).slice(0, 2);
}

/** The page or the header of a filter that wants a browser to prove itself. */
function isChallenge(answer: ProbeAnswer): boolean {
  if (answer.header('cf-mitigated') === 'challenge' || answer.header('x-amzn-waf-action') !== undefined) return true;
  return /<title>[^<]*(just a moment|checking your browser|attention required|verify you are human|security check|ddos)/i.test(answer.text);
}

const realm = (answer: ProbeAnswer) => /realm="?([^",]*)/i.exec(answer.header('www-authenticate') ?? '')?.[1] ?? '';

const rules: readonly Rule[] = [
  {
    id: 'unreachable',
    when: (seen) => failed(seen, 'refused', 'dns'),
    title: (seen) => `${host(seen)} cannot be reached: ${seen.get('front')?.failure?.message ?? 'no connection'}`,
    remedy: 'Check host and port of baseUrl, that the web server runs, and that a firewall or VPN lets this machine through.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'tls',
    when: (seen) => failed(seen, 'tls'),
    title: (seen) => `No TLS connection to ${host(seen)}: ${seen.get('front')?.failure?.message ?? 'handshake failed'}`,
    remedy:
      'Renew the certificate or complete its chain; for a private authority give its PEM text as tls.ca in the target file, e.g. ${file:ca.pem}; if the port speaks plain http, write http:// in baseUrl.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'no-answer',
    when: (seen) => failed(seen, 'timeout', 'closed', 'malformed'),
    title: (seen) =>
      `${host(seen)} accepts the connection but gives no complete answer: ${seen.get('front')?.failure?.message ?? ''}`.trim(),
    remedy:
      'Look at the web server and PHP logs of that moment; check that the port speaks HTTP; raise limits.timeoutSeconds if the site is only slow.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'redirect-loop',
    when: (seen) => {
      const moved = redirectsInFront(seen);
      const loops = moved?.filter((probe) => {
        const redirect = redirectOf(seen, probe);
        return redirect !== undefined && redirect.to.href === redirect.asked.href;
      });
      return loops !== undefined && loops.length >= 2 ? loops.slice(0, 2) : undefined;
    },
    title: 'Every request is redirected to itself: the site forces https behind a proxy that already took TLS off',
    remedy:
      "Tell Drupal about the proxy in settings.php: $settings['reverse_proxy'] = TRUE; $settings['reverse_proxy_addresses'] = [the proxy's address]; and let the proxy send X-Forwarded-Proto.",
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.drupal.org/docs/getting-started/installing-drupal/using-a-load-balancer-or-reverse-proxy',
  },
  {
    id: 'redirect',
    when: (seen) => redirectsInFront(seen)?.slice(0, 2),
    title: (seen) => {
      const redirect = firstRedirect(seen);
      const status = seen.status(redirectsInFront(seen)?.[0] ?? '');
      if (redirect === undefined) return 'Every request is redirected';
      const { asked, to } = redirect;
      if (to.origin === asked.origin)
        return `A rule in front of Drupal answers ${status} to add a slash to every path; a POST loses its body on the way`;
      if (to.host === asked.host || to.hostname === asked.hostname)
        return `Everything is redirected (${status}) to ${to.protocol}//; a POST loses its body on the way`;
      return `Everything is redirected (${status}) to ${to.host}; a POST loses its body and credentials on the way`;
    },
    remedy: (seen) => {
      const redirect = firstRedirect(seen);
      if (redirect !== undefined && isSlashed(redirect)) {
        return `Exempt ${seen.product.paths.token}, /jsonapi and every URL with _format= from the rewrite rule that adds the slash.`;
      }
      return `Write the final address in the target file: baseUrl: ${movedBase(seen)}. Clients must do the same; none may follow a redirect with a POST.`;
    },
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'database-missing',
    when: (seen) => seen.every(toInstaller)?.slice(0, 2),
    title: 'Drupal sends everything to its installer: it finds no database',
    remedy:
      'Check $databases in settings.php and, for SQLite, that the database file exists and the PHP user may read it and write to its folder; `drush status` names the database it tries.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'database-empty',
    when: (seen) => {
      const pages = seen.where(toInstaller);
      const notFound = seen.answer('unknown-json')?.layer === 'drupal' || seen.answer('token-get')?.layer === 'drupal';
      return pages.includes('front') && pages.length >= 2 && notFound ? [...pages.slice(0, 1), 'token-get', 'unknown-json'] : undefined;
    },
    title: 'Drupal connects to an empty database: pages go to the installer, JSON requests to 404',
    remedy:
      "Correct the database name (or table prefix) of $databases in settings.php; `drush sql:query 'SELECT COUNT(*) FROM users_field_data'` fails as long as it is wrong.",
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'site-broken',
    when: (seen) => seen.every((answer) => answer.status === 500 && answer.layer !== 'drupal', { preflights: false })?.slice(0, 2),
    title: (seen) =>
      seen.answered.some(({ answer }) => answer.layer === 'kernel')
        ? 'Drupal fails before it starts (database error, or an error in settings.php): every answer is 500'
        : 'Every answer is 500, and none comes from Drupal',
    remedy:
      'Read the PHP error log of that moment; `php -l sites/default/settings.php` finds a syntax error and `drush status` a database error.',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'trusted-host',
    when: (seen) => allSay(seen, 400, kernelTexts.host),
    title: (seen) => `Drupal does not accept the host name ${new URL(seen.target.baseUrl).hostname}: it is not in trusted_host_patterns`,
    remedy: (seen) => {
      const pattern = new URL(seen.target.baseUrl).hostname.replaceAll('.', String.raw`\.`);
      return `Add to settings.php: $settings['trusted_host_patterns'][] = '^${pattern}$'; or use a host name that is listed there.`;
    },
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.drupal.org/docs/installing-drupal/trusted-host-settings',
  },
  {
    id: 'plain-http-to-tls-port',
    when: (seen) =>
      seen
        .every(
          (answer) =>
            answer.status === 400 && /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled/i.test(answer.text),
          { preflights: false },
        )
        ?.slice(0, 1),
    title: 'The port speaks https, the base URL says http',
    remedy: (seen) => `Write baseUrl: https://${host(seen)}${new URL(seen.target.baseUrl).pathname.replace(/\/$/, '')}`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'password-in-front',
    when: (seen) =>
      seen
        .every(
          (answer) =>
            answer.status === 401 && isOutside(answer) && answer.header('www-authenticate') !== undefined && realm(answer) !== 'OAuth',
        )
        ?.slice(0, 2),
    title: (seen) => {
      const name = seen.answered.map(({ answer }) => realm(answer)).find((value) => value !== '');
      return `The web server asks for a password of its own in front of the site${name === undefined ? '' : ` ("${name}")`}; it uses the header that tokens and API credentials need`;
    },
    remedy: (seen) =>
      `Exempt ${seen.product.paths.token}, ${seen.product.paths.user}, /jsonapi and /graphql from that password (Apache: Require expr or SetEnvIf with Satisfy; nginx: auth_basic off), or protect the staging site by address or by another header and name that header under headers: in the target file. Authorization cannot carry both.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'banned',
    when: (seen) => allSay(seen, 403, kernelTexts.banned),
    title: "Drupal's Ban module refuses this machine's address",
    remedy: 'Delete the address under /admin/config/people/ban, or with `drush sql:query "DELETE FROM ban_ip WHERE ip=\'…\'"`.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'bot-challenge',
    when: (seen) => {
      const front = seen.answer('front');
      if (front === undefined || !isOutside(front) || ![200, 202, 401, 403, 405, 429, 503].includes(front.status)) return undefined;
      const all = seen.every((answer) => isOutside(answer) && answer.status === front.status, { preflights: false });
      return all !== undefined && isChallenge(front) ? all.slice(0, 2) : undefined;
    },
    title: 'A bot filter in front of the site shows a puzzle for browsers instead of answering: no program passes it',
    remedy: (seen) =>
      `Exempt ${seen.product.paths.token} and the API paths, or this machine's address, from the challenge (Cloudflare: a WAF rule with the action Skip; others: an allow list).`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'bot-filter',
    when: (seen) => {
      const all = seen.every((answer) => answer.status === 403 && isOutside(answer));
      const asBrowser = seen.status('front-as-browser');
      return all !== undefined && asBrowser !== undefined && asBrowser < 400 ? ['front', 'front-as-browser'] : undefined;
    },
    title: "A filter in front of the site refuses programs by their User-Agent; the same request under a browser's name is served",
    remedy: (seen) =>
      `Allow the User-Agent of this tool for ${seen.product.paths.token} and the API paths in the firewall or bot filter, or set headers: { User-Agent: … } in the target file.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'refused-in-front',
    when: (seen) => seen.every((answer) => answer.status === 403 && isOutside(answer))?.slice(0, 2),
    title: (seen) =>
      seen.status('front-as-browser') === 403
        ? 'The web server or a firewall refuses this machine, whatever it asks for and under whatever name: an address list'
        : 'The web server or a firewall refuses every request of this machine (address list or bot filter)',
    remedy: "Add this machine's public address to the allow list of the web server, CDN or firewall (nginx: allow; Apache: Require ip).",
    confidence: (seen) => (seen.status('front-as-browser') === 403 ? 'likely' : 'possible'),
    verdict: 'blocked',
  },
  {
    id: 'rate-limit',
    when: limited,
    title: (seen) => {
      const wait = retryAfter(seen);
      return `A rate limit in front of Drupal refuses requests after the first few${wait === undefined ? '' : ` (Retry-After: ${wait})`}`;
    },
    remedy:
      'Set limits: { requestsPerSecond: 1, concurrency: 1 } in the target file, or raise the limit for this address (nginx: limit_req … burst=50).',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'upstream',
    when: (seen) => seen.every((answer) => [502, 503, 504].includes(answer.status) && isOutside(answer))?.slice(0, 2),
    title: (seen) => {
      const status = seen.status('front');
      if (status === 504) return 'The web server waits for PHP in vain (504): PHP is too slow or hangs';
      if (status === 503)
        return 'The web server answers every request with 503 by itself: PHP behind it does not run, or it shows a maintenance page';
      return `The web server runs, the PHP behind it does not (${status})`;
    },
    remedy:
      'Switch off the maintenance page of web server, CDN or hosting, if there is one. Start PHP (`systemctl status php*-fpm`), and check that the socket or port of fastcgi_pass / ProxyPass is the one it listens on; for 504 read the slow log of PHP-FPM.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'php-not-executed',
    when: (seen) => {
      const source = seen.where((answer) => answer.status === 200 && /^\s*<\?php/.test(answer.text));
      return source.length > 0 ? source.slice(0, 2) : undefined;
    },
    title: 'The web server hands out PHP source code instead of running it',
    remedy:
      'Take the site off the network first, since settings.php may be readable too. Then connect .php to PHP (Apache: a2enconf php*-fpm or libapache2-mod-php; nginx: location ~ \\.php with fastcgi_pass).',
    confidence: 'certain',
    verdict: 'fail',
  },
  {
    id: 'single-page-app',
    when: samePage,
    title: 'The base URL leads to another application that answers every path with the same page, not to Drupal',
    remedy: 'Set baseUrl to the address of the Drupal back end (often api., cms. or a sub-folder), not to that of the front end.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'clean-urls',
    when: (seen) => {
      const missing = allButFrontMissing(seen);
      const front = seen.answer('front');
      if (missing === undefined || front === undefined) return undefined;
      const byScript = seen.answer('login-page-by-script');
      const isDrupalFront = front.layer === 'drupal';
      return isDrupalFront || (byScript?.layer === 'drupal' && byScript.status === 200)
        ? ['front', ...missing.slice(0, 1), 'login-page-by-script']
        : undefined;
    },
    title: "Clean URLs do not work: the front page is Drupal's, every other path is the web server's own 404",
    remedy:
      'nginx: location / { try_files $uri /index.php?$query_string; }. Apache: AllowOverride All for the web root, mod_rewrite on, and the .htaccess of Drupal core in place.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.drupal.org/docs/8/clean-urls-in-drupal-8',
  },
  {
    id: 'wrong-folder',
    when: (seen) => {
      const root = seen.answer('login-page-at-root');
      return allButFrontMissing(seen) !== undefined && root?.layer === 'drupal' && root.status === 200
        ? ['login-page', 'login-page-at-root']
        : undefined;
    },
    title: 'Drupal is not in the folder that the base URL names, but at the root of the same host',
    remedy: (seen) => `Write baseUrl: ${new URL(seen.target.baseUrl).origin}`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'not-drupal',
    when: (seen) => {
      const front = seen.answer('front');
      if (front === undefined || !isOutside(front) || front.status !== 200) return undefined;
      const missing = allButFrontMissing(seen);
      return missing === undefined ? undefined : ['front', ...missing.slice(0, 1)];
    },
    title: (seen) =>
      `${seen.target.baseUrl} shows a page that is not Drupal's, and none of Drupal's paths exist below it: Drupal lives in a sub-folder, or elsewhere`,
    remedy:
      'Set baseUrl to the folder of Drupal (for example …/drupal, …/cms or …/web), or to the host that serves it; …/user/login below it must show the log-in form.',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'wrong-host',
    when: (seen) => seen.every((answer) => isOutside(answer) && (answer.status === 404 || answer.status === 405))?.slice(0, 2),
    title: (seen) => `The web server has nothing under ${host(seen)}: another virtual host answers`,
    remedy: 'Correct the host name in baseUrl, or add it to the server_name (nginx) or ServerName/ServerAlias (Apache) of the Drupal site.',
    confidence: 'likely',
    verdict: 'blocked',
  },
];

const onlyDrupal = new Set([
  'single-page-app',
  'wrong-host',
  'clean-urls',
  'wrong-folder',
  'not-drupal',
  'database-missing',
  'database-empty',
  'trusted-host',
  'banned',
]);

/** A server that need not be Drupal is not blamed for not being it. */
export const reach: Family = {
  name: 'reach',
  isFinal: true,
  rules: rules.map((rule) =>
    onlyDrupal.has(rule.id) ? { ...rule, when: (seen: Sightings) => (seen.product.isDrupal ? rule.when(seen) : undefined) } : rule,
  ),
};
