import { describe, expect, it } from 'vitest';
import { readAsMinutes, unitSlip } from './lifetime.ts';

describe('unitSlip', () => {
  it.each([
    [3600, 60, /60 times as many: a number of seconds was taken for minutes/],
    [3599, 60, /60 times as many/],
    [60, 3600, /a sixtieth: a number of minutes was announced as seconds/],
    [5, 300, /a sixtieth/],
  ])('names the slip of %d s announced for %d s configured', (advertised, configured, words) => {
    expect(unitSlip(advertised, configured)).toMatch(words);
  });

  it.each([
    [60, 60],
    [59, 60],
    [3601, 60],
    [3500, 60],
    [300, 60],
    [0, 60],
    [60, 0],
    [1, 2],
  ])('sees none in %d s announced for %d s configured', (advertised, configured) => {
    expect(unitSlip(advertised, configured)).toBeUndefined();
  });
});

describe('readAsMinutes', () => {
  it.each([
    [60, 3600, 3600],
    [1, 60, 60],
    [60, 60, 60],
    [3600, 60, 3600],
    [59, 3600, 59],
    [60, undefined, 60],
  ])('takes %d, with %d s configured, for %d s', (advertised, configured, seconds) => {
    expect(readAsMinutes(advertised, configured)).toBe(seconds);
  });
});
