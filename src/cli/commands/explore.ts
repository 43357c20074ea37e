/**
 * `dac explore`: looks for what nobody has written down.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { exitCodes } from '../../judge/exit-code.ts';
import type { Catalogue } from '../../model/catalogue.ts';
import type { Target } from '../../model/target.ts';
import { addTargetSecrets } from '../../redact/target-secrets.ts';
import { Vault } from '../../redact/vault.ts';
import { createEffects } from '../../run/effects.ts';
import { readTargetFile } from '../../spec/target-file.ts';
import { UsageError } from '../../support/error.ts';
import { isLoopback } from '../../transport/connect.ts';
import { print } from '../console.ts';
import type { Discovery, Exploration } from '../explore/explore.ts';
import { loadCatalogue } from './catalogue.ts';

export interface ExploreFlags {
  readonly target?: string;
  readonly seed: number;
  readonly count: number;
  readonly rate?: number;
  readonly out?: string;
}

const defaultRate = 5;

/** Exit code 1 when something was found, 3 when nothing could be tried. */
export async function exploreCommand(profiles: readonly string[], flags: ExploreFlags): Promise<number> {
  const catalogue = await loadCatalogue([]);
  const unknown = profiles.find((name) => catalogue.profiles[name] === undefined);
  if (unknown !== undefined)
    throw new UsageError(`there is no profile "${unknown}"`, { remedy: `name one of ${Object.keys(catalogue.profiles).join(', ')}.` });
  if (flags.out !== undefined && profiles.length !== 1)
    throw new UsageError('--out takes the cases of one profile', { remedy: 'name the profile.' });
  const given = await openTargets(profiles, flags, catalogue);
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new Error('interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let found = 0;
  let obstacles = 0;
  try {
    for (const { target, profile } of given.pairs) {
      const exploration = await exploreOne(target, profile, catalogue, flags, interrupt.signal);
      found += exploration.discoveries.length;
      if (exploration.obstacle !== undefined) obstacles++;
      await report(exploration, target, profile, flags);
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await given.stop();
  }
  if (interrupt.signal.aborted) return exitCodes.interrupted;
  if (found > 0) return exitCodes.nonConformant;
  return obstacles === 0 ? exitCodes.ok : exitCodes.cannotTell;
}

interface Given {
  readonly pairs: readonly { readonly target: Target; readonly profile: string }[];
  stop(): Promise<void>;
}

async function openTargets(profiles: readonly string[], { target: file }: ExploreFlags, catalogue: Catalogue): Promise<Given> {
  const wanted = (name: string) => profiles.length === 0 || profiles.includes(name);
  const pairsOf = (targets: readonly Target[]) =>
    targets.flatMap((target) => target.profiles.filter(wanted).map((profile) => ({ target, profile })));
  if (file !== undefined) {
    const { targets } = await readTargetFile(file, { profiles: Object.keys(catalogue.profiles), env: process.env });
    const pairs = pairsOf(targets);
    if (pairs.length === 0)
      throw new UsageError(`${file} has no target for ${profiles.join(', ')}`, { remedy: 'name a profile of the file.' });
    return { pairs, stop: () => Promise.resolve() };
  }
  const { startEmbeddedSites } = await import('./embedded.ts');
  const { targets, stop } = await startEmbeddedSites(Object.values(catalogue.profiles).filter(({ name }) => wanted(name)));
  return { pairs: pairsOf(targets), stop };
}

async function exploreOne(
  target: Target,
  profile: string,
  catalogue: Catalogue,
  flags: ExploreFlags,
  signal: AbortSignal,
): Promise<Exploration> {
  const { explore } = await import('../explore/explore.ts');
  const vault = new Vault();
  addTargetSecrets(vault, target);
  const rate = flags.rate ?? target.limits?.requestsPerSecond ?? (isLoopback(new URL(target.baseUrl)) ? undefined : defaultRate);
  const { seed, count } = flags;
  const options = { catalogue, profile, target, seed, count, signal, ...(rate === undefined ? {} : { requestsPerSecond: rate }) };
  return explore(options, createEffects(vault, { env: process.env }));
}

async function report(
  { bases, tried, discoveries, obstacle }: Exploration,
  target: Target,
  profile: string,
  { seed, out }: ExploreFlags,
): Promise<void> {
  if (obstacle !== undefined) {
    await print(`${profile} on ${target.name}: nothing tried, ${obstacle}\n`);
    return;
  }
  const what = discoveries.length === 0 ? 'nothing found' : `${discoveries.length} found`;
  await print(`${profile} on ${target.name}: ${tried} requests after ${bases.join(', ')}; seed ${seed}; ${what}\n`);
  if (discoveries.length > 0) await tell(discoveries, profile, seed, out);
}

async function tell(discoveries: readonly Discovery[], profile: string, seed: number, out: string | undefined): Promise<void> {
  const { renderCases, renderDiscovery } = await import('../explore/render.ts');
  for (const discovery of discoveries) await print(`\n${renderDiscovery(discovery)}\n`);
  const cases = await renderCases(discoveries, profile, seed);
  if (out === undefined) await print(`\nAs cases, for a folder of your own (--specs):\n\n${cases}`);
  else {
    await writeFile(out, cases);
    await print(`\nCases written to ${out}; keep them in a folder of your own (--specs).\n`);
  }
}
