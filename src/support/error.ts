/**
 * Every error a person may meet. A message says where, what was found, what was expected, what to do;
 * results of checks are never errors.
 *
 * @module
 */

/** Where in a text file something was found. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One problem of an author's file: `sourceLine` is the text of the line the caret points into. */
export interface Diagnostic {
  readonly place: Place;
  readonly message: string;
  readonly sourceLine?: string;
  /** Length of the caret run, in columns. */
  readonly length?: number;
}

interface DacErrorOptions {
  readonly cause?: unknown;
  /** What to do about it; printed on a line of its own after "Try". */
  readonly remedy?: string;
}

/** Base of all errors of this package. `code` is stable and part of the public API. */
export abstract class DacError extends Error {
  abstract readonly code: string;
  readonly remedy: string | undefined;

  constructor(message: string, options: DacErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.remedy = options.remedy;
  }
}

/** The command line, or an option of the library, is wrong. Exit code 2. */
export class UsageError extends DacError {
  readonly code = 'E_USAGE';
}

/** A spec, profile, clause, target or site file is wrong. Carries every problem of the file. Exit code 2. */
export class SpecError extends DacError {
  readonly code = 'E_SPEC';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], options: DacErrorOptions = {}) {
    super(diagnostics.map(formatDiagnostic).join('\n\n'), options);
    this.diagnostics = diagnostics;
  }
}

/** The target cannot be used at all: unreachable, TLS failure, not writable output. Exit code 3. */
export class TargetError extends DacError {
  readonly code = 'E_TARGET';
}

/** A report file is cut, foreign, hand-edited or from a newer version. Exit code 2. */
export class ReportError extends DacError {
  readonly code = 'E_REPORT';
}

/** Our own fault. Exit code 70; prints a stack and asks for a report. */
export class HarnessError extends DacError {
  readonly code = 'E_HARNESS';
}

/** What is left of a line, and of a message, that are longer than anybody reads. */
const longest = { line: 160, before: 60, message: 2000 };

/** `file:line:column: message`, the line (as much of it as fits), and a caret under the place. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { place, sourceLine, length = 1 } = diagnostic;
  const message = diagnostic.message.length > longest.message ? `${diagnostic.message.slice(0, longest.message)}…` : diagnostic.message;
  const head = `${place.file}:${place.line}:${place.column}: ${message}`;
  if (sourceLine === undefined) return head;
  const { text, column } = windowOf(sourceLine, place.column);
  const gutter = `${place.line} | `;
  const pad = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const room = Math.max(1, Math.min(length, text.length - column + 1));
  return `${head}\n  ${gutter}${text}\n  ${' '.repeat(gutter.length)}${pad}${'^'.repeat(room)}`;
}

/** The part of a long line around a column, and the column in that part. */
function windowOf(line: string, column: number): { readonly text: string; readonly column: number } {
  if (line.length <= longest.line) return { text: line, column };
  const start = Math.max(0, column - 1 - longest.before);
  const end = start + longest.line;
  const isCut = start > 0;
  const text = `${isCut ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
  return { text, column: column - start + (isCut ? 1 : 0) };
}
