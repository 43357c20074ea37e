/**
 * Every leaf of the mock's answers that somebody speaks of is changed once, and some check notices, or the reason why none may is written down.
 */
import { describe, expect, it } from 'vitest';
import { supportsProfile } from '../../mock-server/index.ts';
import { killDerived, type DerivedMutant } from '../../src/cli/mutation/derive.ts';
import { freedomOf, freedoms } from '../../src/cli/mutation/free.ts';
import { loadShipped } from '../../src/spec/catalogue.ts';

const catalogue = await loadShipped();
// Versions are judged there, and nothing else of an answer.
const profiles = Object.keys(catalogue.profiles).filter((profile) => supportsProfile(profile) && profile !== 'advisories');
const survivors: DerivedMutant[] = [];

describe.each(profiles)('a changed answer of %s', (profile) => {
  it('is noticed', async () => {
    const all: DerivedMutant[] = [];
    for await (const mutant of killDerived(profile, catalogue)) all.push(mutant);
    survivors.push(...all.filter(({ killedBy }) => killedBy === undefined));
    const unexplained = survivors.filter((mutant) => freedomOf(mutant) === undefined);
    expect(unexplained.map(({ kind, leaf, change }) => `no check would notice if ${leaf} of ${kind} were ${change}`)).toEqual([]);
    expect(all.length).toBeGreaterThan(20);
  }, 120_000);
});

it('has no reason that no change needs', () => {
  const needed = new Set(survivors.map(freedomOf));
  expect(freedoms.filter((freedom) => !needed.has(freedom)).map(({ because }) => because)).toEqual([]);
});
