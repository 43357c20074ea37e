import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/command-line.ts';
import { openWorkshop } from './_run.ts';

describe('dac provision', () => {
  it('writes script, way back and secrets for their owner only, and says what to do next', async () => {
    using workshop = openWorkshop();
    const { code, stdout, stderr } = await workshop.run(['provision', '-p', 'simple-oauth', '-n', 'staging', '-u', 'https://example.org/']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(workshop.files()).toEqual(['staging.env', 'staging.php', 'staging.undo.php']);
    for (const file of workshop.files()) expect(statSync(join(workshop.folder, file)).mode & 0o777, file).toBe(0o600);
    expect(workshop.read('staging.php')).toContain('"url": "https://example.org"');
    expect(stdout).toMatch(/drush php:script staging\.php > staging\.yaml\n.*\n\s*dac run -t staging\.yaml --secrets staging\.env/);
    const secrets = [...workshop.read('staging.env').matchAll(/=(.+)$/gm)].map(([, value]) => value ?? '');
    expect(secrets.filter((secret) => stdout.includes(secret))).toEqual([]);
  });

  it('makes other secrets every time, and overwrites none without being told', async () => {
    using workshop = openWorkshop();
    await workshop.run(['provision', '-p', 'miniorange/basic', '-n', 'a']);
    await workshop.run(['provision', '-p', 'miniorange/basic', '-n', 'b']);
    const [a, b] = ['a.env', 'b.env'].map((file) => workshop.read(file));
    expect(a).not.toBe(b);
    const again = await workshop.run(['provision', '-p', 'miniorange/basic', '-n', 'a']);
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/a\.php, a\.undo\.php and a\.env already exist.*--force/s);
    expect(workshop.read('a.env')).toBe(a);
  });

  it('writes the way back alone when asked for', async () => {
    using workshop = openWorkshop();
    const { code } = await workshop.run(['provision', '-p', 'miniorange/api-key', '-n', 'staging', '--undo']);
    expect(code).toBe(0);
    expect(workshop.files()).toEqual(['staging.undo.php']);
  });

  it('prints the steps of the method that no script can set up', async () => {
    using workshop = openWorkshop();
    const { stdout } = await workshop.run(['provision', '-p', 'miniorange/oauth']);
    expect(stdout).toMatch(/No script can do the rest.*1\. .*8\. /s);
  });

  it.each([
    [['-p', 'simple-auth'], /"simple-auth".*Did you mean "simple-oauth"/s],
    [['-p', 'simple-oauth', '-n', '../x'], /"\.\.\/x" cannot be a file name/],
    [['-p', 'simple-oauth', '-u', 'example.org'], /"example\.org" is no http or https address/],
    [[], /--profile/],
  ])('refuses %j', async (args, message) => {
    using workshop = openWorkshop();
    const { code, stderr } = await workshop.run(['provision', ...args]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(workshop.files()).toEqual([]);
  });
});

describe('--secrets', () => {
  const target = 'profile: miniorange/oauth\nbaseUrl: http://127.0.0.1:9\nusers: { main: { name: "${env:DAC_NAME}" } }\n';

  it('fills in what the environment lacks, and gives way to it', async () => {
    using workshop = openWorkshop();
    workshop.write('t.yaml', target);
    workshop.write('t.env', 'DAC_NAME=from-the-file\n');
    expect((await workshop.run(['check', 't.yaml'])).code).toBe(2);
    expect((await workshop.run(['check', 't.yaml', '--secrets', 't.env'])).code).toBe(0);
    const given = await workshop.run(['run', '-t', 't.yaml', '--secrets', 't.env', '--dry-run'], { env: { DAC_NAME: 'from-outside' } });
    expect(given.stdout).not.toContain('from-the-file');
  });

  it('is an option of every command that reads a target file', () => {
    const reading = createProgram(() => undefined).commands.filter(({ options }) => options.some(({ long }) => long === '--target'));
    expect(reading.map((command) => command.name()).sort()).toEqual(['doctor', 'explore', 'export', 'run']);
    for (const { options } of reading) expect(options.map(({ long }) => long)).toContain('--secrets');
  });

  it('gives an export its values, and keeps them out of it', async () => {
    using workshop = openWorkshop();
    const client = 'clients: { main: { id: an-id, secret: "${env:DAC_SECRET}", applicationId: an-application } }\n';
    workshop.write('t.yaml', target.replace('" } }', '", password: "${env:DAC_PASSWORD}", id: 2 } }') + client);
    workshop.write('t.env', 'DAC_NAME=from-the-file\nDAC_SECRET=a-long-secret-1\nDAC_PASSWORD=a-long-password-1\n');
    const args = ['export', 'curl', 'miniorange/oauth/password-grant', '-t', 't.yaml'];
    expect((await workshop.run(args)).code).toBe(2);
    const { code, stdout, stderr } = await workshop.run([...args, '--secrets', 't.env']);
    expect({ code, stderr: stderr.includes('DAC_') }).toEqual({ code: 0, stderr: false });
    expect(stdout).toContain('curl');
    expect(stdout).not.toMatch(/a-long-(secret|password)-1/);
  });

  it('says which file cannot be read', async () => {
    using workshop = openWorkshop();
    workshop.write('t.yaml', target);
    const { code, stderr } = await workshop.run(['check', 't.yaml', '--secrets', 'nowhere.env']);
    expect(code).toBe(2);
    expect(stderr).toContain('nowhere.env cannot be read (ENOENT)');
  });
});
