/**
 * Scores of a replay: matching of all sendable, by recording and group; exchanges of the site itself apart from those that are only
 * assumed to have answered as in the reference.
 *
 * @module
 */
import type { Result } from './replay.ts';

export interface Score {
  matching: number;
  sendable: number;
}

/** Group to score; `recorded` on this site, `assumed` from the reference. */
export interface RecordingScore {
  recorded: Record<string, Score>;
  assumed: Record<string, Score>;
}

/** `res/as/lab-cc/user2` belongs to `res/as`; `token/ok-body` to `token`. */
export function groupOf(id: string): string {
  return id.split('/').slice(0, -1).slice(0, 2).join('/');
}

export function scoreResults(results: readonly Result[]): RecordingScore {
  const score: RecordingScore = { recorded: {}, assumed: {} };
  for (const { exchange, differences, unsendable } of results) {
    if (unsendable !== undefined) continue;
    const entry = (score[exchange.assumed === true ? 'assumed' : 'recorded'][groupOf(exchange.id)] ??= { matching: 0, sendable: 0 });
    entry.sendable++;
    if (differences.length === 0) entry.matching++;
  }
  return score;
}

export function total(scores: Readonly<Record<string, Score>>): Score {
  const values = Object.values(scores);
  return {
    matching: values.reduce((sum, { matching }) => sum + matching, 0),
    sendable: values.reduce((sum, { sendable }) => sum + sendable, 0),
  };
}

/** The table of the README: a line per site, padded as prettier pads. */
export function scoreTable(scores: Readonly<Record<string, RecordingScore>>): string {
  const rows = Object.entries(scores)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { recorded, assumed }]) => [key, showScore(total(recorded)), showScore(total(assumed))]);
  const all = [['site', 'recorded', 'assumed'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = all;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

export function showScore({ matching, sendable }: Score): string {
  return sendable === 0 ? '–' : `${matching}/${sendable} (${((100 * matching) / sendable).toFixed(1)} %)`;
}
