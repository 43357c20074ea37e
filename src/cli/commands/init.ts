/**
 * `dac init`: a target file, the names of its secrets, and a CI job, from a few questions.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { exitCodes } from '../../judge/exit-code.ts';
import type { Profile } from '../../model/catalogue.ts';
import { UsageError } from '../../support/error.ts';
import { didYouMean, listOf } from '../../support/suggest.ts';
import { print } from '../console.ts';
import { makeFolder } from '../folder.ts';
import { loadCatalogue } from './catalogue.ts';

export interface InitFlags {
  readonly profile?: string;
  readonly url?: string;
  readonly name?: string;
  readonly ci?: 'github' | 'gitlab' | 'none';
  readonly out: string;
  readonly yes: boolean;
  readonly force: boolean;
}

const defaultProfile = 'miniorange/oauth';

interface Answers {
  readonly profile: Profile;
  readonly url: string;
  readonly name: string;
  readonly ci: 'github' | 'gitlab' | 'none';
}

/** Asks for what the flags do not say; with `--yes`, or without a terminal, takes the defaults. Never overwrites without `--force`. */
export async function initCommand(flags: InitFlags): Promise<number> {
  const { profiles } = await loadCatalogue([], []);
  const answers = await ask(flags, Object.values(profiles));
  const files = filesFor(answers);
  const folder = resolve(flags.out);
  const existing = Object.keys(files).filter((name) => existsSync(join(folder, name)));
  if (existing.length > 0 && !flags.force) {
    throw new UsageError(`${listOf(existing, 'and')} already ${existing.length === 1 ? 'exists' : 'exist'} in ${flags.out}`, {
      remedy: 'another --out or --name, or --force to overwrite.',
    });
  }
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    try {
      makeFolder(dirname(file));
      await writeFile(file, text);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new UsageError(`${file} cannot be written (${code ?? String(error)})`, { cause: error, remedy: 'another --out.' });
    }
    await print(`wrote ${name}\n`);
  }
  const target = `${answers.name}.yaml`;
  const env = `${answers.name}.env`;
  await print(
    `\nNext: fill in ${target}; copy ${env}.example to ${env},\nfill in the secrets there, and keep it out of git; then\n` +
      `  dac check ${target} --secrets ${env}\n  dac run -t ${target} --secrets ${env}\n`,
  );
  return exitCodes.ok;
}

async function ask(flags: InitFlags, profiles: readonly Profile[]): Promise<Answers> {
  const names = profiles.map(({ name }) => name);
  const isInteractive = !flags.yes && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const question = isInteractive
    ? await openQuestions()
    : { ask: (_: string, fallback: string) => Promise.resolve(fallback), close: () => undefined };
  try {
    const profileName = flags.profile ?? (await question.ask(`Profile (${names.join(', ')})`, defaultProfile));
    const profile = profiles.find(({ name }) => name === profileName);
    if (profile === undefined)
      throw new UsageError(`there is no profile "${profileName}".${didYouMean(profileName, names)}`, {
        remedy: `one of ${listOf(names, 'or')}.`,
      });
    const url = flags.url ?? (await question.ask('Base URL of the site, sub-folder included', 'https://staging.example.org'));
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
      throw new UsageError(`"${url}" is no http or https address`, { remedy: '--url https://staging.example.org.' });
    }
    const name = flags.name ?? (await question.ask('Name of the target', 'staging'));
    if (!/^[\w.-]+$/.test(name)) throw new UsageError(`"${name}" cannot be a file name`, { remedy: 'letters, digits, dot and dash.' });
    const ci = flags.ci ?? (await question.ask('CI job (github, gitlab, none)', 'none'));
    if (ci !== 'github' && ci !== 'gitlab' && ci !== 'none') throw new UsageError(`"${ci}" is none of github, gitlab, none`);
    return { profile, url: url.replace(/\/$/, ''), name, ci };
  } finally {
    question.close();
  }
}

async function openQuestions(): Promise<{ ask(text: string, fallback: string): Promise<string>; close(): void }> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  return {
    ask: async (text, fallback) => (await terminal.question(`${text} [${fallback}]: `)).trim() || fallback,
    close: () => terminal.close(),
  };
}

function filesFor({ profile, url, name, ci }: Answers): Record<string, string> {
  const wanted = keysOf(profile);
  const variables = wanted.filter(({ variable }) => variable !== undefined).map(({ variable }) => variable as string);
  const files: Record<string, string> = {
    [`${name}.yaml`]: targetFile(profile, url, name, wanted),
    [`${name}.env.example`]: `${variables.map((variable) => `${variable}=`).join('\n')}\n`,
  };
  if (ci === 'github') files[`.github/workflows/dac-${name}.yml`] = githubWorkflow(name, variables);
  if (ci === 'gitlab') files[`dac-${name}.gitlab-ci.yml`] = gitlabJob(name, variables);
  return files;
}

interface WantedKey {
  readonly group: string;
  /** Absent for a key that belongs to no client, user or article, such as a path. */
  readonly role?: string;
  readonly field: string;
  /** Environment variable that holds it; undefined for a value that is no secret. */
  readonly variable?: string;
}

/** What stands for a value that is no secret until its owner fills it in. */
const examples: Readonly<Record<string, string>> = {
  id: '2',
  name: 'api_user',
  token: '/oauth/token',
  query: "'{ __typename }'",
};

/** Keys without which the profile cannot run, in its order. */
function keysOf(profile: Profile): WantedKey[] {
  return profile.requires.map((key) => {
    const [group = '', ...rest] = key.split('.');
    const field = rest.pop() ?? '';
    const [role] = rest;
    const isSecret = /^(secret|password|apiKey)$/.test(field) || group === 'tokens';
    const variable = `DAC_${[group.replace(/s$/, ''), ...(role === undefined || role === 'main' ? [] : [role]), field].join('_')}`
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toUpperCase();
    return { group, field, ...(role === undefined ? {} : { role }), ...(isSecret || group === 'clients' ? { variable } : {}) };
  });
}

function targetFile(profile: Profile, url: string, name: string, wanted: readonly WantedKey[]): string {
  const lines = [
    '# yaml-language-server: $schema=./node_modules/drupal-auth-conformance/specs/schema/target.schema.json',
    `name: ${name}`,
    `profile: ${profile.name}`,
    '# version: "…"            # of the product; inferred where possible',
    `baseUrl: ${url}`,
  ];
  const valueOf = ({ field, variable }: WantedKey) => (variable === undefined ? (examples[field] ?? "''") : `\${env:${variable}}`);
  for (const group of new Set(wanted.map((one) => one.group))) {
    lines.push(`${group}:`);
    const ofGroup = wanted.filter((one) => one.group === group);
    lines.push(...ofGroup.filter(({ role }) => role === undefined).map((one) => `  ${one.field}: ${valueOf(one)}`));
    for (const role of new Set(ofGroup.flatMap((one) => one.role ?? []))) {
      lines.push(`  ${role}:`, ...ofGroup.filter((one) => one.role === role).map((one) => `    ${one.field}: ${valueOf(one)}`));
    }
  }
  lines.push(
    '# More roles test more; a case that lacks one is skipped and says which:',
    '#   users: other (main may view it), unpermitted (may view nobody else), blocked, admin, unicode',
    '#   clients: other, short (lifetimeSeconds), …',
    '# expiry: { lifetimeSeconds: 60, method: wait }   # a short-lived client; waiting cases ripen together',
    '# limits: { loginBudget: 4, requestsPerSecond: 5 }',
    '# waivers: [{ check: "…#http-code", reason: "why it is excused", expires: 2027-03-01 }]',
  );
  return `${lines.join('\n')}\n`;
}

function githubWorkflow(name: string, variables: readonly string[]): string {
  return `name: Authentication conformance (${name})
on:
  workflow_dispatch:
  schedule: [{ cron: '0 4 * * 1' }]
permissions: { contents: read }
jobs:
  conformance:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      - run: npx drupal-auth-conformance run -t ${name}.yaml --reporter terminal --reporter github --reporter junit --reporter html
        env:
${variables.map((variable) => `          ${variable}: \${{ secrets.${variable} }}`).join('\n')}
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: dac-report, path: dac-report }
`;
}

function gitlabJob(name: string, variables: readonly string[]): string {
  return `# Include it from .gitlab-ci.yml: include: [{ local: dac-${name}.gitlab-ci.yml }]
# Masked CI/CD variables: ${variables.join(', ')}
dac-${name}:
  image: node:22
  script:
    - npx --yes drupal-auth-conformance run -t ${name}.yaml --reporter terminal --reporter junit --reporter html
  artifacts:
    when: always
    paths: [dac-report]
    reports: { junit: dac-report/junit.xml }
`;
}
