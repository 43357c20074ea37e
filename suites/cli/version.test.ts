import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openWorkshop, runCommand } from './_run.ts';

describe('dac --version', () => {
  it('prints the version of package.json and nothing else', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await runCommand(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0, signal: null });
  });

  it('writes nothing into the working folder or the home', async () => {
    using workshop = openWorkshop();
    await workshop.run(['--version']);
    expect(workshop.files()).toEqual([]);
  });
});
