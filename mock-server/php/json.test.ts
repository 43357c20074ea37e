import { describe, expect, it } from 'vitest';
import { phpJson, phpJsonHex, phpJsonPretty } from './json.ts';

describe('json_encode', () => {
  it('escapes slashes and everything beyond ASCII', () => {
    expect(phpJson({ a: 'x/y', b: 'ü€😀' })).toBe('{"a":"x\\/y","b":"\\u00fc\\u20ac\\ud83d\\ude00"}');
  });

  it('escapes quotes, apostrophes, ampersands and angle brackets where the hex flags are set', () => {
    expect(phpJsonHex({ a: `'"&<>` })).toBe('{"a":"\\u0027\\u0022\\u0026\\u003C\\u003E"}');
  });

  it('keeps escaped backslashes apart from quotes', () => {
    expect(JSON.parse(phpJsonHex({ a: '\\"\\' }))).toEqual({ a: '\\"\\' });
  });

  it('indents by four blanks', () => {
    expect(phpJsonPretty({ a: 1 })).toBe('{\n    "a": 1\n}');
  });
});
