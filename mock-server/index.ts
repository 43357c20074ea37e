/**
 * `drupal-auth-conformance/mock`: a Drupal site with token authentication, without Drupal.
 *
 * @module
 */
import type { WireRequest } from '../src/model/exchange.ts';
import type { TargetFile } from '../src/model/target.ts';
import { UsageError } from '../src/support/error.ts';
import {
  callback,
  checkArgument,
  checkOptions,
  filledText,
  finiteNumber,
  flag,
  objectWith,
  text,
  texts,
  wholeNumber,
  type Rule,
} from '../src/support/options.ts';
import type { ListenOptions, Listening } from './adapters/node-http.ts';
import { deliverResponse, toWireRequest } from './adapters/fetch.ts';
import { checkSite } from './site-check.ts';
import { createSite, resetSite } from './create-site.ts';
import { defaultSite } from './default-site.ts';
import { FaultQueue, type Delivery, type Fault } from './faults.ts';
import { Journal, type JournalEntry } from './journal.ts';
import type { Mutant } from './mutants/mutant.ts';
import { correct, serve, type Service } from './serve.ts';
import type { Site } from './site.ts';
import type { SiteFile } from './site-file.ts';
import { targetOf } from './targets.ts';

export type { Fault, JournalEntry, ListenOptions, Site, SiteFile };
export type { Answer } from './serve.ts';
export { useGraphql } from './products/graphql/engine.ts';
export type { Mutant } from './mutants/mutant.ts';

export interface MockOptions {
  /** Whose product to imitate, e.g. `miniorange/oauth`. Default `miniorange/oauth`. */
  readonly profile?: string;
  /** A site of one's own instead of the default one of the profile. */
  readonly site?: SiteFile;
  /** Origins of browser applications that may read the answers, e.g. `['http://localhost:5173']`; overrides the site's. Default: none, as in Drupal. */
  readonly cors?: readonly string[];
  /** Seed of ids and tokens; overrides the site's. */
  readonly seed?: number;
  /** Epoch milliseconds of the world outside. Default `Date.now`. */
  readonly now?: () => number;
  /** Serve `/__control`. Default: yes on loopback, no elsewhere. */
  readonly control?: boolean;
  /** `GET /` tells a person what is here. Default true. */
  readonly landing?: boolean;
  /** Keep a journal of exchanges. Default false; asking for it switches it on. */
  readonly journal?: boolean;
  /** A deliberate mistake. */
  readonly mutant?: Mutant;
}

const aSite = objectWith('a site file as an object; await readSiteFile(path) reads one');
const optionRules: Readonly<Record<keyof MockOptions, Rule>> = {
  profile: filledText,
  // What is in it is checked by itself, with all that its schema says.
  site: aSite,
  cors: texts,
  seed: wholeNumber(0),
  now: callback,
  control: flag,
  landing: flag,
  journal: flag,
  mutant: objectWith("a mutant, e.g. await findMutant('miniorange/oauth/password-empty')", 'decorate'),
};
const listenRules: Readonly<Record<keyof ListenOptions, Rule>> = { port: wholeNumber(0, 65_535), host: filledText };

export interface DrupalMock extends AsyncDisposable {
  readonly site: Site;
  /** Base URL: where it listens, or `http://localhost` as long as it does not. */
  readonly url: string;
  listen(options?: ListenOptions): Promise<{ readonly url: string; readonly port: number }>;
  /** Answers without a socket. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** Answers plain data; what the in-process transport uses. */
  serve(request: WireRequest): Delivery;
  readonly clock: { now(): number; advance(seconds: number): void };
  /** Back to the site file: no tokens, no faults, an empty journal, the clock outside. */
  reset(): void;
  readonly faults: { add(fault: Fault): void; list(): readonly Fault[]; clear(): void };
  readonly journal: { enabled: boolean; readonly entries: readonly JournalEntry[]; clear(): void };
  /** A target file for this site, with every role that it has; issues the tokens it names. */
  target(profile?: string): TargetFile;
  close(): Promise<void>;
}

/**
 * Makes a mock.
 *
 * @example
 * ```ts
 * await using mock = createDrupalMock({ profile: 'miniorange/oauth' });
 * const { url } = await mock.listen();
 * ```
 * @throws UsageError that names the option, or the place in the site, which is wrong.
 */
export function createDrupalMock(options: MockOptions = {}): DrupalMock {
  checkOptions('createDrupalMock', options, optionRules);
  const profile = options.profile ?? 'miniorange/oauth';
  const file = siteFileOf(options, profile);
  const overridden: SiteFile = {
    ...file,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.cors === undefined ? {} : { drupal: { ...file.drupal, cors: { allowedOrigins: [...options.cors] } } }),
  };
  const site = createSite(overridden, { now: options.now ?? Date.now });
  const faults = new FaultQueue();
  const journal = new Journal(options.journal ?? false);
  let listening: Listening | undefined;

  const reset = (): void => {
    site.clock.reset();
    resetSite(site);
    faults.clear();
    journal.clear();
  };
  const service: Service = {
    site,
    answer: options.mutant?.decorate(correct) ?? correct,
    ...(options.mutant?.deliver === undefined ? {} : { deliver: options.mutant.deliver }),
    faults,
    journal,
    control: options.control ?? true,
    landing: options.landing ?? true,
    reset,
  };
  const url = (): string => listening?.url ?? 'http://localhost';
  const close = async (): Promise<void> => {
    await listening?.close();
    listening = undefined;
  };
  return {
    site,
    get url() {
      return url() + site.drupal.basePath;
    },
    async listen(where = {}) {
      checkOptions('listen', where, listenRules);
      const { listen } = await import('./adapters/node-http.ts');
      service.control = options.control ?? isLoopback(where.host);
      listening = await listen((request) => serve(request, service), where);
      site.url = listening.url + site.drupal.basePath;
      return { url: site.url, port: listening.port };
    },
    async fetch(input, init) {
      const request = input instanceof Request && init === undefined ? input : new Request(input, init);
      return deliverResponse(serve(await toWireRequest(request), service));
    },
    serve: (request) => serve(request, service),
    clock: {
      now: () => site.clock.now(),
      advance: (seconds) => {
        checkArgument('clock.advance', 'seconds', seconds, finiteNumber);
        site.clock.advance(seconds);
      },
    },
    reset,
    faults,
    journal,
    target: (name = profile) => {
      checkArgument('target', 'profile', name, filledText);
      return targetOf(site, name, url() + site.drupal.basePath);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Whether a default site imitates the product of this profile. */
export function supportsProfile(profile: string): boolean {
  checkArgument('supportsProfile', 'profile', profile, text);
  return defaultSite(profile) !== undefined;
}

/** Reads a site file, YAML or JSON. Throws a UsageError when it cannot be read, a SpecError that carries every problem with its line. */
export async function readSiteFile(file: string): Promise<SiteFile> {
  checkArgument('readSiteFile', 'file', file, filledText);
  return (await import('./adapters/site-file.ts')).readSiteFile(file);
}

/** A copy of a site with more people, made by seeded Faker. */
export async function withPeople(file: SiteFile, count: number, seed?: number): Promise<SiteFile> {
  checkArgument('withPeople', 'file', file, aSite);
  checkArgument('withPeople', 'count', count, wholeNumber(0));
  if (seed !== undefined) checkArgument('withPeople', 'seed', seed, wholeNumber(0));
  return (await import('./people.ts')).withPeople(file, count, seed);
}

/** Every mutant, for a kill score. */
export async function listMutants(): Promise<readonly Mutant[]> {
  return (await import('./mutants/registry.ts')).mutants;
}

/** The mutant with this id; throws a UsageError that names the nearest one. */
export async function findMutant(id: string): Promise<Mutant> {
  checkArgument('findMutant', 'id', id, text);
  return (await import('./mutants/registry.ts')).findMutant(id);
}

function siteFileOf({ site }: MockOptions, profile: string): SiteFile {
  if (site !== undefined) {
    const [first] = checkSite(site);
    if (first !== undefined)
      throw new UsageError(`The option "site" is wrong: ${first.message}`, {
        remedy: 'see drupal-auth-conformance/schema/site.schema.json.',
      });
    return site;
  }
  const file = defaultSite(profile);
  if (file !== undefined) return file;
  throw new UsageError(`No mock imitates the product of the profile "${profile}".`, {
    remedy: 'name a product profile, e.g. miniorange/oauth or simple-oauth.',
  });
}

function isLoopback(host: string | undefined): boolean {
  return host === undefined || host === 'localhost' || host === '::1' || host.startsWith('127.');
}
