/**
 * An implementation that shares no line with the mock: in every dialect that the vendor's page allows it passes every case, and whatever it is made
 * to do wrongly is noticed by a check that cites what it breaks.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadSpecs, run, type CaseRecord } from '../../src/index.ts';
import { beyondReach, wrongBehaviours } from './independent/all-wrong.ts';
import { dialects, drawDialect } from './independent/dialects.ts';
import { runInProcess } from './independent/in-process.ts';
import { notice, profile } from './independent/notice.ts';
import { AccessTokenServer, listen } from './independent/server.ts';

const catalogue = await loadSpecs();
const own = catalogue.cases.filter((one) => one.profile === profile);

/** Only a real connection carries the cases that send raw bytes. */
const overTheLoopback = dialects.filter(({ name }) => ['literal', 'php', 'express'].includes(name));
const inProcess = [...dialects.filter((dialect) => !overTheLoopback.includes(dialect)), ...[1, 2, 3, 4, 5, 6].map(drawn)];

/** Which case noticed what the last time: it is asked first, which saves nearly all of the time. UPDATE_GOLDEN writes the file anew. */
const hintFile = new URL('independent/noticed-by.json', import.meta.url);
const isUpdate = process.env['UPDATE_GOLDEN'] !== undefined;

describe.each(overTheLoopback)('a correct server over the loopback, dialect $name', (dialect) => {
  it('is called wrong by no case', { timeout: 60_000 }, async () => {
    await using site = await listen(new AccessTokenServer(dialect, { seed: dialect.name }));
    const wrong: string[] = [];
    for await (const record of run({ target: site.target })) if (record.type === 'case') wrong.push(...complaintsOf(record));
    expect(wrong).toEqual([]);
  });
});

describe.each(inProcess)('a correct server, dialect $name', (dialect) => {
  it('is called wrong by no case', { timeout: 60_000 }, async () => {
    const wrong: string[] = [];
    for await (const record of runInProcess(new AccessTokenServer(dialect, { seed: dialect.name }), catalogue, own)) {
      wrong.push(...complaintsOf(record));
    }
    expect(wrong).toEqual([]);
  });
});

describe('wrong behaviours', () => {
  it('are many, and each has a name of its own', () => {
    expect(wrongBehaviours.length).toBeGreaterThan(1_300);
    expect(new Set(wrongBehaviours.map(({ id }) => id)).size).toBe(wrongBehaviours.length);
    expect(Object.keys(beyondReach).filter((id) => !wrongBehaviours.some((one) => one.id === id))).toEqual([]);
  });

  it('are noticed by a check that cites what they break', { timeout: 300_000 }, async () => {
    const hints = readHints();
    const noticedBy: Record<string, string> = {};
    const unnoticed: string[] = [];
    for (const wrong of wrongBehaviours) {
      const hint = hints[wrong.id];
      // Where only an RFC or good practice is broken, going unnoticed is a choice: it must not become more frequent.
      if (!wrong.firm && hint === undefined && !isUpdate) continue;
      const { by, otherwiseBy } = await notice(wrong, catalogue, hint);
      if (by !== undefined) noticedBy[wrong.id] = caseOf(by);
      else if (hint !== undefined || (wrong.firm && beyondReach[wrong.id] === undefined)) {
        unnoticed.push(`${wrong.id}: ${wrong.does}${otherwiseBy === undefined ? '' : ` (but see ${otherwiseBy})`}`);
      }
    }
    if (isUpdate) writeFileSync(hintFile, `${JSON.stringify(noticedBy, null, 2)}\n`);
    expect(unnoticed).toEqual([]);
    expect(Object.keys(beyondReach).filter((id) => noticedBy[id] !== undefined)).toEqual([]);
    const soft = wrongBehaviours.filter(({ firm }) => !firm);
    expect(soft.filter(({ id }) => noticedBy[id] !== undefined).length / soft.length).toBeGreaterThan(0.75);
  });
});

function drawn(seed: number): (typeof dialects)[number] {
  let draws = 0;
  return drawDialect(`drawn-${seed}`, (count) => createHash('sha256').update(`${seed}/${draws++}`).digest().readUInt32BE() % count);
}

/** What the record holds against the server; a warning is none. */
function complaintsOf(record: CaseRecord): string[] {
  if (record.verdict === 'pass' || record.verdict === 'warn' || record.verdict === 'skipped') return [];
  const checks = record.steps.flatMap((step) => step.checks).filter(({ verdict }) => verdict === 'fail' || verdict === 'blocked');
  const details = checks.map(({ name, mismatches }) => `#${name} ${JSON.stringify(mismatches)}`);
  return [`${record.verdict} ${record.address}: ${[record.reason ?? '', ...details].join(' ')}`];
}

function readHints(): Record<string, string> {
  return JSON.parse(readFileSync(hintFile, 'utf8')) as Record<string, string>;
}

function caseOf(check: string): string {
  return check.slice(profile.length + 1).replace(/#.*$/, '');
}
