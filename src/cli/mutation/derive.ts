/**
 * Derived mutants: every leaf of the mock's answers that a profile speaks of, changed once for every answer of a kind.
 *
 * @module
 */
import type { Catalogue, CatalogueCase } from '../../model/catalogue.ts';
import { headerValue, type HeaderLine, type Transport, type WireRequest, type WireResponse } from '../../model/exchange.ts';
import { checksByStep, isRecord, jsonOf, kindInRecord, kindOnWire, Spoken, type Leaf, type Pointer } from './answer-kind.ts';
import { createBench, movesClock, type Bench } from './bench.ts';
import { complaintsOf } from './kill.ts';

export interface DerivedMutant {
  readonly profile: string;
  /** Kind of answer that is changed. */
  readonly kind: string;
  /** What is changed: `status`, `header Content-Type`, `/http_code`. */
  readonly leaf: string;
  /** How, e.g. `403 in place of 401`, `missing`. */
  readonly change: string;
  /** The check that noticed, as `address#check`; undefined: none did. */
  readonly killedBy?: string;
  /** Cases that it was shown to. */
  readonly cases: number;
}

interface Change {
  readonly leaf: string;
  readonly change: string;
  apply(response: WireResponse): WireResponse;
}

interface Kind {
  readonly name: string;
  readonly sample: WireResponse;
  readonly spoken: Spoken;
  /** Cases that judge such an answer. */
  readonly cases: readonly CatalogueCase[];
}

/** More cases than this that get one kind of answer are not all shown every change. */
const mostCases = 60;

/** Changes every leaf of every kind of answer that the cases of a profile judge, and yields what became of it, kind by kind. */
export async function* killDerived(profile: string, catalogue: Catalogue, seed = 1): AsyncGenerator<DerivedMutant, void, undefined> {
  for (const kind of await kindsOf(profile, catalogue, seed)) {
    const changes = kind.spoken.leavesOf(kind.sample).flatMap((leaf) => changesOf(leaf, kind));
    yield* killChanges(changes, kind, profile, catalogue, seed);
  }
}

/**
 * Every kind of answer of which some check says more than that it may be one thing or another. Where documents are silent, an answer may change, so
 * that such a change is no mistake.
 */
async function kindsOf(name: string, catalogue: Catalogue, seed: number): Promise<readonly Kind[]> {
  const profile = catalogue.profiles[name];
  if (profile === undefined) return [];
  const samples = new Map<string, WireResponse>();
  const watch = (request: WireRequest, response: WireResponse): WireResponse => {
    const kind = kindOnWire(request, response).name;
    if (!samples.has(kind)) samples.set(kind, response);
    return response;
  };
  const kinds = new Map<string, { readonly topic: string; readonly cases: Set<CatalogueCase> }>();
  const topics = new Map<string, Spoken>();
  await using bench = await createBench({ catalogue, profile: name, seed, between: (transport) => changing(transport, watch) });
  for (const one of bench.cases) {
    const checks = checksByStep(one, profile);
    for (const step of (await bench.runCase(one)).steps) {
      if (step.kind !== 'request' || !step.checks.some(({ level, name: check }) => level !== 'may' && check !== 'outcome')) continue;
      // A proof's checks have its name in front of theirs.
      const passed = new Set(
        step.checks.filter(({ verdict }) => verdict === 'pass').flatMap(({ name: check }) => [check, check.replace(/^[^-]+-/, '')]),
      );
      for (const exchange of step.exchanges) {
        const seen = kindInRecord(exchange);
        if (seen === undefined) continue;
        const kind = kinds.get(seen.name) ?? { topic: seen.topic, cases: new Set() };
        kinds.set(seen.name, kind);
        kind.cases.add(one);
        const spoken = topics.get(seen.topic) ?? new Spoken();
        topics.set(seen.topic, spoken);
        spoken.add(
          (checks.get(step.name) ?? []).filter(({ name: check }) => passed.has(check)),
          profile,
        );
      }
    }
  }
  return [...kinds].flatMap(([kind, { topic, cases }]) => {
    const sample = samples.get(kind);
    const spoken = topics.get(topic);
    return sample === undefined || spoken === undefined ? [] : [{ name: kind, sample, spoken, cases: [...cases] }];
  });
}

function changing(transport: Transport, change: (request: WireRequest, response: WireResponse) => WireResponse): Transport {
  return {
    async send(request, options) {
      const exchange = await transport.send(request, options);
      return exchange.response === undefined ? exchange : { ...exchange, response: change(request, exchange.response) };
    },
    close: () => transport.close(),
  };
}

/** Shows all changes of one kind to one case after the other; a change that was noticed is shown no more. */
async function* killChanges(
  changes: readonly Change[],
  kind: Kind,
  profile: string,
  catalogue: Catalogue,
  seed: number,
): AsyncGenerator<DerivedMutant> {
  let active: Change | undefined;
  const between = (transport: Transport) =>
    changing(transport, (request, response) =>
      active !== undefined && kindOnWire(request, response).name === kind.name ? active.apply(response) : response,
    );
  const openBench = (): Promise<Bench> => createBench({ catalogue, profile, seed, between });

  let alive = [...changes];
  let shown = 0;
  let bench = await openBench();
  try {
    for (const one of tellingFirst(kind.cases).slice(0, mostCases)) {
      if (alive.length === 0) break;
      shown++;
      active = undefined;
      const known = new Set(complaintsOf(await bench.runCase(one)).map(({ check }) => check.name));
      const left: Change[] = [];
      for (const change of alive) {
        if (movesClock(one)) {
          await bench[Symbol.asyncDispose]();
          bench = await openBench();
        }
        active = change;
        const noticed = complaintsOf(await bench.runCase(one)).find(({ check }) => !known.has(check.name));
        active = undefined;
        if (noticed === undefined) left.push(change);
        else
          yield {
            profile,
            kind: kind.name,
            leaf: change.leaf,
            change: change.change,
            killedBy: `${one.address}#${noticed.check.name}`,
            cases: shown,
          };
      }
      alive = left;
    }
  } finally {
    await bench[Symbol.asyncDispose]();
  }
  for (const { leaf, change } of alive) yield { profile, kind: kind.name, leaf, change, cases: shown };
}

/** Cases with checks of their own before those that only name an outcome; those that move the clock last. */
function tellingFirst(cases: readonly CatalogueCase[]): readonly CatalogueCase[] {
  const weight = ({ steps }: CatalogueCase) =>
    steps.reduce((sum, step) => sum + (step.kind === 'request' ? step.checks.length : 0), 0) / steps.length;
  const sorted = [...cases].sort((a, b) => weight(b) - weight(a));
  return [...sorted.filter((one) => !movesClock(one)), ...sorted.filter(movesClock)];
}

// Changes

function changesOf(leaf: Leaf, { sample, spoken }: Kind): Change[] {
  switch (leaf.kind) {
    case 'status':
      return statusesBeside(sample.status, spoken.status === 'exact').map((status) => ({
        leaf: 'status',
        change: `${status} in place of ${sample.status}`,
        apply: (response) => ({ ...response, status, reason: '' }),
      }));
    case 'header':
      return [
        { leaf: `header ${leaf.name}`, change: 'missing', apply: (response) => withHeader(response, leaf.name, undefined) },
        {
          leaf: `header ${leaf.name}`,
          change: 'another value',
          apply: (response) => withHeader(response, leaf.name, otherHeader(headerValue(sample.headers, leaf.name) ?? '')),
        },
      ];
    case 'member': {
      const name = leaf.at.at(-1) ?? '';
      const label = `/${leaf.at.join('/')}`;
      const edit = (change: string, to: (value: unknown) => unknown, as = name): Change => ({
        leaf: label,
        change,
        apply: (response) => withJson(response, (body) => edited(body, leaf.at, to, as)),
      });
      return [
        edit('missing', () => absent),
        edit('another type', otherType),
        edit('another value', otherValue),
        edit('renamed', (value) => value, `${name}_`),
      ];
    }
  }
}

/** One status of another class, and one of the same where that is told apart. */
function statusesBeside(status: number, exact: boolean): readonly number[] {
  if (status < 300) return [404, ...(exact ? [status === 200 ? 201 : 200] : [])];
  if (status < 400) return [200, 404];
  return [200, ...(exact ? [status === 403 ? 401 : 403] : [])];
}

function withHeader(response: WireResponse, name: string, value: string | undefined): WireResponse {
  const others = response.headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase());
  const line: HeaderLine[] = value === undefined ? [] : [[name, value]];
  return { ...response, headers: [...others, ...line] };
}

function otherHeader(value: string): string {
  return /^[\w.+-]+\/[\w.+-]+/.test(value) ? 'text/plain' : 'other';
}

const absent = Symbol('absent');

/** A copy with one member changed, removed or renamed; the order of members is kept. */
function edited(body: unknown, [first, ...rest]: Pointer, to: (value: unknown) => unknown, as: string): unknown {
  if (Array.isArray(body)) return body.map((item, index) => (index === Number(first) ? edited(item, rest, to, as) : item));
  if (!isRecord(body)) return body;
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      if (name !== first) return [[name, value]];
      if (rest.length > 0) return [[name, edited(value, rest, to, as)]];
      const changed = to(value);
      return changed === absent ? [] : [[as, changed]];
    }),
  );
}

function withJson(response: WireResponse, change: (body: unknown) => unknown): WireResponse {
  const body = Buffer.from(JSON.stringify(change(jsonOf(response))));
  return {
    ...response,
    headers: response.headers.map(([name, value]) => [name, name.toLowerCase() === 'content-length' ? String(body.length) : value]),
    body,
  };
}

function otherType(value: unknown): unknown {
  if (typeof value === 'string') return /^\d+$/.test(value) ? Number(value) : [value];
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return String(value);
  return value === null ? 'null' : 'text';
}

function otherValue(value: unknown): unknown {
  if (typeof value === 'string') return /^\d+$/.test(value) ? String(Number(value) + 1) : `${value}-other`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return value === null ? false : Array.isArray(value) ? [] : {};
}
