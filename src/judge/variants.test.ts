import { describe, expect, it } from 'vitest';
import type { JudgedAlternative, JudgedCheck } from '../model/record.ts';
import { conflictOf, readingOf, type Reading } from './variants.ts';

const reading = (address: string, ...ranges: string[]): Reading => ({ address, ranges });

describe('readings of versions', () => {
  it.each([
    [[], undefined],
    [[reading('a', '>=6')], undefined],
    [
      [reading('a', '>=6'), reading('b', '<6')],
      ['a', 'b'],
    ],
    [[reading('a', '>=6'), reading('b', '<6.1')], undefined],
    [[reading('a', '>=2.1'), reading('b', '<2.0.13', '>=3')], undefined],
    [
      [reading('a', '>=2.1 <3'), reading('b', '<2.0.13', '>=3')],
      ['a', 'b'],
    ],
    [[reading('a', '6.0'), reading('b', '6.x')], undefined],
    [
      [reading('a', '6.0'), reading('b', '6.1')],
      ['a', 'b'],
    ],
    [
      [reading('a', '1', '2'), reading('b', '2', '3'), reading('c', '1', '3')],
      ['a', 'b', 'c'],
    ],
    [
      [reading('a', '<=8.x-1.13'), reading('b', '>1.13')],
      ['a', 'b'],
    ],
  ])('are united by a version, or conflict: %j', (readings, expected) => {
    expect(conflictOf(readings)?.map(({ address }) => address)).toEqual(expected);
  });

  const alternative = (matched: boolean, versions?: string, authority = true): JudgedAlternative => ({
    clauses: ['d/c'],
    witness: 'observed',
    authority,
    matched,
    mismatches: [],
    ...(versions !== undefined && { versions }),
  });
  const check = (alternatives: JudgedAlternative[], level: JudgedCheck['level'] = 'must'): JudgedCheck => ({
    name: 'status',
    level,
    verdict: 'pass',
    clauses: [],
    mismatches: [],
    alternatives,
  });

  it.each([
    ['only what matched', check([alternative(true, '>=6'), alternative(false, '<6')]), ['>=6']],
    ['nothing when a variant of every version matched', check([alternative(true, '>=6'), alternative(true)]), undefined],
    ['nothing when none matched', check([alternative(false, '>=6')]), undefined],
    ['what no authority says too', check([alternative(true, '>=6', false), alternative(true, '<5')]), ['>=6', '<5']],
    ['nothing of what a target is free to do', check([alternative(true, '>=6')], 'may'), undefined],
  ])('read %s', (_, judged, expected) => {
    expect(readingOf('a', judged)?.ranges).toEqual(expected);
  });
});
