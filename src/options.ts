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
import { checkOptions, flag, kindOf, oneOf, texts, wholeNumber, type Rule } from './support/options.ts';
import { didYouMean, listOf } from './support/suggest.ts';

const authorities = witnesses.filter((one) => one !== 'invariant');

const optionRules = {
  target: {
    expected: 'a target, or an array of targets',
    holds: (value) => typeof value === 'object' && value !== null,
    isPrivate: true,
    isRequired: true,
  },
  select: texts,
  specs: texts,
  strict: flag,
  witness: oneOf(authorities),
  readOnly: flag,
  seed: wholeNumber(0),
  concurrency: wholeNumber(1),
  totalConcurrency: wholeNumber(1),
  repeat: wholeNumber(1),
  bail: flag,
  maxWaitSeconds: { expected: 'a number, 0 or more', holds: (value) => typeof value === 'number' && value >= 0 },
  signal: { expected: 'an AbortSignal', holds: (value) => value instanceof AbortSignal },
} as const satisfies Readonly<Record<string, Rule>>;

/**
 * Checks the options of `run`, apart from what stands in the targets.
 *
 * @throws UsageError for the first key that is unknown, missing or of a wrong type.
 */
export function checkRunOptions(options: unknown): void {
  checkOptions('run', options, optionRules);
}

/**
 * Checks the options of `describeConformance`: those of `run` without what a test runner decides.
 *
 * @throws UsageError for the first key that is unknown or of a wrong type.
 */
export function checkConformanceOptions(options: unknown): void {
  const { target: _target, signal: _signal, bail: _bail, ...rules } = optionRules;
  checkOptions('describeConformance', options, rules);
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
