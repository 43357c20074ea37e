/**
 * What happens to headers between client and Drupal: caches that ignore Authorization, proxies that drop or overwrite a header.
 *
 * @module
 */
import type { ProbeAnswer } from '../observation.ts';
import { isOutside, type Family, type Rule, type Sightings } from '../rule.ts';

/** The own account as only its owner sees it. */
function isOwnAccount(answer: ProbeAnswer | undefined): boolean {
  return answer?.status === 200 && Array.isArray(answer.object?.['uid']) && Array.isArray(answer.object['mail']);
}

/** Answers to requests without the good credential that hold the own account all the same. */
const leaked = (seen: Sightings) =>
  ['resource-none', 'resource-garbage', 'cache-none-second'].filter((probe) => isOwnAccount(seen.answer(probe)));

const cacheRules: readonly Rule[] = [
  {
    id: 'cache-leak',
    when: (seen) => {
      const [leak] = leaked(seen);
      const control = seen.answer('cache-none-alone');
      if (leak === undefined || control === undefined || isOwnAccount(control)) return undefined;
      return [leak, 'cache-none-alone', leak === 'cache-none-second' ? 'cache-good-first' : 'resource'];
    },
    title:
      "A shared cache in front of Drupal hands one user's answer to everybody: a request without credentials got the account with its mail address",
    remedy:
      'Let the cache pass every request that carries Authorization, AUTH-METHOD or api-key, and honour Cache-Control: private, no-cache (nginx: proxy_no_cache and proxy_cache_bypass $http_authorization, and no proxy_ignore_headers Cache-Control; Varnish: return (pass) if req.http.Authorization; CDN: no "cache everything" rule). Purge it now.',
    confidence: 'certain',
    verdict: 'fail',
    link: 'https://www.rfc-editor.org/rfc/rfc9111#section-3.5',
  },
  {
    id: 'cache-anonymous',
    when: (seen) => {
      const plain = seen.answer('resource');
      const anonymous = seen.answer('resource-none');
      const fresh = seen.answer('cache-good-first');
      if (plain === undefined || fresh === undefined || fresh.status !== 200) return undefined;
      const isSame = plain.status >= 400 && plain.status === anonymous?.status && plain.text === anonymous.text;
      return isSame ? ['resource', 'cache-good-first'] : undefined;
    },
    title: 'A shared cache in front of Drupal answers requests with a good credential from a stored anonymous answer',
    remedy:
      'Let the cache pass every request that carries Authorization, AUTH-METHOD or api-key (nginx: proxy_cache_bypass and proxy_no_cache $http_authorization; Varnish: return (pass) if req.http.Authorization), and purge it.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.rfc-editor.org/rfc/rfc9111#section-3.5',
  },
];

export const cache: Family = { name: 'cache', isFinal: true, rules: cacheRules };

const passHeader =
  'Apache with PHP-FPM or CGI: `CGIPassAuth On` (2.4.13), or AllowOverride All so that the .htaccess of Drupal core works, or `SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1`. nginx: fastcgi_param HTTP_AUTHORIZATION $http_authorization;. A proxy: let it forward Authorization.';

const isIssued = (seen: Sightings) => seen.status('token') === 200 && typeof seen.answer('token')?.object?.['access_token'] === 'string';

const authorizationHeader = (seen: Sightings) =>
  seen.get('resource')?.exchange.request.headers.some(([name]) => name === 'Authorization') === true;

const headerRules: readonly Rule[] = [
  {
    id: 'authorization-twice',
    when: (seen) => {
      const isDoubled = Object.keys(seen.target.headers ?? {}).some((name) => name.toLowerCase() === 'authorization');
      const refused = seen.where((answer, { probe, exchange }) => {
        const times = exchange.request.headers.filter(([name]) => name.toLowerCase() === 'authorization').length;
        return times > 1 && (isOutside(answer) || answer.status >= 400) && probe !== 'resource-garbage';
      });
      return isDoubled && refused.length > 0 ? [refused[0] as string, 'front'] : undefined;
    },
    title:
      "The target file sends a password of the front gate in Authorization, the header that the site's own credential needs: no request can carry both",
    remedy:
      'Exempt the API paths from the password in front, or let the gate accept another header (name it under headers: instead), and remove Authorization from headers:.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'authorization-overwritten',
    when: (seen) => {
      if (seen.product.kind === 'simple-oauth') {
        const token = seen.answer('token');
        return token?.status === 401 && /^Basic /i.test(token.header('www-authenticate') ?? '') ? ['token', 'resource-none'] : undefined;
      }
      const seenByModule = /^(INVALID_CREDENTIALS|USER_DOES_NOT_EXIST|INVALID_API_KEY|INVALID_AUTHORIZATION_HEADER\w*)$/;
      return seen.product.kind === 'miniorange' && seenByModule.test(seen.error('resource-none') ?? '')
        ? ['resource-none', 'resource']
        : undefined;
    },
    title:
      'A proxy in front of Drupal puts an Authorization header of its own into every request: the site saw credentials where none were sent',
    remedy:
      'Stop the proxy from setting Authorization towards the back end (nginx: no proxy_set_header Authorization "Basic …"; Apache: no RequestHeader set Authorization).',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'authorization-stripped',
    when: (seen) => {
      if (seen.product.kind === 'simple-oauth') {
        const byHeader = seen.answer('token-by-basic');
        const garbage = seen.answer('resource-garbage');
        const isIgnored = garbage?.status === 403 || garbage?.status === 200;
        if (!isIssued(seen) || byHeader === undefined || byHeader.status === 200 || isOutside(byHeader)) return undefined;
        return isIgnored ? ['token-by-basic', 'token', 'resource-garbage'] : undefined;
      }
      if (seen.product.kind !== 'miniorange' || !authorizationHeader(seen) || seen.error('resource') !== 'MISSING_AUTHORIZATION_HEADER')
        return undefined;
      return seen.status('resource-other-spelling') === 200 ? ['resource', 'resource-other-spelling'] : ['resource', 'resource-none'];
    },
    title: 'The Authorization header does not reach Drupal',
    remedy: passHeader,
    confidence: (seen) => (seen.product.kind === 'miniorange' && seen.status('resource-other-spelling') !== 200 ? 'likely' : 'certain'),
    verdict: 'blocked',
    link: 'https://httpd.apache.org/docs/2.4/mod/core.html#cgipassauth',
  },
  {
    id: 'bearer-stripped',
    when: (seen) => {
      const anonymous = seen.answer('resource-none');
      const isLikeAnonymous = (probe: string) => {
        const answer = seen.answer(probe);
        return anonymous !== undefined && answer?.status === anonymous.status && answer.text === anonymous.text;
      };
      const isIgnored =
        seen.product.kind === 'simple-oauth' && isIssued(seen) && isLikeAnonymous('resource') && isLikeAnonymous('resource-garbage');
      return isIgnored && seen.status('token-by-basic') === 200 ? ['resource', 'resource-none', 'resource-garbage'] : undefined;
    },
    title:
      'A token in the Authorization header makes no difference, not even a wrong one, while Basic credentials in that header arrive: Bearer values are removed on the way, or Simple OAuth does not look at them',
    remedy: `Let every proxy and firewall forward Authorization whatever its scheme; \`drush cache:rebuild\` after an update of Simple OAuth. ${passHeader}`,
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'basic-stripped',
    when: (seen) => {
      const byHeader = seen.answer('token-by-basic');
      const isUnseen =
        byHeader?.status === 400 && /client_id/.test(typeof byHeader.object?.['hint'] === 'string' ? byHeader.object['hint'] : '');
      return isIssued(seen) && isUnseen && seen.status('resource-garbage') === 401
        ? ['token-by-basic', 'token', 'resource-garbage']
        : undefined;
    },
    title:
      'Basic credentials in the Authorization header do not reach the token endpoint, Bearer tokens do: clients that authenticate by header are refused',
    remedy: `Look for what consumes Basic credentials on the way: a password in front (Apache: AuthType Basic; nginx: auth_basic; the module Shield), or a proxy that removes them. ${passHeader}`,
    confidence: 'certain',
    verdict: 'warn',
  },
  {
    id: 'auth-method-dropped',
    when: (seen) =>
      seen.product.kind === 'miniorange' && seen.error('resource-unknown-application') === 'MISSING_HEADER'
        ? ['resource-unknown-application', 'resource-no-application']
        : undefined,
    title: 'The AUTH-METHOD header does not reach Drupal: sent or not, the module says that it is missing',
    remedy:
      'Let every proxy, CDN and firewall rule forward AUTH-METHOD (its name has a hyphen; AUTH_METHOD and X-AUTH-METHOD are other headers), or make the application the default one in the module so that no header is needed.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'api-key-dropped',
    when: (seen) => {
      const sent = seen.get('resource')?.exchange.request.headers.some(([name]) => name === 'api-key') === true;
      return sent && seen.error('resource') === 'MISSING_API_KEY_HEADER' ? ['resource', 'resource-none'] : undefined;
    },
    title: 'The api-key header does not reach Drupal',
    remedy:
      'Let every proxy forward api-key (nginx drops names with an underscore, such as api_key), or let the application take the key in Authorization.',
    confidence: 'certain',
    verdict: 'blocked',
  },
];

export const headers: Family = { name: 'headers', isFinal: true, rules: headerRules };
