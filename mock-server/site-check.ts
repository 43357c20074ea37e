/**
 * Checks a site against its schema and its own references, and says everything that is wrong at once. A small reader of the part
 * of JSON Schema that the site file uses, so that starting the mock compiles nothing.
 *
 * @module
 */
import { didYouMean, listOf } from '../src/support/suggest.ts';
import { siteSchema, type SiteFile } from './site-file.ts';

export interface Problem {
  /** Keys and indexes from the top. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
}

/** Every problem of a site; none: the value is a SiteFile. */
export function checkSite(value: unknown): Problem[] {
  const problems: Problem[] = [];
  check(value, siteSchema as unknown as Schema, [], problems);
  if (problems.length === 0) checkReferences(value as SiteFile, problems);
  return problems;
}

function check(value: unknown, schema: Schema, path: Problem['path'], problems: Problem[]): void {
  const at = path.length === 0 ? 'The site' : path.join('.');
  if (schema.enum !== undefined) {
    if (schema.enum.includes(value)) return;
    const known = schema.enum.map(String);
    problems.push({ path, message: `${at} must be ${listOf(known, 'or')}, found ${show(value)}.${didYouMean(String(value), known)}` });
    return;
  }
  if (schema.type !== undefined && !isOf(schema.type, value)) {
    problems.push({ path, message: `${at} must be ${article(schema.type)}, found ${show(value)}.` });
    return;
  }
  if (schema.minimum !== undefined && (value as number) < schema.minimum) {
    problems.push({ path, message: `${at} must be ${schema.minimum} or more, found ${show(value)}.` });
  }
  if (schema.type === 'array') (value as unknown[]).forEach((item, index) => check(item, schema.items ?? {}, [...path, index], problems));
  if (schema.type === 'object') checkObject(value as Record<string, unknown>, schema, path, problems);
}

function checkObject(value: Record<string, unknown>, schema: Schema, path: Problem['path'], problems: Problem[]): void {
  const known = schema.properties ?? {};
  for (const name of schema.required ?? []) {
    if (!(name in value)) problems.push({ path, message: `${path.length === 0 ? 'The site' : path.join('.')} lacks "${name}".` });
  }
  for (const [name, item] of Object.entries(value)) {
    const inner = Object.hasOwn(known, name) ? known[name] : schema.additionalProperties;
    if (inner === false) {
      problems.push({
        path: [...path, name],
        message: `Unknown key "${name}".${didYouMean(name, Object.keys(known)) || ` Known: ${listOf(Object.keys(known), 'and')}.`}`,
      });
    } else if (typeof inner === 'object') check(item, inner, [...path, name], problems);
  }
}

/** What no schema can say: ids are unique, roles and owners exist, instants can be read. */
function checkReferences(site: SiteFile, problems: Problem[]): void {
  const roles = new Set(['anonymous', 'authenticated', ...Object.keys(site.roles ?? {})]);
  const names = new Map<string, number>();
  const ids = new Map<number, number>();
  (site.users ?? []).forEach((user, index) => {
    const name = user.name.toLowerCase();
    if (names.has(name))
      problems.push({ path: ['users', index, 'name'], message: `users.${names.get(name)} has the name "${user.name}" already.` });
    if (ids.has(user.id))
      problems.push({ path: ['users', index, 'id'], message: `users.${ids.get(user.id)} has the id ${user.id} already.` });
    names.set(name, index);
    ids.set(user.id, index);
    user.roles?.forEach((role, at) => {
      if (!roles.has(role)) problems.push({ path: ['users', index, 'roles', at], message: `No role "${role}".${didYouMean(role, roles)}` });
    });
    for (const key of ['created', 'changed', 'access', 'login'] as const) checkInstant(user[key], ['users', index, key], problems);
  });
  (site.nodes ?? []).forEach((node, index) => {
    if (node.owner !== undefined && !ids.has(node.owner)) {
      problems.push({ path: ['nodes', index, 'owner'], message: `No user with the id ${node.owner}.` });
    }
    for (const key of ['created', 'changed'] as const) checkInstant(node[key], ['nodes', index, key], problems);
  });
  checkInstant(site.clock, ['clock'], problems);
}

function checkInstant(value: string | undefined, path: Problem['path'], problems: Problem[]): void {
  if (value !== undefined && Number.isNaN(Date.parse(value))) {
    problems.push({ path, message: `${path.join('.')} must be an instant such as 2026-11-22T22:49:18Z, found ${show(value)}.` });
  }
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping',
    integer: 'a whole number',
  };
  return names[type] ?? `a ${type}`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return typeof value === 'string' ? `the text ${JSON.stringify(value)}` : String(value);
}
