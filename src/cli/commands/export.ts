/**
 * `dac export`: the catalogue for other tools.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { exportCurl } from '../../export/curl.ts';
import { exportOpenApi } from '../../export/openapi.ts';
import { exportPostman } from '../../export/postman.ts';
import type { ExportSource, LeftOut } from '../../export/walk.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import type { CatalogueCase, Profile } from '../../model/catalogue.ts';
import type { Target } from '../../model/target.ts';
import { budgetOf } from '../../run/run.ts';
import { planCases, profileOn } from '../../run/plan.ts';
import { createFakes } from '../../spec/fake.ts';
import { readTargetFile } from '../../spec/target-file.ts';
import { UsageError } from '../../support/error.ts';
import { print, printError } from '../console.ts';
import { makeFolder } from '../folder.ts';
import { version } from '../version.ts';
import { loadCatalogue, select } from './catalogue.ts';

export type ExportFormat = 'postman' | 'openapi' | 'curl';

export interface ExportFlags {
  readonly target?: string;
  readonly out?: string;
  readonly specs: readonly string[];
}

/** Writes to a file, or to standard output; a Postman environment is written beside its collection. */
export async function exportCommand(format: ExportFormat, selectors: readonly string[], flags: ExportFlags): Promise<number> {
  const source = await sourceOf(selectors, flags);
  if (format === 'curl') await save(flags.out, await exportCurl(source));
  else if (format === 'openapi') await save(flags.out, json(exportOpenApi(source)));
  else {
    const { collection, environment, leftOut } = await exportPostman(source);
    await save(flags.out, json(collection));
    if (flags.out !== undefined)
      await save(flags.out.replace(/(\.postman_collection)?(\.json)?$/, '.postman_environment.json'), json(environment));
    if (leftOut.length > 0)
      printError(`${leftOut.length} case${leftOut.length === 1 ? '' : 's'} left out; the description of the collection lists them`);
  }
  return exitCodes.ok;
}

async function sourceOf(selectors: readonly string[], flags: ExportFlags): Promise<ExportSource> {
  const catalogue = await loadCatalogue(flags.specs);
  const selected = await select(catalogue, selectors);
  const suite = { name: 'drupal-auth-conformance', version };
  const fakesOf = (address: string) => createFakes(1, address);
  if (flags.target === undefined) {
    return { cases: selected, profiles: catalogue.profiles, clauses: catalogue.clauses, leftOut: [], fakesOf, suite };
  }
  const { targets } = await readTargetFile(flags.target, { profiles: Object.keys(catalogue.profiles), env: process.env });
  const [target, ...more] = targets;
  if (target === undefined || more.length > 0) {
    throw new UsageError(`${flags.target} describes ${targets.length} targets, expected one`, { remedy: 'a file for each product.' });
  }
  const profiles: Record<string, Profile> = {};
  const cases: CatalogueCase[] = [];
  const leftOut: LeftOut[] = [];
  for (const name of target.profiles) {
    const profile = profileOn(target, name, catalogue.profiles);
    if (profile === undefined) continue;
    profiles[name] = profile;
    // Whoever runs the export decides how many failed logins it may cost.
    const unlimited: Target = { ...target, limits: { ...target.limits, loginBudget: Number.MAX_SAFE_INTEGER } };
    for (const { case: one, skip } of planCases(selected, profile, unlimited, {
      readOnly: target.limits?.readOnly ?? false,
      budget: budgetOf(unlimited),
    })) {
      if (skip === undefined) cases.push(one);
      else leftOut.push({ address: one.address, reason: skip });
    }
  }
  if (cases.length === 0)
    throw new UsageError(`no selected case can be asked of ${flags.target}`, { remedy: `dac run -t ${flags.target} --dry-run tells why.` });
  return { cases, profiles, clauses: catalogue.clauses, target, leftOut, fakesOf, suite };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function save(out: string | undefined, text: string): Promise<void> {
  if (out === undefined) return print(text);
  const file = resolve(out);
  try {
    makeFolder(dirname(file));
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`, {
      cause: error,
      remedy: 'another --out.',
    });
  }
  await print(`wrote ${out}\n`);
}
