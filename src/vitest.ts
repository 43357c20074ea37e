/**
 * `drupal-auth-conformance/vitest`: one test per case in your own suite.
 *
 * @module
 */
import { loadSpecs, run, type CaseRecord, type RunOptions, type TargetFile } from './index.ts';
import { describeFailure, type ConformanceFailure } from './report/failure.ts';
import { selectCases } from './spec/select.ts';
import { UsageError } from './support/error.ts';
import { withPeer } from './support/peer.ts';

const { describe, it } = await withPeer(import('vitest'), 'vitest', 'drupal-auth-conformance/vitest', '4');

export type ConformanceOptions = Omit<RunOptions, 'target' | 'signal' | 'bail'>;

/**
 * Declares one test per case of the target's profiles: it passes, fails with expected and actual, or is skipped with its reason. The requests are
 * sent once, when the first test runs; `-t` picks tests by their address as usual. There are no retries.
 *
 * @param target what to test, or a function that makes it (a mock's URL is known only when it listens); its `profile` must be given beside it then.
 * @example
 * ```ts
 * await describeConformance({ profile: 'miniorange/oauth', baseUrl: 'http://127.0.0.1:8888', clients, users });
 * ```
 * @throws UsageError when the target has no profile or the selection matches nothing; SpecError when specs are wrong.
 */
export async function describeConformance(
  target: TargetFile | { readonly profile: TargetFile['profile']; readonly make: () => TargetFile | Promise<TargetFile> },
  options: ConformanceOptions = {},
): Promise<void> {
  const profiles = profilesOf(target);
  const catalogue = await loadSpecs(options.specs ?? []);
  const selected = (await selectCases(catalogue, options.select ?? [])).map(({ case: one }) => one);
  const cases = selected.filter(({ profile }) => profiles.includes(profile));
  if (cases.length === 0) throw new UsageError(`describeConformance: no case of profile ${profiles.join(', ')} is selected`);

  let outcome: Promise<ReadonlyMap<string, CaseRecord>> | undefined;
  const recordOf = async (address: string): Promise<CaseRecord | undefined> => {
    outcome ??= collect('make' in target ? await target.make() : target, options);
    return (await outcome).get(address);
  };
  for (const profile of profiles) {
    describe(profile, () => {
      for (const { address, title } of cases.filter((one) => one.profile === profile)) {
        it(`${address.slice(profile.length + 1)}: ${title}`, { retry: 0 }, async (context) => {
          const record = await recordOf(address);
          if (record === undefined) return context.skip('it says nothing about this version');
          if (record.verdict === 'skipped') return context.skip(record.reason ?? 'skipped');
          if (record.verdict === 'fail' || record.verdict === 'blocked' || record.verdict === 'error')
            throw asError(describeFailure(record));
        });
      }
    });
  }
}

function profilesOf(target: unknown): string[] {
  const named = typeof target === 'object' && target !== null && 'profile' in target ? [target.profile].flat() : [];
  const profiles = named.filter((name) => typeof name === 'string');
  if (profiles.length === named.length && profiles.length > 0) return profiles;
  throw new UsageError('describeConformance: expected a target with the key "profile", a string or an array of strings', {
    remedy: "{ profile: 'miniorange/oauth', baseUrl, clients, users }, or { profile, make: () => target }.",
  });
}

async function collect(target: TargetFile, options: ConformanceOptions): Promise<ReadonlyMap<string, CaseRecord>> {
  const records = new Map<string, CaseRecord>();
  for await (const record of run({ ...options, target })) if (record.type === 'case') records.set(record.address, record);
  return records;
}

/** An assertion error as vitest shows it: with a diff of expected and actual. */
function asError({ message, expected, actual }: ConformanceFailure): Error {
  return Object.assign(new Error(message), { name: 'AssertionError', expected, actual, showDiff: true, stack: message });
}
