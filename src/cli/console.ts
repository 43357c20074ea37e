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
  if (error.code !== 'EPIPE') throw error;
  isClosed = true;
  for (const done of waiting) done();
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
