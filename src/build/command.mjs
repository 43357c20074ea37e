// The command: an entry that answers --version by itself, and one bundle with everything else.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, dist, root, walk, write } from './files.mjs';

/** Loaded by the command where they are used, from node_modules: too big or too seldom used to be worth bundling. */
const externals = ['@faker-js/faker', 'ajv', 'ajv-formats', 'eta', 'graphql', 'msw', 'playwright-core', 'vitest'];

/** One file, since each further module costs the start of a run about a millisecond; what a command does not use is read over, not compiled. */
export async function buildBin() {
  const written = [];
  // Its name holds its content: whoever starts the command meanwhile finds the parts that its entry names.
  const add = (stem, extension, text) => {
    const name = `${stem}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.${extension}`;
    written.push([join(dist, 'bin', name), text, 0o644]);
    return name;
  };
  const fastCheck = add('fast-check', 'cjs', await bundle('fast-check', { format: 'cjs' }));
  const source = (name) => join(root, 'src', 'cli', name);
  // CommonJS, which starts without the loader of modules, and whose compiled code can be kept.
  const command = await bundle(source('command-line.ts'), {
    format: 'cjs',
    define: { 'import.meta.url': '__fileUrl' },
    banner: {
      js: "(function(exports,require,module,__filename,__dirname,__import){const __fileUrl=require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
    plugins: [importsByEntry, builtinsWhenUsed, jsonAsText, namedImportsOfCommonJs, apart('fast-check', fastCheck)],
  });
  // The bundler leaves regular expressions as they are. ASCII is read fastest, and takes V8 half the memory.
  const name = add(
    'command',
    'js',
    command.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  const entry = await bundle(source('main.ts'), {
    format: 'cjs',
    plugins: [builtinsWhenUsed, compiled('./command-line.ts', name)],
  });
  written.push([join(dist, 'bin', 'main.cjs'), `#!/usr/bin/env node\n${entry.replace(/^#!.*\n/, '')}`, 0o755]);
  for (const [path, text, mode] of written) write(relative(root, path), text, mode);
  writeFileSync(join(cache, 'bin.json'), JSON.stringify(written.map(([path]) => path)));
}

async function bundle(entry, { external = [], ...more }) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    legalComments: 'eof',
    external: [...externals, ...external],
    logLevel: 'silent',
    ...more,
  });
  return outputFiles[0].text;
}

/**
 * Modules of Node are loaded when a module that imports them is first used, not all of them at the start, and the three that most runs never need when one
 * of their functions is; undici and commander do without those for HTTP/2, a default that is always given, and subcommands in files of their own.
 * Together a seventh of the time of a short run.
 */
const builtinsWhenUsed = {
  name: 'builtins-when-used',
  setup(build) {
    const unused = { 'node:http2': '{ constants: {} }', 'node:child_process': '{}', 'node:http': '{ maxHeaderSize: 16384 }' };
    const isUnused = (path, importer) => path in unused && /node_modules.(undici|commander)\b/.test(importer);
    build.onResolve({ filter: /^node:/ }, ({ path, kind, importer }) =>
      isUnused(path, importer)
        ? { path, namespace: 'unused' }
        : kind === 'import-statement' || kind === 'dynamic-import'
          ? { path, namespace: 'builtin' }
          : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({ contents: `module.exports = ${unused[path]};` }));
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, async ({ path }) => ({
      contents: ['node:fs/promises', 'node:tls', 'node:zlib'].includes(path)
        ? `for (const name of ${JSON.stringify(Object.keys((await import(path)).default))})
             Object.defineProperty(exports, name, { enumerable: true, get: () => require(${JSON.stringify(path)})[name] });`
        : `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** What V8 has compiled before cannot import(): it asks its entry to, for packages that are not in the bundle and for modules of the user. */
const importsByEntry = {
  name: 'imports-by-entry',
  setup(build) {
    const call = new RegExp(`(?<=await |\\[|, )import\\((?='(?:${externals.join('|')})|pathToFileURL\\()`, 'g');
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8').replace(call, '__import('), loader: 'ts' }));
    build.onResolve({ filter: /./ }, ({ path, kind }) => {
      if (kind === 'dynamic-import' && externals.some((name) => path === name || path.startsWith(`${name}/`)))
        throw new Error(`${path} is imported in a way that the bundle cannot do: write import('${path}')`);
      return undefined;
    });
  },
};

/** A package in a file of its own beside the bundle, loaded when a module that imports it is first used. */
function apart(name, file) {
  return {
    name: 'apart',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: 'apart' }));
      build.onLoad({ filter: /.*/, namespace: 'apart' }, () => ({ contents: `module.exports = require('./${file}');`, resolveDir: root }));
      build.onResolve({ filter: new RegExp(`^\\./${file.replaceAll('.', '\\.')}$`) }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** The bundle of a module stands in a file beside the entry, which loads it by `compiled.ts`. */
function compiled(path, file) {
  return {
    name: 'compiled',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${path.replaceAll('.', '\\.')}$`) }, () => ({ path, namespace: 'compiled' }));
      build.onLoad({ filter: /.*/, namespace: 'compiled' }, () => ({
        contents: `module.exports = require('./src/cli/compiled.ts').loadCompiled(require('node:path').join(__dirname, '${file}'), process.argv.slice(2));`,
        resolveDir: root,
      }));
    },
  };
}

/** Removes bundles of earlier builds; a process that started from them gets a minute to load its own, unless `--clean` is given. */
export function sweepBin(isClean) {
  const list = join(cache, 'bin.json');
  const current = new Set(existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []);
  for (const file of walk(join(dist, 'bin'))) {
    const isCompiled = file.endsWith('.cache') && [...current].some((one) => file.startsWith(one));
    if (!current.has(file) && !isCompiled && (isClean || Date.now() - statSync(file).mtimeMs > 60_000)) rmSync(file);
  }
}

/** JSON.parse of a string starts faster than an object literal of the same size. */
const jsonAsText = {
  name: 'json-as-text',
  setup(build) {
    build.onLoad({ filter: /\.json$/ }, ({ path }) => {
      const text = JSON.stringify(JSON.parse(readFileSync(path, 'utf8')));
      return { contents: `export default JSON.parse(${JSON.stringify(text)});`, loader: 'js' };
    });
  },
};

/**
 * `const { parse } = await import('yaml')` works in Node for a CommonJS package, since Node finds the names of its exports; the
 * bundler gives it a default export only. Here such an import goes through a module that names them.
 */
const namedImportsOfCommonJs = {
  name: 'named-imports-of-commonjs',
  setup(build) {
    const namespace = 'named-commonjs';
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (
        kind !== 'dynamic-import' ||
        pluginData === namespace ||
        path.startsWith('node:') ||
        externals.some((name) => path === name || path.startsWith(`${name}/`))
      )
        return undefined;
      const found = await build.resolve(path, { kind, resolveDir, pluginData: namespace });
      return found.errors.length === 0 && !found.external && isCommonJs(found.path)
        ? // The bundle names it as it is called here, and must name no folder of this machine.
          { path: relative(root, found.path), namespace, pluginData: { file: found.path, resolveDir } }
        : found;
    });
    build.onLoad({ filter: /.*/, namespace }, async ({ pluginData }) => {
      const names = Object.keys(await import(pathToFileURL(pluginData.file).href)).filter(
        (name) => name !== 'default' && name !== 'module.exports' && /^[A-Za-z_$][\w$]*$/.test(name),
      );
      const list = names.map((name, index) => `v${index} as ${name}`);
      return {
        contents: `import m from ${JSON.stringify(pluginData.file)};\nexport default m;\n${names.map((name, index) => `const v${index} = m.${name};`).join('\n')}\nexport { ${list.join(', ')} };`,
        resolveDir: pluginData.resolveDir,
        loader: 'js',
      };
    });
  },
};

function isCommonJs(file) {
  if (/\.[cm]js$/.test(file)) return file.endsWith('.cjs');
  for (let folder = dirname(file); folder.length > 1; folder = dirname(folder)) {
    const nearest = join(folder, 'package.json');
    if (existsSync(nearest)) return JSON.parse(readFileSync(nearest, 'utf8')).type !== 'module';
  }
  return true;
}
