/**
 * A light guard for records read back from a file: every field that a reporter relies on has its type. Unknown fields are allowed, so that
 * a report of a newer minor version can be read.
 *
 * @module
 */
import type { ReportRecord } from '../model/record.ts';
import { failureKinds } from '../model/exchange.ts';
import { levels, verdicts, witnesses } from '../model/verdict.ts';

export interface RecordProblem {
  /** JSON pointer into the record. */
  readonly at: string;
  readonly found: string;
  readonly expected: string;
}

type Shape =
  | 'string'
  | 'number'
  | 'count'
  | 'boolean'
  | { readonly one: readonly string[] }
  | { readonly list: Shape }
  | { readonly tuple: readonly Shape[] }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>>; readonly optional?: Readonly<Record<string, Shape>> };

const strings: Shape = { list: 'string' };
const witness: Shape = { one: witnesses };
const totals: Shape = { fields: { ...Object.fromEntries(verdicts.map((verdict) => [verdict, 'count' as const])), waived: 'count' } };
const headers: Shape = { list: { tuple: ['string', 'string'] } };
const body: Shape = { fields: { bytes: 'count' }, optional: { text: 'string', base64: 'string', truncated: 'boolean' } };

const exchange: Shape = {
  fields: {
    request: { fields: { method: 'string', url: 'string', headers }, optional: { body, raw: 'boolean' } },
    timing: { fields: { startedMs: 'number', endedMs: 'number' }, optional: { firstByteMs: 'number' } },
  },
  optional: {
    response: { fields: { httpVersion: 'string', status: 'number', reason: 'string', headers, body } },
    failure: { fields: { kind: { one: failureKinds }, message: 'string' } },
  },
};

const mismatches: Shape = { list: { fields: { at: 'string', expected: 'string', actual: 'string' } } };

const check: Shape = {
  fields: { name: 'string', level: { one: levels }, verdict: { one: verdicts }, clauses: strings, mismatches },
  optional: {
    alternatives: {
      list: {
        fields: { clauses: strings, witness, authority: 'boolean', matched: 'boolean', mismatches },
        optional: { versions: 'string' },
      },
    },
    message: 'string',
    waived: { fields: { reason: 'string', expires: 'string' }, optional: { link: 'string' } },
    fingerprint: 'string',
    line: 'count',
  },
};

const shapes: Readonly<Record<ReportRecord['type'], Shape>> = {
  header: {
    fields: {
      format: 'string',
      suite: { fields: { name: 'string', version: 'string' } },
      specs: 'string',
      node: 'string',
      startedAt: 'string',
      seed: 'number',
      options: {
        fields: { selectors: strings, strict: 'boolean', readOnly: 'boolean', repeat: 'count' },
        optional: { witness, shard: 'string' },
      },
      targets: {
        list: {
          fields: { name: 'string', baseUrl: 'string', profiles: strings },
          optional: {
            version: { fields: { value: 'string', from: { one: ['declared', 'inferred'] } }, optional: { evidence: 'string' } },
            drupal: 'string',
            server: 'string',
            edition: 'string',
            order: 'count',
          },
        },
      },
      clauses: { map: { fields: { says: 'string', witness, keyword: { one: levels } }, optional: { url: 'string', section: 'string' } } },
    },
    optional: {
      deviations: { map: strings },
      registers: { map: { fields: { title: 'string', clauses: 'count', excluded: { map: 'string' } } } },
      planned: { map: { map: 'count' } },
      flows: { map: { map: 'string' } },
    },
  },
  case: {
    fields: {
      target: 'string',
      address: 'string',
      profile: 'string',
      title: 'string',
      file: 'string',
      line: 'count',
      clauses: strings,
      verdict: { one: verdicts },
      steps: {
        list: {
          fields: { name: 'string', kind: { one: ['request', 'wait', 'fixture'] }, exchanges: { list: exchange }, checks: { list: check } },
          optional: { note: 'string', fixture: 'string' },
        },
      },
      startedMs: 'number',
      durationMs: 'number',
    },
    optional: {
      order: 'count',
      reason: 'string',
      why: 'string',
      expiry: {
        fields: { method: { one: ['clock', 'wait', 'fixture'] } },
        optional: {
          advertisedSeconds: 'number',
          configuredSeconds: 'number',
          lastAcceptedSeconds: 'number',
          firstRefusedSeconds: 'number',
          skewSeconds: 'number',
        },
      },
      runs: { map: 'count' },
    },
  },
  footer: {
    fields: {
      cases: totals,
      checks: totals,
      findings: {
        list: {
          fields: { id: 'string', title: 'string', verdict: { one: verdicts }, checks: strings },
          optional: {
            target: 'string',
            remedy: 'string',
            confidence: { one: ['certain', 'likely', 'possible'] },
            evidence: { list: exchange },
            link: 'string',
          },
        },
      },
      durationMs: 'number',
      requests: 'count',
      exitCode: 'count',
    },
    optional: { cut: 'string' },
  },
};

/** The first thing that is wrong with a record, or undefined. */
export function checkRecord(value: unknown): RecordProblem | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { at: 'the line', found: describe(value), expected: 'a record' };
  const type = (value as { type?: unknown }).type;
  const shape = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type as ReportRecord['type']] : undefined;
  if (shape === undefined) return { at: '/type', found: describe(type), expected: '"header", "case" or "footer"' };
  return check1(value, shape, '');
}

function check1(value: unknown, shape: Shape, at: string): RecordProblem | undefined {
  if (typeof shape === 'string') return checkScalar(value, shape, at);
  if ('one' in shape) {
    return typeof value === 'string' && shape.one.includes(value)
      ? undefined
      : { at, found: describe(value), expected: `one of ${shape.one.join(', ')}` };
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) return { at, found: describe(value), expected: 'a list' };
    return firstOf(value, (item, index) => check1(item, shape.list, `${at}/${index}`));
  }
  if ('tuple' in shape) {
    if (!Array.isArray(value) || value.length !== shape.tuple.length)
      return { at, found: describe(value), expected: `a list of ${shape.tuple.length}` };
    return firstOf(shape.tuple, (item, index) => check1(value[index], item, `${at}/${index}`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { at: at === '' ? 'the line' : at, found: describe(value), expected: 'an object' };
  const object = value as Record<string, unknown>;
  if ('map' in shape) return firstOf(Object.keys(object), (key) => check1(object[key], shape.map, `${at}/${key}`));
  const { fields, optional = {} } = shape;
  return (
    firstOf(Object.keys(fields), (key) => check1(object[key], fields[key] as Shape, `${at}/${key}`)) ??
    firstOf(Object.keys(optional), (key) =>
      object[key] === undefined ? undefined : check1(object[key], optional[key] as Shape, `${at}/${key}`),
    )
  );
}

function checkScalar(value: unknown, shape: 'string' | 'number' | 'count' | 'boolean', at: string): RecordProblem | undefined {
  if (shape === 'count') {
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? undefined
      : { at, found: describe(value), expected: 'a whole number, 0 or more' };
  }
  if (shape === 'number') return typeof value === 'number' ? undefined : { at, found: describe(value), expected: 'a number' };
  return typeof value === shape ? undefined : { at, found: describe(value), expected: `a ${shape}` };
}

function firstOf<T>(items: readonly T[], look: (item: T, index: number) => RecordProblem | undefined): RecordProblem | undefined {
  for (const [index, item] of items.entries()) {
    const problem = look(item, index);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return `the ${typeof value === 'object' ? 'value' : typeof value} ${text.length > 40 ? `${text.slice(0, 40)}…` : text}`;
}
