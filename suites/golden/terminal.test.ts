import { describe, expect, it } from 'vitest';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord, TargetFacts } from '../../src/model/record.ts';
import { terminalReporter } from '../../src/report/reporters/terminal.ts';
import { columnsOf } from '../../src/report/text.ts';
import { makeStream } from './fixtures/make-stream.ts';
import { render } from './golden.ts';

const records = makeStream();
const header = records[0] as HeaderRecord;
const cases = records.filter((record): record is CaseRecord => record.type === 'case');
const footer = records.at(-1) as FooterRecord;

// oxlint-disable-next-line no-control-regex
const acted = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function failing(address: string): CaseRecord {
  return { ...(cases.find((one) => one.address.endsWith('wrong-password/altered')) as CaseRecord), address };
}

describe('terminal reporter', () => {
  it('prints nothing that a terminal acts on, however hostile the target is', async () => {
    expect(await render('terminal', records)).not.toMatch(acted);
  });

  it('uses only its own colour sequences when it may', async () => {
    const output = await render('terminal', records, { color: true });
    // oxlint-disable-next-line no-control-regex
    expect(output).toMatch(/\u001b\[31m/);
    // oxlint-disable-next-line no-control-regex
    expect(output.replace(/\u001b\[\d{1,2}m/g, '')).toBe(await render('terminal', records));
  });

  it.each([60, 80, 100])('keeps to %d columns, but for links, commands and file lines', async (columns) => {
    const output = await render('terminal', records, { columns });
    const tooWide = output
      .split('\n')
      .filter((line) => columnsOf(line) > columns)
      .filter(
        (line) => !/^\s+https?:|curl|printf|--data|\s-H |^ *[✓✗] |^\s+http|cases:|\[(staging|upgraded)\] .*use-token\.yaml/.test(line),
      );
    expect(tooWide).toEqual([]);
  });

  it('tells a failure that a finding explains only in the finding', async () => {
    const output = await render('terminal', records);
    expect(output.match(/token-errors\/wrong-password\/generated/g)).toHaveLength(2); // finding and warning
    const failures = output.slice(output.indexOf('Failures'), output.indexOf('Findings'));
    expect(failures).not.toContain('wrong-password/generated');
  });

  it('keeps the answer and the command of a failure whose first check a finding explains', async () => {
    const findings = [
      { id: 'x', title: 'x', verdict: 'fail' as const, checks: ['miniorange/oauth/password-grant/wrong-password/altered#status'] },
    ];
    const output = await render('terminal', [...records.slice(0, -1), { ...footer, findings }]);
    const block = output.slice(
      output.indexOf('✗ [staging] miniorange/oauth/password-grant/wrong-password/altered'),
      output.indexOf('why       The wrong'),
    );
    expect(block).not.toContain('#status MUST');
    expect(block).toMatch(/#error MUST[^]*answer    HTTP\/1\.1 500[^]*repeat    curl -i/);
  });

  it('tells it in full for a target that the finding is not about', async () => {
    const findings = footer.findings.map((finding) => ({ ...finding, target: 'upgraded' }));
    const output = await render('terminal', [...records.slice(0, -1), { ...footer, findings }]);
    expect(output.slice(output.indexOf('Failures'), output.indexOf('Findings'))).toContain('wrong-password/generated');
  });

  it('prints the line of a file as soon as its last case is in', async () => {
    let output = '';
    const reporter = terminalReporter({
      write: (text) => void (output += text),
      isTTY: false,
      columns: 80,
      color: false,
      now: () => new Date(0),
    });
    await reporter.onHeader?.({ ...header, targets: header.targets.slice(0, 1) });
    const [first, second] = cases;
    await reporter.onCase?.(first as CaseRecord);
    expect(output).not.toContain('password-grant  ');
    await reporter.onCase?.(second as CaseRecord);
    expect(output).toMatch(/✗ miniorange\/oauth\/password-grant +1 passed · 1 failed/);
  });

  it('tells several targets one after the other, each as soon as its last case is in, however their cases come', async () => {
    let output = '';
    const reporter = terminalReporter({
      write: (text) => void (output += text),
      isTTY: false,
      columns: 80,
      color: false,
      now: () => new Date(0),
    });
    await reporter.onHeader?.(header);
    const [staging, upgraded] = ['staging', 'upgraded'].map((name) => cases.filter(({ target }) => target === name));
    const mixed = Array.from({ length: cases.length }, (_, index) => [upgraded?.[index], staging?.[index]]).flat();
    const before = output;
    let told = '';
    for (const record of mixed.filter((one) => one !== undefined)) {
      await reporter.onCase?.(record);
      told ||= output.slice(before.length);
    }
    expect(told).toMatch(/^✗ upgraded +3 passed · 1 failed[^\n]*\n( {2}[✓✗] \S+ +\d[^\n]*\n){3}$/);
    const lines = output.slice(before.length + told.length);
    expect(lines).toMatch(/^✗ staging +1 passed[^\n]*\n( {2}✗ \S+ +\d[^\n]*\n){5}$/);
    expect(output.split('\n').filter((line) => columnsOf(line) > 80)).toEqual([]);
  });

  it('gives no line to a file in which nothing is wrong when there are very many targets', async () => {
    const targets = Array.from({ length: 21 }, (_, index) => ({ ...(header.targets[0] as TargetFacts), name: `site-${index}` }));
    const [passed, failed] = cases.filter(({ target, file }) => target === 'staging' && file.includes('password-grant')) as [
      CaseRecord,
      CaseRecord,
    ];
    const { planned: _, ...rest } = header;
    const each = targets.flatMap(({ name }, index) => [
      { ...passed, target: name },
      ...(index === 0 ? [{ ...failed, file: 'specs/other.yaml', target: name }] : []),
    ]);
    const output = await render('terminal', [{ ...rest, targets }, ...each, { ...footer, findings: [] }]);
    expect(output.match(/^✓ site-\d+ +1 passed/gm)).toHaveLength(20);
    expect(output.match(/^✗ site-0 +1 passed · 1 failed.*\n {2}✗ other +1 failed.*\n✓/gm)).toHaveLength(1);
  });

  it('prints every file at the end when nothing was announced', async () => {
    const { planned: _, ...unplanned } = header;
    const output = await render('terminal', [unplanned, ...records.slice(1)]);
    expect(output.match(/^ {2}[✓✗] \S+ {2,}\d/gm)).toHaveLength(8);
  });

  it('names a cut run as partial, with and without a footer', async () => {
    expect(await render('terminal', records.slice(0, -1))).toMatch(/The run was cut before its end: this report is partial\.\n$/);
    expect(await render('terminal', [...records.slice(0, -1), { ...footer, cut: 'interrupted', exitCode: 130 }])).toMatch(
      /stopped early \(interrupted\): this report is partial\.\nExit 130: interrupted/,
    );
  });

  it('says so when nothing ran', async () => {
    const none = { error: 0, fail: 0, blocked: 0, warn: 0, skipped: 0, pass: 0, waived: 0 };
    const output = await render('terminal', [header, { ...footer, cases: none, checks: none, findings: [], exitCode: 3 }]);
    expect(output).toMatch(/0 cases: nothing ran[^]*Exit 3: cannot tell;/);
  });

  it('tells a hundred failures in full, and counts the others', async () => {
    const many = Array.from({ length: 145 }, (_, index) => failing(`miniorange/oauth/password-grant/c${String(index).padStart(3, '0')}`));
    const stream: ReportRecord[] = [header, ...many, { ...footer, findings: [] }];
    const output = await render('terminal', stream);
    expect(output.match(/^✗ \[staging\] miniorange\/oauth\/password-grant\/c\d{3}$/gm)).toHaveLength(100);
    expect(output).toContain('45 more failing cases, in full in the other reports:');
  });

  it('shows a status line on a terminal only, and removes it before anything else is printed', async () => {
    const written: string[] = [];
    let time = 0;
    const reporter = terminalReporter({
      write: (text) => void written.push(text),
      isTTY: true,
      columns: 40,
      color: false,
      now: () => new Date((time += 1000)),
    });
    await reporter.onHeader?.(header);
    reporter.onStatus?.('2 tokens ripen, 48 s to go \u001b[2J and much more to say than fits');
    const status = written.at(-1) ?? '';
    expect(status).toMatch(/^\r\u001b\[2K0\/20 · 2 tokens ripen, 48 s to go/);
    expect(columnsOf(status.slice(5))).toBeLessThan(40);
    expect(status.slice(5)).not.toMatch(acted);
    await reporter.onFooter?.({ ...footer, findings: [] });
    expect(written.at(written.indexOf(status) + 1)?.startsWith('\r\u001b[2K')).toBe(true);
    const silent: string[] = [];
    const piped = terminalReporter({
      write: (text) => void silent.push(text),
      isTTY: false,
      columns: 40,
      color: false,
      now: () => new Date(0),
    });
    piped.onStatus?.('waiting');
    expect(silent).toEqual([]);
  });
});
