/**
 * The pages that people read, and the code blocks in them.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const foldersWithPages = ['specs', 'src', 'mock-server', 'suites', 'reports', '.github', '.gitlab', '.ci'];

/** Every Markdown page of the repository, as paths from its root. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...foldersWithPages.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      // What a reporter wrote is no page of ours.
      .filter((name) => name.endsWith('.md') && !name.includes('expected'))
      .map((name) => join(folder, name).replaceAll('\\', '/')),
  ),
].sort();

export function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

export interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

export const blocks: readonly Block[] = pages.flatMap((page) =>
  [...read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = '', text = '']) => ({ page, language, text })),
);

export interface CommandLine {
  readonly page: string;
  /** As it stands, without its comment. */
  readonly line: string;
  readonly words: readonly string[];
}

/** Command lines of the shell blocks, one for each part of `a && b`. */
export const commandLines: readonly CommandLine[] = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ page, text }) =>
    text
      .split('\n')
      .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
      .filter((line) => line !== '')
      .flatMap((line) => line.split(/\s*&&\s*/))
      .map((line) => ({ page, line, words: [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '') })),
  );

/** The words after `dac` or `npx dac`; undefined for other commands. */
export function dacWords({ words }: CommandLine): readonly string[] | undefined {
  const from = words[0] === 'npx' ? 1 : 0;
  return words[from] === 'dac' ? words.slice(from + 1) : undefined;
}
