import { describe, expect, it } from 'vitest';
import { matchJson, matchText } from './match.ts';

describe('a partial match', () => {
  it('ignores members that are not expected and names every one that differs', () => {
    const actual = { status: 'error', error: 'OTHER', http_code: '401', extra: 1 };
    expect(matchJson({ status: 'error', error: 'INVALID_CREDENTIALS', missing: 1 }, actual)).toEqual([
      { at: '/error', expected: '"INVALID_CREDENTIALS"', actual: '"OTHER"' },
      { at: '/missing', expected: '1', actual: 'absent' },
    ]);
  });

  it('tells a string from a number', () => {
    expect(matchJson({ a: 401 }, { a: '401' })).toEqual([{ at: '/a', expected: '401', actual: '"401"' }]);
  });

  it('escapes a member name in its pointer', () => {
    expect(matchJson({ 'a/b': 1 }, {})[0]?.at).toBe('/a~1b');
  });

  it('compares arrays element by element and by length', () => {
    expect(matchJson([{ value: 2 }], [{ value: 2, extra: 1 }])).toEqual([]);
    expect(matchJson([{ value: 2 }], [{ value: 3 }, {}]).map(({ at, expected }) => [at, expected])).toEqual([
      ['', '1 items'],
      ['/0/value', '2'],
    ]);
  });
});

describe('matchers', () => {
  it.each([
    [{ equals: 401 }, '401'],
    [{ equals: '401' }, 401],
    [{ type: 'string' }, 'x'],
    [{ type: ['integer', 'null'] }, null],
    [{ matches: '^[a-z]+$' }, 'abc'],
    [{ oneOf: ['a', 'b'] }, 'b'],
    [{ min: 1, max: 3 }, '2'],
    [{ startsWith: 'application/json' }, 'Application/JSON; charset=UTF-8'],
    [{ contains: 'b' }, ['a', 'b']],
    [{ length: { min: 2 } }, 'ab'],
    [{ present: true }, null],
    [{ not: 'x' }, 'y'],
  ])('%j holds for %j', (expected, actual) => {
    expect(matchJson({ a: expected }, { a: actual })).toEqual([]);
  });

  it.each([
    [{ equals: 401 }, 400, '401'],
    [{ equals: true }, 'true', 'true'],
    [{ type: 'integer' }, 1.5, 'an integer'],
    [{ matches: '^[a-z]+$' }, 5, 'text matching /^[a-z]+$/'],
    [{ oneOf: ['a', 'b'] }, 'c', '"a" or "b"'],
    [{ min: 1 }, 'abc', 'at least 1'],
    [{ absent: true }, 'x', 'absent'],
    [{ not: 'x' }, 'x', 'not "x"'],
  ])('%j does not hold for %j, and says so', (expected, actual, described) => {
    expect(matchJson({ a: expected }, { a: actual })).toEqual([{ at: '/a', expected: described, actual: JSON.stringify(actual) }]);
  });

  it('an absent member satisfies only absent', () => {
    expect(matchJson({ a: { absent: true } }, {})).toEqual([]);
    expect(matchJson({ a: { not: 'x' } }, {})).toEqual([{ at: '/a', expected: 'not "x"', actual: 'absent' }]);
  });
});

describe('text', () => {
  it('null expects that it is absent', () => {
    expect(matchText(null, undefined, 'header X')).toEqual([]);
    expect(matchText(null, 'a', 'header X')).toEqual([{ at: 'header X', expected: 'absent', actual: '"a"' }]);
  });
});

describe('a long value', () => {
  it('shows no part of a token that was cut, since nobody could mask it', () => {
    const token = 'Zm9v'.repeat(120);
    const [mismatch] = matchJson({ a: { absent: true } }, { a: token });
    expect(mismatch?.actual).toBe(`"Zm9vZm9v… (482 characters)`);
    const inside = matchJson('x', { text: 'word '.repeat(50), token })[0]?.actual;
    expect(inside).toMatch(/word "?,"token":"Zm9vZm9v… \(\d+ characters\)$/);
  });

  it('keeps what stands before the cut', () => {
    const text = 'a sentence of words. '.repeat(30);
    expect(matchText('x', text, 'body')[0]?.actual).toHaveLength(300 + '… (632 characters)'.length);
  });
});
