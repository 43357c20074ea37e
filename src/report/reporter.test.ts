import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HeaderRecord } from '../model/record.ts';
import { UsageError } from '../support/error.ts';
import type { ReporterContext } from './reporter.ts';
import { createReporter, describeReporter, reporterNames } from './reporter.ts';

const output: string[] = [];
const context: ReporterContext = {
  write: (text) => void output.push(text),
  isTTY: false,
  columns: 80,
  color: false,
  now: () => new Date(0),
};
let folder = '';

function put(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dac-reporter-'));
  const good = 'export default ({ write }) => ({ onHeader: (header) => write(`seed ${header.seed}`) });';
  put('good.mjs', good);
  put('no-default.mjs', 'export const reporter = 1;');
  put('object.mjs', 'export default {};');
  put('returns-nothing.mjs', 'export default () => undefined;');
  put('throws.mjs', 'export default () => { throw new Error("no licence"); };');
  put('broken.mjs', 'export default (');
  put('node_modules/plain/package.json', '{"type":"module","main":"main.js"}');
  put('node_modules/plain/main.js', good);
  put(
    'node_modules/@scope/esm/package.json',
    '{"type":"module","exports":{".":{"types":"./x.d.ts","import":"./dist/x.js"},"./sub":"./dist/sub.js"}}',
  );
  put('node_modules/@scope/esm/dist/x.js', good);
  put('node_modules/@scope/esm/dist/sub.js', good);
});

describe('createReporter', () => {
  it.each([...reporterNames])('makes our own %s', async (name) => {
    expect(typeof (await createReporter(name, folder, context))).toBe('object');
    expect(describeReporter(name)?.file).toMatch(/^[a-z.-]+$/);
  });

  it.each(['./good.mjs', 'good.mjs', 'plain', '@scope/esm', '@scope/esm/sub'])('loads the reporter of the user from %s', async (name) => {
    output.length = 0;
    const reporter = await createReporter(name, folder, context);
    await reporter.onHeader?.({ seed: 7 } as HeaderRecord);
    expect(output).toEqual(['seed 7']);
    expect(describeReporter(name)).toBeUndefined();
  });

  it.each([
    ['./none.mjs', /reporter "\.\/none\.mjs": no such file below /],
    ['junti', /reporter "junti" is not one of ours \(terminal, .*and no package of that name is installed/],
    ['no-default.mjs', /has no default export, expected a function/],
    ['object.mjs', /has an object as default export, expected a function/],
    ['returns-nothing.mjs', /its factory returned nothing, expected an object/],
    ['throws.mjs', /its factory failed with "no licence"/],
    ['broken.mjs', /broken\.mjs cannot be loaded: /],
  ])('says what is wrong with %s', async (name, message) => {
    const failed = createReporter(name, folder, context);
    await expect(failed).rejects.toBeInstanceOf(UsageError);
    await expect(failed).rejects.toThrow(message);
  });

  it('suggests the name that was probably meant', async () => {
    await expect(createReporter('junti', folder, context)).rejects.toMatchObject({ remedy: expect.stringContaining('"junit"') });
  });
});
