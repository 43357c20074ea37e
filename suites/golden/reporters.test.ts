import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { recordLine } from '../../src/report/stream.ts';
import { makeStream } from './fixtures/make-stream.ts';
import { expectGolden, render } from './golden.ts';

const records = makeStream();

describe('the recorded stream', () => {
  it('is what make-stream.ts makes', () => {
    const path = fileURLToPath(new URL('./fixtures/stream.ndjson', import.meta.url));
    const made = records.map(recordLine).join('');
    if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(path, made);
    expect(readFileSync(path, 'utf8')).toBe(made);
  });
});

describe('each reporter writes exactly its golden file', () => {
  it.each([
    ['terminal', 'terminal.txt'],
    ['ndjson', 'stream.ndjson'],
    ['json', 'report.json'],
    ['junit', 'junit.xml'],
    ['markdown', 'report.md'],
    ['github', 'github.txt'],
    ['sarif', 'report.sarif'],
    ['ctrf', 'ctrf.json'],
    ['har', 'report.har'],
  ])('%s', async (name, file) => {
    expectGolden(file, await render(name, records));
  });

  it('terminal in ASCII', async () => {
    const output = await render('terminal', records, { unicode: false });
    expect(output).toMatch(/^[\n -~]*$/);
    expectGolden('terminal.ascii.txt', output);
  });

  it('terminal in colour on 120 columns', async () => {
    expectGolden('terminal.colour.txt', await render('terminal', records, { color: true, columns: 120 }));
  });
});
