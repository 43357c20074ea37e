/**
 * Keys, consumers and tokens of Simple OAuth, 5.x and 6.x.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import type { Family, Rule, Sightings } from '../rule.ts';

const is = (seen: Sightings) => seen.product.kind === 'simple-oauth';
const tokenError = (seen: Sightings, status: number, error: string) =>
  is(seen) && seen.status('token') === status && seen.error('token') === error;
const hint = (seen: Sightings) => {
  const value = seen.answer('token')?.object?.['hint'];
  return typeof value === 'string' ? value : '';
};
const missingKey = (seen: Sightings) =>
  tokenError(seen, 500, 'server_error') && /You need to set the OAuth2 .*keys?\./.test(seen.answer('token')?.text ?? '');
/** 6.x says so in the challenge; 5.x breaks on every Bearer value, whatever it is. */
const noPublicKey = (seen: Sightings) => {
  const garbage = seen.answer('resource-garbage');
  if (!is(seen) || garbage === undefined) return false;
  if (garbage.status === 401) return /server_error|public key/.test(`${garbage.header('www-authenticate') ?? ''} ${garbage.message ?? ''}`);
  return garbage.status === 500 && seen.status('resource-none') !== 500;
};
/** 5.x asks for both keys before it signs, and repeats each description as `message`. */
const isVersion5 = (seen: Sightings) => seen.answer('token')?.object?.['message'] !== undefined;
const clientId = (seen: Sightings) => seen.target.clients?.['main']?.id ?? 'clients.main';
const isDrupal404 = (seen: Sightings, probe: string) => seen.status(probe) === 404 && seen.layer(probe) === 'drupal';

const makeKeys =
  'Generate a pair outside the web root (`drush simple-oauth:generate-keys ../keys`, or `openssl genrsa -out private.key 2048 && openssl rsa -in private.key -pubout -out public.key`), let the PHP user read both (chmod 600, chown; open_basedir, where it is set, has to include them), and set both paths at /admin/config/people/simple_oauth.';

/** The member of a token request that the site says it misses, although it was sent. */
const missed = (seen: Sightings): string | undefined => {
  const name = /`(grant_type|client_id|client_secret)`/.exec(hint(seen))?.[1];
  const body = seen.get('token')?.exchange.request.body;
  const sent = body === undefined ? undefined : new URLSearchParams(Buffer.from(body).toString('utf8'));
  return is(seen) && seen.status('token') === 400 && name !== undefined && sent?.has(name) === true ? name : undefined;
};

/** Answered like a request without any parameter. */
const isLikeEmpty = (seen: Sightings) =>
  is(seen) &&
  seen.status('token') === 400 &&
  seen.status('token-empty') === 400 &&
  seen.answer('token')?.text === seen.answer('token-empty')?.text;

/** Seconds between the issue of the token and the end of a later answer. */
const ageAt = (seen: Sightings, probe: string): number => {
  const issued = seen.get('token')?.exchange.timing.endedMs;
  const used = seen.get(probe)?.exchange.timing.endedMs;
  return issued === undefined || used === undefined ? 0 : (used - issued) / 1000;
};
const lifetimeOf = (seen: Sightings): number | undefined => {
  const value = seen.answer('token')?.object?.['expires_in'];
  return typeof value === 'number' ? value : undefined;
};

const tokenRules: readonly Rule[] = [
  {
    id: 'simple-oauth-missing',
    when: (seen) => {
      if (!is(seen) || !isDrupal404(seen, 'token-get')) return undefined;
      const garbage = seen.status('resource-garbage');
      return garbage === 401 ? undefined : ['token-get', 'resource-garbage'];
    },
    title: (seen) => `Drupal knows no ${seen.product.paths.token} and takes no notice of a Bearer token: Simple OAuth is not installed`,
    remedy: '`composer require drupal/simple_oauth && drush pm:install simple_oauth`.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.drupal.org/project/simple_oauth',
  },
  {
    id: 'token-path',
    when: (seen) => (is(seen) && isDrupal404(seen, 'token-get') && isDrupal404(seen, 'token') ? ['token', 'resource-garbage'] : undefined),
    title: (seen) => `Simple OAuth is there, but its token endpoint is not at ${seen.product.paths.token}`,
    remedy: 'Set paths: { token: /oauth/token } in the target file, or the path that the site uses.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'keys-unset',
    when: (seen) => (missingKey(seen) && noPublicKey(seen) ? ['token', 'resource-garbage', 'keys'] : undefined),
    title: (seen) =>
      isVersion5(seen)
        ? 'Simple OAuth lacks its keys, or at least the public one: it can neither sign a token nor check one'
        : 'Simple OAuth has no keys: it can neither sign a token nor check one',
    remedy: makeKeys,
    confidence: (seen) => (isVersion5(seen) ? 'likely' : 'certain'),
    verdict: 'blocked',
  },
  {
    id: 'private-key',
    when: (seen) => (missingKey(seen) ? ['token', 'resource-garbage'] : undefined),
    title: 'The private key of Simple OAuth is missing, not set, or not readable by PHP: no token can be signed',
    remedy: makeKeys,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'hash-salt',
    when: (seen) => (tokenError(seen, 500, 'server_error') && seen.says('token', 'Hash salt must be at least') ? ['token'] : undefined),
    title: "The site's hash salt is shorter than 32 characters: Simple OAuth issues no token",
    remedy:
      "Write a long one to settings.php: $settings['hash_salt'] = '…'; `php -r 'echo bin2hex(random_bytes(32));'` makes one. Open sessions and one-time links end.",
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'body-lost',
    when: (seen) => (isLikeEmpty(seen) ? ['token', 'token-empty'] : undefined),
    title: 'The body of a POST does not reach the site: a complete token request is answered like one without any parameter',
    remedy:
      'PHP: post_max_size = 8M (a body beyond it is dropped without a word), enable_post_data_reading = On. In front of PHP: no redirect of POST (use the final https address as baseUrl), and no proxy or firewall that empties bodies or changes Content-Type.',
    // In 5.x a grant that is off is answered like none.
    confidence: (seen) => (missed(seen) === undefined ? 'likely' : 'certain'),
    verdict: 'blocked',
    link: 'https://www.php.net/manual/en/ini.core.php#ini.post-max-size',
  },
  {
    id: 'body-cut',
    when: (seen) => (missed(seen) === undefined ? undefined : ['token', 'token-empty']),
    title: (seen) => `Part of the body of a POST is lost on the way: the site misses ${missed(seen)}, which the token request holds`,
    remedy:
      'PHP: max_input_vars = 1000 (parameters beyond it are dropped). In front of PHP: a firewall or proxy that removes parameters by their name; exempt the token path from it.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.php.net/manual/en/info.configuration.php#ini.max-input-vars',
  },
  {
    id: 'consumer-user',
    when: (seen) =>
      tokenError(seen, 500, 'server_error') && seen.says('token', 'Invalid default user for client') ? ['token'] : undefined,
    title: (seen) => `The consumer ${clientId(seen)} has no user, so its token would act as nobody`,
    remedy: 'Edit the consumer at /admin/config/services/consumer and set "User" (for the client credentials grant).',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'token-endpoint-breaks',
    when: (seen) => {
      const breaks = (probe: string) => seen.status(probe) === 500 && seen.answer(probe)?.object === undefined;
      return is(seen) && breaks('token') && breaks('token-empty') ? ['token', 'token-empty', 'token-get'] : undefined;
    },
    title: 'The token endpoint breaks (500 without JSON) whatever it is sent, even without any parameter, while the rest works',
    remedy:
      '`drush watchdog:show --severity=Error` names the reason. Usual ones: a scope provider whose module is gone (`drush config:get simple_oauth.settings scope_provider`; dynamic needs none), an update that has not run (`drush updatedb && drush cache:rebuild`), or code and database of different versions.',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'private-key-invalid',
    when: (seen) => {
      const token = seen.answer('token');
      return is(seen) && token?.status === 500 && token.object === undefined ? ['token', 'token-get'] : undefined;
    },
    title: (seen) =>
      seen.status('token-empty') === 400
        ? 'The token endpoint breaks (500 without JSON) where it has to sign and store a token, and refuses what is wrong cleanly: the private key file holds no key that PHP can use, or a table is missing'
        : 'The token endpoint breaks (500 without JSON) while the rest works: the private key file holds no key that PHP can use, or cannot be read',
    remedy: `\`drush watchdog:show --severity=Error\` names the reason. A key: it must be RSA, without passphrase, and not the public one; \`openssl rsa -check -noout -in private.key\` tests it. ${makeKeys} A table: \`drush updatedb\`. PHP needs its openssl extension.`,
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'token-hangs',
    when: (seen) => (is(seen) && seen.get('token')?.failure?.kind === 'timeout' ? ['token', 'token-get'] : undefined),
    title: 'The token endpoint does not answer in time while the rest works',
    remedy:
      'Look at the PHP error log: a database that cannot be written to, or a lock that is never released (`drush sql:query "DELETE FROM semaphore"`). Raise limits.timeoutSeconds if the server is only slow.',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'consumer-scopes',
    when: (seen) => (tokenError(seen, 400, 'invalid_request') && hint(seen).includes('`scope`') ? ['token'] : undefined),
    title: (seen) => `The consumer ${clientId(seen)} has no default scopes and the request names none`,
    remedy: 'Tick scopes on the consumer at /admin/config/services/consumer, or set clients.main.scope in the target file.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'scope-refused',
    when: (seen) => (tokenError(seen, 400, 'invalid_scope') ? ['token'] : undefined),
    title: (seen) =>
      `The scope "${seen.target.clients?.['main']?.scope ?? ''}" does not exist, is not on the consumer ${clientId(seen)}, or is not enabled for its grant`,
    remedy:
      'Correct clients.main.scope in the target file, or enable the scope for client_credentials at /admin/config/people/simple_oauth/oauth2_scope/dynamic and tick it on the consumer.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'grant-off',
    when: (seen) => {
      const isOff =
        tokenError(seen, 400, 'unsupported_grant_type') ||
        (tokenError(seen, 400, 'invalid_grant') && hint(seen).includes('grant is enabled'));
      return isOff ? ['token'] : undefined;
    },
    title: (seen) => `The client credentials grant is not enabled for the consumer ${clientId(seen)}`,
    remedy:
      'Simple OAuth 6: tick "Client Credentials" on the consumer at /admin/config/services/consumer. 5: the grant plugin must be available (`drush pm:list --filter=simple_oauth`).',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'invalid-client',
    when: (seen) => (tokenError(seen, 401, 'invalid_client') ? ['token', 'token-get'] : undefined),
    title: (seen) =>
      `Simple OAuth refuses the client ${clientId(seen)}: wrong id or secret, deleted consumer, or one that is not confidential`,
    remedy:
      'Compare clients.main.id with the "Client ID" (not the UUID or the label) at /admin/config/services/consumer, set a new secret there (it is stored hashed, so type it again) and tick "Is Confidential?".',
    confidence: 'likely',
    verdict: 'blocked',
  },
];

export const simpleOauthTokens: Family = { name: 'simple-oauth-tokens', isFinal: true, rules: tokenRules };

const saysReason = (seen: Sightings, probe: string, words: string) => {
  const answer = seen.answer(probe);
  return answer?.status === 401 && `${answer.header('www-authenticate') ?? ''} ${answer.text}`.includes(words);
};

/** Probes that present the fresh token and reach Drupal each time. */
const withToken: readonly string[] = ['resource', 'cache-good-first', 'cache-good-after-none', 'other', 'page'];

const bearerRules: readonly Rule[] = [
  {
    id: 'public-key',
    when: (seen) => (noPublicKey(seen) ? ['resource-garbage', 'token', 'keys'] : undefined),
    title: 'The public key of Simple OAuth is missing or not readable by PHP: tokens are issued, but none can be checked',
    remedy: makeKeys,
    confidence: (seen) => (seen.status('resource-garbage') === 401 ? 'certain' : 'likely'),
    verdict: 'blocked',
  },
  {
    id: 'lifetime-short',
    when: (seen) => {
      const lifetime = lifetimeOf(seen);
      if (!is(seen) || lifetime === undefined) return undefined;
      const ended = withToken.filter(
        (probe) => saysReason(seen, probe, 'Access token could not be verified') && ageAt(seen, probe) >= lifetime - 1,
      );
      return ended.length > 0 ? ['token', ended[0] as string] : undefined;
    },
    title: (seen) => `Tokens live ${lifetimeOf(seen)} s only: this one had ended before it could be examined`,
    remedy:
      'Raise the access token expiration time (Simple OAuth 6: of the consumer, at /admin/config/services/consumer; 5: at /admin/config/people/simple_oauth); 300 s is its default. To test expiry, give a consumer of its own a short one and name it clients.short.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'servers-disagree',
    when: (seen) => {
      const refused = withToken.filter((probe) => saysReason(seen, probe, 'Access token could not be verified'));
      const accepted = withToken.filter((probe) => seen.status(probe) === 200);
      return is(seen) && refused.length > 0 && accepted.length > 0 ? [refused[0] as string, accepted[0] as string, 'token'] : undefined;
    },
    title: 'The same fresh token is accepted and refused in turn: several servers stand behind the address, with different keys or clocks',
    remedy:
      'Put the same key pair on every web server and run NTP on each (`timedatectl set-ntp true`); compare `sha256sum private.key` and `date -u`.',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'key-mismatch',
    when: (seen) =>
      is(seen) && saysReason(seen, 'resource', 'Access token could not be verified') && seen.status('token') === 200
        ? ['resource', 'token', 'resource-garbage']
        : undefined,
    title:
      'A token that was issued a moment ago cannot be verified: public and private key do not belong together, or several servers have different keys or clocks',
    remedy: `${makeKeys} With several servers: the same pair and NTP on each. Compare \`openssl rsa -in private.key -pubout\` with public.key.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'user-blocked',
    when: (seen) => (is(seen) && saysReason(seen, 'resource', 'is blocked or has not been activated') ? ['resource', 'token'] : undefined),
    title: (seen) => `The user of the consumer ${clientId(seen)} is blocked; Drupal revokes its token on first use`,
    remedy: '`drush user:unblock NAME`, then fetch a new token.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'token-revoked',
    when: (seen) => (is(seen) && saysReason(seen, 'resource', 'Access token has been revoked') ? ['resource', 'token'] : undefined),
    title: 'A token that was issued a moment ago counts as revoked: its row is missing in the database of the server that checks it',
    remedy:
      'Point every web server at the same (primary) database; look for a job that saves the user or the consumer again and again, since that deletes its tokens.',
    confidence: 'likely',
    verdict: 'blocked',
  },
];

export const simpleOauthBearer: Family = { name: 'simple-oauth-bearer', isFinal: true, rules: bearerRules };
