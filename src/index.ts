/**
 * `drupal-auth-conformance`: runs the conformance cases from your own program.
 *
 * @module
 */
import type { Catalogue } from './model/catalogue.ts';
import type { ReportRecord } from './model/record.ts';
import type { Target, TargetFile } from './model/target.ts';
import type { Witness } from './model/verdict.ts';
import { addTargetSecrets } from './redact/target-secrets.ts';
import { Vault } from './redact/vault.ts';
import { createEffects } from './run/effects.ts';
import { run as runPlanned } from './run/run.ts';
import { loadShipped, loadWithUser } from './spec/catalogue.ts';
import { selectCases } from './spec/select.ts';
import { nameApart } from './spec/target-file.ts';
import { UsageError } from './support/error.ts';
import { checkArgument, texts } from './support/options.ts';
import { checkRunOptions, checkTarget } from './options.ts';
import { version } from './generated/version.js';

export type { Catalogue, CatalogueCase, Clause, Profile } from './model/catalogue.ts';
export type { CaseRecord, Finding, FooterRecord, HeaderRecord, JudgedCheck, Mismatch, ReportRecord } from './model/record.ts';
export type { TargetFile } from './model/target.ts';
export type { Level, Verdict, Witness } from './model/verdict.ts';
export { compare, digestFlows, digestRun, migrate, readReport, renderComparison, renderMigration } from './reports.ts';
export type { CaseDigest, Comparison, QuietChange, RunDigest, VerdictChange } from './compare/compare.ts';
export type { FlowDigest, Migration, MigrationChange, MigrationStep } from './compare/migrate.ts';
export type { ComparisonFormat } from './compare/render.ts';
export type { ReadOptions } from './report/stream.ts';
export { DacError, HarnessError, ReportError, SpecError, TargetError, UsageError } from './support/error.ts';

export interface RunOptions {
  /** One target, or several: those on different hosts are run side by side. */
  readonly target: TargetFile | readonly TargetFile[];
  /** Addresses (prefix or glob) of the cases to run. Default: all of the target's profiles. */
  readonly select?: readonly string[];
  /** Folders with your own specs beside the shipped ones. */
  readonly specs?: readonly string[];
  /** A warn fails. */
  readonly strict?: boolean;
  /** Narrows the authorities to one. */
  readonly witness?: Witness;
  readonly readOnly?: boolean;
  /** Seed of generated values. Default 1. */
  readonly seed?: number;
  /** Cases in flight at once on each target. */
  readonly concurrency?: number;
  /** Requests in flight at once on all targets together. Default 32. */
  readonly totalConcurrency?: number;
  readonly repeat?: number;
  /** Stop at the first failure. */
  readonly bail?: boolean;
  /** Longest wait for a token to expire. Default 120. */
  readonly maxWaitSeconds?: number;
  /** Ends the run early: cases in flight are dropped, and the footer says that the report is cut. */
  readonly signal?: AbortSignal;
}

/**
 * Loads the shipped specs, with your own folders beside them.
 *
 * @throws UsageError when `specs` is no array of paths; SpecError with every problem of a folder.
 */
export async function loadSpecs(specs: readonly string[] = []): Promise<Catalogue> {
  checkArgument('loadSpecs', 'specs', specs, texts);
  return await (specs.length === 0 ? loadShipped() : loadWithUser(specs));
}

/**
 * Runs the cases and yields the records of the report: header, one record per case, footer. Secrets of the target are masked in them.
 *
 * @example
 * ```ts
 * for await (const record of run({ target })) {
 *   if (record.type === 'case' && record.verdict === 'fail') console.log(record.address, record.title);
 * }
 * ```
 * @throws UsageError when an option or a key of a target is wrong (it names the key), or when the selection leaves nothing; SpecError when specs
 *   are wrong.
 */
export async function* run(options: RunOptions): AsyncGenerator<ReportRecord, void, undefined> {
  checkRunOptions(options);
  const catalogue = await loadSpecs(options.specs);
  const profileNames = Object.keys(catalogue.profiles);
  const files: TargetFile[] = [];
  if (Array.isArray(options.target)) {
    for (const [index, one] of options.target.entries()) files.push(await checkTarget(one, `target[${index}]`, profileNames));
  } else files.push(await checkTarget(options.target, 'target', profileNames));
  if (files.length === 0) throw new UsageError('run: the option "target" is an empty array');
  const targets = nameApart(files.map(normalize));
  const vault = new Vault();
  for (const target of targets) addTargetSecrets(vault, target);
  const selectors = options.select ?? [];
  const profiles = new Set(targets.flatMap((target) => target.profiles));
  const selected = selectors.length === 0 ? catalogue.cases : (await selectCases(catalogue, selectors)).map(({ case: one }) => one);
  const cases = selected.filter(({ profile }) => profiles.has(profile));
  if (cases.length === 0) {
    throw new UsageError(`run: no case of ${[...profiles].join(', ')} is selected`, { remedy: 'the option "select" of these profiles.' });
  }
  yield* runPlanned(
    {
      catalogue,
      cases,
      targets,
      selectors,
      suite: { name: 'drupal-auth-conformance', version },
      seed: options.seed ?? 1,
      strict: options.strict ?? false,
      ...(options.witness === undefined ? {} : { witness: options.witness }),
      readOnly: options.readOnly ?? false,
      repeat: options.repeat ?? 1,
      bail: options.bail ?? false,
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      ...(options.totalConcurrency === undefined ? {} : { totalConcurrency: options.totalConcurrency }),
      maxWaitSeconds: options.maxWaitSeconds ?? 120,
      signal: options.signal ?? new AbortController().signal,
    },
    createEffects(vault, { env: process.env }),
  );
}

function normalize({ profile, ...file }: TargetFile): Target {
  return { ...file, name: file.name ?? new URL(file.baseUrl).host, profiles: [profile].flat() };
}
