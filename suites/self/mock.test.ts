/**
 * The mock passes every case of every profile that it imitates, and every mutant of it is noticed by a check that cites what it breaks.
 */
import { describe, expect, it } from 'vitest';
import { createDrupalMock, listMutants, supportsProfile } from '../../mock-server/index.ts';
import { runCorrectMock } from '../../src/cli/mutation/bench.ts';
import { killMutants } from '../../src/cli/mutation/kill.ts';
import { inRange } from '../../src/judge/scope.ts';
import type { CatalogueCase } from '../../src/model/catalogue.ts';
import type { TargetFile } from '../../src/model/target.ts';
import { loadShipped } from '../../src/spec/catalogue.ts';

const catalogue = await loadShipped();
// The sites imitate versions that have advisories; advisories.test.ts judges those version by version.
const imitated = Object.keys(catalogue.profiles).filter((profile) => supportsProfile(profile) && profile !== 'advisories');
const mutants = await listMutants();

describe.each(imitated)('the mock of %s', (profile) => {
  it('passes every case', async () => {
    const target = createDrupalMock({ profile }).target(profile);
    const cases = catalogue.cases.filter((one) => one.profile === profile && speaksAbout(target, one));
    const wrong: string[] = [];
    let judged = 0;
    for await (const record of runCorrectMock(profile, catalogue, 1)) {
      judged++;
      if (record.verdict === 'fail' || record.verdict === 'error' || record.verdict === 'blocked') {
        const checks = record.steps.flatMap((step) => step.checks).filter(({ verdict }) => verdict === 'fail' || verdict === 'blocked');
        wrong.push(
          `${record.verdict} ${record.address}: ${record.reason ?? JSON.stringify(checks.map(({ name, mismatches }) => ({ name, mismatches })))}`,
        );
      }
    }
    expect(wrong).toEqual([]);
    expect(judged).toBe(cases.length);
  }, 60_000);

  it('gives every mutant away', async () => {
    const survivors: string[] = [];
    const own = mutants.filter((one) => one.profile === profile);
    for await (const { mutant, killedBy } of killMutants(own, catalogue)) {
      if (killedBy.length > 0) continue;
      survivors.push(`no check that cites ${mutant.breaks.join(' or ')} would notice if: ${mutant.title} (${mutant.id})`);
    }
    expect(survivors).toEqual([]);
  }, 300_000);
});

/** Cases about another version than the one that the default site imitates are left out of a run. */
function speaksAbout({ version, drupal }: TargetFile, { when }: CatalogueCase): boolean {
  const holds = (known: string | undefined, range: string | undefined) => range === undefined || inRange(known, range) !== false;
  return holds(version, when?.version) && holds(drupal, when?.drupal);
}

it('knows a profile for every mutant', () => {
  expect(mutants.filter(({ profile }) => !imitated.includes(profile)).map(({ id }) => id)).toEqual([]);
});
