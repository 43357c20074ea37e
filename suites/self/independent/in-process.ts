/**
 * Runs cases against the independent server without a socket, by a clock of its own, so that hundreds of wrong servers can be tried in a minute.
 *
 * @module
 */
import { createEffects } from '../../../src/run/effects.ts';
import { run, type RunEffects } from '../../../src/run/run.ts';
import { vaultFor } from '../../../src/redact/target-secrets.ts';
import { createInProcessTransport } from '../../../src/transport/in-process.ts';
import type { CaseRecord, Catalogue } from '../../../src/index.ts';
import type { CatalogueCase } from '../../../src/model/catalogue.ts';
import type { WireResponse } from '../../../src/model/exchange.ts';
import type { Target, TargetFile } from '../../../src/model/target.ts';
import { listen, type AccessTokenServer, type Reply } from './server.ts';

/** @param change is done to the server after the tokens of the target file were made. */
export async function* runInProcess(
  server: AccessTokenServer,
  catalogue: Catalogue,
  cases: readonly CatalogueCase[],
  change?: (server: AccessTokenServer) => void,
): AsyncGenerator<CaseRecord, void, undefined> {
  const file = server.target('http://127.0.0.1:9');
  change?.(server);
  yield* runCases(server, file, catalogue, cases, {
    transportFor: () =>
      Promise.resolve(
        createInProcessTransport(({ method, path, headers, body }) =>
          asResponse(server.answer({ method, target: path, headers, body: Buffer.from(body ?? []) })),
        ),
      ),
    advanceClock: (_control, seconds) => {
      server.advance(seconds);
      return Promise.resolve(undefined);
    },
  });
}

/** The same over the loopback, with a short time limit. */
export async function* runOnSocket(
  server: AccessTokenServer,
  catalogue: Catalogue,
  cases: readonly CatalogueCase[],
  change?: (server: AccessTokenServer) => void,
): AsyncGenerator<CaseRecord, void, undefined> {
  await using site = await listen(server);
  change?.(server);
  yield* runCases(server, { ...site.target, limits: { timeoutSeconds: 0.4 } }, catalogue, cases, {});
}

async function* runCases(
  server: AccessTokenServer,
  { profile, ...file }: TargetFile,
  catalogue: Catalogue,
  cases: readonly CatalogueCase[],
  effects: Partial<RunEffects>,
): AsyncGenerator<CaseRecord, void, undefined> {
  const target: Target = { ...file, name: server.dialect.name, profiles: [profile].flat() };
  const records = run(
    {
      catalogue,
      cases,
      targets: [target],
      selectors: [],
      suite: { name: 'drupal-auth-conformance', version: '0' },
      seed: 1,
      strict: false,
      readOnly: false,
      repeat: 1,
      bail: false,
      concurrency: 1,
      maxWaitSeconds: 0,
      signal: new AbortController().signal,
    },
    { ...createEffects(vaultFor(target), { env: {} }), ...effects },
  );
  for await (const record of records) if (record.type === 'case') yield record;
}

function asResponse({ status, headers, body }: Reply): WireResponse {
  return { httpVersion: '1.1', status, reason: '', headers, body };
}
