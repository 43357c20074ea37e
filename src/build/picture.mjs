// Draws reports/report.png, the picture of the README: a run against the embedded mock with one deliberate mistake, its HTML report in Chromium.
//
//   npm run picture     needs Chromium (DAC_CHROMIUM names it, else one of the usual places)
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { root } from './files.mjs';
import { withPalette } from './png.mjs';

const mistake = 'miniorange/oauth/wrong-password-accepted';
const shownCase = 'wrong-password/last-character-missing';
const mostBytes = 150_000;

const executablePath = [process.env.DAC_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
if (executablePath === undefined) {
  console.error('picture: no Chromium found. Install the package chromium, or set DAC_CHROMIUM to its path.');
  process.exit(1);
}

const { createDrupalMock, findMutant } = await import(pathToFileURL(join(root, 'dist', 'mock-server', 'index.js')).href);
const folder = mkdtempSync(join(tmpdir(), 'dac-picture-'));
const mock = createDrupalMock({ mutant: await findMutant(mistake) });
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  await mock.listen();
  // A child that is waited for would keep the mock, which lives in this process, from answering.
  writeFileSync(join(folder, 'staging.json'), JSON.stringify({ ...mock.target(), name: 'staging' }));
  const child = spawn(
    process.execPath,
    [join(root, 'dist/bin/main.cjs'), 'run', '-t', 'staging.json', '--reporter', 'html', '--out', 'out'],
    {
      cwd: folder,
      stdio: 'ignore',
    },
  );
  await new Promise((resolve) => child.on('close', resolve));
  const page = await browser.newPage({ viewport: { width: 1200, height: 860 }, colorScheme: 'light' });
  await page.goto(`${pathToFileURL(join(folder, 'out', 'report.html')).href}#/cases`);
  await page.getByText('failed', { exact: false }).first().click();
  await page.getByText(shownCase).first().click();
  await page.mouse.move(0, 0);
  const png = withPalette(await page.screenshot());
  if (png.length > mostBytes) throw new Error(`picture: ${png.length} bytes, expected at most ${mostBytes}`);
  writeFileSync(join(root, 'reports', 'report.png'), png);
  console.log(`reports/report.png: ${Math.round(png.length / 1000)} kB`);
} finally {
  await browser.close();
  await mock.close();
  rmSync(folder, { recursive: true, force: true });
}
