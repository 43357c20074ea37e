import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { loadShipped } from '../../src/spec/catalogue.ts';
import { openWorkshop } from './_run.ts';

const catalogue = await loadShipped();

describe('dac init', () => {
  it.each(Object.values(catalogue.profiles).map(({ name }) => name))(
    'writes a target file for %s that dac check accepts',
    async (profile) => {
      using workshop = openWorkshop();
      const made = await workshop.run(['init', '--yes', '--profile', profile, '--url', 'https://example.org/drupal/']);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      expect(workshop.files()).toEqual(['staging.env.example', 'staging.yaml']);
      const variables = workshop
        .read('staging.env.example')
        .split('\n')
        .filter((line) => line !== '');
      const env = Object.fromEntries(variables.map((line) => [line.replace('=', ''), 'a-long-value-1']));
      const checked = await workshop.run(['check', 'staging.yaml'], { env });
      expect({ code: checked.code, stderr: checked.stderr }).toEqual({ code: 0, stderr: '' });
      expect(checked.stdout).toContain('https://example.org/drupal');
    },
  );

  it.each(['github', 'gitlab'])('writes a %s job that is YAML and hands the variables over', async (ci) => {
    using workshop = openWorkshop();
    await workshop.run(['init', '--yes', '--ci', ci]);
    const job = workshop.files().find((name) => name.includes('dac-staging')) ?? '';
    expect(parse(workshop.read(job))).toBeTypeOf('object');
    expect(workshop.read(job)).toContain('DAC_CLIENT_SECRET');
  });

  it.each([
    ['overwrites nothing', ['init', '--yes'], /staging\.yaml already exists.*--force/s],
    ['knows its profiles', ['init', '--yes', '-n', 'a', '-p', 'miniorange/oath'], /no profile "miniorange\/oath".*miniorange\/oauth/s],
    ['wants an http address', ['init', '--yes', '-n', 'b', '-u', 'example.org'], /"example\.org" is no http or https address/],
  ])('%s', async (_, args, message) => {
    using workshop = openWorkshop();
    workshop.write('staging.yaml', 'mine');
    const { code, stderr } = await workshop.run(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(workshop.files()).toEqual(['staging.yaml']);
    expect(workshop.read('staging.yaml')).toBe('mine');
  });
});
