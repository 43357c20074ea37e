/**
 * Makes a site from its file: defaults filled in, ids generated from the seed, products installed.
 *
 * @module
 */
import { createClock } from './clock.ts';
import { clearPages } from './products/drupal/page-cache.ts';
import { installProducts } from './products/registry.ts';
import { createRandom, type Random } from './random.ts';
import type { DrupalOptions, Node, RestMethod, Role, ServerOptions, Site, User } from './site.ts';
import type { SiteFile } from './site-file.ts';

/** What an application of these products needs. */
const usualCors = {
  allowedHeaders: ['authorization', 'auth-method', 'api-key', 'content-type'],
  allowedMethods: ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS'],
};

export interface CreateSiteOptions {
  /** Epoch milliseconds of the world outside, e.g. `Date.now`. Ignored when the file names a clock. */
  readonly now: () => number;
}

export function createSite(file: SiteFile, options: CreateSiteOptions): Site {
  const start = file.clock === undefined ? undefined : Date.parse(file.clock);
  const site = { file, clock: createClock(start === undefined ? options.now : () => start), url: '' } as Site;
  resetSite(site);
  return site;
}

/** Back to the file: same users, no tokens, and the same ids again. The clock is not touched. */
export function resetSite(site: Site): void {
  const { file } = site;
  const random = createRandom(file.seed ?? 1);
  const born = Math.floor(site.clock.now() / 1000);
  site.random = random;
  site.name = file.name ?? 'Drupal';
  site.drupal = drupalOptions(file);
  site.server = serverOptions(file);
  site.roles = roles(file, random);
  site.users = users(file, random, born);
  site.nodes = nodes(file, random, born);
  const last = Math.max(0, ...site.nodes.keys());
  site.lastIds = { node: last, revision: last };
  site.nodeTypes = new Map(['article', 'page'].map((type) => [type, random.uuid()]));
  site.policy = new Map();
  site.flood = new Map();
  site.sessions = new Map();
  site.products = new Map();
  site.runtime = installProducts(site);
  clearPages(site);
}

function drupalOptions({ drupal = {} }: SiteFile): DrupalOptions {
  const version = drupal.version ?? '10.5.5';
  const rest = new Map<string, Map<string, RestMethod>>();
  for (const [id, methods] of Object.entries(drupal.rest ?? {})) {
    const configured = Object.entries(methods as Record<string, { formats?: string[]; auth?: string[] }>);
    rest.set(
      id,
      new Map(configured.map(([method, { formats, auth }]) => [method, { formats: formats ?? ['json'], auth: auth ?? ['cookie'] }])),
    );
  }
  return {
    version,
    major: Number.parseInt(version, 10),
    basePath: (drupal.basePath ?? '').replace(/\/+$/, ''),
    languages: drupal.languages ?? [],
    trustedHosts: drupal.trustedHosts,
    cors: drupal.cors === undefined ? undefined : { ...usualCors, ...drupal.cors },
    pageCache: drupal.pageCache ?? true,
    maintenance: drupal.maintenance ?? false,
    jsonapi: drupal.jsonapi ?? 'read',
    rest,
  };
}

function serverOptions({ server = {} }: SiteFile): ServerOptions {
  return { kind: server.kind ?? 'php-s', outputBuffering: server.outputBuffering ?? 4096, phpVersion: server.phpVersion ?? '8.2.36' };
}

function roles(file: SiteFile, random: Random): Map<string, Role> {
  const made = new Map<string, Role>();
  const add = (id: string, label: string, permissions: readonly string[], isAdmin: boolean, uuid: string | undefined): void => {
    made.set(id, { id, label, uuid: uuid ?? random.uuid(), isAdmin, permissions: new Set(permissions) });
  };
  const anonymousPermissions = file.drupal?.anonymousPermissions ?? ['access content'];
  add('anonymous', 'Anonymous user', anonymousPermissions, false, undefined);
  add('authenticated', 'Authenticated user', anonymousPermissions, false, undefined);
  for (const [id, role] of Object.entries(file.roles ?? {})) {
    add(id, role.label ?? id, role.permissions ?? [], role.isAdmin ?? false, role.uuid);
  }
  return made;
}

function users(file: SiteFile, random: Random, born: number): Map<number, User> {
  const made = new Map<number, User>();
  for (const user of file.users ?? []) {
    made.set(user.id, {
      id: user.id,
      uuid: user.uuid ?? random.uuid(),
      name: user.name,
      mail: user.mail ?? `${user.name.replace(/[^\w.-]+/g, '.')}@example.com`,
      password: user.password ?? random.text(20),
      roles: [...(user.roles ?? [])],
      active: user.active ?? true,
      created: seconds(user.created, born),
      changed: seconds(user.changed, born),
      access: seconds(user.access, 0),
      login: seconds(user.login, 0),
      init: user.init ?? '',
      langcode: user.langcode ?? 'en',
      preferredLangcode: user.preferredLangcode ?? 'en',
      timezone: user.timezone ?? 'UTC',
    });
  }
  return made;
}

function nodes(file: SiteFile, random: Random, born: number): Map<number, Node> {
  const made = new Map<number, Node>();
  for (const node of file.nodes ?? []) {
    made.set(node.id, {
      id: node.id,
      uuid: node.uuid ?? random.uuid(),
      type: node.type,
      title: node.title,
      owner: node.owner ?? 1,
      published: node.published ?? true,
      created: seconds(node.created, born),
      changed: seconds(node.changed, born),
      revisionUuid: node.revisionUuid ?? random.uuid(),
      revisionId: node.id,
      revisionOwner: node.owner ?? 1,
      revisionCreated: seconds(node.created, born),
      body: node.body,
    });
  }
  return made;
}

function seconds(instant: string | undefined, fallback: number): number {
  return instant === undefined ? fallback : Math.floor(Date.parse(instant) / 1000);
}
