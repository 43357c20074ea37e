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

/** `file:line:column: message`, the line, and a caret under the place. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { place, message, sourceLine, length = 1 } = diagnostic;
  const head = `${place.file}:${place.line}:${place.column}: ${message}`;
  if (sourceLine === undefined) return head;
  const gutter = `${place.line} | `;
  const pad = sourceLine.slice(0, place.column - 1).replace(/[^\t]/g, ' ');
  const room = Math.max(1, Math.min(length, sourceLine.length - place.column + 1));
  return `${head}\n  ${gutter}${sourceLine}\n  ${' '.repeat(gutter.length)}${pad}${'^'.repeat(room)}`;
}
