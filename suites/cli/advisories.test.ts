import { describe, expect, it } from 'vitest';
import { openWorkshop } from './_run.ts';

const target =
  'name: t\nprofile: simple-oauth\nbaseUrl: http://127.0.0.1:9\nversion: 6.0.9\ndrupal: 10.5.12\nclients: { main: { id: a, secret: bbbbbbbbbbbb } }\n';

describe('advisories on the command line', () => {
  it('are left out unless the target lists them or a selector names them', async () => {
    using workshop = openWorkshop();
    workshop.write('t.yaml', target);
    const silent = await workshop.run(['run', '-t', 't.yaml', '--dry-run']);
    expect(silent.stdout).toContain('simple-oauth/');
    expect(silent.stdout).not.toContain('advisories');
    const named = await workshop.run(['run', 'advisories', '-t', 't.yaml', '--dry-run']);
    expect(named.stdout).toContain('advisories/simple-oauth/sa-contrib-2026-296');
    expect(named.stdout).not.toContain('advisories/rest-api-authentication');
  });

  it('are explained with the versions that decide them', async () => {
    using workshop = openWorkshop();
    const { stdout } = await workshop.run(['explain', 'advisories/simple-oauth/sa-contrib-2026-296']);
    expect(stdout).toMatch(/decided by version of the target file, expected >=5\.2\.6 <6 .*; nothing is sent/);
  });
});
