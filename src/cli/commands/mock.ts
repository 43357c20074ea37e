/**
 * `dac mock`: the mock as a server of its own.
 *
 * @module
 */
import { once } from 'node:events';
import { createDrupalMock, findMutant, readSiteFile } from '../../../mock-server/index.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { TargetError, UsageError } from '../../support/error.ts';
import { print } from '../console.ts';

export interface MockFlags {
  readonly profile: string;
  readonly site?: string;
  readonly port: number;
  readonly host: string;
  readonly seed: number;
  readonly mutant?: string;
  readonly control: boolean;
  readonly cors: readonly string[];
}

/** Listens until it is told to stop. */
export async function mockCommand(flags: MockFlags): Promise<number> {
  const site = flags.site === undefined ? undefined : await readSiteFile(flags.site);
  const mutant = flags.mutant === undefined ? undefined : await findMutant(flags.mutant);
  const mock = createDrupalMock({
    profile: flags.profile,
    seed: flags.seed,
    ...(site === undefined ? {} : { site }),
    ...(mutant === undefined ? {} : { mutant }),
    ...(flags.control ? { control: true } : {}),
    ...(flags.cors.length === 0 ? {} : { cors: flags.cors }),
  });
  const { url } = await mock.listen({ port: flags.port, host: flags.host }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') {
      throw new TargetError(`port ${flags.port} on ${flags.host} is in use`, { cause: error, remedy: '--port 0 for a free one.' });
    }
    if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') {
      throw new UsageError(`cannot listen on ${flags.host} port ${flags.port} (${error.code})`, {
        cause: error,
        remedy: '--host 127.0.0.1 --port 0.',
      });
    }
    throw error;
  });
  await print(`${flags.profile} at ${url}\nOpen it in a browser for users, clients and ready curl lines. Ctrl-C stops it.\n`);
  const stop = new AbortController();
  await Promise.race([once(process, 'SIGINT', stop), once(process, 'SIGTERM', stop)]);
  stop.abort();
  await mock.close();
  return exitCodes.ok;
}
