/**
 * The site: everything the mock knows, as plain mutable state. Products keep their own part in `products`; the control API, tests
 * and mutants change it directly.
 *
 * @module
 */
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import type { SiteFile } from './site-file.ts';
import type { Runtime } from './products/product.ts';

export interface Role {
  readonly id: string;
  label: string;
  uuid: string;
  isAdmin: boolean;
  permissions: Set<string>;
}

/** Times are epoch seconds; 0 is never. */
export interface User {
  readonly id: number;
  uuid: string;
  name: string;
  mail: string;
  password: string;
  roles: string[];
  active: boolean;
  created: number;
  changed: number;
  access: number;
  login: number;
  init: string;
  langcode: string;
  preferredLangcode: string;
  timezone: string;
}

export interface Node {
  readonly id: number;
  uuid: string;
  type: string;
  title: string;
  /** User id. */
  owner: number;
  published: boolean;
  created: number;
  changed: number;
  revisionUuid: string;
  revisionId: number;
  /** User id of who saved the revision, and when. */
  revisionOwner: number;
  revisionCreated: number;
  body: string | undefined;
  /** Null: none was given. Default plain_text. */
  bodyFormat?: string | null;
  /** Of before the owner was changed: comment statistics keep it. */
  firstOwner?: number;
  /** Default: articles are, pages are not. */
  promoted?: boolean;
  sticky?: boolean;
  /** The present revision changed nothing. */
  isUnaffected?: boolean;
}

export type ServerKind = 'php-s' | 'apache-modphp' | 'apache-fpm' | 'nginx';

export interface ServerOptions {
  kind: ServerKind;
  /** Bytes; 0: what is printed leaves at once, so a status set afterwards is lost. */
  outputBuffering: number;
  phpVersion: string;
}

export interface RestMethod {
  formats: readonly string[];
  auth: readonly string[];
}

export interface CorsSettings {
  readonly allowedOrigins: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly allowedMethods: readonly string[];
}

export interface DrupalOptions {
  version: string;
  /** The number before the first point of the version. */
  major: number;
  basePath: string;
  languages: readonly string[];
  trustedHosts: readonly string[] | undefined;
  /** cors.config; undefined: off. */
  cors: CorsSettings | undefined;
  pageCache: boolean;
  maintenance: boolean;
  jsonapi: 'off' | 'read' | 'write';
  /** Resource id, e.g. `entity:user`, to method to its settings. */
  rest: Map<string, Map<string, RestMethod>>;
}

/**
 * Decisions that no decorator can reach from outside; a mutant or a test switches one on. Products read their own keys,
 * e.g. `miniorange.ignoreClientSecret`. Empty on a correct site.
 */
export type Policy = Map<string, unknown>;

export interface Site {
  /** What it was made from; `reset` makes it again. */
  readonly file: SiteFile;
  readonly clock: Clock;
  random: Random;
  name: string;
  /** Set once the mock listens, without a trailing slash; only for people (landing page, targets). */
  url: string;
  drupal: DrupalOptions;
  server: ServerOptions;
  roles: Map<string, Role>;
  users: Map<number, User>;
  nodes: Map<number, Node>;
  /** The highest ids ever given; deleting gives none back. */
  lastIds: { node: number; revision: number };
  /** UUIDs of the node types. */
  nodeTypes: Map<string, string>;
  policy: Policy;
  /** Counters of core's flood control: `event:identifier` to the expiry instants (epoch ms) of each failure. */
  flood: Map<string, number[]>;
  /** Login sessions by cookie value. */
  sessions: Map<string, { readonly userId: number; readonly csrfSeed: string; awaitsRedirect: boolean }>;
  /** State of each installed product under its name; typed by the product's own accessor. */
  products: Map<string, unknown>;
  /** Routes, providers and hooks of the installed products. */
  runtime: Runtime;
}

/** Users by name; Drupal compares names without case. */
export function findUser(site: Site, name: string): User | undefined {
  const wanted = name.toLowerCase();
  for (const user of site.users.values()) if (user.name.toLowerCase() === wanted) return user;
  return undefined;
}
