// The library: every source as a plain module with its declarations.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache, dist, generatedFiles, root, walk } from './files.mjs';

export function buildLib() {
  const out = join(cache, 'lib');
  rmSync(out, { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [tsc, '-p', 'src/build/tsconfig.json', '--outDir', out], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0 || !existsSync(join(out, 'src')))
    throw new Error(`the TypeScript compiler reports:\n${result.stdout}${result.stderr}`);
  mkdirSync(join(out, 'src', 'generated'), { recursive: true });
  for (const file of generatedFiles()) writeFileSync(join(out, file), readFileSync(join(root, file)));
  // The compiler leaves ".ts" in declarations; not every consumer's resolver maps that to ".d.ts".
  for (const file of walk(out)) {
    if (!file.endsWith('.d.ts')) continue;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'));
  }
  mkdirSync(dist, { recursive: true });
  for (const folder of readdirSync(out)) {
    rmSync(join(dist, folder), { recursive: true, force: true });
    renameSync(join(out, folder), join(dist, folder));
  }
}
