/**
 * Commands, flags and their help. What a command does stands in `commands/`, loaded when it is called.
 *
 * @module
 */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../judge/exit-code.ts';
import { witnesses } from '../model/verdict.ts';
import type { ExportFormat } from './commands/export.ts';
import { printError, tellError } from './console.ts';
import { version } from './version.ts';

// The entry loads this one file.
export { settleExitCode, tellStray } from './console.ts';

/** Runs one command line and returns its exit code; never throws and never exits. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let code: number = exitCodes.ok;
  const program = createProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version are no errors; commander has printed them already.
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    }
    return tellError(error);
  }
}

const selectorHelp = 'address prefix or glob, e.g. miniorange/oauth/password-grant or "*/oauth/**#status"; !SELECTOR leaves out';

/** Builds the program; `finish` receives the exit code of the command that ran. */
export function createProgram(finish: (code: number) => void): Command {
  const program = new Command('dac')
    .description('Does this deployment do token authentication the way its documentation, its source and the RFCs say?')
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError('(run with --help to see what is possible)')
    .configureHelp({ showGlobalOptions: false, subcommandTerm: (one) => one.name() })
    .addHelpText('after', '\nExamples:\n  dac run\n  dac run -t staging.yaml')
    .configureOutput({ writeErr: printError })
    .exitOverride();
  const command = (definition: string) => program.command(definition).exitOverride();

  command('run')
    .description('run the cases against targets, or against the embedded mock')
    .argument('[selector...]', selectorHelp)
    .option('-t, --target <file>', 'target file, or a folder of them (repeatable); without it the embedded mock is started', collect, [])
    .addOption(secretsOption())
    .option('-r, --reporter <name[=file]>', 'terminal, json, junit, ndjson or a path to your own (repeatable)', collect, [])
    .option('-o, --out <dir>', 'folder for the report', 'dac-report')
    .option('--strict', 'a warn fails', false)
    .addOption(new Option('--witness <w>', 'narrow the authorities to one').choices(witnesses.filter((one) => one !== 'invariant')))
    .option('--read-only', 'leave out cases that change the state of the target', false)
    .option('--max-wait <seconds>', 'longest wait for a token to expire', wholeNumber, 120)
    .option('--concurrency <n>', 'cases in flight at once on each target', positive)
    .option('--total-concurrency <n>', 'requests in flight at once on all targets together (default: 32)', positive)
    .option('--repeat <n>', 'run every case so many times; the worst verdict counts', positive, 1)
    .option('--bail', 'stop at the first failure', false)
    .option('--seed <n>', 'seed of generated values; the same seed sends the same requests', wholeNumber, 1)
    .option(
      '--shard <i/n>',
      'run one of n parts, e.g. 2/4: whole sites if there are enough, else their cases; dac merge joins the reports',
      shard,
    )
    .option('--timings <report>', 'report whose durations balance the shards')
    .option('--failed <report>', 'run only what failed or was blocked in that report, and what it lacks if it is cut')
    .option('--from <report>', 'judge the exchanges of that report again; sends nothing')
    .option('--baseline <report>', 'known failures do not count; a new one exits 4')
    .option('--write-waivers <file>', 'draft a waiver for every failure of this run, to be given a reason and moved to the target file')
    .option('--dry-run', 'print the requests that would be sent, and send nothing', false)
    .option('--specs <dir>', 'folder with your own specs beside ours (repeatable)', collect, [])
    .addHelpText('after', '\nExample:\n  dac run miniorange/oauth -t staging.yaml --reporter junit=report.xml')
    .action(async (selectors: string[], options) => finish(await (await import('./commands/run.ts')).runCommand(selectors, options)));

  command('doctor')
    .description('is it the deployment or the module, and what to change: paired probes that differ in one thing')
    .option('-t, --target <file>', 'target file (repeatable)', collect, [])
    .addOption(secretsOption())
    .option('--origin <url>', 'origin of the browser application that is to use the site; lets CORS be judged')
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  dac doctor -t staging.yaml')
    .action(async (options) => finish(await (await import('./commands/doctor.ts')).doctorCommand(options)));

  command('provision')
    .description('write Drush scripts that prepare a site for verification and take that back, and a target file with its secrets')
    .requiredOption('-p, --profile <name>', 'product, e.g. simple-oauth or miniorange/basic')
    .option('-n, --name <name>', 'name of the target and of the files (default: dac- and the profile)')
    .option('-u, --url <url>', 'base URL for the target file (default: what Drush takes for it)')
    .option('--undo', 'write only the script that takes it back', false)
    .option('-o, --out <dir>', 'folder to write into', '.')
    .option('--force', 'overwrite files that exist, with new secrets', false)
    .addHelpText('after', '\nExample:\n  dac provision --profile simple-oauth --url https://staging.example.org')
    .action(async (options) => finish(await (await import('./commands/provision.ts')).provisionCommand(options)));

  command('compare')
    .description('two reports side by side: broken, fixed, new, gone, and changed although passing')
    .argument('<base>', 'report.ndjson of before')
    .argument('<head>', 'report.ndjson of after')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['terminal', 'markdown', 'json', 'html']).default('terminal'))
    .option('-o, --out <file>', 'write it to a file instead')
    .option('--migration', 'the same flows on two products: what a client must change', false)
    .addHelpText('after', '\nExample:\n  dac compare before/report.ndjson after/report.ndjson --format markdown')
    .action(async (base: string, head: string, options) =>
      finish(await (await import('./commands/compare.ts')).compareCommand(base, head, options)),
    );

  command('merge')
    .description('join the reports of shards and reruns into one; a later report replaces cases of an earlier one')
    .argument('<report...>', 'report.ndjson files, oldest first')
    .option('-o, --out <dir>', 'folder for the joined report', 'dac-report')
    .option('-r, --reporter <name[=file]>', 'terminal, json, junit, ndjson or a path to your own (repeatable)', collect, [])
    .option('--baseline <report>', 'known failures do not count; a new one exits 4')
    .addHelpText('after', '\nExample:\n  dac merge shard-1/report.ndjson shard-2/report.ndjson --out merged')
    .action(async (reports: string[], options) => finish(await (await import('./commands/merge.ts')).mergeCommand(reports, options)));

  command('list')
    .description('list the cases')
    .argument('[selector...]', selectorHelp)
    .option('--json', 'as JSON', false)
    .option('--specs <dir>', 'folder with your own specs beside ours (repeatable)', collect, [])
    .addHelpText('after', '\nExample:\n  dac list miniorange/oauth/access-errors')
    .action(async (selectors: string[], options) => finish(await (await import('./commands/list.ts')).listCommand(selectors, options)));

  command('explain')
    .description('explain cases: what is sent, what is expected, who says so')
    .argument('<selector...>', selectorHelp)
    .option('--specs <dir>', 'folder with your own specs beside ours (repeatable)', collect, [])
    .addHelpText('after', '\nExample:\n  dac explain miniorange/oauth/password-grant/issues-token')
    .action(async (selectors: string[], options) =>
      finish(await (await import('./commands/explain.ts')).explainCommand(selectors, options)),
    );

  command('coverage')
    .description('the register both ways: clause to checks, check to clauses')
    .argument('[document...]', 'documents of the register, e.g. miniorange-oauth')
    .option('--by-check', 'from checks to clauses', false)
    .option('--json', 'as JSON', false)
    .option('--specs <dir>', 'folder with your own specs beside ours (repeatable)', collect, [])
    .addHelpText('after', '\nExample:\n  dac coverage miniorange-oauth')
    .action(async (documents: string[], options) =>
      finish(await (await import('./commands/coverage.ts')).coverageCommand(documents, options)),
    );

  command('export')
    .description('the cases for other tools: a Postman collection, an OpenAPI 3.1 document, curl commands')
    .addArgument(new Argument('<format>', 'what to write').choices(['postman', 'openapi', 'curl']))
    .argument('[selector...]', selectorHelp)
    .option('-t, --target <file>', 'target file: its values, and only what it can be asked; secrets stay out')
    .addOption(secretsOption())
    .option('-o, --out <file>', 'file to write; a Postman environment is written beside it')
    .option('--specs <dir>', 'folder with your own specs beside ours (repeatable)', collect, [])
    .addHelpText('after', '\nExample:\n  dac export postman miniorange/oauth -t staging.yaml -o miniorange.json')
    .action(async (format: ExportFormat, selectors: string[], options) =>
      finish(await (await import('./commands/export.ts')).exportCommand(format, selectors, options)),
    );

  command('check')
    .description('validate target files and spec folders, without sending anything')
    .argument('<path...>', 'target files, spec files or folders')
    .addOption(secretsOption())
    .addHelpText('after', '\nExample:\n  dac check staging.yaml my-specs/')
    .action(async (paths: string[]) => finish(await (await import('./commands/check.ts')).checkCommand(paths)));

  command('init')
    .description('write a target file, the names of its secrets, and a CI job, from a few questions')
    .option('-p, --profile <name>', 'product, e.g. miniorange/oauth')
    .option('-u, --url <url>', 'base URL of the site, sub-folder included')
    .option('-n, --name <name>', 'name of the target and of its files')
    .addOption(new Option('--ci <kind>', 'CI job to write').choices(['github', 'gitlab', 'none']))
    .option('-o, --out <dir>', 'folder to write into', '.')
    .option('-y, --yes', 'take the defaults, ask nothing', false)
    .option('--force', 'overwrite files that exist', false)
    .addHelpText('after', '\nExample:\n  dac init --profile simple-oauth --url https://staging.example.org --yes')
    .action(async (options) => finish(await (await import('./commands/init.ts')).initCommand(options)));

  command('mock')
    .description('start the mock server')
    .option('-p, --profile <name>', 'product to imitate', 'miniorange/oauth')
    .option('--site <file>', 'site file: users, clients, versions')
    .option('--port <n>', 'port; 0 takes a free one', wholeNumber, 8888)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--seed <n>', 'seed of generated people and tokens', wholeNumber, 1)
    .option('--mutant <id>', 'imitate a deliberately wrong site')
    .option('--control', 'offer /__control also off loopback', false)
    .option('--cors <origin>', 'let a browser application of this origin read the answers (repeatable)', collect, [])
    .addHelpText('after', '\nExample:\n  dac mock --profile miniorange/oauth --port 8888')
    .action(async (options) => finish(await (await import('./commands/mock.ts')).mockCommand(options)));

  command('mutants')
    .description('which wrong behaviours the specs notice: every mutant of the mock, killed or survived')
    .argument('[prefix...]', 'ids or their beginnings, e.g. miniorange/oauth')
    .option('--derived', 'change every leaf of the answers that the specs speak of, in place of the hand-made mistakes', false)
    .option('-v, --verbose', 'a line for each mutant: the check that noticed it', false)
    .option('--thorough', 'run every case of the profile, not only those that can notice, and list all that do (with --json)', false)
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  dac mutants miniorange/oauth')
    .action(async (prefixes: string[], options) => finish(await (await import('./commands/mutants.ts')).mutantsCommand(prefixes, options)));

  command('explore')
    .description('look for what nobody has written down: right requests changed at random, judged by what is wrong under every reading')
    .argument('[profile...]', 'profiles, e.g. miniorange/oauth; without one, all of the target')
    .option('-t, --target <file>', 'target file; without one the embedded mock is explored')
    .addOption(secretsOption())
    .option('--count <n>', 'requests to try for each profile', wholeNumber, 300)
    .option('--rate <n>', 'requests a second at most (default: 5 off loopback)', wholeNumber)
    .option('--seed <n>', 'seed: the same one makes the same requests', wholeNumber, 1)
    .option('-o, --out <file>', 'spec file to write what was found to, as cases')
    .addHelpText('after', '\nExample:\n  dac explore miniorange/oauth -t staging.yaml --count 200 --seed 7')
    .action(async (profiles: string[], options) => finish(await (await import('./commands/explore.ts')).exploreCommand(profiles, options)));

  return program;
}

function collect(value: string, all: string[]): string[] {
  return [...all, value];
}

function secretsOption(): Option {
  return new Option(
    '--secrets <file>',
    'file with NAME=value lines for ${env:NAME} in the target file; the environment goes before it',
  ).argParser(secretsFile);
}

/**
 * Read while the command line is, so that every command finds the variables in the environment. Not called --env-file: Node 20 takes
 * that flag for its own wherever it stands.
 */
function secretsFile(file: string): string {
  try {
    process.loadEnvFile(file);
    return file;
  } catch (error) {
    throw new InvalidArgumentError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`);
  }
}

function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError(`expected a whole number, found "${value}".`);
  return Number(value);
}

function shard(value: string): { index: number; count: number } {
  const [, index = 0, count = 0] = (/^(\d{1,4})\/(\d{1,4})$/.exec(value) ?? []).map(Number);
  if (index < 1 || index > count) throw new InvalidArgumentError(`expected I/N with 1 <= I <= N, found "${value}".`);
  return { index, count };
}

function positive(value: string): number {
  const number = wholeNumber(value);
  if (number < 1) throw new InvalidArgumentError('expected 1 or more.');
  return number;
}
