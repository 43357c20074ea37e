import { expect, it } from 'vitest';
import { inRange } from './scope.ts';

it.each([
  ['2.1.0', '>=2.0.13', true],
  ['2.0.10', '>=2.0.13', false],
  ['8.x-1.13', '<2', true],
  ['8.x-1.13', '1.13', true],
  ['6.0.9', '6.x', true],
  ['6.1.0', '6.0', false],
  ['2.0.18', '>=2.0.13 <2.1', true],
  ['2.1.0', '>=2.0.13 <2.1', false],
  ['5.2.2', '6.x || 5.x', true],
  ['10.5.5', '>=10.5', true],
])('version %s in range "%s" is %s', (version, range, expected) => {
  expect(inRange(version, range)).toBe(expected);
});

it('cannot tell without a version', () => {
  expect(inRange(undefined, '>=1')).toBeUndefined();
});
