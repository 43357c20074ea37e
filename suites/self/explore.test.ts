/**
 * Exploration finds nothing on a correct mock, finds what is wrong on others, and makes the same requests for the same seed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMutant, supportsProfile } from '../../mock-server/index.ts';
import { explore, type Exploration } from '../../src/cli/explore/explore.ts';
import { renderCases, renderDiscovery } from '../../src/cli/explore/render.ts';
import { openWorld } from '../../src/cli/mutation/bench.ts';
import { loadShipped, loadWithUser } from '../../src/spec/catalogue.ts';

const catalogue = await loadShipped();

async function exploreMock(profile: string, options: { readonly mutant?: string; readonly count?: number; readonly seed?: number } = {}) {
  const mutant = options.mutant === undefined ? undefined : await findMutant(`${profile}/${options.mutant}`);
  const { mock, target, effects } = await openWorld({ profile, catalogue, seed: 1, ...(mutant === undefined ? {} : { mutant }) });
  mock.journal.enabled = true;
  try {
    const { seed = 1, count = 300 } = options;
    const exploration = await explore({ catalogue, profile, target, seed, count, signal: new AbortController().signal }, effects);
    return { exploration, requests: mock.journal.entries };
  } finally {
    await mock.close();
  }
}

const found = ({ discoveries }: Exploration) => discoveries.map(({ base, check }) => `${base.name}#${check.name}`);

describe.each(Object.keys(catalogue.profiles).filter(supportsProfile))('exploring the correct mock of %s', (profile) => {
  it('finds nothing', async () => {
    const { exploration } = await exploreMock(profile, { count: 250, seed: 3 });
    expect(exploration.discoveries.map(renderDiscovery)).toEqual([]);
  }, 60_000);
});

describe('exploring a mock with a mistake', () => {
  it.each([
    ['miniorange/oauth', 'array-crashes', 'no-server-error'],
    ['miniorange/oauth', 'quote-shows-database', 'no-stack-trace'],
    ['miniorange/oauth', 'wrong-password-accepted', 'nothing-given'],
    ['miniorange/oauth', 'secret-left-out', 'nothing-given'],
    ['miniorange/oauth', 'any-token', 'nothing-given'],
    ['miniorange/oauth', 'refusal-empty', 'shape'],
    ['simple-oauth', 'secret-ignored', 'nothing-given'],
    ['simple-oauth', 'unicode-crashes', 'no-server-error'],
    ['oauth2', 'any-token', 'status'],
  ])(
    '%s/%s finds %s',
    async (profile, mutant, check) => {
      const { exploration } = await exploreMock(profile, { mutant, count: 600 });
      expect(found(exploration).map((one) => one.split('#')[1])).toContain(check);
    },
    60_000,
  );

  it('shrinks what it finds to the smallest change', async () => {
    const { exploration } = await exploreMock('miniorange/oauth', { mutant: 'secret-left-out' });
    const [discovery] = exploration.discoveries;
    expect(discovery?.edits).toHaveLength(1);
    expect(discovery?.reproduced).toBe(true);
  }, 60_000);

  it('writes what it finds as cases that compile', async () => {
    const { exploration } = await exploreMock('miniorange/oauth', { mutant: 'array-crashes', count: 600 });
    const folder = await mkdtemp(join(tmpdir(), 'dac-explore-'));
    try {
      await writeFile(join(folder, 'found.yaml'), await renderCases(exploration.discoveries, 'miniorange/oauth', 1));
      const { cases } = await loadWithUser([folder]);
      expect(cases.filter(({ address }) => address.startsWith('miniorange/oauth/found/')).length).toBe(exploration.discoveries.length);
      expect(exploration.discoveries.length).toBeGreaterThan(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});

it('makes the same requests for the same seed, and others for another', async () => {
  const [first, second, other] = [
    await exploreMock('miniorange/oauth'),
    await exploreMock('miniorange/oauth'),
    await exploreMock('miniorange/oauth', { seed: 2 }),
  ];
  const lines = (one: typeof first) => one.requests.map(({ method, path, body }) => `${method} ${path} ${String(body ?? '')}`);
  expect(lines(first)).toEqual(lines(second));
  expect(lines(first)).not.toEqual(lines(other));
  expect(lines(first).length).toBeLessThan(330);
}, 60_000);
