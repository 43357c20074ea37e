import { describe, expect, it } from 'vitest';
import { UsageError } from './error.ts';
import { withPeer } from './peer.ts';

function failure(message: string, code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(message), { code }));
}

describe('withPeer', () => {
  it('says what to install when the peer is missing', async () => {
    const loading = failure("Cannot find package 'msw' imported from /a/b.js", 'ERR_MODULE_NOT_FOUND');
    const caught = await withPeer(loading, 'msw', 'drupal-auth-conformance/msw', '2').catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(UsageError);
    expect((caught as Error).message).toBe(
      'drupal-auth-conformance/msw needs the package msw, which is not installed. Try npm install --save-dev msw@2',
    );
  });

  it('keeps the error when something else is missing', async () => {
    const other = failure("Cannot find package 'graphql' imported from /a/b.js", 'ERR_MODULE_NOT_FOUND');
    await expect(withPeer(other, 'msw', 'x', '2')).rejects.toThrow("Cannot find package 'graphql'");
  });
});
