/**
 * Brings src/generated and dist/bin up to date before the first test; costs nothing when they are.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const build = (...steps: readonly string[]): boolean =>
    spawnSync(process.execPath, ['src/build/build.mjs', '--quiet', ...steps], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: 'inherit',
    }).status === 0;
  if (!build('guards')) throw new Error('The build of the guards failed; its message stands above.');
  // A slip in a spec or a source must not hide the tests that explain it; those that need the product fail by themselves.
  build('catalogue', 'bin');
}
