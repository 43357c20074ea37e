/**
 * Every snippet that a page shows, compiled and run on the mock.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from '../../mock-server/index.ts';
import { openWorkshop, type Workshop } from '../cli/_run.ts';
import { blocks, read, root } from './_blocks.ts';

const entries: Readonly<Record<string, string>> = {
  'drupal-auth-conformance': 'src/index.ts',
  'drupal-auth-conformance/mock': 'mock-server/index.ts',
  'drupal-auth-conformance/msw': 'mock-server/adapters/msw.ts',
  'drupal-auth-conformance/vitest': 'src/vitest.ts',
  'drupal-auth-conformance/reporter': 'src/report/reporter.ts',
};
const files = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, file)]));
const snippets = blocks.filter(({ language }) => language === 'ts').map((block, index) => ({ ...block, name: `snippet-${index + 1}` }));

/** What a snippet takes as given, and its type. */
const given: Readonly<Record<string, string>> = {
  target: "import('drupal-auth-conformance').TargetFile",
  clients: "NonNullable<import('drupal-auth-conformance').TargetFile['clients']>",
  users: "NonNullable<import('drupal-auth-conformance').TargetFile['users']>",
};

let folder: string;
let mock: DrupalMock;
let workshop: Workshop;

/** The snippet with what it takes as given in front, from the target file of the mock. */
function complete(text: string): string {
  const plain = text.replace(/\bmock\.target\b/g, '');
  const missing = Object.keys(given).filter(
    (name) => new RegExp(`\\b${name}\\b`).test(plain) && !new RegExp(`const ${name}\\b`).test(plain),
  );
  const from = missing.map((name) => `const ${name} = (${name === 'target' ? 'made' : `made.${name}`}) as unknown as ${given[name]};`);
  const made = missing.length === 0 ? '' : `const made = JSON.parse(process.env['TARGET'] ?? '') as Record<string, unknown>;\n`;
  return `${made}${from.join('\n')}\n${text}\nexport {};\n`;
}

async function node(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const env = { PATH: process.env.PATH ?? '', HOME: folder, NO_COLOR: '1', TARGET: JSON.stringify(mock.target()) };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { code: await new Promise((resolve) => child.on('close', resolve)), output };
}

beforeAll(async () => {
  mkdirSync(join(root, '.cache'), { recursive: true });
  folder = mkdtempSync(join(root, '.cache', 'snippets-'));
  workshop = openWorkshop();
  mock = createDrupalMock({ profile: 'miniorange/oauth' });
  await mock.listen();
  for (const { name, text } of snippets) {
    const test = text.includes('drupal-auth-conformance/vitest');
    writeFileSync(join(folder, `${name}${test ? '.test' : ''}.ts`), complete(text.replace(/http:\/\/127\.0\.0\.1:\d+/, mock.url)));
  }
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  workshop[Symbol.dispose]();
  await mock.close();
});

describe('the TypeScript of the pages', { timeout: 60_000 }, () => {
  it('compiles', () => {
    expect(snippets.length).toBeGreaterThan(3);
    const paths = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, [file]]));
    const compilerOptions = { paths, noUnusedLocals: false, rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true };
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      include: ['*.ts', join(root, 'src/transport/*.d.ts')],
      exclude: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    expect(spawnSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' }).stdout).toBe('');
  });

  const programs = snippets.filter(({ text }) => !text.includes('drupal-auth-conformance/vitest'));
  it.each(programs.map(({ page, name }) => [page, name] as const))('of %s runs (%s)', async (_page, name) => {
    const outfile = join(folder, `${name}.mjs`);
    await build({
      entryPoints: [join(folder, `${name}.ts`)],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      alias: files,
      logLevel: 'silent',
    });
    expect(await node([outfile])).toMatchObject({ code: 0 });
  });

  const suites = snippets.filter(({ text }) => text.includes('drupal-auth-conformance/vitest'));
  it.each(suites.map(({ page, name }) => [page, name] as const))('of %s runs as a test (%s)', async (_page, name) => {
    writeFileSync(
      join(folder, 'vitest.config.mjs'),
      `export default { resolve: { alias: ${JSON.stringify(
        Object.entries(files)
          .reverse()
          .map(([find, replacement]) => ({ find, replacement })),
      )} } };`,
    );
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const { code, output } = await node([vitest, 'run', '--root', '.', `${name}.test.ts`, '-t', 'miniorange/oauth/password-grant']);
    expect([code, code === 0 ? '' : output]).toEqual([0, '']);
    expect(output).toMatch(/Tests +\d+ passed/);
  });
});

describe('the reporter that a page shows', () => {
  it('runs', async () => {
    workshop.write('mine.mjs', blocks.find(({ language }) => language === 'js')?.text ?? '');
    const { code, stdout } = await workshop.run(['run', 'miniorange/oauth/password-grant', '--reporter', './mine.mjs=mine.txt']);
    expect([code, workshop.read('mine.txt'), stdout.includes('mine.txt')]).toEqual([0, '0 failed\n', true]);
  });
});

describe('the YAML of the pages', { timeout: 60_000 }, () => {
  const yamlOf = (page: string): string => blocks.find((one) => one.page === page && one.language === 'yaml')?.text ?? '';

  it('is of three kinds: a target, a case, a site', () => {
    expect(blocks.filter(({ language }) => language === 'yaml').map(({ page }) => page)).toEqual([
      'README.md',
      'mock-server/README.md',
      'specs/README.md',
    ]);
  });

  it('of a case runs beside ours', async () => {
    const text = `title: Mine\nprofile: miniorange/oauth\ncases:\n${yamlOf('specs/README.md').replace(/^(?=.)/gm, '  ')}`;
    workshop.write('my-specs/mine.yaml', text);
    expect(await workshop.run(['check', 'my-specs'])).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await workshop.run(['run', '--specs', 'my-specs', 'miniorange/oauth/mine']);
    expect([code, /2 cases: 2 passed/.test(stdout) ? '' : stdout]).toEqual([0, '']);
  });

  it('of a site is one that the mock imitates', async () => {
    workshop.write('site.yaml', yamlOf('mock-server/README.md'));
    const server = workshop.start(['mock', '--profile', 'miniorange/basic', '--site', 'site.yaml', '--port', '0']);
    const [, url = ''] = await server.printed(/at (http:\S+)/);
    expect(await (await fetch(url, { headers: { Accept: 'text/html' } })).text()).toContain('api_user');
    const refused = await fetch(`${url}/user/2?_format=json`);
    // As the comment of the page says: without output buffering refusals lose their status.
    expect([refused.status, await refused.text()]).toEqual([200, expect.stringContaining('MISSING_')]);
    server.kill();
  });
});

describe('the control API as its page tells it', () => {
  const rows = blocksOfControl();

  it('is told in full', async () => {
    const { paths } = (await (await mock.fetch(`${mock.url}/__control`)).json()) as { paths: string[] };
    expect(new Set(rows.map(({ path }) => path))).toEqual(new Set(paths.filter((path) => path !== '/__control')));
  });

  it.each(rows.map(({ method, path, body }) => [method, path, body] as const))('answers %s %s %s', async (method, path, body) => {
    const text = body?.replace('"client": "…"', `"client": "${mock.target().clients?.['main']?.id}"`);
    const init = text === undefined ? { method } : { method, body: text, headers: { 'Content-Type': 'application/json' } };
    const answer = await mock.fetch(mock.url + path, init);
    expect([answer.status < 300, answer.status < 300 ? '' : await answer.text()]).toEqual([true, '']);
    mock.faults.clear();
  });
});

function blocksOfControl(): { method: string; path: string; body?: string }[] {
  return [...read('mock-server/README.md').matchAll(/^\| ((?:`[A-Z]+`, )*)`([A-Z]+) (\/__control\/[a-z]+)`(?: `([^`]+)`)? +\|/gm)].flatMap(
    ([, more = '', method = '', path = '', body]) =>
      [...more.matchAll(/[A-Z]+/g), [method]].map(([one = '']) => ({ method: one, path, ...(body === undefined ? {} : { body }) })),
  );
}
