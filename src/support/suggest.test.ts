import { describe, expect, it } from 'vitest';
import { didYouMean, listOf, nearest } from './suggest.ts';

describe('nearest', () => {
  it.each([
    ['satus', ['status', 'header', 'body'], 'status'],
    ['stauts', ['status', 'header'], 'status'],
    ['STATUS', ['status'], 'status'],
    ['pass', ['password', 'name'], 'password'],
    ['invalid-credential', ['invalid-credentials', 'invalid-client'], 'invalid-credentials'],
  ])('finds the name that "%s" misspells', (found, names, expected) => {
    expect(nearest(found, names)).toBe(expected);
  });

  it.each([
    ['colour', ['status', 'header', 'body']],
    ['x', ['status']],
    ['status', ['status']],
    ['', ['status']],
  ])('finds nothing near "%s"', (found, names) => {
    expect(nearest(found, names)).toBeUndefined();
  });
});

describe('didYouMean', () => {
  it('ends a sentence with the question, or with nothing', () => {
    expect(`unknown key "satus".${didYouMean('satus', ['status'])}`).toBe('unknown key "satus". Did you mean "status"?');
    expect(didYouMean('zebra', ['status'])).toBe('');
  });
});

describe('listOf', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a or b'],
    [['a', 'b', 'c'], 'a, b or c'],
  ])('joins %j', (names, text) => {
    expect(listOf(names, 'or')).toBe(text);
  });

  it('counts what it leaves out', () => {
    expect(listOf(['a', 'b', 'c', 'd'], 'and', 2)).toBe('a, b, … (4 in all)');
  });
});
