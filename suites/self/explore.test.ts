/**
 * Exploration finds nothing on a correct mock, finds what is wrong on others, and makes the same requests for the same seed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findMutant, supportsProfile } from '../../mock-server/index.ts';
import { explore, type Discovery, type Exploration } from '../../src/cli/explore/explore.ts';
import { renderCases, renderDiscovery } from '../../src/cli/explore/render.ts';
import { createBench, openWorld } from '../../src/cli/mutation/bench.ts';
import type { CaseRecord } from '../../src/model/record.ts';
import { loadShipped, loadWithUser } from '../../src/spec/catalogue.ts';

const catalogue = await loadShipped();
const figures = { requests: 0, found: 0 };
afterAll(() => console.log(`exploration: requests tried: ${figures.requests}, found: ${figures.found}`));

interface Wish {
  readonly mutant?: string;
  readonly count?: number;
  readonly seed?: number;
  /** Ends as soon as this check has found something. */
  readonly until?: string;
}

async function exploreMock(profile: string, { mutant: id, count = 300, seed = 1, until }: Wish = {}) {
  const mutant = id === undefined ? undefined : await findMutant(`${profile}/${id}`);
  const { mock, target, effects } = await openWorld({ profile, catalogue, seed: 1, ...(mutant === undefined ? {} : { mutant }) });
  mock.journal.enabled = true;
  const enough = new AbortController();
  try {
    const onDiscovery = ({ check }: Discovery) => {
      if (check.name === until) enough.abort();
    };
    const exploration = await explore({ catalogue, profile, target, seed, count, signal: enough.signal, onDiscovery }, effects);
    figures.requests += exploration.tried;
    figures.found += exploration.discoveries.length;
    return { exploration, requests: mock.journal.entries };
  } finally {
    await mock.close();
  }
}

/** What the cases that were written find: on a broken site, and on the right one. */
async function runFound(yaml: string, profile: string, id?: string): Promise<readonly CaseRecord[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dac-explore-'));
  try {
    await writeFile(join(folder, 'found.yaml'), yaml);
    const own = await loadWithUser([folder]);
    const mutant = id === undefined ? {} : { mutant: await findMutant(`${profile}/${id}`) };
    await using bench = await createBench({ catalogue: own, profile, seed: 1, ...mutant });
    const records: CaseRecord[] = [];
    for (const one of bench.cases) if (one.address.startsWith(`${profile}/found/`)) records.push(await bench.runCase(one));
    return records;
  } finally {
    await rm(folder, { recursive: true });
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
    '%s/%s finds %s, and writes a case that fails there and passes on the right site',
    async (profile, mutant, check) => {
      const { exploration } = await exploreMock(profile, { mutant, count: 600, until: check });
      expect(found(exploration).map((one) => one.split('#')[1])).toContain(check);
      const yaml = await renderCases(exploration.discoveries, profile, 1);
      const broken = await runFound(yaml, profile, mutant);
      expect(broken.map(({ verdict }) => verdict)).toEqual(exploration.discoveries.map(() => 'fail'));
      expect((await runFound(yaml, profile)).map(({ verdict }) => verdict)).toEqual(broken.map(() => 'pass'));
    },
    60_000,
  );

  it('shrinks what it finds to the smallest change', async () => {
    const { exploration } = await exploreMock('miniorange/oauth', { mutant: 'secret-left-out', until: 'nothing-given' });
    const [discovery] = exploration.discoveries;
    expect(discovery?.edits).toHaveLength(1);
    expect(discovery?.reproduced).toBe(true);
  }, 60_000);
});

it('makes the same requests for the same seed, and others for another', async () => {
  const [first, second, other] = [
    await exploreMock('miniorange/oauth'),
    await exploreMock('miniorange/oauth'),
    await exploreMock('miniorange/oauth', { seed: 2, count: 60 }),
  ];
  const lines = (one: typeof first) => one.requests.map(({ method, path, body }) => `${method} ${path} ${String(body ?? '')}`);
  expect(lines(first)).toEqual(lines(second));
  expect(lines(first)).not.toEqual(lines(other));
  expect(lines(first).length).toBeLessThan(330);
}, 60_000);
