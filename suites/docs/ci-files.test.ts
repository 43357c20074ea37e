/**
 * The CI files that others use: valid YAML, and no flag that the command does not have.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../src/cli/command-line.ts';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const flagsOfRun = new Set(
  createProgram(() => undefined)
    .commands.find((command) => command.name() === 'run')
    ?.options.map(({ long }) => long),
);

function unknownFlags(script: string): string[] {
  const line = script.replace(/npx --yes/g, 'npx');
  return [...line.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag).filter((flag) => !flagsOfRun.has(flag));
}

describe('the GitHub action', () => {
  const action = parse(read('.github/actions/conformance/action.yml')) as {
    inputs: Record<string, { description: string }>;
    runs: { using: string; steps: { env: Record<string, string>; run: string }[] };
  };
  const [step] = action.runs.steps;

  it('is composite, with flags that exist, in a script that bash can read', () => {
    expect(action.runs.using).toBe('composite');
    expect(unknownFlags(step?.run ?? '')).toEqual([]);
    expect(spawnSync('bash', ['-n'], { input: step?.run ?? 'exit 1', encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it('uses every input, and never inside its script', () => {
    const used = Object.values(step?.env ?? {}).map((value) => /inputs\.([\w-]+)/.exec(value)?.[1]);
    expect(used.sort()).toEqual(Object.keys(action.inputs).sort());
    expect(step?.run).not.toContain('${{');
  });
});

describe('the GitLab job', () => {
  it('has flags that exist and keeps the JUnit file where the run writes it', () => {
    const job = (parse(read('.gitlab/conformance.yml')) as Record<string, { script: string[]; artifacts: { reports: { junit: string } } }>)[
      '.drupal-auth-conformance'
    ];
    expect(unknownFlags(job?.script.join('\n') ?? '--none')).toEqual([]);
    expect(job?.artifacts.reports.junit).toBe('dac-report/junit.xml');
  });
});

describe('the workflow that publishes', () => {
  it('may sign, names the repository that does, and checks everything before', () => {
    const job = (parse(read('.github/workflows/publish.yml')) as { jobs: { npm: { permissions: object; steps: { run?: string }[] } } }).jobs
      .npm;
    const commands = job.steps.flatMap(({ run }) => run ?? []);
    expect(job.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(commands[0]).toBe('.ci/run');
    expect(commands.at(-1)).toMatch(/npm@11 publish --provenance/);
    expect(commands.some((line) => line.includes('repository.url'))).toBe(true);
  });
});

describe('--help', () => {
  const program = createProgram(() => undefined);
  it.each([program, ...program.commands].map((command) => [command.name(), command] as const))(
    'of %s fits 80 columns and ends with an example',
    (_name, command) => {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
      command.outputHelp();
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
      expect(text).toMatch(/\nExamples?:\n( {2}dac .+\n)+$/);
    },
  );
});
