/**
 * Brings src/generated and dist/bin up to date before the first test; costs nothing when they are.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export default function setup(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  // A source that does not compile must not hide the tests that would explain it: only the generated sources are vital.
  const { status } = spawnSync(process.execPath, ['src/build/build.mjs', '--quiet', 'guards', 'catalogue'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The build of src/generated failed; its message stands above.');
  spawnSync(process.execPath, ['src/build/build.mjs', '--quiet', 'bin'], { cwd: root, stdio: 'inherit' });
}
