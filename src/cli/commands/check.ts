/**
 * `dac check`: validates target files and the user's own specs; sends nothing.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { exitCodes } from '../../judge/exit-code.ts';
import { readTargetFile } from '../../spec/target-file.ts';
import { SpecError, UsageError } from '../../support/error.ts';
import { print, printError } from '../console.ts';
import { loadCatalogue } from './catalogue.ts';

export async function checkCommand(paths: readonly string[]): Promise<number> {
  const { profiles } = await loadCatalogue([], []);
  let wrong = 0;
  for (const path of paths) {
    try {
      await print(`${path}: ${await checkPath(path, Object.keys(profiles))}\n`);
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      wrong += error.diagnostics.length;
      printError(error.message);
    }
  }
  if (wrong > 0) printError(`${wrong} ${wrong === 1 ? 'problem' : 'problems'}`);
  return wrong > 0 ? exitCodes.usage : exitCodes.ok;
}

async function checkPath(path: string, profiles: readonly string[]): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${path}: no such file or folder`, { remedy: 'a target file, or a folder with specs.' });
  if (found.isDirectory() || isSpec(await readFile(path, 'utf8'))) {
    const { cases } = await loadCatalogue([path], []);
    return `good: ${cases.length} ${cases.length === 1 ? 'case' : 'cases'}`;
  }
  const { targets } = await readTargetFile(path, { profiles, env: process.env });
  return `good: ${targets.map(({ name, profiles: own, baseUrl }) => `${name} (${own.join(', ')}) at ${baseUrl}`).join('; ')}`;
}

/** A spec, profile or clause file has one of these keys at the top; a target file has none of them. */
function isSpec(text: string): boolean {
  return /^(cases|surfaces|requests|fixtures|document)\s*:/m.test(text);
}
