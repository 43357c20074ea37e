#!/usr/bin/env node
// Builds what the sources cannot be by themselves. Plain Node, no arguments needed:
//
//   node src/build/build.mjs [--force] [--clean] [--quiet] [--if-possible] [STEP…]
//
//   guards     src/generated/guards.js     Ajv guards of the model, compiled to one module; and version.js
//   catalogue  src/generated/catalogue.json  the shipped specs, compiled; the cases of each profile in a file of their own
//   page       src/generated/report-page.js  script, style and templates of the HTML report
//   schemas    specs/schema/               JSON Schemas for editors (tracked by git; not part of the default)
//   docs       specs/CATALOGUE.md, src/COMMANDS.md  made from the catalogue and the command line (tracked; not part of the default)
//   lib        dist/src, dist/mock-server  plain modules with .d.ts, for those who import the package
//   bin        dist/bin                    the command, one bundle with lazy chunks
//
// A step runs its prerequisites first, and nothing at all when neither its inputs nor its outputs changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildBin, sweepBin } from './command.mjs';
import { cache, files, generatedFiles, importBundled, importSource, root, sources, walk, write } from './files.mjs';
import { buildGuards, guardInputs, guardOutputs } from './guards.mjs';
import { buildLib } from './library.mjs';
import { buildPage, pageInputs, pageOutputs } from './page.mjs';

const docs = ['specs/CATALOGUE.md', 'src/COMMANDS.md'];

const steps = {
  guards: {
    needs: [],
    inputs: () => guardInputs,
    outputs: () => guardOutputs,
    run: buildGuards,
  },
  catalogue: {
    needs: ['guards'],
    inputs: () => [
      ...files('src/spec', '.ts'),
      ...files('src/model', '.ts'),
      ...files('src/support', '.ts'),
      ...files('specs', '.yaml'),
      'src/generated/guards.js',
    ],
    outputs: () => (existsSync(join(root, 'src/spec/compile-shipped.ts')) ? ['src/generated/catalogue.json'] : []),
    run: buildCatalogue,
  },
  page: {
    needs: [],
    inputs: pageInputs,
    outputs: () => pageOutputs,
    run: buildPage,
  },
  schemas: {
    needs: ['guards'],
    inputs: () => [
      ...files('src/model', '.ts'),
      ...files('src/spec', '.ts'),
      ...files('mock-server', '.ts'),
      ...files('specs/schema', '.json'),
    ],
    outputs: () => [],
    run: buildSchemas,
  },
  docs: {
    needs: ['guards', 'catalogue'],
    inputs: () => [
      'suites/docs/pages.ts',
      ...files('src/cli', '.ts'),
      'src/judge/exit-code.ts',
      ...files('src/generated', '.json'),
      ...docs,
    ],
    outputs: () => docs,
    run: buildDocs,
  },
  lib: {
    needs: ['guards', 'catalogue', 'page'],
    inputs: () => ['package.json', 'tsconfig.json', ...sources(), ...generatedFiles()],
    outputs: () => ['dist/src'],
    run: buildLib,
  },
  // The command reads the catalogue from the package at run time, so that a slip in a spec does not cost the command.
  bin: {
    needs: ['guards', 'page'],
    inputs: () => ['package.json', 'package-lock.json', ...sources(), ...generatedFiles().filter((file) => file.endsWith('.js'))],
    outputs: () => ['dist/bin/main.cjs'],
    run: buildBin,
  },
};

const args = process.argv.slice(2);
const isQuiet = args.includes('--quiet');
const isClean = args.includes('--clean');
const isForced = args.includes('--force');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = [
  ...wanted.filter((name) => !(name in steps)),
  ...args.filter((arg) => arg.startsWith('--') && !['--quiet', '--force', '--clean', '--if-possible'].includes(arg)),
];
if (unknown.length > 0) {
  console.error(
    `build: unknown ${unknown.join(', ')}; steps are ${Object.keys(steps).join(', ')}, flags --force, --clean, --quiet, --if-possible`,
  );
  process.exit(2);
}
// Set while npm installs (`prepare`): what cannot be built then is said, and built or refused by the command that needs it.
const isOptional = args.includes('--if-possible');
if (isOptional && !existsSync(join(root, 'node_modules', 'esbuild'))) {
  console.log('build: skipped, the development dependencies are not installed');
  process.exit(0);
}

const made = new Map();
function make(name) {
  if (!made.has(name)) made.set(name, makeOnce(name));
  return made.get(name);
}

async function makeOnce(name) {
  const step = steps[name];
  for (const need of step.needs) await make(need);
  const digest = digestOf(step);
  const isCurrent = stampOf(name) === digest && step.outputs().every((file) => existsSync(join(root, file)));
  if (isCurrent && !(isForced && (wanted.length === 0 || wanted.includes(name)))) {
    if (name === 'bin') sweepBin(isClean);
    return;
  }
  const started = performance.now();
  if (!isQuiet) console.log(`build: ${name}`);
  try {
    await step.run();
  } catch (error) {
    console.error(`build: ${name} failed\n${error.errors ? formatEsbuild(error.errors) : (error.message ?? error)}`);
    if (!error.errors && process.env.DAC_BUILD_STACK) console.error(error.stack);
    throw error;
  }
  writeFileSync(join(cache, `${name}.stamp`), digestOf(step));
  if (name === 'bin') sweepBin(isClean);
  if (!isQuiet) console.log(`  ${Math.round(performance.now() - started)} ms`);
}

function formatEsbuild(errors) {
  return errors.map((e) => (e.location ? `${e.location.file}:${e.location.line}:${e.location.column + 1}: ` : '') + e.text).join('\n');
}

/** `src/spec/compile-shipped.ts` exports `compileShipped(specsFolder): Catalogue` (or a promise of it). */
async function buildCatalogue() {
  const module = await importSource('src/spec/compile-shipped.ts', 'compileShipped');
  if (module === undefined) return;
  const { cases, ...rest } = await module.compileShipped(join(root, 'specs'));
  const files = Object.fromEntries(
    [...new Set(cases.map(({ profile }) => profile))].map((name) => [name, `cases.${name.replaceAll('/', '.')}.json`]),
  );
  for (const [name, file] of Object.entries(files))
    write(`src/generated/${file}`, `${JSON.stringify(cases.filter(({ profile }) => profile === name))}\n`);
  for (const file of walk(join(root, 'src', 'generated')))
    if (/^cases\..*\.json$/.test(basename(file)) && !Object.values(files).includes(basename(file))) rmSync(file);
  write('src/generated/catalogue.json', `${JSON.stringify({ ...rest, cases: files })}\n`);
}

/** `src/spec/editor-schemas.ts` exports `editorSchemas(): Record<file name, JSON Schema>`; the schema of a site belongs to the mock. */
async function buildSchemas() {
  const module = await importSource('src/spec/editor-schemas.ts', 'editorSchemas');
  if (module === undefined) return;
  const { format, resolveConfig } = await import('prettier');
  const { siteSchema } = await importBundled({
    contents: "export { siteSchema } from './mock-server/site-file.ts';",
    resolveDir: root,
    loader: 'ts',
  });
  const schemas = { ...(await module.editorSchemas()), 'site.schema.json': module.editorSchema(siteSchema) };
  for (const [name, schema] of Object.entries(schemas)) {
    const file = `specs/schema/${name}`;
    const options = { ...(await resolveConfig(join(root, file))), parser: 'json' };
    write(file, await format(JSON.stringify(schema), options));
  }
}

/** `suites/docs/pages.ts` exports `docPages(root): Promise<Record<path, text>>`. */
async function buildDocs() {
  const module = await importSource('suites/docs/pages.ts', 'docPages');
  if (module === undefined) return;
  for (const [path, text] of Object.entries(await module.docPages(root))) write(path, text);
}

/** Over the name and content of every input, the build itself included. */
function digestOf(step) {
  const hash = createHash('sha256').update(process.version);
  for (const file of [...files('src/build', '.mjs'), ...step.inputs()]) {
    hash.update(`\0${file}\0`);
    if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function stampOf(name) {
  const stamp = join(cache, `${name}.stamp`);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
}

/** One build at a time per work tree; a lock whose owner is gone is taken over. */
async function lock() {
  const folder = join(cache, 'lock');
  mkdirSync(cache, { recursive: true });
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      mkdirSync(folder);
      writeFileSync(join(folder, 'pid'), String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (waitedMs % 500 === 0 && waitedMs > 0 && !isAlive(folder)) rmSync(folder, { recursive: true, force: true });
    if (waitedMs >= 120_000)
      throw new Error(`another build holds ${relative(root, folder)} for two minutes; remove that folder if none is running`);
    await sleep(50);
  }
}

function isAlive(folder) {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const unlock = await lock();
try {
  for (const name of wanted.length > 0 ? wanted : ['guards', 'catalogue', 'bin', 'lib']) {
    await make(name).catch(() => (process.exitCode = isOptional ? 0 : 1));
  }
} finally {
  unlock();
}
