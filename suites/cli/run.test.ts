/**
 * `dac run` as a person meets it: two processes and a target file, and everything that can be wrong about them.
 */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openWorkshop, type Started, type Workshop } from './_run.ts';

const target = (url: string, more = '') => `
name: second process
profile: miniorange/oauth
baseUrl: ${url}
clients:
  main: { id: "\${env:DAC_CLIENT_ID}", secret: "\${env:DAC_CLIENT_SECRET}", applicationId: "\${env:DAC_APPLICATION_ID}" }
users:
  main: { name: api_user, password: "\${env:DAC_PASSWORD}", id: 2 }
expiry: { method: clock }
${more}`;

interface Facts {
  readonly applications: readonly { readonly id: string; readonly clientId: string; readonly clientSecret: string }[];
  readonly users: readonly { readonly name: string; readonly password: string }[];
}

/** Starts the mock as a process of its own on a free port; `env` holds what the target file asks for. */
async function startMock(workshop: Workshop, ...flags: string[]): Promise<{ mock: Started; url: string; env: Record<string, string> }> {
  const mock = workshop.start(['mock', '--profile', 'miniorange/oauth', '--port', '0', ...flags]);
  const [, url = ''] = await mock.printed(/ at (http:\S+)\n/);
  const facts = (await (await fetch(url, { headers: { accept: 'application/json' } })).json()) as Facts;
  const [main] = facts.applications;
  const env = {
    DAC_CLIENT_ID: main?.clientId ?? '',
    DAC_CLIENT_SECRET: main?.clientSecret ?? '',
    DAC_APPLICATION_ID: main?.id ?? '',
    DAC_PASSWORD: facts.users.find(({ name }) => name === 'api_user')?.password ?? '',
  };
  return { mock, url, env };
}

describe('a run against a second process', () => {
  it('passes over a real port, keeps the report, and leaves no secret in any byte', async () => {
    using workshop = openWorkshop();
    const { url, env } = await startMock(workshop);
    workshop.write('target.yaml', target(url));
    const { stdout, stderr, code } = await workshop.run(['run', '-t', 'target.yaml', '-r', 'terminal', '-r', 'junit', '-r', 'json'], {
      env,
      timeoutSeconds: 80,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\d{3} cases: \d{3} passed/);
    expect(stdout).not.toMatch(/\d (failed|blocked)/);
    expect(workshop.files()).toEqual(['dac-report/junit.xml', 'dac-report/report.json', 'dac-report/report.ndjson', 'target.yaml']);
    const written =
      ['dac-report/junit.xml', 'dac-report/report.json', 'dac-report/report.ndjson'].map((file) => workshop.read(file)).join('\n') + stdout;
    for (const secret of [env['DAC_CLIENT_SECRET'], env['DAC_PASSWORD']]) expect(written.includes(String(secret))).toBe(false);
    // Nor most of one: a wrong password that is right but for a character gives the right one away.
    const password = String(env['DAC_PASSWORD']);
    for (let at = 0; at + 12 <= password.length; at++) expect(written).not.toContain(password.slice(at, at + 12));
  }, 90_000);

  it('fails with exit code 1 on a wrong site, says where and why, and gives a curl line without secrets', async () => {
    using workshop = openWorkshop();
    const { url, env } = await startMock(workshop, '--mutant', 'miniorange/oauth/http-code-missing');
    workshop.write('target.yaml', target(url));
    const { stdout, code } = await workshop.run(['run', 'miniorange/oauth/token-errors/wrong-password', '-t', 'target.yaml'], { env });
    expect(code).toBe(1);
    expect(stdout).toContain('miniorange/oauth/token-errors/wrong-password/character-changed#http-code');
    expect(stdout).toContain('/http_code');
    expect(stdout).toContain('curl ');
    expect(stdout).not.toContain(env['DAC_PASSWORD']);
  });

  it('writes what there is when it is interrupted, and exits 130', async () => {
    using workshop = openWorkshop();
    const { url, env } = await startMock(workshop);
    await fetch(`${url}/__control/faults`, { method: 'POST', body: JSON.stringify({ delayMs: 200, count: 100000 }) });
    workshop.write('target.yaml', target(url, 'limits: { concurrency: 1 }\n'));
    const run = workshop.start(['run', '-t', 'target.yaml', '-r', 'ndjson', '-r', 'terminal'], { env });
    await run.printed(/second process/);
    run.kill('SIGINT');
    const { code } = await run.finished;
    expect(code).toBe(130);
    const lines = workshop
      .read('dac-report/report.ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; cut?: string });
    expect(lines[0]?.type).toBe('header');
    expect(lines.at(-1)).toMatchObject({ type: 'footer', cut: 'interrupted' });
  });
});

describe('bad input', () => {
  const good = target('http://127.0.0.1:9', '');
  const env = { DAC_CLIENT_ID: 'a', DAC_CLIENT_SECRET: 'secret-value-1', DAC_APPLICATION_ID: 'b', DAC_PASSWORD: 'secret-value-2' };

  it.each([
    ['an unknown flag', ['run', '--strickt'], {}, 2, /unknown option '--strickt'.*Did you mean --strict/s],
    ['an unknown command', ['rum'], {}, 2, /unknown command 'rum'.*Did you mean run/s],
    ['a flag without its value', ['run', '--out'], {}, 2, /argument missing/],
    ['a number that is none', ['run', '--seed', 'x'], {}, 2, /--seed.*expected a whole number, found "x"/s],
    ['a witness that is none', ['run', '--witness', 'me'], {}, 2, /Allowed choices are document/],
    ['a missing target file', ['run', '-t', 'nope.yaml'], {}, 2, /nope\.yaml.*no such file/],
    [
      'a selection that matches nothing',
      ['run', 'miniorange/oauth/pasword-grant'],
      {},
      2,
      /no case matches "miniorange\/oauth\/pasword-grant".*password-grant/s,
    ],
    [
      'an unset variable',
      ['run', '-t', 't.yaml'],
      { 't.yaml': good },
      2,
      /t\.yaml:6:\d+: clients\.main\.id needs the environment variable DAC_CLIENT_ID/,
    ],
    ['a YAML slip', ['run', '-t', 't.yaml'], { 't.yaml': 'profile: [a\nbaseUrl: x' }, 2, /t\.yaml:\d+:\d+: /],
    [
      'a misspelt key',
      ['run', '-t', 't.yaml'],
      { 't.yaml': 'profile: miniorange/oauth\nbaseurl: http://x' },
      2,
      /t\.yaml:2:1: .*baseurl.*baseUrl/s,
    ],
    [
      'an unknown profile',
      ['run', '-t', 't.yaml'],
      { 't.yaml': 'profile: miniorange/oath\nbaseUrl: http://x' },
      2,
      /t\.yaml:1:10: .*miniorange\/oath.*miniorange\/oauth/s,
    ],
    ['a wrong URL', ['run', '-t', 't.yaml'], { 't.yaml': 'profile: miniorange/oauth\nbaseUrl: ftp://x' }, 2, /t\.yaml:2:10: .*baseUrl/s],
    ['an unknown reporter', ['run', '-r', 'junt'], {}, 2, /reporter "junt".*junit/s],
    ['a folder that cannot be written', ['run', '--out', 't.yaml/report'], { 't.yaml': '' }, 2, /t\.yaml\/report.*cannot be written/],
  ] as [string, string[], Record<string, string>, number, RegExp][])(
    '%s names the place and the remedy',
    async (_, args, files, code, message) => {
      using workshop = openWorkshop();
      for (const [name, text] of Object.entries(files)) workshop.write(name, text);
      const finished = await workshop.run(args);
      expect(finished.stderr).toMatch(message);
      expect(finished.stderr).not.toMatch(/\n\s+at /);
      expect(finished.code).toBe(code);
      expect(workshop.files()).toEqual(Object.keys(files).sort());
    },
  );

  it('an unreachable host blocks every case with one reason, and exits 3', async () => {
    using workshop = openWorkshop();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    workshop.write('t.yaml', target(`http://127.0.0.1:${port}`));
    const { stdout, code } = await workshop.run(['run', '-t', 't.yaml'], { env });
    expect(code).toBe(3);
    expect(stdout).toContain(`http://127.0.0.1:${port} cannot be reached`);
  });

  it('a host that speaks no TLS is told as such', async () => {
    using workshop = openWorkshop();
    const { url, env: own } = await startMock(workshop);
    workshop.write('t.yaml', target(url.replace('http:', 'https:')));
    const { stdout, code } = await workshop.run(['run', '-t', 't.yaml'], { env: own });
    expect(code).toBe(3);
    expect(stdout).toMatch(/cannot be reached:.*TLS/s);
  });

  it('a port in use is named, with the way out', async () => {
    using workshop = openWorkshop();
    const { url } = await startMock(workshop);
    const { stderr, code } = await workshop.run(['mock', '--port', new URL(url).port]);
    expect(stderr).toMatch(/in use.*--port/is);
    expect(code).toBe(3);
  });
});

describe('--dry-run', () => {
  it('shows a terminal nothing to act on', async () => {
    using workshop = openWorkshop();
    workshop.write('t.yaml', target('http://127.0.0.1:9'));
    const env = {
      DAC_CLIENT_ID: 'client-1',
      DAC_CLIENT_SECRET: 'secret-value-1',
      DAC_APPLICATION_ID: 'app',
      DAC_PASSWORD: 'secret-value-2',
    };
    const { stdout } = await workshop.run(['run', '-t', 't.yaml', '--dry-run'], { env });
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('prints the requests and sends none', async () => {
    using workshop = openWorkshop();
    workshop.write('t.yaml', target('http://127.0.0.1:9'));
    const env = {
      DAC_CLIENT_ID: 'client-1',
      DAC_CLIENT_SECRET: 'secret-value-1',
      DAC_APPLICATION_ID: 'app',
      DAC_PASSWORD: 'secret-value-2',
    };
    const { stdout, code } = await workshop.run(['run', 'miniorange/oauth', '-t', 't.yaml', '--dry-run'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('POST http://127.0.0.1:9/rest_api/access_token');
    expect(stdout).toMatch(/before the cases, whether the credentials work\n +POST .*\n +GET /);
    expect(stdout).toMatch(/ after a success: GET http:\/\/127\.0\.0\.1:9\/user\//);
    expect(stdout).toMatch(/requests would be sent.*GET \/ at the beginning.*dac doctor/s);
    expect(stdout).not.toContain('secret-value');
    expect(workshop.files()).toEqual(['t.yaml']);
  });
});
