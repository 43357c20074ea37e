/**
 * Standard output and error, and how an error is told to the person at the terminal.
 *
 * @module
 */
import { exitCodes } from '../judge/exit-code.ts';
import { DacError, HarnessError, TargetError } from '../support/error.ts';

/** Writes to standard output; resolves when there is room for more. A closed pipe (`dac list | head`) ends quietly. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(text)) resolve();
    else process.stdout.once('drain', resolve);
  });
}

/** Writes a line to standard error. */
export function printError(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

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
