/**
 * The command as a process, with secrets in its environment: nothing that it prints or writes holds one, however it ends.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openWorkshop, type Finished, type Workshop } from '../cli/_run.ts';
import { startHostile } from '../hostile/server.ts';
import { CanaryScan, disguiseNames, type Canary } from './canaries.ts';
import { places, startEchoing, type Echo } from './echoing-server.ts';

const canaries: readonly Canary[] = [
  { label: 'password', value: 'C0rrect horse/battery+"staple" & ümlaut %41' },
  { label: 'client secret', value: 'cLient/Secret+of-the=main&1' },
  { label: 'API key', value: 'kEy_0123456789/abcdef' },
  { label: 'expired token', value: 'eXpired-Token_0123456789' },
  { label: 'gate', value: 'gAte-Header-0123456789' },
];
const issued = 'iSsued_Token-0123456789abcdefABCDEF';
const env = Object.fromEntries(canaries.map(({ label, value }) => [`DAC_${label.replaceAll(' ', '_').toUpperCase()}`, value]));
const target = (url: string) => `
profile: miniorange/oauth
baseUrl: ${url}
clients: { main: { id: client-of-main, applicationId: application-1, secret: "\${env:DAC_CLIENT_SECRET}", apiKey: "\${env:DAC_API_KEY}" } }
users: { main: { name: api_user, id: 2, password: "\${env:DAC_PASSWORD}" } }
tokens: { expired: "\${env:DAC_EXPIRED_TOKEN}" }
headers: { X-Gate: "\${env:DAC_GATE}" }
limits: { timeoutSeconds: 5, concurrency: 1 }
`;
const selection = [
  'miniorange/oauth/password-grant',
  'miniorange/oauth/access-errors/missing-header',
  'miniorange/oauth/token-errors/wrong-password',
];
const reporters = ['terminal', 'ndjson', 'json', 'junit', 'html', 'markdown', 'sarif', 'ctrf', 'har', 'github=github.txt'].flatMap(
  (name) => ['-r', name],
);
const echoes: readonly Echo[] = Array.from({ length: 60 }, (_, at) => ({
  place: places[at % places.length] as Echo['place'],
  disguise: disguiseNames[(at * 5) % disguiseNames.length] as string,
  secret: at % (canaries.length + 1),
}));
const scan = new CanaryScan([...canaries, { label: 'issued token', value: issued, isIssued: true }]);

afterAll(() => console.log(`redaction by the command: bytes scanned: ${scan.bytes}`));

function leaks(workshop: Workshop, { stdout, stderr }: Pick<Finished, 'stdout' | 'stderr'>): string[] {
  return [
    ...scan.find('stdout', stdout),
    ...scan.find('stderr', stderr),
    ...workshop.files().flatMap((file) => (file.endsWith('.mjs') ? [] : scan.find(file, readFileSync(join(workshop.folder, file))))),
  ];
}

function start() {
  return startEchoing(
    canaries.map(({ value }) => value),
    [issued],
    echoes,
  );
}

describe('dac', () => {
  it.each([
    ['run', ['run', ...selection, '-t', 't.yaml', ...reporters]],
    ['run --bail', ['run', '--bail', '-t', 't.yaml', ...reporters]],
    ['run --dry-run', ['run', ...selection, '-t', 't.yaml', '--dry-run']],
    ['run with an unknown selection', ['run', canaries[1]?.value ?? '', '-t', 't.yaml']],
    ['doctor', ['doctor', '-t', 't.yaml']],
    ['doctor --json', ['doctor', '-t', 't.yaml', '--json', '--origin', 'https://app.example']],
    ['check', ['check', 't.yaml']],
  ])(
    '%s gives nothing away',
    async (name, args) => {
      await using server = await start();
      using workshop = openWorkshop();
      workshop.write('t.yaml', target(server.url));
      const finished = await workshop.run(args, {
        env: { ...env, GITHUB_STEP_SUMMARY: join(workshop.folder, 'summary.md') },
        timeoutSeconds: 80,
      });
      // What a person has typed as an argument is not ours to hide.
      if (name !== 'run with an unknown selection') expect(leaks(workshop, finished)).toEqual([]);
      expect(finished.code, finished.stderr).not.toBe(70);
    },
    100_000,
  );

  it('compare, merge and run --from give nothing away of what run has written', async () => {
    await using server = await start();
    using workshop = openWorkshop();
    workshop.write('t.yaml', target(server.url));
    await workshop.run(['run', ...selection, '-t', 't.yaml', '-r', 'ndjson', '--out', 'one'], { env, timeoutSeconds: 80 });
    const report = 'one/report.ndjson';
    for (const args of [
      ['compare', report, report, '--format', 'html', '--out', 'compared.html'],
      ['compare', report, report],
      ['merge', report, report, '--out', 'merged', ...reporters],
      ['run', ...selection, '-t', 't.yaml', '--from', report, '--out', 'again', ...reporters],
    ]) {
      const finished = await workshop.run(args, { env, timeoutSeconds: 80 });
      expect(leaks(workshop, finished)).toEqual([]);
      expect(finished.code, finished.stderr).not.toBe(70);
    }
  }, 200_000);

  it('gives nothing away when it is interrupted', async () => {
    await using server = await start();
    using workshop = openWorkshop();
    workshop.write('t.yaml', target(server.url));
    const run = workshop.start(['run', '-t', 't.yaml', ...reporters], { env });
    await run.printed(/127\.0\.0\.1/);
    run.kill('SIGINT');
    expect(leaks(workshop, await run.finished)).toEqual([]);
  });
});

describe('a reporter that gives a secret away', () => {
  const leak = canaries[1]?.value ?? '';

  it.each([
    ['into its file', `export default ({ write }) => ({ onHeader: () => write(process.env.DAC_CLIENT_SECRET + '\\n') })`, '=leak.txt', 6],
    [
      'in base64 into its file',
      `export default ({ write }) => ({ onHeader: () => write(btoa('x' + process.env.DAC_CLIENT_SECRET)) })`,
      '=leak.txt',
      6,
    ],
    [
      'piece by piece into its file',
      `export default ({ write }) => ({ async onHeader() { for (const one of process.env.DAC_CLIENT_SECRET) await write(one) } })`,
      '=leak.txt',
      6,
    ],
    ['to standard output', `export default ({ write }) => ({ onHeader: () => write(process.env.DAC_CLIENT_SECRET + '\\n') })`, '', 6],
    [
      'into the job summary',
      `export default ({ writeSummary }) => ({ onHeader: () => writeSummary(process.env.DAC_CLIENT_SECRET) })`,
      '=leak.txt',
      6,
    ],
    [
      'in its error',
      `export default () => ({ onHeader() { throw new Error('x ' + process.env.DAC_CLIENT_SECRET) } })`,
      '=leak.txt',
      undefined,
    ],
    [
      'in an error that nobody catches',
      `export default () => ({ onHeader: () => void setTimeout(() => { throw new Error('x ' + process.env.DAC_CLIENT_SECRET) }) })`,
      '=leak.txt',
      70,
    ],
    [
      'in a rejection that nobody catches',
      `export default () => ({ onHeader: () => void Promise.reject(new Error('x ' + process.env.DAC_CLIENT_SECRET)) })`,
      '=leak.txt',
      70,
    ],
    ['in the error of its factory', `export default () => { throw new Error('x ' + process.env.DAC_CLIENT_SECRET) }`, '=leak.txt', 2],
  ])(
    '%s is masked, and the exit code says so',
    async (_, source, file, code) => {
      await using server = await start();
      using workshop = openWorkshop();
      workshop.write('t.yaml', target(server.url));
      workshop.write('leaking.mjs', source);
      const finished = await workshop.run(
        ['run', 'miniorange/oauth/access-errors/missing-header', '-t', 't.yaml', '-r', `./leaking.mjs${file}`],
        {
          env: { ...env, GITHUB_STEP_SUMMARY: join(workshop.folder, 'summary.md') },
          timeoutSeconds: 60,
        },
      );
      expect(leaks(workshop, finished)).toEqual([]);
      if (code !== undefined) expect(finished.code, finished.stderr).toBe(code);
      if (code === 6) expect(finished.stderr).toContain('clients.main.secret');
      expect(finished.stdout + finished.stderr).not.toContain(leak);
    },
    80_000,
  );
});

describe('a token that the server repeats before it hands it out', () => {
  it('is masked in the written reports, and the exit code is 6', async () => {
    const token = 'eArly_Token-0123456789abcdefABCDEF';
    const early = new CanaryScan([{ label: 'early token', value: token }]);
    await using server = await startHostile((_, { path }) => {
      const isToken = path.includes('access_token');
      const body = JSON.stringify(
        isToken
          ? { access_token: token, token_type: 'Bearer', expires_in: 3600 }
          : { status: 'error', error: 'X', error_description: `next: ${token}` },
      );
      return `HTTP/1.1 ${isToken ? '200 OK' : '401 No'}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    });
    using workshop = openWorkshop();
    workshop.write('t.yaml', target(server.url));
    const { code, stderr } = await workshop.run(
      [
        'run',
        'miniorange/oauth/access-errors/missing-authorization-header',
        'miniorange/oauth/password-grant/issues-token',
        '-t',
        't.yaml',
        '-r',
        'ndjson',
        '-r',
        'har',
        '-r',
        'html',
      ],
      { env, timeoutSeconds: 60 },
    );
    expect(code, stderr).toBe(6);
    expect(stderr).toContain('a secret was found in');
    expect(workshop.files().flatMap((file) => early.find(file, readFileSync(join(workshop.folder, file))))).toEqual([]);
  }, 80_000);
});

describe.skipIf(!existsSync('/dev/full'))('a disk that is full', () => {
  it.each([
    ['a report', ['-r', 'json=/dev/full']],
    ['another report', ['-r', 'junit', '-r', 'markdown=/dev/full']],
  ])(
    'under %s is told, and the exit code is 2',
    async (_, args) => {
      await using server = await start();
      using workshop = openWorkshop();
      workshop.write('t.yaml', target(server.url));
      const { code, stderr } = await workshop.run(['run', 'miniorange/oauth/access-errors/missing-header', '-t', 't.yaml', ...args], {
        env,
        timeoutSeconds: 60,
      });
      expect(stderr).toContain('/dev/full cannot be written any more (ENOSPC): what is there is not complete');
      expect(code, stderr).toBe(2);
      expect(workshop.files().some((file) => file.endsWith('report.ndjson'))).toBe(true);
    },
    80_000,
  );
});
