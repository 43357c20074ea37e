/**
 * `dac merge`: shards and reruns in one report.
 *
 * @module
 */
import { resolve } from 'node:path';
import { merge, type RereadableRecord } from '../../compare/merge.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { openReport, readPlacedFile, type OpenReport } from '../../report/stream.ts';
import { print, printError } from '../console.ts';
import { openOutputs, reportLine } from './outputs.ts';

/** Exits as the joined run would have. */
export async function mergeCommand(
  reports: readonly string[],
  flags: { readonly out: string; readonly reporter: readonly string[] },
): Promise<number> {
  const opened: OpenReport[] = [];
  try {
    const records = merge(reports.map((name) => ({ name, records: rereadable(name, opened) })));
    // What can be refused is refused before an earlier report gives way.
    const first = await records.next();
    const outputs = await openOutputs(flags.reporter, resolve(flags.out), { keep: reports });
    let code: number = exitCodes.ourBug;
    try {
      if (first.done !== true && first.value.type === 'header') await outputs.reporters.onHeader(first.value);
      for await (const record of records) {
        if (record.type === 'case') await outputs.reporters.onCase(record);
        else if (record.type === 'footer') {
          code = record.exitCode;
          await outputs.reporters.onFooter(record);
        }
      }
    } finally {
      await outputs.close();
    }
    for (const { message } of outputs.reporters.failures) printError(message);
    await print(reportLine(outputs));
    return code;
  } finally {
    for (const report of opened) await report.close();
  }
}

/** A report whose cases stay in the file; without its end it is joined too, and that is said. */
async function* rereadable(path: string, opened: OpenReport[]): AsyncGenerator<RereadableRecord, void, undefined> {
  let report: OpenReport | undefined;
  const onCut = (message: string) => printError(`warning: ${message}`);
  for await (const { record, offset, bytes } of readPlacedFile(path, { onCut })) {
    if (report === undefined) opened.push((report = await openReport(path)));
    const { readCase } = report;
    yield { record, readAgain: () => readCase({ offset, bytes }) };
  }
}
