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
    for (const [check, clauses] of Object.entries(all.checks)) {
      const cited = clauses.filter((id) => wanted.some(({ document }) => id.startsWith(`${document}/`)));
      if (cited.length > 0) await print(`${check}\n${cited.map((id) => `    ${id}\n`).join('')}`);
    }
    return exitCodes.ok;
  }
  for (const { document, title, register, clauses, covered, excluded, uncovered } of wanted) {
    await print(`${document}: ${title}\n`);
    for (const clause of clauses) {
      const state = clause.excluded === undefined ? `${clause.checks.length} check${clause.checks.length === 1 ? '' : 's'}` : 'excluded';
      await print(`  ${clause.id.slice(document.length + 1).padEnd(44)} ${state}\n`);
      if (clause.excluded !== undefined) await print(`      ${clause.excluded}\n`);
      for (const check of clause.checks.slice(0, 3)) await print(`      ${check}\n`);
      if (clause.checks.length > 3) await print(`      and ${clause.checks.length - 3} more\n`);
    }
    const share = register ? ` (${Math.round(((covered + excluded) / Math.max(1, clauses.length)) * 100)} %)` : '';
    await print(`  ${clauses.length} clauses: ${covered} checked, ${excluded} excluded with a reason, ${uncovered} open${share}\n\n`);
  }
  return exitCodes.ok;
}
