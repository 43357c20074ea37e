import { describe, expect, it } from 'vitest';
import type { Mismatch } from '../model/record.ts';
import type { Level, Verdict, Witness } from '../model/verdict.ts';
import { fingerprint, judgeCheck, type Rules } from './judge.ts';

const wrong: Mismatch = { at: 'status', expected: '401', actual: '200' };

function rules(authorities: readonly Witness[], more: Partial<Rules> = {}): Rules {
  return { authorities, strict: false, nameOf: (id) => id, ...more };
}

/** `document+`: an alternative of that witness which matched; `rfc-`: one which did not. */
function judge(alternatives: string, level: Level, given: Rules) {
  return judgeCheck(
    {
      name: 'status',
      level,
      alternatives: alternatives.split(' ').map((one) => ({
        clauses: [`${one.slice(0, -1)}/clause`],
        witness: one.slice(0, -1) as Witness,
        mismatches: one.endsWith('+') ? [] : [wrong],
      })),
    },
    given,
  );
}

describe('the verdict table', () => {
  const table: [alternatives: string, authorities: Witness[], level: Level, verdict: Verdict][] = [
    ['document+', ['document'], 'must', 'pass'],
    ['document-', ['document'], 'must', 'fail'],
    ['document- rfc+', ['document'], 'must', 'warn'],
    ['document- rfc+', ['document', 'rfc'], 'must', 'pass'],
    ['document- rfc-', ['document', 'rfc'], 'must', 'fail'],
    ['document+ rfc-', ['document'], 'must', 'pass'],
    ['document- document+', ['document'], 'must', 'pass'],
    ['document- observed-', ['document'], 'must', 'fail'],
    ['rfc-', ['document'], 'must', 'warn'],
    ['practice-', ['document'], 'must', 'warn'],
    ['rfc+', ['document'], 'must', 'pass'],
    ['rfc-', ['rfc'], 'must', 'fail'],
    ['observed-', ['document'], 'must', 'pass'],
    ['invariant-', ['document'], 'must', 'fail'],
    ['invariant+', ['document'], 'must', 'pass'],
    ['document-', ['document'], 'should', 'warn'],
    ['document-', ['document'], 'may', 'pass'],
    ['rfc-', ['document'], 'may', 'pass'],
    ['invariant-', ['document'], 'should', 'warn'],
  ];
  it.each(table)('gives "%s" with authorities %j at level %s the verdict %s', (alternatives, authorities, level, verdict) => {
    expect(judge(alternatives, level, rules(authorities)).verdict).toBe(verdict);
  });

  it.each([
    ['document- rfc+', 'must', 'fail'],
    ['rfc-', 'must', 'fail'],
    ['document-', 'should', 'fail'],
    ['document-', 'may', 'pass'],
    ['document+', 'must', 'pass'],
  ] as [string, Level, Verdict][])('turns a warn into a fail under --strict: "%s" at %s is %s', (alternatives, level, verdict) => {
    expect(judge(alternatives, level, rules(['document'], { strict: true })).verdict).toBe(verdict);
  });

  it('lets --witness narrow the authorities to one', () => {
    const both = ['document', 'observed'] as const;
    expect(judge('document- observed+', 'must', rules(both)).verdict).toBe('pass');
    expect(judge('document- observed+', 'must', rules(both, { narrowedTo: 'document' })).verdict).toBe('warn');
    expect(judge('document+ observed-', 'must', rules(both, { narrowedTo: 'observed' })).verdict).toBe('warn');
    expect(judge('document- observed-', 'must', rules(both, { narrowedTo: 'observed' })).verdict).toBe('fail');
  });

  it('binds to the details of a version only where --witness observed asks for them', () => {
    const all = ['observed', 'document', 'rfc'] as const;
    expect(judge('observed-', 'may', rules(all)).verdict).toBe('pass');
    expect(judge('observed-', 'may', rules(all, { narrowedTo: 'observed' })).verdict).toBe('fail');
    expect(judge('observed-', 'may', rules(all, { narrowedTo: 'rfc' })).verdict).toBe('pass');
    expect(judge('rfc-', 'may', rules(all, { narrowedTo: 'observed' })).verdict).toBe('pass');
  });
});

describe('the witness sentence', () => {
  it('says whom the target follows and whom not', () => {
    expect(judge('document- rfc+', 'must', rules(['document', 'rfc'])).message).toBe('follows rfc/clause, not document/clause');
  });

  it('says that an RFC is broken where the documentation is silent', () => {
    expect(judge('rfc-', 'must', rules(['document'])).message).toBe('breaks rfc/clause; the documentation of the product is silent');
  });

  it('says nothing about a plain pass', () => {
    expect(judge('document+', 'must', rules(['document']))).not.toHaveProperty('message');
  });

  it('shows the difference from the nearest authority, not from an excused one', () => {
    const judged = judgeCheck(
      {
        name: 'error',
        level: 'must',
        alternatives: [
          { clauses: ['document/a'], witness: 'document', mismatches: [wrong, { ...wrong, at: '/error' }] },
          { clauses: ['document/b'], witness: 'document', mismatches: [{ ...wrong, at: '/error' }] },
          { clauses: ['observed/c'], witness: 'observed', mismatches: [wrong] },
        ],
      },
      rules(['document']),
    );
    expect(judged.mismatches.map(({ at }) => at)).toEqual(['/error']);
  });
});

describe('a fingerprint', () => {
  const failed = judge('document-', 'must', rules(['document']));

  it('stays when only a volatile value changes', () => {
    const other = { ...failed, mismatches: [{ ...wrong, actual: '201' }] };
    expect(fingerprint(other, { status: 200, keys: ['/error: string'] })).toBe(
      fingerprint(failed, { status: 200, keys: ['/error: string'] }),
    );
  });

  it.each([
    ['the status', { status: 500 }],
    ['the error code', { status: 200, errorCode: 'OTHER' }],
    ['the keys of the body', { status: 200, keys: ['/trace: string'] }],
  ])('changes with %s', (_, shape) => {
    expect(fingerprint(failed, shape)).not.toBe(fingerprint(failed, { status: 200 }));
  });
});
