/**
 * What the READMEs show: every `dac` line is understood by the command, those of the first page are run, every TypeScript block compiles.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from '../../mock-server/index.ts';
import { createProgram } from '../../src/cli/command-line.ts';
import { openWorkshop, type Workshop } from '../cli/_run.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  'README.md',
  'src/README.md',
  'specs/README.md',
  'mock-server/README.md',
  'reports/README.md',
  'CONTRIBUTING.md',
  'src/report/README.md',
];

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const blocks = pages.flatMap((page): Block[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = '', text = '']) => ({
    page,
    language,
    text,
  })),
);

/** The words after `dac`, comments left out. */
function commandsIn({ text }: Block): string[][] {
  return text
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line.startsWith('dac '))
    .map((line) => [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '').slice(1));
}

const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap((block) => commandsIn(block).map((words) => [block.page, words.join(' '), words] as const));

describe('the commands of the READMEs', () => {
  it('are found', () => {
    expect(commands.length).toBeGreaterThan(12);
  });

  it.each(commands)('%s: dac %s is understood', async (_page, _line, words) => {
    const program = createProgram(() => undefined);
    for (const command of program.commands) command.action(() => undefined);
    await expect(program.parseAsync([...words], { from: 'user' })).resolves.toBeDefined();
  });
});

describe('the commands of the first page, on the mock', { timeout: 120_000 }, () => {
  let mock: DrupalMock;
  let workshop: Workshop;
  const env = { DAC_CLIENT_ID: '', DAC_CLIENT_SECRET: '', DAC_APPLICATION_ID: '', DAC_PASSWORD: '' };

  beforeAll(async () => {
    mock = createDrupalMock({ profile: 'miniorange/oauth' });
    const { url } = await mock.listen();
    const { clients, users } = mock.target();
    env.DAC_CLIENT_ID = clients?.['main']?.id ?? '';
    env.DAC_CLIENT_SECRET = clients?.['main']?.secret ?? '';
    env.DAC_APPLICATION_ID = clients?.['main']?.applicationId ?? '';
    env.DAC_PASSWORD = users?.['main']?.password ?? '';
    workshop = openWorkshop();
    const shown = blocks.find(({ page, language }) => page === 'README.md' && language === 'yaml')?.text ?? '';
    workshop.write('staging.yaml', shown.replace(/^baseUrl: .*$/m, `baseUrl: ${url}`));
    for (const folder of ['before', 'after', 'old', 'new']) {
      await workshop.run(['run', 'miniorange/oauth/protected-request', '-t', 'staging.yaml', '--out', folder, '--reporter', 'ndjson'], {
        env,
      });
    }
  });

  afterAll(async () => {
    workshop[Symbol.dispose]();
    await mock.close();
  });

  // The mock as a server and the mutants have tests of their own, and do not end by themselves or soon.
  const shown = commands.filter(([page, , [verb = '']]) => page === 'README.md' && !['mock', 'mutants'].includes(verb));
  it.each(shown)('%s: dac %s exits 0', async (_page, _line, words) => {
    const { code, stdout, stderr } = await workshop.run([...words], { env, timeoutSeconds: 100 });
    expect([code, code === 0 ? '' : stdout.slice(-500) + stderr]).toEqual([0, '']);
  });
});

describe('the TypeScript of the READMEs', { timeout: 60_000 }, () => {
  it('compiles', () => {
    const folder = mkdtempSync(join(root, '.cache', 'readme-'));
    try {
      const snippets = blocks.filter(({ language }) => language === 'ts');
      expect(snippets.length).toBeGreaterThan(4);
      for (const [index, { page, text }] of snippets.entries()) {
        const given = ['target: import("drupal-auth-conformance").TargetFile', 'clients: {}', 'users: {}'];
        const declared = given.filter(
          (one) =>
            new RegExp(`\\b${one.split(':')[0]}\\b`).test(text.replace(/\bmock\.target\b/g, '')) &&
            !new RegExp(`const ${one.split(':')[0]}\\b`).test(text),
        );
        writeFileSync(
          join(folder, `s${index}.ts`),
          `// ${page}\n${declared.map((one) => `declare const ${one};\n`).join('')}${text}\nexport {};\n`,
        );
      }
      const entries = {
        '': 'src/index.ts',
        '/mock': 'mock-server/index.ts',
        '/msw': 'mock-server/adapters/msw.ts',
        '/vitest': 'src/vitest.ts',
        '/reporter': 'src/report/reporter.ts',
      };
      const paths = Object.fromEntries(
        Object.entries(entries).map(([name, file]) => [`drupal-auth-conformance${name}`, [join(root, file)]]),
      );
      const config = {
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { paths, noUnusedLocals: false, rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true },
        include: ['*.ts', join(root, 'src/transport/*.d.ts')],
        exclude: [],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(stdout).toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
