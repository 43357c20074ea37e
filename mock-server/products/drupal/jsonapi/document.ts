/**
 * Resource objects and collections as JSON:API writes them.
 *
 * @module
 */
import { buildQuery } from '../../../php/query.ts';
import type { PhpArray } from '../../../php/params.ts';
import type { Request } from '../request.ts';
import { collectionPath, type Related, type ResourceItem, type ResourceType } from './resource-type.ts';

/** The object of an item; `only`: the fields that a sparse fieldset asks for. */
export function resourceObject(type: ResourceType, item: ResourceItem, request: Request, only?: readonly string[]): object {
  const { attributes, relationships } = item.fields();
  const url = request.url(`${collectionPath(type.name)}/${item.uuid}`);
  const version = item.revision === undefined ? '' : `?resourceVersion=id%3A${item.revision}`;
  const isAsked = ([name]: readonly [string, unknown]): boolean => only?.includes(name) ?? true;
  const shown = Object.entries(attributes).filter(isAsked);
  const related = Object.entries(relationships ?? {}).filter(isAsked);
  return {
    type: type.name,
    id: item.uuid,
    links: { self: { href: url + version } },
    ...(shown.length > 0 && { attributes: Object.fromEntries(shown) }),
    ...(related.length > 0 && {
      relationships: Object.fromEntries(related.map(([name, value]) => [name, relationship(name, value, url, version)])),
    }),
  };
}

/** The resource identifiers of a relationship. */
export function identifiers(value: Related | readonly Related[] | null): object | null {
  if (value === null) return null;
  return 'id' in value ? identifier(value) : value.map(identifier);
}

function relationship(name: string, value: Related | readonly Related[] | null, url: string, version: string): object {
  return {
    data: identifiers(value),
    links: { related: { href: `${url}/${name}${version}` }, self: { href: `${url}/relationships/${name}${version}` } },
  };
}

function identifier({ type, id, target }: Related): object {
  return { type, id, meta: { drupal_internal__target_id: target } };
}

const help = 'https://www.drupal.org/docs/8/modules/json-api/filtering#filters-access-control';

/** Something that an answer leaves out, and why. */
export interface Omission {
  readonly path: string;
  readonly detail: string;
}

/** `meta.omitted`: what an answer leaves out, under names drawn at random. */
export function omittedMeta(omissions: readonly Omission[], request: Request, draw: () => string): object | undefined {
  if (omissions.length === 0) return undefined;
  const links: Record<string, object> = { help: { href: help } };
  for (const { path, detail } of omissions) links[`item--${draw()}`] = { href: request.url(path), meta: { rel: 'item', detail } };
  return { omitted: { detail: 'Some resources have been omitted because of insufficient authorization.', links } };
}

export function hiddenDetail({ hiddenBecause = '' }: ResourceItem): string {
  return `The current user is not allowed to GET the selected resource.${hiddenBecause === '' ? '' : ` ${hiddenBecause}`}`;
}

/** Links of a collection to its other pages, in the order of their names. */
export function pageLinks(request: Request, self: string, offset: number, limit: number, total: number): Record<string, { href: string }> {
  const page = (start: number): { href: string } => {
    const params: PhpArray = { ...request.query, page: { offset: String(start), limit: String(limit) } };
    return { href: `${request.url(request.rawPath)}?${buildQuery(params)}` };
  };
  return {
    ...(offset > 0 && { first: page(0) }),
    ...(offset + limit < total && { next: page(offset + limit) }),
    ...(offset > 0 && { prev: page(Math.max(0, offset - limit)) }),
    self: { href: self },
  };
}
