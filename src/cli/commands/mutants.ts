/**
 * `dac mutants`: which wrong behaviours the specs notice.
 *
 * @module
 */
import { listMutants, supportsProfile } from '../../../mock-server/index.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { UsageError } from '../../support/error.ts';
import type { Catalogue } from '../../model/catalogue.ts';
import { print } from '../console.ts';
import { killDerived, type DerivedMutant } from '../mutation/derive.ts';
import { freedomOf } from '../mutation/free.ts';
import { killMutants, type Kill } from '../mutation/kill.ts';
import { loadCatalogue } from './catalogue.ts';

export interface MutantsFlags {
  /** Changes every leaf of the mock's answers in place of the hand-made mistakes. */
  readonly derived: boolean;
  readonly thorough: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
}

/** Exit code 1 when a hand-made mutant survives; derived ones are only counted, since documents leave much free. */
export async function mutantsCommand(prefixes: readonly string[], flags: MutantsFlags): Promise<number> {
  const catalogue = await loadCatalogue([]);
  if (flags.derived) return derivedCommand(prefixes, catalogue, flags);
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

async function derivedCommand(prefixes: readonly string[], catalogue: Catalogue, flags: MutantsFlags): Promise<number> {
  const profiles = Object.keys(catalogue.profiles).filter(
    (name) =>
      supportsProfile(name) && (prefixes.length === 0 || prefixes.some((prefix) => name === prefix || name.startsWith(`${prefix}/`))),
  );
  if (profiles.length === 0) throw new UsageError(`no profile begins with ${prefixes.join(', ')}`, { remedy: 'dac list names them.' });
  const all: DerivedMutant[] = [];
  for (const profile of profiles) for await (const mutant of killDerived(profile, catalogue)) all.push(mutant);
  await print(flags.json ? `${JSON.stringify(all.map(derivedRowOf), null, 2)}\n` : derivedSummaryOf(all, flags.verbose));
  return exitCodes.ok;
}

/** With the reason of a change that no check may notice. */
function derivedRowOf(mutant: DerivedMutant): object {
  const because = mutant.killedBy === undefined ? freedomOf(mutant)?.because : undefined;
  return { ...mutant, ...(because === undefined ? {} : { because }) };
}

/** Survivors are grouped by what was changed, since a leaf that nobody looks at is one gap, however many answers have it. */
function derivedSummaryOf(all: readonly DerivedMutant[], verbose: boolean): string {
  const rows = [...grouped(all, ({ profile }) => profile)].map(([profile, own]) => {
    const { changes, noticed, free } = derivedScoreOf(own);
    return [
      profile,
      new Set(own.map(({ kind }) => kind)).size,
      changes,
      noticed,
      free,
      changes - noticed,
      `${percent(noticed, changes)} %`,
    ];
  });
  const unnoticed = all.filter(({ killedBy }) => killedBy === undefined);
  const survivors = grouped(
    unnoticed.filter((mutant) => freedomOf(mutant) === undefined),
    ({ profile, leaf, change }) => `${profile}: ${leaf} ${change}`,
  );
  const groups = [...survivors].sort(([, a], [, b]) => b.length - a.length);
  const reasons = grouped(
    unnoticed.filter((mutant) => freedomOf(mutant) !== undefined),
    (mutant) => freedomOf(mutant)?.because ?? '',
  );
  const { changes, noticed } = derivedScoreOf(all);
  return [
    ...table(['profile', 'kinds of answers', 'changes', 'noticed', 'free', 'not noticed', 'score'], rows),
    '',
    ...(groups.length === 0 ? [] : ['No check would notice if this were changed, in so many kinds of answers:']),
    ...groups.flatMap(([title, mutants]) => [
      `${String(mutants.length).padStart(5)}  ${title}`,
      ...(verbose ? mutants.map(({ kind, cases }) => `         ${kind}, seen by ${cases.join(', ')}`) : []),
    ]),
    ...(groups.length === 0 ? [] : ['']),
    ...(reasons.size === 0 ? [] : ['Free, and not counted:']),
    ...[...reasons].flatMap(([because, mutants]) => [
      `${String(mutants.length).padStart(5)}  ${because}`,
      ...(verbose ? mutants.map(({ profile, kind, leaf, change }) => `         ${profile}: ${kind}: ${leaf} ${change}`) : []),
    ]),
    ...(reasons.size === 0 ? [] : ['']),
    `${noticed} of ${changes} derived mutants noticed (${percent(noticed, changes)} %)`,
    '',
  ].join('\n');
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.floor((part / whole) * 100);
}

/** Changes that nobody rules out are none. */
function derivedScoreOf(all: readonly DerivedMutant[]): { readonly changes: number; readonly noticed: number; readonly free: number } {
  const noticed = all.filter(({ killedBy }) => killedBy !== undefined).length;
  const free = all.filter((mutant) => mutant.killedBy === undefined && freedomOf(mutant) !== undefined).length;
  return { changes: all.length - free, noticed, free };
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
    `${killed} of ${kills.length} mutants killed (${percent(killed, kills.length)} %)`,
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
