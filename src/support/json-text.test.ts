import { describe, expect, it } from 'vitest';
import { jsonText } from './json-text.ts';

describe('jsonText', () => {
  it('holds no character that a terminal or a line reader acts on, and means the same', () => {
    const value = { a: ['\u009b31m\u007f\u0085', '\u2028\u2029\u202e\u2066', '\u001b[2J\n', 'plain'] };
    const text = jsonText(value);
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    expect(JSON.parse(text)).toEqual(value);
    expect(jsonText({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
  });
});
