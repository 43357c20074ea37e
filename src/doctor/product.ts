/**
 * What the doctor has to know about a profile: which product stands behind it and how it authenticates.
 *
 * @module
 */
import type { Target } from '../model/target.ts';

/**
 * How a good request is made. `bearer`: a token from the token endpoint; `password`: Basic with the user's password; `key`: the API key;
 * `none`: this product has no credential that a program can try alone (authorization code, unpublished token answers).
 */
export type Method = 'bearer' | 'password' | 'key' | 'none';

export interface Product {
  readonly kind: 'simple-oauth' | 'miniorange' | 'oauth-server' | 'oauth2';
  readonly method: Method;
  readonly profile: string;
  /** False where nothing says that a Drupal site is behind the URL. */
  readonly isDrupal: boolean;
  readonly paths: { readonly token: string; readonly user: string; readonly graphql: string };
  /** Surfaces of the target file, without the product itself. */
  readonly surfaces: readonly string[];
}

const tokenPaths: Readonly<Record<Product['kind'], string>> = {
  'simple-oauth': '/oauth/token',
  miniorange: '/rest_api/access_token',
  'oauth-server': '/mo/oauth2/token',
  oauth2: '/token',
};

const methods: Readonly<Record<string, Method>> = {
  'miniorange/basic': 'password',
  'miniorange/api-key': 'key',
  'miniorange/jwt': 'none',
  'oauth-server': 'none',
};

/** The product behind a profile; undefined for a profile that is a surface or a list of advisories. */
export function productOf(profile: string, target: Target): Product | undefined {
  const kind = kindOf(profile);
  if (kind === undefined) return undefined;
  const surfaces = target.profiles.filter((name) => kindOf(name) === undefined);
  return {
    kind,
    method: methods[profile] ?? 'bearer',
    profile,
    isDrupal: kind !== 'oauth2',
    paths: {
      token: target.paths?.['token'] ?? tokenPaths[kind],
      user: target.paths?.['user'] ?? '/user',
      graphql: target.paths?.['graphql'] ?? '/graphql',
    },
    surfaces,
  };
}

function kindOf(profile: string): Product['kind'] | undefined {
  if (profile === 'simple-oauth' || profile === 'oauth-server' || profile === 'oauth2') return profile;
  return profile.startsWith('miniorange/') ? 'miniorange' : undefined;
}

/** The profile that the doctor examines: the product of the target, or its first profile that is one. */
export function mainProfile(target: Target): string | undefined {
  const products = target.profiles.filter((name) => kindOf(name) !== undefined);
  return products.find((name) => name !== 'oauth2') ?? products[0];
}
