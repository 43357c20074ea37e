/**
 * Checks what a program hands to a public function: every slip is a UsageError that names the key, what was found and what was expected.
 *
 * @module
 */
import { UsageError } from './error.ts';
import { didYouMean, listOf } from './suggest.ts';

export interface Rule {
  /** Ends the sentence "must be …". */
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
  /** The value may be a secret, or hold one: only its kind is shown. */
  readonly isPrivate?: boolean;
  readonly isRequired?: boolean;
}

export const flag: Rule = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
export const text: Rule = { expected: 'a string', holds: (value) => typeof value === 'string' };
export const filledText: Rule = { expected: 'a string that is not empty', holds: (value) => typeof value === 'string' && value !== '' };
export const texts: Rule = {
  expected: 'an array of strings',
  holds: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
};
export const callback: Rule = { expected: 'a function', holds: (value) => typeof value === 'function' };
export const finiteNumber: Rule = { expected: 'a number', holds: (value) => Number.isFinite(value) };

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Rule {
  return {
    expected: max === Number.MAX_SAFE_INTEGER ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}`,
    holds: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

export function oneOf(values: readonly string[]): Rule {
  return { expected: `one of ${listOf(values, 'or', values.length)}`, holds: (value) => values.includes(value as string) };
}

/** An object with these methods or properties, whatever else it has. */
export function objectWith(expected: string, ...keys: readonly string[]): Rule {
  return { expected, holds: (value) => typeof value === 'object' && value !== null && keys.every((key) => key in value) };
}

/**
 * Checks an object of options.
 *
 * @param where the function as its caller knows it, e.g. `run`
 * @throws UsageError for the first key that is unknown, of a wrong type or missing.
 */
export function checkOptions(where: string, options: unknown, rules: Readonly<Record<string, Rule>>): void {
  const required = Object.keys(rules).filter((key) => rules[key]?.isRequired === true);
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const keys = required.length === 0 ? 'options' : `the key ${required.map((key) => `"${key}"`).join(' and ')}`;
    throw new UsageError(`${where}: expected an object with ${keys}, found ${shown(options)}`);
  }
  const names = Object.keys(rules);
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      throw new UsageError(
        `${where}: unknown option "${key}".${didYouMean(key, names) || ` Options are ${listOf(names, 'and', names.length)}.`}`,
      );
    }
    if (value !== undefined && !rule.holds(value)) {
      throw new UsageError(`${where}: the option "${key}" must be ${rule.expected}, found ${shown(value, rule.isPrivate)}`);
    }
  }
  const missing = required.find((key) => (options as Readonly<Record<string, unknown>>)[key] === undefined);
  if (missing !== undefined)
    throw new UsageError(`${where}: the option "${missing}" is missing`, { remedy: `${missing}: ${rules[missing]?.expected}.` });
}

/**
 * Checks one argument.
 *
 * @throws UsageError that names it.
 */
export function checkArgument(where: string, name: string, value: unknown, rule: Rule): void {
  if (!rule.holds(value)) throw new UsageError(`${where}: "${name}" must be ${rule.expected}, found ${shown(value, rule.isPrivate)}`);
}

/** A value in a message: what it is, and itself if it is short, plain and no secret. */
export function shown(value: unknown, isPrivate = false): string {
  return !isPrivate && (typeof value === 'string' || typeof value === 'number')
    ? `${kindOf(value)} ${typeof value === 'number' ? String(value) : JSON.stringify(value)}`
    : kindOf(value);
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
