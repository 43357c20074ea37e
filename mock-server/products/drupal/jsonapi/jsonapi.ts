/**
 * Core's JSON:API module: entry point, collections and single resources of every type, and writing nodes.
 *
 * @module
 */
import type { Site } from '../../../site.ts';
import type { Installed, Route, RouteContext, RouteMatch } from '../../product.ts';
import { isAnonymous, type Account } from '../account.ts';
import { HttpException } from '../exception.ts';
import type { Cacheability, Reply } from '../reply.ts';
import type { Request } from '../request.ts';
import { hiddenDetail, identifiers, omittedMeta, pageLinks, resourceObject, type Omission } from './document.ts';
import { documentReply, requestUrl } from './error-document.ts';
import {
  checkCollectionVersion,
  checkVersion,
  leadsOverUsers,
  readFields,
  readIncludes,
  readPage,
  select,
  type ResourceTypes,
} from './query.ts';
import { collectionPath, type Related, type ResourceItem, type ResourceType } from './resource-type.ts';
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

function routesOf(type: ResourceType, types: ResourceTypes): Route[] {
  const path = collectionPath(type.name);
  const single = `${path}/{entity}`;
  const name = `jsonapi.${type.name}`;
  const convert = { entity: (id: string, site: Site) => findItem(type, types, id, site) };
  const read = { methods: ['GET'], formats, convert };
  const related = type.relationships.flatMap((field): Route[] => [
    {
      ...read,
      ...guarded(type, field),
      name: `${name}.${field}.related`,
      path: `${single}/${field}`,
      controller: (context) => relatedItems(context, field, types),
    },
    {
      ...read,
      ...guarded(type, field),
      name: `${name}.${field}.relationship.get`,
      path: `${single}/relationships/${field}`,
      controller: (context) => relationshipOf(context, field),
    },
  ]);
  return [
    {
      name: `${name}.collection`,
      path,
      methods: ['GET'],
      formats,
      access: ({ request }) => checkCollectionVersion(request),
      controller: (context) => collection(context, type, types),
    },
    {
      ...read,
      name: `${name}.individual`,
      path: single,
      access: ({ account, params, request, site }) => checkVersion(request, itemOf(params['entity'], account, site).item.revision),
      controller: (context) => individual(context, types),
    },
    ...related,
    ...writeRoutes(type, name, path, single, convert),
  ];
}

/** A relationship is for whoever may see the resource and the field. */
function guarded(type: ResourceType, field: string): Pick<Route, 'access'> {
  return {
    access: ({ account, params, site }) => {
      const found = itemOf(params['entity'], account, site);
      const isShown = found.item.hiddenBecause === undefined && found.item.fields().relationships?.[field] !== undefined;
      if (isShown) return true;
      const why = type.relationshipRefusal?.(account) ?? { reason: found.item.hiddenBecause ?? '', cacheability: 'good' as const };
      return { ...why, reason: `The current user is not allowed to view this relationship.${why.reason === '' ? '' : ` ${why.reason}`}` };
    },
  };
}

/** In read-only mode every method that changes something is refused before anything else is looked at. */
export function refuseWrites(matches: readonly RouteMatch[], request: Request, site: Site): void {
  if (request.isSafe || site.drupal.jsonapi !== 'read') return;
  if (!matches.every(({ route }) => route.formats?.[0] === 'api_json')) return;
  const settings = request.url('/admin/config/services/jsonapi');
  const detail = `JSON:API is configured to accept only read operations. Site administrators can configure this at ${settings}.`;
  throw new HttpException(405, detail, [['Allow', 'GET']]);
}

function entryPoint({ account, request }: RouteContext, types: ResourceTypes): Reply {
  const links = [...types.keys()].map((name): [string, object] => [name, { href: request.url(collectionPath(name)) }]);
  links.push(['self', { href: request.url('/jsonapi') }]);
  links.sort(([a], [b]) => (a < b ? -1 : 1));
  const { user } = account;
  const me = user === undefined ? undefined : { meta: { id: user.uuid }, href: request.url(`/jsonapi/user/user/${user.uuid}`) };
  const reply = documentReply(200, { data: [], ...(me !== undefined && { meta: { links: { me } } }), links: Object.fromEntries(links) });
  return { ...reply, cacheability: isAnonymous(account) ? 'good' : 'poor', tags: [] };
}

function collection(context: RouteContext, type: ResourceType, types: ResourceTypes): Reply {
  const { account, request, site } = context;
  const includes = readIncludes(request, type, types);
  const { offset, limit } = readPage(request);
  const selected = select(type.items(account, site), request, { type, types, account, site });
  const page = selected.slice(offset, offset + limit);
  const shown = page.filter((item) => item.hiddenBecause === undefined);
  const hidden = page.filter((item) => item.hiddenBecause !== undefined);
  const fields = readFields(request, type.name);
  const { included, omissions } = include(shown, type, includes, types, context);
  const left = [...hidden.map((item) => omissionOf(type, item)), ...omissions];
  const meta = omittedMeta(left, request, () => site.random.text(7));
  const reply = documentReply(200, {
    data: shown.map((item) => resourceObject(type, item, request, fields)),
    ...(included.length > 0 && { included }),
    ...(meta !== undefined && { meta }),
    links: pageLinks(request, requestUrl(request), offset, limit, selected.length),
  });
  return { ...reply, cacheability: cacheabilityOf(type, shown, context), tags: [`${type.name.split('--')[0]}_list`] };
}

function individual(context: RouteContext, types: ResourceTypes): Reply {
  const { account, params, request, site } = context;
  const { type, item } = itemOf(params['entity'], account, site);
  const includes = readIncludes(request, type, types);
  if (item.hiddenBecause !== undefined) {
    throw new HttpException(403, hiddenDetail(item), [], { cacheability: 'good', pointer: '/data' });
  }
  const { included, omissions } = include([item], type, includes, types, context);
  const meta = omittedMeta(omissions, request, () => site.random.text(7));
  const reply = documentReply(200, {
    data: resourceObject(type, item, request, readFields(request, type.name)),
    ...(included.length > 0 && { included }),
    ...(meta !== undefined && { meta }),
    links: { self: { href: requestUrl(request) } },
  });
  return { ...reply, cacheability: cacheabilityOf(type, [item], context), tags: [`${type.name.split('--')[0]}_list`] };
}

/** What a relationship leads to, in full. */
function relatedItems(context: RouteContext, field: string, types: ResourceTypes): Reply {
  const { account, params, request, site } = context;
  const value = itemOf(params['entity'], account, site).item.fields().relationships?.[field] ?? null;
  const found = followed(value, types, context);
  const data = found.flatMap(({ type, item }) =>
    item.hiddenBecause === undefined ? [resourceObject(type, item, request, readFields(request, type.name))] : [],
  );
  const meta = omittedMeta(
    found.flatMap(({ type, item }) => (item.hiddenBecause === undefined ? [] : [omissionOf(type, item)])),
    request,
    () => site.random.text(7),
  );
  const isList = value !== null && !('id' in value);
  const reply = documentReply(200, {
    data: isList ? data : (data[0] ?? null),
    ...(meta !== undefined && { meta }),
    links: { self: { href: requestUrl(request) } },
  });
  const isPoor = found.some(({ type, item }) => type.cacheability?.(account, site, [item]) === 'poor');
  return { ...reply, cacheability: isPoor ? 'poor' : 'good', tags: [`${field}_list`] };
}

/** Only the identifiers. */
function relationshipOf({ account, params, request, site }: RouteContext, field: string): Reply {
  const { type, item } = itemOf(params['entity'], account, site);
  const version = item.revision === undefined ? '' : `?resourceVersion=id%3A${item.revision}`;
  const related = request.url(`${collectionPath(type.name)}/${item.uuid}/${field}`) + version;
  const data = identifiers(item.fields().relationships?.[field] ?? null);
  const reply = documentReply(200, { data, links: { related: { href: related }, self: { href: requestUrl(request) } } });
  return { ...reply, cacheability: 'good', tags: [`${type.name.split('--')[0]}_list`] };
}

interface Found {
  readonly type: ResourceType;
  readonly item: ResourceItem;
}

/** What the `entity` parameter became; the item as this account sees it. */
function itemOf(entity: unknown, account: Account, site: Site): Found {
  const { type, uuid } = entity as { type: ResourceType; uuid: string };
  const item = type.items(account, site).find((candidate) => candidate.uuid === uuid);
  if (item === undefined) throw new HttpException(404, 'Not Found');
  return { type, item };
}

/** By its UUID among all bundles of the entity type, seen or not; access is asked later. */
function findItem(
  { name }: ResourceType,
  types: ResourceTypes,
  uuid: string,
  site: Site,
): { type: ResourceType; uuid: string } | undefined {
  const entity = name.split('--')[0];
  for (const type of types.values()) {
    if (type.name.split('--')[0] === entity && type.items(nobody, site).some((item) => item.uuid === uuid)) return { type, uuid };
  }
  return undefined;
}

const nobody: Account = { user: undefined, provider: undefined, all: false, permissions: new Set<string>(), cacheContext: '' };

function followed(value: Related | readonly Related[] | null, types: ResourceTypes, { account, site }: RouteContext): Found[] {
  if (value === null) return [];
  return ('id' in value ? [value] : value).flatMap(({ type: name, id }) => {
    const type = types.get(name);
    const item = type?.items(account, site).find(({ uuid }) => uuid === id);
    return type === undefined || item === undefined ? [] : [{ type, item }];
  });
}

function omissionOf(type: ResourceType, item: ResourceItem): Omission {
  return { path: `${collectionPath(type.name)}/${item.uuid}`, detail: hiddenDetail(item) };
}

/** What the paths of `include` lead to, and what of it may not be seen. */
function include(
  items: readonly ResourceItem[],
  type: ResourceType,
  paths: readonly (readonly string[])[],
  types: ResourceTypes,
  context: RouteContext,
): { included: object[]; omissions: Omission[] } {
  const included = new Map<string, object>();
  const omissions = new Map<string, Omission>();
  const walk = (from: readonly Found[], [name, ...rest]: readonly string[]): void => {
    if (name === undefined) return;
    for (const { type: owner, item } of from) {
      const { relationships } = item.fields();
      const value = relationships?.[name];
      if (value === undefined) {
        const why = relationships === undefined ? " The user only has authorization for the 'view label' operation." : '';
        const path = `${collectionPath(owner.name)}/${item.uuid}/${name}`;
        omissions.set(path, { path, detail: `The current user is not allowed to view this relationship.${why}` });
        continue;
      }
      const found = followed(value, types, context);
      for (const { type: target, item: one } of found) {
        if (one.hiddenBecause === undefined)
          included.set(one.uuid, resourceObject(target, one, context.request, readFields(context.request, target.name)));
        else omissions.set(one.uuid, omissionOf(target, one));
      }
      walk(
        found.filter(({ item: one }) => one.hiddenBecause === undefined),
        rest,
      );
    }
  };
  for (const path of paths)
    walk(
      items.map((item) => ({ type, item })),
      path,
    );
  return { included: [...included.values()], omissions: [...omissions.values()] };
}

/** An answer that shows users, or was selected by them, is for one viewer. */
function cacheabilityOf(type: ResourceType, shown: readonly ResourceItem[], { account, request, site }: RouteContext): Cacheability {
  const own = type.cacheability?.(account, site, shown) ?? 'good';
  return own === 'good' && !account.all && leadsOverUsers(request, type) ? 'poor' : own;
}
