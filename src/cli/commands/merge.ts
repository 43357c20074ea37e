/**
 * `dac merge`: shards and reruns in one report.
 *
 * @module
 */
import { resolve } from 'node:path';
import { againstBaseline } from '../../compare/baseline.ts';
import { digestRun } from '../../compare/compare.ts';
import { merge, type RereadableRecord } from '../../compare/merge.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { openReport, readPlacedFile, readReportFile, type OpenReport } from '../../report/stream.ts';
import { print, printError } from '../console.ts';
import { openOutputs, reportLine } from './outputs.ts';

/** Exits as the joined run would have. */
export async function mergeCommand(
  reports: readonly string[],
  flags: { readonly out: string; readonly reporter: readonly string[]; readonly baseline?: string },
): Promise<number> {
  const opened: OpenReport[] = [];
  try {
    const baseline = flags.baseline === undefined ? undefined : await digestRun(readReportFile(flags.baseline));
    const joined = merge(reports.map((name) => ({ name, records: rereadable(name, opened) })));
    const records = baseline === undefined ? joined : againstBaseline(joined, baseline);
    // What can be refused is refused before an earlier report gives way.
    const first = await records.next();
    const outputs = await openOutputs(flags.reporter, resolve(flags.out), {
      keep: [...reports, flags.baseline].filter((file) => file !== undefined),
    });
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
