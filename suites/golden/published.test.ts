import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

/** Says a time of issue: forged and made-up tokens of the specs do so only as copies of a real one, whose signature is then another. */
function isIssued(token: string): boolean {
  try {
    return 'iat' in (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as object);
  } catch {
    return false;
  }
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

  it.each(published)('%s shows no credential that would still work, and nothing of the machine that wrote it', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    // A whole JWT, a Basic pair or a Bearer value that no placeholder stands for, a form field of a secret, a path of a home or of a temporary folder.
    const signedTokens = [...text.matchAll(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{40,}/g)]
      .map(([token]) => token)
      .filter((token) => isIssued(token));
    expect(signedTokens).toEqual([]);
    expect(text).not.toMatch(/"(?:\/tmp|\/root|\/home|\/work)\//);
  });

  it.each(published)('%s stands beside a README that says how it came about', (file) => {
    const page = readFileSync(join(folder, dirname(file), 'README.md'), 'utf8');
    for (const words of [/^## What/m, /^## How/m, /^## Verdicts/m, /seed 1/, /PHP/]) expect(page).toMatch(words);
  });

  it.each(published)('%s has every fail and warn adjudicated in its README', async (file) => {
    const page = readFileSync(join(folder, dirname(file), 'README.md'), 'utf8');
    const open = (await recordsOf(file)).flatMap((record) =>
      record.type === 'case' && /^(fail|warn|error|blocked)$/.test(record.verdict) && !page.includes(record.address)
        ? [record.address]
        : [],
    );
    expect(open).toEqual([]);
  });
});
