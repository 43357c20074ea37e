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
  cacheability?(account: Account): Cacheability;
  /** An account that may not filter by a field. */
  mayFilter?(field: string, account: Account): boolean;
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
