/**
 * The CI files for many sites, as far as they can be run here: their own shell lines, with the built command for npx, against mock sites.
 */
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createDrupalMock, findMutant, type DrupalMock } from '../../mock-server/index.ts';
import { createProgram } from '../../src/cli/command-line.ts';
import { binary, openWorkshop, type Workshop } from '../cli/_run.ts';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

interface GithubJob {
  readonly needs?: string;
  readonly if?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly shard: string } };
  readonly steps: readonly {
    readonly name?: string;
    readonly id?: string;
    readonly run?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly with?: Readonly<Record<string, string>>;
  }[];
}
interface Workflow {
  readonly on: {
    readonly workflow_call: { readonly inputs: Readonly<Record<string, unknown>>; readonly secrets: Readonly<Record<string, unknown>> };
  };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<'plan' | 'run' | 'report', GithubJob>>;
}
const workflow = parse(read('.github/workflows/sites.yml')) as Workflow;
const gitlab = parse(read('.gitlab/sites.yml')) as Readonly<
  Record<'.dac-shard' | '.dac-report', { readonly script: readonly string[]; readonly artifacts: { readonly paths: readonly string[] } }>
>;

const mocks: DrupalMock[] = [];
const sites: Record<string, Record<string, unknown>> = {};
const password = 'a-password-of-the-sites-0815';

beforeAll(async () => {
  for (const name of ['alpha', 'beta', 'gamma', 'beta-broken']) {
    const mutant = name === 'beta-broken' ? { mutant: await findMutant('miniorange/oauth/http-code-missing') } : {};
    const mock = createDrupalMock({ profile: 'miniorange/oauth', ...mutant });
    mocks.push(mock);
    await mock.listen();
    sites[name] = { ...mock.target(), name: name.replace('-broken', '') } as Record<string, unknown>;
  }
});
afterAll(() => Promise.all(mocks.map((mock) => mock.close())));

/** A checkout with target files, and `npx`, `gh` and `curl` that stay on this machine. */
function checkOut(names: readonly string[]): Workshop {
  const workshop = openWorkshop();
  for (const name of names) workshop.write(`sites/${name.replace('-broken', '')}.yaml`, JSON.stringify(sites[name]));
  const tool = (name: string, text: string) => {
    workshop.write(`.bin/${name}`, `#!/usr/bin/env bash\n${text}\n`);
    chmodSync(join(workshop.folder, '.bin', name), 0o755);
  };
  tool(
    'npx',
    `[ "$1" = --yes ] && [ "$2" = drupal-auth-conformance@latest ] || exit 99\nshift 2\nexec "${process.execPath}" "${binary}" "$@"`,
  );
  tool(
    'gh',
    `case "$1 $2" in 'run list') [ -e ../last ] && echo 7; exit 0;; 'run download') mkdir -p baseline && cp ../last/report.ndjson baseline/;; esac`,
  );
  tool(
    'curl',
    `out=; while [ $# -gt 1 ]; do [ "$1" = --output ] && out="$2"; shift; done; [ -e ../last ] && cp ../last/report.ndjson "$out"`,
  );
  return workshop;
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function shell(workshop: Workshop, script: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: workshop.folder,
    env: { PATH: `${join(workshop.folder, '.bin')}:${process.env['PATH'] ?? ''}`, HOME: workshop.home, NO_COLOR: '1', TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Everything that the jobs would do, one after the other; the report of the last run stands in `../last`. */
type Jobs = (
  workshop: Workshop,
  shards: number,
  baseline?: string,
) => Promise<{ readonly shards: (number | null)[]; readonly report: Ended; readonly summary: string }>;

const onGithub: Jobs = async (workshop, shards, baseline = '') => {
  const step = (job: GithubJob, name: string) => job.steps.find((one) => (one.name ?? one.id) === name)?.run ?? 'exit 98';
  const [output, summary] = [join(workshop.home, 'output'), join(workshop.home, 'summary')];
  for (const file of [output, summary]) writeFileSync(file, '');
  await shell(workshop, step(workflow.jobs.plan, 'plan'), { SHARDS: String(shards), GITHUB_OUTPUT: output });
  const matrix = JSON.parse(/^shards=(.*)\n$/.exec(readFileSync(output, 'utf8'))?.[1] ?? '[]') as number[];
  const codes: (number | null)[] = [];
  for (const shard of matrix) {
    const env = {
      TARGETS: 'sites',
      SELECT: select.join(' '),
      SHARD: `${shard}/${shards}`,
      STRICT: 'false',
      READ_ONLY: 'true',
      VERSION: 'latest',
    };
    const { code } = await shell(workshop, step(workflow.jobs.run, 'Run this shard'), {
      ...env,
      VALUES: `DAC_SITE_PASSWORD=${password}`,
      RUNNER_TEMP: workshop.home,
    });
    // As the artifacts come back.
    if (existsSync(join(workshop.folder, 'dac-shard/report.ndjson')))
      cpSync(join(workshop.folder, 'dac-shard'), join(workshop.folder, `shards/dac-shard-${shard}`), { recursive: true });
    codes.push(code);
  }
  if (baseline === '') await shell(workshop, step(workflow.jobs.report, 'Find the last report'), { WORKFLOW: 'w', BRANCH: 'main' });
  const env = { BASELINE: baseline, VERSION: 'latest', GITHUB_STEP_SUMMARY: summary };
  return {
    shards: codes,
    report: await shell(workshop, step(workflow.jobs.report, 'Join and compare'), env),
    summary: readFileSync(summary, 'utf8'),
  };
};

const onGitlab: Jobs = async (workshop, shards, baseline = '') => {
  const script = (job: '.dac-shard' | '.dac-report') => gitlab[job].script.join('\n');
  const secrets = join(workshop.home, 'secrets');
  writeFileSync(secrets, `DAC_SITE_PASSWORD=${password}\n`);
  const codes: (number | null)[] = [];
  for (let index = 0; index < shards; index++) {
    const env = {
      DAC_TARGETS: 'sites',
      DAC_VERSION: 'latest',
      DAC_SELECT: select.join(' '),
      DAC_FLAGS: '--read-only',
      DAC_SECRETS: secrets,
    };
    codes.push(
      (await shell(workshop, script('.dac-shard'), { ...env, CI_NODE_INDEX: String(index + 1), CI_NODE_TOTAL: String(shards) })).code,
    );
  }
  const env = {
    DAC_VERSION: 'latest',
    CI_API_V4_URL: 'http://x',
    CI_PROJECT_ID: '1',
    CI_DEFAULT_BRANCH: 'main',
    CI_JOB_NAME: 'dac-report',
    CI_JOB_TOKEN: 't',
  };
  const report = await shell(workshop, script('.dac-report'), { ...env, ...(baseline === '' ? {} : { DAC_BASELINE: baseline }) });
  return { shards: codes, report, summary: report.stdout };
};

const select = ['miniorange/oauth/password-grant', 'miniorange/oauth/token-errors/wrong-password'];

function keepAsLast(workshop: Workshop): void {
  mkdirSync(join(workshop.folder, '../last'), { recursive: true });
  cpSync(join(workshop.folder, 'dac-report/report.ndjson'), join(workshop.folder, '../last/report.ndjson'));
}

describe.each([
  ['GitHub', onGithub],
  ['GitLab', onGitlab],
] as const)('many sites on %s', (_, jobs) => {
  it('are divided, joined into one report, and green when nothing is wrong', async () => {
    using workshop = checkOut(['alpha', 'beta', 'gamma']);
    const { shards, report } = await jobs(workshop, 2);
    expect({ shards, code: report.code, stderr: report.stderr }).toEqual({ shards: [0, 0], code: 0, stderr: '' });
    expect(report.stdout).toMatch(/✓ alpha +\d+ passed[^]*✓ beta +\d+ passed[^]*✓ gamma +\d+ passed/);
    for (const file of ['report.ndjson', 'report.html', 'junit.xml'])
      expect(existsSync(join(workshop.folder, 'dac-report', file))).toBe(true);
    expect(existsSync(join(workshop.folder, 'dac-report/changes.html'))).toBe(false);
  }, 120_000);

  it('are red for what fails, known once it stands in the last report, and a regression when it is new', async () => {
    using workshop = checkOut(['alpha', 'beta-broken', 'gamma']);
    const first = await jobs(workshop, 2);
    expect({ shards: first.shards.toSorted(), code: first.report.code }).toEqual({ shards: [0, 0], code: 1 });
    keepAsLast(workshop);
    const known = await jobs(workshop, 2);
    expect(known.report.code).toBe(0);
    expect(known.summary).toMatch(/\d+ still failing/);
    expect(existsSync(join(workshop.folder, 'dac-report/changes.html'))).toBe(true);

    using later = checkOut(['alpha', 'beta', 'gamma']);
    expect((await jobs(later, 2)).report.code).toBe(0);
    keepAsLast(later);
    later.write('sites/beta.yaml', JSON.stringify(sites['beta-broken']));
    const broken = await jobs(later, 2);
    expect(broken.report.code).toBe(4);
    expect(broken.summary).toMatch(/Broken[^]*miniorange\/oauth\/token-errors\/wrong-password/);
    // A site that is new and wrong is not excused by a report that does not know it.
    using grown = checkOut(['alpha', 'beta-broken']);
    mkdirSync(join(grown.folder, '../last'));
    using before = checkOut(['alpha']);
    await jobs(before, 1);
    cpSync(join(before.folder, 'dac-report/report.ndjson'), join(grown.folder, '../last/report.ndjson'));
    expect((await jobs(grown, 1)).report.code).toBe(4);
  }, 240_000);

  it('are not green when a shard could not be run, and say which', async () => {
    using other = checkOut(['alpha', 'beta', 'gamma']);
    other.write('.bin/npx', `${other.read('.bin/npx').replace('exec', 'case "$*" in *"--shard 2/2"*) exit 70;; esac\nexec')}`);
    const { shards, report } = await jobs(other, 2);
    expect(shards).toEqual([0, 70]);
    expect(report.code).toBe(3);
    expect(report.stdout).toContain('shard 2/2 is missing');
  }, 120_000);

  it('with a baseline that does not exist are a mistake, not a first run', async () => {
    using workshop = checkOut(['alpha']);
    expect((await jobs(workshop, 1, 'nowhere.ndjson')).report).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('nowhere.ndjson does not exist'),
    });
  }, 120_000);
});

describe('the files', () => {
  const flags = (name: string) =>
    createProgram(() => undefined)
      .commands.find((command) => command.name() === name)
      ?.options.map(({ long }) => long) ?? [];
  const known = new Set([...flags('run'), ...flags('merge'), ...flags('compare')]);
  const githubSteps = Object.values(workflow.jobs).flatMap(({ steps }) => steps);
  const scripts = [...githubSteps.map(({ run = '' }) => run), ...Object.values(gitlab).map(({ script }) => script.join('\n'))];

  it('name no flag that the command does not have', () => {
    const ours = scripts.flatMap((script) => script.split('\n').filter((line) => !/^\s*(#|for id in|if gh |if ! curl)/.test(line)));
    const named =
      ours
        .join('\n')
        .replace(/npx --yes/g, 'npx')
        .match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((flag) => !known.has(flag))).toEqual([]);
  });

  it('use every input and secret, and let none of them stand in a script', () => {
    const text = read('.github/workflows/sites.yml');
    const { inputs, secrets } = workflow.on.workflow_call;
    for (const name of Object.keys(inputs)) expect(text).toMatch(new RegExp(`inputs\\.${name}\\b`));
    for (const name of Object.keys(secrets)) expect(text).toMatch(new RegExp(`secrets\\.${name}\\b`));
    for (const script of scripts) expect(script).not.toContain('${{');
    expect(workflow.permissions).toEqual({ contents: 'read', actions: 'read' });
  });

  it('hand the shards on under one name, and report whatever came of them', () => {
    const { run, report } = workflow.jobs;
    expect(run.strategy?.matrix.shard).toContain('needs.plan.outputs.shards');
    expect(run.steps.at(-1)?.with?.['name']).toBe('dac-shard-${{ matrix.shard }}');
    expect(report.steps.find((step) => step.with?.['pattern'] !== undefined)?.with).toEqual({ pattern: 'dac-shard-*', path: 'shards' });
    expect(report.if).toBe('always()');
    expect(gitlab['.dac-shard'].artifacts.paths).toEqual(['dac-shards']);
    expect(gitlab['.dac-report'].artifacts.paths).toEqual(['dac-report']);
  });
});
