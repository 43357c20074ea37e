/**
 * A real Chromium for the tests, where there is one: DAC_CHROMIUM, or one of the usual places. CI installs Debian's `chromium`.
 *
 * @module
 */
import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of the browser; undefined, with a message, when the tests have to be skipped. */
export function findChromium(): string | undefined {
  const named = process.env['DAC_CHROMIUM'];
  const found = named === undefined || named === '' ? places.find((path) => existsSync(path)) : named;
  if (found === undefined)
    console.warn('Browser tests skipped: no Chromium found. Install the package chromium, or set DAC_CHROMIUM to its path.');
  return found;
}
