/**
 * A mock (or a mutant of it) and the means to run single cases against it in process: no sockets, its own clock, no plan, no report.
 *
 * @module
 */
import { createDrupalMock, type DrupalMock, type Mutant } from '../../../mock-server/index.ts';
import type { Catalogue, CatalogueCase } from '../../model/catalogue.ts';
import type { Transport } from '../../model/exchange.ts';
import type { CaseRecord } from '../../model/record.ts';
import type { Target } from '../../model/target.ts';
import { vaultFor } from '../../redact/target-secrets.ts';
import { runCase } from '../../run/case.ts';
import type { TargetContext } from '../../run/context.ts';
import { createEffects } from '../../run/effects.ts';
import { FixtureStore } from '../../run/fixture.ts';
import { planCases } from '../../run/plan.ts';
import { preflight } from '../../run/preflight.ts';
import { budgetOf, contextOf, run, type RunEffects, type RunOptions } from '../../run/run.ts';
import { HarnessError } from '../../support/error.ts';
import { createInProcessTransport } from '../../transport/in-process.ts';

export interface BenchOptions {
  readonly catalogue: Catalogue;
  readonly profile: string;
  readonly seed: number;
  readonly mutant?: Mutant;
  /** Stands between the cases and the mock; not for mutants of delivery. */
  readonly between?: (transport: Transport) => Transport;
}

export interface Bench extends AsyncDisposable {
  readonly mock: DrupalMock;
  /** Cases that this mock has everything for, those that move its clock last. */
  readonly cases: readonly CatalogueCase[];
  runCase(one: CatalogueCase): Promise<CaseRecord>;
}

/** Seconds that an answer may take over a socket: what a mutant makes slow is slower than this. */
const socketLimitSeconds = 1;

export async function createBench(options: BenchOptions): Promise<Bench> {
  const world = await openWorld(options);
  const profile = options.catalogue.profiles[options.profile];
  if (profile === undefined) throw new HarnessError(`no profile "${options.profile}"`);
  const { target, effects, runOptions } = world;
  const transport = await effects.transportFor(target, { concurrency: 1 });
  const sendOptions = { timeoutMs: (target.limits?.timeoutSeconds ?? 10) * 1000, maxHeaderBytes: 64 * 1024, maxBodyBytes: 4 * 1024 * 1024 };
  const secrets = effects.secretsFor(target);
  const shared = await contextOf(profile, { target, transport, sendOptions, secrets, options: runOptions, effects });
  const endsEarlierTokens = options.mutant !== undefined && (await preflight(shared)).state === 'ends-earlier-tokens';
  const context: TargetContext = endsEarlierTokens ? { ...shared, fixtures: new FixtureStore(false) } : shared;
  return {
    mock: world.mock,
    cases: runnable(options, target),
    runCase: (one) => runCase(one, context),
    [Symbol.asyncDispose]: async () => {
      await transport.close();
      await world.mock.close();
    },
  };
}

/** Case records of a whole run of the correct mock, as `dac run` would make them. */
export async function* runCorrectMock(profile: string, catalogue: Catalogue, seed: number): AsyncGenerator<CaseRecord, void, undefined> {
  const { mock, runOptions, effects } = await openWorld({ profile, catalogue, seed });
  try {
    for await (const record of run(runOptions, effects)) if (record.type === 'case') yield record;
  } finally {
    await mock.close();
  }
}

export interface World {
  readonly mock: DrupalMock;
  readonly target: Target;
  readonly runOptions: RunOptions;
  readonly effects: RunEffects;
}

/** A mock and everything that a run against it needs; whoever opens it closes the mock. */
export async function openWorld({ catalogue, profile, seed, mutant, between = (transport) => transport }: BenchOptions): Promise<World> {
  const mock = createDrupalMock({ profile, ...(mutant === undefined ? {} : { mutant }) });
  const bySocket = mutant?.deliver !== undefined;
  if (bySocket) await mock.listen({ port: 0 });
  const { profile: _, ...file } = mock.target(profile);
  const target: Target = {
    ...file,
    name: profile,
    profiles: [profile],
    ...(bySocket ? { limits: { ...file.limits, timeoutSeconds: socketLimitSeconds } } : {}),
  };
  const effects = createEffects(vaultFor(target), { env: {} });
  return {
    mock,
    target,
    runOptions: {
      catalogue,
      cases: catalogue.cases.filter((one) => one.profile === profile),
      targets: [target],
      selectors: [],
      suite: { name: 'drupal-auth-conformance', version: '0' },
      seed,
      strict: false,
      readOnly: false,
      repeat: 1,
      bail: false,
      maxWaitSeconds: 0,
      signal: new AbortController().signal,
    },
    effects: {
      ...effects,
      ...(bySocket
        ? {}
        : { transportFor: () => Promise.resolve(between(createInProcessTransport((request) => mock.serve(request).response))) }),
      advanceClock: (_control, seconds) => {
        mock.clock.advance(seconds);
        return Promise.resolve(undefined);
      },
    },
  };
}

const planned = new WeakMap<Catalogue, Map<string, readonly CatalogueCase[]>>();

/** The same for every mock of a profile, since all have the same target but for secrets. */
function runnable({ catalogue, profile: name }: BenchOptions, target: Target): readonly CatalogueCase[] {
  const plans = planned.get(catalogue) ?? new Map<string, readonly CatalogueCase[]>();
  planned.set(catalogue, plans);
  let cases = plans.get(name);
  const profile = catalogue.profiles[name];
  if (cases === undefined && profile !== undefined) {
    const all = planCases(catalogue.cases, profile, target, { readOnly: false, budget: budgetOf(target) });
    const wanted = all.filter(({ skip }) => skip === undefined).map((one) => one.case);
    cases = [...wanted.filter((one) => !movesClock(one)), ...wanted.filter(movesClock)];
    plans.set(name, cases);
  }
  return cases ?? [];
}

/** Moving the clock ends every shared token. */
export function movesClock({ steps }: CatalogueCase): boolean {
  return steps.some(({ kind }) => kind === 'wait');
}
