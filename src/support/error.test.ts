import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from './error.ts';

const place = (column: number) => ({ file: 'f.yaml', line: 7, column });

describe('a diagnostic', () => {
  it('shows its line, with a caret under the place', () => {
    expect(formatDiagnostic({ place: place(4), message: 'is wrong', sourceLine: 'a: bcd', length: 3 })).toBe(
      'f.yaml:7:4: is wrong\n  7 | a: bcd\n         ^^^',
    );
  });

  it('shows of a very long line what stands around the place', () => {
    const sourceLine = `${'x'.repeat(10_000)}HERE${'y'.repeat(10_000)}`;
    const text = formatDiagnostic({ place: place(10_001), message: 'z'.repeat(10_000), sourceLine, length: 4 });
    expect(text.length).toBeLessThan(2500);
    const [, line = '', caret = ''] = text.split('\n');
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
    expect(line).toMatch(/^ {2}7 \| …x+HEREy+…$/);
  });
});
