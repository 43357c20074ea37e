/**
 * The scores of the README, as far as telling them is cheap: they count every wrong site and say that none is missed.
 */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { listMutants } from '../../mock-server/index.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const block = /<!-- scores -->([\s\S]*)<!-- \/scores -->/.exec(readme)?.[1] ?? '';
const rows = block
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, profile = '', made = '']) => [profile, made] as const);

it('counts every wrong site in the README; npm run scores writes it', async () => {
  const totals = new Map<string, number>();
  for (const { profile } of await listMutants()) totals.set(profile, (totals.get(profile) ?? 0) + 1);
  totals.set(
    'all',
    [...totals.values()].reduce((sum, count) => sum + count, 0),
  );
  const told = rows.map(([profile, made]) => [profile, Number(/^\d+\/(\d+)/.exec(made)?.[1])] as const);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(totals));
});

it('tells of no wrong site that is missed', () => {
  for (const [profile, made] of rows) expect(`${profile} ${made}`).toMatch(/ (\d+)\/\1 \(100 %\)$/);
});
