/**
 * Query parameters of JSON:API requests: which are allowed, and what they select.
 *
 * @module
 */
import type { PhpArray, PhpValue } from '../../../php/params.ts';
import type { Site } from '../../../site.ts';
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

/** The members of a parameter that must be a list. */
function listOf({ query }: Request, name: string): PhpArray | undefined {
  const value = query[name];
  if (typeof value !== 'string') return value;
  throw new HttpException(400, `Unexpected value for parameter "${name}": expecting "array", got "string".`, [], { cacheability: 'poor' });
}

/** `page[limit]` beyond what is possible, or no number, means the largest page. */
export function readPage(request: Request): { offset: number; limit: number } {
  const page = listOf(request, 'page');
  const given = page?.['limit'];
  if (typeof given === 'string' && /^-?\d+$/.test(given) && Number(given) < 1)
    throw new HttpException(400, 'The page size needs to be a positive integer.', [], good);
  const number = (name: string): number => Math.trunc(Number(page?.[name]));
  const [offset, limit] = [number('offset'), number('limit')];
  return { offset: offset > 0 ? offset : 0, limit: limit > 0 && limit < largestPage ? limit : largestPage };
}

/** Paths of relationships, each as its steps. */
export function readIncludes({ query }: Request, type: ResourceType, types: ResourceTypes): string[][] {
  const include = query['include'];
  if (typeof include === 'object')
    throw new HttpException(400, 'Input value "include" contains a non-scalar value.', [], { cacheability: 'poor' });
  if (include === undefined || include === '') return [];
  return include.split(',').map((path) => {
    const steps = path.split('.');
    let at: ResourceType | undefined = type;
    for (const [index, name] of steps.entries()) {
      if (at !== undefined && !at.relationships.includes(name)) throw noSuchRelationship(name, index === 0 ? undefined : path, at);
      at = types.get(at?.targets?.[name] ?? '');
    }
    return steps;
  });
}

function noSuchRelationship(name: string, path: string | undefined, { relationships }: ResourceType): HttpException {
  const possible = relationships.length === 0 ? '' : ` Possible values: ${relationships.join(', ')}.`;
  const where = path === undefined ? '' : `\`${path}\` is not a valid include path. `;
  return new HttpException(400, `${where}\`${name}\` is not a valid relationship field name.${possible}`, [], good);
}

/** Sparse fieldset of a type; undefined: every field. */
export function readFields(request: Request, name: string): readonly string[] | undefined {
  const lists = listOf(request, 'fields') ?? {};
  if (Object.values(lists).some((list) => typeof list === 'object')) {
    // PHP refuses to split what is no text, whichever type it is for.
    throw new HttpException(500, 'explode(): Argument #2 ($string) must be of type string, array given', [], { cacheability: 'poor' });
  }
  const list = lists[name];
  return typeof list === 'string' ? list.split(',') : undefined;
}

/** `resourceVersion` of a collection: only the named versions make sense. */
export function checkCollectionVersion({ query }: Request): true {
  const version = readVersion(query['resourceVersion']);
  if (version === undefined || version.kind === 'rel') return true;
  const detail = 'Collection resources only support the following resource version identifiers: rel:latest-version, rel:working-copy';
  throw new HttpException(400, detail, [], good);
}

/** `resourceVersion` of one resource: its present revision is the only one that is kept. */
export function checkVersion({ query }: Request, revision: number | undefined): true {
  const version = readVersion(query['resourceVersion']);
  if (version?.kind !== 'id' || revision === undefined || version.name === String(revision)) return true;
  throw new HttpException(404, `The requested version, identified by \`id:${version.name}\`, could not be found.`, [], good);
}

function readVersion(given: PhpValue | undefined): { kind: string; name: string } | undefined {
  if (given === undefined) return undefined;
  const [, kind, name] = (typeof given === 'string' ? /^(id|rel):(.+)$/.exec(given) : null) ?? [];
  if (kind === undefined || name === undefined) {
    const detail = `A resource version identifier was provided in an invalid format: \`${String(given)}\``;
    throw new HttpException(400, detail, [], good);
  }
  return { kind, name };
}

interface Condition {
  readonly path: string;
  readonly operator: string;
  readonly value: PhpValue;
}

export type ResourceTypes = ReadonlyMap<string, ResourceType>;

/** What a selection looks at: the type, whoever asks, and the types that relationships lead to. */
export interface Selection {
  readonly type: ResourceType;
  readonly types: ResourceTypes;
  readonly account: Account;
  readonly site: Site;
}

/** The items that a collection request selects, in its order, before they are paged. */
export function select(items: readonly ResourceItem[], request: Request, selection: Selection): ResourceItem[] {
  const { type, account } = selection;
  const conditions = readConditions(listOf(request, 'filter'));
  for (const { path } of conditions) checkField(path, selection);
  const kept = items.filter((item) => conditions.every((condition) => holds(condition, item, selection)));
  const visible =
    conditions.length === 0 || type.isFilterable === undefined ? kept : kept.filter((item) => type.isFilterable?.(item, account));
  return sortItems(visible, request.query['sort'], selection);
}

const operators = new Set(
  ['=', '<>', '>', '>=', '<', '<=', 'STARTS_WITH', 'CONTAINS', 'ENDS_WITH', 'IN', 'NOT IN', 'BETWEEN', 'NOT BETWEEN'].concat([
    'IS NULL',
    'IS NOT NULL',
  ]),
);

/** The short form `filter[title]=x`, and the long one with `condition` or a direct `value`. */
function readConditions(filter: PhpArray | undefined): Condition[] {
  return Object.entries(filter ?? {}).flatMap(([name, given]): Condition[] => {
    if (/^\d+$/.test(name) && typeof given === 'string')
      throw new HttpException(400, 'No field name was provided for the filter.', [], good);
    if (typeof given === 'string') return [{ path: name, operator: '=', value: given }];
    if (given['group'] !== undefined) return [];
    const inner = given['condition'];
    const condition: PhpArray = typeof inner === 'object' ? inner : given;
    const { path = name, operator = '=', value } = condition;
    const isNullTest = typeof inner === 'object' && String(operator).startsWith('IS ');
    if (value === undefined && !isNullTest) {
      const detail = 'You must provide a valid filter condition. Check that you have set the required keys for your filter.';
      throw new HttpException(400, detail, [], good);
    }
    if (!operators.has(String(operator)))
      throw new HttpException(400, `The '${String(operator)}' operator is not allowed in a filter parameter.`, [], good);
    return [{ path: String(path), operator: String(operator), value: value ?? '' }];
  });
}

/** The type that a path with several steps ends at, and the field there. */
function fieldAt(path: string, { type, types }: Pick<Selection, 'type' | 'types'>): { owner: ResourceType; field: string } {
  const steps = path.split('.');
  const [first = '', second] = steps;
  const target = types.get(type.targets?.[first] ?? '');
  return target !== undefined && second !== undefined && second !== 'meta' && target.attributes.length > 0
    ? { owner: target, field: second }
    : { owner: type, field: first };
}

function checkField(path: string, selection: Selection): void {
  const { owner, field } = fieldAt(path, selection);
  if (!isField(field, owner)) throw noSuchField(field, path);
  const refusal = owner.filterRefusal?.(field, selection.account);
  if (refusal === undefined) return;
  const at = owner === selection.type ? field : `${path.split('.')[0]}.entity:user.${field}`;
  const detail = `The current user is not authorized to filter by the \`${field}\` field, given in the path \`${at}\`.`;
  throw new HttpException(403, detail, [], { cacheability: refusal });
}

function noSuchField(field: string, path: string): HttpException {
  const detail = `Invalid nested filtering. The field \`${field}\`, given in the path \`${path}\`, does not exist.`;
  return new HttpException(400, detail, [], good);
}

function isField(name: string, type: ResourceType): boolean {
  return name === 'id' || type.aliases?.[name] !== undefined || type.attributes.includes(name) || type.relationships.includes(name);
}

function holds({ path, operator, value }: Condition, item: ResourceItem, selection: Selection): boolean {
  const found = fieldText(path, item, selection);
  if (operator === 'IS NULL') return found === '';
  if (operator === 'IS NOT NULL') return found !== '';
  if (found === undefined) return false;
  const values = typeof value === 'string' ? [value] : Object.values(value).filter((one) => typeof one === 'string');
  const [first = '', last = ''] = values;
  if (operator === '<>') return found !== first;
  if (operator === 'IN') return values.includes(found);
  if (operator === 'NOT IN') return !values.includes(found);
  if (operator === 'CONTAINS') return found.toLowerCase().includes(first.toLowerCase());
  if (operator === 'STARTS_WITH') return found.toLowerCase().startsWith(first.toLowerCase());
  if (operator === 'ENDS_WITH') return found.toLowerCase().endsWith(first.toLowerCase());
  const order = compareTexts(found, first);
  if (operator === '>') return order > 0;
  if (operator === '>=') return order >= 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  if (operator === 'BETWEEN') return order >= 0 && compareTexts(found, last) <= 0;
  if (operator === 'NOT BETWEEN') return order < 0 || compareTexts(found, last) > 0;
  return found.toLowerCase() === first.toLowerCase();
}

/** Numbers as numbers, other texts as the database does it: byte by byte, cases alike. */
function compareTexts(a: string, b: string): number {
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) return Number(a) - Number(b);
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What the database holds at a path; undefined: something that this account may not look at. */
function fieldText(path: string, item: ResourceItem, { type, types, account, site }: Selection): string | undefined {
  const [first = '', property, ...rest] = path.split('.');
  const name = type.aliases?.[first] ?? first;
  const { attributes, relationships } = item.stored?.() ?? item.fields();
  if (name === 'id') return item.uuid;
  const related = relationships?.[name];
  if (related !== undefined && related !== null && 'id' in related) {
    const target = types.get(related.type);
    if (property === 'meta') return String(related.target);
    if (target?.isSelectable?.(account) === false && property !== undefined) return undefined;
    if (property === undefined || property === 'id') return related.id;
    const other = target?.items(account, site).find(({ uuid }) => uuid === related.id);
    return target === undefined || other === undefined
      ? undefined
      : fieldText([property, ...rest].join('.'), other, { type: target, types, account, site });
  }
  const value = attributes[name];
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return String(Date.parse(value) / 1000);
  const inner = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[property ?? 'value'] : value;
  return inner === undefined || inner === null ? '' : String(inner);
}

interface SortKey {
  readonly path: string;
  readonly direction: 1 | -1;
}

function sortItems(items: readonly ResourceItem[], sort: PhpValue | undefined, selection: Selection): ResourceItem[] {
  if (sort === undefined) return [...items];
  if (sort === '') throw new HttpException(400, 'You need to provide a value for the sort parameter.', [], good);
  const keys = readSort(sort);
  for (const { path } of keys) checkField(path, selection);
  return [...items].sort((a, b) => {
    for (const { path, direction } of keys) {
      const order = compareTexts(fieldText(path, a, selection) ?? '', fieldText(path, b, selection) ?? '');
      if (order !== 0) return order * direction;
    }
    return 0;
  });
}

/** `-created,title`, or `sort[a][path]=…&sort[a][direction]=DESC`. */
function readSort(sort: PhpValue): SortKey[] {
  if (typeof sort === 'string') {
    return sort.split(',').map((key) => ({ path: key.replace(/^-/, ''), direction: key.startsWith('-') ? -1 : 1 }));
  }
  return Object.values(sort).map((key) => {
    const { path = '', direction = 'ASC' } = typeof key === 'string' ? { path: key } : key;
    return { path: String(path), direction: String(direction).toUpperCase() === 'DESC' ? -1 : 1 };
  });
}

/** Whether a path of the request leads over users: what is seen of them depends on who looks. */
export function leadsOverUsers({ query }: Request, type: ResourceType): boolean {
  const filter = query['filter'];
  const names = [
    ...(typeof filter === 'object' ? readConditions(filter).map(({ path }) => path) : []),
    ...(query['sort'] === undefined || query['sort'] === '' ? [] : readSort(query['sort']).map(({ path }) => path)),
    ...(typeof query['include'] === 'string' ? query['include'].split(',').map((path) => `${path}.`) : []),
  ];
  return names.some((path) => path.includes('.') && type.targets?.[path.split('.')[0] ?? ''] === 'user--user');
}
