/**
 * The documented requests as an OpenAPI 3.1 document: parameters, and for each status what the cases expect, with examples and clauses. Pure.
 *
 * @module
 */
import type { Expectation, Profile, RequestTemplate, RequestStep } from '../model/catalogue.ts';
import { checksFor, namesOf, render, withPaths, type ExportSource } from './walk.ts';

type Json = Record<string, unknown>;

interface Operation {
  readonly profiles: Set<string>;
  readonly parameters: Map<string, Json>;
  /** Field to the number of documented requests that have it. */
  readonly fields: Map<string, number>;
  readonly bodies: Map<string, Json>;
  documented: number;
  readonly security: Set<string>;
  readonly responses: Map<string, { readonly examples: Map<string, Json>; readonly clauses: Set<string>; readonly schemas: Set<string> }>;
  title: string;
}

/** An OpenAPI 3.1 document of the operations that the profiles of the selected cases name. */
export function exportOpenApi(source: ExportSource): Json {
  const operations = new Map<string, Operation>();
  const names = [...new Set(source.cases.map(({ profile }) => profile))];
  const keyOf = (request: RequestTemplate, profile: Profile) => `${request.method} ${pathOf(request, profile, source).path}`;
  for (const name of names) {
    const profile = source.profiles[name] as Profile;
    for (const [requestName, request] of Object.entries(profile.requests ?? {})) {
      if (!isPlain(request, profile, source)) continue;
      const key = keyOf(request, profile);
      const operation = operations.get(key) ?? newOperation(requestName);
      operations.set(key, operation);
      describeRequest(operation, requestName, request, profile, source);
    }
  }
  for (const one of source.cases) {
    const profile = source.profiles[one.profile] as Profile;
    for (const step of one.steps) {
      if (step.kind === 'wait' || step.request.raw !== undefined) continue;
      const operation = operations.get(keyOf(step.request, profile));
      if (operation !== undefined) describeResponses(operation, step, one.address, one.title, profile, source);
    }
  }
  const profiles = names.map((name) => source.profiles[name] as Profile);
  const schemes = new Set([...operations.values()].flatMap(({ security }) => [...security]));
  return {
    openapi: '3.1.1',
    info: {
      title: profiles.map(({ title }) => title).join('; '),
      version: source.target?.version ?? source.suite.version,
      description: `What the cases of ${source.suite.name} ${source.suite.version} expect. Examples name the case that they stand for, and hold what it looks at. A path such as /tokenPath is one that a target file names.`,
    },
    servers: [{ url: source.target?.baseUrl.replace(/\/$/, '') ?? 'http://127.0.0.1:8888' }],
    tags: profiles.map(({ name, title }) => ({ name, description: title })),
    paths: pathsOf(operations, source),
    components: {
      schemas: Object.fromEntries(
        profiles.flatMap(({ name, schemas }) => Object.entries(schemas).map(([key, schema]) => [schemaName(name, key), schema])),
      ),
      ...(schemes.size === 0
        ? {}
        : { securitySchemes: Object.fromEntries([...schemes].sort().map((scheme) => [scheme, { type: 'http', scheme }])) }),
    },
  };
}

function newOperation(title: string): Operation {
  return {
    profiles: new Set(),
    parameters: new Map(),
    fields: new Map(),
    bodies: new Map(),
    documented: 0,
    security: new Set(),
    responses: new Map(),
    title,
  };
}

/** A path that a client would write: known parts, parameters that fill whole segments. */
function isPlain(request: RequestTemplate, profile: Profile, source: ExportSource): boolean {
  return (
    request.raw === undefined &&
    /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/.test(request.method) &&
    pathOf(request, profile, source)
      .path.split('/')
      .slice(1)
      .every((segment) => /^([\w.~%-]+|\{\w+\})$/.test(segment))
  );
}

function pathOf(
  request: RequestTemplate,
  profile: Profile,
  source: ExportSource,
): { path: string; query: [string, string][]; parameters: string[] } {
  const parameters: string[] = [];
  const whole = render(withPaths(request.path, profile, source.target), {
    text: (text) => text,
    value: (expression) => {
      const wanted = namesOf(expression)[0] ?? 'value';
      const name = parameterName(wanted);
      // A whole path that only a target file knows is no parameter of a request: it stands for itself.
      if (wanted.startsWith('paths.')) return name;
      parameters.push(name);
      return `{${name}}`;
    },
  });
  const [path = '', ...query] = (whole.startsWith('/') ? whole : `/${whole}`).split('?');
  const pairs = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    });
  return { path, query: [...pairs, ...request.query.map(([name, value]): [string, string] => [name, value])], parameters };
}

/** `users.main.id` → `userId`; a capture keeps its name. */
function parameterName(name: string): string {
  const [group = '', role = '', field = ''] = name.split('.');
  if (group === 'paths') return `${role}Path`;
  if (group === 'fake') return role;
  if (field === '') return name.replaceAll(/\W/g, '_');
  const owner = group === 'content' ? role : group.replace(/s$/, '');
  return owner + field.slice(0, 1).toUpperCase() + field.slice(1);
}

function describeRequest(operation: Operation, name: string, request: RequestTemplate, profile: Profile, source: ExportSource): void {
  operation.profiles.add(profile.name);
  operation.documented++;
  const { query, parameters } = pathOf(request, profile, source);
  for (const parameter of parameters) {
    operation.parameters.set(`path ${parameter}`, { name: parameter, in: 'path', required: true, schema: { type: 'string' } });
  }
  for (const [key, value] of query) {
    operation.parameters.set(`query ${key}`, {
      name: key,
      in: 'query',
      schema: { type: 'string' },
      ...(value.includes('{') ? {} : { example: value }),
    });
  }
  for (const [key, value] of request.headers) {
    if (/^authorization$/i.test(key)) operation.security.add(/^basic/i.test(value) ? 'basic' : 'bearer');
    else if (!/^(accept|content-type|user-agent)$/i.test(key)) {
      operation.parameters.set(`header ${key.toLowerCase()}`, {
        name: key,
        in: 'header',
        schema: { type: 'string' },
        ...(value.includes('${') ? {} : { example: value }),
      });
    }
  }
  if (request.body?.kind === 'form') {
    for (const [field] of request.body.fields) operation.fields.set(field, (operation.fields.get(field) ?? 0) + 1);
    operation.bodies.set(name, {
      value: Object.fromEntries(request.body.fields.map(([field, value]) => [field, value.replaceAll('${', '{')])),
    });
  }
}

function describeResponses(
  operation: Operation,
  step: RequestStep,
  address: string,
  title: string,
  profile: Profile,
  source: ExportSource,
): void {
  const surface = step.request.surface === undefined ? undefined : profile.surfaces[step.request.surface];
  const outcome = step.expect === 'accepted' ? surface?.accepted.checks : step.expect === 'refused' ? surface?.refused.checks : undefined;
  const own = new Set(step.checks.map(({ name, writtenName }) => writtenName ?? name));
  const checks = checksFor([...step.checks, ...(outcome ?? []).filter(({ name }) => !own.has(name))], source.target);
  const expectations = checks.flatMap(({ alternatives }) =>
    alternatives.filter(({ witness }) => profile.authorities.includes(witness)).map((one) => ({ ...one, of: alternatives })),
  );
  const statuses = expectations.flatMap(({ expectation }) => (expectation.kind === 'status' ? [expectation.status].flat() : []));
  const first = statuses[0];
  if (first === undefined) return;
  const status = typeof first === 'number' ? String(first) : first.toUpperCase();
  const response = operation.responses.get(status) ?? { examples: new Map(), clauses: new Set(), schemas: new Set() };
  operation.responses.set(status, response);
  let example: unknown;
  for (const { expectation, clauses } of expectations) {
    for (const clause of clauses) response.clauses.add(clause);
    example = exampleOf(expectation, example);
    if (expectation.kind === 'body') response.schemas.add(schemaName(profile.name, expectation.schema));
  }
  if (example !== undefined) response.examples.set(address.replace(/[^\w.-]+/g, '.'), { summary: title, value: example });
}

/** What a partial match shows of the body; a matcher becomes its literal, or is left out. */
function exampleOf(expectation: Expectation, before: unknown): unknown {
  if (expectation.kind !== 'json') return before;
  const shown = literal(expectation.json);
  if (typeof before !== 'object' || before === null || typeof shown !== 'object' || shown === null || Array.isArray(shown))
    return before ?? shown;
  return { ...shown, ...before };
}

const matcherKeys = /^(equals|type|matches|oneOf|min|max|startsWith|contains|length|absent|present|not)$/;

function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', '{');
  if (Array.isArray(value)) return value.map(literal).filter((one) => one !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value);
  if (members.length > 0 && members.every(([key]) => matcherKeys.test(key))) return 'equals' in value ? literal(value.equals) : undefined;
  return Object.fromEntries(members.map(([key, one]) => [key, literal(one)]).filter(([, one]) => one !== undefined));
}

const longestList = 8;

function pathsOf(operations: ReadonlyMap<string, Operation>, source: ExportSource): Json {
  const paths: Record<string, Json> = {};
  for (const [key, operation] of [...operations].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [method = '', path = ''] = key.split(' ');
    const entry = (paths[path] ??= {});
    const form = formOf(operation);
    entry[method.toLowerCase()] = {
      operationId: `${method.toLowerCase()}${path.replace(/\W+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
      summary: operation.title.replaceAll('-', ' '),
      tags: [...operation.profiles],
      ...(operation.parameters.size === 0 ? {} : { parameters: [...operation.parameters.values()] }),
      ...(form === undefined ? {} : { requestBody: form }),
      // An empty list says that no header carries credentials; they are in the body, or there are none.
      security: [...operation.security].map((scheme) => ({ [scheme]: [] })),
      responses:
        operation.responses.size === 0
          ? { default: { description: 'No case says.' } }
          : Object.fromEntries(
              [...operation.responses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([status, one]) => [status, responseOf(one, source)]),
            ),
    };
  }
  return paths;
}

function formOf({ fields, bodies, documented }: Operation): Json | undefined {
  if (fields.size === 0) return undefined;
  const required = [...fields].filter(([, count]) => count === documented).map(([name]) => name);
  return {
    required: true,
    content: {
      'application/x-www-form-urlencoded': {
        schema: {
          type: 'object',
          properties: Object.fromEntries([...fields.keys()].map((name) => [name, { type: 'string' }])),
          ...(required.length === 0 ? {} : { required }),
        },
        examples: Object.fromEntries(bodies),
      },
    },
  };
}

function responseOf(
  { examples, clauses, schemas }: { examples: ReadonlyMap<string, Json>; clauses: ReadonlySet<string>; schemas: ReadonlySet<string> },
  source: ExportSource,
): Json {
  const links = [...clauses].slice(0, longestList).map((id) => {
    const url = source.clauses[id]?.url;
    return url === undefined ? `- ${id}` : `- [${id}](${url})`;
  });
  const refs = [...schemas].map((name) => ({ $ref: `#/components/schemas/${name}` }));
  const shown = [...examples].slice(0, longestList);
  return {
    description: `Clauses:\n\n${links.join('\n')}${clauses.size > longestList ? `\n- and ${clauses.size - longestList} more` : ''}`,
    ...(shown.length === 0 && refs.length === 0
      ? {}
      : {
          content: {
            'application/json': {
              ...(refs.length === 0 ? {} : { schema: refs.length === 1 ? refs[0] : { anyOf: refs } }),
              ...(shown.length === 0 ? {} : { examples: Object.fromEntries(shown) }),
            },
          },
        }),
  };
}

function schemaName(profile: string, name: string): string {
  return `${profile}.${name}`.replace(/[^\w.-]+/g, '.');
}
