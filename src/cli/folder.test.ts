import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from './folder.ts';

const place = mkdtempSync(join(tmpdir(), 'dac-folder-'));
afterAll(() => {
  rmSync(place, { recursive: true });
});

describe('makeFolder', () => {
  it('makes every folder on the way, and leaves those that are there', async () => {
    await makeFolder(join(place, 'a/b/c'));
    await makeFolder(join(place, 'a/b/c'));
    await makeFolder(join(place, 'a'));
    expect(statSync(join(place, 'a/b/c')).isDirectory()).toBe(true);
  });

  it('is not disturbed by another that makes the same folders', async () => {
    await Promise.all(['x', 'y', 'z'].map((name) => makeFolder(join(place, 'shared/deep', name))));
    expect(existsSync(join(place, 'shared/deep/z'))).toBe(true);
  });

  it('says so when a file stands in the way', async () => {
    writeFileSync(join(place, 'file'), '');
    await expect(makeFolder(join(place, 'file/below'))).rejects.toThrow(/ENOTDIR/);
  });

  it.skipIf(!existsSync('/proc/self'))('gives up where a file system refuses a new folder as if the one above were missing', async () => {
    await expect(makeFolder('/proc/nowhere/deep')).rejects.toThrow(/ENOENT/);
  });
});
