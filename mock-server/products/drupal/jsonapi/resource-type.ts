/**
 * What JSON:API exposes: resource types, and for each thing of a type how much of it an account may see.
 *
 * @module
 */
import type { Site } from '../../../site.ts';
import type { Account } from '../account.ts';
import type { Cacheability } from '../reply.ts';

/** A resource object without its links; `null` relationships are empty. */
export interface ResourceFields {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships?: Readonly<Record<string, Related | readonly Related[] | null>>;
}

export interface Related {
  readonly type: string;
  readonly id: string;
  readonly target: string | number;
}

export interface ResourceItem {
  readonly uuid: string;
  /** Shown in links, for types with revisions. */
  readonly revision?: number;
  /** Undefined: may be seen; a text: the reason why not, empty where access gave none. */
  readonly hiddenBecause?: string;
  fields(): ResourceFields;
  /** What filters and sorting look at, where less is shown. */
  stored?(): ResourceFields;
}

export interface ResourceType {
  /** `node--article` */
  readonly name: string;
  /** Names of relationships, in the order in which JSON:API lists them. */
  readonly relationships: readonly string[];
  /** Names of fields by which a collection may be filtered and sorted. */
  readonly attributes: readonly string[];
  /** It has a field that takes files. */
  readonly hasFiles?: boolean;
  /** In the order of their ids. */
  items(account: Account, site: Site): ResourceItem[];
  /** What the dynamic cache makes of an answer for this account. Default good. */
  cacheability?(account: Account, site: Site, shown: readonly ResourceItem[]): Cacheability;
  /** Types that relationships lead to, by their names. */
  readonly targets?: Readonly<Record<string, string>>;
  /** Names of the entity's own for fields that may be filtered by, e.g. nid for drupal_internal__nid. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Of the refusal to filter by a field; undefined: the account may. */
  filterRefusal?(field: string, account: Account): Cacheability | undefined;
  /** False: a filter of another type finds nothing through relationships to this one. */
  isSelectable?(account: Account): boolean;
  /** Why a relationship may not be seen. */
  relationshipRefusal?(account: Account): { readonly reason: string; readonly cacheability: Cacheability };
  /** Only these are found as soon as a filter is given. */
  isFilterable?(item: ResourceItem, account: Account): boolean;
}

/** `node--article` → `/jsonapi/node/article` */
export function collectionPath(name: string): string {
  return `/jsonapi/${name.replace('--', '/')}`;
}

/** A type of which the mock knows only that it exists. */
export function emptyType(name: string): ResourceType {
  return { name, relationships: [], attributes: [], items: () => [] };
}
