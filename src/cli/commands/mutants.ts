/**
 * `dac mutants`: the kill matrix.
 *
 * @module
 */
import { listMutants } from '../../../mock-server/index.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { UsageError } from '../../support/error.ts';
import { print } from '../console.ts';
import { findWarnings, killMutant, type Kill } from '../mutation.ts';
import { loadCatalogue } from './catalogue.ts';

export interface MutantsFlags {
  readonly thorough: boolean;
  readonly json: boolean;
}

/** Exit code 1 when a mutant survives. */
export async function mutantsCommand(prefixes: readonly string[], flags: MutantsFlags): Promise<number> {
  const catalogue = await loadCatalogue([]);
  const selected = (await listMutants()).filter(
    ({ id }) => prefixes.length === 0 || prefixes.some((prefix) => id === prefix || id.startsWith(`${prefix}/`)),
  );
  if (selected.length === 0)
    throw new UsageError(`no mutant begins with ${prefixes.join(', ')}`, { remedy: 'dac mutants without an argument for all of them.' });
  const kills: Kill[] = [];
  const known = new Map<string, ReadonlySet<string>>();
  for (const mutant of selected) {
    if (!known.has(mutant.profile)) known.set(mutant.profile, await findWarnings(mutant.profile, catalogue));
    const kill = await killMutant(mutant, catalogue, known.get(mutant.profile) ?? new Set(), flags);
    kills.push(kill);
    if (flags.json) continue;
    const [first = '', ...others] = kill.killedBy;
    await print(
      kill.killedBy.length === 0
        ? `survived  ${mutant.id}\n          no check would notice if: ${mutant.title}\n`
        : `killed    ${mutant.id}\n          by ${first}${others.length === 0 ? '' : ` and ${others.length} more`}\n`,
    );
  }
  const killed = kills.filter(({ killedBy }) => killedBy.length > 0).length;
  if (flags.json) {
    const rows = kills.map(({ mutant: { id, title, breaks }, killedBy, alsoNoticedBy, cases }) => ({
      id,
      title,
      breaks,
      killedBy,
      alsoNoticedBy,
      cases,
    }));
    await print(`${JSON.stringify(rows, null, 2)}\n`);
  } else {
    await print(`\n${killed} of ${kills.length} mutants killed (${Math.floor((killed / kills.length) * 100)} %)\n`);
  }
  return killed === kills.length ? exitCodes.ok : exitCodes.nonConformant;
}
