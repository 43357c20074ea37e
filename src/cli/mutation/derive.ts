/**
 * Derived mutants: every leaf of the mock's answers that a check or a clause of a profile speaks of, changed once for every answer of a kind. What is
 * said about one grant or one cause holds for the others whose answer is the same, so that a check which is missing there shows.
 *
 * @module
 */
import type { Catalogue, CatalogueCase, CatalogueCheck, Profile } from '../../model/catalogue.ts';
import { headerValue, type HeaderLine, type Transport, type WireRequest, type WireResponse } from '../../model/exchange.ts';
import { inRange } from '../../judge/scope.ts';
import type { JudgedCheck } from '../../model/record.ts';
import { checksByStep, isRecord, jsonOf, kindInRecord, kindOnWire, type AnswerKind } from './answer-kind.ts';
import { createBench, movesClock, type Bench } from './bench.ts';
import { complaintsOf } from './kill.ts';
import { absent, Spoken, type Leaf, type Pointer } from './spoken.ts';

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
  /** Addresses of the cases that it was shown to. */
  readonly cases: readonly string[];
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
 * Every kind of answer of which some check says more than that it may be one thing or another, with what is said about such answers. Where documents
 * are silent, an answer may change, so that such a change is no mistake.
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
  const kinds = new Map<string, { readonly seen: AnswerKind; readonly cases: Set<CatalogueCase> }>();
  const topics = new Map<string, Topic>();
  await using bench = await createBench({ catalogue, profile: name, seed, between: (transport) => changing(transport, watch) });
  for (const one of bench.cases) {
    const checks = checksByStep(one, profile);
    for (const step of (await bench.runCase(one)).steps) {
      if (step.kind !== 'request' || !step.checks.some(({ level, name: check }) => level !== 'may' && check !== 'outcome')) continue;
      for (const exchange of step.exchanges) {
        const seen = kindInRecord(exchange);
        if (seen === undefined) continue;
        const kind = kinds.get(seen.name) ?? { seen, cases: new Set() };
        kinds.set(seen.name, kind);
        kind.cases.add(one);
        const topic = topics.get(seen.topic) ?? new Map<CatalogueCheck, JudgedCheck>();
        topics.set(seen.topic, topic);
        for (const check of checks.get(step.name) ?? []) {
          const judged = step.checks.find((candidate) => isNamed(candidate.name, check.name));
          if (judged?.verdict === 'pass' && judged.level !== 'may') topic.set(check, judged);
        }
      }
    }
  }
  const { version } = bench.mock.target(name);
  return [...kinds].flatMap(([kind, { seen, cases }]) => {
    const sample = samples.get(kind);
    const topic = topics.get(seen.topic) ?? new Map<CatalogueCheck, JudgedCheck>();
    return sample === undefined
      ? []
      : [{ name: kind, sample, spoken: spokenOf(topic, seen, sample, { profile, catalogue, version }), cases: [...cases] }];
  });
}

/** What has been judged of the answers of one topic. */
type Topic = Map<CatalogueCheck, JudgedCheck>;

/** A proof's checks have its name in front of theirs. */
function isNamed(judged: string, check: string): boolean {
  return judged === check || judged.replace(/^[^-]+-/, '') === check;
}

interface Register {
  /** Of the product that the mock imitates. */
  readonly version: string | undefined;
  readonly profile: Profile;
  readonly catalogue: Catalogue;
}

/** By the checks that passed, by the clauses that these cite, and by the clauses beside those about the error that the answer names. */
function spokenOf(topic: Topic, { error }: AnswerKind, sample: WireResponse, { profile, catalogue, version }: Register): Spoken {
  const spoken = new Spoken();
  const cited = new Set<string>();
  for (const [check, { alternatives, clauses }] of topic) {
    if (clauses.every((id) => catalogue.clauses[id]?.keyword === 'may')) continue;
    spoken.addCheck(
      check,
      alternatives === undefined ? undefined : new Set(alternatives.map((one) => JSON.stringify(one.clauses))),
      profile,
    );
    for (const id of clauses) cited.add(id);
  }
  const sections = new Set([...cited].map((id) => catalogue.clauses[id]?.section));
  for (const clause of Object.values(catalogue.clauses)) {
    const { id, keyword, section = '', witness, excluded, when } = clause;
    const isSilent =
      keyword === 'may' || excluded !== undefined || (when?.version !== undefined && inRange(version, when.version) === false);
    if (isSilent || !profile.authorities.includes(witness)) continue;
    const isAboutError = error !== undefined && section.includes(error) && sections.has(section);
    if (isAboutError || cited.has(id)) spoken.addClause(clause, sample);
  }
  return spoken;
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
  const shown: string[] = [];
  let bench = await openBench();
  try {
    for (const one of tellingFirst(kind.cases).slice(0, mostCases)) {
      if (alive.length === 0) break;
      shown.push(one.address);
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
            cases: [...shown],
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

/** Those that somebody rules out: where all are silent, an answer may be otherwise. */
function changesOf(leaf: Leaf, { sample, spoken }: Kind): Change[] {
  switch (leaf.kind) {
    case 'status': {
      const isRuledOut = (status: number) => status !== sample.status && spoken.rulesOut(leaf, status, sample.status);
      const candidates = [
        otherClass(sample.status).find(isRuledOut),
        [200, 201, 403, 401, 400, 404, 409].find((status) => isRuledOut(status) && classOf(status) === classOf(sample.status)),
      ];
      return candidates
        .filter((status) => status !== undefined)
        .map((status) => ({
          leaf: 'status',
          change: `${status} in place of ${sample.status}`,
          apply: (response) => ({ ...response, status, reason: '' }),
        }));
    }
    case 'header': {
      const right = headerValue(sample.headers, leaf.name) ?? '';
      const change = (words: string, to: string | undefined): Change[] =>
        spoken.rulesOut(leaf, to ?? absent, right)
          ? [{ leaf: `header ${leaf.name}`, change: words, apply: (response) => withHeader(response, leaf.name, to) }]
          : [];
      return [...change('missing', undefined), ...change('another value', otherHeader(right))];
    }
    case 'member': {
      const name = leaf.at.at(-1) ?? '';
      const right = memberAt(jsonOf(sample), leaf.at);
      const change = (words: string, to: (value: unknown) => unknown, as = name): Change[] =>
        spoken.rulesOut(leaf, as === name ? to(right) : absent, right)
          ? [
              {
                leaf: `/${leaf.at.join('/')}`,
                change: words,
                apply: (response) => withJson(response, (body) => edited(body, leaf.at, to, as)),
              },
            ]
          : [];
      return [
        ...change('missing', () => absent),
        ...change('another type', otherType),
        ...change('another value', otherValue),
        ...change('renamed', (value) => value, `${name}_`),
      ];
    }
  }
}

const classOf = (status: number): number => Math.floor(status / 100);

function otherClass(status: number): readonly number[] {
  return status < 300 ? [404, 403, 401] : [200, 404];
}

function memberAt(body: unknown, at: Pointer): unknown {
  return at.reduce<unknown>(
    (value, part) => (Array.isArray(value) ? value[Number(part)] : isRecord(value) ? value[part] : undefined),
    body,
  );
}

function withHeader(response: WireResponse, name: string, value: string | undefined): WireResponse {
  const others = response.headers.filter(([key]) => key.toLowerCase() !== name.toLowerCase());
  const line: HeaderLine[] = value === undefined ? [] : [[name, value]];
  return { ...response, headers: [...others, ...line] };
}

function otherHeader(value: string): string {
  return /^[\w.+-]+\/[\w.+-]+/.test(value) ? 'text/plain' : 'other';
}

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
