/**
 * A check that did not pass, told in plain lines: for formats that hold a block of text. Pure.
 *
 * @module
 */
import type { CaseRecord, HeaderRecord, JudgedCheck, Mismatch } from '../model/record.ts';
import { curlCommand } from './curl.ts';
import { answerText, clauseText, judgedExchange, standingOfCheck } from './digest.ts';
import type { PlacedCheck } from './digest.ts';
import { shorten, visible } from './text.ts';

const longestValue = 600;

/** `status: expected 401, actual 200 (and 2 more)`. */
export function mismatchLine(mismatches: readonly Mismatch[]): string | undefined {
  const [first, ...others] = mismatches;
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${visible(first.at === '' ? 'body' : first.at)}: expected ${value(first.expected, 160)}, actual ${value(first.actual, 160)}${more}`;
}

/** One line that says what is wrong: the first difference, else the sentence of the check, else its name. */
export function checkLine(check: JudgedCheck): string {
  const difference = mismatchLine(check.mismatches);
  if (difference !== undefined) return `#${visible(check.name)} ${difference}`;
  return `#${visible(check.name)}${check.message === undefined ? '' : ` ${value(check.message, 300)}`}`;
}

/** The check in full: every difference, answer, clauses, witness sentence, waiver, and the curl line if `withCurl`. */
export function checkLines(header: HeaderRecord | undefined, { step, check }: PlacedCheck, withCurl = true): string[] {
  const standing = standingOfCheck(check);
  const lines = [`#${visible(check.name)} ${check.level.toUpperCase()}${standing === 'fail' ? '' : `, ${standing}`}`];
  for (const mismatch of check.mismatches) {
    const at = visible(mismatch.at === '' ? 'body' : mismatch.at);
    lines.push(
      `  ${at}`,
      `    expected  ${value(mismatch.expected, longestValue)}`,
      `    actual    ${value(mismatch.actual, longestValue)}`,
    );
  }
  const exchange = judgedExchange(step);
  if (exchange !== undefined) lines.push(`  answer   ${value(answerText(exchange), longestValue)}`);
  for (const id of check.clauses) {
    const clause = clauseText(header, id);
    lines.push(`  clause   ${visible(id)}${clause.kind === undefined ? '' : ` (${visible(clause.kind)})`}`);
    if (clause.says !== undefined) lines.push(`           ${visible(clause.says)}`);
    if (clause.url !== undefined) lines.push(`           ${visible(clause.url)}`);
  }
  if (check.message !== undefined) lines.push(`  witness  ${value(check.message, longestValue)}`);
  if (check.waived !== undefined) {
    const { reason, expires, link } = check.waived;
    lines.push(`  waived   until ${visible(expires)}: ${visible(reason)}${link === undefined ? '' : ` (${visible(link)})`}`);
  }
  if (withCurl && exchange !== undefined) lines.push(`  repeat   ${curlCommand(exchange.request).text.replaceAll('\n', '\n         ')}`);
  return lines;
}

/** All given checks of a case; the curl line once per step. */
export function caseLines(header: HeaderRecord | undefined, record: CaseRecord, checks: readonly PlacedCheck[]): string[] {
  const told = new Set<unknown>();
  const lines: string[] = [];
  if (record.reason !== undefined) lines.push(value(record.reason, longestValue));
  for (const placed of checks) {
    lines.push(...checkLines(header, placed, !told.has(placed.step)));
    told.add(placed.step);
  }
  if (record.why !== undefined) lines.push(`why: ${visible(record.why)}`);
  return lines;
}

function value(text: string, limit: number): string {
  return visible(shorten(text, limit));
}
