import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseRecord, FooterRecord, HeaderRecord, ReportRecord } from '../../src/model/record.ts';
import { makeStream } from '../golden/fixtures/make-stream.ts';
import { render } from '../golden/golden.ts';
import { findChromium } from './chromium.ts';

const chromiumPath = findChromium();
const records = makeStream();
const header = records[0] as HeaderRecord;
const cases = records.filter((record): record is CaseRecord => record.type === 'case');
const footer = records.at(-1) as FooterRecord;
const addresses = new Set(cases.map(({ address }) => address));

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Messages of the console, errors of the page, dialogs, and anything loaded but the file itself. */
  readonly trouble: string[];
}

describe.skipIf(chromiumPath === undefined)('the HTML report in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  let folder = '';
  let report = '';

  beforeAll(async () => {
    const { chromium } = await import('playwright-core');
    browser = await chromium.launch({ executablePath: chromiumPath as string, args: ['--no-sandbox'] });
    folder = mkdtempSync(join(tmpdir(), 'dac-browser-'));
    report = await put('report.html', records);
  });

  afterAll(async () => {
    await browser?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  async function put(name: string, stream: readonly ReportRecord[]): Promise<string> {
    const file = join(folder, name);
    writeFileSync(file, await render('html', stream));
    return pathToFileURL(file).href;
  }

  async function open(hash = '', options: BrowserContextOptions = {}, url = report): Promise<Opened> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on('console', (message) => trouble.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      trouble.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    // A request that the policy stops never gets an answer.
    page.on('response', (response) => {
      if (!response.url().startsWith(url)) trouble.push(`loaded: ${response.url()}`);
    });
    await page.goto(`${url}${hash}`);
    return { page, trouble, [Symbol.asyncDispose]: () => context.close() };
  }

  /** For what comes a moment later, however busy the machine is; a page that never gets there fails with the time of the test. */
  const patience = { timeout: 45_000 };

  const listed = (page: Page) => page.locator('a.row .own').allTextContents();

  it('shows the result, the totals, the findings with their remedy, and each target', async () => {
    await using opened = await open();
    const { page, trouble } = opened;
    await expect(page.locator('.result').textContent()).resolves.toMatch(
      /Broke off by our own fault.*20results of 16 cases9failed1in error1blocked1warned1waived3skipped4passed/,
    );
    await expect(page.locator('.findings').first().textContent()).resolves.toContain('Set output_buffering = 4096');
    await expect(page.locator('.targets').textContent()).resolves.toMatch(
      /staging[^]*2\.0\.18 \(inferred[^]*upgraded[^]*2\.1\.0 \(declared\)/,
    );
    await expect(page.locator('#app h2').allTextContents()).resolves.toEqual([
      'Findings',
      'Matrix',
      'Security advisories',
      'Expiry',
      'Warnings',
      'Blocked',
      'Skipped',
      'By design',
    ]);
    expect(trouble).toEqual([]);
  });

  it('loads nothing and allows no script but its own', async () => {
    await using opened = await open('#/cases');
    const { page, trouble } = opened;
    await page.evaluate(`
      globalThis.ran = false;
      const script = document.createElement('script');
      script.textContent = 'globalThis.ran = true';
      const image = document.createElement('img');
      image.src = 'https://example.org/x.png';
      document.body.append(script, image);
    `);
    await expect(page.evaluate('globalThis.ran')).resolves.toBe(false);
    expect(trouble.filter((text) => !/Content Security Policy|violates the following/.test(text))).toEqual([]);
    expect(trouble.length).toBeGreaterThan(1);
  });

  it('runs nothing and builds nothing from what a hostile target sent', async () => {
    await using opened = await open('#/cases?case=miniorange/oauth/use-token/hostile-answer');
    const { page, trouble } = opened;
    await page.locator('#detail').waitFor();
    await expect(page.locator('#detail img, #detail script').count()).resolves.toBe(0);
    const text = (await page.locator('#detail').textContent()) ?? '';
    expect(text).toContain('<script>alert(1)</script>');
    expect(text).toContain('\\u202egnp.exe');
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0008\u001b\u202a-\u202e]/);
    expect(trouble).toEqual([]);
  });

  it('lists every case once, grouped by file, with a mark for each target', async () => {
    await using opened = await open('#/cases');
    const { page } = opened;
    expect(await listed(page)).toHaveLength(addresses.size);
    await expect(page.locator('.group h2').count()).resolves.toBe(new Set(cases.map(({ file }) => file)).size);
    const row = page.locator('a.row', { hasText: 'wrong-password/altered' });
    await expect(row.locator('.mark').evaluateAll((marks) => marks.map((mark) => mark.getAttribute('title')))).resolves.toEqual([
      'staging: failed',
      'upgraded: passed',
    ]);
  });

  it('filters by verdict and words, and keeps that in the address', async () => {
    await using opened = await open('#/cases');
    const { page } = opened;
    await page.getByRole('button', { name: 'skipped' }).click();
    expect((await listed(page)).toSorted()).toEqual(['lockout', 'other-user', 'other-user-mail']);
    await page.getByLabel('Search the cases').fill('mail');
    await expect.poll(() => listed(page), patience).toEqual(['other-user-mail']);
    expect(page.url()).toMatch(/#\/cases\?verdict=skipped&q=mail$/);
    await page.reload();
    expect(await listed(page)).toEqual(['other-user-mail']);
    await page.getByRole('button', { name: 'reset' }).click();
    expect(await listed(page)).toHaveLength(addresses.size);
    await page.goBack();
    expect(await listed(page)).toEqual(['other-user-mail']);
  });

  it('judges a verdict filter by the chosen target only', async () => {
    await using opened = await open('#/cases?verdict=fail&target=upgraded');
    expect(await listed(opened.page)).toEqual(['expired']);
  });

  it('finds a case by clause, check and difference, and says when nothing matches', async () => {
    await using opened = await open('#/cases?q=sa-contrib-2025-093/no-user-data');
    const { page } = opened;
    expect(await listed(page)).toEqual(['no-user-data']);
    await page.getByLabel('Search the cases').fill('no such thing');
    await expect.poll(() => page.locator('.list').textContent(), patience).toBe('No case matches.');
    await expect(page.locator('.count').textContent()).resolves.toBe('0 of 16 cases on 2 targets');
  });

  it('shows a case in full: exchange, difference, witnesses, clause with link, command', async () => {
    await using opened = await open('#/cases?case=miniorange/oauth/password-grant/wrong-password/altered');
    const detail = opened.page.locator('#detail');
    await expect(detail.locator('h2').textContent()).resolves.toBe('MUST answer 401 INVALID_CREDENTIALS if the password is wrong');
    await expect(detail.locator('.request .start-line').textContent()).resolves.toBe('POST /drupal/rest_api/access_token');
    await expect(detail.locator('.response .start-line').textContent()).resolves.toBe('500 Internal Server Error');
    await expect(detail.locator('.request .secret').textContent()).resolves.toBe('users.main.password');
    await expect(detail.locator('.differences').first().locator('mark').allTextContents()).resolves.toEqual(['401', '500']);
    await expect(detail.locator('.witnesses tbody th').allTextContents()).resolves.toEqual(['documentationauthority', 'RFC']);
    await expect(detail.locator('.witnesses a').first().getAttribute('href')).resolves.toBe(
      'https://www.drupal.org/docs/contributed-modules/api-authentication/oauth#errors',
    );
    await detail.getByText('Repeat it').click();
    await expect(detail.locator('.curl pre').textContent()).resolves.toContain('--data-urlencode "password=${DAC_USERS_MAIN_PASSWORD}x"');
  });

  it('puts request and response side by side where there is room, and the same case of another target one click away', async () => {
    await using opened = await open('#/cases?case=miniorange/oauth/password-grant/wrong-password/altered', {
      viewport: { width: 1400, height: 900 },
    });
    const { page } = opened;
    const [request, response] = await Promise.all([page.locator('.request').boundingBox(), page.locator('.response').boundingBox()]);
    expect(response?.y).toBe(request?.y);
    expect(response?.x).toBeGreaterThan(request?.x ?? 0);
    await page.locator('.side-by-side').getByRole('link', { name: 'upgraded' }).click();
    await expect(page.locator('.response .start-line').textContent()).resolves.toBe('401 Unauthorized');
    expect(page.url()).toContain('&on=upgraded');
  });

  it('draws expiry to scale', async () => {
    await using opened = await open('#/cases?case=miniorange/oauth/use-token/expired&on=upgraded');
    const { page } = opened;
    const at = async (selector: string, name: string) => Number(await page.locator(`.timeline ${selector}`).first().getAttribute(name));
    const issued = await at('line.issued', 'x1');
    const advertised = (await at('line.advertised', 'x1')) - issued;
    const accepted = (await at('circle.accepted', 'cx')) - issued;
    expect(advertised / accepted).toBeCloseTo(60 / 3601, 6);
    await expect(page.locator('.timeline figcaption').textContent()).resolves.toBe(
      'advertised 60 s, still accepted at 3601 s, by moving the clock',
    );
  });

  it('says for each clause how its checks came out', async () => {
    await using opened = await open('#/coverage');
    const row = opened.page.locator('tr', { hasText: 'miniorange-oauth/token-expired' });
    await expect(row.locator('.badge').textContent()).resolves.toBe('failed');
    await row.getByRole('link', { name: 'miniorange-oauth/token-expired' }).click();
    expect(await listed(opened.page)).toEqual(['expired']);
  });

  it('shows register figures and exclusions when the header has them', async () => {
    const registers = {
      'miniorange-oauth': { title: 'miniOrange OAuth page', clauses: 12, excluded: { 'miniorange-oauth/admin-screen': 'an admin screen' } },
    };
    const url = await put('registers.html', [{ ...header, registers }, ...records.slice(1)]);
    await using opened = await open('#/coverage', {}, url);
    const panel = opened.page.locator('.panel', { hasText: 'miniOrange OAuth page' });
    await expect(panel.textContent()).resolves.toMatch(/6 of 12 clauses tested in this run, 1 excluded with a reason[^]*an admin screen/);
  });

  it('works from the keyboard: search, list, case and back', async () => {
    await using opened = await open('#/overview');
    const { page } = opened;
    await page.keyboard.press('/');
    await page.locator('#search:focus').waitFor();
    // In one go: between two letters the list could be made anew under the focus.
    await page.keyboard.insertText('wrong-password');
    await expect.poll(() => listed(page), patience).toHaveLength(4);
    await page.locator('a.row').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('#detail').waitFor();
    const address = await page.locator('#detail .address code').textContent();
    await page.keyboard.press('Escape');
    await page.locator('#detail').waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.activeElement?.dataset?.address'), patience).toBe(address);
  });

  const everyView = [
    '#/overview',
    '#/cases',
    '#/coverage',
    '#/cases?q=zzz',
    ...cases.map(({ address, target }) => `#/cases?case=${address}&on=${target}`),
  ];

  const judgedViews = ['password-grant/wrong-password/altered', 'use-token/expired', 'use-token/nul-in-header'].map(
    (name) => `#/cases?case=miniorange/oauth/${name}`,
  );

  it.each([320, 390, 820])('fits a screen of %d pixels without scrolling sideways', async (width) => {
    await using opened = await open('', { viewport: { width, height: 800 } });
    const { page } = opened;
    for (const hash of everyView) {
      await page.goto(`${report}${hash}`);
      expect([hash, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([hash, width]);
    }
  });

  it('shows a case instead of the list on a phone, with a way back', async () => {
    await using opened = await open('#/cases', { viewport: { width: 390, height: 800 } });
    const { page } = opened;
    await page.locator('a.row').first().click();
    await expect(page.locator('.list').isVisible()).resolves.toBe(false);
    await page.getByRole('link', { name: 'Close the case' }).click();
    await expect(page.locator('.list').isVisible()).resolves.toBe(true);
  });

  it.each([
    ['light', 1360],
    ['dark', 390],
  ] as const)('has nothing that axe objects to, in %s at %d pixels', async (colorScheme, width) => {
    // The page's policy rightly refuses a foreign script, so axe comes in past it.
    await using opened = await open('', { colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
    const { page } = opened;
    const { default: axe } = await import('axe-core');
    for (const hash of everyView.slice(0, 3).concat(judgedViews)) {
      await page.goto(`${report}${hash}`);
      await page.evaluate(axe.source);
      await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
      const found = (await page.evaluate('axe.run()')) as {
        violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
      };
      expect(found.violations.map(({ id, nodes }) => [hash, id, nodes[0]?.html, nodes[0]?.failureSummary])).toEqual([]);
    }
  });

  it('has room for very many targets: each in a line of its own, what is wrong first, cases with counts', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `site-${index}.example.org`);
    const [wrong, right] = ['staging', 'upgraded'].map((name) => cases.filter(({ target }) => target === name)) as [
      CaseRecord[],
      CaseRecord[],
    ];
    const passing = right.filter(({ verdict }) => verdict === 'pass');
    const many = names.flatMap((target, index) => (index === 33 ? wrong : passing).map((record) => ({ ...record, target })));
    const targets = names.map((name) => ({ ...(header.targets[0] as HeaderRecord['targets'][number]), name }));
    const url = await put('crowd.html', [{ ...header, targets }, ...many, { ...footer, findings: [] }]);
    await using opened = await open('', { viewport: { width: 390, height: 800 }, bypassCSP: true }, url);
    const { page, trouble } = opened;
    const lines = page.locator('.matrix').first().locator('tbody tr');
    await expect(lines.count()).resolves.toBe(40);
    await expect(lines.first().locator('th').textContent()).resolves.toBe('site-33.example.org');
    await expect(page.locator('.addresses').getAttribute('open')).resolves.toBeNull();
    await lines.first().locator('a.fail').click();
    await expect
      .poll(() => page.url(), patience)
      .toMatch(/verdict=fail&target=site-33\.example\.org|target=site-33\.example\.org&verdict=fail/);
    await page.goto(`${url}#/cases?q=password-grant/issues-token`);
    await expect.poll(() => page.locator('a.row .marks').first().textContent(), patience).toMatch(/40/);
    const { default: axe } = await import('axe-core');
    for (const hash of ['#/overview', '#/cases', `#/cases?case=${passing[0]?.address}`]) {
      await page.goto(`${url}${hash}`);
      expect([hash, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([hash, 390]);
      await page.evaluate(axe.source);
      const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
      expect(found.violations.map(({ id, nodes }) => [hash, id, nodes[0]?.html])).toEqual([]);
    }
    expect(trouble).toEqual([]);
  });

  it('remembers a chosen theme, and follows the system until then', async () => {
    await using opened = await open('', { colorScheme: 'dark' });
    const { page } = opened;
    const paper = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const dark = await paper();
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    const light = await paper();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await paper()).toBe(light);
  });

  it('prints the overview, the failures in full and the whole list, and nothing to click', async () => {
    await using opened = await open('#/coverage');
    const { page } = opened;
    await page.evaluate('window.dispatchEvent(new Event("beforeprint"))');
    await page.emulateMedia({ media: 'print' });
    const text = await page.locator('#print').innerText();
    expect(text).toContain('Set output_buffering = 4096');
    expect(text).toContain('500 Internal Server Error');
    expect(text).toContain('All cases');
    await expect(page.locator('#app').isVisible()).resolves.toBe(false);
    await page.evaluate('window.dispatchEvent(new Event("afterprint"))');
    await expect(page.locator('#print').innerHTML()).resolves.toBe('');
  });

  it('says the essential without scripts', async () => {
    await using opened = await open('', { javaScriptEnabled: false });
    const text = await opened.page.locator('body').innerText();
    expect(text).toContain('20 cases: 4 passed · 9 failed');
    expect(text).toContain('staging miniorange/oauth/password-grant/wrong-password/altered');
    expect(text).not.toContain('"type":"case"');
  });

  it('says that a cut run is partial, and that an empty one ran nothing', async () => {
    await using cut = await open('', {}, await put('cut.html', records.slice(0, -1)));
    await expect(cut.page.locator('.result').textContent()).resolves.toContain('The run was cut before its end: this report is partial.');
    const none = { error: 0, fail: 0, blocked: 0, warn: 0, skipped: 0, pass: 0, waived: 0 };
    await using empty = await open(
      '#/cases',
      {},
      await put('empty.html', [
        { ...header, targets: [] },
        { ...footer, cases: none, checks: none, findings: [] },
      ]),
    );
    await expect(empty.page.locator('.list').textContent()).resolves.toBe('This run has no cases.');
    expect(empty.trouble).toEqual([]);
  });

  it('stays usable with 3,000 cases: first rows at once, all in the end, filters and cases at once', async () => {
    const many = Array.from({ length: 3000 }, (_, index): CaseRecord => {
      const one = cases[index % cases.length] as CaseRecord;
      return {
        ...one,
        target: 'staging',
        profile: 'miniorange/oauth',
        file: `miniorange/oauth/file-${index % 40}.yaml`,
        address: `miniorange/oauth/file-${index % 40}/case-${index}`,
      };
    });
    const url = await put('many.html', [header, ...many, { ...footer, findings: [] }]);
    await using opened = await open('#/cases', {}, url);
    const { page, trouble } = opened;
    expect(await page.locator('a.row').count()).toBeGreaterThan(0);
    await expect.poll(() => page.locator('a.row').count(), patience).toBe(3000);
    await page.getByLabel('Search the cases').fill('case-2999');
    await expect.poll(() => listed(page), patience).toEqual(['case-2999']);
    await page.locator('a.row').click();
    await expect(page.locator('#detail .address code').textContent()).resolves.toBe('miniorange/oauth/file-39/case-2999');
    expect(trouble).toEqual([]);
  });
});
