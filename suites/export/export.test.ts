/**
 * `dac export` as a process: what it writes is valid for the tool it is for, holds no secret, and works on the mock.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock, type DrupalMock } from '../../mock-server/index.ts';
import { openWorkshop, type Workshop } from '../cli/_run.ts';

let mock: DrupalMock;
let workshop: Workshop;
const secrets = { DAC_SECRET: '', DAC_PASSWORD: '' };

beforeAll(async () => {
  mock = createDrupalMock({ profile: 'miniorange/oauth' });
  const { url } = await mock.listen();
  const { clients, users } = mock.target();
  secrets.DAC_SECRET = clients?.['main']?.secret ?? '';
  secrets.DAC_PASSWORD = users?.['main']?.password ?? '';
  workshop = openWorkshop();
  workshop.write(
    'target.yaml',
    `profile: miniorange/oauth
name: exported
version: "2.1.0"
baseUrl: ${url}
clients:
  main: { id: ${clients?.['main']?.id}, secret: "\${env:DAC_SECRET}", applicationId: "${clients?.['main']?.applicationId}" }
users:
  main: { name: ${users?.['main']?.name}, password: "\${env:DAC_PASSWORD}", id: 2 }
`,
  );
});

afterAll(async () => {
  workshop[Symbol.dispose]();
  await mock.close();
});

async function exported(format: string, name: string, ...selectors: string[]): Promise<string> {
  const { code, stderr } = await workshop.run(['export', format, ...selectors, '-t', 'target.yaml', '-o', name], { env: secrets });
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  const text = workshop.read(name);
  for (const secret of Object.values(secrets)) expect(text.includes(secret)).toBe(false);
  return text;
}

interface Item {
  readonly name: string;
  readonly item?: readonly Item[];
  readonly event?: readonly { readonly listen: string; readonly script: { readonly exec: readonly string[] } }[];
  readonly request?: { readonly method: string; readonly url: { readonly raw: string } };
}

function requestsIn(items: readonly Item[]): Item[] {
  return items.flatMap((one) => (one.item === undefined ? [one] : requestsIn(one.item)));
}

describe('dac export postman', () => {
  it('writes a collection whose scripts parse, with a test for every check, and an environment without secrets', async () => {
    const text = await exported('postman', 'all.json', 'miniorange/oauth');
    const collection = JSON.parse(text) as { item: Item[]; event: Item['event'] };
    const requests = requestsIn(collection.item);
    expect(requests.length).toBeGreaterThan(300);
    for (const { event = [] } of [{ event: collection.event ?? [] }, ...requests]) {
      for (const { script } of event) expect(() => new Function('pm', 'dac', script.exec.join('\n'))).not.toThrow();
    }
    const wrongId = requests.find((one) => JSON.stringify(one).includes('INVALID_CLIENT_ID'));
    expect(wrongId?.event?.find(({ listen }) => listen === 'test')?.script.exec.join('\n')).toContain(
      'dac.check("error", "must", {"witness":"document"',
    );
    const environment = JSON.parse(workshop.read('all.postman_environment.json')) as {
      values: { key: string; value: unknown; type?: string }[];
    };
    expect(environment.values.find(({ key }) => key === 'users.main.password')).toEqual({
      key: 'users.main.password',
      value: '',
      type: 'secret',
      enabled: true,
    });
    expect(text).toContain('lets time pass');
  });

  it('gives the same bytes twice', async () => {
    const selector = 'miniorange/oauth/token-errors';
    expect(await exported('postman', 'a.json', selector)).toBe(await exported('postman', 'b.json', selector));
  });
});

describe('dac export openapi', () => {
  it('writes a valid OpenAPI 3.1 document with the documented answers', async () => {
    const text = await exported('openapi', 'openapi.json', 'miniorange/oauth');
    const document = JSON.parse(text) as Record<string, unknown>;
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
    const { paths } = document as {
      paths: Record<string, Record<string, { responses: Record<string, unknown>; parameters?: { name: string }[] }>>;
    };
    const token = paths['/rest_api/access_token']?.['post'];
    expect(Object.keys(token?.responses ?? {})).toEqual(expect.arrayContaining(['200', '400', '401']));
    expect(JSON.stringify(token?.responses['401'])).toContain('INVALID_CREDENTIALS');
    expect(paths['/user/{userId}']?.['get']?.parameters?.map(({ name }) => name)).toEqual(['userId', '_format', 'AUTH-METHOD']);
  });

  it('covers every profile', async () => {
    const { code, stdout } = await workshop.run(['export', 'openapi']);
    expect(code).toBe(0);
    const document = JSON.parse(stdout) as { paths: Record<string, Record<string, { operationId: string; security?: unknown[] }>> };
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
    // What linters ask for beyond the schema: one template a path, one name an operation, and a word on credentials.
    const templates = Object.keys(document.paths).map((path) => path.replace(/\{\w+\}/g, '{}'));
    expect(new Set(templates).size).toBe(templates.length);
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    expect(operations.filter(({ security }) => security === undefined)).toEqual([]);
  });
});

describe.skipIf(spawnSync('sh', ['-c', 'command -v curl && command -v awk']).status !== 0)('dac export curl', () => {
  const run = (file: string) =>
    spawnSync('sh', [join(workshop.folder, file)], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'] ?? '',
        CLIENTS_MAIN_SECRET: secrets.DAC_SECRET,
        USERS_MAIN_PASSWORD: secrets.DAC_PASSWORD,
        LC_ALL: 'C.UTF-8',
      },
    });

  it('writes a script that a POSIX shell can read', async () => {
    await exported('curl', 'all.sh', 'miniorange/oauth');
    expect(spawnSync('sh', ['-n', join(workshop.folder, 'all.sh')], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('asks for a secret by name', async () => {
    await exported('curl', 'asks.sh', 'miniorange/oauth/password-grant/issues-token');
    const { status, stderr } = spawnSync('sh', [join(workshop.folder, 'asks.sh')], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '' },
    });
    expect([status === 0, stderr]).toEqual([false, expect.stringMatching(/USERS_MAIN_PASSWORD: users\.main\.password/)]);
  });

  it('gets the answers that the cases expect', async () => {
    await exported(
      'curl',
      'some.sh',
      'miniorange/oauth/password-grant/issues-token',
      'miniorange/oauth/token-errors/nearly-right-password',
    );
    const { stdout, stderr } = await inBackground('some.sh');
    expect(stderr).toBe('');
    const statuses = [...stdout.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
    expect(statuses.slice(0, 2)).toEqual(['200', '200']);
    // A filter that leaves this password as it is makes a right one.
    expect(statuses.slice(2).filter((status) => status !== '401').length).toBeLessThanOrEqual(1);
    expect(statuses.length).toBeGreaterThan(5);
  });

  it('computes every filter as the runner does', async () => {
    await exported('curl', 'filters.sh', 'miniorange/oauth/password-grant/issues-token');
    const { substitute } = await import('../../src/spec/variables.ts');
    const value = 'aZ5-_"\\ b';
    const filters = [
      'upper',
      'lower',
      'swapcase',
      'chop',
      'behead',
      'flip',
      'flip-first',
      'flip-middle',
      'double',
      'reverse',
      'base64',
      'base64url',
      'percent',
      'form',
      'json',
    ];
    const head = readFileSync(join(workshop.folder, 'filters.sh'), 'utf8').split('\n\n# ──')[0] ?? '';
    const calls = filters.map((name) => `${name === 'base64' ? 'base64_of' : name.replaceAll('-', '_')} "$value"; echo`).join('\n');
    workshop.write('try.sh', `${head}\nvalue='${value}'\n${calls}\n`);
    const expected = filters.map((name) => substitute(`\${v | ${name}}`, () => value));
    expect(run('try.sh').stdout.trimEnd().split('\n')).toEqual(expected);
  });
});

/** The mock answers from this process, so that the script must not block it. */
async function inBackground(file: string): Promise<{ stdout: string; stderr: string }> {
  const { execFile } = await import('node:child_process');
  return await new Promise((resolve) => {
    execFile(
      'sh',
      [join(workshop.folder, file)],
      {
        env: { PATH: process.env['PATH'] ?? '', CLIENTS_MAIN_SECRET: secrets.DAC_SECRET, USERS_MAIN_PASSWORD: secrets.DAC_PASSWORD },
      },
      (_error, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}
