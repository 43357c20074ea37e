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
  it('makes every folder on the way, and leaves those that are there', () => {
    makeFolder(join(place, 'a/b/c'));
    makeFolder(join(place, 'a/b/c'));
    makeFolder(join(place, 'a'));
    expect(statSync(join(place, 'a/b/c')).isDirectory()).toBe(true);
  });

  it('says so when a file stands in the way', () => {
    writeFileSync(join(place, 'file'), '');
    expect(() => makeFolder(join(place, 'file/below'))).toThrow(/ENOTDIR/);
  });

  it.skipIf(!existsSync('/proc/self'))('gives up where a file system refuses a new folder as if the one above were missing', () => {
    expect(() => makeFolder('/proc/nowhere/deep')).toThrow(/ENOENT/);
  });
});
