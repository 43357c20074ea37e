/**
 * Route look-up as Drupal does it: candidates by path, then method (405), format (406) and content type (415), then parameters
 * (404). Static segments win over parameters; paths are compared without case.
 *
 * @module
 */
import type { Route, RouteMatch, RouteParams, RouteTable } from '../product.ts';
import type { Site } from '../../site.ts';
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
  for (const list of byLength.values()) list.sort((a, b) => b.fit - a.fit);
  return { match: (path) => matchPath(byLength, path) };
}

function matchPath(byLength: Map<number, Compiled[]>, path: string): RouteMatch[] {
  const given = split(path);
  const matches: RouteMatch[] = [];
  for (const candidate of byLength.get(given.length) ?? []) {
    const raw = fitPath(candidate, given);
    if (raw !== undefined) matches.push({ route: candidate.route, raw });
  }
  return matches;
}

function fitPath({ route, segments, names }: Compiled, given: readonly string[]): Record<string, string> | undefined {
  const raw: Record<string, string> = {};
  for (let i = 0; i < segments.length; i++) {
    const name = names[i];
    const value = given[i] ?? '';
    if (name === undefined) {
      if (value !== segments[i] && value.toLowerCase() !== segments[i]) return undefined;
    } else {
      if (value === '' || route.requirements?.[name]?.test(value) === false) return undefined;
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
export function allowedMethods(matches: readonly RouteMatch[], withHead: boolean): string[] {
  const methods = new Set<string>();
  for (const { route } of matches) for (const method of route.methods ?? defaultMethods) methods.add(method);
  const list = [...methods];
  if (withHead && methods.has('GET')) list.push('HEAD');
  return list;
}

/** The route for a request, or the exception that Drupal would throw. */
export function selectRoute(matches: readonly RouteMatch[], request: Request): RouteMatch {
  if (matches.length === 0) throw new HttpException(404, `No route found for "${request.method} ${requestUrl(request)}"`);
  const forMethod = matches.filter(({ route }) => answers(route, request.method));
  if (forMethod.length === 0) {
    const allow = allowedMethods(matches, true).join(', ');
    throw new HttpException(405, `No route found for "${request.method} ${requestUrl(request)}": Method Not Allowed (Allow: ${allow})`, [
      ['Allow', allow],
    ]);
  }
  return byContentType(byFormat(forMethod, request), request)[0] as RouteMatch;
}

function byFormat(matches: readonly RouteMatch[], request: Request): readonly RouteMatch[] {
  if (matches.length === 1 && matches[0]?.route.formats === undefined) return matches;
  const format = request.format ?? defaultFormat(matches);
  const kept = matches.filter(({ route }) => route.formats?.includes(format) === true);
  const open = matches.filter(({ route }) => route.formats === undefined);
  if (kept.length + open.length > 0) return [...kept, ...open];
  const supported = [...new Set(matches.flatMap(({ route }) => route.formats ?? []))].join(', ');
  throw new HttpException(406, `No route found for the specified format ${format}. Supported formats: ${supported}.`);
}

/** One format on the whole path: that one; otherwise HTML. */
function defaultFormat(matches: readonly RouteMatch[]): string {
  const formats = new Set(matches.flatMap(({ route }) => route.formats ?? ['html']));
  const [only] = formats;
  return formats.size === 1 && only !== undefined ? only : 'html';
}

function byContentType(matches: readonly RouteMatch[], request: Request): readonly RouteMatch[] {
  const restricted = matches.some(({ route }) => route.contentTypes !== undefined);
  if (!restricted || request.isSafe || request.method === 'DELETE') return matches;
  const sent = request.contentType?.split(';', 1)[0]?.trim().toLowerCase();
  const kept = matches.filter(({ route }) => route.contentTypes === undefined || (sent !== undefined && route.contentTypes.includes(sent)));
  if (kept.length > 0) return kept;
  throw new HttpException(
    415,
    sent === undefined || sent === ''
      ? 'No "Content-Type" request header specified'
      : `No route found that matches "Content-Type: ${sent}"`,
  );
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

function requestUrl(request: Request): string {
  return request.url(request.path);
}
