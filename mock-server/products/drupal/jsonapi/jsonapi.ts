/**
 * Core's JSON:API module: entry point, collections and single resources of every type, and writing nodes.
 *
 * @module
 */
import type { Site } from '../../../site.ts';
import type { Installed, Route, RouteContext, RouteMatch } from '../../product.ts';
import { isAnonymous } from '../account.ts';
import { HttpException } from '../exception.ts';
import type { Reply } from '../reply.ts';
import type { Request } from '../request.ts';
import { hiddenDetail, omittedMeta, pageLinks, resourceObject } from './document.ts';
import { documentReply, requestUrl } from './error-document.ts';
import { readFields, readIncludes, readPage, select } from './query.ts';
import { collectionPath, type ResourceItem, type ResourceType } from './resource-type.ts';
import { resourceTypes } from './types.ts';
import { writeRoutes } from './write.ts';

const formats = ['api_json'];

export function jsonapiRoutes(site: Site, installed: readonly Installed[]): Route[] {
  if (site.drupal.jsonapi === 'off') return [];
  const types = resourceTypes(site, installed);
  // Every provider of the site is allowed, also those that are not global.
  const auth = installed.flatMap(({ providers = [] }) => providers.map(({ id }) => id));
  const routes: Route[] = [
    { name: 'jsonapi.resource_list', path: '/jsonapi', methods: ['GET'], formats, controller: (context) => entryPoint(context, types) },
    ...[...types.values()].flatMap((type) => routesOf(type, types)),
  ];
  return routes.map((route) => ({ ...route, auth }));
}

function routesOf(type: ResourceType, types: ReadonlyMap<string, ResourceType>): Route[] {
  const path = collectionPath(type.name);
  const single = `${path}/{entity}`;
  const name = `jsonapi.${type.name}`;
  const convert = { entity: (id: string, site: Site) => findItem(type, id, site) };
  return [
    { name: `${name}.collection`, path, methods: ['GET'], formats, controller: (context) => collection(context, type, types) },
    {
      name: `${name}.individual`,
      path: single,
      methods: ['GET'],
      formats,
      convert,
      controller: (context) => individual(context, type, types),
    },
    ...writeRoutes(type, name, path, single, convert),
  ];
}

/** In read-only mode every method that changes something is refused before anything else is looked at. */
export function refuseWrites(matches: readonly RouteMatch[], request: Request, site: Site): void {
  if (request.isSafe || site.drupal.jsonapi !== 'read') return;
  if (!matches.every(({ route }) => route.formats?.[0] === 'api_json')) return;
  const settings = request.url('/admin/config/services/jsonapi');
  const detail = `JSON:API is configured to accept only read operations. Site administrators can configure this at ${settings}.`;
  throw new HttpException(405, detail, [['Allow', 'GET']]);
}

function entryPoint({ account, request }: RouteContext, types: ReadonlyMap<string, ResourceType>): Reply {
  const links = [...types.keys()].map((name): [string, object] => [name, { href: request.url(collectionPath(name)) }]);
  links.push(['self', { href: request.url('/jsonapi') }]);
  links.sort(([a], [b]) => (a < b ? -1 : 1));
  const { user } = account;
  const me = user === undefined ? undefined : { meta: { id: user.uuid }, href: request.url(`/jsonapi/user/user/${user.uuid}`) };
  const reply = documentReply(200, { data: [], ...(me !== undefined && { meta: { links: { me } } }), links: Object.fromEntries(links) });
  return { ...reply, cacheability: isAnonymous(account) ? 'good' : 'poor', tags: [] };
}

function collection({ account, request, site }: RouteContext, type: ResourceType, types: ReadonlyMap<string, ResourceType>): Reply {
  const includes = readIncludes(request, type);
  const { offset, limit } = readPage(request);
  const selected = select(type.items(account, site), request, type, account);
  const page = selected.slice(offset, offset + limit);
  const shown = page.filter((item) => item.hiddenBecause === undefined);
  const hidden = page.filter((item) => item.hiddenBecause !== undefined);
  const fields = readFields(request, type.name);
  const meta = omittedMeta(type, hidden, request, () => site.random.text(7));
  const reply = documentReply(200, {
    data: shown.map((item) => resourceObject(type, item, request, fields)),
    ...(includes.length > 0 && { included: includedObjects(shown, includes, types, { account, request, site }) }),
    ...(meta !== undefined && { meta }),
    links: pageLinks(request, requestUrl(request), offset, limit, selected.length),
  });
  const tags = [`${type.name.split('--')[0]}_list`];
  return { ...reply, cacheability: type.cacheability?.(account) ?? 'good', tags };
}

function individual(context: RouteContext, type: ResourceType, types: ReadonlyMap<string, ResourceType>): Reply {
  const { account, params, request, site } = context;
  const includes = readIncludes(request, type);
  const item = type.items(account, site).find(({ uuid }) => uuid === params['entity']);
  if (item === undefined) throw new HttpException(404, 'Not Found');
  if (item.hiddenBecause !== undefined) {
    throw new HttpException(403, hiddenDetail(item), [], { cacheability: 'good', pointer: '/data' });
  }
  const reply = documentReply(200, {
    data: resourceObject(type, item, request, readFields(request, type.name)),
    ...(includes.length > 0 && { included: includedObjects([item], includes, types, context) }),
    links: { self: { href: requestUrl(request) } },
  });
  return { ...reply, cacheability: type.cacheability?.(account) ?? 'good', tags: [`${type.name.split('--')[0]}_list`] };
}

/** The UUID of an item, seen or not; access is asked later. */
function findItem(type: ResourceType, id: string, site: Site): string | undefined {
  return type.items(nobody, site).some(({ uuid }) => uuid === id) ? id : undefined;
}

const nobody = { user: undefined, provider: undefined, all: false, permissions: new Set<string>(), cacheContext: '' };

function includedObjects(
  items: readonly ResourceItem[],
  names: readonly string[],
  types: ReadonlyMap<string, ResourceType>,
  { account, request, site }: Pick<RouteContext, 'account' | 'request' | 'site'>,
): object[] {
  const found = new Map<string, object>();
  for (const item of items) {
    for (const name of names) {
      const value = item.fields().relationships?.[name] ?? [];
      for (const { type: typeName, id } of 'id' in value ? [value] : value) {
        const type = types.get(typeName);
        const target = type?.items(account, site).find(({ uuid, hiddenBecause }) => uuid === id && hiddenBecause === undefined);
        if (type !== undefined && target !== undefined) found.set(id, resourceObject(type, target, request, readFields(request, typeName)));
      }
    }
  }
  return [...found.values()];
}
