/**
 * Every command that a page shows, run as it stands, on the mock.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from '../../mock-server/index.ts';
import { openWorkshop, type Workshop } from '../cli/_run.ts';
import { blocks, commandLines, dacWords, read, root } from './_blocks.ts';

const env = { DAC_CLIENT_ID: '', DAC_CLIENT_SECRET: '', DAC_APPLICATION_ID: '', DAC_PASSWORD: '' };
let mock: DrupalMock;
let workshop: Workshop;

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
  workshop.write('my-specs/mine.yaml', caseOfSpecsPage());
  for (const folder of ['before', 'after', 'old', 'new']) {
    const args = ['run', 'miniorange/oauth/protected-request', '-t', 'staging.yaml', '--out', folder, '--reporter', 'ndjson'];
    await workshop.run(args, { env });
  }
}, 120_000);

afterAll(async () => {
  workshop[Symbol.dispose]();
  await mock.close();
});

/** The case that the page on specs shows, in a file of its own. */
function caseOfSpecsPage(): string {
  const shown = blocks.find(({ page, language }) => page === 'specs/README.md' && language === 'yaml')?.text ?? '';
  return `title: Mine\nprofile: miniorange/oauth\ncases:\n${shown.replace(/^/gm, '  ').trimEnd()}\n`;
}

const shown = commandLines.flatMap((one) => {
  const words = dacWords(one);
  return words === undefined ? [] : [{ ...one, words }];
});
const servers = shown.filter(({ words }) => words[0] === 'mock');
const others = shown.filter(({ words }) => words[0] !== 'mock');

describe('the dac commands of the pages', { timeout: 300_000 }, () => {
  it('are found, on every page that should show some', () => {
    expect(shown.length).toBeGreaterThan(12);
    for (const page of ['README.md', 'mock-server/README.md', 'src/FAQ.md']) expect(shown.some((one) => one.page === page)).toBe(true);
  });

  const isWholeRun = (words: readonly string[]) => words[0] === 'run' && words[1]?.startsWith('-') === true;
  const wholeRun = others.find(({ words }) => isWholeRun(words));
  it.each(others.map(({ page, line, words }) => [page, line, words] as const))('%s: %s exits 0', async (_page, _line, words) => {
    // Whole once; after that, what the flags do shows on a few cases.
    const short = isWholeRun(words) && words !== wholeRun?.words ? ['run', 'miniorange/oauth/password-grant', ...words.slice(1)] : words;
    const { code, stdout, stderr } = await workshop.run(short, { env, timeoutSeconds: 280 });
    expect([code, code === 0 ? '' : stdout.slice(-800) + stderr]).toEqual([0, '']);
  });

  it.each(servers.map(({ page, line, words }) => [page, line, words] as const))(
    '%s: %s serves a page and ends',
    async (_page, _line, words) => {
      const freePort = words.map((word, index) => (words[index - 1] === '--port' ? '0' : word));
      const server = workshop.start(freePort, { env });
      const [, url = ''] = await server.printed(/at (http:\S+)/);
      const answer = await fetch(url, { headers: { Accept: 'text/html' } });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('curl')]);
      server.kill('SIGINT');
      expect((await server.finished).code).toBe(0);
    },
  );
});

describe('the other commands of the pages', () => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);
  const npm = new Set(['ci', 'install', 'i', 'start', 'test', 'ls']);
  const rest = commandLines.filter((one) => dacWords(one) === undefined);

  it.each(rest.map(({ page, line, words }) => [page, line, words] as const))('%s: %s names what exists', (_page, _line, given) => {
    const words = given.filter((word) => !/^[A-Z_]+=/.test(word));
    const [program = '', first = '', second = ''] = words;
    if (program === 'npm') expect(first === 'run' ? scripts : [...npm]).toContain(first === 'run' ? second : first);
    else if (program === 'npx') {
      expect(first).toBe('vitest');
      for (const path of words.slice(3).filter((word) => !word.startsWith('-'))) expect(existsSync(join(root, path)), path).toBe(true);
    } else if (program === 'node') expect(existsSync(join(root, first)), first).toBe(true);
    else expect(existsSync(join(root, program)), program).toBe(true);
  });
});
