import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SpecError } from '../support/error.ts';
import { compileShipped } from './compile-shipped.ts';

const specs = fileURLToPath(new URL('../../specs', import.meta.url));

describe('the shipped specs', () => {
  it('compile without a problem', async () => {
    // The diagnoses are the message of the failure, as "dac check" would print them.
    const problems = await compileShipped(specs).then(
      () => '',
      (error: unknown) => (error instanceof SpecError ? `\n${error.message}\n` : Promise.reject(error)),
    );
    expect(problems === '', problems).toBe(true);
  }, 60_000);
});
