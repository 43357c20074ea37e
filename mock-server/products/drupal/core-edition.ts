/**
 * What differs between the majors of Drupal core, as data (facts: recordings of 10.5.5 and 9.4.8).
 *
 * @module
 */
import type { HeaderLine } from '../../../src/model/exchange.ts';

export interface CoreEdition {
  /** "No route found" names the whole URL; before, the path. */
  readonly namesWholeUrl: boolean;
  /** A page cache that does not keep an answer says so, and why; before, it is silent. */
  readonly explainsCaches: boolean;
  /** Refused profiles always get the long reason. */
  readonly alwaysAsksForActiveUser: boolean;
  /** A refusal in a format that core cannot write is plain text; before, it becomes the text of an unexpected error. */
  readonly writesUnknownFormats: boolean;
  /** A refusal for somebody's own account varies by user. */
  readonly profileVariesByUser: boolean;
  /** A 400 without a format is a themed page too. */
  readonly themesBadRequests: boolean;
  readonly unexpectedText: string;
  /** Slashes in a row are made one anywhere in a path; before, only at its start. */
  readonly redirectsInnerSlashes: boolean;
  /** Routes of one path are listed in Allow in their order, each with HEAD after GET; before, in reverse order. */
  readonly allowInRouteOrder: boolean;
  /** A request that names a format by an array is fatal; before, an unknown format. */
  readonly formatArrayIsFatal: boolean;
  /** The dynamic cache tells JSON:API requests apart by every parameter; before, only by those of the specification. */
  readonly cachesByEveryParameter: boolean;
  /** `/.well-known/change-password` is a permanent redirect. */
  readonly movesPermanently: boolean;
  /** Logging in without a name finds nobody; before, the account of visitors. */
  readonly findsNobodyByEmptyName: boolean;
  /** A password that is a list ends PHP; later, it is an unexpected error. */
  readonly passwordListIsFatal: boolean;
  /** The page that logs out asks for a token. */
  readonly asksTokenToLogOut: boolean;
  /** In maintenance mode whoever is authenticated is sent to the front page. */
  readonly leadsOutOfClosedSite: boolean;
  /** A page sent piece by piece opens its session again, with another cookie. */
  readonly reopensSession: boolean;
  /** HTML pages of content name its canonical URL and its short link in headers. */
  readonly linksPages: boolean;
  /** The revision log is a field for everybody. */
  readonly showsRevisionLog: boolean;
  /** The password reset never tells whether an account exists. */
  readonly hidesAccounts: boolean;
  /** Title of a 422 of JSON:API. */
  readonly unprocessable: string;
  /** Where JSON:API finds the explanation of a status. */
  readonly statusInfo: string;
  readonly untrustedHostType: string;
  readonly headers: readonly HeaderLine[];
}

const ten: CoreEdition = {
  namesWholeUrl: true,
  explainsCaches: true,
  alwaysAsksForActiveUser: false,
  writesUnknownFormats: true,
  profileVariesByUser: true,
  themesBadRequests: false,
  unexpectedText: 'The website encountered an unexpected error. Try again later.',
  redirectsInnerSlashes: true,
  allowInRouteOrder: true,
  formatArrayIsFatal: true,
  cachesByEveryParameter: true,
  movesPermanently: false,
  findsNobodyByEmptyName: true,
  passwordListIsFatal: false,
  asksTokenToLogOut: true,
  reopensSession: false,
  leadsOutOfClosedSite: false,
  linksPages: false,
  showsRevisionLog: false,
  hidesAccounts: true,
  unprocessable: 'Unprocessable Content',
  statusInfo: 'https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html',
  untrustedHostType: 'text/plain; charset=UTF-8',
  headers: [],
};

const nine: CoreEdition = {
  namesWholeUrl: false,
  explainsCaches: false,
  alwaysAsksForActiveUser: true,
  writesUnknownFormats: false,
  profileVariesByUser: false,
  themesBadRequests: true,
  unexpectedText: 'The website encountered an unexpected error. Please try again later.',
  redirectsInnerSlashes: false,
  allowInRouteOrder: false,
  formatArrayIsFatal: false,
  cachesByEveryParameter: false,
  movesPermanently: true,
  findsNobodyByEmptyName: false,
  passwordListIsFatal: true,
  asksTokenToLogOut: false,
  reopensSession: true,
  leadsOutOfClosedSite: true,
  linksPages: true,
  showsRevisionLog: true,
  hidesAccounts: false,
  unprocessable: 'Unprocessable Entity',
  statusInfo: 'http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html',
  untrustedHostType: 'text/html; charset=UTF-8',
  headers: [
    ['X-UA-Compatible', 'IE=edge'],
    ['Permissions-Policy', 'interest-cohort=()'],
  ],
};

/** The behaviour of a core version; 10 and later behave as 10.5, earlier ones as 9.4. */
export function coreEdition(major: number): CoreEdition {
  return major >= 10 ? ten : nine;
}
