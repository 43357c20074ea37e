/**
 * Shared by the golden tests: runs the stream through a reporter, compares with the file beside it, rewrites it when UPDATE_GOLDEN is set.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ReportRecord } from '../../src/model/record.ts';
import type { ReporterContext } from '../../src/report/reporter.ts';
import { createReporter } from '../../src/report/reporter.ts';

/** What a reporter writes for these records. */
export async function render(name: string, records: readonly ReportRecord[], context: Partial<ReporterContext> = {}): Promise<string> {
  let output = '';
  const reporter = await createReporter(name, import.meta.dirname, {
    write: (text) => {
      output += text;
    },
    isTTY: false,
    columns: 80,
    color: false,
    now: () => new Date('2026-11-23T10:02:00Z'),
    ...context,
  });
  for (const record of records) {
    if (record.type === 'header') await reporter.onHeader?.(record);
    else if (record.type === 'case') await reporter.onCase?.(record);
    else await reporter.onFooter?.(record);
  }
  await reporter.close?.();
  return output;
}

/** Compares with `expected/<file>`; with UPDATE_GOLDEN set in the environment the file is written instead. */
export function expectGolden(file: string, actual: string): void {
  const path = fileURLToPath(new URL(`./expected/${file}`, import.meta.url));
  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  expect(actual).toBe(readFileSync(path, 'utf8'));
}
