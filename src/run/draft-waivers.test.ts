import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import type { CaseRecord, JudgedCheck } from '../model/record.ts';
import { WaiverDrafts } from './draft-waivers.ts';

function failing(name: string, more: Partial<JudgedCheck> = {}): JudgedCheck {
  return {
    name,
    level: 'must',
    verdict: 'fail',
    clauses: [],
    mismatches: [{ at: 'status', expected: '401', actual: '200' }],
    fingerprint: '0123456789abcdef',
    ...more,
  };
}

function record(target: string, checks: readonly JudgedCheck[]): CaseRecord {
  return {
    type: 'case',
    target,
    address: 'p/f/case',
    profile: 'p',
    title: 'MUST',
    file: 'f.yaml',
    line: 1,
    clauses: [],
    verdict: 'fail',
    steps: [{ name: 'ask', kind: 'request', exchanges: [], checks }],
    startedMs: 0,
    durationMs: 1,
  };
}

const draft = (...records: CaseRecord[]) => {
  const drafts = new WaiverDrafts(new Date('2026-11-23T10:00:00Z'));
  records.forEach((one) => drafts.add(one));
  return {
    drafts,
    documents: parseAllDocuments(drafts.text()).map((document) => document.toJS() as { waivers: Record<string, unknown>[] }),
  };
};

describe('WaiverDrafts', () => {
  it('binds each draft to the fingerprint of its failure, ends it in 90 days, and leaves the reason to a person', () => {
    const { documents } = draft(record('a', [failing('status')]));
    expect(documents).toEqual([
      { waivers: [{ check: 'p/f/case#status', fingerprint: '0123456789abcdef', reason: '', expires: '2027-02-21' }] },
    ]);
  });

  it('drafts none for what passed, warned, was blocked, or is excused already', () => {
    const others = (['pass', 'warn', 'blocked', 'skipped', 'error'] as const).map((verdict) => failing(verdict, { verdict }));
    const waived = failing('waived', { waived: { reason: 'known since long', expires: '2027-01-01' } });
    const { drafts } = draft(record('a', [...others, waived]));
    expect(drafts.count).toBe(0);
    expect(drafts.text()).toBe('# Nothing failed.\n');
  });

  it('keeps targets apart', () => {
    const { documents } = draft(record('a', [failing('status')]), record('b', [failing('status'), failing('body')]));
    expect(documents.map(({ waivers }) => waivers.length)).toEqual([1, 2]);
  });

  it('keeps what a target sent inside the comment', () => {
    const hostile = failing('status', { mismatches: [{ at: '/x', expected: '1', actual: 'a\nwaivers: []\u2028- check: "**"\u001b[2J' }] });
    const { drafts, documents } = draft(record('a\nb', [hostile]));
    expect(documents[0]?.waivers).toHaveLength(1);
    expect(drafts.text()).not.toContain('\u001b');
  });
});
