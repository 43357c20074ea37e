import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../../src/model/record.ts';
import { makeStream } from './fixtures/make-stream.ts';
import { render } from './golden.ts';
import { sarifSchema } from './sarif-schema.ts';

const records = makeStream();
const header = records[0] as HeaderRecord;
const cases = records.filter((record): record is CaseRecord => record.type === 'case');
const footer = records.at(-1) as FooterRecord;
const withoutFooter = records.slice(0, -1);
const require = createRequire(import.meta.url);

interface Json {
  readonly [member: string]: Any;
}
/** What JSON.parse gives: the tests read deep into documents whose schema was checked before. */
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

async function json(name: string, stream: readonly ReportRecord[] = records): Promise<Json> {
  return JSON.parse(await render(name, stream)) as Json;
}

function validator(schema: object, others: readonly object[] = []) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  for (const other of others) ajv.addSchema(other);
  const validate = ajv.compile(schema);
  return (value: unknown) => (validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`));
}

function withoutDraft(schema: object): object {
  const { $schema: _, ...rest } = schema as { $schema?: string };
  return rest;
}

describe('json', () => {
  it('is one document of the same records', async () => {
    expect(await json('json')).toEqual({ header, cases, footer });
  });

  it('stays JSON when the run is cut or empty', async () => {
    expect(await json('json', withoutFooter)).toEqual({ header, cases, footer: null });
    expect(await json('json', [header])).toEqual({ header, cases: [], footer: null });
  });
});

describe('ctrf', () => {
  const schema = JSON.parse(readFileSync(join(dirname(require.resolve('ctrf')), 'ctrf-schema-0.0.json'), 'utf8')) as object;

  it.each([
    ['the whole stream', records],
    ['a cut one', withoutFooter],
    ['an empty one', [header]],
  ])('follows its schema for %s', async (_, stream) => {
    expect(validator(schema)(await json('ctrf', stream))).toEqual([]);
  });

  it('has a summary that counts its tests', async () => {
    const { results } = (await json('ctrf')) as {
      results: { summary: Record<string, number>; tests: { status: string; rawStatus: string }[] };
    };
    for (const status of ['passed', 'failed', 'skipped', 'pending', 'other']) {
      expect(results.summary[status]).toBe(results.tests.filter((test) => test.status === status).length);
    }
    expect(results.summary['tests']).toBe(cases.length);
  });

  it('calls nothing passed that was not tested', async () => {
    const { results } = await json('ctrf');
    const raw = (results.tests as { status: string; rawStatus: string }[])
      .filter(({ status }) => status === 'passed')
      .map(({ rawStatus }) => rawStatus);
    expect(new Set(raw)).toEqual(new Set(['pass', 'warn']));
  });
});

describe('har', () => {
  const schemas = require('har-schema') as Record<string, object>;
  const validate = validator(
    withoutDraft(schemas['har'] as object),
    Object.entries(schemas).flatMap(([name, schema]) => (name === 'har' ? [] : [withoutDraft(schema)])),
  );

  it.each([
    ['the whole stream', records],
    ['a cut one', withoutFooter],
    ['an empty one', [header]],
  ])('follows its schema for %s', async (_, stream) => {
    expect(validate(await json('har', stream))).toEqual([]);
  });

  it('holds every exchange, on the page of its case', async () => {
    const { log } = await json('har');
    const exchanges = cases.flatMap((one) => one.steps.flatMap((step) => step.exchanges));
    expect(log.entries).toHaveLength(exchanges.length);
    const pages = new Set((log.pages as { id: string }[]).map(({ id }) => id));
    for (const entry of log.entries as { pageref: string }[]) expect(pages.has(entry.pageref)).toBe(true);
    expect(pages.size).toBe(cases.filter((one) => one.steps.some((step) => step.exchanges.length > 0)).length);
  });

  it('writes an exchange without an answer as browsers do', async () => {
    const { log } = await json('har');
    const entry = (log.entries as Json[]).find((one) => one['_error'] !== undefined);
    expect(entry).toMatchObject({ _error: 'closed', response: { status: 0 }, comment: expect.stringContaining('sent as raw bytes') });
  });
});

describe('sarif', () => {
  it.each([
    ['the whole stream', records],
    ['a cut one', withoutFooter],
    ['an empty one', [header]],
  ])('follows the schema of the parts that it uses, for %s', async (_, stream) => {
    expect(validator(sarifSchema)(await json('sarif', stream))).toEqual([]);
  });

  it('lists every clause as a rule in each run, and points each result at its own', async () => {
    const { runs } = await json('sarif');
    expect(runs).toHaveLength(header.targets.length);
    for (const run of runs as Json[]) {
      const rules = (run['tool'].driver.rules as { id: string }[]).map(({ id }) => id);
      expect(rules).toEqual(expect.arrayContaining(Object.keys(header.clauses)));
      for (const result of run['results'] as { ruleId: string; ruleIndex: number }[]) expect(rules[result.ruleIndex]).toBe(result.ruleId);
    }
  });

  it('has one result for each check that failed or warned, at the line of the spec', async () => {
    const { runs } = await json('sarif');
    const found = (runs as Json[]).flatMap((run) => (run['results'] as Json[]).map((result) => result['locations'][0]));
    const expected = cases.flatMap((one) =>
      one.steps.flatMap((step) =>
        step.checks
          .filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
          .map((check) => [`${one.address}#${check.name}`, check.line ?? one.line]),
      ),
    );
    expect(found.map((location) => [location.logicalLocations[0].fullyQualifiedName, location.physicalLocation.region.startLine])).toEqual(
      expected,
    );
  });

  it('writes a waiver as an accepted suppression, and nothing else as one', async () => {
    const { runs } = await json('sarif');
    const suppressed = (runs as Json[]).flatMap((run) =>
      (run['results'] as Json[]).filter((result) => result['suppressions'] !== undefined),
    );
    expect(suppressed).toHaveLength(1);
    expect(suppressed[0]?.['suppressions'][0]).toMatchObject({
      kind: 'external',
      status: 'accepted',
      justification: expect.stringContaining('until 2027-03-01'),
    });
  });

  it('reports what was blocked or broke off as a notification, never as a result', async () => {
    const { runs } = await json('sarif');
    const texts = (runs as Json[])
      .flatMap((run) => (run['invocations'][0].toolExecutionNotifications ?? []) as Json[])
      .map((one) => one['message'].text as string);
    expect(texts).toEqual([expect.stringContaining('client-credentials/uses-token'), expect.stringContaining('TypeError')]);
    expect((await json('sarif', withoutFooter))['runs'][0].invocations[0].executionSuccessful).toBe(false);
  });

  it('leaves no placeholder and no link in a message', async () => {
    const { runs } = await json('sarif');
    for (const run of runs as Json[]) {
      for (const result of run['results'] as Json[]) {
        const text = (result['message'].text as string).replaceAll('{{', '').replaceAll('}}', '');
        expect(text).not.toMatch(/[{}]|\]\(/);
      }
    }
  });

  it('keeps a fingerprint when only the text changes', async () => {
    const other = cases.map((one) => ({ ...one, title: `${one.title} again`, line: one.line + 100 }));
    const prints = async (stream: readonly ReportRecord[]) =>
      ((await json('sarif', stream))['runs'] as Json[]).flatMap((run) =>
        (run['results'] as Json[]).map((result) => result['partialFingerprints']),
      );
    expect(await prints([header, ...other, footer])).toEqual(await prints(records));
  });
});

describe('github', () => {
  it('writes one well-formed workflow command a line, and nothing of the target at the start of one', async () => {
    const output = await render('github', records);
    for (const line of output.trimEnd().split('\n'))
      expect(line).toMatch(/^::(error|warning|notice) (file=[^:,]+,line=\d+,)?title=[^:,]*::[^\r\n]*$/);
  });

  it('shows ten of each level and counts the others', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      ...(cases[1] as CaseRecord),
      address: `miniorange/oauth/password-grant/c${index}`,
    }));
    const output = await render('github', [header, ...many, { ...footer, findings: [] }]);
    expect(output.match(/^::error /gm)).toHaveLength(10);
    expect(output).toContain('::error title=and more::71 more of these are in the report');
  });

  it('puts what a finding explains into one annotation', async () => {
    const output = await render('github', records);
    expect(output).not.toMatch(/^::error .*wrong-password\/(generated|empty|prefix)/m);
    expect(output.match(/output_buffering/g)).toHaveLength(1);
  });

  it('writes the Markdown report to the summary page, cut to its size', async () => {
    let page = '';
    await render('github', records, { writeSummary: (text) => void (page += text) });
    expect(page).toBe(await render('markdown', records));
    const long = Array.from({ length: 90 }, (_, index) => {
      const one = cases[1] as CaseRecord;
      const steps = one.steps.map((step) => ({
        ...step,
        checks: step.checks.map((check) => ({
          ...check,
          message: 'x'.repeat(600),
          mismatches: Array.from({ length: 60 }, () => ({ at: 'y'.repeat(300), expected: 'z'.repeat(600), actual: 'z'.repeat(600) })),
        })),
      }));
      return { ...one, steps, address: `miniorange/oauth/password-grant/c${index}` };
    });
    page = '';
    await render('github', [header, ...long, footer], { writeSummary: (text) => void (page += text) });
    expect(Buffer.byteLength(page)).toBeLessThan(1_048_576);
    expect(page).toMatch(/<\/details>\n\nThe rest does not fit on this page/);
  });
});

describe('markdown', () => {
  it('lets nothing of the target out of its code spans and fences', async () => {
    const output = await render('markdown', records);
    const outside = output.replace(/^(`{3,})text\n[^]*?\n\1$/gm, '').replace(/(`+)[^]*?[^`]\1(?!`)/g, '');
    expect(outside).not.toMatch(/alert|onerror|<script|<img/);
    expect(outside.match(/<(?!\/?details>|\/?summary>|br>|https?:)/g)).toBeNull();
  });

  it('closes every details element it opens', async () => {
    const output = await render('markdown', records);
    expect(output.match(/<details>/g)?.length).toBe(output.match(/<\/details>/g)?.length);
  });

  it('says that a cut run is partial', async () => {
    expect(await render('markdown', withoutFooter)).toContain('this report is partial');
  });
});

describe('every reporter', () => {
  it.each(['terminal', 'json', 'junit', 'markdown', 'github', 'sarif', 'ctrf', 'har'])('%s keeps no body in memory', async (name) => {
    // What is kept is measured by what is written late: nothing of a passing case but its name may come out of onFooter and close.
    const marker = 'BODY-MARKER';
    const passing = cases[0] as CaseRecord;
    const heavy = {
      ...passing,
      steps: passing.steps.map((step) => ({
        ...step,
        exchanges: step.exchanges.map((exchange) => ({
          ...exchange,
          ...(exchange.response === undefined ? {} : { response: { ...exchange.response, body: { text: marker, bytes: 9 } } }),
        })),
      })),
    };
    let late = false;
    let found = false;
    const { createReporter } = await import('../../src/report/reporter.ts');
    const reporter = await createReporter(name, '.', {
      write: (text) => void (found ||= late && text.includes(marker)),
      isTTY: false,
      columns: 80,
      color: false,
      now: () => new Date(0),
    });
    await reporter.onHeader?.(header);
    await reporter.onCase?.(heavy);
    late = true;
    await reporter.onFooter?.(footer);
    await reporter.close?.();
    expect(found).toBe(false);
  });
});
