/**
 * Set-up of the miniOrange REST & JSON API Authentication module.
 *
 * @module
 */
import type { Family, Rule, Sightings } from '../rule.ts';

const is = (seen: Sightings) => seen.product.kind === 'miniorange';
const settings = '/admin/config/people/rest_api_authentication/auth_settings';

/** Drupal itself turned an anonymous caller away, the module had no say. */
const isAnonymous = (seen: Sightings, probe: string) => seen.status(probe) === 403 && seen.layer(probe) === 'drupal';
const moduleSpeaks = (seen: Sightings, probe: string) => seen.layer(probe) === 'module';
const hasNoTokenEndpoint = (seen: Sightings) =>
  is(seen) && seen.product.method === 'bearer' && seen.status('token') === 404 && seen.layer('token') === 'drupal';
const refusedAs = (seen: Sightings, ...errors: readonly string[]) => is(seen) && errors.includes(seen.error('resource') ?? '');
const name = (seen: Sightings) => seen.target.users?.['main']?.name ?? 'users.main';

/** The method of the application, told by the words of its refusals. */
function methodOf(seen: Sightings): 'password' | 'key' | undefined {
  if (seen.error('resource-none') === 'MISSING_API_KEY_HEADER' || seen.error('resource-garbage') === 'INVALID_AUTHORIZATION_HEADER_TYPE')
    return 'key';
  // Up to 2.0.18 both methods refuse a Bearer value with the same word, so it tells only where applications exist.
  const hasApplications = seen.error('resource-unknown-application') === 'INVALID_APPLICATION_ID';
  if (hasApplications && seen.error('resource-garbage') === 'INVALID_AUTHORIZATION_HEADER_TOKEN_TYPE') return 'password';
  if (seen.error('resource') === 'INVALID_CREDENTIALS') return 'password';
  return seen.error('resource') === 'INVALID_API_KEY' || seen.error('resource') === 'USER_DOES_NOT_EXIST' ? 'key' : undefined;
}

const wrongMethod = (seen: Sightings) => {
  const method = methodOf(seen);
  return is(seen) && method !== undefined && seen.product.method !== 'none' && method !== seen.product.method;
};

const rules: readonly Rule[] = [
  {
    id: 'free-edition',
    when: (seen) => {
      if (hasNoTokenEndpoint(seen) && moduleSpeaks(seen, 'revoke-none')) return ['token', 'revoke-none', 'resource-none'];
      if (!is(seen) || !isAnonymous(seen, 'resource-none')) return undefined;
      return seen.error('resource-unknown-application') === 'INVALID_APPLICATION_ID'
        ? ['resource-none', 'resource-unknown-application']
        : undefined;
    },
    title: (seen) =>
      hasNoTokenEndpoint(seen)
        ? 'The module is installed without a token endpoint: this is the free edition, which has no OAuth method'
        : 'The application is set to a method that this edition does not have (OAuth, JWT or external provider in the free edition): its requests pass unchecked, as anonymous',
    remedy: `Choose Basic or API Key for the application at ${settings} and name that profile in the target file, or install the paid edition that has the method.`,
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.drupal.org/project/rest_api_authentication',
  },
  {
    id: 'application-header-missing',
    when: (seen) =>
      is(seen) && seen.target.clients?.['main']?.applicationId === undefined && seen.error('resource-none') === 'MISSING_HEADER'
        ? ['resource-none']
        : undefined,
    title: 'The module wants to know the application and has no default one; the target file names none',
    remedy: `Copy the application id from the list at ${settings} to clients.main.applicationId, or make an application the default there.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'application-unknown',
    when: (seen) =>
      is(seen) && seen.error('resource-none') === 'INVALID_APPLICATION_ID' ? ['resource-none', 'resource-no-application'] : undefined,
    title: (seen) => `The module knows no application "${seen.target.clients?.['main']?.applicationId ?? ''}"`,
    remedy: `Copy the id (8 characters, letters in lower case) from the list at ${settings}, or create the application there.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'authentication-off',
    when: (seen) =>
      is(seen) && isAnonymous(seen, 'resource-none') && moduleSpeaks(seen, 'revoke-none') ? ['resource-none', 'revoke-none'] : undefined,
    title: 'The module is installed, but its authentication is switched off or was never set up: every request passes as anonymous',
    remedy: `Tick "Enable Authentication" at ${settings} and save an application.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'miniorange-missing',
    when: (seen) => {
      if (!is(seen) || !isAnonymous(seen, 'resource-none')) return undefined;
      return seen.status('revoke-none') === 404 && seen.layer('revoke-none') === 'drupal' ? ['resource-none', 'revoke-none'] : undefined;
    },
    title: (seen) =>
      seen.target.clients?.['main']?.applicationId === undefined
        ? 'Nothing on the site asks for credentials: the miniOrange module is not installed, or (before 2.1.0) switched off'
        : 'Nothing on the site asks for credentials: the miniOrange module is not installed',
    remedy: `\`composer require drupal/rest_api_authentication && drush pm:install rest_api_authentication\`, then set it up at ${settings}.`,
    confidence: (seen) => (seen.target.clients?.['main']?.applicationId === undefined ? 'likely' : 'certain'),
    verdict: 'blocked',
    link: 'https://www.drupal.org/project/rest_api_authentication',
  },
  {
    id: 'application-method',
    when: (seen) => (wrongMethod(seen) && seen.status('resource') !== 200 ? ['resource-garbage', 'resource-none'] : undefined),
    title: (seen) =>
      `The application uses the ${methodOf(seen) === 'key' ? 'API Key' : 'Basic'} method, the target file names the profile ${seen.product.profile}`,
    remedy: (seen) =>
      `Set profile: miniorange/${methodOf(seen) === 'key' ? 'api-key' : 'basic'} in the target file, or clients.main.applicationId to an application of the other method.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'token-endpoint-missing',
    when: (seen) => (hasNoTokenEndpoint(seen) ? ['token', 'revoke-none'] : undefined),
    title: (seen) =>
      `There is no token endpoint at ${seen.product.paths.token}: the module is missing, or is an edition without the OAuth method`,
    remedy:
      'Install the paid edition that has the OAuth/Access Token method, or use a free method (profile miniorange/basic or miniorange/api-key).',
    confidence: 'likely',
    verdict: 'blocked',
    link: 'https://www.drupal.org/project/rest_api_authentication',
  },
  {
    id: 'password-with-colon',
    when: (seen) =>
      refusedAs(seen, 'INVALID_CREDENTIALS') &&
      seen.product.method === 'password' &&
      seen.target.users?.['main']?.password?.includes(':') === true
        ? ['resource', 'resource-none']
        : undefined,
    title: (seen) => `The password of ${name(seen)} contains a colon, and the Basic method of this module reads only up to the first one`,
    remedy: 'Give the account a password without ":".',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'credentials-wrong',
    when: (seen) => (refusedAs(seen, 'INVALID_CREDENTIALS', 'USER_DOES_NOT_EXIST') ? ['resource', 'resource-none'] : undefined),
    title: (seen) =>
      `The site refuses ${name(seen)}: ${seen.error('resource') === 'USER_DOES_NOT_EXIST' ? 'there is no such user' : 'unknown user or wrong password'}`,
    remedy: (seen) =>
      `Correct users.main in the target file; \`drush user:information ${name(seen)}\` shows whether the account exists, \`drush user:password\` sets its password.`,
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'api-key-wrong',
    when: (seen) => (refusedAs(seen, 'INVALID_API_KEY') ? ['resource', 'resource-none'] : undefined),
    title: 'The site refuses the API key: it is another one, or none was ever generated',
    remedy: `Generate the key at ${settings} (API Key method) and copy it to clients.main.apiKey.`,
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'user-blocked',
    when: (seen) => (refusedAs(seen, 'USER_BLOCKED') ? ['resource'] : undefined),
    title: (seen) => `The account ${name(seen)} is blocked`,
    remedy: (seen) => `\`drush user:unblock ${name(seen)}\`.`,
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'token-refused',
    when: (seen) => {
      const token = seen.answer('token');
      return is(seen) && token?.layer === 'module' && seen.product.method === 'bearer' ? ['token'] : undefined;
    },
    title: (seen) =>
      `The token endpoint refuses the credentials of the target file: ${seen.error('token') ?? 'no error code'}${seen.answer('token')?.message === undefined ? '' : ` (${seen.answer('token')?.message})`}`,
    remedy: 'Compare clients.main.id, users.main.name and users.main.password with the application and the account on the site.',
    confidence: 'likely',
    verdict: 'blocked',
  },
];

export const miniorange: Family = { name: 'miniorange', isFinal: true, rules };

/** Refusals whose body is right and whose status is 200. */
const refusals: readonly Rule[] = [
  {
    id: 'refusals-200',
    when: (seen) => {
      const found = seen.where((answer) => answer.layer === 'module' && answer.status === 200);
      return is(seen) && found.length > 0 ? found.slice(0, 2) : undefined;
    },
    title: (seen) => {
      const isOld = seen.answered.some(
        ({ answer }) => answer.layer === 'module' && answer.object !== undefined && !('http_code' in answer.object),
      );
      return isOld
        ? 'Every refusal has the HTTP status 200: this version of the module (before 2.0.13) never sets one'
        : 'Every refusal has the HTTP status 200: the module prints before it sets the status, and PHP does not buffer output';
    },
    remedy: (seen) => {
      const isOld = seen.answered.some(
        ({ answer }) => answer.layer === 'module' && answer.object !== undefined && !('http_code' in answer.object),
      );
      return isOld
        ? '`composer require drupal/rest_api_authentication:^2.1 && drush updatedb`.'
        : 'Set output_buffering = 4096 in php.ini (the pool of PHP-FPM: php_value[output_buffering] = 4096) and restart PHP. If it is set, look for a proxy that rewrites the status.';
    },
    confidence: 'certain',
    verdict: 'warn',
  },
];

export const refusalStatus: Family = { name: 'refusal-status', isFinal: false, rules: refusals };
