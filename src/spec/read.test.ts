import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../support/error.ts';
import { readYaml, type YamlDocument } from './read.ts';

async function read(text: string): Promise<YamlDocument> {
  const { documents, diagnostics } = await readYaml(text, 'a.yaml');
  expect(diagnostics).toEqual([]);
  const [document] = documents;
  if (document === undefined) throw new Error('no document');
  return document;
}

async function problems(text: string): Promise<string> {
  const { documents, diagnostics } = await readYaml(text, 'a.yaml');
  expect(documents).toEqual([]);
  return `\n${diagnostics.map(formatDiagnostic).join('\n')}\n`;
}

describe('readYaml', () => {
  it('gives plain data', async () => {
    const { data } = await read('a: [1, "2", true, null, ~, 0x10, 2026-01-01, yes, 1.0]\n"b c": |\n  x\n  y\n404: z\nd:\n');
    expect(data).toEqual({ a: [1, '2', true, null, null, 16, '2026-01-01', 'yes', 1], 'b c': 'x\ny\n', '404': 'z', d: null });
  });

  it('reads several documents, with the places of the whole file', async () => {
    const { documents } = await readYaml('a: 1\n---\nb: 2\n', 'a.yaml');
    expect(documents.map(({ data }) => data)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(documents[1]?.locate('/b')).toMatchObject({ line: 3, column: 4 });
  });

  it('reads no document from an empty text', async () => {
    expect(await readYaml('', 'a.yaml')).toEqual({ documents: [], diagnostics: [] });
  });

  it('knows the place of every key and value', async () => {
    const document = await read('\ufefftop:\r\n  list:\r\n    - { a/b: "x y", c: z }\r\n    - last\r\n  empty:\r\n');
    expect(document.data).toEqual({ top: { list: [{ 'a/b': 'x y', c: 'z' }, 'last'], empty: null } });
    const at = (pointer: string, part?: 'key' | 'value') => {
      const { line, column, length, sourceLine } = document.locate(pointer, part);
      return `${line}:${column} ${sourceLine.slice(column - 1, column - 1 + length)}`;
    };
    expect(at('/top/list/0/a~1b')).toBe('3:14 "x y"');
    expect(at('/top/list/0/a~1b', 'key')).toBe('3:9 a/b');
    expect(at('/top/list/1')).toBe('4:7 last');
    // A block has no end that a caret could show: its key stands for it, and for what is missing in it.
    expect(at('/top')).toBe('1:1 top');
    expect(at('/top/list')).toBe('2:3 list');
    expect(at('/top/empty')).toBe('5:3 empty');
    expect(at('/top/list/7/nothing')).toBe('2:3 list');
    expect(document.sourceOf('/top/list/0/a~1b')).toBe('"x y"');
    expect(document.locateWithin('/top/list/0/a~1b', 'y')).toMatchObject({ line: 3, column: 17, length: 1 });
    expect(document.locateWithin('/top/list/0/a~1b', 'not there')).toMatchObject({ line: 3, column: 14, length: 5 });
  });

  it('follows aliases', async () => {
    const document = await read('a: &x { b: [1] }\nc: *x\nd: [*x]\n');
    expect(document.data).toEqual({ a: { b: [1] }, c: { b: [1] }, d: [{ b: [1] }] });
    expect(document.locate('/c')).toMatchObject({ line: 2, column: 4 });
    expect(document.locate('/c/b')).toMatchObject({ line: 1, column: 12 });
  });
});

describe('a slip in YAML is told with its place and its remedy', () => {
  it.each([
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n'],
    ['a tag', 'a: !!js/function "x"\nb: !env HOME\n'],
    ['a merge key', 'a: &x { b: 1 }\nc: { <<: *x }\n'],
    ['an alias of nothing', 'a: *nothing\n'],
    ['a tab', 'a:\n\tb: 1\n'],
    ['a bad indentation', 'a:\n  b: 1\n c: 2\n'],
    ['an open quote', 'a: "x\nb: 2\n'],
    ['an unquoted ${…} in braces', 'form: { a: ${users.main.name}, b: c }\n'],
    ['a value with a colon', 'title: MUST refuse: always\n'],
    ['an alias inside itself', 'a: &x [*x]\n'],
    ['a forbidden key', '__proto__: { a: 1 }\n'],
    ['a list as key', '? [a]\n: b\n'],
  ])('%s', async (_, text) => {
    expect(await problems(text)).toMatchSnapshot();
  });

  it('even when aliases would fill the memory', async () => {
    const levels = Array.from(
      { length: 20 },
      (_, index) => `l${index + 1}: &l${index + 1} [${Array.from({ length: 9 }, () => `*l${index}`).join(', ')}]`,
    );
    expect(await problems(`l0: &l0 x\n${levels.join('\n')}\n`)).toContain('found more than 100 aliases');
  });

  it('even when it is nested too deeply', async () => {
    expect(await problems(`a: ${'['.repeat(70)}${']'.repeat(70)}\n`)).toContain('found nested more than 60 levels deep');
    expect(await problems(`a: ${'['.repeat(50_000)}`)).toContain('1:503: found a value that is nested too deeply to be read');
    expect(await problems('- '.repeat(50_000))).toContain('1:1: found a value that is nested too deeply to be read');
  });

  it('even when it is too big', async () => {
    expect(await problems(`a: ${'x'.repeat(2_000_001)}`)).toContain('the file has 2000004 characters, expected at most 2000000');
  });

  it('and without the text of a file that may hold secrets', async () => {
    const { diagnostics } = await readYaml('password: [hunter2\npassword: *hunter2\n', 'a.yaml', { isSecret: true });
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2');
  });
});
