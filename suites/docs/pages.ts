/**
 * The pages that are made from the product itself: the catalogue of cases by clause, and the reference of the command line. `npm run docs` writes
 * them; a test compares.
 *
 * @module
 */
import { format, resolveConfig } from 'prettier';
import { createProgram } from '../../src/cli/command-line.ts';
import { exitCodes } from '../../src/judge/exit-code.ts';
import type { Catalogue, CatalogueCase, Clause, Profile } from '../../src/model/catalogue.ts';
import { loadShipped } from '../../src/spec/catalogue.ts';
import { citationsOf } from '../../src/spec/register.ts';

/** Path from the root of the repository → text. */
export async function docPages(root: string): Promise<Readonly<Record<string, string>>> {
  const catalogue = await loadShipped();
  const pages = { 'specs/CATALOGUE.md': cataloguePage(catalogue), 'src/COMMANDS.md': commandsPage() };
  const options = { ...(await resolveConfig(`${root}/README.md`)), parser: 'markdown' };
  return Object.fromEntries(
    await Promise.all(Object.entries(pages).map(async ([path, text]) => [path, await format(text, options)] as const)),
  );
}

const generated = '<!-- Made by `npm run docs`; a test compares. -->';

// ── the catalogue ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Cases named with a clause; a clause that more of them cite tells how many there are. */
const namedCases = 6;

function cataloguePage(catalogue: Catalogue): string {
  const profiles = Object.values(catalogue.profiles);
  const casesOf = ({ name }: Profile) => catalogue.cases.filter(({ profile }) => profile === name);
  const overview = profiles.map((profile) => {
    const cases = casesOf(profile);
    const clauses = new Set(cases.flatMap((one) => clausesOf(one, profile)));
    return `| [\`${profile.name}\`](#${anchorOf(profile.name)}) | ${cell(profile.title)} | ${profile.authorities.join(', ')} | ${cases.length} | ${clauses.size} |`;
  });
  return `${generated}

# Catalogue: the cases by clause

${catalogue.cases.length} cases. Each clause is told in our words, with its keyword and the cases that verify it; \`wrong-password\` ×3 stands for three cases that
differ in one detail.
\`dac explain ADDRESS\` shows a case in full, \`dac coverage DOCUMENT\` every clause with its checks, those that cannot be tested from outside and why.

| profile | product | authorities | cases | clauses |
| --- | --- | --- | --- | --- |
${overview.join('\n')}

${profiles.map((profile) => profileSection(profile, casesOf(profile), catalogue)).join('\n\n')}
`;
}

function profileSection(profile: Profile, cases: readonly CatalogueCase[], catalogue: Catalogue): string {
  const citing = new Map<string, CatalogueCase[]>();
  for (const one of cases) {
    for (const id of clausesOf(one, profile)) {
      const known = citing.get(id);
      if (known === undefined) citing.set(id, [one]);
      else known.push(one);
    }
  }
  const byDocument = new Map<string, Clause[]>();
  // In the order of the documents, which is that of the register.
  for (const clause of Object.values(catalogue.clauses)) {
    if (citing.has(clause.id)) byDocument.set(clause.document, [...(byDocument.get(clause.document) ?? []), clause]);
  }
  const documents = [...byDocument].map(([document, clauses]) => {
    const { title = document, url } = catalogue.documents?.[document] ?? {};
    const heading = url === undefined ? title : `[${title}](${url})`;
    const lines = clauses.map(({ id, keyword, says }) => {
      const name = id.slice(document.length + 1);
      return `- \`${name}\` **${keyword.toUpperCase()}** ${prose(says)}<br>${casesText(citing.get(id) ?? [], profile.name)}`;
    });
    return `### ${heading}\n\n${lines.join('\n')}`;
  });
  return `## ${profile.name}\n\n${cell(profile.title)}. ${cases.length} cases.\n\n${documents.join('\n\n')}`;
}

function clausesOf(one: CatalogueCase, profile: Profile): string[] {
  return [...new Set([...one.clauses, ...[...citationsOf(one, profile).values()].flat()])];
}

/** `token-errors/wrong-password ×3, …`: rows of one case are counted together. */
function casesText(cases: readonly CatalogueCase[], profile: string): string {
  const groups = new Map<string, { first: string; count: number }>();
  for (const { address, title, file } of cases) {
    const key = `${file}\n${title}`;
    const local = address.slice(profile.length + 1);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: local, count: 1 });
    else groups.set(key, { first: commonPath(group.first, local), count: group.count + 1 });
  }
  const all = [...groups.values()].map(({ first, count }) => `\`${first}\`${count === 1 ? '' : ` ×${count}`}`);
  const rest = cases.length - [...groups.values()].slice(0, namedCases).reduce((sum, { count }) => sum + count, 0);
  return all.slice(0, namedCases).join(', ') + (rest > 0 ? ` and ${rest} more cases` : '');
}

function commonPath(a: string, b: string): string {
  const [left, right] = [a.split('/'), b.split('/')];
  const end = left.findIndex((part, index) => part !== right[index]);
  return (end === -1 ? left : left.slice(0, Math.max(end, 1))).join('/');
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replace(/ /g, '-');
}

/** A sentence of the register as Markdown that shows it as it stands. */
function prose(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_<>[\]#|]/g, (sign) => `\\${sign}`);
}

function cell(text: string): string {
  return prose(text).replace(/\.$/, '');
}

// ── the command line ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const exitTexts: Readonly<Record<keyof typeof exitCodes, string>> = {
  ourBug: 'a fault of the suite itself; the stack is printed, with where to report it',
  interrupted: 'interrupted (Ctrl-C); the report holds what was judged and is marked as cut',
  secretInOutput: 'a secret was found in an output, and masked there',
  usage: 'command line, target file or spec is wrong, or the selection matches nothing',
  cannotTell: 'cannot tell: unreachable, blocked and nothing failed, or no check was judged',
  regression: 'with `--baseline`: a failure that the baseline does not have; known ones do not count',
  nonConformant: 'does not conform',
  staleWaiver: 'a waiver has ended, or excuses nothing',
  ok: 'conforms; a warn alone is 0, unless `--strict`',
};

function commandsPage(): string {
  const program = createProgram(() => undefined);
  const helpOf = (command: typeof program): string => {
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80, getOutHasColors: () => false });
    command.outputHelp();
    return text.trimEnd();
  };
  const commands = program.commands.map((command) => `## dac ${command.name()}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``);
  const exits = Object.entries(exitTexts).map(([name, text]) => `| ${exitCodes[name as keyof typeof exitCodes]} | ${text} |`);
  return `${generated}

# The command line

\`dac\` is short for \`drupal-auth-conformance\`. In a clone, \`npx dac\` runs it after \`npm start\` or \`npm run build\`.

\`\`\`text
${helpOf(program)}
\`\`\`

## Exit codes

The first line that applies:

| exit | means |
| --- | --- |
${exits.join('\n')}

\`dac doctor\` exits 1 when it found something to change and 3 when it cannot tell, \`dac compare\` 4 when something broke, \`dac mutants\` 1 when one
survived, \`dac explore\` 1 when it found something, \`dac check\` 2 when a file is wrong.

## Environment

| variable | for |
| --- | --- |
| those that a target file names, \`\${env:NAME}\` | secrets; \`--secrets FILE\` reads more from \`NAME=value\` lines |
| \`HTTP_PROXY\`, \`HTTPS_PROXY\`, \`NO_PROXY\` | the way to the target |
| \`NO_COLOR\`, \`FORCE_COLOR\` | colours of the terminal; by default they follow it |
| \`GITHUB_STEP_SUMMARY\` | set by GitHub Actions: the page that \`--reporter github\` adds to |

${commands.join('\n\n')}
`;
}
