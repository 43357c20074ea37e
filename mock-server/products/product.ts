/**
 * What a product adds to a site: authentication providers, routes, and hooks. The kernel in `drupal/kernel.ts` calls them in the
 * order in which the real stack does.
 *
 * @module
 */
import type { TargetFile } from '../../src/model/target.ts';
import type { Request } from './drupal/request.ts';
import type { Cacheability, Reply } from './drupal/reply.ts';
import type { Account } from './drupal/account.ts';
import type { ResourceType } from './drupal/jsonapi/resource-type.ts';
import type { Site, User } from '../site.ts';

/**
 * `account`: authenticated (or deliberately anonymous); `exit`: the product printed an answer and ended the process, so nothing
 * after it runs and none of Drupal's headers are sent. A provider may also throw an HttpException. Undefined: applies, but nobody.
 */
export type Authentication = { readonly account: Account } | { readonly exit: Reply } | undefined;

export interface AuthenticationProvider {
  readonly id: string;
  /** Higher runs first: miniOrange 150, basic_auth 100, Simple OAuth 35, cookie 0. */
  readonly priority: number;
  /** A global provider is allowed on every route that names none. */
  readonly global: boolean;
  applies(request: Request, site: Site): boolean;
  authenticate(request: Request, site: Site): Authentication;
}

export type RouteParams = Readonly<Record<string, unknown>>;

export interface RouteContext {
  readonly request: Request;
  readonly site: Site;
  readonly account: Account;
  readonly params: RouteParams;
  readonly route: Route;
}

/** True, or why not; an empty reason is what Drupal gives when no access check explained itself. */
export type Access = true | { readonly reason: string; /** Of the refusal; default good. */ readonly cacheability?: Cacheability };

export interface Route {
  /** Drupal's route name, e.g. `rest.entity.user.GET`. */
  readonly name: string;
  /** With `{parameters}`, e.g. `/user/{user}`; compared without case. */
  readonly path: string;
  /** Default GET and POST, as Drupal's route builder sets it. */
  readonly methods?: readonly string[];
  /** The `_format` requirement; absent: any, rendered as a page. */
  readonly formats?: readonly string[];
  /** The `_content_type_format` requirement: media types accepted in a request body. */
  readonly contentTypes?: readonly string[];
  /** The `_auth` option: provider ids; absent: the global ones. */
  readonly auth?: readonly string[];
  /** Patterns for parameters, anchored, e.g. `{ user: /^\d+$/ }`; no match: the route does not exist. */
  readonly requirements?: Readonly<Record<string, RegExp>>;
  /** Parameters to convert, e.g. `{ user: (value) => … }`; undefined: 404 "was not converted". */
  readonly convert?: Readonly<Record<string, (value: string, site: Site) => unknown>>;
  readonly allowInMaintenance?: boolean;
  /** A page for administrators: the dynamic cache never keeps it. */
  readonly isAdministrative?: boolean;
  /** The `no_cache` option: the page cache never keeps it. */
  readonly keptFromPageCache?: boolean;
  access?(context: RouteContext): Access;
  controller(context: RouteContext): Reply;
}

export interface Installed {
  readonly providers?: readonly AuthenticationProvider[];
  readonly routes?: readonly Route[];
  /** Changes a route of another product; asked once per route. */
  alterRoute?(route: Route): Route;
  /** Routes that depend on what the other products add; asked once all are installed. */
  lateRoutes?(all: readonly Installed[]): readonly Route[];
  /** Types that JSON:API shows beside core's. */
  resourceTypes?(site: Site): readonly ResourceType[];
  /** Before anything else, authentication included; may throw. */
  onRequest?(request: Request, site: Site): void;
  /** True: this request may neither be answered from the page cache nor stored in it. */
  denyPageCache?(request: Request, site: Site): boolean;
  /** Looks at the routes that are left for a request and may throw. */
  filterRoutes?(matches: readonly RouteMatch[], request: Request, site: Site): void;
  /** Adds or changes headers of a reply that left the kernel (not of an exit). */
  onReply?(reply: Reply, request: Request, account: Account, site: Site): void;
  /** A user was saved, blocked or deleted: Simple OAuth drops its tokens then. */
  onUserSaved?(user: User, site: Site): void;
  /** The product's part of a target file: version, clients, tokens that exist already. May issue tokens. */
  target?(site: Site, profile: string): Partial<TargetFile>;
  /** The product's part of `GET /__control/fixtures`. */
  fixtures?(site: Site): Readonly<Record<string, unknown>>;
  /** Makes a token as asked for by `POST /__control/fixtures`; a text says what is wrong with the request. */
  makeToken?(wish: TokenWish, site: Site): MadeToken | string;
  /** Ready curl lines for the landing page. */
  examples?(site: Site): readonly Example[];
}

export interface TokenWish {
  readonly user: User;
  /** Application or client id; undefined: the first that fits. */
  readonly client: string | undefined;
  readonly state: 'valid' | 'expired' | 'revoked';
}

export interface MadeToken {
  readonly token: string;
  /** ISO 8601, on the clock of the site. */
  readonly expiresAt: string;
}

export interface Example {
  readonly title: string;
  /** A command line, with the base URL filled in. */
  readonly curl: string;
}

export interface Product {
  /** Key below `products` of the site file. */
  readonly name: string;
  /** Fills `site.products` with its state and says what it adds; undefined when the site file does not name it. */
  install(site: Site): Installed | undefined;
}

/** The installed products, compiled: made once per site. */
export interface Runtime {
  /** By falling priority. */
  readonly providers: readonly AuthenticationProvider[];
  readonly globalProviders: ReadonlySet<string>;
  readonly routes: RouteTable;
  readonly hooks: readonly Installed[];
}

export interface RouteMatch {
  readonly route: Route;
  readonly raw: Readonly<Record<string, string>>;
  /** The higher, the more of the path is static. */
  readonly fit: number;
}

export interface RouteTable {
  /** Every route whose path fits, in Drupal's order; methods and formats are not looked at. */
  match(path: string): readonly RouteMatch[];
}
