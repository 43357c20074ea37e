/**
 * Checks what a program hands to the library: every slip names its key, what was found and what was expected.
 *
 * @module
 */
import type { TargetFile } from './model/target.ts';
import { targetSchema } from './model/target.ts';
import { witnesses } from './model/verdict.ts';
import { loadGuards } from './spec/guards.ts';
import { UsageError } from './support/error.ts';
import { didYouMean, listOf } from './support/suggest.ts';

interface Rule {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const flag: Rule = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
const texts: Rule = {
  expected: 'an array of strings',
  holds: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
};
const authorities = witnesses.filter((one) => one !== 'invariant');

function wholeNumber(min: number): Rule {
  return { expected: `a whole number, ${min} or more`, holds: (value) => Number.isSafeInteger(value) && (value as number) >= min };
}

const optionRules: Readonly<Record<string, Rule>> = {
  target: { expected: 'a target, or an array of targets', holds: (value) => typeof value === 'object' && value !== null },
  select: texts,
  specs: texts,
  strict: flag,
  witness: { expected: `one of ${listOf(authorities, 'or')}`, holds: (value) => (authorities as readonly unknown[]).includes(value) },
  readOnly: flag,
  seed: wholeNumber(0),
  concurrency: wholeNumber(1),
  repeat: wholeNumber(1),
  bail: flag,
  maxWaitSeconds: { expected: 'a number, 0 or more', holds: (value) => typeof value === 'number' && value >= 0 },
  signal: { expected: 'an AbortSignal', holds: (value) => value instanceof AbortSignal },
};

/**
 * Checks the options of `run`, apart from what stands in the targets.
 *
 * @throws UsageError for the first key that is unknown, missing or of a wrong type.
 */
export function checkRunOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new UsageError(`run: expected an object with the key "target", found ${shown(options)}`);
  }
  const names = Object.keys(optionRules);
  for (const [key, value] of Object.entries(options)) {
    const rule = optionRules[key];
    if (rule === undefined) {
      throw new UsageError(
        `run: unknown option "${key}".${didYouMean(key, names) || ` Options are ${listOf(names, 'and', names.length)}.`}`,
      );
    }
    if (value !== undefined && !rule.holds(value)) {
      throw new UsageError(`run: the option "${key}" must be ${rule.expected}, found ${shown(value, key === 'target')}`);
    }
  }
  if ((options as { target?: unknown }).target === undefined) {
    throw new UsageError('run: the option "target" is missing', { remedy: 'target: { profile, baseUrl, clients, users }.' });
  }
}

/**
 * Checks what a program gives as a target. Values are never shown: any of them may be a secret under a misspelt key.
 *
 * @param where how the target is called in messages, e.g. `target` or `target[1]`
 * @throws UsageError that names the key.
 */
export async function checkTarget(target: unknown, where: string, profiles: readonly string[]): Promise<TargetFile> {
  const { target: guard } = await loadGuards();
  if (!guard(target)) {
    const [error] = guard.errors ?? [];
    if (error === undefined) throw new UsageError(`run: ${where} is no target`);
    const path = error.instancePath
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const at = (more: readonly string[] = []) => [where, ...path, ...more].join('.');
    if (error.keyword === 'additionalProperties') {
      const key = String(error.params['additionalProperty']);
      throw new UsageError(`run: unknown key "${at([key])}".${didYouMean(key, keysAt(path))}`);
    }
    if (error.keyword === 'required') throw new UsageError(`run: the key "${at([String(error.params['missingProperty'])])}" is missing`);
    throw new UsageError(`run: the key "${at()}" ${error.message ?? 'is wrong'}, found ${kindOf(valueAt(target, path))}`);
  }
  const checked: TargetFile = target;
  if (!/^https?:$/.test(new URL(checked.baseUrl).protocol)) {
    throw new UsageError(`run: the key "${where}.baseUrl" must be an http or https address`);
  }
  for (const profile of [checked.profile].flat()) {
    if (profiles.includes(profile)) continue;
    throw new UsageError(
      `run: the key "${where}.profile" names no profile: "${profile}".${didYouMean(profile, profiles) || ` There are ${listOf(profiles, 'and')}.`}`,
    );
  }
  return checked;
}

/** Keys that the schema of a target knows at a path, for "Did you mean". */
function keysAt(path: readonly string[]): string[] {
  let schema: SchemaPart | undefined = targetSchema as SchemaPart;
  for (const part of path) schema = schema?.properties?.[part] ?? (schema?.additionalProperties || schema?.items);
  return Object.keys(schema?.properties ?? {});
}

interface SchemaPart {
  readonly properties?: Readonly<Record<string, SchemaPart>>;
  readonly additionalProperties?: SchemaPart | false;
  readonly items?: SchemaPart;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function shown(value: unknown, isPrivate = false): string {
  return !isPrivate && (typeof value === 'string' || typeof value === 'number')
    ? `${kindOf(value)} ${JSON.stringify(value)}`
    : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
