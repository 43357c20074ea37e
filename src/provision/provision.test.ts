import { describe, expect, it } from 'vitest';
import { UsageError } from '../support/error.ts';
import { provision, provisionable } from './provision.ts';

/** Bytes that differ from call to call, the same in every run. */
function countingBytes(): (size: number) => Uint8Array {
  let calls = 0;
  return (size) => new Uint8Array(size).fill(++calls);
}

function prepared(profile: string) {
  return provision({
    profile,
    name: 'staging',
    url: 'https://staging.example.org',
    surfaces: ['rest', 'jsonapi'],
    randomBytes: countingBytes(),
  });
}

/** The plan inside a script, as PHP will read it. */
function planOf(script: string): Record<string, unknown> {
  return JSON.parse(script.slice(script.indexOf("<<<'PLAN'\n") + 10, script.lastIndexOf('\nPLAN\n'))) as Record<string, unknown>;
}

describe('provision', () => {
  it.each(provisionable)('keeps every secret of %s out of the script that takes it back', (profile) => {
    const { undo, env } = prepared(profile);
    const secrets = Object.values(env).filter((value) => value !== '');
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter((secret) => undo.includes(secret))).toEqual([]);
    expect(planOf(undo)).toEqual({ profile, name: 'staging' });
  });

  it.each(provisionable)('gives the script of %s exactly the secrets of the env file', (profile) => {
    const { script, env } = prepared(profile);
    for (const [variable, value] of Object.entries(env)) {
      expect(script).toContain(variable);
      if (value !== '') expect(script).toContain(value);
    }
    expect(new Set(Object.values(env)).size).toBeGreaterThan(3);
  });

  it.each(provisionable)('writes PHP for %s in which nothing of this side is left to fill in', (profile) => {
    for (const text of Object.values(prepared(profile)).filter((value) => typeof value === 'string')) {
      expect(text).toMatch(/^<\?php\n/);
      expect(text).not.toMatch(/undefined|\[object|\$\{|NaN/);
    }
  });

  it('makes application ids of eight hex digits that stay the same, so that a second run finds those of the first', () => {
    const ids = () =>
      Object.values(planOf(prepared('miniorange/basic').script)['applications'] as Record<string, { id: string }>).map(({ id }) => id);
    expect(ids()).toEqual(ids());
    for (const id of ids()) expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(ids()).size).toBe(ids().length);
  });

  it('gives one consumer a short lifetime and none a lasting power', () => {
    const clients = planOf(prepared('simple-oauth').script)['clients'] as Record<
      string,
      { lifetimeSeconds?: number; actsAs: string | null }
    >;
    expect(Object.entries(clients).filter(([, { lifetimeSeconds }]) => lifetimeSeconds !== undefined)).toEqual([
      ['short', expect.objectContaining({ lifetimeSeconds: 20 })],
    ]);
    expect(Object.values(clients).map(({ actsAs }) => actsAs)).not.toContain('admin');
  });

  it('gives a consumer without a secret no more than every user may, since 5.x issues it tokens', () => {
    const clients = planOf(prepared('simple-oauth').script)['clients'] as Record<string, { secret: string | null }>;
    expect(Object.entries(clients).filter(([, { secret }]) => secret === null)).toEqual([
      ['public', expect.objectContaining({ actsAs: 'unpermitted', scope: 'plain' })],
    ]);
  });

  it('leaves out the consumer that could ask for every scope of 6.0.x', () => {
    const { script } = prepared('simple-oauth');
    const refusal = script.indexOf("if ($hasScopes && $wanted['scope'] === NULL)");
    expect(refusal).toBeGreaterThan(0);
    expect(refusal).toBeLessThan(script.indexOf('$consumer = $this->makeConsumer('));
  });

  it('tells the steps of the method that no script can set up, with the labels of the page', () => {
    const { steps, env } = prepared('miniorange/oauth');
    expect(steps.join('\n')).toContain('"Generate a new Client ID and Secret"');
    expect(env).toMatchObject({ DAC_CLIENT_ID: '', DAC_CLIENT_SECRET: '', DAC_CLIENT_APPLICATION_ID: '' });
    expect(prepared('simple-oauth').steps).toEqual([]);
  });

  it('refuses a profile that has nothing to prepare, and names those that have', () => {
    expect(() => prepared('simple-auth')).toThrow(UsageError);
    expect(() => prepared('simple-auth')).toThrow('Did you mean "simple-oauth"?');
  });
});
