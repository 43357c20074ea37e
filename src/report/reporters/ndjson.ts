/**
 * The stream itself, one record a line: the format that every other one is made from.
 *
 * @module
 */
import type { Reporter, ReporterContext } from '../reporter.ts';
import { recordLine } from '../stream.ts';

export function ndjsonReporter({ write }: ReporterContext): Reporter {
  return {
    onHeader: (header) => write(recordLine(header)),
    onCase: (record) => write(recordLine(record)),
    onFooter: (footer) => write(recordLine(footer)),
  };
}
