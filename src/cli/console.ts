/**
 * Standard output and error, and how an error is told to the person at the terminal.
 *
 * @module
 */
import { exitCodes } from '../judge/exit-code.ts';
import { DacError, HarnessError, TargetError } from '../support/error.ts';

/** True once nobody reads standard output any more (`dac list | head`): what follows is dropped quietly. */
let isClosed = false;
const waiting = new Set<() => void>();

/** Writes to standard output; resolves when there is room for more. */
export function print(text: string): Promise<void> {
  if (isClosed || process.stdout.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      waiting.delete(done);
      process.stdout.off('drain', done);
      resolve();
    };
    waiting.add(done);
    process.stdout.once('drain', done);
  });
}

let mask = (text: string): string => text;

/** From here on nothing is written to standard error without its secrets masked, not even the stack of our own fault. */
export function maskErrors(masker: (text: string) => string): void {
  mask = masker;
}

/** Writes a line to standard error. */
export function printError(text: string): void {
  const masked = mask(text);
  process.stderr.write(masked.endsWith('\n') ? masked : `${masked}\n`);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  isClosed = true;
  for (const done of waiting) done();
  if (error.code !== 'EPIPE') tellLostOutput('standard output', error);
});
// Who cannot be told of an error cannot be told of that either.
process.stderr.on('error', () => undefined);

const lost = new Set<string>();
let strays = 0;
/** A timer that throws again and again is told of a few times. */
const mostStraysTold = 3;

/** Tells that what was written to a place is not complete, as when the disk is full. */
export function tellLostOutput(place: string, error: NodeJS.ErrnoException): void {
  if (lost.has(place)) return;
  lost.add(place);
  printError(`${place} cannot be written any more (${error.code ?? error.message}): what is there is not complete`);
  printError(`Try: another place, or room on the disk.`);
}

/** Tells an error that nobody caught, such as one of a reporter's own timer, with its secrets masked. What is under way goes on. */
export function tellStray(error: unknown): void {
  strays += 1;
  if (strays > mostStraysTold) return;
  printError('An error that nobody caught, in a reporter of your own or in drupal-auth-conformance itself:');
  printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

const outranksLostOutput: readonly number[] = [exitCodes.ourBug, exitCodes.interrupted, exitCodes.secretInOutput];

/** The exit code of a command after everything that went wrong beside it. */
export function settleExitCode(code: number): number {
  if (strays > 0) return exitCodes.ourBug;
  return lost.size > 0 && !outranksLostOutput.includes(code) ? exitCodes.usage : code;
}

/** Tells an error and returns the exit code that it stands for. */
export function tellError(error: unknown): number {
  if (error instanceof DacError && !(error instanceof HarnessError)) {
    printError(error.message);
    if (error.remedy !== undefined) printError(`Try: ${error.remedy}`);
    return error instanceof TargetError ? exitCodes.cannotTell : exitCodes.usage;
  }
  printError('This is a fault of drupal-auth-conformance itself, not of the target:');
  printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  printError('Try the same command again, and report it with the lines above if it stays.');
  return exitCodes.ourBug;
}
