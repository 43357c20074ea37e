/**
 * `dac coverage`: the register both ways.
 *
 * @module
 */
import { exitCodes } from '../../judge/exit-code.ts';
import { coverage } from '../../spec/register.ts';
import { UsageError } from '../../support/error.ts';
import { print } from '../console.ts';
import { loadCatalogue } from './catalogue.ts';

const stateSays = { excluded: 'excluded', deviation: 'broken by the documented design, not judged', uncovered: 'open' } as const;

export async function coverageCommand(
  documents: readonly string[],
  flags: { readonly byCheck: boolean; readonly json: boolean; readonly specs: readonly string[] },
): Promise<number> {
  const catalogue = await loadCatalogue(flags.specs);
  const all = coverage(catalogue);
  const known = all.documents.map(({ document }) => document);
  const unknown = documents.find((document) => !known.includes(document));
  if (unknown !== undefined) throw new UsageError(`there is no document "${unknown}"; there are ${known.join(', ')}`);
  const wanted = all.documents.filter(({ document }) => documents.length === 0 || documents.includes(document));
  if (flags.json) {
    await print(`${JSON.stringify(wanted, null, 2)}\n`);
    return exitCodes.ok;
  }
  if (flags.byCheck) {
    for (const [check, clauses] of all.checks) {
      const cited = clauses.filter((id) => wanted.some(({ document }) => id.startsWith(`${document}/`)));
      if (cited.length > 0) await print(`${check}\n${cited.map((id) => `    ${id}\n`).join('')}`);
    }
    return exitCodes.ok;
  }
  for (const { document, title, isRegister, clauses, percent } of wanted) {
    await print(`${document}: ${title}\n`);
    for (const { id, state, checks, excluded } of clauses) {
      const says = state === 'checked' ? `${checks.length} check${checks.length === 1 ? '' : 's'}` : stateSays[state];
      await print(`  ${id.slice(document.length + 1).padEnd(44)} ${says}\n`);
      if (excluded !== undefined) await print(`      ${excluded}\n`);
      for (const check of checks.slice(0, 3)) await print(`      ${check}\n`);
      if (checks.length > 3) await print(`      and ${checks.length - 3} more\n`);
    }
    const count = (wantedState: string) => clauses.filter(({ state }) => state === wantedState).length;
    const open = isRegister ? `, ${count('uncovered')} open (${percent} %)` : '';
    await print(`  ${clauses.length} clauses: ${count('checked')} checked, ${count('excluded')} excluded with a reason${open}\n\n`);
  }
  return exitCodes.ok;
}
