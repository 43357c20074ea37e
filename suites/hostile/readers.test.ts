/* oxlint-disable vitest/expect-expect, unicorn/no-useless-spread -- the shared function asserts; the groups are read as groups */
/**
 * Broken files for every reader: each is read, or refused with a diagnostic; none brings the reader down, and none gives a secret away.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSiteFile } from '../../mock-server/index.ts';
import { readReport } from '../../src/report/stream.ts';
import { compile } from '../../src/spec/compile.ts';
import { loadGuards } from '../../src/spec/guards.ts';
import { parseTargets } from '../../src/spec/target-file.ts';
import { DacError, HarnessError } from '../../src/support/error.ts';

/** Another one is tried with the variable SEED. */
const seed = Number(process.env['SEED'] ?? 20_261_123);
const secret = 'pLanted-Secret-0123456789';
const target = `profile: miniorange/oauth
baseUrl: https://example.org/drupal
clients: { main: { id: a, secret: ${secret} } }
users: { main: { name: b, password: "${secret}", id: 2 } }
tokens: { expired: '${secret}' }
headers: { X-Gate: ${secret} }
limits: { timeoutSeconds: 1 }
waivers: [{ check: 'miniorange/oauth/**#status', reason: it is known for long, expires: 2027-03-01 }]
`;
const specFile = (name: string) => readFileSync(fileURLToPath(new URL(`./specs/${name}.yaml`, import.meta.url)), 'utf8');
const stream = readFileSync(fileURLToPath(new URL('../golden/fixtures/stream.ndjson', import.meta.url)), 'utf8');
const site = `users:
  - { id: 2, name: api_user, password: ${secret}, roles: [authenticated] }
`;

/** Pieces that readers stumble over: YAML's own signs, deep nesting, aliases that multiply, controls, poisoned names. */
const piece = fc.constantFrom(
  '\0',
  '\t',
  '\ufeff',
  '\u001b[31m',
  '\ud800',
  '{',
  '}',
  '[',
  ']',
  ':',
  '- ',
  '&a ',
  '*a',
  '*a'.repeat(50),
  '!!js/function x',
  '!!binary x',
  '<<: *a',
  '---\n',
  '...\n',
  '__proto__: 1\n',
  'constructor: {}\n',
  '? {a: 1}\n',
  '"',
  "'",
  '|\n',
  '>-\n',
  '\n',
  '  ',
  '${',
  '${env:',
  '${env:X}',
  '${file:/nowhere}',
  '${users.main.name | nope}',
  '1e999',
  '.nan',
  '0x1',
  'null',
  '['.repeat(2000),
  '{a: '.repeat(2000),
  `a: &a [${'x,'.repeat(20)}]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`,
  'x'.repeat(20_000),
);
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(40),
  put: fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 12 })),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 4 });

function broken(text: string, changes: readonly { at: number; cut: number; put: string }[]): string {
  return changes.reduce((all, { at, cut, put }) => {
    const place = Math.floor(at * all.length);
    return all.slice(0, place) + put + all.slice(place + cut);
  }, text);
}

const figures = { read: 0, refused: 0 };
afterAll(() => console.log(`broken files tried: ${figures.read + figures.refused}, refused with a diagnostic: ${figures.refused}`));

/** Fails for anything but a result or an error that is meant for a person; returns its message. */
async function attempt(read: () => Promise<unknown>): Promise<string> {
  try {
    await read();
    figures.read += 1;
    return '';
  } catch (error) {
    if (!(error instanceof DacError) || error instanceof HarnessError) throw error;
    figures.refused += 1;
    expect(error.message.length).toBeGreaterThan(10);
    expect(error.message.length).toBeLessThan(200_000);
    return error.message;
  }
}

async function expectSoundReader(
  text: string,
  read: (text: string) => Promise<unknown>,
  numRuns: number,
  check: (message: string, source: string) => void = () => undefined,
): Promise<void> {
  const before = figures.read + figures.refused;
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      const source = broken(text, changes);
      check(await attempt(() => read(source)), source);
    }),
    { numRuns, seed, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
  expect(figures.read + figures.refused).toBeGreaterThan(before);
}

describe('a broken file is read or refused with a diagnostic', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dac-fuzz-'));
    return () => rmSync(folder, { recursive: true, force: true });
  });

  it('as a target with its waivers, whose secrets are never told', async () => {
    const guards = await loadGuards();
    await expectSoundReader(
      target,
      (text) => parseTargets(text, 't.yaml', { profiles: ['miniorange/oauth'], env: {}, guards }),
      400,
      (message) => {
        expect(message).not.toContain(secret);
      },
    );
  }, 90_000);

  it.each(['answers', 'profile', 'clauses'])(
    'as %s of specs',
    async (name) => {
      const guards = await loadGuards();
      const others = ['answers', 'profile', 'clauses']
        .filter((other) => other !== name)
        .map((other) => ({ path: `specs/${other}.yaml`, text: specFile(other) }));
      await expectSoundReader(specFile(name), (text) => compile([...others, { path: `specs/${name}.yaml`, text }], { guards }), 120);
    },
    90_000,
  );

  it('as a report', async () => {
    await expectSoundReader(
      stream,
      async (text) => {
        async function* pieces() {
          yield Buffer.from(text);
        }
        for await (const record of readReport(pieces(), { name: 'report.ndjson' })) expect(record.type).toBeTypeOf('string');
      },
      200,
    );
  }, 90_000);

  it('as a site', async () => {
    const file = join(folder, 'site.yaml');
    await expectSoundReader(
      site,
      async (text) => {
        writeFileSync(file, text);
        await readSiteFile(file);
      },
      200,
    );
  }, 90_000);
});
