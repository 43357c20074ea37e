// The command: one bundle whose parts load when they are needed.
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, dist, root, walk, write } from './files.mjs';

/** Loaded by the command where they are used; too big to be worth bundling. */
const externals = ['@faker-js/faker', 'ajv', 'ajv-formats', 'graphql', 'msw', 'playwright-core', 'vitest'];

export async function buildBin() {
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    entryPoints: { main: join(root, 'src', 'cli', 'main.ts') },
    outdir: join(dist, 'bin'),
    chunkNames: 'chunks/[name]-[hash]',
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    legalComments: 'eof',
    metafile: true,
    external: externals,
    plugins: [jsonAsText, namedImportsOfCommonJs],
    logLevel: 'silent',
  });
  const shim = "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);\n";
  const helpers = Object.entries(metafile.outputs)
    .filter(([, output]) => Object.keys(output.inputs).length === 0)
    .map(([path]) => path.replace(/^dist\/bin\//, ''));
  // The entry goes last: whoever starts the command meanwhile finds the chunks that its entry names.
  const entryLast = outputFiles.toSorted((a, b) => Number(a.path.endsWith('main.js')) - Number(b.path.endsWith('main.js')));
  for (const { path, text } of entryLast) {
    const isEntry = path === join(dist, 'bin', 'main.js');
    // The bundler lets the entry load its helpers, which the entry itself does not use.
    const code = isEntry ? helpers.reduce((rest, chunk) => rest.replace(`import"./${chunk}";`, ''), text) : text;
    // Only chunks with CommonJS in them need a require of their own; the entry stays as small as it can be.
    const needsRequire = /typeof require\s*[!=]==?\s*"undefined"|\b__require\b/.test(code);
    const head = needsRequire ? shim : '';
    write(
      relative(root, path),
      isEntry ? `#!/usr/bin/env node\n${head}${code.replace(/^#!.*\n/, '')}` : head + code,
      isEntry ? 0o755 : 0o644,
    );
  }
  writeFileSync(join(cache, 'bin.json'), JSON.stringify(outputFiles.map((file) => file.path)));
}

/** Removes chunks of earlier builds; a process that started from them gets a minute to load the rest, unless `--clean` is given. */
export function sweepBin(isClean) {
  const list = join(cache, 'bin.json');
  const current = new Set(existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []);
  for (const file of walk(join(dist, 'bin'))) {
    if (!current.has(file) && (isClean || Date.now() - statSync(file).mtimeMs > 60_000)) rmSync(file);
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
        ? { path: found.path, namespace, pluginData: { specifier: path, resolveDir } }
        : found;
    });
    build.onLoad({ filter: /.*/, namespace }, async ({ path, pluginData }) => {
      const names = Object.keys(await import(pathToFileURL(path).href)).filter(
        (name) => name !== 'default' && name !== 'module.exports' && /^[A-Za-z_$][\w$]*$/.test(name),
      );
      const list = names.map((name, index) => `v${index} as ${name}`);
      return {
        contents: `import m from ${JSON.stringify(path)};\nexport default m;\n${names.map((name, index) => `const v${index} = m.${name};`).join('\n')}\nexport { ${list.join(', ')} };`,
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
