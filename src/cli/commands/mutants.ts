/**
 * `dac mutants`: which wrong behaviours the specs notice.
 *
 * @module
 */
import { listMutants } from '../../../mock-server/index.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { UsageError } from '../../support/error.ts';
import { print } from '../console.ts';
import { killMutants, type Kill } from '../mutation/kill.ts';
import { loadCatalogue } from './catalogue.ts';

export interface MutantsFlags {
  readonly thorough: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
}

/** Exit code 1 when a mutant survives. */
export async function mutantsCommand(prefixes: readonly string[], flags: MutantsFlags): Promise<number> {
  const catalogue = await loadCatalogue([]);
  const selected = (await listMutants()).filter(
    ({ id }) => prefixes.length === 0 || prefixes.some((prefix) => id === prefix || id.startsWith(`${prefix}/`)),
  );
  if (selected.length === 0) {
    throw new UsageError(`no mutant begins with ${prefixes.join(', ')}`, { remedy: 'dac mutants without an argument for all of them.' });
  }
  const kills: Kill[] = [];
  for await (const kill of killMutants(selected, catalogue, flags)) {
    kills.push(kill);
    if (flags.verbose && !flags.json) await print(lineOf(kill));
  }
  await print(flags.json ? `${JSON.stringify(kills.map(rowOf), null, 2)}\n` : summaryOf(kills, flags.verbose));
  return kills.every(isKilled) ? exitCodes.ok : exitCodes.nonConformant;
}

function isKilled({ killedBy }: Kill): boolean {
  return killedBy.length > 0;
}

function lineOf(kill: Kill): string {
  const [first, ...others] = kill.killedBy;
  if (first === undefined) return `survived  ${kill.mutant.id}\n`;
  return `${kill.failed ? 'killed' : 'warned'}    ${kill.mutant.id}\n          by ${first}${others.length === 0 ? '' : ` and ${others.length} more`}\n`;
}

/** A line for each profile, then every survivor in full; with `verbose` also what earned only a warning although it breaks a MUST. */
function summaryOf(kills: readonly Kill[], verbose: boolean): string {
  const profiles = [...new Set(kills.map(({ mutant }) => mutant.profile))];
  const rows = profiles.map((profile) => {
    const own = kills.filter(({ mutant }) => mutant.profile === profile);
    const killed = own.filter(isKilled);
    const clauses = new Set(own.flatMap(({ mutant }) => mutant.breaks)).size;
    return [
      profile,
      own.length,
      killed.filter(({ failed }) => failed).length,
      killed.filter(({ failed }) => !failed).length,
      own.length - killed.length,
      clauses,
    ];
  });
  const survivors = kills.filter((kill) => !isKilled(kill));
  const weak = kills.filter((kill) => isKilled(kill) && kill.firm && !kill.failed);
  const killed = kills.length - survivors.length;
  return [
    ...table(['profile', 'mutants', 'failed', 'warned', 'survived', 'clauses broken'], rows),
    '',
    ...survivors.flatMap(({ mutant: { id, title, breaks }, alsoNoticedBy: [noticed] }) => [
      `no check would notice if: ${title}`,
      `  ${id}, breaks ${breaks.join(', ')}`,
      ...(noticed === undefined ? [] : [`  ${noticed} complains, but cites none of them`]),
      '',
    ]),
    ...(weak.length === 0 || !verbose
      ? []
      : ['Only warned about, although a MUST is broken:', ...weak.map(({ mutant: { id, title } }) => `  ${title} (${id})`), '']),
    `${killed} of ${kills.length} mutants killed (${Math.floor((killed / kills.length) * 100)} %)`,
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}

function rowOf({ mutant: { id, title, breaks }, killedBy, failed, firm, alsoNoticedBy, cases }: Kill): object {
  return { id, title, breaks, killedBy, failed, firm, alsoNoticedBy, cases };
}
