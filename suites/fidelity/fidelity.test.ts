import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { readRecordings } from './recording.ts';
import { replay, type Result } from './replay.ts';
import { scoreResults, scoreTable, showScore, total, type RecordingScore } from './score.ts';

/**
 * FIDELITY=so609:token   replays one site (prefix of its key) and prints the differences of one group (prefix of the ids)
 * FIDELITY_FIRST=20      how many of them
 * FIDELITY_ASSUMED=1     also those that are only assumed to have answered as the reference did
 * FIDELITY_UPDATE=1      writes the scores of this run to scores.json
 * FIDELITY_RECORDINGS=…  a folder with other recordings (in the form that take-in.mjs writes)
 */
const { FIDELITY = '', FIDELITY_FIRST = '10', FIDELITY_ASSUMED, FIDELITY_UPDATE, FIDELITY_RECORDINGS } = process.env;
const [wantedSite = '', wantedGroup = ''] = FIDELITY.split(':');
const here = dirname(fileURLToPath(import.meta.url));
const scoresFile = join(here, 'scores.json');
const readmeFile = join(here, 'README.md');
const kept = existsSync(scoresFile) ? (JSON.parse(readFileSync(scoresFile, 'utf8')) as Record<string, RecordingScore>) : {};
const now: Record<string, RecordingScore> = {};
const unsendable: string[] = [];

describe('the mock against recordings of real sites', () => {
  for (const recording of readRecordings(FIDELITY_RECORDINGS)) {
    if (!recording.key.startsWith(wantedSite)) continue;
    it(`answers at least as many exchanges of ${recording.key} as before`, () => {
      const results = replay(recording);
      if (FIDELITY !== '') showDifferences(results, wantedGroup, Number(FIDELITY_FIRST));
      const score = (now[recording.key] = scoreResults(results));
      for (const { exchange, unsendable: why } of results)
        if (why !== undefined) unsendable.push(`${recording.key}/${exchange.id}: ${why}`);
      if (FIDELITY_UPDATE !== undefined || FIDELITY_RECORDINGS !== undefined) return;
      expect(lostGroups(kept[recording.key], score)).toEqual([]);
    });
  }

  it('has a README that shows the kept scores', () => {
    if (FIDELITY_UPDATE !== undefined) return;
    expect(readFileSync(readmeFile, 'utf8')).toContain(scoreTable(kept));
  });

  afterAll(() => {
    const print = process.stdout.write.bind(process.stdout);
    print(table());
    if (FIDELITY_UPDATE === undefined) return;
    const scores = { ...kept, ...now };
    writeFileSync(scoresFile, `${JSON.stringify(scores, null, 2)}\n`);
    const readme = readFileSync(readmeFile, 'utf8');
    writeFileSync(
      readmeFile,
      readme.replace(/<!-- scores -->[^]*<!-- \/scores -->/, `<!-- scores -->\n\n${scoreTable(scores)}\n\n<!-- /scores -->`),
    );
  });
});

/** Groups that match less than the scores file says. */
function lostGroups(before: RecordingScore | undefined, after: RecordingScore): string[] {
  const lost: string[] = [];
  for (const kind of ['recorded', 'assumed'] as const) {
    for (const [group, { matching }] of Object.entries(before?.[kind] ?? {})) {
      const found = after[kind][group]?.matching ?? 0;
      if (found < matching) lost.push(`${group} (${kind}): ${found}, was ${matching}`);
    }
  }
  return lost;
}

function showDifferences(results: readonly Result[], group: string, first: number): void {
  const wrong = results.filter(
    ({ exchange, differences }) =>
      differences.length > 0 && exchange.id.startsWith(group) && (exchange.assumed !== true || FIDELITY_ASSUMED !== undefined),
  );
  for (const { exchange, differences } of wrong.slice(0, first)) {
    console.log(
      `${exchange.id}${exchange.assumed === true ? ' (assumed)' : ''}  ${exchange.request.method} ${exchange.request.path.slice(0, 120)}`,
    );
    for (const { part, recorded, answered } of differences.slice(0, 6)) {
      console.log(`   ${part}\n      recorded ${recorded.slice(0, 600)}\n      answered ${answered.slice(0, 600)}`);
    }
  }
  console.log(`${wrong.length} exchanges differ`);
}

function table(): string {
  const rows = Object.entries(now).flatMap(([key, { recorded, assumed }]) => [
    [key, showScore(total(recorded)), showScore(total(assumed))],
    ...[...new Set([...Object.keys(recorded), ...Object.keys(assumed)])].map((group) => [
      `  ${group}`,
      recorded[group] === undefined ? '–' : showScore(recorded[group]),
      assumed[group] === undefined ? '–' : showScore(assumed[group]),
    ]),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 20));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const listed = unsendable.length === 0 ? '' : `\nnot sendable:\n  ${unsendable.join('\n  ')}\n`;
  return `\n${[line(['site and group', 'recorded there', 'assumed from reference']), ...rows.map(line)].join('\n')}\n${listed}`;
}
