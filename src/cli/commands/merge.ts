/**
 * `dac merge`: shards and reruns in one report.
 *
 * @module
 */
import { resolve } from 'node:path';
import { merge } from '../../compare/merge.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { readReportFile } from '../../report/stream.ts';
import { print, printError } from '../console.ts';
import { openOutputs, reportLine } from './outputs.ts';

/** Exits as the joined run would have. */
export async function mergeCommand(
  reports: readonly string[],
  flags: { readonly out: string; readonly reporter: readonly string[] },
): Promise<number> {
  const records = await merge(reports.map((name) => ({ name, records: readReportFile(name) })));
  const outputs = await openOutputs(flags.reporter, resolve(flags.out));
  let code: number = exitCodes.ourBug;
  try {
    for (const record of records) {
      if (record.type === 'header') await outputs.reporters.onHeader(record);
      else if (record.type === 'case') await outputs.reporters.onCase(record);
      else {
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
}
