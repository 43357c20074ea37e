/**
 * The mock inside a real page: bundled for a browser, without a server.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDrupalMock } from '../../mock-server/index.ts';
import { findChromium } from './chromium.ts';

const chromiumPath = findChromium();

describe.skipIf(chromiumPath === undefined)('the mock in a browser page', { timeout: 60_000 }, () => {
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: {
        page: fileURLToPath(new URL('../examples/browser-page.ts', import.meta.url)),
        msw: fileURLToPath(new URL('../examples/browser-msw.ts', import.meta.url)),
      },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      outdir: '/',
      write: false,
      // Parts that only Node loads, each behind an import() that a page never reaches.
      external: ['node:*', 'yaml', 'graphql', '@faker-js/faker', 'undici'],
      logLevel: 'silent',
    });
    const scripts = new Map(outputFiles.map(({ path, text }) => [`/${path.replaceAll('\\', '/').split('/').at(-1)}`, text]));
    // What `npx msw init` puts into the public folder of an application.
    scripts.set('/mockServiceWorker.js', readFileSync(createRequire(import.meta.url).resolve('msw/mockServiceWorker.js'), 'utf8'));
    server = createServer((request, response) => {
      const script = scripts.get(request.url ?? '');
      response.setHeader('Content-Type', script === undefined ? 'text/html' : 'text/javascript');
      response.end(script ?? '<!doctype html><title>page</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { chromium } = await import('playwright-core');
    browser = await chromium.launch({ executablePath: chromiumPath as string, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each([
    ['itself', 'page', 'logInAndRefresh'],
    ["MSW's service worker", 'msw', 'logInThroughMsw'],
  ])('by %s: logs in, is refused when the token has expired by the clock, and is let in again', async (_by, script, name) => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const statuses = await page.evaluate(`import("/${script}.js").then((module) => module.${name}())`);
    expect([statuses, errors]).toEqual([[200, 401, 200], []]);
  });

  it('is read from another origin where its CORS settings allow that, but for what a module prints and exits with', async () => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await using mock = createDrupalMock({ cors: [origin] });
    const { url } = await mock.listen();
    const { clients, users } = mock.target();
    const [client, user] = [clients?.['main'], users?.['main']];
    const page = await browser.newPage();
    await page.goto(origin);
    const seen = await page.evaluate(
      async ({ url, form, application }) => {
        const issued = await fetch(`${url}/rest_api/access_token`, { method: 'POST', body: new URLSearchParams(form) });
        const { access_token: token } = (await issued.json()) as { access_token: string };
        const ask = (headers: Record<string, string>) =>
          fetch(`${url}/user/2?_format=json`, { headers }).then(
            ({ status }) => status,
            (error: Error) => error.name,
          );
        return [await ask({ 'AUTH-METHOD': application, Authorization: `Bearer ${token}` }), await ask({})];
      },
      {
        url,
        application: client?.applicationId ?? '',
        form: { grant_type: 'password', client_id: client?.id ?? '', username: user?.name ?? '', password: user?.password ?? '' },
      },
    );
    expect(seen).toEqual([200, 'TypeError']);
  });
});
