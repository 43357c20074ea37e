/**
 * Scripts that prepare a real site for verification and take it back, with the secrets of what they make. Pure: random bytes are passed in.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { UsageError } from '../support/error.ts';
import { didYouMean, listOf } from '../support/suggest.ts';
import { miniorangePhp } from './php/miniorange.ts';
import { simpleOauthPhp } from './php/simple-oauth.ts';
import { sitePhp } from './php/site.ts';
import { adminSteps } from './steps.ts';

export interface ProvisionOptions {
  /** Profile of a product, e.g. `simple-oauth`. */
  readonly profile: string;
  /** Name of the target; also of the env file that the scripts mention. */
  readonly name: string;
  /** Base URL for the target file; absent: what Drush believes it to be. */
  readonly url?: string;
  /** Surfaces that a credential of this profile opens, and that there are cases for. */
  readonly surfaces: readonly string[];
  readonly randomBytes: (size: number) => Uint8Array;
}

export interface Provision {
  /** For `drush php:script`; holds the secrets. Prints the target file. */
  readonly script: string;
  /** The way back; holds no secret, and works whichever script prepared the site. */
  readonly undo: string;
  /** Environment variable → secret. An empty value is for the owner to fill in. */
  readonly env: Readonly<Record<string, string>>;
  /** What no script can do, one step an entry. */
  readonly steps: readonly string[];
}

interface Product {
  /** Short name, in the names of everything that is made. */
  readonly slug: string;
  readonly php: string;
  readonly phpClass: string;
  readonly plan: (secrets: Secrets) => Readonly<Record<string, unknown>>;
  /** Variables that only the owner can give a value. */
  readonly toFill?: readonly string[];
}

/** Field of `clients.main` → variable, of the method whose application is made by hand. */
const paidVariables = { id: 'DAC_CLIENT_ID', secret: 'DAC_CLIENT_SECRET', applicationId: 'DAC_CLIENT_APPLICATION_ID' } as const;

const products: Readonly<Record<string, Product>> = {
  'simple-oauth': { slug: 'simple_oauth', php: simpleOauthPhp, phpClass: 'DacSimpleOauth', plan: simpleOauthPlan },
  'miniorange/basic': { slug: 'basic', php: miniorangePhp, phpClass: 'DacMiniorange', plan: () => miniorangePlan('basic', 0) },
  'miniorange/api-key': { slug: 'api_key', php: miniorangePhp, phpClass: 'DacMiniorange', plan: apiKeyPlan },
  'miniorange/oauth': {
    slug: 'oauth',
    php: miniorangePhp,
    phpClass: 'DacMiniorange',
    plan: paidPlan,
    toFill: Object.values(paidVariables),
  },
  'miniorange/jwt': { slug: 'jwt', php: miniorangePhp, phpClass: 'DacMiniorange', plan: () => ({ method: null }) },
};

/** Profiles that a site can be prepared for. */
export const provisionable: readonly string[] = Object.keys(products);

/**
 * Writes the scripts for one profile.
 *
 * @throws UsageError when there is nothing to prepare for that profile.
 */
export function provision(options: ProvisionOptions): Provision {
  const { profile, name } = options;
  const product = products[profile];
  if (product === undefined) {
    throw new UsageError(`a site cannot be prepared for profile "${profile}".${didYouMean(profile, provisionable)}`, {
      remedy: `--profile ${listOf(provisionable, 'or')}; surfaces are prepared with the product whose tokens open them.`,
    });
  }
  const secrets = new Secrets(options.randomBytes);
  const plan = {
    profile,
    name,
    url: options.url ?? '',
    label: 'Conformance test',
    role: `dac_${product.slug}`,
    surfaces: options.surfaces,
    users: people(product.slug, product.phpClass === 'DacMiniorange' ? { ...roles, ...specialRoles } : roles, secrets),
    content: { article: 'Conformance test, visible', hiddenArticle: 'Conformance test, unpublished' },
    ...product.plan(secrets),
  };
  const toFill = Object.fromEntries((product.toFill ?? []).map((variable) => [variable, '']));
  return {
    script: phpFile(
      product,
      plan,
      'up',
      `Prepares a site for ${profile}; run it again to repair what it made. It holds secrets: delete it afterwards.`,
    ),
    undo: phpFile(product, { profile, name }, 'down', `Takes back what was prepared for ${profile}, and nothing else.`),
    env: { ...toFill, ...secrets.env },
    steps: adminSteps(profile),
  };
}

/** Secrets made here, by the variable that a target file takes them from. */
class Secrets {
  readonly env: Record<string, string> = {};
  readonly #randomBytes: (size: number) => Uint8Array;

  constructor(randomBytes: (size: number) => Uint8Array) {
    this.#randomBytes = randomBytes;
  }

  /** 192 bits in letters, digits, dash and underscore, nothing that a shell or a form would change; `part` stands in the middle. */
  make(variable: string, part = ''): { readonly variable: string; readonly value: string } {
    const text = Buffer.from(this.#randomBytes(24)).toString('base64url');
    const value = text.slice(0, 16) + part + text.slice(16);
    this.env[variable] = value;
    return { variable, value };
  }
}

interface Person {
  readonly permitted: boolean;
  readonly active: boolean;
  /** What makes its name or password special. */
  readonly namePart?: string;
  readonly passwordPart?: string;
}

const roles: Readonly<Record<string, Person>> = {
  main: { permitted: true, active: true },
  other: { permitted: true, active: true },
  unpermitted: { permitted: false, active: true },
  blocked: { permitted: true, active: false },
};

/** Where a user name and a password are sent as they are, two that are easily spoilt on the way. */
const specialRoles: Readonly<Record<string, Person>> = {
  unicode: { permitted: true, active: true, namePart: 'ünï', passwordPart: 'Ω' },
  colon: { permitted: true, active: true, passwordPart: ':' },
};

function people(slug: string, roles: Readonly<Record<string, Person>>, secrets: Secrets): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(roles).map(([role, { permitted, active, namePart, passwordPart }]) => {
      const { variable, value } = secrets.make(variableOf('USER', role, 'PASSWORD'), passwordPart);
      const name = `dac_${slug}_${role}`;
      return [role, { name: name + (namePart ?? ''), mail: `${name}@example.invalid`, password: value, variable, permitted, active }];
    }),
  );
}

/** `DAC_USER_PASSWORD` for main, `DAC_USER_OTHER_PASSWORD` for others. */
function variableOf(group: 'USER' | 'CLIENT', role: string, field: string): string {
  const name = role === 'main' ? '' : `_${role.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`;
  return `DAC_${group}${name}_${field}`;
}

interface Consumer {
  readonly actsAs: string | null;
  /** `permitted`: what the role of the plan may; `plain`: what every user may. */
  readonly scope: 'permitted' | 'plain' | null;
  /** Absent: client_credentials alone. */
  readonly grants?: readonly string[];
  readonly idPart?: string;
  readonly secretPart?: string;
  readonly isPublic?: true;
  readonly lifetimeSeconds?: number;
}

const consumers: Readonly<Record<string, Consumer>> = {
  main: { actsAs: 'main', scope: 'permitted' },
  other: { actsAs: 'main', scope: 'permitted' },
  short: { actsAs: 'main', scope: 'permitted', lifetimeSeconds: 20 },
  // Without a secret, its token is anybody's where a version issues one (5.x): it may do what every user may.
  public: { actsAs: 'unpermitted', scope: 'plain', isPublic: true },
  noScope: { actsAs: 'main', scope: null },
  noUser: { actsAs: null, scope: 'permitted' },
  unpermitted: { actsAs: 'unpermitted', scope: 'plain' },
  blocked: { actsAs: 'blocked', scope: 'permitted' },
  codeOnly: { actsAs: 'main', scope: 'permitted', grants: ['authorization_code'] },
  refresh: { actsAs: 'main', scope: 'permitted', grants: ['client_credentials', 'refresh_token', 'authorization_code'] },
  unicode: { actsAs: 'main', scope: 'permitted', idPart: '-ünï', secretPart: 'Ω' },
};

function simpleOauthPlan(secrets: Secrets): Readonly<Record<string, unknown>> {
  const clients = Object.entries(consumers).map(([role, { actsAs, scope, grants, idPart, secretPart, isPublic, lifetimeSeconds }]) => {
    const secret = isPublic ? undefined : secrets.make(variableOf('CLIENT', role, 'SECRET'), secretPart);
    const client = {
      id: `dac-${role.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()}${idPart ?? ''}`,
      secret: secret?.value ?? null,
      variable: secret?.variable ?? null,
      actsAs,
      scope,
      grants: grants ?? ['client_credentials'],
      redirectUri: 'http://127.0.0.1:9/callback',
      ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    };
    return [role, client] as const;
  });
  return { clients: Object.fromEntries(clients) };
}

function miniorangePlan(slug: string, method: number): Readonly<Record<string, unknown>> {
  const applications = ['main', 'other'].map((role, index) => [role, { id: applicationId(slug, role), keyStyle: index }] as const);
  return { method, applications: Object.fromEntries(applications) };
}

/** Eight hex digits, as the module makes them; the same every time, so that a second run finds the first one's. */
function applicationId(slug: string, role: string): string {
  return createHash('sha256').update(`drupal-auth-conformance/${slug}/${role}`).digest('hex').slice(0, 8);
}

function apiKeyPlan(secrets: Secrets): Readonly<Record<string, unknown>> {
  const { variable, value } = secrets.make('DAC_CLIENT_API_KEY');
  return { ...miniorangePlan('api-key', 1), apiKey: value, apiKeyVariable: variable };
}

function paidPlan(): Readonly<Record<string, unknown>> {
  return { method: null, variables: paidVariables };
}

function phpFile(product: Product, plan: Readonly<Record<string, unknown>>, call: 'up' | 'down', says: string): string {
  // No line of JSON can be the word that ends the nowdoc.
  const json = JSON.stringify(plan, null, 2);
  return `<?php

/**
 * @file
 * ${says}
 *
 * drush php:script ${call === 'up' ? 'THIS FILE > TARGET.yaml' : 'THIS FILE'}
 */
${sitePhp}${product.php}
(new ${product.phpClass}(json_decode(<<<'PLAN'
${json}
PLAN
, TRUE)))->${call}();
`;
}
