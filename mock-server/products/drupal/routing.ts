/**
 * Route look-up as Drupal does it: candidates by path, then method (405), content type (415) and format (406), then the patterns of
 * parameters and their values (404). Static segments win over parameters; paths are compared without case.
 *
 * @module
 */
import { buildQuery } from '../../php/query.ts';
import { recalling } from '../../recall.ts';
import type { Route, RouteMatch, RouteParams, RouteTable } from '../product.ts';
import type { Site } from '../../site.ts';
import { coreEdition } from './core-edition.ts';
import { HttpException } from './exception.ts';
import type { Request } from './request.ts';

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
  /** Parameter name per segment; undefined: static. */
  readonly names: readonly (string | undefined)[];
  /** One bit per segment, static ones set: Drupal sorts candidates by it. */
  readonly fit: number;
}

const defaultMethods: readonly string[] = ['GET', 'POST'];

export function compileRoutes(routes: readonly Route[]): RouteTable {
  const byLength = new Map<number, Compiled[]>();
  for (const route of routes) {
    const segments = split(route.path.toLowerCase());
    const names = split(route.path).map((segment) => (segment.startsWith('{') ? segment.slice(1, -1) : undefined));
    const fit = names.reduce((bits, name) => bits * 2 + (name === undefined ? 1 : 0), 0);
    const list = byLength.get(segments.length) ?? [];
    list.push({ route, segments, names, fit });
    byLength.set(segments.length, list);
  }
  for (const list of byLength.values()) list.sort((a, b) => b.fit - a.fit || (a.route.name < b.route.name ? -1 : 1));
  return { match: recalling((path) => matchPath(byLength, path)) };
}

function matchPath(byLength: Map<number, Compiled[]>, path: string): RouteMatch[] {
  const given = split(path);
  const matches: RouteMatch[] = [];
  for (const candidate of byLength.get(given.length) ?? []) {
    const raw = fitPath(candidate, given);
    if (raw !== undefined) matches.push({ route: candidate.route, raw, fit: candidate.fit });
  }
  return matches;
}

function fitPath({ segments, names }: Compiled, given: readonly string[]): Record<string, string> | undefined {
  const raw: Record<string, string> = {};
  for (let i = 0; i < segments.length; i++) {
    const name = names[i];
    const value = given[i] ?? '';
    if (name === undefined) {
      if (value !== segments[i] && value.toLowerCase() !== segments[i]) return undefined;
    } else {
      if (value === '') return undefined;
      raw[name] = value;
    }
  }
  return raw;
}

function split(path: string): string[] {
  const end = path.length > 1 && path.endsWith('/') ? path.length - 1 : path.length;
  return path.slice(1, end).split('/');
}

/** Methods that a route answers; GET brings HEAD. */
function answers(route: Route, method: string): boolean {
  const methods = route.methods ?? defaultMethods;
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'));
}

/** Methods of all routes of a path, in the order of an Allow header. */
export function allowedMethods(matches: readonly RouteMatch[]): string[] {
  return [...new Set(matches.flatMap(({ route }) => route.methods ?? defaultMethods))];
}

/** As a refusal lists them: HEAD comes with GET. */
function refusedMethods(matches: readonly RouteMatch[], site: Site): string[] {
  const ordered = coreEdition(site.drupal.major).allowInRouteOrder ? matches : matches.toReversed();
  const methods = ordered.flatMap(({ route }) => {
    const own = route.methods ?? defaultMethods;
    return own.includes('GET') ? [...own, 'HEAD'] : own;
  });
  return [...new Set(methods)];
}

export interface SelectedRoute {
  readonly match: RouteMatch;
  /** What errors are written in from here on, where the request names no format. */
  readonly format: string;
}

/** The route for a request, or the exception that Drupal would throw. */
export function selectRoute(matches: readonly RouteMatch[], request: Request, site: Site): SelectedRoute {
  const target = coreEdition(site.drupal.major).namesWholeUrl ? request.url(request.rawPath) : request.rawPath;
  const missing = `No route found for "${request.method} ${target}"`;
  if (matches.length === 0) throw new HttpException(404, missing);
  const forMethod = matches.filter(({ route }) => answers(route, request.method));
  if (forMethod.length === 0) {
    const allow = refusedMethods(matches, site).join(', ');
    throw new HttpException(405, `${missing}: Method Not Allowed (Allow: ${allow})`, [['Allow', allow]]);
  }
  for (const hook of site.runtime.hooks) hook.filterRoutes?.(forMethod, request, site);
  const forType = byContentType(forMethod, request);
  const format = defaultFormat(forType);
  const match = byFormat(forType, request.format ?? format, request).find(meetsRequirements);
  if (match === undefined) throw new NoMatchingRoute(missing, format);
  return { match, format };
}

/** No candidate is left whose parameters have the right form; the format is known by then. */
export class NoMatchingRoute extends HttpException {
  readonly format: string;

  constructor(message: string, format: string) {
    super(404, message);
    this.format = format;
  }
}

function meetsRequirements({ route, raw }: RouteMatch): boolean {
  return Object.entries(route.requirements ?? {}).every(([name, pattern]) => pattern.test(raw[name] ?? ''));
}

function byFormat(matches: readonly RouteMatch[], format: string, request: Request): readonly RouteMatch[] {
  const kept = matches.filter(({ route }) => route.formats?.includes(format) === true);
  const open = matches.filter(({ route }) => route.formats === undefined);
  // Within one fit those of the format come first; a better fit still wins.
  if (kept.length + open.length > 0) return [...kept, ...open].sort((a, b) => b.fit - a.fit);
  const supported = [...new Set(matches.flatMap(({ route }) => route.formats ?? []))];
  const message = `No route found for the specified format ${format}. Supported formats: ${supported.join(', ')}.`;
  const links = supported.map((name) => {
    const query = buildQuery({ ...request.query, _format: name }, true);
    return `<${request.url(request.rawPath)}?${query}>; rel="alternate"; type="${mimeTypes[name] ?? name}"`;
  });
  throw new HttpException(406, message, [['Link', links.join(', ')]]);
}

/** Media types of the formats that routes may require. */
const mimeTypes: Readonly<Record<string, string>> = {
  html: 'text/html',
  json: 'application/json',
  xml: 'text/xml',
  api_json: 'application/vnd.api+json',
};

/** One format on the whole path: that one; otherwise HTML. */
function defaultFormat(matches: readonly RouteMatch[]): string {
  const only = matches[0]?.route.formats?.[0];
  const isOnly = only !== undefined && matches.every(({ route }) => route.formats?.every((format) => format === only) === true);
  return isOnly ? only : 'html';
}

function byContentType(matches: readonly RouteMatch[], request: Request): readonly RouteMatch[] {
  const restricted = matches.some(({ route }) => route.contentTypes !== undefined);
  if (!restricted || request.isSafe || request.method === 'DELETE') return matches;
  const sent = request.contentType;
  // As it is spelt: Symfony knows the media types in lower case only.
  const media = sent?.split(';', 1)[0]?.trim() ?? '';
  const kept = matches.filter(({ route }) => route.contentTypes === undefined || route.contentTypes.includes(media));
  if (kept.length > 0) return kept;
  const message =
    (sent ?? '') === '' ? 'No "Content-Type" request header specified' : `No route found that matches "Content-Type: ${sent}"`;
  throw new HttpException(415, message);
}

/** Converts the parameters of the chosen route. */
export function convertParams({ route, raw }: RouteMatch, site: Site): RouteParams {
  if (route.convert === undefined) return raw;
  const params: Record<string, unknown> = { ...raw };
  for (const [name, convert] of Object.entries(route.convert)) {
    const value = raw[name];
    if (value === undefined) continue;
    const converted = convert(value, site);
    if (converted === undefined) {
      throw new HttpException(404, `The "${name}" parameter was not converted for the path "${route.path}" (route name: "${route.name}")`);
    }
    params[name] = converted;
  }
  return params;
}
