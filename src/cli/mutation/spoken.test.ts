import { describe, expect, it } from 'vitest';
import type { CatalogueCheck, Clause, Expectation, Profile } from '../../model/catalogue.ts';
import type { WireResponse } from '../../model/exchange.ts';
import { absent, Spoken, type Leaf } from './spoken.ts';

const schemas = {
  refusal: {
    type: 'object',
    required: ['error'],
    properties: {
      error: { type: 'string', minLength: 1 },
      hint: { type: 'string' },
      items: { type: 'array', items: { required: ['id'] } },
    },
  },
};
const profile = { schemas } as unknown as Profile;

const response: WireResponse = {
  status: 401,
  httpVersion: '1.1',
  reason: '',
  headers: [['Content-Type', 'application/json']],
  body: Buffer.from(JSON.stringify({ error: 'WRONG_PASSWORD', hint: 'x', http_code: '401', uid: [{ value: 2 }] })),
};

function heard(...expectations: readonly Expectation[]): Spoken {
  const spoken = new Spoken();
  const alternatives = expectations.map((expectation) => ({ clauses: ['a/b'], witness: 'document' as const, expectation }));
  const check: CatalogueCheck = { name: 'check', level: 'must', alternatives, line: 1 };
  spoken.addCheck(check, undefined, profile);
  return spoken;
}

const member = (...at: string[]): Leaf => ({ kind: 'member', at });

describe('what a check says', () => {
  it.each<[string, Expectation, Leaf, unknown, boolean]>([
    ['a literal, another value', { kind: 'json', json: { error: 'A' } }, member('error'), 'B', true],
    ['a literal, no value', { kind: 'json', json: { error: 'A' } }, member('error'), absent, true],
    ['a type, another value', { kind: 'json', json: { error: { type: 'string' } } }, member('error'), 'B', false],
    ['a type, another type', { kind: 'json', json: { error: { type: 'string' } } }, member('error'), 1, true],
    ['a value, another type', { kind: 'json', json: { http_code: { equals: 401 } } }, member('http_code'), 401, false],
    ['presence, another value', { kind: 'json', json: { error: { present: true } } }, member('error'), 1, false],
    ['presence, no value', { kind: 'json', json: { error: { present: true } } }, member('error'), absent, true],
    ['a variable, another value', { kind: 'json', json: { uid: [{ value: { equals: '${id}' } }] } }, member('uid', '0', 'value'), 3, true],
    [
      'a variable, another type',
      { kind: 'json', json: { uid: [{ value: { equals: '${id}' } }] } },
      member('uid', '0', 'value'),
      '2',
      false,
    ],
    ['a comparison with a variable', { kind: 'json', json: { error: { not: { contains: '${id}' } } } }, member('error'), 'B', false],
    ['a schema, no required member', { kind: 'body', schema: 'refusal' }, member('error'), absent, true],
    ['a schema, no optional member', { kind: 'body', schema: 'refusal' }, member('hint'), absent, false],
    ['a schema, another type', { kind: 'body', schema: 'refusal' }, member('hint'), 1, true],
    ['a status, another one', { kind: 'status', status: 401 }, { kind: 'status' }, 403, true],
    ['a class of status, another one of it', { kind: 'status', status: '4xx' }, { kind: 'status' }, 403, false],
    ['a header, another value', { kind: 'header', header: { 'content-type': 'a' } }, { kind: 'header', name: 'Content-Type' }, 'b', true],
    ['something else', { kind: 'status', status: 401 }, member('error'), absent, false],
  ])('%s: %#', (_, expectation, leaf, value, isRuledOut) => {
    const right = leaf.kind === 'member' && leaf.at[0] === 'uid' ? 2 : 'A';
    expect(heard(expectation).rulesOut(leaf, value, right)).toBe(isRuledOut);
  });

  it('counts only where every alternative rules it out', () => {
    const either = heard({ kind: 'status', status: 401 }, { kind: 'status', status: [400, 403] });
    expect(either.rulesOut({ kind: 'status' }, 403, 401)).toBe(false);
    expect(either.rulesOut({ kind: 'status' }, 404, 401)).toBe(true);
    expect(heard({ kind: 'status', status: 401 }, { kind: 'json', json: {} }).rulesOut({ kind: 'status' }, 200, 401)).toBe(false);
  });

  it('names the leaves that the answer has', () => {
    const spoken = heard({ kind: 'json', json: { error: 'A', other: 'B', uid: [{ value: 1 }] } });
    expect(spoken.leavesOf(response)).toEqual([member('error'), member('uid'), member('uid', '0', 'value')]);
  });
});

describe('what a clause says', () => {
  const clause = (says: string): Clause => ({ id: 'a/b', document: 'a', witness: 'document', keyword: 'must', says });
  const leaf = member('http_code');

  it.each([
    ['The member http_code is present.', absent, true],
    ['The member http_code is present.', '500', false],
    ['The member http_code is present and says 401.', '500', true],
    ['The member http_code is a string.', 401, true],
    ['The request has a code.', absent, false],
  ])('%s', (says, value, isRuledOut) => {
    const spoken = new Spoken();
    spoken.addClause(clause(says), response);
    expect(spoken.rulesOut(leaf, value, '401')).toBe(isRuledOut);
  });

  it('takes no word of the language for a member', () => {
    const spoken = new Spoken();
    spoken.addClause(clause('An error is a hint.'), response);
    expect(spoken.leavesOf(response)).toEqual([]);
  });
});
