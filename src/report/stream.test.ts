import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../model/record.ts';
import { ReportError } from '../support/error.ts';
import { readReport, readReportFile, recordLine } from './stream.ts';

const header: HeaderRecord = {
  type: 'header',
  format: 'drupal-auth-conformance/1',
  suite: { name: 'drupal-auth-conformance', version: '0.1.0' },
  specs: 'abc',
  node: 'v20',
  startedAt: '2026-11-23T10:00:00.000Z',
  seed: 1,
  options: { selectors: [], strict: false, readOnly: false, repeat: 1 },
  targets: [],
  clauses: {},
};

function oneCase(address: string, verdict: CaseRecord['verdict'] = 'pass', target = 'mock'): CaseRecord {
  return {
    type: 'case',
    target,
    address,
    profile: 'p',
    title: 't \u2028 \n',
    file: 'p/f.yaml',
    line: 1,
    clauses: [],
    verdict,
    steps: [],
    startedMs: 0,
    durationMs: 1,
  };
}

function footer(cases: Partial<FooterRecord['cases']>): FooterRecord {
  const none = { error: 0, fail: 0, blocked: 0, warn: 0, skipped: 0, pass: 0, waived: 0 };
  return { type: 'footer', cases: { ...none, ...cases }, checks: none, findings: [], durationMs: 1, requests: 0, exitCode: 0 };
}

const whole = [header, oneCase('p/f/a'), oneCase('p/f/b', 'fail'), footer({ pass: 1, fail: 1 })];

async function read(chunks: readonly (string | Uint8Array)[], onCut?: (message: string) => void): Promise<ReportRecord[]> {
  const records: ReportRecord[] = [];
  async function* source() {
    yield* chunks;
  }
  for await (const record of readReport(source(), { name: 'report.ndjson', ...(onCut === undefined ? {} : { onCut }) }))
    records.push(record);
  return records;
}

async function problem(text: string): Promise<{ message: string; remedy: string | undefined }> {
  try {
    await read([text]);
  } catch (error) {
    expect(error).toBeInstanceOf(ReportError);
    return { message: (error as ReportError).message, remedy: (error as ReportError).remedy };
  }
  throw new Error('expected a ReportError');
}

const lines = (records: readonly ReportRecord[]) => records.map(recordLine).join('');

describe('recordLine', () => {
  it('writes one line even when a text holds line separators', () => {
    const line = recordLine(oneCase('p/f/a'));
    expect(line.split(/[\n\u2028]/)).toHaveLength(2);
    expect(JSON.parse(line)).toEqual(oneCase('p/f/a'));
  });
});

describe('readReport', () => {
  it('gives back what was written, whatever the chunks', async () => {
    const bytes = new TextEncoder().encode(lines([header, oneCase('p/f/ä€😀'), footer({ pass: 1 })]));
    const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) => bytes.subarray(index * 7, index * 7 + 7));
    expect(await read(chunks)).toEqual([header, oneCase('p/f/ä€😀'), footer({ pass: 1 })]);
  });

  it('accepts carriage returns, a byte order mark, empty lines and a last line without its line feed', async () => {
    expect(await read([`\uFEFF${lines(whole).replaceAll('\n', '\r\n\n').trimEnd()}`])).toEqual(whole);
  });

  it('allows the same case for two targets, and a waived fail counted only as waived', async () => {
    const records = [header, oneCase('p/f/a', 'fail', 'one'), oneCase('p/f/a', 'fail', 'two'), footer({ waived: 2 })];
    expect(await read([lines(records)])).toEqual(records);
  });

  it('allows fields that it does not know', async () => {
    expect(await read([lines([{ ...header, colour: 'blue' } as HeaderRecord, footer({})])])).toHaveLength(2);
  });

  it.each([
    ['an empty file', '', 'report.ndjson: is empty, expected a report'],
    ['blank lines only', '\n \n', 'report.ndjson: is empty, expected a report'],
    ['a JUnit file', '<?xml version="1.0"?>\n', 'report.ndjson:1: found text that is not JSON, expected the header of a report'],
    ['other JSON', '{"results":[]}\n', 'report.ndjson:1: found no header with a format'],
    ['a JSON list', '[1]\n', 'report.ndjson:1: found no header with a format'],
    ['another product', '{"type":"header","format":"bowtie/1"}\n', 'report.ndjson:1: found format "bowtie/1"'],
    [
      'a newer major version',
      lines([{ ...header, format: 'drupal-auth-conformance/2' } as unknown as HeaderRecord]),
      'report.ndjson:1: is format drupal-auth-conformance/2, this version reads up to drupal-auth-conformance/1',
    ],
    ['a first line that is a case', lines([oneCase('p/f/a')]), 'report.ndjson:1: found no header with a format'],
    ['a second header', lines([header, header]), 'report.ndjson:2: found a second header'],
    [
      'a case twice',
      lines([header, oneCase('p/f/a'), oneCase('p/f/a')]),
      'report.ndjson:3: case p/f/a of target "mock" was recorded before, in line 2',
    ],
    ['a record after the footer', lines([header, footer({}), oneCase('p/f/a')]), 'report.ndjson:3: found more after the footer'],
    [
      'a case taken out',
      lines(whole.filter((one) => one !== whole[1])),
      'report.ndjson:3: the footer counts 1 cases with the verdict pass, the report holds 0',
    ],
    [
      'a verdict that is none',
      lines(whole).replace('"verdict":"pass"', '"verdict":"passed"'),
      'report.ndjson:2: /verdict is the string "passed", expected one of error, fail',
    ],
    ['a list that is an object', lines(whole).replace('"steps":[]', '"steps":{}'), 'report.ndjson:2: /steps is an object, expected a list'],
    ['a field that is missing', lines(whole).replace('"seed":1,', ''), 'report.ndjson:1: /seed is missing, expected a number'],
    ['a broken line in the middle', lines(whole).replace('"p/f/a"', '"p/f/a'), 'report.ndjson:2: is not JSON'],
    ['no footer', lines(whole.slice(0, 3)), 'report.ndjson:3: the report has no footer: it is cut after 2 cases'],
    [
      'a half last line',
      lines(whole.slice(0, 3)).slice(0, -20),
      'report.ndjson:3: the last line breaks off in the middle of a record: it is cut after 1 case',
    ],
  ])('recognises %s', async (_, text, message) => {
    const found = await problem(text);
    expect(found.message).toContain(message);
    expect(found.remedy).toBeTruthy();
  });

  it('hands out the cases of a cut report when the caller accepts that', async () => {
    const notices: string[] = [];
    expect(await read([lines(whole.slice(0, 3)).slice(0, -20)], (message) => notices.push(message))).toEqual(whole.slice(0, 2));
    expect(notices).toHaveLength(1);
  });
});

describe('readReportFile', () => {
  it('names the file and what to do when it cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dac-'));
    const consume = async (path: string) => {
      for await (const _ of readReportFile(path)) void _;
    };
    await expect(consume(join(folder, 'none.ndjson'))).rejects.toThrow(/none\.ndjson: no such file/);
    await expect(consume(folder)).rejects.toThrow(/is a folder, expected a report file/);
    writeFileSync(join(folder, 'ok.ndjson'), lines(whole));
    await expect(consume(join(folder, 'ok.ndjson'))).resolves.toBeUndefined();
  });
});
