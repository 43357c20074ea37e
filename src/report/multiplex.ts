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
  tail: Promise<void>;
  alive: boolean;
}

/** Joins reporters. Hooks of one reporter never overlap; reporters do not wait for each other. */
export function multiplex(
  reporters: readonly { readonly name: string; readonly reporter: Reporter }[],
  options: MultiplexOptions = {},
): Multiplexer {
  const patienceMs = options.patienceMs ?? 30_000;
  const failures: ReporterFailure[] = [];
  const lanes: Lane[] = reporters.map(({ name, reporter }) => ({ name, reporter, tail: Promise.resolve(), alive: true }));

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

  async function guarded(lane: Lane, hook: string, call: () => void | Promise<void>): Promise<void> {
    if (!lane.alive) return;
    let timer: NodeJS.Timeout | undefined;
    try {
      const result = call();
      if (result === undefined) return;
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

  function each(hook: string, call: (reporter: Reporter) => void | Promise<void>): Promise<void> {
    for (const lane of lanes) lane.tail = lane.tail.then(() => guarded(lane, hook, () => call(lane.reporter)));
    return Promise.all(lanes.map((lane) => lane.tail)).then(() => undefined);
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
