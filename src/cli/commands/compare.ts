/**
 * `dac compare`: what changed between two runs.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { compare, digestRun } from '../../compare/compare.ts';
import { digestFlows, migrate } from '../../compare/migrate.ts';
import { renderComparison, renderMigration, type ComparisonFormat } from '../../compare/render.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { readReportFile } from '../../report/stream.ts';
import { UsageError } from '../../support/error.ts';
import { print } from '../console.ts';
import { refuseToReplace } from './outputs.ts';
import { makeFolder } from '../folder.ts';

/** Exits 4 when something broke. */
export async function compareCommand(
  base: string,
  head: string,
  flags: { readonly format: ComparisonFormat; readonly migration: boolean; readonly out?: string },
): Promise<number> {
  if (flags.out !== undefined) refuseToReplace([base, head], [flags.out]);
  if (flags.migration) return migrationCommand(base, head, flags);
  const comparison = compare(await digestRun(readReportFile(base)), await digestRun(readReportFile(head)));
  const text = renderComparison(comparison, flags.format);
  if (flags.out === undefined) await print(text);
  else await save(flags.out, text);
  return comparison.broken.length > 0 ? exitCodes.regression : exitCodes.ok;
}

/** `--migration`: the same flows on two products; it tells, and judges nothing. */
async function migrationCommand(
  base: string,
  head: string,
  flags: { readonly format: ComparisonFormat; readonly out?: string },
): Promise<number> {
  const migration = migrate(await digestFlows(readReportFile(base)), await digestFlows(readReportFile(head)));
  if (migration.steps.length === 0) {
    throw new UsageError('the two reports have no flow in common', {
      remedy: 'reports of whole profiles, e.g. dac run miniorange/oauth and dac run simple-oauth.',
    });
  }
  const text = renderMigration(migration, flags.format);
  if (flags.out === undefined) await print(text);
  else await save(flags.out, text);
  return exitCodes.ok;
}

async function save(out: string, text: string): Promise<void> {
  const file = resolve(out);
  const replaced = existsSync(file) ? ' (replacing the earlier one)' : '';
  try {
    makeFolder(dirname(file));
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`, {
      cause: error,
      remedy: 'another --out.',
    });
  }
  await print(`Comparison: ${out}${replaced}\n`);
}
