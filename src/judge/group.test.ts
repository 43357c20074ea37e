import { describe, expect, it } from 'vitest';
import type { CaseRecord, JudgedCheck, Mismatch } from '../model/record.ts';
import { failedAlone, FindingCollector } from './group.ts';

function failed(address: string, mismatch: Mismatch, status: number, body: unknown): CaseRecord {
  const check: JudgedCheck = { name: 'status', level: 'must', verdict: 'fail', clauses: ['d/c'], mismatches: [mismatch] };
  return {
    type: 'case',
    target: 't',
    address,
    profile: 'p',
    title: '',
    file: 'f',
    line: 1,
    clauses: [],
    verdict: 'fail',
    startedMs: 0,
    durationMs: 0,
    steps: [
      {
        name: 's',
        kind: 'request',
        checks: [check],
        exchanges: [
          {
            request: { method: 'GET', url: '', headers: [] },
            response: { httpVersion: '1.1', status, reason: '', headers: [], body: { text: JSON.stringify(body), bytes: 1 } },
            timing: { startedMs: 0, endedMs: 1 },
          },
        ],
      },
    ],
  };
}

function findings(records: CaseRecord[]) {
  const collector = new FindingCollector();
  records.forEach((record) => collector.add(record));
  return collector.findings();
}

describe('grouping', () => {
  const refusal = { status: 'error', http_code: '401', error: 'X', error_description: 'x' };

  it('tells refusals with a success status once, with the remedy', () => {
    const found = findings(['a', 'b'].map((address) => failed(address, { at: 'status', expected: '401', actual: '200' }, 200, refusal)));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ id: 'refusals-with-success-status', checks: ['a#status', 'b#status'], verdict: 'fail' });
    expect(found[0]?.remedy).toContain('output_buffering');
  });

  it('does not take a given token for a refusal', () => {
    const found = findings(
      ['a', 'b'].map((address) => failed(address, { at: 'status', expected: '401', actual: '200' }, 200, { access_token: 'x' })),
    );
    expect(found.map(({ id }) => id)).not.toContain('refusals-with-success-status');
  });

  it('joins three equal differences, leaving the first to be told in full, and leaves two alone', () => {
    const mismatch = { at: 'header Content-Type', expected: '"application/json"', actual: '"text/html"' };
    const [joined, ...more] = findings(['a', 'b', 'c'].map((address) => failed(address, mismatch, 401, refusal)));
    expect(more).toEqual([]);
    expect(joined).toMatchObject({ checks: ['b#status', 'c#status'] });
    expect(joined?.title).toContain('like a#status');
    expect(findings(['a', 'b'].map((address) => failed(address, mismatch, 401, refusal)))).toHaveLength(0);
  });
});

describe('answers of several versions', () => {
  const answered = (address: string, versions: string): CaseRecord => {
    const alternative = { clauses: ['d/c'], witness: 'observed', authority: true, matched: true, mismatches: [], versions } as const;
    const record = failed(address, { at: 'status', expected: '', actual: '' }, 200, {});
    const check: JudgedCheck = {
      ...(record.steps[0]?.checks[0] as JudgedCheck),
      verdict: 'pass',
      alternatives: [alternative, { ...alternative, matched: false }],
    };
    return { ...record, verdict: 'pass', steps: record.steps.map((step) => ({ ...step, checks: [check] })) };
  };

  it('are a warn that says which two exclude each other, and a failure when the run is strict', () => {
    const records = [answered('a', '>=6'), answered('b', '<6'), answered('c', '>=5')];
    expect(findings(records)).toMatchObject([{ id: 'mixed-versions', verdict: 'warn', target: 't' }]);
    expect(findings(records)[0]?.title).toMatch(/a#status is answered as by >=6; b#status is answered as by <6$/);
    const strict = new FindingCollector(true);
    records.forEach((record) => strict.add(record));
    expect([strict.findings()[0]?.verdict, failedAlone(strict.findings())]).toEqual(['fail', 1]);
  });

  it('are no finding when one version would give them all', () => {
    expect(findings([answered('a', '>=6'), answered('b', '>=5 <7')])).toEqual([]);
  });
});
