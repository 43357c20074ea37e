/**
 * What is wrong under every reading, on every exchange: a server error, a secret in an answer, a stack trace.
 *
 * @module
 */
import type { Answer } from '../judge/answer.ts';
import type { MatchedCheck } from '../judge/judge.ts';
import type { Mismatch } from '../model/record.ts';

export const invariantClauses = {
  serverError: 'invariants/server-error',
  secretEcho: 'invariants/secret-echo',
  stackTrace: 'invariants/stack-trace',
  completeAnswer: 'invariants/complete-answer',
  refusalStatus: 'invariants/refusal-status',
  nothingGiven: 'invariants/nothing-given',
  eitherOutcome: 'invariants/either-outcome',
} as const;

/**
 * The invariants that an answer breaks, as checks; one that holds is not listed.
 *
 * @param secret label of a secret that the answer gives away.
 */
export function brokenInvariants(answer: Answer, secret: string | undefined): MatchedCheck[] {
  return [
    ...broken('no-server-error', invariantClauses.serverError, serverError(answer)),
    ...broken(
      'no-secret-echo',
      invariantClauses.secretEcho,
      secret === undefined ? undefined : { at: 'answer', expected: 'no secret of the target', actual: `contains ${secret}` },
    ),
    ...broken('no-stack-trace', invariantClauses.stackTrace, stackTrace(answer)),
  ];
}

function broken(name: string, clause: string, mismatch: Mismatch | undefined): MatchedCheck[] {
  if (mismatch === undefined) return [];
  return [{ name, level: 'must', alternatives: [{ clauses: [clause], witness: 'invariant', mismatches: [mismatch] }] }];
}

/** 501 refuses a method that nobody implements (RFC 9110 15.6.2), 505 a protocol version: refusals, not faults. */
const refusingServerErrors: readonly number[] = [501, 505];

function serverError({ response }: Answer): Mismatch | undefined {
  if (response.status < 500 || refusingServerErrors.includes(response.status)) return undefined;
  return { at: 'status', expected: 'below 500', actual: `${response.status} ${response.reason}`.trim() };
}

/** Every repetition is bounded: a hostile answer must not keep them busy. */
const tracePatterns: readonly RegExp[] = [
  /^#\d{1,4} [^\n]{0,1000}\.(php|module|inc)\(\d+\)/m,
  /\bStack trace:\s{0,20}#0 /,
  /<b>(Fatal error|Warning|Notice|Deprecated)<\/b>: .{1,500} on line <b>\d+<\/b>/s,
  /\bPHP (Fatal error|Warning|Notice|Parse error): .{1,500} on line \d+/s,
  /\b(in|at) \/[\w./-]{1,500}\.(php|module|inc|install)(:\d+| on line \d+|\(\d+\))/,
  /^Traceback \(most recent call last\):/m,
  /^[ \t]{1,20}at [\w$.<>[\] ]{1,200} \((file:\/\/|\/|node:)[^)\n]{0,500}:\d+:\d+\)/m,
  /^[ \t]{1,20}at [\w$.]{1,300}\([\w$]{1,100}\.java:\d+\)/m,
  /\bSQLSTATE\[\w+\]/,
];

function stackTrace(answer: Answer): Mismatch | undefined {
  if (answer.text.length === 0) return undefined;
  const strings = jsonStrings(answer);
  for (const pattern of tracePatterns) {
    const found = pattern.exec(answer.text) ?? pattern.exec(strings);
    if (found !== null) {
      return { at: 'body', expected: 'no stack trace or interpreter message', actual: JSON.stringify(found[0].slice(0, 120)) };
    }
  }
  return undefined;
}

/** The string values of a JSON body, so that an escaped newline is seen as one. */
function jsonStrings(answer: Answer): string {
  const { json } = answer;
  if (!json.ok) return '';
  const strings: string[] = [];
  const pending: unknown[] = [json.value];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'string') strings.push(value);
    else if (Array.isArray(value)) for (const item of value) pending.push(item);
    else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) pending.push(member);
  }
  return strings.join('\n');
}
