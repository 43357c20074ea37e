import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ReportRecord } from '../../src/model/record.ts';
import { reporterNames } from '../../src/report/reporter.ts';
import { readReportFile } from '../../src/report/stream.ts';
import { render } from './golden.ts';

const folder = fileURLToPath(new URL('../../reports', import.meta.url));
const published = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ndjson'));

async function recordsOf(file: string): Promise<ReportRecord[]> {
  const records: ReportRecord[] = [];
  for await (const record of readReportFile(join(folder, file), { name: relative('.', join(folder, file)) })) records.push(record);
  return records;
}

describe.skipIf(published.length === 0)('each published report', () => {
  it.each(published)('%s can be read and rendered in every format', async (file) => {
    const records = await recordsOf(file);
    for (const name of reporterNames) {
      const output = await render(name, records);
      expect(output.length).toBeGreaterThan(0);
      if (['json', 'sarif', 'ctrf', 'har'].includes(name)) JSON.parse(output);
    }
  });
});
