/**
 * Query parameters of JSON:API requests: which are allowed, and what they select.
 *
 * @module
 */
import type { PhpArray, PhpValue } from '../../../php/params.ts';
import type { Account } from '../account.ts';
import { HttpException } from '../exception.ts';
import type { Request } from '../request.ts';
import type { ResourceItem, ResourceType } from './resource-type.ts';

export const reserved: ReadonlySet<string> = new Set(['filter', 'sort', 'page', 'fields', 'include', 'resourceVersion']);
const good = { cacheability: 'good' } as const;

/** JsonApiRequestValidator: parameters that the specification does not know, and `_format` above all. */
export function checkParameters(request: Request): void {
  const unknown = Object.keys(request.query).filter((name) => !reserved.has(name) && !isCustomName(name));
  if (unknown.includes('_format')) {
    const detail = "JSON:API does not need that ugly '_format' query string! 🤘 Use the URL provided in 'links' 🙏";
    throw new HttpException(400, detail, [['Link', request.url(request.rawPath)]], good);
  }
  if (unknown.length === 0) return;
  const detail = `The following query parameters violate the JSON:API spec: '${unknown.join("', '")}'.`;
  throw new HttpException(400, detail, [['Link', 'http://jsonapi.org/format/#query-parameters']], good);
}

/** A member name with at least one character beyond a to z. */
function isCustomName(name: string): boolean {
  return /^[A-Za-z0-9\u0080-\uffff]([A-Za-z0-9\u0080-\uffff_ -]*[A-Za-z0-9\u0080-\uffff])?$/.test(name) && /[^a-z]/.test(name);
}

const largestPage = 50;

/** `page[limit]` beyond what is possible, or no number, means the largest page. */
export function readPage({ query }: Request): { offset: number; limit: number } {
  const page = query['page'];
  const number = (name: string): number => Math.trunc(Number(typeof page === 'object' ? page[name] : undefined));
  const [offset, limit] = [number('offset'), number('limit')];
  return { offset: offset > 0 ? offset : 0, limit: limit > 0 && limit < largestPage ? limit : largestPage };
}

export function readIncludes({ query }: Request, type: ResourceType): string[] {
  const include = query['include'];
  if (typeof include !== 'string' || include === '') return [];
  const names = include.split(',').map((path) => path.split('.')[0] ?? '');
  for (const name of names) {
    if (type.relationships.includes(name)) continue;
    const possible = type.relationships.length === 0 ? '' : ` Possible values: ${type.relationships.join(', ')}.`;
    throw new HttpException(400, `\`${name}\` is not a valid relationship field name.${possible}`, [], good);
  }
  return names;
}

/** Sparse fieldset of a type; undefined: every field. */
export function readFields({ query }: Request, name: string): readonly string[] | undefined {
  const fields = query['fields'];
  const list = typeof fields === 'object' ? fields[name] : undefined;
  return typeof list === 'string' ? list.split(',') : undefined;
}

interface Condition {
  readonly path: string;
  readonly operator: string;
  readonly value: PhpValue;
}

/** The items that a collection request selects, in its order, before they are paged. */
export function select(items: readonly ResourceItem[], request: Request, type: ResourceType, account: Account): ResourceItem[] {
  const conditions = readConditions(request.query['filter']);
  for (const { path } of conditions) checkField(path, type, account);
  const kept = items.filter((item) => conditions.every((condition) => holds(condition, item)));
  const visible =
    conditions.length === 0 || type.isFilterable === undefined ? kept : kept.filter((item) => type.isFilterable?.(item, account));
  return sortItems(visible, request.query['sort'], type, account);
}

/** The short form `filter[title]=x`, and the long one with `condition` or a direct `value`. */
function readConditions(filter: PhpValue | undefined): Condition[] {
  if (filter === undefined) return [];
  if (typeof filter === 'string') throw new HttpException(400, 'Expected a set of filters.', [], good);
  return Object.entries(filter).flatMap(([name, given]): Condition[] => {
    if (typeof given === 'string') return [{ path: name, operator: '=', value: given }];
    if (given['group'] !== undefined) return [];
    const inner = given['condition'];
    const condition: PhpArray = typeof inner === 'object' ? inner : given;
    const { path = name, operator = '=', value = '' } = condition;
    return [{ path: String(path), operator: String(operator), value }];
  });
}

function checkField(path: string, type: ResourceType, account: Account): void {
  const field = path.split('.')[0] ?? '';
  if (!isField(field, type)) throw noSuchField(field, path);
  if (type.mayFilter?.(field, account) === false) {
    const detail = `The current user is not authorized to filter by the \`${field}\` field, given in the path \`${path}\`.`;
    throw new HttpException(403, detail, [], { cacheability: 'poor' });
  }
}

function noSuchField(field: string, path: string): HttpException {
  const detail = `Invalid nested filtering. The field \`${field}\`, given in the path \`${path}\`, does not exist.`;
  return new HttpException(400, detail, [], good);
}

function isField(name: string, type: ResourceType): boolean {
  return name === 'id' || type.attributes.includes(name) || type.relationships.includes(name);
}

function holds({ path, operator, value }: Condition, item: ResourceItem): boolean {
  const found = fieldText(path, item);
  const values = typeof value === 'string' ? [value] : Object.values(value).filter((one) => typeof one === 'string');
  const [first = ''] = values;
  if (operator === '<>') return found !== first;
  if (operator === 'IN') return values.includes(found);
  if (operator === 'CONTAINS') return found.includes(first);
  if (operator === 'STARTS_WITH') return found.startsWith(first);
  return found.toLowerCase() === first.toLowerCase();
}

function fieldText(path: string, item: ResourceItem): string {
  const [name = '', property] = path.split('.');
  const { attributes, relationships } = item.fields();
  if (name === 'id') return item.uuid;
  const related = relationships?.[name];
  if (related !== undefined && related !== null && 'id' in related) return property === 'meta' ? String(related.target) : related.id;
  const value = attributes[name];
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value ?? '');
}

function sortItems(items: readonly ResourceItem[], sort: PhpValue | undefined, type: ResourceType, account: Account): ResourceItem[] {
  if (typeof sort !== 'string' || sort === '') return [...items];
  const keys = sort.split(',').map((key) => ({ name: key.replace(/^-/, ''), direction: key.startsWith('-') ? -1 : 1 }));
  for (const { name } of keys) checkField(name, type, account);
  return [...items].sort((a, b) => {
    for (const { name, direction } of keys) {
      const order = fieldText(name, a).localeCompare(fieldText(name, b), 'en', { numeric: true });
      if (order !== 0) return order * direction;
    }
    return 0;
  });
}
