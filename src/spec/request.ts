/**
 * Requests as their author writes them, resolved: `extends` followed, fields in sending order, changes applied.
 *
 * @module
 */
import type { BodyTemplate, FieldList, RequestTemplate } from '../model/catalogue.ts';
import type { RequestSpec } from '../model/spec.ts';
import { escapeToken } from '../support/pointer.ts';
import { didYouMean, listOf } from '../support/suggest.ts';
import type { AuthorFile } from './author.ts';
import { describe } from './diagnose.ts';

const bodyKinds = ['form', 'multipart', 'json', 'text'] as const;
const fieldLists = ['headers', 'query', 'form', 'multipart'] as const;
type FieldListName = (typeof fieldLists)[number];

const emptyRequest: RequestTemplate = { method: 'GET', path: '', query: [], headers: [] };

/** The named requests of one file, and those of its profile behind them. */
export class RequestBook {
  readonly #file: AuthorFile;
  readonly #specs: Readonly<Record<string, RequestSpec>>;
  readonly #outer: Readonly<Record<string, RequestTemplate>>;
  readonly #surfaces: readonly string[];
  readonly #paths: readonly string[];
  readonly #resolved = new Map<string, RequestTemplate | undefined>();
  readonly #open: string[] = [];

  constructor(
    file: AuthorFile,
    specs: Readonly<Record<string, RequestSpec>>,
    profile: {
      readonly requests: Readonly<Record<string, RequestTemplate>>;
      readonly surfaces: readonly string[];
      readonly paths: readonly string[];
    },
  ) {
    this.#file = file;
    this.#specs = specs;
    this.#outer = profile.requests;
    this.#surfaces = profile.surfaces;
    this.#paths = profile.paths;
  }

  /** Every request of the file, resolved; those with problems are left out. */
  all(): Record<string, RequestTemplate> {
    const resolved = Object.keys(this.#specs).map((name) => [name, this.find(name, `/requests/${escapeToken(name)}`)] as const);
    return Object.fromEntries(resolved.filter((entry): entry is [string, RequestTemplate] => entry[1] !== undefined));
  }

  /** A request by name; undefined, with a diagnosis, when there is none. */
  find(name: string, pointer: string): RequestTemplate | undefined {
    const spec = this.#own(name);
    if (spec === undefined) {
      const outer = Object.hasOwn(this.#outer, name) ? this.#outer[name] : undefined;
      if (outer === undefined) this.#file.unknown(pointer, 'request', name, [...Object.keys(this.#specs), ...Object.keys(this.#outer)]);
      return outer;
    }
    if (this.#resolved.has(name)) return this.#resolved.get(name);
    if (this.#open.includes(name)) {
      const circle = [...this.#open.slice(this.#open.indexOf(name)), name];
      this.#file.problems.at(pointer, `request ${name} extends itself: ${circle.join(' → ')}`);
      return undefined;
    }
    this.#open.push(name);
    const resolved = this.resolve(spec, `/requests/${escapeToken(name)}`, name);
    this.#open.pop();
    this.#resolved.set(name, resolved);
    return resolved;
  }

  /** Resolves a request that is written out. `name` is its own, so that it may extend the profile's request of the same name. */
  resolve(spec: RequestSpec, pointer: string, name?: string): RequestTemplate | undefined {
    const { problems } = this.#file;
    let base: RequestTemplate | undefined = emptyRequest;
    if (spec.extends !== undefined) {
      const isOuter = spec.extends === name && Object.hasOwn(this.#outer, spec.extends);
      base = isOuter ? this.#outer[spec.extends] : this.find(spec.extends, `${pointer}/extends`);
    }
    const { extends: _, surface, method, path, raw, ...rest } = spec;
    this.#file.checkTemplates(pointer, { method, path, raw, ...rest }, this.#paths);
    if (surface !== undefined && !this.#surfaces.includes(surface)) {
      this.#file.unknown(`${pointer}/surface`, 'surface', surface, this.#surfaces);
    }
    const kinds = bodyKinds.filter((kind) => spec[kind] !== undefined);
    if (kinds.length > 1) problems.atKey(`${pointer}/${kinds[1]}`, `a request has one body, found ${listOf(kinds, 'and')}`);
    if (base === undefined) return undefined;

    let request: RequestTemplate = {
      ...base,
      ...(surface === undefined ? {} : { surface }),
      ...(method === undefined ? {} : { method }),
      ...(path === undefined ? {} : { path }),
      ...(raw === undefined ? {} : { raw }),
    };
    for (const list of fieldLists) {
      const fields = spec[list];
      if (fields === undefined) continue;
      if (fieldsOf(request, list) === undefined || Object.keys(fields).length === 0) request = replaceFields(request, list, []);
      for (const [field, value] of Object.entries(fields)) {
        request = changeField(request, list, field, value, `${pointer}/${list}/${escapeToken(field)}`, this.#file);
      }
    }
    if (spec.json !== undefined) request = withBody(request, { kind: 'json', value: spec.json });
    if (spec.text !== undefined) request = withBody(request, { kind: 'text', value: spec.text });
    if (request.path === '' && request.raw === undefined) {
      problems.atKey(pointer, `${name === undefined ? 'the request' : `request ${name}`} has no path`);
      return undefined;
    }
    return request;
  }

  #own(name: string): RequestSpec | undefined {
    return Object.hasOwn(this.#specs, name) ? this.#specs[name] : undefined;
  }
}

const wholeKeys = ['method', 'path', 'raw', 'text', 'json', 'form', 'headers', 'query', 'multipart'] as const;
const memberKeys = ['form', 'headers', 'query', 'multipart', 'json'] as const;

/** Applies the changes of `with`, or of a row of `vary`, in the order they are written. */
export function applyChanges(
  request: RequestTemplate,
  changes: Readonly<Record<string, unknown>>,
  pointer: string,
  file: AuthorFile,
  otherKeys: readonly string[] = [],
): RequestTemplate {
  let changed = request;
  for (const [key, value] of Object.entries(changes)) {
    changed = applyChange(changed, key, value, `${pointer}/${escapeToken(key)}`, file, otherKeys);
  }
  return changed;
}

function applyChange(
  request: RequestTemplate,
  key: string,
  value: unknown,
  pointer: string,
  file: AuthorFile,
  otherKeys: readonly string[],
): RequestTemplate {
  const dot = key.indexOf('.');
  const head = dot < 0 ? key : key.slice(0, dot);
  const name = dot < 0 ? undefined : key.slice(dot + 1);
  if (name === undefined) {
    if (!(wholeKeys as readonly string[]).includes(head)) {
      const isField = fieldNames(request).find(([, field]) => field === key);
      const known = [...wholeKeys, ...otherKeys, ...fieldNames(request).map(([list, field]) => `${list}.${field}`)];
      const hint = isField === undefined ? didYouMean(key, known) : ` Did you mean "${isField[0]}.${key}"?`;
      const expected = ` Expected ${listOf([...wholeKeys, ...memberKeys.map((list) => `${list}.NAME`), ...otherKeys], 'or', 40)}`;
      file.problems.atKey(pointer, `unknown change "${key}".${hint || expected}`);
      return request;
    }
    return changeWhole(request, head as (typeof wholeKeys)[number], value, pointer, file);
  }
  if (!(memberKeys as readonly string[]).includes(head)) {
    const hint = didYouMean(head, memberKeys);
    file.problems.atKey(
      pointer,
      `unknown change "${key}".${hint.replace(/"(.*)"/, `"$1.${name}"`) || ` Expected ${listOf(memberKeys, 'or')} before the dot`}`,
    );
    return request;
  }
  if (head === 'json') return changeMember(request, name, value, pointer, file);
  return changeField(request, head as FieldListName, name, value, pointer, file);
}

function changeWhole(
  request: RequestTemplate,
  key: (typeof wholeKeys)[number],
  value: unknown,
  pointer: string,
  file: AuthorFile,
): RequestTemplate {
  switch (key) {
    case 'method':
    case 'path':
      if (typeof value === 'string') return { ...request, [key]: value };
      file.problems.at(pointer, `${key} must be a string, found ${describe(value)}`);
      return request;
    case 'raw':
      if (typeof value === 'string') return { ...request, raw: value };
      if (value === null) return withoutRaw(request);
      file.problems.at(pointer, `raw must be a string, or null to remove it, found ${describe(value)}`);
      return request;
    case 'text':
      if (typeof value === 'string') return withBody(request, { kind: 'text', value });
      if (value === null) return withoutBody(request, 'text', pointer, file);
      file.problems.at(pointer, `text must be a string, or null to remove it, found ${describe(value)}`);
      return request;
    case 'json':
      return value === null ? withoutBody(request, 'json', pointer, file) : withBody(request, { kind: 'json', value });
    default: {
      if (value === null) {
        return key === 'headers' || key === 'query' ? { ...request, [key]: [] } : withoutBody(request, key, pointer, file);
      }
      if (typeof value !== 'object' || Array.isArray(value)) {
        file.problems.at(pointer, `${key} must be a mapping, or null to remove it, found ${describe(value)}`);
        return request;
      }
      let changed = replaceFields(request, key, []);
      for (const [field, one] of Object.entries(value)) {
        changed = changeField(changed, key, field, one, `${pointer}/${escapeToken(field)}`, file);
      }
      return changed;
    }
  }
}

/** Sets, repeats, removes or appends one field. Header names match by exact spelling, so that another case is another header. */
function changeField(
  request: RequestTemplate,
  list: FieldListName,
  name: string,
  value: unknown,
  pointer: string,
  file: AuthorFile,
): RequestTemplate {
  const fields = fieldsOf(request, list);
  if (fields === undefined) {
    file.problems.atKey(pointer, `${list}.${name} needs a ${list} body, the request has a body of kind ${request.body?.kind}`);
    return request;
  }
  const values = wireValues(value, `${list}.${name}`, pointer, file);
  if (values === undefined) return request;
  const at = fields.findIndex(([field]) => field === name);
  if (at < 0) {
    if (value === null) {
      const names = fields.map(([field]) => field);
      const hint = didYouMean(name, names) || (names.length > 0 ? ` The request has ${listOf([...new Set(names)], 'and')}` : '');
      file.problems.atKey(pointer, `null removes ${list}.${name}, which the request does not have${hint === '' ? '' : `.${hint}`}`);
    }
    return replaceFields(request, list, [...fields, ...values.map((one) => [name, one] as const)]);
  }
  const kept = fields.filter(([field], index) => field !== name || index === at);
  return replaceFields(
    request,
    list,
    kept.flatMap((field) => (field[0] === name ? values.map((one) => [name, one] as const) : [field])),
  );
}

/** The texts that are sent for a value: none for null, several for a list. */
function wireValues(value: unknown, label: string, pointer: string, file: AuthorFile): string[] | undefined {
  if (value === null) return [];
  if (typeof value === 'string') return [value];
  if (typeof value === 'boolean') return [String(value)];
  if (typeof value === 'number') {
    const written = file.document.sourceOf(pointer);
    if (written === undefined || written === String(value)) return [String(value)];
    file.problems.at(pointer, `${label} would be sent as ${value}, not as ${written}; quote it to send it as written`);
    return undefined;
  }
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')) return value;
  const found = Array.isArray(value) && value.length > 0 ? 'a list with other values' : describe(value);
  file.problems.at(
    pointer,
    `${label} must be a string, a number, a boolean, null (removed) or a list of strings (repeated), found ${found}`,
  );
  return undefined;
}

function changeMember(request: RequestTemplate, name: string, value: unknown, pointer: string, file: AuthorFile): RequestTemplate {
  const body = request.body;
  const members = body?.kind === 'json' ? body.value : undefined;
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    const found = body === undefined ? 'has no body' : body.kind === 'json' ? 'has another JSON value' : `has a body of kind ${body.kind}`;
    file.problems.atKey(pointer, `json.${name} needs a body that is a JSON object, the request ${found}`);
    return request;
  }
  if (value !== null) return withBody(request, { kind: 'json', value: { ...members, [name]: value } });
  if (!Object.hasOwn(members, name)) {
    const hint = didYouMean(name, Object.keys(members));
    file.problems.atKey(pointer, `null removes json.${name}, which the request does not have${hint === '' ? '' : `.${hint}`}`);
  }
  return withBody(request, { kind: 'json', value: Object.fromEntries(Object.entries(members).filter(([member]) => member !== name)) });
}

function fieldsOf(request: RequestTemplate, list: FieldListName): FieldList | undefined {
  if (list === 'headers' || list === 'query') return request[list];
  if (request.body === undefined) return [];
  return request.body.kind === list ? request.body.fields : undefined;
}

function fieldNames(request: RequestTemplate): [list: FieldListName, field: string][] {
  return fieldLists.flatMap((list) => (fieldsOf(request, list) ?? []).map(([field]): [FieldListName, string] => [list, field]));
}

function replaceFields(request: RequestTemplate, list: FieldListName, fields: FieldList): RequestTemplate {
  return list === 'headers' || list === 'query' ? { ...request, [list]: fields } : withBody(request, { kind: list, fields });
}

function withBody(request: RequestTemplate, body: BodyTemplate): RequestTemplate {
  return { ...request, body };
}

function withoutBody(request: RequestTemplate, kind: BodyTemplate['kind'], pointer: string, file: AuthorFile): RequestTemplate {
  const { body, ...rest } = request;
  if (body?.kind !== kind) {
    const found = body === undefined ? 'the request has none' : `the request has a body of kind ${body.kind}`;
    file.problems.atKey(pointer, `null removes the ${kind} body, but ${found}`);
  }
  return rest;
}

function withoutRaw({ raw: _, ...request }: RequestTemplate): RequestTemplate {
  return request;
}
