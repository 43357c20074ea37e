/**
 * The whole run as one JSON document, `{ header, cases, footer }`, written as it comes: memory does not grow with the cases.
 *
 * @module
 */
import { jsonText } from '../../support/json-text.ts';
import type { Reporter, ReporterContext } from '../reporter.ts';

/** `footer` is null when the run was cut before its end. */
export function jsonReporter({ write }: ReporterContext): Reporter {
  let cases = 0;
  let started = false;
  let ended = false;
  return {
    onHeader(header) {
      started = true;
      return write(`{\n"header": ${jsonText(header)},\n"cases": [`);
    },
    onCase(record) {
      cases += 1;
      return write(`${cases === 1 ? '' : ','}\n${jsonText(record)}`);
    },
    onFooter(footer) {
      ended = true;
      return write(`\n],\n"footer": ${jsonText(footer)}\n}\n`);
    },
    close() {
      if (started && !ended) return write('\n],\n"footer": null\n}\n');
      return undefined;
    },
  };
}
