/**
 * Judging again what was recorded: a transport that answers from a report, without any network.
 *
 * @module
 */
import type { Exchange, HeaderLine, Transport } from '../model/exchange.ts';
import type { CaseRecord, RecordedExchange, ReportRecord } from '../model/record.ts';

/** Recorded answers by scope: a case's by its address, a fixture's by `fixture:NAME`. */
export class Recording {
  readonly #answers = new Map<string, RecordedExchange[]>();
  /** Addresses of the cases that were run. */
  readonly addresses = new Set<string>();

  add(record: CaseRecord): void {
    if (record.steps.length > 0) this.addresses.add(record.address);
    for (const step of record.steps) {
      const scope = step.fixture === undefined ? record.address : `fixture:${step.fixture}`;
      // A fixture that was obtained afresh for one case answers like the shared one: the first recording stands for both.
      const known = this.#answers.get(scope);
      if (known === undefined) this.#answers.set(scope, [...step.exchanges]);
      else if (step.fixture === undefined) known.push(...step.exchanges);
    }
  }

  /** Answers the requests of one scope in the order in which they were recorded. */
  transport(scope: string): Transport {
    const left = [...(this.#answers.get(scope) ?? [])];
    return {
      send: () => Promise.resolve(answerOf(left.shift())),
      close: () => Promise.resolve(),
    };
  }
}

/** Reads a report's cases into a recording. */
export async function readRecording(records: AsyncIterable<ReportRecord>): Promise<Recording> {
  const recording = new Recording();
  for await (const record of records) if (record.type === 'case') recording.add(record);
  return recording;
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
