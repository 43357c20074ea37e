import { describe, expect, it } from 'vitest';
import { isPassword } from './password.ts';

describe('isPassword', () => {
  it.each([
    ['the same', 'secret', 'secret', true],
    ['another', 'secreT', 'secret', false],
    ['one with a NUL behind it', 'secret\0x', 'secret', true],
    ['only a NUL', '\0', 'secret', false],
    ['one that differs after 72 bytes', `${'a'.repeat(72)}b`, `${'a'.repeat(72)}c`, true],
    ['one that differs before', `${'a'.repeat(71)}b`, `${'a'.repeat(71)}c`, false],
    ['bytes, not characters', `${'ü'.repeat(36)}b`, 'ü'.repeat(36), true],
    ['one that is too long', 'a'.repeat(513), 'a'.repeat(513), false],
    ['an empty one', '', 'secret', false],
  ])('compares %s as bcrypt does', (_, given, set, expected) => {
    expect(isPassword(given, set, 10)).toBe(expected);
  });

  it('takes nothing but the same text on core 9, which does not use bcrypt', () => {
    expect([isPassword('secret', 'secret', 9), isPassword('secret\0', 'secret', 9)]).toEqual([true, false]);
  });
});
