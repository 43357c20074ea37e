/**
 * The same flow on two products, or on two versions of one: what a client must change. Steps are joined by their common names; what stands in
 * the reports is all that is looked at. Pure.
 *
 * @module
 */
import type { CaseRecord, HeaderRecord, RecordedExchange, RecordedRequest, ReportRecord } from '../model/record.ts';
import { shapesOf } from './shape.ts';

/** One thing a client must change, or look at. */
export interface MigrationChange {
  /** `method`, `path`, `header AUTH-METHOD`, `parameter client_secret`, `status`, `member /error`, … */
  readonly what: string;
  readonly before?: string;
  readonly after?: string;
}

export interface MigrationStep {
  /** Common name, e.g. `get-token`. */
  readonly flow: string;
  readonly before: string;
  readonly after: string;
  /** What to send otherwise. */
  readonly request: readonly MigrationChange[];
  /** What to expect otherwise. */
  readonly response: readonly MigrationChange[];
}

export interface Migration {
  readonly base: HeaderRecord;
  readonly head: HeaderRecord;
  readonly steps: readonly MigrationStep[];
  /** Steps that only one of the two has or has run. */
  readonly onlyBase: readonly string[];
  readonly onlyHead: readonly string[];
}

export interface FlowDigest {
  readonly header: HeaderRecord;
  readonly walks: ReadonlyMap<string, { readonly address: string; readonly exchange: RecordedExchange; readonly record: CaseRecord }>;
}

/** Takes the cases that walk a flow from a report. */
export async function digestFlows(records: AsyncIterable<ReportRecord> | Iterable<ReportRecord>): Promise<FlowDigest> {
  let header: HeaderRecord | undefined;
  const walks = new Map<string, { address: string; exchange: RecordedExchange; record: CaseRecord }>();
  let flowOf = new Map<string, string>();
  for await (const record of records) {
    if (record.type === 'header') {
      header = record;
      flowOf = new Map(
        Object.values(record.flows ?? {}).flatMap((flows) => Object.entries(flows).map(([flow, address]) => [address, flow])),
      );
    } else if (record.type === 'case') {
      const flow = flowOf.get(record.address);
      const exchange = record.steps.findLast(({ kind, exchanges }) => kind === 'request' && exchanges.length > 0)?.exchanges[0];
      if (flow !== undefined && exchange !== undefined) walks.set(flow, { address: record.address, exchange, record });
    }
  }
  if (header === undefined) throw new TypeError('the stream has no header');
  return { header, walks };
}

/** Joins two reports by their flows. */
export function migrate(base: FlowDigest, head: FlowDigest): Migration {
  const steps = [...base.walks].flatMap(([flow, before]): MigrationStep[] => {
    const after = head.walks.get(flow);
    if (after === undefined) return [];
    return [
      {
        flow,
        before: before.address,
        after: after.address,
        request: compareRequests(before.exchange.request, after.exchange.request),
        response: compareResponses(before.record, after.record),
      },
    ];
  });
  return {
    base: base.header,
    head: head.header,
    steps,
    onlyBase: [...base.walks.keys()].filter((flow) => !head.walks.has(flow)),
    onlyHead: [...head.walks.keys()].filter((flow) => !base.walks.has(flow)),
  };
}

function compareRequests(before: RecordedRequest, after: RecordedRequest): MigrationChange[] {
  const facts = (request: RecordedRequest): Map<string, string> => {
    const url = new URL(request.url, 'http://unknown');
    const form = formOf(request);
    return new Map([
      ['method', request.method],
      ['path', url.pathname],
      ...[...url.searchParams].map(([name, value]): [string, string] => [`query ${name}`, value]),
      ...request.headers
        .filter(([name]) => !/^(user-agent|host|content-length|connection)$/i.test(name))
        .map(([name, value]): [string, string] => [`header ${name}`, value]),
      ...form.map(([name, value]): [string, string] => [`parameter ${name}`, value]),
    ]);
  };
  return differences(facts(before), facts(after));
}

function formOf(request: RecordedRequest): [string, string][] {
  const type = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const text = request.body?.text;
  if (text === undefined || text === '') return [];
  return /x-www-form-urlencoded/i.test(type) ? [...new URLSearchParams(text)] : [['(body)', text]];
}

function compareResponses(before: CaseRecord, after: CaseRecord): MigrationChange[] {
  const last = (record: CaseRecord) => [...shapesOf(record)].findLast(([name]) => !name.includes('['))?.[1] ?? new Map<string, string>();
  // What only proves the success stands behind the step that matters: the first own step is the one to compare.
  const own = (record: CaseRecord) => {
    const step = record.steps.findLast(({ kind, exchanges }) => kind === 'request' && exchanges.length > 0);
    return step === undefined ? last(record) : (shapesOf({ ...record, steps: [step] }).get(step.name) ?? last(record));
  };
  const named = (shape: ReadonlyMap<string, string>) =>
    new Map(
      [...shape].map(([fact, value]) => [
        fact.replace(/^(type|text|lifetime) /, (_, kind: string) => (kind === 'type' ? 'member ' : 'value of ')),
        value,
      ]),
    );
  return differences(named(own(before)), named(own(after)));
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): MigrationChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
    const [was, is] = [before.get(what), after.get(what)];
    if (was === is || (isPlaceholder(was) && isPlaceholder(is))) return [];
    return [{ what, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
  });
}

function isPlaceholder(value: string | undefined): boolean {
  return value !== undefined && /\{\{[^}]+\}\}/.test(value);
}
