import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadCompiled } from './compiled.ts';

const source = `(function (exports, require, module, __filename, __dirname, __import) {
  module.exports = { sum: (a, b) => a + b, name: require('node:path').basename(__filename), lazily: () => __import('node:os') };
})`;

let folder: string;
let file: string;
/** What the process would do at its end. */
let atExit: (() => void)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dac-compiled-'));
  file = join(folder, 'bundle.js');
  writeFileSync(file, source);
  atExit = [];
  vi.spyOn(process, 'once').mockImplementation((_event, listener) => {
    atExit.push(listener as () => void);
    return process;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const load = (...args: string[]) =>
  loadCompiled(file, args) as { sum(a: number, b: number): number; name: string; lazily(): Promise<object> };
const end = () => atExit.splice(0).forEach((listener) => listener());
const kept = () => readdirSync(folder).filter((name) => name.endsWith('.cache'));

describe('loadCompiled', () => {
  it('gives what the file exports, which can require and import', async () => {
    const { sum, name, lazily } = load('run');
    expect([sum(2, 3), name, 'EOL' in (await lazily())]).toEqual([5, 'bundle.js', true]);
  });

  it('keeps what was compiled at the end of a run or a mock, apart for what they are, and nothing after other commands', () => {
    load('list');
    end();
    expect(kept()).toEqual([]);
    for (const args of [['run'], ['run', '-t', 'site.yaml'], ['mock']]) {
      load(...args);
      expect(atExit).toHaveLength(1);
      end();
    }
    expect(kept().map((name) => name.split('.')[2])).toEqual(['embedded', 'mock', 'target']);
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it('uses what was kept, and does not keep it again', () => {
    load('run').sum(1, 2);
    end();
    expect(load('run').sum(2, 3)).toBe(5);
    expect(atExit).toEqual([]);
  });

  it.each([
    [
      'a byte of it was changed',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 90), Buffer.from([~(bytes[90] ?? 0) & 0xff]), bytes.subarray(91)]),
    ],
    ['it was cut', (bytes: Buffer) => bytes.subarray(0, 200)],
    ['it is empty', () => Buffer.alloc(0)],
  ])('compiles anew and keeps that when %s', (_what, spoil) => {
    load('run').sum(1, 2);
    end();
    const cache = join(folder, kept()[0] ?? '');
    const good = readFileSync(cache);
    writeFileSync(cache, spoil(good));
    expect(load('run').sum(2, 3)).toBe(5);
    end();
    expect(readFileSync(cache).equals(good)).toBe(true);
  });

  it('leaves nothing behind where it cannot be written', () => {
    load('run');
    rmSync(folder, { recursive: true });
    expect(end).not.toThrow();
    mkdirSync(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('neither keeps nor reads when Node is told not to', () => {
    vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', '1');
    load('run');
    expect(atExit).toEqual([]);
  });
});
