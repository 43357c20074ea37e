import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiOnly, columnsOf, cutTo, duration, shorten, visible, wrap } from './text.ts';

describe('visible', () => {
  it.each([
    ['\u001b[31mred', '\\x1b[31mred'],
    ['a\r\n\tb', 'a\\r\\n\\tb'],
    ['\u202eexe.gpj\u2066', '\\u202eexe.gpj\\u2066'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['half \ud83d', 'half \\ud83d'],
    ['\u009b31m', '\\x9b31m'],
    ['\u{e0041}', '\\u{e0041}'],
    ['Füße 日本 😀', 'Füße 日本 😀'],
  ])('shows %j as %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves nothing that a terminal acts on, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex
        expect(visible(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(asciiOnly(visible(text))).toMatch(/^[ -~]*$/);
      }),
    );
  });
});

describe('columns', () => {
  it('counts wide characters twice and combining marks not at all', () => {
    expect(columnsOf('日本')).toBe(4);
    expect(columnsOf('e\u0301')).toBe(1);
    expect(cutTo('日本語', 5)).toBe('日本…');
  });

  it('wraps to the width, and loses nothing but spaces at the breaks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite', maxLength: 200 }), fc.integer({ min: 16, max: 60 }), (text, columns) => {
        const clean = visible(text);
        const lines = wrap(clean, columns);
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(clean.replaceAll(' ', ''));
      }),
    );
  });

  it('shortens a long value in its middle and says by how much', () => {
    const short = shorten('x'.repeat(5000), 100);
    expect(short.length).toBeLessThan(110);
    expect(short).toContain('4924 more');
    expect(shorten('short', 100)).toBe('short');
  });
});

describe('duration', () => {
  it.each([
    [0.4, '0 ms'],
    [380, '380 ms'],
    [999.7, '1.0 s'],
    [1234, '1.2 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [3_780_000, '1 h 3 min'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});
