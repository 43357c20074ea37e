import { describe, expect, it } from 'vitest';
import { deepestJson, isTooDeep, parseShallowJson, TooDeepError } from './json-depth.ts';

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('JSON that is nested', () => {
  it('as deep as allowed is parsed', () => {
    expect(isTooDeep(parseShallowJson(nested(deepestJson)))).toBe(false);
    expect(parseShallowJson('{"a":[1,{"b":null}]}')).toEqual({ a: [1, { b: null }] });
  });

  it.each([deepestJson + 2, 1_000_000])('%d levels deep is refused without overflowing the stack', (levels) => {
    expect(() => parseShallowJson(nested(levels))).toThrow(TooDeepError);
    expect(() => parseShallowJson(`{"a":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`)).toThrow('nested deeper than 1024 levels');
  });

  it('wide but flat is no problem', () => {
    expect(isTooDeep(Array.from({ length: 300_000 }, () => [1]))).toBe(false);
  });
});
