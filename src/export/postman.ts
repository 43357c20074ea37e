/**
 * The catalogue as a Postman Collection 2.1 with an environment: a folder a case, its checks as readable tests. Pure.
 *
 * @module
 */
import type { CaptureTemplate, CatalogueCheck, Expectation, FieldList, Profile, RequestTemplate } from '../model/catalogue.ts';
import { stringsOf } from '../spec/variables.ts';
import { postmanRuntime } from './postman-runtime.ts';
import {
  checksFor,
  expressionsOf,
  expressionText,
  isOptional,
  isSecretName,
  namesOf,
  render,
  targetNames,
  walkCase,
  withPaths,
  type ExportSource,
  type LeftOut,
  type WalkedCase,
  type WalkedRequest,
} from './walk.ts';

export interface PostmanExport {
  readonly collection: Readonly<Record<string, unknown>>;
  /** Values of the target; secrets are named and empty. */
  readonly environment: Readonly<Record<string, unknown>>;
  readonly leftOut: readonly LeftOut[];
}

/** Makes collection and environment. Ids come from names, so that the same catalogue gives the same bytes. */
export async function exportPostman(source: ExportSource): Promise<PostmanExport> {
  const leftOut: LeftOut[] = [...source.leftOut];
  const walked: WalkedCase[] = [];
  for (const one of source.cases) {
    const walk = walkCase(one, source.profiles[one.profile] as Profile);
    if ('reason' in walk) leftOut.push(walk);
    else walked.push(walk);
  }
  const used = [...new Set(walked.map(({ case: { profile } }) => profile))];
  const tables = Object.fromEntries(used.map((name) => [name, source.profiles[name] as Profile]));
  const names = targetNames(
    walked,
    Object.values(tables).flatMap(({ paths, surfaces }) => [paths, surfaces]),
  );
  const secrets = names.map(({ name }) => name).filter(isSecretName);
  const runtime = postmanRuntime.replace('__TABLES__', () => JSON.stringify({ ...tablesOf(tables, source), secrets }));
  const items: Folder[] = [];
  for (const one of walked) place(items, one.case.address.split('/'), await caseFolder(one, source));
  const { suite, target } = source;
  return {
    collection: {
      info: {
        name: `${suite.name} ${suite.version}`,
        schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
        description: descriptionOf(leftOut),
      },
      protocolProfileBehavior: {
        followRedirects: false,
        disableCookies: true,
        disableUrlEncoding: true,
        disableBodyPruning: true,
        disabledSystemHeaders: { accept: true, 'accept-encoding': true, 'cache-control': true, 'postman-token': true },
      },
      event: [script('prerequest', runtime), script('test', runtime)],
      item: items,
    },
    environment: {
      name: target?.name ?? suite.name,
      values: [
        { key: 'baseUrl', value: target?.baseUrl.replace(/\/$/, '') ?? 'http://127.0.0.1:8888', enabled: true },
        ...names.map(({ name }) => ({
          key: name,
          value: isSecretName(name) ? '' : (valueOf(target, name) ?? ''),
          ...(isSecretName(name) ? { type: 'secret' } : {}),
          enabled: true,
        })),
      ],
      _postman_variable_scope: 'environment',
    },
    leftOut,
  };
}

interface Folder {
  readonly name: string;
  readonly item: unknown[];
  readonly description?: string;
  readonly event?: unknown;
}

/** Folders follow the address; the last one is the case. */
function place(items: unknown[], path: readonly string[], folder: Folder): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    items.push({ ...folder, name });
    return;
  }
  let next = items.find((one): one is Folder => (one as Folder).name === name && (one as Folder).event === undefined);
  if (next === undefined) items.push((next = { name, item: [] }));
  place(next.item, rest, folder);
}

async function caseFolder({ case: one, requests }: WalkedCase, source: ExportSource): Promise<Folder> {
  const profile = source.profiles[one.profile] as Profile;
  const fakes = await source.fakesOf(one.address);
  const names = new Set(requests.flatMap(({ step }) => expressionsOf(step.request)).flatMap(namesOf));
  const generated = [...names].filter((name) => name.startsWith('fake.')).map((name) => [name, fakes(name.slice('fake.'.length))]);
  const clauses = one.clauses.map((id) => {
    const { says, url } = source.clauses[id] ?? { says: '' };
    return `- ${url === undefined ? id : `[${id}](${url})`}: ${says}`;
  });
  return {
    name: one.address,
    description: [one.title, ...(one.why === undefined ? [] : [one.why]), clauses.join('\n')].join('\n\n'),
    item: requests.map((request, index) => requestItem(request, index, one.address, profile, source)),
    event: [
      script(
        'prerequest',
        `dac.use(pm).prepare(${JSON.stringify({ ...Object.fromEntries(generated), 'run.seed': 1 })}, pm.info.requestName.startsWith('1. '));`,
      ),
    ],
  };
}

function requestItem(walked: WalkedRequest, index: number, address: string, profile: Profile, source: ExportSource): unknown {
  const { step, kind, proves } = walked;
  const events = [script('test', testsOf(walked, profile, source))];
  if (kind === 'proof' && proves !== undefined) events.unshift(script('prerequest', `dac.use(pm).onlyAfter(${JSON.stringify(proves)});`));
  const change = step.plain === undefined ? undefined : onlyChange(step.request, step.plain);
  if (change !== undefined) {
    const [sent, plain] = change.map((text) => JSON.stringify(braces(text, profile, source)));
    events.unshift(script('prerequest', `dac.use(pm).onlyIfDiffers(${sent}, ${plain});`));
  }
  return {
    id: `${address}/${index + 1}`,
    name: `${index + 1}. ${walked.title}`,
    event: events,
    request: requestOf(step.request, profile, source),
    response: [],
  };
}

/** What one string of a request became in a row; undefined when more, or another thing, has changed. */
function onlyChange(request: RequestTemplate, plain: RequestTemplate): [string, string] | undefined {
  const [sent, before] = [stringsOf(request), stringsOf(plain)];
  if (sent.length !== before.length) return undefined;
  const changed = sent.flatMap((text, index): [string, string][] => (text === before[index] ? [] : [[text, before[index] ?? '']]));
  return changed.length === 1 && changed[0]?.every((text) => text.includes('${')) === true ? changed[0] : undefined;
}

function testsOf({ kind, step, name, prefix }: WalkedRequest, profile: Profile, source: ExportSource): string {
  const checks = kind === 'fixture' ? [] : checksFor(step.checks, source.target);
  const foretold = checks
    .flatMap(({ alternatives }) => alternatives)
    .flatMap(({ expectation }) => (expectation.kind === 'status' ? [expectation.status].flat() : []))
    .filter((status) => typeof status === 'number' && status >= 429);
  const write = (value: unknown) => JSON.stringify(inBraces(value, profile, source));
  const lines = [
    `dac.use(pm).step(${[profile.name, name, ...(foretold.length > 0 ? [foretold] : [])].map((one) => JSON.stringify(one)).join(', ')});`,
  ];
  for (const capture of step.capture)
    lines.push(`dac.keep(${[prefix + capture.name, capture.from, capture.at].map((one) => JSON.stringify(one)).join(', ')});`);
  for (const check of checks) {
    lines.push(
      `dac.check(${JSON.stringify(check.writtenName ?? check.name)}, ${JSON.stringify(check.level)}, ${alternativesOf(check).map(write).join(', ')});`,
    );
  }
  if (kind !== 'fixture' && step.expect !== undefined && step.request.surface !== undefined) {
    lines.push(`dac.${step.expect}(${JSON.stringify(step.request.surface)});`);
  }
  return lines.join('\n');
}

function alternativesOf({ alternatives }: CatalogueCheck): object[] {
  return alternatives.map(({ witness, expectation }) => ({ witness, ...flat(expectation) }));
}

/** `{ kind: status, status: 401 }` → `{ status: 401 }`. */
function flat(expectation: Expectation): object {
  switch (expectation.kind) {
    case 'body':
      return { body: expectation.schema };
    case 'same':
    case 'differs':
      return { [expectation.kind]: expectation.as, at: expectation.at };
    case 'jwt':
      return { jwt: expectation.at, jwtHeader: expectation.header, claims: expectation.claims };
    case 'within':
      return { within: expectation.at, min: expectation.min, max: expectation.max };
    default: {
      const { kind: _, ...rest } = expectation;
      return rest;
    }
  }
}

function tablesOf(profiles: Readonly<Record<string, Profile>>, source: ExportSource): object {
  const perProfile = <T>(make: (profile: Profile) => T) =>
    Object.fromEntries(Object.entries(profiles).map(([name, profile]) => [name, make(profile)]));
  return {
    authorities: perProfile(({ authorities }) => authorities),
    surfaces: perProfile((profile) => {
      const table = (checks: readonly CatalogueCheck[]) =>
        checksFor(checks, source.target).map((check) => ({
          as: check.writtenName ?? check.name,
          name: check.name,
          level: check.level,
          any: inBraces(alternativesOf(check), profile, source),
        }));
      return Object.fromEntries(
        Object.entries(profile.surfaces).map(([name, { accepted, refused, yields }]) => [
          name,
          { accepted: table(accepted.checks), capture: accepted.capture.map(plainCapture), refused: table(refused.checks), yields },
        ]),
      );
    }),
    schemas: Object.assign({}, ...Object.values(profiles).map(({ schemas }) => schemas)) as object,
  };
}

function plainCapture({ name, from, at }: CaptureTemplate): object {
  return { name, from, at };
}

// ── requests ──

function requestOf(request: RequestTemplate, profile: Profile, source: ExportSource): object {
  const text = (template: string, encode?: 'url' | 'json') => braces(template, profile, source, encode);
  const path = withPaths(request.path, profile, source.target).replace(/[^\x20-\x7e]+/g, encodeURIComponent);
  const [before = '', ...after] = path.split('?');
  const inPath = after.join('?');
  const pairs = inPath === '' ? [] : inPath.split('&').map((pair) => text(pair));
  const query: FieldList = request.query;
  const raw = [...pairs, ...query.map(([name, value]) => `${encodeURIComponent(name)}=${text(value, 'url')}`)];
  const hasType = request.headers.some(([name]) => name.toLowerCase() === 'content-type');
  const headers = request.headers.map(([name, value]) => ({ key: name, value: text(value) }));
  if (request.body?.kind === 'json' && !hasType) headers.push({ key: 'Content-Type', value: 'application/json' });
  return {
    method: request.method,
    header: headers,
    url: {
      raw: `{{baseUrl}}${text(before)}${raw.length === 0 && !path.includes('?') ? '' : `?${raw.join('&')}`}`,
      host: ['{{baseUrl}}'],
      path: text(before).split('/').slice(1),
      ...(raw.length === 0
        ? {}
        : {
            query: raw.map((pair) => {
              const at = pair.indexOf('=');
              return at < 0 ? { key: pair, value: null } : { key: pair.slice(0, at), value: pair.slice(at + 1) };
            }),
          }),
    },
    ...bodyOf(request, text),
  };
}

function bodyOf({ body }: RequestTemplate, text: (template: string, encode?: 'url' | 'json') => string): object {
  switch (body?.kind) {
    case undefined:
      return {};
    case 'form':
      return { body: { mode: 'urlencoded', urlencoded: body.fields.map(([key, value]) => ({ key: text(key), value: text(value) })) } };
    case 'multipart':
      return {
        body: { mode: 'formdata', formdata: body.fields.map(([key, value]) => ({ key: text(key), value: text(value), type: 'text' })) },
      };
    case 'json':
      return { body: { mode: 'raw', raw: text(JSON.stringify(body.value), 'json'), options: { raw: { language: 'json' } } } };
    case 'text':
      return { body: { mode: 'raw', raw: text(body.value), options: { raw: { language: 'text' } } } };
  }
}

/** `${a | b}` → `{{a | b}}`: the pre-request script of the collection sets a variable of that very name. */
function braces(template: string, profile: Profile, source: ExportSource, encode?: 'url' | 'json'): string {
  return render(withPaths(template, profile, source.target), {
    text: (text) => (encode === 'url' ? encodeURIComponent(text) : text),
    value: (expression) =>
      `{{${expressionText(expression)}${isOptional(expression) ? '?' : ''}${encode === undefined ? '' : ` | ${encode}`}}}`,
  });
}

/** The same in every string of a value. */
function inBraces(value: unknown, profile: Profile, source: ExportSource): unknown {
  if (typeof value === 'string') return value.includes('${') ? braces(value, profile, source) : value;
  if (Array.isArray(value)) return value.map((one) => inBraces(one, profile, source));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inBraces(one, profile, source)]));
  }
  return value;
}

function script(listen: 'prerequest' | 'test', text: string): object {
  return { listen, script: { type: 'text/javascript', exec: text.split('\n') } };
}

function descriptionOf(leftOut: readonly LeftOut[]): string {
  const lines = leftOut.map(({ address, reason }) => `- ${address}: ${reason}`);
  return [
    'Set the environment, then run a folder. A failed test is a contradiction of the profile’s authorities; "(warn: …)" behind a name tells a deviation that fails nothing.',
    ...(lines.length === 0 ? [] : [`Left out, since Postman cannot send or judge them alike:\n\n${lines.join('\n')}`]),
  ].join('\n\n');
}

function valueOf(target: object | undefined, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
      target,
    );
}
