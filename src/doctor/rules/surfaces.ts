/**
 * What a good credential opens: REST resource, permissions, JSON:API, GraphQL.
 *
 * @module
 */
import { ownId } from '../probes.ts';
import type { Family, Rule, Sightings } from '../rule.ts';

const provider = (seen: Sightings) => (seen.product.kind === 'simple-oauth' ? 'oauth2' : 'rest_api_authentication');
const notAllowed = 'The used authentication method is not allowed on this route.';
const isRefused = (seen: Sightings, probe: string, words: string) =>
  seen.status(probe) === 403 && seen.answer(probe)?.message?.includes(words) === true;

const editResource = (seen: Sightings) =>
  `\`drush config:edit rest.resource.entity.user\` must show status: true, GET, format json and authentication ${provider(seen)} (with the REST UI module: /admin/config/services/rest); then \`drush cache:rebuild\`.`;

const uidOf = (seen: Sightings, probe: string): unknown => {
  const [first] = (seen.answer(probe)?.object?.['uid'] as readonly { value?: unknown }[] | undefined) ?? [];
  return first?.value;
};

const resourceRules: readonly Rule[] = [
  {
    id: 'rest-resource',
    when: (seen) =>
      seen.status('resource') === 406 && seen.layer('resource') === 'drupal' ? ['resource', 'page', 'resource-none'] : undefined,
    title:
      'The credential is accepted, but the user resource does not answer as JSON: the resource is off, json is not ticked, or the RESTful Web Services module is not installed',
    remedy: (seen) => `\`drush pm:install rest serialization\`; ${editResource(seen)}`,
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.drupal.org/docs/8/core/modules/rest',
  },
  {
    id: 'rest-module',
    when: (seen) => {
      if (seen.product.kind !== 'miniorange' || !isRefused(seen, 'resource', notAllowed)) return undefined;
      return isRefused(seen, 'article', notAllowed) ? ['resource', 'article'] : undefined;
    },
    title:
      'The credential is accepted, but neither users nor nodes can be read by REST with it: RESTful Web Services is not installed, or no resource allows this provider',
    remedy: (seen) => `\`drush pm:install rest serialization\`; ${editResource(seen)}`,
    confidence: 'likely',
    verdict: 'blocked',
    link: 'https://www.drupal.org/docs/8/core/modules/rest',
  },
  {
    id: 'rest-provider',
    when: (seen) =>
      isRefused(seen, 'resource', notAllowed)
        ? ['resource', seen.product.kind === 'miniorange' ? 'article' : 'resource-garbage']
        : undefined,
    title: (seen) =>
      seen.product.kind === 'miniorange'
        ? 'The credential is accepted, but the user resource is off, has no json, or does not allow the provider rest_api_authentication'
        : `The token is accepted, but the user resource does not allow the provider ${provider(seen)}`,
    remedy: editResource,
    confidence: (seen) => (seen.product.kind === 'miniorange' && seen.status('article') !== 200 ? 'likely' : 'certain'),
    verdict: 'blocked',
    link: 'https://www.drupal.org/docs/8/core/modules/rest',
  },
  {
    id: 'account-id',
    when: (seen) =>
      seen.status('resource') === 404 && seen.layer('resource') === 'drupal' && seen.product.isDrupal
        ? ['resource', 'resource-none']
        : undefined,
    title: (seen) => `There is no user with the id ${ownId(seen) ?? ''}`,
    remedy: (seen) =>
      seen.product.kind === 'simple-oauth'
        ? 'Correct clients.main.actsAs (or users.main.id) in the target file.'
        : 'Correct users.main.id in the target file; `drush user:information NAME` shows it.',
    confidence: 'likely',
    verdict: 'blocked',
  },
  {
    id: 'account-mismatch',
    when: (seen) => {
      const isForeign = isRefused(seen, 'resource', 'access user profiles') && seen.get('resource')?.answer !== undefined;
      const isOther =
        seen.status('resource') === 200 && uidOf(seen, 'resource') !== undefined && seen.answer('resource')?.object?.['mail'] === undefined;
      return (isForeign || isOther) && isAccepted(seen) ? ['resource', 'resource-none'] : undefined;
    },
    title: (seen) =>
      `The credential is accepted, but acts as another user than the one with the id ${ownId(seen) ?? ''}: the answer is what a stranger gets`,
    remedy: (seen) =>
      seen.product.kind === 'simple-oauth'
        ? 'Set clients.main.actsAs to the id of the user that the consumer names at /admin/config/services/consumer.'
        : 'Set users.main.id to the id of the account users.main.name; `drush user:information NAME` shows it.',
    confidence: 'likely',
    verdict: 'blocked',
  },
];

/** Whether the credential itself was taken: another request with it gave more than an anonymous caller gets, or garbage is refused where it is not. */
function isAccepted(seen: Sightings): boolean {
  if (seen.product.kind === 'miniorange') return seen.layer('resource-none') === 'module';
  return seen.status('resource-garbage') === 401;
}

export const resource: Family = { name: 'resource', isFinal: false, rules: resourceRules };

const permissionRules: readonly Rule[] = [
  {
    id: 'permission-content',
    when: (seen) => {
      if (seen.status('front') === 403 && seen.layer('front') === 'drupal') return ['front', 'resource'];
      return isRefused(seen, 'article', "'access content' permission") ? ['article', 'resource'] : undefined;
    },
    title: (seen) =>
      seen.status('front') === 403
        ? 'Anonymous visitors lack the permission "View published content"'
        : 'The user lacks the permission "View published content"',
    remedy: (seen) =>
      `\`drush role:perm:add ${seen.status('front') === 403 ? 'anonymous' : 'ROLE'} 'access content'\`, if that is meant; articles are hidden from them as long as it is missing.`,
    confidence: 'certain',
    verdict: 'warn',
  },
  {
    id: 'permission-profiles',
    when: (seen) =>
      seen.status('resource') === 200 && isRefused(seen, 'other', "'access user profiles' permission") ? ['other', 'resource'] : undefined,
    title: 'The user sees its own account but no other: the permission "View user information" is missing',
    remedy: (seen) =>
      seen.product.kind === 'simple-oauth'
        ? "`drush role:perm:add ROLE 'access user profiles'` for the role behind the scope of the token (Simple OAuth 6 takes permissions from the scope), or remove users.other from the target file."
        : "`drush role:perm:add ROLE 'access user profiles'` for a role of the user, or remove users.other from the target file.",
    confidence: 'certain',
    verdict: 'blocked',
  },
];

export const permissions: Family = { name: 'permissions', isFinal: false, rules: permissionRules };

const isMissingPage = (seen: Sightings, probe: string) =>
  seen.status(probe) === 404 && seen.layer(probe) === 'drupal' && seen.answer(probe)?.type === 'text/html';

const apiRules: readonly Rule[] = [
  {
    id: 'jsonapi-off',
    when: (seen) => {
      const missing = ['jsonapi', 'jsonapi-as-user'].find((probe) => isMissingPage(seen, probe));
      return missing === undefined ? undefined : [missing, 'articles'];
    },
    title: 'JSON:API is not installed (or has another path): /jsonapi is a page that does not exist',
    remedy: '`drush pm:install jsonapi`, or take jsonapi out of profile: in the target file.',
    confidence: 'certain',
    verdict: 'blocked',
    link: 'https://www.drupal.org/docs/8/modules/json-api',
  },
];

export const api: Family = { name: 'api', isFinal: false, rules: apiRules };

const graphqlRules: readonly Rule[] = [
  {
    id: 'graphql-off',
    when: (seen) => (seen.status('graphql') === 404 && seen.layer('graphql') === 'drupal' ? ['graphql'] : undefined),
    title: (seen) => `There is no GraphQL endpoint at ${seen.product.paths.graphql}`,
    remedy:
      'Install the GraphQL module and create a server at /admin/config/graphql, set paths: { graphql: … } to its endpoint, or take graphql out of profile: in the target file.',
    confidence: 'certain',
    verdict: 'blocked',
  },
  {
    id: 'graphql-permission',
    when: (seen) =>
      seen.status('graphql') === 403 && seen.layer('graphql') === 'drupal' && seen.status('resource') === 200
        ? ['graphql', 'resource']
        : undefined,
    title: (seen) => {
      const permission = /The '([^']+)' permission is required/.exec(seen.answer('graphql')?.message ?? '')?.[1];
      return `The user may not use GraphQL${permission === undefined ? '' : `: the permission "${permission}" is missing`}`;
    },
    remedy: (seen) => {
      const permission =
        /The '([^']+)' permission is required/.exec(seen.answer('graphql')?.message ?? '')?.[1] ?? 'execute graphql requests';
      return `\`drush role:perm:add ROLE '${permission}'\``;
    },
    confidence: 'certain',
    verdict: 'blocked',
  },
];

export const graphql: Family = { name: 'graphql', isFinal: false, rules: graphqlRules };
