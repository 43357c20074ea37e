/**
 * Optional peers: packages that an entry needs and that its user installs.
 *
 * @module
 */
import { UsageError } from './error.ts';

/**
 * Waits for the import of a module that needs a peer; says what to install when the peer is not there.
 *
 * @param peer name of the package, e.g. `vitest`
 * @param entry specifier that the user imported, e.g. `drupal-auth-conformance/vitest`
 * @throws UsageError when the peer is missing; whatever else the import throws.
 */
export async function withPeer<T>(loading: Promise<T>, peer: string, entry: string, range: string): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    if (!isMissing(error, peer)) throw error;
    throw new UsageError(`${entry} needs the package ${peer}, which is not installed. Try npm install --save-dev ${peer}@${range}`, {
      cause: error,
      remedy: `npm install --save-dev ${peer}@${range}`,
    });
  }
}

/** Node: `Cannot find package 'msw' imported from …`, with a code; bundlers and test runners word it alike. */
function isMissing(error: unknown, peer: string): boolean {
  if (!(error instanceof Error)) return false;
  return (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${peer}'`);
}
