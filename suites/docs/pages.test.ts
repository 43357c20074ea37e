/**
 * Pages that are made from the product are up to date, links lead somewhere, and what the first page promises holds.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/judge/exit-code.ts';
import { pages, read, root } from './_blocks.ts';
import { docPages } from './pages.ts';

it('has the pages that npm run docs makes', { timeout: 60_000 }, async () => {
  for (const [path, text] of Object.entries(await docPages(root))) expect(read(path), `${path}: npm run docs`).toBe(text);
});

describe('a link', () => {
  const links = pages.flatMap((page) =>
    [...read(page).matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)]
      .map(([, to = '']) => to)
      .filter((to) => !/^https?:/.test(to))
      .map((to) => [page, to] as const),
  );

  it.each([...new Map(links.map(([page, to]) => [`${page} ${to}`, [page, to] as const])).values()])('of %s leads to %s', (page, to) => {
    const [path = '', anchor] = to.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    expect(existsSync(join(root, file))).toBe(true);
    if (anchor === undefined) return;
    const anchors = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(anchors).toContain(anchor);
  });
});

describe('the first page', () => {
  const text = read('README.md');

  it('fits two screens or little more', () => {
    expect(text.replace(/<!-- scores -->[\s\S]*<!-- \/scores -->/, '').split('\n').length).toBeLessThan(125);
  });

  it('names the exit codes that a CI job meets', () => {
    for (const code of [
      exitCodes.ok,
      exitCodes.nonConformant,
      exitCodes.usage,
      exitCodes.cannotTell,
      exitCodes.regression,
      exitCodes.staleWaiver,
    ])
      expect(text).toMatch(new RegExp(`\\b${code} [a-z]`));
  });
});

describe('the page of symptoms', () => {
  const entries = read('src/FAQ.md')
    .split(/\n(?=- \*\*|## )/)
    .filter((part) => part.startsWith('- **'));

  it('says of each what to do', () => {
    expect(entries.length).toBeGreaterThan(60);
    expect(entries.filter((one) => !/^- \*\*[^*]+\*\* [\s\S]*_Do:_\s+\S/.test(one))).toEqual([]);
  });
});
