/**
 * Plants secrets wherever one can appear, in every disguise, and looks through every byte of every report.
 */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import type { FooterRecord, ReportRecord } from '../../src/model/record.ts';
import type { TargetFile } from '../../src/model/target.ts';
import { compare, digestRun } from '../../src/compare/compare.ts';
import { renderComparison } from '../../src/compare/render.ts';
import { reporterNames } from '../../src/report/reporter.ts';
import { render } from '../golden/golden.ts';
import { CanaryScan, disguiseNames, type Canary } from './canaries.ts';
import { places, startEchoing, type Echo } from './echoing-server.ts';

/** Another one is tried with the variable SEED. */
const seed = Number(process.env['SEED'] ?? 20_261_123);
const specs = [fileURLToPath(new URL('../hostile/specs', import.meta.url))];
const figures = { runs: 0, requests: 0, bytes: 0 };

afterAll(() => console.log(`redaction: ${figures.runs} runs, requests tried: ${figures.requests}, bytes scanned: ${figures.bytes}`));

/** Long and mixed enough that it is masked everywhere, with the signs that encodings differ in. */
const secret = fc
  .tuple(
    fc.stringMatching(/^[a-zA-Z]{4,10}$/),
    fc.stringMatching(/^[ -~]{0,16}$/),
    fc.constantFrom('ü', '&', '/+', '"', '%', '\\', '<é>', ' '),
    fc.stringMatching(/^[A-Za-z0-9]{6,20}$/),
  )
  .map((parts) => parts.join(''));
const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
const jwt = fc
  .stringMatching(/^[A-Za-z0-9_-]{43,86}$/)
  .map((signature) => `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ sub: '2', jti: signature.slice(0, 8).length })}.${signature}`);
const opaque = fc.stringMatching(/^[A-Za-z0-9_-]{24,64}$/);
const echo: fc.Arbitrary<Echo> = fc.record({
  place: fc.constantFrom(...places),
  disguise: fc.constantFrom(...disguiseNames),
  secret: fc.nat(9),
});

async function recordsOf(target: TargetFile): Promise<ReportRecord[]> {
  const records: ReportRecord[] = [];
  for await (const record of run({ target, specs })) records.push(record);
  figures.runs += 1;
  figures.requests += (records.at(-1) as FooterRecord).requests;
  return records;
}

/** The signature is what makes a JWT a secret; its header and claims are kept, decoded. */
function canaryOf(label: string, value: string): Canary {
  const parts = value.split('.');
  return { label, isIssued: label.startsWith('token'), value: parts.length === 3 && value.startsWith('eyJ') ? (parts[2] ?? '') : value };
}

async function expectNoCanary(records: readonly ReportRecord[], canaries: readonly Canary[]): Promise<void> {
  const scan = new CanaryScan(canaries);
  const found: string[] = [];
  for (const name of reporterNames) {
    let summary = '';
    const output = await render(name, records, { writeSummary: (markdown) => void (summary += markdown) });
    found.push(...scan.find(name, output), ...scan.find(`${name} summary`, summary));
  }
  const iterate = async function* (): AsyncGenerator<ReportRecord> {
    yield* records;
  };
  const comparison = compare(await digestRun(iterate()), await digestRun(iterate()));
  for (const format of ['terminal', 'markdown', 'json', 'html'] as const)
    found.push(...scan.find(`compare ${format}`, renderComparison(comparison, format)));
  figures.bytes += scan.bytes;
  expect(found).toEqual([]);
}

describe('no report holds a secret', () => {
  it('whatever the server echoes, wherever, and however it is written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(secret, { minLength: 6, maxLength: 6, comparator: (a, b) => a.toLowerCase() === b.toLowerCase() }),
        fc.array(fc.oneof(jwt, opaque), { minLength: 2, maxLength: 3 }),
        fc.array(echo, { minLength: 6, maxLength: 12 }),
        async (secrets, issued, echoes) => {
          await using server = await startEchoing(secrets, issued, echoes);
          const [password = '', other = '', client = '', apiKey = '', expired = '', gate = ''] = secrets;
          const records = await recordsOf({
            profile: 'hostile',
            baseUrl: server.url,
            users: { main: { name: 'api_user', password, id: 2 }, other: { name: 'other', password: other } },
            clients: { main: { id: 'client-of-main', secret: client, apiKey } },
            tokens: { expired },
            // A header holds ASCII only.
            headers: { 'X-Gate': Buffer.from(gate).toString('hex') },
            limits: { timeoutSeconds: 15, concurrency: 1 },
          });
          const canaries = [password, other, client, apiKey, expired].map((value, index) => canaryOf(`secret ${index}`, value));
          await expectNoCanary(records, [
            ...canaries,
            { label: 'gate', value: Buffer.from(gate).toString('hex') },
            ...issued.map((value, index) => canaryOf(`token ${index}`, value)),
          ]);
        },
      ),
      { numRuns: 30, seed, interruptAfterTimeLimit: 150_000 },
    );
  }, 200_000);

  it.each(places.flatMap((place) => disguiseNames.map((disguise) => [place, disguise] as const)).filter((_, index) => index % 3 === 0))(
    'that comes back in %s as %s',
    async (place, disguise) => {
      const password = 'C0rrect horse/battery+"staple" & ümlaut %41';
      const token = 'opaque_Token-0123456789abcdefABCDEF';
      await using server = await startEchoing(
        [password],
        [token],
        [
          { place, disguise, secret: 0 },
          { place, disguise, secret: 1 },
          { place: 'json', disguise: 'raw', secret: 0 },
        ],
      );
      const records = await recordsOf({
        profile: 'hostile',
        baseUrl: server.url,
        users: { main: { name: 'client-of-main', password, id: 2 } },
        limits: { timeoutSeconds: 15, concurrency: 1 },
      });
      await expectNoCanary(records, [canaryOf('password', password), canaryOf('token', token)]);
    },
  );
});
