/**
 * What a user of `drupal-auth-conformance/vitest` sees: vitest as a process of its own, on a suite of theirs.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeAll(() => {
  mkdirSync(join(root, '.cache'), { recursive: true });
  folder = mkdtempSync(join(root, '.cache', 'a stranger '));
  const alias = {
    'drupal-auth-conformance/vitest': join(root, 'src/vitest.ts'),
    'drupal-auth-conformance/mock': join(root, 'mock-server/index.ts'),
  };
  // A short time-out and retries: what a project may well have, and what a conformance test must not be ruled by.
  writeFileSync(
    join(folder, 'vitest.config.mjs'),
    `export default { resolve: { alias: ${JSON.stringify(alias)} }, test: { testTimeout: 50, retry: 2, server: { deps: { inline: [/./] } } } };`,
  );
  writeFileSync(
    join(folder, 'auth.test.ts'),
    `import { writeFileSync } from 'node:fs';
import { afterAll } from 'vitest';
import { createDrupalMock, findMutant } from 'drupal-auth-conformance/mock';
import { describeConformance } from 'drupal-auth-conformance/vitest';

const mutant = process.env.MUTANT ? { mutant: await findMutant(process.env.MUTANT) } : {};
const mock = createDrupalMock({ journal: true, ...mutant });
if (process.env.DELAY) mock.faults.add({ count: 1, delayMs: Number(process.env.DELAY) });
afterAll(async () => {
  writeFileSync('paths.txt', mock.journal.entries.map(({ method, path }) => method + ' ' + path).join('\\n'));
  await mock.close();
});
const make = async () => {
  await mock.listen();
  const target = mock.target();
  return process.env.URL_OF_TARGET ? { ...target, baseUrl: process.env.URL_OF_TARGET } : target;
};
await describeConformance({ profile: 'miniorange/oauth', make }, { select: ['miniorange/oauth/token-errors', 'miniorange/oauth/application-header'] });
`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function vitest(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.', ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

describe('a suite that calls describeConformance', { timeout: 60_000 }, () => {
  it('has a test for each case with its address, a reason beside each that is skipped, and time for a slow site', async () => {
    const { code, output } = await vitest(['--reporter=verbose'], { DELAY: '400' });
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(output).toContain(
      '✓ auth.test.ts > conformance of miniorange/oauth > miniorange/oauth/token-errors/wrong-password/generated: MUST answer 401 INVALID_CREDENTIALS if the password is wrong',
    );
    expect(output).toMatch(
      /↓ .*miniorange\/oauth\/application-header\/other-spelling\/lower-case: .* \[.*equals the right value on this target/,
    );
  });

  it('sends only the requests of the cases that -t picks', async () => {
    const { code, output } = await vitest(['-t', 'miniorange/oauth/token-errors/wrong-password/']);
    expect([code, output.match(/Tests .*/)?.[0]]).toEqual([0, expect.stringMatching(/^Tests +3 passed \| \d+ skipped/)]);
    expect(readFileSync(join(folder, 'paths.txt'), 'utf8').split('\n')).toEqual([
      'GET /',
      ...Array<string>(3).fill('POST /rest_api/access_token'),
    ]);
  });

  it('shows a failure as a diff with clause and curl line, once, although the project retries', async () => {
    const { code, output } = await vitest(['-t', 'token-errors/wrong-password/last-character'], {
      MUTANT: 'miniorange/oauth/wrong-password-accepted',
    });
    expect(code).toBe(1);
    for (const line of [
      'AssertionError: miniorange/oauth/token-errors/wrong-password/last-character-missing: MUST answer 401 INVALID_CREDENTIALS',
      '#status (miniorange-oauth/invalid-credentials/status-line)',
      '- #status status: 401',
      '+ #status status: 200',
      '- #error /error: "INVALID_CREDENTIALS"',
      '--data-urlencode "password=$DAC_USERS_MAIN_PASSWORD_CHOP"',
    ])
      expect(output).toContain(line);
    expect(output).not.toContain('retry x');
    expect(output).not.toContain('api_user-pass-1');
  });

  it('fails every case of a site that does not answer, and says so', async () => {
    const { code, output } = await vitest(['-t', 'token-errors/wrong-password'], { URL_OF_TARGET: 'http://127.0.0.1:9/' });
    expect(code).toBe(1);
    expect(output).toMatch(/ECONNREFUSED|refused the connection|cannot be reached/);
    expect(output).not.toMatch(/Test timed out|Unhandled/);
  });
});
