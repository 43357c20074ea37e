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
  passwordInAnswer: 'invariants/password-in-answer',
  dataWithoutPermission: 'invariants/data-without-permission',
  completeAnswer: 'invariants/complete-answer',
  refusalStatus: 'invariants/refusal-status',
  nothingGiven: 'invariants/nothing-given',
  eitherOutcome: 'invariants/either-outcome',
} as const;

/**
 * The invariants that an answer breaks, as checks; one that holds is not listed.
 *
 * @param given labels of a secret and of a mail address that the answer gives away.
 */
export function brokenInvariants(
  answer: Answer,
  given: { readonly secret?: string | undefined; readonly mail?: string | undefined },
): MatchedCheck[] {
  return [
    ...broken('no-server-error', invariantClauses.serverError, serverError(answer)),
    ...broken(
      'no-secret-echo',
      invariantClauses.secretEcho,
      given.secret === undefined ? undefined : { at: 'secret in the answer', expected: 'none', actual: given.secret },
    ),
    ...broken('no-stack-trace', invariantClauses.stackTrace, stackTrace(answer)),
    ...broken('no-password-hash', invariantClauses.passwordInAnswer, passwordHash(answer)),
    ...broken('no-token-in-refusal', invariantClauses.nothingGiven, tokenInRefusal(answer)),
    ...broken(
      'no-mail',
      invariantClauses.dataWithoutPermission,
      given.mail === undefined ? undefined : { at: 'mail address in the body', expected: 'none', actual: given.mail },
    ),
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

/** What every pattern above has in it, or an escape that may stand for it: most answers need no closer look, which spares a run 3 % of its time. */
const mayBeTrace = /\.(?:php|module|inc|install|java)\b|Stack trace:|on line |Traceback|SQLSTATE|:\d{1,9}:\d{1,9}\)|\\u00/;

function stackTrace(answer: Answer): Mismatch | undefined {
  if (!mayBeTrace.test(answer.text)) return undefined;
  const strings = jsonStrings(answer);
  for (const pattern of tracePatterns) {
    const found = pattern.exec(answer.text) ?? pattern.exec(strings);
    if (found !== null) {
      return { at: 'body', expected: 'no stack trace or interpreter message', actual: JSON.stringify(found[0].slice(0, 120)) };
    }
  }
  return undefined;
}

/** As PHP, Drupal 7 to 10 and others store passwords; the whole of one, so that a word about them is none. */
const hashPattern = /\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}|\$S\$[./A-Za-z0-9]{40,60}|\$argon2(?:id?|d)\$v=\d{1,4}\$m=\d{1,10}/;

function passwordHash(answer: Answer): Mismatch | undefined {
  if (!answer.text.includes('$')) return undefined;
  const found = hashPattern.exec(answer.text) ?? hashPattern.exec(jsonStrings(answer));
  return found === null ? undefined : { at: 'body', expected: 'no hash of a password', actual: JSON.stringify(`${found[0].slice(0, 7)}…`) };
}

/** Long enough, and without a space: a message about a member of that name is no token. */
const tokenPattern = /^[A-Za-z0-9._~+/-]{16,}=*$/;

function tokenInRefusal(answer: Answer): Mismatch | undefined {
  if (answer.response.status < 400 || !/_token"/.test(answer.text)) return undefined;
  for (const [key, value] of jsonMembers(answer)) {
    if (
      (key === 'access_token' || key === 'refresh_token' || key === 'id_token') &&
      typeof value === 'string' &&
      tokenPattern.test(value)
    ) {
      return { at: 'body', expected: 'no token in a refusal', actual: `a member ${key}` };
    }
  }
  return undefined;
}

/** The string values of a JSON body, so that an escaped newline is seen as one. */
function jsonStrings(answer: Answer): string {
  return jsonMembers(answer)
    .flatMap(([, value]) => (typeof value === 'string' ? [value] : []))
    .join('\n');
}

/** Every value in a JSON body, at any depth, with the name of the member that it is; '' for the items of an array. */
function jsonMembers({ json }: Answer): [name: string, value: unknown][] {
  if (!json.ok) return [];
  const members: [string, unknown][] = [['', json.value]];
  for (let at = 0; at < members.length; at++) {
    const value = members[at]?.[1];
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) members.push([Array.isArray(value) ? '' : name, member]);
  }
  return members;
}
