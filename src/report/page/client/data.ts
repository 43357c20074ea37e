/**
 * The data that the page carries: header and index at once, a case when it is opened.
 *
 * @module
 */
import type { CaseRecord, FooterRecord, HeaderRecord } from '../../../model/record.ts';
import type { Explainer, Standing, Tally } from '../../digest.ts';
import { emptyTally, explainer } from '../../digest.ts';
import type { PageCase, PageIndex } from '../index-data.ts';
import { elementIds } from '../index-data.ts';

function read(id: string): string {
  return document.getElementById(id)?.textContent ?? '';
}

export const header = JSON.parse(read(elementIds.header)) as HeaderRecord;
export const index = JSON.parse(read(elementIds.index)) as PageIndex;
export const footer: FooterRecord | null = index.footer;
export const isMany = header.targets.length > 1;
/** More targets than have room beside each other: they are counted, and stand in lines of their own. */
export const isCrowd = header.targets.length > 8;
export const isExplained: Explainer = explainer(footer?.findings ?? []);

let lines: string[] | undefined;

/** The case in full, by its position in the index. */
export function openCase(position: number): CaseRecord {
  lines ??= read(elementIds.cases)
    .split('\n')
    .filter((line) => line !== '');
  return JSON.parse(lines[position] ?? 'null') as CaseRecord;
}

/** One address with what each target made of it. */
export interface Row {
  readonly address: string;
  readonly title: string;
  readonly profile: string;
  readonly file: string;
  /** By target; undefined where the target did not run it. The number is the position in the index. */
  readonly cells: readonly (number | undefined)[];
  /** What the search looks at, in lower case. */
  readonly text: string;
}

export const rows: readonly Row[] = makeRows();

export function cell(position: number | undefined): PageCase | undefined {
  return position === undefined ? undefined : index.cases[position];
}

function makeRows(): Row[] {
  const byAddress = new Map<string, { first: PageCase; cells: (number | undefined)[]; text: string[] }>();
  index.cases.forEach((one, position) => {
    let row = byAddress.get(one.address);
    if (row === undefined) {
      row = { first: one, cells: header.targets.map(() => undefined), text: [one.address, one.title] };
      byAddress.set(one.address, row);
    }
    row.cells[one.target] = position;
    row.text.push(
      one.summary ?? '',
      ...one.checks.map(({ name, message }) => `#${name} ${message ?? ''}`),
      ...one.clauses.map((clause) => index.clauses[clause] ?? ''),
    );
  });
  return [...byAddress.values()]
    .map(({ first, cells, text }) => ({
      address: first.address,
      title: first.title,
      profile: first.profile,
      file: first.file,
      cells,
      text: text.join(' ').toLowerCase(),
    }))
    .sort((a, b) => (`${a.file}\n${a.address}` < `${b.file}\n${b.address}` ? -1 : 1));
}

export function tallyOf(cases: Iterable<PageCase>): Tally {
  const tally = emptyTally();
  for (const one of cases) tally[one.standing] += 1;
  return tally;
}

export const total = tallyOf(index.cases);

export function targetName(position: number): string {
  return header.targets[position]?.name ?? `target ${position + 1}`;
}

/** In the order in which a person looks for them. */
export const shownStandings: readonly Standing[] = ['fail', 'error', 'blocked', 'warn', 'waived', 'skipped', 'pass'];
