/**
 * What is tried: fast-check for structure and shrinking, Faker (by name) for values as people have them.
 *
 * @module
 */
import fc from 'fast-check';
import type { Edit, Value } from './edits.ts';
import type { Base } from './explore.ts';

export interface Sample {
  readonly base: Base;
  readonly edits: readonly Edit[];
}

/** Texts that have broken servers before: quotes, markup, templates, numbers at a boundary, scripts, invisible characters. */
const nasty: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'true',
  '[]',
  '{}',
  "'",
  '"',
  '\\',
  '%',
  '*',
  "' OR '1'='1",
  "admin' -- ",
  '<script>alert(1)</script>',
  '{{7*7}}',
  '../../etc/passwd',
  '*)(uid=*',
  '%s%n%x',
  '%00',
  '\0',
  '\r\nX-Injected: 1',
  '\u202eabc',
  '\ufeff',
  '\u{1F464}\u{1F511}',
  'Ω',
  'İı',
  '\ud800',
  '9223372036854775808',
  '1e999',
  'NaN',
  'a.b.c',
  'eyJhbGciOiJub25lIn0.e30.',
];

const fakes = ['password', 'username', 'token', 'word', 'uuid', 'email', 'clientId', 'integer'] as const;
const filters = ['reverse', 'double', 'flip-middle', 'flip-first', 'behead', 'pad', 'swapcase', 'base64', 'percent', 'json'] as const;

const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nasty).map((literal): Value => ({ literal })) },
  { weight: 4, arbitrary: fc.constantFrom(...fakes).map((fake): Value => ({ fake })) },
  { weight: 3, arbitrary: fc.constantFrom(...filters).map((derived): Value => ({ derived })) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }).map((literal): Value => ({ literal })) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }).map((literal): Value => ({ literal })) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 6000 }).map((length): Value => ({ literal: 'a'.repeat(length) })) },
);

const field = fc.nat({ max: 11 });
const parameterName = fc.oneof(
  fc.constantFrom('scope', 'state', 'uid', 'username', 'client_id', 'access_token', '_method', 'q', 'destination'),
  fc.string({ maxLength: 12 }),
);

const fieldEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('replace' as const), field, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), field }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), field, value }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('array' as const), field }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), field, how: fc.constantFrom('upper', 'capital', 'hyphen') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('move' as const), field }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('add' as const), where: fc.constantFrom('form', 'query'), name: parameterName, value }),
  },
);

const tokenEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 10, arbitrary: fieldEdit },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('method' as const),
      method: fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('content-type' as const),
      type: fc.constantFrom(
        'application/json',
        'text/plain',
        'multipart/form-data',
        'application/xml',
        'x',
        'application/x-www-form-urlencoded; charset=utf-16',
      ),
    }),
  },
);

/** A protected resource is only read: another method could change it, since a good token may come along. */
const resourceEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 12, arbitrary: fieldEdit },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('method' as const), method: fc.constantFrom('HEAD', 'OPTIONS') }) },
);

export function samples(bases: readonly Base[]): fc.Arbitrary<Sample> {
  const perBase = bases.map((base) => {
    const { body, method } = base.step.request;
    const edit = body?.kind === 'form' ? tokenEdit : method === 'GET' ? resourceEdit : fieldEdit;
    return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits): Sample => ({ base, edits }));
  });
  return fc.oneof(...perBase);
}
