/**
 * Loads the bundle of the command with the code that V8 compiled of it in an earlier run, kept in a file beside it: almost a third of the time of a short run.
 * Node 22 does that by `module.enableCompileCache`, Node 20 not yet; this is for both, and honours `NODE_DISABLE_COMPILE_CACHE`.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';
import { Script } from 'node:vm';

/**
 * The exports of a file in ASCII, which holds the function that Node would wrap around a CommonJS module; it is given `import()` too. Where its folder
 * cannot be written, it is compiled every time.
 */
export function loadCompiled(file: string, args: readonly string[]): unknown {
  const isOff = process.env['NODE_DISABLE_COMPILE_CACHE'] !== undefined;
  const isKept = args[0] === 'run' || args[0] === 'mock';
  // V8 refuses what another version, other flags or another text have left.
  const cache = `${file}.${usedBy(args)}.${process.arch}-${cachedDataVersionTag().toString(16)}.cache`;
  const cachedData = isOff ? undefined : read(cache);
  const script = new Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData && { cachedData }),
  });
  if (isKept && !isOff && (cachedData === undefined || script.cachedDataRejected === true)) {
    // At the end, when the functions that were needed are compiled too.
    process.once('exit', () => keep(cache, script));
  }
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file), (name: string) => import(name));
  return module.exports;
}

/** What the code is needed for; a run against the embedded mock, say, opens no connection. */
function usedBy([command, ...flags]: readonly string[]): string {
  if (command === 'mock') return 'mock';
  return command === 'run' && !flags.some((flag) => flag.startsWith('-t') || flag.startsWith('--target')) ? 'embedded' : 'target';
}

/** V8 trusts what it is given and would crash on a file that the disk has spoilt, so its hash stands before it. */
function read(file: string): Buffer | undefined {
  try {
    const content = readFileSync(file);
    const data = content.subarray(hashLength);
    return hashOf(data).equals(content.subarray(0, hashLength)) ? data : undefined;
  } catch {
    return undefined;
  }
}

const hashLength = 32;
const hashOf = (data: Buffer): Buffer => createHash('sha256').update(data).digest();

/** Written aside and renamed, since others may start meanwhile. */
function keep(file: string, script: Script): void {
  const aside = `${file}-${process.pid}`;
  try {
    const data = script.createCachedData();
    writeFileSync(aside, Buffer.concat([hashOf(data), data]));
    renameSync(aside, file);
  } catch {
    // A folder of somebody else, a full disk: the next run compiles again.
    rmSync(aside, { force: true });
  }
}
