/**
 * Judging again what was recorded: a transport that answers from a report, without any network.
 *
 * @module
 */
import type { Exchange, HeaderLine, Transport } from '../model/exchange.ts';
import type { CaseRecord, RecordedExchange } from '../model/record.ts';

/** Reads a recorded case again; the recording keeps none. */
export type ReadAgain = () => Promise<CaseRecord>;

/** Recorded answers by target and scope: a case's by its address, a fixture's by `fixture:NAME`. */
export class Recording {
  readonly #names: readonly string[];
  readonly #cases = new Map<string, ReadAgain>();
  /** The case that carries a fixture: obtained afresh for another one, it answers the same. */
  readonly #fixtures = new Map<string, ReadAgain>();

  /** @param names the targets of the report; if it is only one, its name does not matter. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  add(record: CaseRecord, readAgain: ReadAgain): void {
    if (record.steps.length > 0) this.#cases.set(`${record.target}\n${record.address}`, readAgain);
    for (const { fixture } of record.steps) {
      const key = `${record.target}\n${fixture}`;
      if (fixture !== undefined && !this.#fixtures.has(key)) this.#fixtures.set(key, readAgain);
    }
  }

  /** Whether a case was run. */
  has(target: string, address: string): boolean {
    return this.#cases.has(`${this.#nameOf(target)}\n${address}`);
  }

  /**
   * Answers the requests of one scope, step by step, in the order in which they were recorded. Of a step that was repeated only the first exchange and those
   * that differ in verdict are recorded: the last of them answers what is asked beyond.
   */
  transport(target: string, scope: string): Transport {
    let steps: Promise<Map<string, RecordedExchange[]>> | undefined;
    return {
      send: async (_request, { step = '' }) => {
        const left = (await (steps ??= this.#exchangesOf(this.#nameOf(target), scope))).get(step);
        return answerOf(left !== undefined && left.length > 1 ? left.shift() : left?.[0]);
      },
      close: () => Promise.resolve(),
    };
  }

  async #exchangesOf(target: string, scope: string): Promise<Map<string, RecordedExchange[]>> {
    const fixture = scope.startsWith('fixture:') ? scope.slice('fixture:'.length) : undefined;
    const readAgain = fixture === undefined ? this.#cases.get(`${target}\n${scope}`) : this.#fixtures.get(`${target}\n${fixture}`);
    const record = await readAgain?.();
    const steps = new Map<string, RecordedExchange[]>();
    for (const step of record?.steps ?? []) {
      if (step.fixture === fixture) steps.set(step.name, [...(steps.get(step.name) ?? []), ...step.exchanges]);
    }
    return steps;
  }

  #nameOf(target: string): string {
    const [only, ...others] = this.#names;
    return only === undefined || others.length > 0 ? target : only;
  }
}

function answerOf(recorded: RecordedExchange | undefined): Omit<Exchange, 'request'> {
  if (recorded === undefined) {
    return { failure: { kind: 'unsendable', message: 'the report holds no answer to this request' }, timing: { startedMs: 0, endedMs: 0 } };
  }
  const { response, failure, timing } = recorded;
  if (response === undefined) return { failure: failure ?? { kind: 'closed', message: 'no answer was recorded' }, timing };
  const { body } = response;
  return {
    response: {
      httpVersion: response.httpVersion,
      status: response.status,
      reason: response.reason,
      headers: response.headers as readonly HeaderLine[],
      body: Buffer.from(body.text ?? body.base64 ?? '', body.text === undefined ? 'base64' : 'utf8'),
    },
    timing,
  };
}
