/**
 * Several reporters behind one. A reporter that throws, rejects or never answers cannot stop a run: it is dropped, remembered, and named at the end.
 *
 * @module
 */
import type { CaseRecord, FooterRecord, HeaderRecord } from '../model/record.ts';
import type { Reporter } from './reporter.ts';

export interface ReporterFailure {
  readonly reporter: string;
  /** Which hook failed, e.g. `onCase`. */
  readonly hook: string;
  readonly error: unknown;
  /** One sentence for a person. */
  readonly message: string;
}

export interface Multiplexer {
  onHeader(header: HeaderRecord): Promise<void>;
  /** Resolves when every reporter has taken the record: await it, and memory stays flat. */
  onCase(record: CaseRecord): Promise<void>;
  onFooter(footer: FooterRecord): Promise<void>;
  onStatus(line: string | undefined): void;
  close(): Promise<void>;
  /** Reporters that failed so far, in the order in which they did. */
  readonly failures: readonly ReporterFailure[];
}

export interface MultiplexOptions {
  /** How long one hook may take, in milliseconds. Default 30 000. */
  readonly patienceMs?: number;
}

interface Lane {
  readonly name: string;
  readonly reporter: Reporter;
  /** Settles when the hooks that were called so far have; undefined: none of them is under way. */
  tail: Promise<void> | undefined;
  alive: boolean;
}

const done = Promise.resolve();

/** Joins reporters. Hooks of one reporter never overlap; reporters do not wait for each other. */
export function multiplex(
  reporters: readonly { readonly name: string; readonly reporter: Reporter }[],
  options: MultiplexOptions = {},
): Multiplexer {
  const patienceMs = options.patienceMs ?? 30_000;
  const failures: ReporterFailure[] = [];
  const lanes: Lane[] = reporters.map(({ name, reporter }) => ({ name, reporter, tail: undefined, alive: true }));

  function remember(lane: Lane, hook: string, error: unknown): void {
    lane.alive = false;
    const what = error instanceof Error ? error.message : String(error);
    failures.push({
      reporter: lane.name,
      hook,
      error,
      message: `reporter ${lane.name} failed in ${hook} and was left out from there on: ${what}`,
    });
  }

  /** What a hook answered, if that is not there yet. */
  function attempt(lane: Lane, hook: string, call: (reporter: Reporter) => void | Promise<void>): Promise<void> | undefined {
    if (!lane.alive) return undefined;
    try {
      const result = call(lane.reporter);
      return result === undefined ? undefined : settled(lane, hook, result);
    } catch (error) {
      remember(lane, hook, error);
      return undefined;
    }
  }

  async function settled(lane: Lane, hook: string, result: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs);
      });
      await Promise.race([result, late]);
    } catch (error) {
      remember(lane, hook, error);
    } finally {
      clearTimeout(timer);
    }
  }

  function enqueue(lane: Lane, hook: string, call: (reporter: Reporter) => void | Promise<void>): void {
    const next = lane.tail === undefined ? attempt(lane, hook, call) : lane.tail.then(() => attempt(lane, hook, call));
    if (next === undefined) return;
    const tail = next.then(() => {
      if (lane.tail === tail) lane.tail = undefined;
    });
    lane.tail = tail;
  }

  function each(hook: string, call: (reporter: Reporter) => void | Promise<void>): Promise<void> {
    for (const lane of lanes) enqueue(lane, hook, call);
    const tails = lanes.flatMap(({ tail }) => tail ?? []);
    return tails.length === 0 ? done : Promise.all(tails).then(() => undefined);
  }

  return {
    failures,
    onHeader: (header) => each('onHeader', (reporter) => reporter.onHeader?.(header)),
    onCase: (record) => each('onCase', (reporter) => reporter.onCase?.(record)),
    onFooter: (footer) => each('onFooter', (reporter) => reporter.onFooter?.(footer)),
    onStatus(line) {
      for (const lane of lanes) {
        if (!lane.alive) continue;
        try {
          lane.reporter.onStatus?.(line);
        } catch (error) {
          remember(lane, 'onStatus', error);
        }
      }
    },
    close: () => each('close', (reporter) => reporter.close?.()),
  };
}
