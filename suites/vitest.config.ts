import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['src/**/*.test.ts', 'mock-server/**/*.test.ts', 'suites/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', 'suites/bench/**', 'suites/live/**'],
    globalSetup: ['suites/_build.ts'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    // A run that selects files by name should say so when it finds none.
    passWithNoTests: false,
    sequence: { hooks: 'stack' },
    // The tests' own terminal must not decide what our output looks like.
    env: { NO_COLOR: '1', FORCE_COLOR: '0' },
  },
});
