/**
 * `dac list`: the cases, one a line.
 *
 * @module
 */
import { exitCodes } from '../../judge/exit-code.ts';
import { print } from '../console.ts';
import { loadCatalogue, select } from './catalogue.ts';

export async function listCommand(
  selectors: readonly string[],
  flags: { readonly json: boolean; readonly specs: readonly string[] },
): Promise<number> {
  const cases = await select(await loadCatalogue(flags.specs), selectors);
  if (flags.json) {
    const rows = cases.map(({ address, profile, title, clauses, needs, file, line }) => ({
      address,
      profile,
      title,
      clauses,
      needs,
      file,
      line,
    }));
    await print(`${JSON.stringify(rows, null, 2)}\n`);
    return exitCodes.ok;
  }
  let file = '';
  for (const one of cases) {
    if (one.file !== file) await print(`${file === '' ? '' : '\n'}${one.file}\n`);
    file = one.file;
    await print(`  ${one.address}\n      ${one.title}\n`);
  }
  await print(`\n${cases.length} cases\n`);
  return exitCodes.ok;
}
