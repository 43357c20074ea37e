/**
 * Changes to a right request, and what is certain about a request that was changed. Pure; values stay templates, so that no secret stands in them.
 *
 * @module
 */
import type { BodyTemplate, FieldList, RequestTemplate } from '../../model/catalogue.ts';
import type { FakeKind, FilterName } from '../../spec/variables.ts';

/** What stands in the place of a value: a text, a made-up value that looks like one of people's, or something derived from the right one. */
export type Value = { readonly literal: string } | { readonly fake: FakeKind } | { readonly derived: FilterName };

export type Edit =
  | { readonly kind: 'replace'; readonly field: number; readonly value: Value }
  | { readonly kind: 'remove'; readonly field: number }
  | { readonly kind: 'repeat'; readonly field: number; readonly value: Value }
  | { readonly kind: 'array'; readonly field: number }
  | { readonly kind: 'rename'; readonly field: number; readonly how: 'upper' | 'capital' | 'hyphen' }
  | { readonly kind: 'move'; readonly field: number }
  | { readonly kind: 'add'; readonly where: 'form' | 'query'; readonly name: string; readonly value: Value }
  | { readonly kind: 'method'; readonly method: string }
  | { readonly kind: 'content-type'; readonly type: string };

/** A place of a request that an edit can reach. */
export interface Field {
  readonly where: 'form' | 'query' | 'header';
  readonly name: string;
  readonly template: string;
}

/** Fields of a request in the order in which edits count them; Content-Type has an edit of its own. */
export function fieldsOf(request: RequestTemplate): readonly Field[] {
  const of = (where: Field['where'], fields: FieldList): Field[] => fields.map(([name, template]) => ({ where, name, template }));
  const headers = request.headers.filter(([name]) => name.toLowerCase() !== 'content-type');
  return [...of('form', formOf(request.body)), ...of('query', request.query), ...of('header', headers)];
}

function formOf(body: BodyTemplate | undefined): FieldList {
  return body?.kind === 'form' ? body.fields : [];
}

/** Applies edits one after the other; one that has nothing to change changes nothing. */
export function edited(request: RequestTemplate, edits: readonly Edit[]): RequestTemplate {
  return edits.reduce(applyEdit, request);
}

function applyEdit(request: RequestTemplate, edit: Edit): RequestTemplate {
  switch (edit.kind) {
    case 'method':
      return { ...request, method: edit.method };
    case 'content-type':
      return {
        ...request,
        headers: [...request.headers.filter(([name]) => name.toLowerCase() !== 'content-type'), ['Content-Type', edit.type]],
      };
    case 'add':
      return edit.where === 'form' && request.body?.kind === 'form'
        ? withForm(request, [...request.body.fields, [edit.name, templateOf(edit.value, '')]])
        : { ...request, query: [...request.query, [edit.name, templateOf(edit.value, '')]] };
    default: {
      const field = fieldAt(request, edit.field);
      return field === undefined ? request : changeField(request, field, edit);
    }
  }
}

/** The field that an edit means: its number counts round. */
export function fieldAt(request: RequestTemplate, number: number): Field | undefined {
  const fields = fieldsOf(request);
  return fields[number % Math.max(1, fields.length)];
}

function changeField(request: RequestTemplate, field: Field, edit: Extract<Edit, { readonly field: number }>): RequestTemplate {
  const { name, template } = field;
  const value = 'value' in edit ? templateOf(edit.value, template) : template;
  const safe = field.where === 'header' ? headerSafe(value) : value;
  switch (edit.kind) {
    case 'remove':
      return withFields(request, field, []);
    case 'replace':
      return withFields(request, field, [[name, safe]]);
    case 'repeat':
      return withFields(request, field, [
        [name, template],
        [name, safe],
      ]);
    case 'array':
      return field.where === 'header' ? request : withFields(request, field, [[`${name}[]`, template]]);
    case 'rename':
      return withFields(request, field, [[renamed(name, edit.how), template]]);
    case 'move': {
      if (field.where !== 'form') return request;
      const without = withFields(request, field, []);
      return { ...without, query: [...without.query, [name, template]] };
    }
  }
}

function withFields(request: RequestTemplate, { where, name, template }: Field, instead: FieldList): RequestTemplate {
  const change = (fields: FieldList): FieldList => {
    const at = fields.findIndex(([key, value]) => key === name && value === template);
    return at < 0 ? fields : [...fields.slice(0, at), ...instead, ...fields.slice(at + 1)];
  };
  if (where === 'form') return withForm(request, change(formOf(request.body)));
  return where === 'query' ? { ...request, query: change(request.query) } : { ...request, headers: change(request.headers) };
}

function withForm(request: RequestTemplate, fields: FieldList): RequestTemplate {
  return { ...request, body: { kind: 'form', fields } };
}

function renamed(name: string, how: 'upper' | 'capital' | 'hyphen'): string {
  if (how === 'upper') return name.toUpperCase();
  return how === 'capital' ? name.replace(/^./, (letter) => letter.toUpperCase()) : name.replaceAll('_', '-');
}

/** A value as it is written in a spec; `right` is the template that it stands in the place of. */
function templateOf(value: Value, right: string): string {
  if ('fake' in value)
    return right.replace(/^(\w+ )?.*$/s, (_, scheme: string | undefined) => `${isScheme(right) ? scheme : ''}\${fake.${value.fake}}`);
  if ('literal' in value) return value.literal.replaceAll('${', '$${');
  const [expression] = expressionsOf(right);
  // A second filter could undo the first one.
  return expression === undefined || /\|[^()]*\}$/.test(expression)
    ? right
    : right.replace(expression, `${expression.slice(0, -1)} | ${value.derived}}`);
}

/** `Bearer ${token}`: what stands before the value is kept. */
function isScheme(template: string): boolean {
  return /^\w+ \$\{/.test(template);
}

function expressionsOf(template: string): string[] {
  return template.match(/(?<!\$)\$\{[^}]*\}/g) ?? [];
}

/** Other characters are no header, and no client library sends them. */
function headerSafe(value: string): string {
  return value.replace(/[^\t\x20-\x7e\u00a0-\u00ff]/g, '?');
}

/** Names of the secrets that a template holds as they are: `users.main.password`, `clients.main.secret`, `token`. */
export function secretsIn(request: RequestTemplate): ReadonlySet<string> {
  const names = fieldsOf(request).flatMap(({ template }) =>
    expressionsOf(template)
      .filter((expression) => !/\|\s*(?!form\b)/.test(expression))
      .flatMap((expression) => expression.match(/\b(users\.\w+\.password|clients\.\w+\.(secret|apiKey)|(\w+\.)?token)\b/g) ?? []),
  );
  return new Set(names.filter((name) => !name.startsWith('fake.')));
}

/** Whether nothing but values of the form was changed, and to values that no web server minds: then the token endpoint itself answers. */
export function isPlain(request: RequestTemplate, edits: readonly Edit[]): boolean {
  return along(request, edits, (edit, before) => {
    if ((edit.kind !== 'replace' && edit.kind !== 'remove') || fieldAt(before, edit.field)?.where !== 'form') return false;
    return edit.kind === 'remove' || !('literal' in edit.value) || /^[\w.@+-]{1,200}$/.test(edit.value.literal);
  }).every(Boolean);
}

/** Looks at each edit together with the request that it meets. */
function along<Result>(request: RequestTemplate, edits: readonly Edit[], look: (edit: Edit, before: RequestTemplate) => Result): Result[] {
  let before = request;
  return edits.map((edit) => {
    const result = look(edit, before);
    before = applyEdit(before, edit);
    return result;
  });
}

/** What was changed, in words, edit by edit. */
export function describeEdits(request: RequestTemplate, edits: readonly Edit[]): string[] {
  return along(request, edits, (edit, before) => describeEdit(before, edit));
}

function describeEdit(request: RequestTemplate, edit: Edit): string {
  const field = 'field' in edit ? fieldAt(request, edit.field) : undefined;
  const place =
    field === undefined ? '' : field.where === 'header' ? `the header ${field.name}` : `the ${field.where} parameter ${field.name}`;
  switch (edit.kind) {
    case 'replace':
      return `${place} is ${describeValue(edit.value)}`;
    case 'remove':
      return `${place} is left out`;
    case 'repeat':
      return `${place} is sent again as ${describeValue(edit.value)}`;
    case 'array':
      return `${place} is sent as an array`;
    case 'rename':
      return `${place} is called ${renamed(field?.name ?? '', edit.how)}`;
    case 'move':
      return `${place} stands in the query`;
    case 'add':
      return `a further ${edit.where} parameter ${JSON.stringify(edit.name)} is ${describeValue(edit.value)}`;
    case 'method':
      return `the method is ${edit.method}`;
    case 'content-type':
      return `the content type is ${JSON.stringify(edit.type)}`;
  }
}

const longest = 60;

function describeValue(value: Value): string {
  if ('fake' in value) return `a made-up ${value.fake}`;
  if ('derived' in value) return `the right value after ${value.derived}`;
  const text = JSON.stringify(value.literal);
  return text.length > longest ? `${text.slice(0, longest)}… (${value.literal.length} characters)` : text;
}
