/**
 * `drupal-auth-conformance/vitest`: one test per case in your own suite.
 *
 * @module
 */
import type { RunnerTask } from 'vitest';
import { loadSpecs, run, type CaseRecord, type ReportRecord, type RunOptions, type TargetFile } from './index.ts';
import { checkConformanceOptions } from './options.ts';
import { describeFailure, type ConformanceFailure } from './report/failure.ts';
import { selectCases } from './spec/select.ts';
import { UsageError } from './support/error.ts';
import { withPeer } from './support/peer.ts';

const { afterAll, describe, it } = await withPeer(import('vitest'), 'vitest', 'drupal-auth-conformance/vitest', '4');

export type ConformanceOptions = Omit<RunOptions, 'target' | 'signal' | 'bail'>;

/**
 * Declares one test per case of the target's profiles, named by its address and title: it passes, fails with expected and received, or is skipped
 * with its reason. The requests are sent when the first test runs, and only for tests that run: `-t miniorange/oauth/token-errors` sends those of
 * the cases it picks. Nothing is retried, whatever the configuration says. A test takes as long as the target does, within the limits of the
 * target file, so that no test time-out applies.
 *
 * @param target what to test, or a function that makes it (a mock's URL is known only when it listens); its `profile` must be given beside it then.
 * @example
 * ```ts
 * await describeConformance({ profile: 'miniorange/oauth', baseUrl: 'http://127.0.0.1:8888', clients, users });
 * ```
 * @throws UsageError when the target has no profile, an option is wrong or the selection matches nothing; SpecError when specs are wrong.
 */
export async function describeConformance(
  target: TargetFile | { readonly profile: TargetFile['profile']; readonly make: () => TargetFile | Promise<TargetFile> },
  options: ConformanceOptions = {},
): Promise<void> {
  const profiles = profilesOf(target);
  checkConformanceOptions(options);
  const catalogue = await loadSpecs(options.specs ?? []);
  const selected = (await selectCases(catalogue, options.select ?? [])).map(({ case: one }) => one);
  const cases = selected.filter(({ profile }) => profiles.includes(profile));
  if (cases.length === 0) throw new UsageError(`describeConformance: no case of profile ${profiles.join(', ')} is selected`);

  const addresses = new Map(cases.map(({ address, title }) => [`${address}: ${title}`, address]));
  const name = 'name' in target && typeof target.name === 'string' ? target.name : profiles.join(', ');
  describe(`conformance of ${name}`, () => {
    const end = new AbortController();
    let records: Records | undefined;
    for (const [title, address] of addresses) {
      it(title, { retry: 0, repeats: 0, timeout: 0 }, async (context) => {
        records ??= new Records(
          makeOf(target).then((made) => {
            const wanted = wantedIn(context.task.suite?.tasks ?? [], addresses);
            // Selectors of the options stay as they are when nothing was filtered, so that a `#check` in them still counts.
            const select = wanted.length < addresses.size ? wanted : options.select;
            return run({ ...options, ...(select === undefined ? {} : { select }), target: made, signal: end.signal });
          }),
        );
        const record = await records.of(address);
        if (record === undefined) return context.skip('it says nothing about this version');
        if (record.verdict === 'skipped') return context.skip(record.reason ?? 'skipped');
        if (record.verdict === 'fail' || record.verdict === 'blocked' || record.verdict === 'error') throw asError(describeFailure(record));
      });
    }
    // Tests that were given up (`--bail`) leave no requests behind.
    afterAll(async () => {
      end.abort();
      await records?.ended;
    });
  });
}

/** The records of a run as they come in, each for the test that waits for it. */
class Records {
  /** Settles with the run; never rejects. */
  readonly ended: Promise<void>;
  readonly #known = new Map<string, CaseRecord>();
  readonly #waiting = new Map<string, { resolve(record: CaseRecord | undefined): void; reject(reason: unknown): void }>();
  #outcome: { readonly error?: unknown } | undefined;

  constructor(running: Promise<AsyncIterable<ReportRecord>>) {
    this.ended = this.#collect(running).then(
      () => this.#settle({}),
      (error: unknown) => this.#settle({ error }),
    );
  }

  /** Resolves to undefined when the run ends without this case. */
  of(address: string): Promise<CaseRecord | undefined> {
    return new Promise((resolve, reject) => {
      const record = this.#known.get(address);
      if (record !== undefined || (this.#outcome !== undefined && !('error' in this.#outcome))) resolve(record);
      else if (this.#outcome !== undefined) reject(this.#outcome.error);
      else this.#waiting.set(address, { resolve, reject });
    });
  }

  async #collect(running: Promise<AsyncIterable<ReportRecord>>): Promise<void> {
    for await (const record of await running) {
      if (record.type !== 'case') continue;
      this.#known.set(record.address, record);
      this.#waiting.get(record.address)?.resolve(record);
      this.#waiting.delete(record.address);
    }
  }

  #settle(outcome: { readonly error?: unknown }): void {
    this.#outcome = outcome;
    for (const { resolve, reject } of this.#waiting.values()) {
      if ('error' in outcome) reject(outcome.error);
      else resolve(undefined);
    }
    this.#waiting.clear();
  }
}

/** Addresses of the tests that vitest has not left out, by `-t`, `.only` or a line number. */
function wantedIn(tasks: readonly RunnerTask[], addresses: ReadonlyMap<string, string>): string[] {
  return tasks.flatMap(({ name, mode }) => (mode === 'run' || mode === 'queued' ? (addresses.get(name) ?? []) : []));
}

async function makeOf(target: TargetFile | { readonly make: () => TargetFile | Promise<TargetFile> }): Promise<TargetFile> {
  return 'make' in target ? await target.make() : target;
}

function profilesOf(target: unknown): string[] {
  const named = typeof target === 'object' && target !== null && 'profile' in target ? [target.profile].flat() : [];
  const profiles = named.filter((name) => typeof name === 'string');
  const isMade = typeof target === 'object' && target !== null && 'make' in target;
  if (isMade && typeof target.make !== 'function') {
    throw new UsageError('describeConformance: the key "make" must be a function that returns a target');
  }
  if (profiles.length === named.length && profiles.length > 0) return profiles;
  throw new UsageError('describeConformance: expected a target with the key "profile", a string or an array of strings', {
    remedy: "{ profile: 'miniorange/oauth', baseUrl, clients, users }, or { profile, make: () => target }.",
  });
}

/** An assertion error as vitest shows it: with a diff of expected and received, a difference a line. */
function asError({ message, expected, actual }: ConformanceFailure): Error {
  return Object.assign(new Error(message), {
    name: 'AssertionError',
    expected: linesOf(expected),
    actual: linesOf(actual),
    showDiff: true,
    stack: message,
  });
}

function linesOf(parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts)
    .map(([at, value]) => `${at}: ${value}`)
    .join('\n');
}
