import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SpecError } from '../support/error.ts';
import { parseTargets, readTargetFile } from './target-file.ts';

const profiles = ['miniorange/oauth', 'miniorange/basic', 'simple-oauth', 'rest', 'oauth2'];
const env = { DAC_PASSWORD: 'corr${ect}', DAC_SECRET: 's3cret-value', EMPTY: '', LIFETIME: '60', INSECURE: 'true', NOT_A_NUMBER: 'sixty' };

const parse = (text: string) => parseTargets(text, 'target.yaml', { profiles, env });

async function problems(text: string): Promise<string> {
  const message = await parse(text).then(
    () => 'none',
    (error: unknown) => (error instanceof SpecError ? error.message : Promise.reject(error)),
  );
  return `\n${message.replaceAll('target.yaml:', '')}\n`;
}

const head = 'profile: miniorange/oauth\nbaseUrl: https://staging.example.org/drupal/\n';

describe('a target file', () => {
  it('becomes a target, with its secrets listed by key', async () => {
    const result = await parse(`
# yaml-language-server: $schema=target.schema.json
name: staging
profile: [miniorange/oauth, rest, rest]
version: "2.1.0"
baseUrl: https://staging.example.org/drupal/
clients:
  main: { id: abc, secret: "\${env:DAC_SECRET}", applicationId: 1f2e3d4c, apiKey: key-value }
users:
  main: { name: api_user, password: "\${env:DAC_PASSWORD}", id: 2 }
expiry: { lifetimeSeconds: "\${env:LIFETIME}", method: wait }
tokens: { expired: old-token }
headers: { X-Gate: "Basic \${env:DAC_SECRET}" }
tls: { insecure: "\${env:INSECURE}" }
`);
    expect(result.targets).toEqual([
      {
        name: 'staging',
        profiles: ['miniorange/oauth', 'rest'],
        version: '2.1.0',
        baseUrl: 'https://staging.example.org/drupal',
        clients: { main: { id: 'abc', secret: 's3cret-value', applicationId: '1f2e3d4c', apiKey: 'key-value' } },
        users: { main: { name: 'api_user', password: 'corr${ect}', id: 2 } },
        expiry: { lifetimeSeconds: 60, method: 'wait' },
        tokens: { expired: 'old-token' },
        headers: { 'X-Gate': 'Basic s3cret-value' },
        tls: { insecure: true },
        file: 'target.yaml',
      },
    ]);
    expect(result.secrets).toEqual([
      { label: 'clients.main.secret', value: 's3cret-value' },
      { label: 'clients.main.apiKey', value: 'key-value' },
      { label: 'users.main.password', value: 'corr${ect}' },
      { label: 'tokens.expired', value: 'old-token' },
      { label: 'headers.X-Gate', value: 'Basic s3cret-value' },
    ]);
  });

  it('may describe several products, told apart by name', async () => {
    const { targets } = await parse(`${head}---\nprofile: simple-oauth\nbaseUrl: https://staging.example.org\n---\nname: other\n${head}`);
    expect(targets.map(({ name }) => name)).toEqual([
      'staging.example.org (miniorange/oauth)',
      'staging.example.org (simple-oauth)',
      'other',
    ]);
  });

  it('keeps a literal "${" that is escaped, and quotes of YAML out of values', async () => {
    const { targets, secrets } = await parse(`${head}users: { main: { password: 'a$\${b}"c' } }\n`);
    expect(targets[0]?.users?.['main']?.password).toBe('a${b}"c');
    expect(secrets).toEqual([{ label: 'users.main.password', value: 'a${b}"c' }]);
  });

  it.each([
    ['http://localhost:8080', 'http://localhost:8080'],
    ['https://EXAMPLE.org//', 'https://example.org'],
    ['https://example.org/en/', 'https://example.org/en'],
  ])('may have the base URL %s', async (baseUrl, expected) => {
    const { targets } = await parse(`profile: rest\nbaseUrl: ${baseUrl}\n`);
    expect(targets[0]?.baseUrl).toBe(expected);
  });
});

describe('a mistake in a target file is told with its place and its remedy', () => {
  const cases: [name: string, text: string][] = [
    ['missing keys', 'name: x\n'],
    [
      'unknown keys',
      `${head}user: { main: { name: a } }\nusers: { main: { nam: hunter2, pasword: "hunter2\n  hunter2" }, other: hunter2 }\npass: hunter2\n`,
    ],
    ['a number where a text must be', `${head}version: 2.1\nclients: { main: { id: 123 } }\n`],
    ['unset variable', `${head}clients:\n  main: { id: "\${env:NO_SUCH}", secret: "x\${env:EMPTY}" }\n`],
    ['missing file', `${head}users: { main: { password: "\${file:no/such.txt}" } }\n`],
    ['unknown reference', `${head}name: "\${HOME}"\nusers: { main: { password: "p\${assword", name: "\${vault:x}" } }\n`],
    ['unknown profile', 'profile: miniorange/oath\nbaseUrl: https://example.org\n'],
    ['unknown profile, none near', 'profile: [rest, wordpress]\nbaseUrl: https://example.org\n'],
    ['two products', 'profile: [miniorange/oauth, simple-oauth]\nbaseUrl: https://example.org\n'],
    ['no URL', 'profile: rest\nbaseUrl: example.org\n'],
    ['another scheme', 'profile: rest\nbaseUrl: ftp://example.org\n'],
    ['URL with query', 'profile: rest\nbaseUrl: https://example.org/?q=1\n'],
    ['URL with credentials', 'profile: rest\nbaseUrl: https://admin:hunter2@example.org\n'],
    ['number from a variable that is none', `${head}expiry: { lifetimeSeconds: "\${env:NOT_A_NUMBER}" }\n`],
    ['waiver', `${head}waivers: [{ check: a#b, reason: no, expires: soon }]\n`],
    ['limits', `${head}limits: { concurrency: 0, requestsPerSecond: 0, loginBudget: -1, readOnly: 1 }\n`],
    ['header', `${head}headers: { "X Gate": a, Ok: "a\\nb" }\n`],
    ['not YAML', `${head}users: { main: { password: hunter2, name: [ } }\n`],
    ['not a mapping', '- a\n'],
    ['empty', '\n'],
    ['secret of the wrong type', `${head}users: { main: { password: 12345678 } }\ntokens: { expired: { a: 1 } }\n`],
    ['tag', `${head}users: { main: { password: !secret hunter2 } }\n`],
  ];
  it.each(cases)('%s', async (_, text) => {
    const message = await problems(text);
    expect(message).toMatchSnapshot();
    expect(message).not.toMatch(/hunter2|12345678|assword",|s3cret/);
  });
});

describe('a target file on disk', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dac-target-'));
    await writeFile(join(folder, 'password.txt'), 'from a file\n');
    await writeFile(join(folder, 'target.yaml'), `${head}users: { main: { password: "\${file:password.txt}" } }\n`);
    await writeFile(join(folder, 'latin1.yaml'), Buffer.from(`${head}name: caf\xe9\n`, 'latin1'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('takes files relative to its own folder, without their last line end', async () => {
    const { secrets } = await readTargetFile(join(folder, 'target.yaml'), { profiles });
    expect(secrets).toEqual([{ label: 'users.main.password', value: 'from a file' }]);
  });

  it('that does not exist, is a folder, or is not UTF-8 is a clear error', async () => {
    await expect(readTargetFile(join(folder, 'no.yaml'), { profiles })).rejects.toThrow(
      `cannot read "${join(folder, 'no.yaml')}": there is no such file or folder`,
    );
    await expect(readTargetFile(folder, { profiles })).rejects.toThrow(`cannot read "${folder}": it is a folder`);
    await expect(readTargetFile(join(folder, 'latin1.yaml'), { profiles })).rejects.toThrow(
      `${join(folder, 'latin1.yaml')}:3:1: the file is not UTF-8; save it as UTF-8`,
    );
  });
});
